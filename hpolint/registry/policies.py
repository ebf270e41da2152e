"""Policies: an organisation's own rules, loaded from its folders and validated before they are used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from hpolint.io import disk
from hpolint.io.files import is_elsewhere, leads_out
from hpolint.model.rule import CATEGORIES, Rule, RuleError, UnreadableRuleError
from hpolint.model.settings import ConfigError
from hpolint.registry.data_tables import table_files
from hpolint.registry.rule_reader import OUT_OF_POLICIES, build_rule, read_rule_file

MAX_FOLDERS, MAX_FOLDER_DEPTH = 2_000, 50
"""Folders of policies that are listed, and how deep they may be nested."""


class PolicyFolderError(ConfigError):
    """A folder with more folders than policies are looked up in. ``folder`` is its name in the configuration."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.reason = (
            f"more than {MAX_FOLDERS:,} folders, or nested more than {MAX_FOLDER_DEPTH} levels deep: "
            "name the folder that holds the rules"
        )
        super().__init__(f"policies: {folder}: {self.reason}")


def policies_of(folders: Iterable[str]) -> tuple[Rule, ...]:
    """The rules in the folders, each ``CATEGORY/NAME.md`` at any depth. Raises ConfigError for the first error."""
    for folder in folders:
        if not disk.is_folder(folder):
            raise ConfigError(f"policies: {folder}: no such folder")
    try:
        rules = load_rules(folders)
    except UnreadableRuleError as error:
        raise ConfigError(str(error)) from None
    except RuleError as error:
        if is_elsewhere(error.file):
            error = RuleError(error.file, error.line, error.column, f"not a valid rule: `hpolint test {error.file}`")
            raise ConfigError(f"{error} says why") from None
        raise ConfigError(str(error)) from None
    for rule in rules:
        if rule.category in CATEGORIES:
            reason = f"the folder names the rule's category, and `{rule.category}` is a category of hpolint"
            raise ConfigError(str(RuleError(rule.file, 1, 1, f"{reason}: rename the folder")))
    return rules


def load_rules(folders: Iterable[str | Path]) -> tuple[Rule, ...]:
    """The validated rules in the folders. Raises RuleError for the first error.

    Each ``.md`` file except a README is a rule: a file with broken front matter must not be ignored silently.
    """
    files = []
    for folder in map(str, folders):
        for path in sorted(markdown_files(folder)):
            if path.stem.lower() != "readme":
                if leads_out(str(path), [folder]):
                    raise UnreadableRuleError(path.as_posix(), 1, 1, f"not read: {OUT_OF_POLICIES}")
                files.append(path)
    tables: set[Path] = set()
    for parent in {path.parent for path in files}:
        tables.update(table_files(parent))
    return _loaded(tuple(map(_version, files)), tuple(map(_version, sorted(tables))))


def markdown_files(folder: str) -> Iterator[Path]:
    """The Markdown files in a folder, at any depth; each folder is recorded as read.

    Raises PolicyFolderError for a folder that has more in it than policies, such as the root of the file system.
    """
    levels = [(folder, 0)]
    count = 0
    while levels:
        parent, depth = levels.pop()
        count += 1
        if count > MAX_FOLDERS or depth > MAX_FOLDER_DEPTH:
            raise PolicyFolderError(folder)
        disk.record(parent)
        try:
            with os.scandir(parent) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        levels.append((entry.path, depth + 1))
                    elif entry.name.endswith(".md"):
                        yield Path(entry.path)
        except OSError:  # as os.walk, which is recursive until Python 3.12
            continue


Version = tuple[str, str, disk.FileStamp]
"""A file as a cache key: its path as given, its absolute path, and its stamp."""


def _version(path: Path) -> Version:
    disk.record(str(path))
    return str(path), str(path.absolute()), disk.stamp_of(str(path), content=True)


@lru_cache(maxsize=8)
def _loaded(files: tuple[Version, ...], _tables: tuple[Version, ...]) -> tuple[Rule, ...]:
    """The validated rules with their tables. Cached: validating takes milliseconds per rule, and folders share them."""
    from hpolint.registry.rule_checks import check_rule

    rules: dict[str, Rule] = {}
    for name, *_ in files:
        file = read_rule_file(Path(name))
        for error in check_rule(file):
            raise error
        rule = build_rule(file)
        if rule.id in rules:
            raise RuleError(rule.file, 1, 1, f"the name `{rule.id}` is taken by {rules[rule.id].file}")
        rules[rule.id] = rule
    return tuple(rules.values())

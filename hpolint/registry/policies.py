"""Rules that are not ours: an organisation's own, found in its folders, and proven before they are asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from hpolint.io import disk
from hpolint.io.files import leads_out
from hpolint.model.rule import CATEGORIES, Rule, RuleError, UnreadableRuleError
from hpolint.model.settings import ConfigError
from hpolint.registry.rule_reader import OUT_OF_POLICIES, build_rule, read_rule_file


def policies_of(folders: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of some folders, each ``CATEGORY/NAME.md`` at any depth. Raises ConfigError for the first mistake."""
    for folder in folders:
        if not disk.is_folder(folder):
            raise ConfigError(f"policies: {folder}: no such folder")
    try:
        rules = load_rules(folders)
    except RuleError as error:
        raise ConfigError(str(error)) from None
    for rule in rules:
        if rule.category in CATEGORIES:
            reason = f"the folder `{rule.category}` is the rule's category, and hpolint has one of that name"
            raise ConfigError(str(RuleError(rule.file, 1, 1, f"{reason}: rename it")))
    return rules


def load_rules(folders: Iterable[str | Path]) -> tuple[Rule, ...]:
    """The rules of some folders, each proven. Raises RuleError for the first mistake.

    Each ``.md`` is a rule, but for a README: one whose front matter is broken must not vanish in silence.
    """
    files = []
    for folder in map(str, folders):
        for path in sorted(_below(folder)):
            if path.stem.lower() != "readme":
                if leads_out(str(path), [folder]):
                    raise UnreadableRuleError(path.as_posix(), 1, 1, f"not read: {OUT_OF_POLICIES}")
                files.append(path)
    return _loaded(tuple((str(path), *_stamp(path)) for path in files))


def _below(folder: str) -> Iterator[Path]:
    """The Markdown files of a folder, at any depth."""
    for within, _, names in os.walk(folder):
        disk.record(within)
        yield from (Path(within, name) for name in names if name.endswith(".md"))


def _stamp(path: Path) -> tuple[str, int, int]:
    """What changes with a file's content."""
    disk.record(str(path))
    status = path.stat()
    return str(path.absolute()), status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _loaded(files: tuple[tuple[str, str, int, int], ...]) -> tuple[Rule, ...]:
    """Proving takes some milliseconds for each rule, and each checked folder asks for the same ones."""
    from hpolint.registry.rule_checks import check_rule

    found: dict[str, Rule] = {}
    for name, *_ in files:
        file = read_rule_file(Path(name))
        for error in check_rule(file):
            raise error
        rule = build_rule(file)
        if rule.id in found:
            raise RuleError(rule.file, 1, 1, f"the name `{rule.id}` is taken by {found[rule.id].file}")
        found[rule.id] = rule
    return tuple(found.values())

"""The rules: loaded from ``rules/`` and from folders of policies, validated, and selected by settings.

``vocabulary`` declares the names that a rule can use, ``rule_reader`` reads a file, ``lets`` and ``message_templates``
implement parts of the rules' language, ``rule_checks`` validates a file, ``examples`` reads the examples of a page.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from hpolint.io.files import read_own
from hpolint.model.rule import OFF_BY_DEFAULT, Rule
from hpolint.model.settings import ConfigError
from hpolint.registry.building import rule_of

COMPILED = "compiled.json"
"""The rule files as JSON, which ``hatch_build.py`` writes beside them into a wheel."""


def builtin_folder() -> Path:
    """The folder of the built-in rules: inside the package if it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def rule_files(folder: Path) -> list[Path]:
    """The rule files in the categories of a folder, sorted by category and name."""
    return sorted(folder.glob("*/*.md"), key=lambda path: (path.parent.name, path.name))


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """The built-in rules. They are validated by the tests, not at each start."""
    return tuple(_built(each) for each in _files())


@cache
def default_rules() -> tuple[Rule, ...]:
    """The built-in rules of the categories that are on by default."""
    return tuple(_built(each) for each in _files() if Path(each).parent.name not in OFF_BY_DEFAULT)


@cache
def _files() -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and page of each built-in rule by file: from compiled JSON in a wheel, parsed in a checkout.

    Raises ConfigError if there are none: a check without rules would report no findings.
    """
    folder = builtin_folder()
    compiled = folder / COMPILED
    found = msgspec.json.decode(read_own(str(compiled))) if compiled.is_file() else parsed_rules(folder)
    if not found:
        raise ConfigError(f"{folder}: hpolint's built-in rules are missing: reinstall hpolint")
    return {(folder / name).as_posix(): (front, body) for name, (front, body) in found.items()}


def parsed_rules(folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and page of each built-in rule, by its path relative to the folder. Raises RuleError."""
    from hpolint.registry.rule_reader import front_of, read_rule_file

    files = ((path, read_rule_file(path, is_own=True)) for path in rule_files(folder))
    return {path.relative_to(folder).as_posix(): (front_of(file), file.body) for path, file in files}


@cache
def _built(file: str) -> Rule:
    return rule_of(file, *_files()[file])

"""The rules: loaded from ``rules/`` and from folders of policies, validated, and selected by settings.

``vocabulary`` declares the names that a rule can use, ``rule_reader`` reads a file, ``lets`` and ``message_templates``
implement parts of the rules' language, ``rule_checks`` validates a file, ``examples`` reads the examples of a page.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.io.files import read_own
from hpolint.model.rule import OFF_BY_DEFAULT, Rule
from hpolint.model.settings import ConfigError
from hpolint.registry.building import rule_of

if TYPE_CHECKING:
    from pathlib import Path  # its import takes 4 ms

COMPILED = "compiled.json"
"""The rule files as JSON, which ``hatch_build.py`` writes beside them into a wheel."""


def builtin_folder() -> Path:
    """The folder of the built-in rules: inside the package if it is installed, beside it in a checkout."""
    from pathlib import Path

    return Path(_folder())


def _folder() -> str:
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    inside = os.path.join(package, "rules")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "rules")


def compiled_file(name: str) -> bytes | None:
    """A file that only a wheel has in that folder; None in a checkout."""
    path = os.path.join(_folder(), name)
    return read_own(path) if os.path.isfile(path) else None


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
    return tuple(_built(each) for each in _files() if os.path.basename(os.path.dirname(each)) not in OFF_BY_DEFAULT)


@cache
def _files() -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and page of each built-in rule by file: from compiled JSON in a wheel, parsed in a checkout.

    Raises ConfigError if there are none: a check without rules would report no findings.
    """
    compiled = compiled_file(COMPILED)
    found = parsed_rules(builtin_folder()) if compiled is None else msgspec.json.decode(compiled)
    if not found:
        raise ConfigError(f"{_folder()}: hpolint's built-in rules are missing: reinstall hpolint")
    prefix = _folder().replace(os.sep, "/")
    return {f"{prefix}/{name}": (front, body) for name, (front, body) in found.items()}


def parsed_rules(folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and page of each built-in rule, by its path relative to the folder. Raises RuleError."""
    from hpolint.registry.rule_reader import front_of, read_rule_file

    files = ((path, read_rule_file(path, is_own=True)) for path in rule_files(folder))
    return {path.relative_to(folder).as_posix(): (front_of(file), file.body) for path, file in files}


@cache
def _built(file: str) -> Rule:
    return rule_of(file, *_files()[file])

"""The rules: found in ``rules/``, read, and proven against the types that their expressions use.

``vocabulary`` declares the names that a rule can use, ``reading`` reads a file, ``lets`` and ``templates`` are parts of
its language, ``proving`` refuses what could guess or fail, ``examples`` runs a page's examples.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hpolint.io.files import read_own
from hpolint.model.rule import OFF_BY_DEFAULT, Rule
from hpolint.model.settings import ConfigError
from hpolint.registry.building import rule_of

COMPILED = "compiled.json"
"""What ``hatch_build.py`` makes of the rule files, beside them in a wheel."""


def builtin_folder() -> Path:
    """Where the built-in rules lie: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder of categories, in the order of their names."""
    return sorted(folder.glob("*/*.md"), key=lambda path: (path.parent.name, path.name))


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """The built-in rules. They are proven in the tests, not at each start."""
    return tuple(_built(each) for each in _files())


@cache
def everyday_rules() -> tuple[Rule, ...]:
    """Those that can be on where nothing is configured."""
    return tuple(_built(each) for each in _files() if Path(each).parent.name not in OFF_BY_DEFAULT)


@cache
def _files() -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and the page of each built-in rule, by its file: compiled in a wheel, parsed in a checkout.

    Raises ConfigError where there is none: a check would find nothing and say that all is well.
    """
    folder = builtin_folder()
    compiled = folder / COMPILED
    found = json.loads(read_own(str(compiled))) if compiled.is_file() else parsed_rules(folder)
    if not found:
        raise ConfigError(f"{folder}: hpolint's own rules are not there: install hpolint again")
    return {(folder / name).as_posix(): (front, body) for name, (front, body) in found.items()}


def parsed_rules(folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """The front matter and the page of each of hpolint's own rules, by its path in their folder. Raises RuleError."""
    from hpolint.registry.rule_reader import front_of, read_rule_file

    files = ((path, read_rule_file(path, is_own=True)) for path in rule_files(folder))
    return {path.relative_to(folder).as_posix(): (front_of(file), file.body) for path, file in files}


@cache
def _built(file: str) -> Rule:
    return rule_of(file, *_files()[file])

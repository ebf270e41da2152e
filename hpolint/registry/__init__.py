"""The rules: found in ``rules/``, read, and proven against the types that their expressions use.

``vocabulary`` declares the names that a rule can use, ``reading`` reads a file, ``lets`` and ``templates`` are parts of
its language, ``proving`` refuses what could guess or fail, ``examples`` runs a page's examples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from hpolint.cache import compiled
from hpolint.registry.building import rule_of
from hpolint.rule import OFF_BY_DEFAULT, Rule


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
    """The front matter and the page of each built-in rule, by its file: their YAML is parsed once for each version."""
    files = [path.as_posix() for path in rule_files(builtin_folder())]

    def read() -> list[Any]:
        from hpolint.registry.reading import front_of, read_rule_file

        return [[front_of(file), file.body] for file in map(read_rule_file, map(Path, files))]

    return dict(zip(files, map(tuple, compiled("rules", files, read)), strict=True))


@cache
def _built(file: str) -> Rule:
    return rule_of(file, *_files()[file])

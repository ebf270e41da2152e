"""The rules: found in ``rules/``, read, and proven against the types that their expressions use.

``vocabulary`` declares the names that a rule can use, ``reading`` reads a file, ``lets`` and ``templates`` are parts of
its language, ``proving`` refuses what could guess or fail, ``examples`` runs a page's examples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hpolint.registry.reading import build_rule, read_rule_file
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
    return tuple(_built(path) for path in rule_files(builtin_folder()))


@cache
def everyday_rules() -> tuple[Rule, ...]:
    """Those that can be on where nothing is configured: reading the others takes time that most runs can spare."""
    files = (path for path in rule_files(builtin_folder()) if path.parent.name not in OFF_BY_DEFAULT)
    return tuple(_built(path) for path in files)


@cache
def _built(path: Path) -> Rule:
    return build_rule(read_rule_file(path))

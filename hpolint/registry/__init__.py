"""The rules: found in ``rules/``, read, and proven against the types that their expressions use.

``vocabulary`` declares the names that a rule can use, ``reading`` reads a file, ``lets`` and ``templates`` are parts of
its language, ``proving`` refuses what could guess or fail, ``examples`` runs a page's examples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hpolint.registry.reading import build_rule, read_rule_file
from hpolint.rule import Rule


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
    return tuple(build_rule(read_rule_file(path)) for path in rule_files(builtin_folder()))

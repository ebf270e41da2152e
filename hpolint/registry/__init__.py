"""The rules: found in ``rules/``, read, and proven against the types that their expressions use.

``vocabulary`` declares the names that a rule can use, ``reading`` reads a file, ``lets`` and ``templates`` are parts of
its language, ``proving`` refuses what could guess or fail, ``examples`` runs a page's examples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hpolint.config import Settings, enabled_rules
from hpolint.registry.reading import build_rule, read_rule_file
from hpolint.rule import Rule, RuleError


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


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on. Raises ConfigError for a name that means none."""
    return enabled_rules(builtin_rules(), settings)


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of a folder that is not ours, each proven. Raises RuleError for the first mistake."""
    from hpolint.registry.proving import prove

    found: dict[str, Rule] = {}
    for path in rule_files(folder):
        file = read_rule_file(path)
        for error in prove(file):
            raise error
        rule = build_rule(file)
        if rule.name in found:
            raise RuleError(rule.file, 1, 1, f"the name `{rule.name}` is taken by {found[rule.name].file}")
        found[rule.name] = rule
    return tuple(found.values())

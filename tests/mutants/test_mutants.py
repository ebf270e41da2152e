"""Mutants are mistakes, and a run distinguishes a mistake from none."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.mutants.groups import GROUPS, Group
from tests.mutants.mutations import RETURN, sample
from tests.mutants.runs import PARTS, copied, passes, survives

PACKAGE = ROOT / "hpolint"
MODULE = '''"""A module."""
from dataclasses import dataclass

@dataclass(frozen=True)
class Fact(Base, frozen=True):
    size: int | None = 5

def half(numbers: list[int] | None, *, more: int = 2) -> int | None:
    if not numbers:
        return None
    return {**{"é": len(numbers) / more}}["é"]

if TYPE_CHECKING:
    import json
'''


def test_a_sample_is_the_same_for_a_seed_and_holds_mistakes_only() -> None:
    """A survivor can be reproduced by its seed; each mutant is a different, valid program."""
    pytest.importorskip("cosmic_ray", reason="the extra `mutants` is not installed")
    paths = GROUPS[0].paths(PACKAGE)[:10]
    mutants = sample(PACKAGE, paths, 40, 3)
    assert mutants == sample(PACKAGE, paths, 40, 3) != sample(PACKAGE, paths, 40, 4)
    assert len({mutant.text for mutant in mutants}) == 40
    assert len({mutant.module for mutant in mutants}) > 5
    for mutant in mutants:
        whole = (PACKAGE / mutant.module).read_text()
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(whole))
        assert mutant.before in whole
        assert mutant.description().startswith(f"{mutant.module}:{mutant.line}: {mutant.operator}\n")


def test_what_decides_nothing_is_not_mutated(tmp_path: Path) -> None:
    """Annotations, decorators and a class's options are not mutated, because no test could detect a change."""
    pytest.importorskip("cosmic_ray", reason="the extra `mutants` is not installed")
    module = tmp_path / "engine.py"
    module.write_text(MODULE)
    mutants = sample(tmp_path, [module], 1000, 0)
    assert {mutant.line for mutant in mutants} == {6, 8, 9, 11}
    for mutant in mutants:
        assert "@dataclass(frozen=True)\nclass Fact(Base, frozen=True):\n" in mutant.text
        assert "size: int | None = " in mutant.text
        assert "-> int | None:" in mutant.text
        assert "| None, *, more" in mutant.text
    (nothing,) = [mutant for mutant in mutants if mutant.operator == RETURN]
    assert nothing.text == MODULE.replace('return {**{"é": len(numbers) / more}}["é"]', "return None")


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_whatever_a_group_names_is_there(group: Group) -> None:
    """A module, or a test, that is renamed or moved does not drop out without a word."""
    for name in group.modules:
        assert [path for path in group.paths(PACKAGE) if path.relative_to(PACKAGE).as_posix().startswith(name)], name
    assert [name for name in group.tests if not (ROOT / name.partition("::")[0]).exists()] == []


def test_modules_are_chosen_by_name() -> None:
    """One, those of a pattern or those of a group; each belongs to one group, whose tests concern it."""
    assert [group.name for group in GROUPS if group.paths(PACKAGE, "fixes/proof.py")] == ["fixes"]
    (group,) = [group for group in GROUPS if group.paths(PACKAGE, "suppress*")]
    assert {path.name for path in group.paths(PACKAGE, "suppress*.py")} >= {"extents.py", "silencing.py"}
    named = [group.paths(PACKAGE, "suppressions") for group in GROUPS]
    assert [paths for paths in named if paths] == [group.paths(PACKAGE)]
    every = [path for group in GROUPS for path in group.paths(PACKAGE)]
    assert len(every) == len(set(every))


def test_the_parts_of_a_copy_are_there() -> None:
    """What the tests need is named once."""
    assert [part for part in PARTS if not (ROOT / part).exists()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="processes are bounded as Unix does it")
def test_a_mistake_is_caught_and_none_is_not(tmp_path: Path) -> None:
    """A mutant counts as caught only where tests fail, and the next one starts from the whole source again."""
    copy = copied(tmp_path / "copy")
    whole = (PACKAGE / "registry/message_templates.py").read_text()
    tests = ("tests/registry/test_templates.py",)
    assert survives(copy, "registry/message_templates.py", f"{whole}\n# nothing else\n", tests, 120)
    assert not survives(
        copy, "registry/message_templates.py", whole.replace("if value is None", "if value is not None"), tests, 120
    )
    assert not survives(copy, "registry/message_templates.py", "raise SystemExit(0)\n", tests, 120)
    assert (copy / "hpolint/registry/message_templates.py").read_text() == whole


@pytest.mark.skipif(sys.platform == "win32", reason="processes are bounded as Unix does it")
def test_the_copy_says_what_the_checkout_says(tmp_path: Path) -> None:
    """Otherwise every test of a report fails without a mutant: reports depend on the repository's root."""
    assert passes(copied(tmp_path / "copy"), ("tests/reporters/test_reports.py::test_snapshot",), 400)

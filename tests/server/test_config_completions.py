"""Completions in a configuration file: what may stand at the place where somebody types, and nothing else."""

from __future__ import annotations

import tomllib

import pytest

from hpolint.config.keys import ROOT
from hpolint.model.level import LEVELS
from hpolint.model.settings import FORMATS
from hpolint.registry import builtin_rules
from hpolint.server.completions import config_completions

RULE_IDS = {rule.id for rule in builtin_rules()}
WITH_OPTIONS = next(rule for rule in builtin_rules() if rule.id == "compute/missing-spot")


def offered(before: str, path: str = "/project/hpolint.toml") -> set[str]:
    """The labels of the completions at the end of a text."""
    return {each.label for each in config_completions(path, before)[1]}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('output = ["', set(FORMATS)),
        ("output = [", set(FORMATS)),
        ('fail-on = "', set(LEVELS)),
        ("require-reasons = ", {"true", "false"}),
        ("[rules.missing-spot]\n", {*WITH_OPTIONS.options, "locked"}),
        ('[rules."compute/missing-spot"]\nmin', {*WITH_OPTIONS.options, "locked"}),
        ("[rules]\nmissing-spot.", {*WITH_OPTIONS.options, "locked"}),
        ("rules = { missing-spot = { ", {*WITH_OPTIONS.options, "locked"}),
        ('[levels]\n"scale/linear-learning-rate" = "', set(LEVELS)),
        ('levels = { "scale/linear-learning-rate" = "', set(LEVELS)),
        ("[rules.", {rule.name for rule in builtin_rules()}),
        ("exclude = [", set()),
        ("[no-such-table]\n", set()),
        ("# rem", set()),
    ],
)
def test_only_what_may_stand_there_is_offered(before: str, expected: set[str]) -> None:
    """The values of a key, the options of a rule, and the names of tables."""
    assert offered(before) == expected


@pytest.mark.parametrize("before", ['select = ["', 'ignore = [\n  "scale", # why\n  "', "[levels]\n", "undecided = { "])
def test_names_of_rules_are_offered_where_rules_are_named(before: str) -> None:
    """In lists over several lines, and as the keys of tables."""
    assert offered(before) >= RULE_IDS


def test_tables_and_keys_are_offered_at_their_places() -> None:
    """In ``pyproject.toml`` in hpolint's own table only."""
    assert offered("[") == {"rules", "levels", "undecided", "cost", "per-file-ignores", "suppressions", "waivers"}
    assert "trial-minutes" in offered("[cost]\n")
    assert "trial-minutes" not in offered("")
    assert "select" in offered('exclude = [\n  "a"\n]\n\nse')
    assert "ignore" in offered("[project]\nname = 'x'\n[tool.hpolint]\nig", "/project/pyproject.toml")
    assert offered("[project]\nna", "/project/pyproject.toml") == set()
    assert "trial-minutes" in offered("[tool.hpolint.cost]\n", "/project/pyproject.toml")


@pytest.mark.parametrize("before", ["output = ", "fail-on = ", "select = ", "levels = { x = ", 'fail-on = "err'])
def test_what_is_accepted_is_valid(before: str) -> None:
    """With the quotes and brackets that the key needs."""
    typed, found = config_completions("/project/hpolint.toml", before)
    for completion in found[:20]:
        text = before[: len(before) - len(typed)] + completion.text
        quoted = f'{text}"' if before.count('"') % 2 else text
        settings = tomllib.loads(f"{quoted} }}" if "{" in before else quoted)
        assert [*ROOT.problems(settings, ())] == []


@pytest.mark.parametrize(
    "text", ["[[", "a.b.c", '"', "x = [[[", "x = {{", "= = =", "]\n[", "x = '''\n", "\r\n\x00", "é = 🙂"]
)
def test_any_text_may_stand_before(text: str) -> None:
    """While somebody types, it is seldom TOML."""
    for end in range(len(text) + 1):
        config_completions("/project/hpolint.toml", text[:end])

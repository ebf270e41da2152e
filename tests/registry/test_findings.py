"""What each rule finds in ``fixtures``: its own snapshot, which no other rule changes."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpolint.registry import builtin_rules
from hpolint.reporters import text
from tests.conftest import ROOT
from tests.harness.fixtures import fixtures_report

SNAPSHOTS = Path(__file__).parent / "snapshots"
RULES = [rule.id for rule in builtin_rules()]
FINDING = re.compile(r"^fixtures/.*?: (?:error|warning|note)\[(.*?)\] ")
BECAUSE = re.compile(r"^ += undecided because of this value: (.*)$", re.MULTILINE)


@cache
def printed() -> dict[str, str]:
    """What a report says of each rule: its findings, then a line for each unknown value that leaves it undecided."""
    report = fixtures_report()
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for block in text.render(report, undecided=True).rstrip().split("\n\n"):
        if finding := FINDING.match(block):
            by_rule[finding[1]].append(f"{block}\n")
        for rule in _undecided(block):
            by_rule[rule].append(block.partition("\n")[0])
    return {rule: "\n".join(blocks) + "\n" for rule, blocks in by_rule.items()}


def _undecided(block: str) -> list[str]:
    because = BECAUSE.search(block)
    return because[1].split(", ") if because is not None else []


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_finds_changes_only_on_purpose(monkeypatch: pytest.MonkeyPatch, rule: str, snapshot: Any) -> None:
    """Its findings and open judgements in all fixtures: ``pytest --snapshot-update`` writes the snapshot anew."""
    monkeypatch.chdir(ROOT)
    if rule in printed():
        snapshot.snapshot_dir = SNAPSHOTS
        snapshot.assert_match(printed()[rule], f"{rule}.text")
    else:
        assert not (SNAPSHOTS / f"{rule}.text").exists(), f"{rule} says nothing about the fixtures: remove its snapshot"


def test_every_snapshot_is_a_rules() -> None:
    """A rule that is removed or renamed takes its snapshot along."""
    names = {path.relative_to(SNAPSHOTS).with_suffix("").as_posix() for path in SNAPSHOTS.rglob("*.text")}
    assert names <= set(RULES)

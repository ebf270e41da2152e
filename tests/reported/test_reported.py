"""What people got wrong, and reported in public, is reported before anything is launched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hpolint.registry import builtin_rules
from scripts.write_coverage import PAGE, coverage
from tests.conftest import Command
from tests.reported import Case, cases

STATIC = [case for case in cases() if case.static]


def found(hpolint: Command, files: Mapping[str, str], folder: str) -> list[dict[str, Any]]:
    """The findings of all rules that are on by default."""
    for name, text in files.items():
        hpolint.write(f"{folder}/{name}", text)
    findings: list[dict[str, Any]] = json.loads(hpolint("check", folder, "--output", "json").stdout)["findings"]
    return findings


@pytest.mark.parametrize("case", STATIC, ids=lambda case: case.id)
def test_the_cause_is_reported(hpolint: Command, case: Case) -> None:
    """By a rule that names it, or by none if the case is missed; the corrected version has no error and no warning."""
    wrong, right = found(hpolint, case.files, "wrong"), found(hpolint, case.corrected(), "right")
    reported = {each["rule"] for each in wrong if case.file is None or each["path"].endswith(f"/{case.file}")}
    if case.missed:
        assert reported - {each["rule"] for each in right} == set(), "it is reported: remove `missed`, add `report`"
    else:
        assert reported & set(case.report), sorted(reported)
    assert [(each["rule"], each["message"][0]) for each in right if each["level"] != "note"] == []


def test_every_case_is_whole() -> None:
    """Each has its thread, cause and harm, and existing rules that report it or why none does, or else what helps."""
    assert len({case.id for case in cases()}) == len(cases())
    rules = {rule.id for rule in builtin_rules()}
    lacking = [
        case.id
        for case in cases()
        if not (case.address.startswith("https://") and case.cause and case.harm)
        or (case.static and not (case.files and case.corrected() != case.files))
        or (case.static and bool(case.report) == bool(case.missed))
        or (not case.static and (case.files or not (case.why and case.help)))
    ]
    assert lacking == []
    assert {rule for case in cases() for rule in case.report} <= rules


def test_the_page_of_what_is_reported_is_up_to_date() -> None:
    """`python -m scripts.write_coverage` writes it."""
    assert PAGE.read_text("utf-8") == coverage()

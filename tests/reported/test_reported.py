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


def marked(case: Case) -> Any:
    """A case that is not reported yet fails when it is reported after all."""
    marks = [pytest.mark.xfail(reason=case.missed, strict=True)] if case.missed else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in STATIC])
def test_the_cause_is_reported(hpolint: Command, case: Case) -> None:
    """By a rule that names it, where a reader of the definition and its script can know it."""
    findings = found(hpolint, case.files, "wrong")
    reported = {each["rule"] for each in findings if case.file is None or each["path"].endswith(f"/{case.file}")}
    assert reported & set(case.report), sorted(reported)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in STATIC])
def test_the_corrected_version_has_no_error_and_no_warning(hpolint: Command, case: Case) -> None:
    """Once the mistake is corrected, nothing but notes is reported."""
    findings = found(hpolint, case.corrected(), "right")
    assert [(each["rule"], each["message"][0]) for each in findings if each["level"] != "note"] == []


def test_every_case_is_whole() -> None:
    """Each has its thread, its cause and its harm; what only the service knows says what helps."""
    assert len({case.id for case in cases()}) == len(cases())
    rules = {rule.id for rule in builtin_rules()}
    lacking = [
        case.id
        for case in cases()
        if not (case.address.startswith("https://") and case.cause and case.harm)
        or (case.static and not (case.files and case.corrected() != case.files and case.report))
        or (not case.static and (case.files or not (case.why and case.help)))
    ]
    assert lacking == []
    assert {rule for case in cases() if not case.missed for rule in case.report} <= rules


def test_the_page_of_what_is_reported_is_up_to_date() -> None:
    """`python -m scripts.write_coverage` writes it."""
    assert PAGE.read_text("utf-8") == coverage()

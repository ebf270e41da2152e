"""Every carrier of a request: what went in comes out, and each value is shown where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hpolint.job import TuningJob
from hpolint.node import Scalar, Unknown, path_text, plain, walk
from hpolint.readers import read_source
from tests.conftest import scaled
from tests.readers.carriers import CARRIERS, Carried, Draw
from tests.requests import valid

JOINT = re.compile(r'"[\s,\]\[{}-]*"|\n')
"""Where a join's pieces meet, or a folded text goes on."""


def only_job(carried: Carried) -> TuningJob:
    """The only job of a file."""
    source, reading = read_source(carried.name, carried.text.encode())
    assert not reading.problems, (reading.problems, source.text)
    (job,) = reading.jobs
    return job


def decoded(raw: str) -> list[Any]:
    """What a stretch of a file may be read as, by any of the syntaxes, or one within the other."""
    joined = re.sub(r"',\s*'", "", raw)  # pieces of a join between single quotes, put together
    found: list[Any] = [raw, raw.replace("$${", "${").replace("%%{", "%{"), raw.replace("''", "'"), joined]
    quoted = (lambda text: json.loads(f'"{text}"'), lambda text: yaml.safe_load(f'"{text}"'))
    readers = (json.loads, yaml.safe_load, *quoted)
    for _ in range(2):
        for text in [text for text in found if isinstance(text, str)]:
            found += [value for read in readers if (value := read_or_none(read, text)) is not None]
    return found


def read_or_none(read: Callable[[str], Any], text: str) -> Any:
    """What a syntax makes of a text, if it is one of its own."""
    try:
        return read(text)
    except (ValueError, yaml.YAMLError):
        return None


def misplaced(job: TuningJob) -> list[tuple[str, str]]:
    """The values whose places do not read back as they are, but for those that a joint runs through."""
    wrong = []
    for path, node in walk(job.request):
        if isinstance(node, Scalar):
            raw = job.source.read(node.span)
            words = str(node.value)
            if node.value not in decoded(raw) and words not in decoded(raw) and not JOINT.search(raw):
                wrong.append((path_text(path), raw))
    return wrong


def test_a_place_across_two_pieces_reads_back_as_the_value() -> None:
    """From its start in the first to its end in the last; what does not make the value is not taken for it."""
    assert "Bayesian" in decoded("\"', 'Bayesian\"")
    assert "Bayesian" not in decoded("\"', 'Random\"")


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
def test_what_went_in_comes_out(carrier: Callable[[Draw, dict[str, Any]], Carried]) -> None:
    """A random valid request, wrapped in any way its tools would, is read back whole, and placed exactly."""

    @settings(max_examples=scaled(1000))
    @given(st.data())
    def round_trip(data: st.DataObject) -> None:
        carried = carrier(data.draw, data.draw(valid()))
        job = only_job(carried)
        assert plain(job.request) == carried.request
        unknown = {path_text(path) for path, node in walk(job.request) if isinstance(node, Unknown)}
        assert unknown == carried.unknown
        assert misplaced(job) == []

    round_trip()

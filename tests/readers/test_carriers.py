"""Every carrier of a request: what went in comes out, and each value is shown where it stands."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import yaml

from hpolint.model.job import TuningJob
from hpolint.model.node import Scalar, Unknown, path_text, plain, walk
from hpolint.readers import read_source
from tests.conftest import scaled
from tests.readers.carriers import CARRIERS, Carried, Carrier, as_yaml
from tests.requests import corpus, example

JOINT = re.compile(r'"[\s,\]\[{}-]*"|\n')
"""Where a join's pieces meet, or a folded text goes on."""

READERS: tuple[Callable[[str], Any], ...] = (
    json.loads,
    lambda text: json.loads(f'"{text}"'),
    yaml.safe_load,
    lambda text: yaml.safe_load(f'"{text}"'),
)
"""The syntaxes' own readers of a value, between quotes or not; YAML's takes a hundred times as long as JSON's."""


def only_job(carried: Carried) -> TuningJob:
    """The only job of a file."""
    source, reading = read_source(carried.name, carried.text.encode())
    assert not reading.problems, (reading.problems, source.text)
    (job,) = reading.jobs
    return job


def decoded(raw: str) -> Iterator[Any]:
    """What a stretch of a file may be read as, by any of the syntaxes, or one within the other."""
    found: list[Any] = [raw, raw.replace("$${", "${").replace("%%{", "%{"), raw.replace("''", "'")]
    yield from found
    yield from _decoded_twice(found)
    yield from _decoded_twice(list(put_together(raw)))


def _decoded_twice(texts: list[Any]) -> Iterator[Any]:
    found = texts
    for _ in range(2):
        texts = list(dict.fromkeys(text for text in found if isinstance(text, str)))
        found = []
        for read in READERS:
            values = [value for text in texts if (value := read_or_none(read, text)) is not None]
            yield from values
            found += values


def put_together(raw: str) -> Iterator[str]:
    """What the pieces of a join make, from within the first to within the last, each quoted in its own way."""
    for opening, closing in product(("'", '"', ""), repeat=2) if ", " in raw else ():
        pieces = read_or_none(lambda text: yaml.load(text, yaml.BaseLoader), f"[{opening}{raw}{closing}]")
        if pieces and all(isinstance(piece, str) for piece in pieces):
            yield "".join(pieces)


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
            meant = (node.value, str(node.value))
            if not JOINT.search(raw) and not any(value in meant for value in decoded(raw)):
                wrong.append((path_text(path), raw))
    return wrong


def test_a_place_across_two_pieces_reads_back_as_the_value() -> None:
    """From its start in the first to its end in the last; what does not make the value is not taken for it."""
    assert "Bayesian" in decoded("\"', 'Bayesian\"")
    assert "a'b" in decoded("\"a', '''b\"")
    assert "Pipe" in decoded('"Pipe\', "\\"')
    assert '´|""Ĳ' in decoded('"´|\\"\\\', "\\"Ĳ\\"'), "an escape cut in two, its halves between other quotes"
    assert "a\u010cb" in decoded("\"a\\u', 010c, 'b\""), "a piece without quotes"
    assert "Bayesian" not in decoded("\"', 'Random\"")
    assert "Bayesian" not in decoded('"Random\', "\\"')


def test_yaml_is_written_as_its_own_reader_reads_it() -> None:
    """However deep a text stands that has to be escaped: what is lost when it is written is no reader's mistake."""
    value: object = {"Name": " \u2028 #"}
    for _ in range(12):
        value = {"Steps": [value]}
    for seed in range(20):
        assert yaml.safe_load(as_yaml(random.Random(seed), value)) == value


@pytest.mark.generated
def test_the_corpus_is_as_large_as_it_is_to_be() -> None:
    """Nothing is tried on fewer requests than it says, and they differ."""
    assert len(corpus()) == scaled(1000)
    assert len({json.dumps(request) for request in corpus()}) > 0.9 * scaled(1000)


@pytest.mark.generated
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
def test_what_went_in_comes_out(carrier: Carrier) -> None:
    """A random valid request, wrapped in any way its tools would, is read back whole, and placed exactly."""
    for index, request in enumerate(corpus()):
        with example(index) as draw:
            carried = carrier(draw, request)
            job = only_job(carried)
            assert plain(job.request) == carried.request
            unknown = {path_text(path) for path, node in walk(job.request) if isinstance(node, Unknown)}
            assert unknown == carried.unknown
            assert misplaced(job) == []

"""Completions for a value of a definition: the names of hyperparameters, instance types, and whatever the API lists."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hpolint import schema
from hpolint.cost.prices import Prices
from hpolint.editor.hovers import own_jobs, touches
from hpolint.facts.algorithm import known_algorithm
from hpolint.facts.algorithm_data import Algorithm, Tunable
from hpolint.facts.definition_paths import definitions_of
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Struct, text_of, walk
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome

QUOTE = lazy_regex(r"""\\*["']|""")
"""The quote before a value, escaped within a string of another file; nothing before a plain YAML value."""

RANGES, STATIC = ("ParameterRanges", "HyperParameterRanges"), "StaticHyperParameters"


class Completion(msgspec.Struct, frozen=True):
    """A value, and what is said beside it."""

    value: str
    detail: str = ""


def value_completions(outcome: Outcome, span: Span, prices: Prices | None) -> tuple[Span, list[Completion]] | None:
    """The values for a place of the outcome's source, and the place that they replace; None if none are known."""
    source = outcome.source
    for job in own_jobs(outcome) if source is not None else ():
        for path, value, place in _texts(job):
            inner = _inner(source, place, value) if source is not None and touches(place, span) else None
            if inner is not None:
                found = [each for each in _values(job, path, prices) if each.value != value]
                return (inner, found) if found else None
    return None


def _texts(job: TuningJob) -> Iterator[tuple[Path, str, Span]]:
    """The texts of a request with their paths and places; the name of a hyperparameter has the path of its map."""
    for path, node in walk(job.request):
        if (text := text_of(node)) is not None:
            yield path, text, node.span
        elif isinstance(node, Struct) and path and path[-1] == STATIC:
            yield from ((path, name, place) for name, place in node.keys.items())


def _inner(source: Source, place: Span, value: str) -> Span | None:
    """The place of a value without its quotes; None if it is not written there as it is."""
    raw = source.read(place)
    quote = QUOTE.match(raw)
    size = len(quote[0]) if quote is not None else 0
    if raw[size : len(raw) - size] != value or raw[:size] != raw[len(raw) - size :]:
        return None
    start = source.offset(place.line, place.column) + size
    return source.span(start, start + len(value))


def _values(job: TuningJob, path: Path, prices: Prices | None) -> list[Completion]:
    if path[-1] == STATIC or _names_range(path):
        used = {value for at, value, _ in _texts(job) if at[-1:] == (STATIC,) or _names_range(at)}
        found = {each.value: each for each in _hyperparameters(job, path) if each.value not in used}
        return list(found.values())
    shape = schema.shape_at(path)
    listed = schema.shape(shape).get("enum", []) if shape is not None else []
    if shape == "TrainingInstanceType" and prices is not None:
        return _priced(listed, prices)
    return [Completion(name) for name in listed]


def _names_range(path: Path) -> bool:
    return path[-1:] == ("Name",) and any(name in path for name in RANGES)


def _priced(instance_types: list[str], prices: Prices) -> list[Completion]:
    """Instance types with their prices, the cheapest first and those without a price last."""
    hours = {name: prices.hour(name) for name in instance_types}
    ordered = sorted(instance_types, key=lambda name: (hours[name] is None, hours[name] or 0))
    return [
        Completion(name, f"{price:f} {prices.currency} an hour" if (price := hours[name]) is not None else "no price")
        for name in ordered
    ]


def _hyperparameters(job: TuningJob, path: Path) -> Iterator[Completion]:
    """The options of a definition's script, and the hyperparameters of its algorithm that can be written at a path."""
    definitions = definitions_of(job.request)[0]
    owners = [each for each in definitions if path[: len(each)] == each]
    for definition in owners or definitions:
        script = job.scripts.get(definition)
        for parser in script.arguments.parsers if isinstance(script, Script) else ():
            for option in parser.options:
                if option.flag.startswith("-"):
                    yield Completion(option.flag.lstrip("-"), f"{option.type}, option of {option.site.source}")
        algorithm = known_algorithm(job.request, definition)
        if isinstance(algorithm, Algorithm):
            for name in algorithm.hyperparameters if path[-1] == STATIC else algorithm.tunable:
                yield Completion(name, _tuned(algorithm.tunable.get(name)))


def _tuned(tunable: Tunable | None) -> str:
    """What the documentation says of a hyperparameter's range."""
    if tunable is None:
        return ""
    if tunable.low is None or tunable.high is None:
        return tunable.kind
    return f"{tunable.kind}, {tunable.low:g} to {tunable.high:g} recommended"

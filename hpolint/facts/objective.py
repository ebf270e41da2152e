"""The objective by which trials are compared."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm import algorithm_facts, image_algorithm
from hpolint.facts.algorithm_data import of_name
from hpolint.facts.metric_expression import analysed, can_be_number
from hpolint.facts.phases import EVALUATING, MAXIMIZE, MINIMIZE, measures_of, phase_of, words_of
from hpolint.facts.typed_values import first_unknown, lifted, read, unseen
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, child, follow, text_of

SCORES = MAXIMIZE | {"brier"}
"""Words of metrics that are often called a score, which alone says nothing."""

OTHER_MEANING = frozenset(
    {"score", "reward", "err", "elbo", "likelihood", "silhouette", "mr", "time", "duration", "latency"}
    | {"neg", "negative", "negated", "minus", "inverse", "inverted", "reciprocal", "inv", "opposite"}
    | {"adversarial", "adv", "gan", "discriminator", "disc", "generator", "gen", "critic", "actor", "policy", "attack"}
    | {"reduction", "improvement", "gain", "drop", "decrease", "increase", "delta", "diff", "difference", "gap"}
)
"""Words in a name with which a loss may be better when larger, or an accuracy when smaller."""

NEGATION = frozenset({"neg", "negative", "negated", "minus", "inverse", "inverted", "reciprocal", "opposite"})
"""Such words in the text of an expression."""

ESCAPE = lazy_regex(r"\\[A-Za-z0-9]|\\(.)")


class ObjectiveFacts(msgspec.Struct, frozen=True):
    """``objective``: the definition's own objective, or the config's if it has none."""

    metric: str | Unknown | None
    """MetricName."""
    type: str | Unknown | None
    """``Maximize`` or ``Minimize``."""
    direction: str | Unknown | None
    """``Maximize`` or ``Minimize``: the better direction of a metric of Amazon's own algorithms, also of one that the
    image of XGBoost has for a script; null for any other."""
    owner: str | Unknown | None = None
    """AWS's title of the algorithm whose metrics have a ``direction``: ``XGBoost``; null for any other."""
    channel: str | Unknown | None = None
    """The channel whose data a built-in algorithm needs to report the metric; null for any other metric."""
    near: str | None = None
    """If an algorithm of Amazon's does not have the metric: its most similar metric. Null otherwise."""
    better: str | Unknown | None = None
    """``Maximize`` or ``Minimize``: the better direction of a metric with a metric definition, if the last word of its
    name (a loss, an accuracy, …) and the text of its expression agree. Null for any other metric, for those with a
    ``direction``, and for a job with several definitions."""
    signed: bool | Unknown | None = None
    """Whether the expression may capture a minus sign; null if ``better`` is null, or if that is not known."""
    phase: str | Unknown | None = None
    """The data that the last word about data before the group of the metric's expression names: ``training``,
    ``validation``, ``test`` or ``inference``. Null if no word does, if no word is that of a loss, an accuracy or the
    like, and without a metric definition."""
    named_phase: str | Unknown | None = None
    """The data that the metric's name names, in the same words; null if it names none."""
    evaluated: str | Unknown | None = None
    """If ``phase`` is ``training``: another metric that the job defines, which measures the same, a loss or an
    accuracy, on validation or test data. Null without one."""


def objective_facts(request: Struct, definition: Path | None, algorithm: str | Unknown | None = None) -> ObjectiveFacts:
    """The objective of one definition with its algorithm; of the whole job if ``definition`` is None."""
    path, metric = _path(request, definition), _metric(request, definition)
    owner = algorithm if algorithm is not None or definition is None else _metrics_owner(request, definition)
    direction = _direction(metric, owner)
    facts = ObjectiveFacts(
        metric=metric,
        type=read(request, (*path, "Type"), str),
        direction=direction,
        owner=_title(owner),
        channel=_channel(metric, algorithm),
    )
    if isinstance(metric, str) and isinstance(algorithm, str):
        facts = replace(facts, near=_most_similar(metric, algorithm))
    if isinstance(direction, str):
        return facts
    better, signed = _better(request, definition, metric)
    facts = replace(facts, better=better, signed=signed)
    return facts if definition is None else _with_phases(facts, request, definition)


def objective_expression(request: Struct, definition: Path) -> str | Unknown | None:
    """The regular expression of the objective's metric; None if it has none."""
    metric = _metric(request, definition)
    return _expression(request, definition, metric) if isinstance(metric, str) else metric


def measured_phase(request: Struct, definition: Path) -> str | Unknown | None:
    """``validation`` or ``test`` if the objective's name or its expression names that data, and neither names other."""
    metric = _metric(request, definition)
    if metric is None or isinstance(metric, Unknown):
        return metric
    named = phase_of(words_of(metric))
    text = _expression(request, definition, metric)
    if isinstance(text, Unknown) and named is None:
        return text
    shown = shown_phase(text) if isinstance(text, str) else None
    if named is not None and shown not in (None, named):
        return None
    phase = named or shown
    return phase if phase in EVALUATING else None


def expression_path(request: Struct, definition: Path) -> Path | None:
    """The path of the regular expression of the objective's metric; None if it is not known."""
    metric = _metric(request, definition)
    metrics = follow(request, (*definition, "AlgorithmSpecification", "MetricDefinitions"))
    for index, item in enumerate(metrics.items if isinstance(metrics, Array) else ()):
        if metric is not None and text_of(child(item, "Name")) == metric:
            return (*definition, "AlgorithmSpecification", "MetricDefinitions", index, "Regex")
    return None


def _metric(request: Struct, definition: Path | None) -> str | Unknown | None:
    """The name of the objective's metric."""
    return read(request, (*_path(request, definition), "MetricName"), str)


def _path(request: Struct, definition: Path | None) -> Path:
    """The path of a definition's objective, or else of the config's."""
    if definition is not None and follow(request, (*definition, "TuningObjective")) is not None:
        return (*definition, "TuningObjective")
    return ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective")


def _expression(request: Struct, definition: Path, metric: str) -> str | Unknown | None:
    """The regular expression of a metric; None if the definition has none of that name."""
    metrics = follow(request, (*definition, "AlgorithmSpecification", "MetricDefinitions"))
    unknown = unseen(metrics)
    for item in metrics.items if isinstance(metrics, Array) else ():
        name = child(item, "Name")
        if isinstance(name, Scalar) and name.value == metric:
            regex = child(item, "Regex")
            text = text_of(regex)
            return first_unknown(regex) if text is None else text
        unknown = unknown or first_unknown(name)
    return unknown


def _better(
    request: Struct, definition: Path | None, metric: str | Unknown | None
) -> tuple[str | Unknown | None, bool | Unknown | None]:
    """The facts ``better`` and ``signed``."""
    if isinstance(metric, Unknown):
        return metric, metric
    if metric is None or definition is None or named_direction(metric) is None:
        return None, None
    text = _expression(request, definition, metric)
    if text is None or isinstance(text, Unknown):
        return text, text
    better = better_direction(metric, text)
    if better is None:
        return None, None
    group = analysed(text).group
    return better, can_be_number(text[slice(*group)], "-") if group is not None else None


def _with_phases(facts: ObjectiveFacts, request: Struct, definition: Path) -> ObjectiveFacts:
    """The facts with ``phase``, ``named_phase`` and ``evaluated``."""
    metric = facts.metric
    if metric is None or isinstance(metric, Unknown):
        return replace(facts, phase=metric, named_phase=metric, evaluated=metric)
    facts = replace(facts, named_phase=phase_of(words_of(metric)))
    text = _expression(request, definition, metric)
    if text is None or isinstance(text, Unknown):
        return replace(facts, phase=text, evaluated=text)
    phase = shown_phase(text)
    if phase != "training":
        return replace(facts, phase=phase)
    return replace(facts, phase=phase, evaluated=_evaluated(request, definition, shown_words(text)))


def shown_words(expression: str) -> list[str]:
    """The words before the first group of an expression, which say what is captured."""
    group = analysed(expression).group
    before = expression[: group[0]] if group is not None else ""
    return words_of(ESCAPE.sub(lambda escape: escape[1] or " ", before))


def shown_phase(expression: str) -> str | None:
    """The phase whose loss, accuracy or the like an expression captures, by the words before its group."""
    words = shown_words(expression)
    return phase_of(words) if measures_of(words) else None


def _evaluated(request: Struct, definition: Path, words: list[str]) -> str | Unknown | None:
    """The name of a metric that measures on other data what some words say is measured on the training data."""
    metrics = follow(request, (*definition, "AlgorithmSpecification", "MetricDefinitions"))
    unknown = unseen(metrics)
    for item in metrics.items if isinstance(metrics, Array) else ():
        name, text = text_of(child(item, "Name")), text_of(child(item, "Regex"))
        if name is None or text is None:
            unknown = unknown or first_unknown(child(item, "Name"), child(item, "Regex"))
            continue
        others = shown_words(text)
        if phase_of(others) in EVALUATING and measures_of(others) & measures_of(words):
            return name
    return unknown


def better_direction(name: str, expression: str) -> str | None:
    """``Maximize`` or ``Minimize`` if a name and its expression's text agree; None for any other metric."""
    direction = named_direction(name)
    if direction is None:
        return None
    own, other = (MINIMIZE, MAXIMIZE) if direction == "Minimize" else (MAXIMIZE, MINIMIZE)
    words = set(words_of(ESCAPE.sub(lambda escape: escape[1] or " ", expression)))
    return direction if words & own and not words & (other | NEGATION) else None


def named_direction(name: str) -> str | None:
    """The direction by the last word of a metric's name; None if the name says nothing, or two things."""
    words = words_of(name)
    if words[-1:] == ["score"] and words[-2:-1] and words[-2] in SCORES:
        words.pop()
    if not words or OTHER_MEANING.intersection(words):
        return None
    directions = dict.fromkeys(MINIMIZE, "Minimize") | dict.fromkeys(MAXIMIZE, "Maximize")
    named = {directions[word] for word in words if word in directions}
    return directions.get(words[-1]) if len(named) == 1 else None


PLAIN_WORDS = frozenset(
    {"val", "valid", "validation", "test", "dev", "eval", "train", "training", "epoch", "avg", "average", "mean"}
    | {"score", "metric", "macro", "micro", "weighted", "binary", "categorical", "sparse", "total", "best", "running"}
)
"""Words by which a metric's name says on what it is measured, and how it is averaged."""


def plain_direction(name: str) -> str | None:
    """The direction of a metric whose name has only the metric's word and ``PLAIN_WORDS``; None for any other.

    A script that watches ``forget_accuracy`` or ``1-acc`` may mean the opposite.
    """
    return named_direction(name) if PLAIN_WORDS.union(MINIMIZE, MAXIMIZE).issuperset(words_of(name)) else None


def _metrics_owner(request: Struct, definition: Path) -> str | Unknown | None:
    """The algorithm whose metrics an image has for a script, where the definition has no metrics of its own."""
    facts = algorithm_facts(request, definition)
    if facts.own_metrics is not True or facts.kind != "machine-learning":
        return None
    owner = image_algorithm(request, definition)
    definitions = follow(request, (*definition, "AlgorithmSpecification", "MetricDefinitions"))
    if owner is None or isinstance(owner, Unknown) or (isinstance(definitions, Array) and definitions.items):
        return None
    return unseen(definitions) or owner.name


@lifted
def _title(owner: str | None) -> str | None:
    known = of_name(owner) if owner is not None else None
    return known.title if known is not None else None


@lifted
def _direction(metric: str | None, algorithm: str | None) -> str | None:
    known = of_name(algorithm) if algorithm is not None else None
    return known.metrics.get(metric) if known is not None and metric is not None else None


@lifted
def _channel(metric: str | None, algorithm: str | None) -> str | None:
    """The channel in the name of a metric that the algorithm has: ``validation`` for ``validation:auc``."""
    known = of_name(algorithm) if algorithm is not None else None
    if known is None or metric is None or known.is_jumpstart or not known.has_metric(metric):
        return None
    return metric.partition(":")[0]


MIN_SIMILARITY = 0.6
"""Similarity (0 to 1) from which another metric is suggested."""


def _most_similar(metric: str, algorithm: str) -> str | None:
    known = of_name(algorithm)
    if known is None or known.has_metric(metric):
        return None
    last = metric.rpartition(":")[2].lower()
    same = [name for name in known.metrics if name.rpartition(":")[2].lower() == last]
    from difflib import get_close_matches

    return next(iter(same or get_close_matches(metric, known.metrics, n=1, cutoff=MIN_SIMILARITY)), None)

"""The kinds of observations: what a reader sees that the request no longer shows.

A rule names a kind in ``observes`` and uses its members; their types are checked when the rule is loaded.
"""

from __future__ import annotations

import re

from hpolint.model.stored import Stored


class Observed(Stored, frozen=True, tag=True, tag_field="observed"):
    """A kind of observation."""


class YamlBoolean(Observed, frozen=True):
    """An unquoted word that YAML 1.1 parses as a boolean where the API expects a string."""

    word: str
    """The word as written."""
    read: str
    """``true`` or ``false``: the boolean that YAML parses."""
    member: str
    """The member of the API whose value it is."""
    is_item: bool
    """Whether it is an item of a list."""
    value: str
    """The intended string."""


class ArgumentDropped(Observed, frozen=True):
    """An estimator's argument that a tuner does not send."""

    name: str
    """The argument."""
    estimator: str
    """The estimator's class."""
    near: list[str]
    """The likely arguments: one with a similar name, or those that a framework's class takes instead."""
    known: bool
    """Whether the estimator has the argument, for its own training jobs."""


class CategoricalNotAList(Observed, frozen=True):
    """Categories that are not a list, which the SDK treats as a single value."""

    name: str
    """The parameter."""
    type: str
    """Their type: ``tuple``, ``set``, …"""


class EntryPointMissing(Observed, frozen=True):
    """An entry point that the SDK does not find, so that it raises an error instead of launching the job."""

    argument: str
    """The argument that names it: ``entry_point`` or ``entry_script``."""
    entry: str
    """The entry point."""
    folder: str
    """The source folder; empty if the entry point is an address in S3."""
    near: str
    """The path of a file of the same name within the source folder; empty if there is none."""
    beside: bool
    """Whether the file exists outside of the source folder, where the path would lead without it."""


class GridWithoutJobCount(Observed, frozen=True):
    """Grid search without ``max_jobs``, for which version 2 of the SDK sends null."""


class MetricDefinitionsOnEstimator(Observed, frozen=True):
    """Metric definitions on the estimator while the tuner has none."""


class ParentsNotASet(Observed, frozen=True):
    """A parent's name as a string, which the SDK turns into a set of letters."""

    text: str
    """The name."""


class StaticShadowedByRange(Observed, frozen=True):
    """A static hyperparameter that the SDK drops because it is tuned."""

    name: str
    """The hyperparameter."""
    outside: bool
    """Whether the value is known to be outside of the range."""


class StrategyConfigDropped(Observed, frozen=True):
    """A ``StrategyConfig`` that the helper for Airflow and Step Functions drops."""


class SpotTurnedDown(Observed, frozen=True):
    """A comment within the training job definition mentions spot capacity: the author has made the decision."""


def kind_of(seen: type[Observed]) -> str:
    """The name of a kind in rules: ``argument-dropped``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", seen.__name__).lower()


KINDS: dict[str, type[Observed]] = {kind_of(kind): kind for kind in Observed.__subclasses__()}
"""Every kind by its name."""

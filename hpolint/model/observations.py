"""What a reader can observe that the request no longer shows: each kind, with what it tells.

A rule names a kind in ``observes`` and asks for its members; their types are checked when the rule is loaded.
"""

from __future__ import annotations

import re

from hpolint.model.stored import Stored


class Observed(Stored, frozen=True, tag=True, tag_field="observed"):
    """A kind of observation."""


class YamlBoolean(Observed, frozen=True):
    """A bare word that YAML 1.1 takes for a truth value where the API wants a string."""

    word: str
    """The word as it is written."""
    read: str
    """``true`` or ``false``: what YAML makes of it."""
    member: str
    """The member of the API that it is a value of."""
    is_item: bool
    """Whether it is an item of a list."""
    value: str
    """The string that was meant."""


class ArgumentDropped(Observed, frozen=True):
    """An argument of an estimator that a tuner does not send."""

    name: str
    """The argument."""
    estimator: str
    """The estimator's class."""
    near: list[str]
    """The arguments that were meant: one that is spelt alike, or those that a framework's class takes for it."""
    known: bool
    """Whether the estimator has it, for training jobs of its own."""


class CategoricalNotAList(Observed, frozen=True):
    """Categories that are no list, which the SDK takes for one value."""

    name: str
    """The parameter."""
    type: str
    """What they are: ``tuple``, ``set``, …"""


class GridWithoutJobCount(Observed, frozen=True):
    """Grid search without ``max_jobs``, for which version 2 of the SDK sends null."""


class MetricDefinitionsOnEstimator(Observed, frozen=True):
    """Metric definitions of the estimator where the tuner has none."""


class ParentsNotASet(Observed, frozen=True):
    """A parent's name as text, of which the SDK makes a set of letters."""

    text: str
    """The name."""


class StaticShadowedByRange(Observed, frozen=True):
    """A static hyperparameter that the SDK drops because it is tuned."""

    name: str
    """The hyperparameter."""
    outside: bool
    """Whether the value is known to lie outside of the range."""


class StrategyConfigDropped(Observed, frozen=True):
    """A ``StrategyConfig`` that the helper for Airflow and Step Functions leaves out."""


class SpotTurnedDown(Observed, frozen=True):
    """A comment within the training job definition speaks of spot capacity: somebody has decided about it."""


def kind_of(seen: type[Observed]) -> str:
    """The name of a kind, as rules have it: ``argument-dropped``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", seen.__name__).lower()


KINDS: dict[str, type[Observed]] = {kind_of(kind): kind for kind in Observed.__subclasses__()}
"""Every kind by its name."""

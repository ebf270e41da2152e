"""Calls of libraries that do something else in a trial than they seem to."""

from __future__ import annotations

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Instance, Mapping

XGBOOST_TRAIN = "xgboost.train"
STOPPING = "early_stopping_rounds"
TUNER = ".HyperparameterTuner"
LAUNCHING = frozenset({"fit", "tune"})


def ignored_stopping(function: str, arguments: Arguments) -> Span | None:
    """The place of ``early_stopping_rounds`` among the parameters of a booster, where XGBoost ignores it.

    None if it is not there, or if the call stops early by an argument of its own. Source: XGBoost 0.90 to 3.0,
    ``training.py``, where it is an argument of ``train``.
    """
    if function != XGBOOST_TRAIN or arguments.open is not None or not arguments.keywords.keys().isdisjoint(STOPPED_BY):
        return None
    parameters = arguments.at(0) or arguments.keywords.get("params")
    if not isinstance(parameters, Mapping) or STOPPING not in parameters.entries:
        return None
    return parameters.place(STOPPING)


BOOSTER = "booster"
"""The parameter that chooses another model than trees, which has other parameters."""


def booster_keys(arguments: Arguments) -> dict[str, Span] | None:
    """The places of the names of the parameters of a booster of trees that ``xgboost.train`` trains.

    None if there may be others, or if it may be another booster.
    """
    parameters = arguments.at(0) or arguments.keywords.get("params")
    if arguments.open is not None or not isinstance(parameters, Mapping) or parameters.open is not None:
        return None
    if BOOSTER in parameters.entries:
        return None
    return {str(key): place for key, place in parameters.keys.items() if key in parameters.entries}


STOPPED_BY = frozenset({STOPPING, "callbacks"})


def is_tuner(cls: str) -> bool:
    """Whether a class is the SDK's tuner."""
    return cls.startswith("sagemaker.") and cls.endswith(TUNER)


def launches_search(receiver: Instance, method: str) -> bool:
    """Whether a method starts a tuning job."""
    return is_tuner(receiver.cls) and method in LAUNCHING

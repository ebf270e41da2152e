"""The values that estimators of scikit-learn refuse together, and the parameters that others switch off, by version."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

import msgspec

from hpolint.data import generated

LIBRARY = "sklearn."

Value = str | int | float | bool | None
Pattern = dict[str, Value]
"""Values of some parameters of a constructor."""


class Answers(msgspec.Struct, frozen=True):
    """What a version of an estimator answered.

    ``defaults`` are those of the parameters that were tried, ``refused`` the smallest patterns with which it cannot be
    fitted, and ``unused`` the smallest ones with which a parameter has no effect.
    """

    versions: list[str]
    defaults: Pattern
    refused: list[Pattern]
    unused: dict[str, list[Pattern]]


def is_combined(constructor: str, parameter: str | None = None) -> bool:
    """Whether there is data about a constructor, by its full name, or about one of its parameters."""
    answers = _answers(constructor.rpartition(".")[2]) if constructor.startswith(LIBRARY) else []
    return any(parameter in (None, *version.defaults) for version in answers)


def refused_texts(constructor: str, parameter: str, version: str) -> list[str]:
    """The texts that a version of an estimator refuses for a parameter, whatever else it gets."""
    answers = answers_of(constructor, version) if is_combined(constructor, parameter) else None
    patterns = [] if answers is None else [pattern for pattern in answers.refused if pattern.keys() == {parameter}]
    values = chain.from_iterable(pattern.values() for pattern in patterns)
    return [value for value in values if isinstance(value, str)]


def answers_of(constructor: str, version: str) -> Answers | None:
    """What a version of an estimator answered; None if the version does not have it."""
    for answers in _answers(constructor.rpartition(".")[2]):
        if version in answers.versions:
            return answers
    return None


def is_value(value: Value, other: Value) -> bool:
    """Whether two values of a parameter are the same: True is not 1."""
    return type(value) is type(other) and value == other


@cache
def _answers(name: str) -> list[Answers]:
    return msgspec.convert(_classes().get(name, []), list[Answers])


def _classes() -> dict[str, Any]:
    classes: dict[str, Any] = generated("scikit_learn_combinations")["classes"]
    return classes

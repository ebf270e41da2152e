"""The better direction of a script's own metric, by the words of its name and of its expression."""

from __future__ import annotations

import re

MINIMIZE = frozenset({"loss", "rmse", "mse", "mae", "mape", "logloss", "wer", "cer"})
"""Words of metrics that are better when smaller."""

MAXIMIZE = frozenset({"accuracy", "acc", "auc", "f1", "map", "iou", "dice", "r2"})
"""Words of metrics that are better when larger."""

OTHER_MEANING = frozenset(
    {"score", "reward", "error", "err", "elbo", "likelihood", "silhouette", "mr", "time", "duration", "latency"}
    | {"neg", "negative", "negated", "minus", "inverse", "inverted", "reciprocal", "inv", "opposite"}
    | {"adversarial", "adv", "gan", "discriminator", "disc", "generator", "gen", "critic", "actor", "policy", "attack"}
    | {"reduction", "improvement", "gain", "drop", "decrease", "increase", "delta", "diff", "difference", "gap"}
)
"""Words in a name with which a loss may be better when larger, or an accuracy when smaller."""

NEGATION = frozenset({"neg", "negative", "negated", "minus", "inverse", "inverted", "reciprocal", "opposite"})
"""Such words in the text of an expression."""

SEPARATOR = re.compile(r"[^A-Za-z0-9]+")
CAMEL_CASE = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
ESCAPE = re.compile(r"\\[A-Za-z0-9]|\\(.)")


def better_direction(name: str, expression: str) -> str | None:
    """``Maximize`` or ``Minimize`` if a name and its expression's text agree; None for any other metric."""
    direction = named_direction(name)
    if direction is None:
        return None
    own, other = (MINIMIZE, MAXIMIZE) if direction == "Minimize" else (MAXIMIZE, MINIMIZE)
    words = set(_words(ESCAPE.sub(lambda each: each[1] or " ", expression)))
    return direction if words & own and not words & (other | NEGATION) else None


def named_direction(name: str) -> str | None:
    """The direction by the last word of a metric's name; None if the name says nothing, or two things."""
    words = _words(name)
    if not words or OTHER_MEANING.intersection(words):
        return None
    kinds = dict.fromkeys(MINIMIZE, "Minimize") | dict.fromkeys(MAXIMIZE, "Maximize")
    found = {kinds[each] for each in words if each in kinds}
    return kinds.get(words[-1]) if len(found) == 1 else None


def _words(text: str) -> list[str]:
    """The words of a name in lower case: ``val``, ``accuracy`` for ``valAccuracy``; ``map`` for ``mAP``."""
    found: list[str] = []
    for piece in filter(None, SEPARATOR.split(text)):
        is_whole = piece.lower() in MINIMIZE | MAXIMIZE
        found += [piece.lower()] if is_whole else [each.lower() for each in CAMEL_CASE.findall(piece)]
    return found

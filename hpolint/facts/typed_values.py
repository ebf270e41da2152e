"""Typed reading of a request's nodes: the value, None if absent, or Unknown."""

from __future__ import annotations

import math
from typing import TypeVar

from hpolint.model.node import (
    Array,
    Node,
    Path,
    Scalar,
    Struct,
    Unknown,
    follow,
    is_counted,
    is_text,
    place,
    small_span,
)
from hpolint.model.reasons import named
from hpolint.model.source import Span
from hpolint.model.training_script import Doubt
from hpolint.syntax.numbers import NUMBER

T = TypeVar("T", str, int, bool)


def read(root: Struct, path: Path, kind: type[T]) -> T | Unknown | None:
    """The value at a path; one of another type is Unknown, since invalid-request reports it."""
    node = follow(root, path)
    if node is None or isinstance(node, Unknown):
        return node
    if not isinstance(node, Scalar) or not isinstance(node.value, kind):
        return unusable(node)
    return node.value if _fits(node.value, kind) else unusable(node)


def _fits(value: object, kind: type) -> bool:
    if kind is str:
        return is_text(value)
    if kind is int:
        return is_counted(value)
    return isinstance(value, bool)


def required(root: Struct, path: Path, kind: type[T]) -> T | Unknown:
    """The same for a member that the API requires: one that is missing is Unknown."""
    value = read(root, path, kind)
    return missing(root, path) if value is None else value


def missing(root: Struct, path: Path) -> Unknown:
    """The Unknown for a required member that is not there."""
    return Unknown(named(str(path[-1]), "is missing, which the API requires"), place(root, path)[0])


def unusable(node: Node) -> Unknown:
    """The Unknown for a value that the API would not take."""
    return Unknown("is not of the type that the API takes", small_span(node))


def struct(root: Struct, path: Path) -> Struct | Unknown | None:
    """The structure at a path."""
    node = follow(root, path)
    return node if node is None or isinstance(node, Struct | Unknown) else unusable(node)


def array(root: Struct, path: Path) -> Array | Unknown | None:
    """The list at a path; one with an open tail is Unknown."""
    node = follow(root, path)
    if isinstance(node, Array):
        return node.open or node
    return node if node is None or isinstance(node, Unknown) else unusable(node)


def bound(node: Node | None) -> float | Unknown | None:
    """A range's bound as a number. The API wants it in words: ``"0.1"``."""
    if node is None or isinstance(node, Unknown):
        return node
    text = str(node.value) if isinstance(node, Scalar) and not isinstance(node.value, bool) else ""
    if not NUMBER.match(text.strip()):
        return Unknown("is not a number", small_span(node))
    value = float(text)
    return value if math.isfinite(value) else Unknown("is not a finite number", small_span(node))


def first_unknown(*values: object) -> Unknown | None:
    """The first Unknown among some facts: what keeps another fact from being told."""
    return next((value for value in values if isinstance(value, Unknown)), None)


def doubted(doubt: Doubt, at: Span) -> Unknown:
    """A doubt about the script as what keeps a definition from being judged."""
    where = f"{doubt.site.source}, line {doubt.site.span.line}"
    return Unknown(f"depends on the training script ({where}), which {doubt.reason}", at)

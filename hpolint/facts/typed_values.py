"""Typed reads of a request's nodes. Each returns the value, None if it is absent, or Unknown."""

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
    """The value at a path; a value of another type is Unknown, since invalid-request reports it."""
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
    """The value at the path of a member that the API requires; a missing one is Unknown."""
    value = read(root, path, kind)
    return missing(root, path) if value is None else value


def missing(root: Struct, path: Path) -> Unknown:
    """The Unknown for a missing member that the API requires."""
    return Unknown(named(str(path[-1]), "is missing, but the API requires it"), place(root, path)[0])


def unusable(node: Node) -> Unknown:
    """The Unknown for a value of the wrong type."""
    return Unknown("does not have the type that the API requires", small_span(node))


def struct(root: Struct, path: Path) -> Struct | Unknown | None:
    """The structure at a path."""
    node = follow(root, path)
    return node if node is None or isinstance(node, Struct | Unknown) else unusable(node)


def array(root: Struct, path: Path) -> Array | Unknown | None:
    """The list at a path; a list with an open tail is Unknown."""
    node = follow(root, path)
    if isinstance(node, Array):
        return node.open or node
    return node if node is None or isinstance(node, Unknown) else unusable(node)


def bound(node: Node | None) -> float | Unknown | None:
    """A range's bound as a number. The API takes it as a string: ``"0.1"``."""
    if node is None or isinstance(node, Unknown):
        return node
    text = str(node.value) if isinstance(node, Scalar) and not isinstance(node.value, bool) else ""
    if not NUMBER.match(text.strip()):
        return Unknown("is not a number", small_span(node))
    value = float(text)
    return value if math.isfinite(value) else Unknown("is not a finite number", small_span(node))


def first_unknown(*values: object) -> Unknown | None:
    """The first Unknown among some facts, on which another fact depends; None if all are known."""
    return next((value for value in values if isinstance(value, Unknown)), None)


def unknown_from_doubt(doubt: Doubt, at: Span) -> Unknown:
    """The Unknown for a fact of a definition that depends on a doubt about its script."""
    where = f"{doubt.site.source}, line {doubt.site.span.line}"
    return Unknown(f"depends on the training script ({where}), which {doubt.reason}", at)

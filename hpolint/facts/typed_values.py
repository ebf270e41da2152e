"""Typed reads of a request's nodes. Each returns the value, None if it is absent, or Unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import wraps
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
from hpolint.model.reasons import Kind, named
from hpolint.model.source import Span
from hpolint.model.training_script import Doubt
from hpolint.syntax.numbers import NUMBER

T = TypeVar("T", str, int, bool)
Result = TypeVar("Result")


def read(root: Struct, path: Path, kind: type[T]) -> T | Unknown | None:
    """The value at a path; a value of another type is Unknown, since invalid-request reports it."""
    node = follow(root, path)
    if node is None:
        return None
    if isinstance(node, Scalar) and isinstance(node.value, kind) and _fits(node.value, kind):
        return node.value
    return unusable(node)


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
    """The Unknown for a value of the wrong type; a value that is unknown stays what it is."""
    if isinstance(node, Unknown):
        return node
    return Unknown("does not have the type that the API requires", small_span(node))


def struct(root: Struct, path: Path) -> Struct | Unknown | None:
    """The structure at a path."""
    node = follow(root, path)
    return node if node is None or isinstance(node, Struct) else unusable(node)


def array(root: Struct, path: Path) -> Array | Unknown | None:
    """The list at a path; a list with an open tail is Unknown."""
    node = follow(root, path)
    if isinstance(node, Array):
        return node.open or node
    return None if node is None else unusable(node)


def unseen(node: Node | None, *known: Kind) -> Unknown | None:
    """Why a structure or list may have members that are not seen; None if it has none, or only those of known kinds.

    An unknown node may be such a structure.
    """
    more = node.open if isinstance(node, Struct | Array) else node
    if isinstance(more, Unknown) and more.kind not in known:
        return more
    return None


def bound(node: Node | None) -> float | Unknown | None:
    """A range's bound as a number. The API takes it as a string: ``"0.1"``."""
    if node is None or isinstance(node, Unknown):
        return node
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or not NUMBER.match(str(node.value).strip()):
        return Unknown("is not a number", small_span(node))
    value = float(str(node.value))
    return value if math.isfinite(value) else Unknown("is not a finite number", small_span(node))


def first_unknown(*values: object) -> Unknown | None:
    """The first Unknown among some facts, on which another fact depends; None if all are known."""
    return next((value for value in values if isinstance(value, Unknown)), None)


def present(values: Iterable[Result | None]) -> list[Result]:
    """The values that are not None."""
    return [value for value in values if value is not None]


def lifted(compute: Callable[..., Result]) -> Callable[..., Result | Unknown]:
    """Make a function of known values one of facts: an Unknown among its arguments is then its result.

    ``@lifted`` stands where a function needs each of its arguments. One that may answer without an argument, as a
    minimum of 1 and an unknown number of trials, tests for Unknown itself.
    """

    @wraps(compute)
    def of_facts(*facts: object) -> Result | Unknown:
        unknown = first_unknown(*facts)
        return compute(*facts) if unknown is None else unknown

    return of_facts


def unknown_from_doubt(doubt: Doubt, at: Span) -> Unknown:
    """The Unknown for a fact of a definition that depends on a doubt about its script."""
    where = f"{doubt.site.source}, line {doubt.site.span.line}"
    return Unknown(f"depends on the training script ({where}), which {doubt.reason}", at)

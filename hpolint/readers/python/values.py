"""What a name can stand for while Python source is followed: known, unknown, or an object of interest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from hpolint.node import ScalarValue, Unknown
from hpolint.source import Span

Key: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """A string, number, truth value or None, and the literal's place."""

    value: ScalarValue
    span: Span


@dataclass(slots=True, eq=False)
class Mapping:
    """A dict. ``keys`` says where each key stands; ``open`` is set where it may hold more."""

    entries: dict[Key, Value]
    span: Span
    keys: dict[Key, Span] = field(default_factory=dict)
    open: Unknown | None = None


@dataclass(slots=True, eq=False)
class Sequence:
    """A list, tuple or set. ``open`` is set where it may go on."""

    kind: str
    items: list[Value]
    span: Span
    open: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something that was imported, by its full name."""

    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Arguments:
    """A call's arguments. ``open`` is set where a spread may bring more than can be told."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    open: Unknown | None = None

    def values(self) -> Iterator[Value]:
        """Every argument's value."""
        yield from self.positional
        yield from self.keywords.values()


@dataclass(slots=True, eq=False)
class Instance:
    """An object that an imported or home-made class made.

    ``span`` is the constructor's name, ``attributes`` what was assigned afterwards,
    ``escaped`` is set once something unknown has had its hands on it.
    """

    cls: str
    arguments: Arguments
    span: Span
    attributes: dict[str, Value] = field(default_factory=dict)
    escaped: Unknown | None = None
    user_class: UserClass | None = None

    @property
    def site(self) -> tuple[Span, str]:
        """What tells one constructor call from another."""
        return self.span, self.cls


@dataclass(slots=True, eq=False)
class Function:
    """A function of the same source. ``receiver`` is set for a bound method."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    name: str
    scope: Scope
    receiver: Value | None = None


@dataclass(slots=True, eq=False)
class UserClass:
    """A class of the same source with its methods."""

    name: str
    members: dict[str, Value]
    span: Span


@dataclass(slots=True, eq=False)
class Method:
    """A method of a value that the evaluator or the SDK's model knows."""

    receiver: Value
    name: str
    span: Span


Value: TypeAlias = Known | Unknown | Mapping | Sequence | Symbol | Instance | Function | UserClass | Method


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a module or a function call, and the scope around it."""

    names: dict[str, Value] = field(default_factory=dict)
    above: Scope | None = None
    globals: set[str] = field(default_factory=set)

    def find(self, name: str) -> Value | None:
        """The value of a name here or further out."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.above
        return None


def span_of(value: Value) -> Span | None:
    """Where a value stands; None for what has no place of its own."""
    return None if isinstance(value, Function | Method) else value.span


def unknown(reason: str, span: Span, pieces: tuple[str | None, ...] = ()) -> Unknown:
    """An Unknown; ``reason`` goes on after "this value"."""
    return Unknown(reason, span, pieces)

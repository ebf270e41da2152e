"""What a name can stand for while Python source is followed: known, unknown, or an object of interest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from hpolint.model.node import ScalarValue, Unknown
from hpolint.model.reasons import thing_of
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds

Key: TypeAlias = str | int | float | bool | None


class Constant(msgspec.Struct, frozen=True):
    """A string, number, truth value or None, and the literal's place."""

    value: ScalarValue
    span: Span


class Mapping(msgspec.Struct, eq=False):
    """A dict. ``keys`` says where each key stands; ``open`` is set where it may hold more."""

    entries: dict[Key, Value]
    span: Span
    keys: dict[Key, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None


class Sequence(msgspec.Struct, eq=False):
    """A list, tuple, set, iterator or view. ``open`` is set where it may go on; a view is one ``of`` a dict."""

    kind: str
    items: list[Value]
    span: Span
    open: Unknown | None = None
    of: Mapping | None = None


class Symbol(msgspec.Struct, frozen=True):
    """Something that was imported, by its full name."""

    name: str
    span: Span


class Arguments(msgspec.Struct, eq=False):
    """A call's arguments. ``open`` is set where a spread may bring more than can be told; ``spread`` are the dicts."""

    positional: list[Value] = msgspec.field(default_factory=list)
    keywords: dict[str, Value] = msgspec.field(default_factory=dict)
    places: dict[str, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None
    spread: list[Value] = msgspec.field(default_factory=list)

    def values(self) -> Iterator[Value]:
        """Every argument's value."""
        yield from self.positional
        yield from self.keywords.values()


class Instance(msgspec.Struct, eq=False):
    """An object that an imported or home-made class made.

    ``span`` is the constructor's name, ``attributes`` what was assigned afterwards,
    ``escaped`` is set once something unknown has had its hands on it.
    """

    cls: str
    arguments: Arguments
    span: Span
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    escaped: Unknown | None = None
    user_class: UserClass | None = None

    @property
    def site(self) -> tuple[Span, str]:
        """What tells one constructor call from another."""
        return self.span, self.cls


class Function(msgspec.Struct, eq=False):
    """A function of the same source.

    ``defaults`` are what its parameters' defaults were when it was defined. A method has the class that it stands
    in as ``owner``, a bound one its ``receiver``; ``kind`` tells static, class and property methods from others.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    name: str
    scope: Scope
    defaults: dict[str, Value] = msgspec.field(default_factory=dict)
    receiver: Value | None = None
    owner: UserClass | None = None
    kind: str = "plain"
    setter: Function | None = None


class UserClass(msgspec.Struct, eq=False):
    """A class of the same source: its own members, and the bases that are of this source too.

    ``fields`` are a dataclass's, in their order. ``foreign`` is set where something that is not of this source has
    a hand in it: a base, a decorator or a metaclass. ``imported`` is the full name of its only base, if
    that is imported.
    """

    name: str
    members: dict[str, Value]
    span: Span
    bases: list[UserClass] = msgspec.field(default_factory=list)
    fields: list[str] | None = None
    foreign: Unknown | None = None
    imported: str | None = None


class Method(msgspec.Struct, eq=False):
    """A method of a value that the evaluator or the SDK's model knows."""

    receiver: Value
    name: str
    span: Span


class Either(Unknown, frozen=True, kw_only=True):
    """One of several values: which one cannot be told. ``complete`` if it is no other than these.

    As an unknown value it is the same as another of the same kind, reason and place, whatever it may be.
    """

    candidates: list[Value] = msgspec.field(default_factory=list)
    complete: bool = False

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Either) and self._as_unknown == other._as_unknown

    def __hash__(self) -> int:
        return hash(self._as_unknown)

    @property
    def _as_unknown(self) -> tuple[object, ...]:
        return self.reason, self.span, self.pieces, self.choices


class Maybe(Either, frozen=True):
    """What may stand under a key of a dict, or may not be there at all."""


Value: TypeAlias = Constant | Unknown | Mapping | Sequence | Symbol | Instance | Function | UserClass | Method


class Scope(msgspec.Struct, eq=False):
    """The names of a module, a function call, a class's body or a comprehension (``kind``), and the scope around it."""

    names: dict[str, Value] = msgspec.field(default_factory=dict)
    above: Scope | None = None
    globals: set[str] = msgspec.field(default_factory=set)
    nonlocals: set[str] = msgspec.field(default_factory=set)
    kind: str = "plain"

    def owner(self, name: str) -> Scope:
        """The scope that an assignment to a name is meant for."""
        scope = self
        if name in self.globals:
            while scope.above is not None:
                scope = scope.above
        elif name in self.nonlocals:
            while scope.above is not None and (scope is self or name not in scope.names):
                scope = scope.above
        return scope

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


def name_it(variables: dict[Span, str], name: str, value: Value) -> None:
    """Remember the first name that a source has for what it makes: people know it by that."""
    if isinstance(value, Instance | Mapping):
        variables.setdefault(value.span, name)


MOST_NAMES, MOST_CHARACTERS = 6, 200
"""Of a reason that names what a value is a part of; without an end each line of a source could make it longer."""

NOWHERE = "what cannot be told"


def whole(value: Value) -> str:
    """What something is a part of, for a reason: ``what `parse_args()` returns``. It is short whatever it is."""
    found = _whole(value)
    return found if len(found) <= MOST_CHARACTERS else NOWHERE


def _whole(value: Value) -> str:
    if isinstance(value, Symbol):
        return f"`{value.name}`"
    if isinstance(value, Instance):
        return f"an object of the class `{value.cls.rpartition('.')[2]}`"
    if isinstance(value, Method):
        names, root = [value.name], value.receiver
        while isinstance(root, Method) and len(names) < MOST_NAMES:
            names.insert(0, root.name)
            root = root.receiver
        return f"`{'.'.join(names)}` of {NOWHERE if isinstance(root, Method) else whole(root)}"
    return thing_of(value.reason) or NOWHERE if isinstance(value, Unknown) else NOWHERE


def unknown(reason: str, span: Span, pieces: tuple[str | None, ...] = ()) -> Unknown:
    """An Unknown; ``reason`` goes on after "this value"."""
    return Unknown(reason, span, bounds.pieces(pieces) if pieces else pieces)

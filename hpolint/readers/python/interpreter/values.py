"""The values of the abstract interpreter: known, unknown, or an object of interest."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeGuard, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.model.node import ScalarValue, Unknown
from hpolint.model.reasons import Kind, is_a, thing_of
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds

Key: TypeAlias = str | int | float | bool | None

T = TypeVar("T")


class Constant(msgspec.Struct, frozen=True):
    """A string, number, boolean or None, and the literal's span."""

    value: ScalarValue
    span: Span


class Mapping(msgspec.Struct, eq=False):
    """A dict. ``keys`` has the span of each key; ``open`` is set if the dict may have further keys."""

    entries: dict[Key, Value]
    span: Span
    keys: dict[Key, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None

    def place(self, key: Key) -> Span:
        """The span of a key; the dict's own for a key that has none."""
        return self.keys.get(key, self.span)


class Sequence(msgspec.Struct, eq=False):
    """A list, tuple, set, iterator or view. ``open`` is set if it may have further items; a view is ``of`` a dict."""

    kind: str
    items: list[Value]
    span: Span
    open: Unknown | None = None
    of: Mapping | None = None


class Symbol(msgspec.Struct, frozen=True):
    """An imported object or a builtin, by its full name."""

    name: str
    span: Span


class Arguments(msgspec.Struct, eq=False):
    """A call's arguments. ``open`` is set if a spread may add unknown ones; ``spread`` has the values after ``**``."""

    positional: list[Value] = msgspec.field(default_factory=list)
    keywords: dict[str, Value] = msgspec.field(default_factory=dict)
    places: dict[str, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None
    spread: list[Value] = msgspec.field(default_factory=list)

    def values(self) -> Iterator[Value]:
        """Every argument's value."""
        yield from self.positional
        yield from self.keywords.values()

    def at(self, index: int) -> Value | None:
        """A positional argument; None if there are not that many."""
        return self.positional[index] if index < len(self.positional) else None


class Instance(msgspec.Struct, eq=False):
    """An instance of an imported class or of a class of this source.

    ``span`` is the constructor's name. ``attributes`` are the attributes assigned after the construction.
    ``escaped`` is set once the instance escapes to code that is not analysed.
    """

    cls: str
    arguments: Arguments
    span: Span
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    escaped: Unknown | None = None
    user_class: UserClass | None = None

    @property
    def site(self) -> tuple[Span, str]:
        """The identity of the constructor call."""
        return self.span, self.cls

    @property
    def class_name(self) -> str:
        """The class's name without its module."""
        return self.cls.rpartition(".")[2]


class Function(msgspec.Struct, eq=False):
    """A function of the same source.

    ``defaults`` are the values of its parameters' defaults at the definition, ``options`` the options of a command line
    that decorators declare for its parameters. A method has its class as ``owner``; a
    bound method has its ``receiver``. ``kind`` is "plain", "static", "class" or "property". ``is_traced``: its calls
    return tensors, whatever the body returns.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    name: str
    scope: Scope
    defaults: dict[str, Value] = msgspec.field(default_factory=dict)
    receiver: Value | None = None
    owner: UserClass | None = None
    kind: str = "plain"
    setter: Function | None = None
    options: dict[str, Unknown] = msgspec.field(default_factory=dict)
    is_traced: bool = False


class UserClass(msgspec.Struct, eq=False):
    """A class of the same source: its own members, and those of its bases that are of this source too.

    ``ancestors`` are all of these, in the order in which Python looks up members. ``fields`` are a dataclass's fields,
    in order. ``foreign`` is set if code outside this source may change the class:
    a base, a decorator or a metaclass. ``imported`` is the full name of its only base, if that is imported.
    ``is_frozen``: attributes of its instances cannot be assigned. ``is_constructed_elsewhere``: its constructor may be
    one that this source does not define.
    """

    name: str
    members: dict[str, Value]
    span: Span
    bases: list[UserClass] = msgspec.field(default_factory=list)
    ancestors: tuple[UserClass, ...] = ()
    fields: list[str] | None = None
    foreign: Unknown | None = None
    imported: str | None = None
    is_frozen: bool = False
    is_constructed_elsewhere: bool = False


class Method(msgspec.Struct, eq=False):
    """An attribute of a value whose own value is not known; if it is called, it is a method."""

    receiver: Value
    name: str
    span: Span


class Either(Unknown, frozen=True, kw_only=True):
    """An unknown value that may alias one of ``candidates``. ``complete``: it is certainly one of them.

    ``by_default`` is the candidate that it is if every value that decides it has its default; None if not known.
    Equality ignores the candidates: two values of the same class, reason and span are equal.
    """

    candidates: list[Value] = msgspec.field(default_factory=list)
    complete: bool = False
    by_default: Value | None = None

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Either) and self._as_unknown == other._as_unknown

    def __hash__(self) -> int:
        return hash(self._as_unknown)

    @property
    def _as_unknown(self) -> tuple[object, ...]:
        return self.reason, self.span, self.pieces, self.choices, self.default, id(self.by_default)


class Maybe(Either, frozen=True):
    """The entry of a dict under a key that may be absent."""


Value: TypeAlias = Constant | Unknown | Mapping | Sequence | Symbol | Instance | Function | UserClass | Method


class Scope(msgspec.Struct, eq=False):
    """The names of a module, a function call, a class's body or a comprehension (``kind``), and the enclosing scope."""

    names: dict[str, Value] = msgspec.field(default_factory=dict)
    above: Scope | None = None
    globals: set[str] = msgspec.field(default_factory=set)
    nonlocals: set[str] = msgspec.field(default_factory=set)
    kind: str = "plain"

    def owner(self, name: str) -> Scope:
        """The scope in which an assignment binds a name."""
        scope = self
        if name in self.globals:
            scope = self.outermost()
        elif name in self.nonlocals:
            while scope.above is not None and (scope is self or name not in scope.names):
                scope = scope.above
        return scope

    def outermost(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.above is not None:
            scope = scope.above
        return scope

    def find(self, name: str) -> Value | None:
        """The value of a name, looked up in this scope and the enclosing ones; None if it is not bound."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.above
        return None


def span_of(value: Value | None) -> Span | None:
    """A value's span; None for functions and methods, which have none."""
    return None if isinstance(value, Function | Method | None) else value.span


def items_of(value: Value) -> list[Value]:
    """The entries of a dict or the items of a list; empty for any other value."""
    if isinstance(value, Mapping):
        return list(value.entries.values())
    if isinstance(value, Sequence):
        return value.items
    return []


def text_of(value: Value | None) -> str | None:
    """The text of a known string; None for any other value."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None


def is_text(value: Value) -> bool:
    """Whether a value is a string, known or partly known."""
    if isinstance(value, Constant):
        return isinstance(value.value, str)
    return isinstance(value, Unknown) and bool(value.pieces)


def pieces_text(value: Unknown, gap: str) -> str:
    """The known pieces of a string, with ``gap`` for each unknown part."""
    return "".join(gap if piece is None else piece for piece in value.pieces)


def is_own(value: Value | None) -> TypeGuard[Instance]:
    """Whether a value is an instance of a class of this source."""
    return isinstance(value, Instance) and value.user_class is not None


def is_foreign(value: Value | None) -> TypeGuard[Instance]:
    """Whether a value is an instance of an imported class."""
    return isinstance(value, Instance) and value.user_class is None


def present(values: Iterable[T | None]) -> list[T]:
    """The values that are not None."""
    return [value for value in values if value is not None]


def record_name(variables: dict[Span, str], name: str, value: Value) -> None:
    """Record the first name that a source binds to an object, for messages."""
    if isinstance(value, Instance | Mapping):
        variables.setdefault(value.span, name)


MAX_REASON_NAMES, MAX_REASON_CHARACTERS = 6, 200
"""Bounds of a description in a reason: attribute names, and characters. Without them, each line of a source could
lengthen it."""

UNKNOWN_VALUE = "an unknown value"


def description(value: Value) -> str:
    """A description of a value for a reason: ``what `parse_args()` returns``. At most 200 characters."""
    text = _description(value)
    return text if len(text) <= MAX_REASON_CHARACTERS else UNKNOWN_VALUE


def _description(value: Value) -> str:
    if isinstance(value, Symbol):
        return f"`{value.name}`"
    if isinstance(value, Instance):
        return f"an object of the class `{value.class_name}`"
    if isinstance(value, Unknown):
        return thing_of(value.reason) or UNKNOWN_VALUE
    if not isinstance(value, Method):
        return UNKNOWN_VALUE
    names, root = [value.name], value.receiver
    while isinstance(root, Method) and len(names) < MAX_REASON_NAMES:
        names.insert(0, root.name)
        root = root.receiver
    owner = UNKNOWN_VALUE if isinstance(root, Method) else description(root)
    return f"`{'.'.join(names)}` of {owner}"


def is_false(value: Value | None) -> bool:
    """Whether a value is known, and false as Python judges it."""
    return isinstance(value, Constant) and not value.value


def unknown(reason: str, span: Span, pieces: tuple[str | None, ...] = (), min_length: int = 0) -> Unknown:
    """An unknown value; ``reason`` continues "this value …"."""
    if pieces:
        pieces = bounds.bounded_pieces(pieces)
    return Unknown(reason, span, pieces, min_length=min_length)


def as_unknown(value: object, reason: str, span: Span) -> Unknown:
    """What an unknown value leaves unknown, else an unknown value for ``reason``."""
    if isinstance(value, Unknown):
        return without_values(value)
    return unknown(reason, span)


def without_values(value: Unknown) -> Unknown:
    """What an unknown value leaves unknown: neither its choices nor its default are values of it."""
    if not value.choices and value.default is None:
        return value
    return replace(value, choices=(), default=None)


def returned_by(name: str, span: Span) -> Unknown:
    """The unknown result of a call; ``name`` is the function's."""
    return unknown(is_a(f"what `{name}()` returns", Kind.RETURNED), span)

"""The join of two branches' states: equal values stay known, different values become unknown."""

from __future__ import annotations

from typing import Any, TypeVar

from hpolint.model.node import MAX_CHOICES, Scalar, Unknown
from hpolint.model.reasons import SET_BY_DEPLOYER, Kind, of_kind
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.operators import IMMUTABLE_TYPES, MAX_CANDIDATES, forget
from hpolint.readers.python.interpreter.state import (
    CONTENTS,
    COPY_CONTENTS,
    MutableObject,
    Snapshot,
    write_contents,
)
from hpolint.readers.python.interpreter.units import line_text
from hpolint.readers.python.interpreter.values import (
    Constant,
    Either,
    Function,
    Instance,
    Mapping,
    Maybe,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    present,
    span_of,
    unknown,
)

K = TypeVar("K")


class Joiner:
    """Joins another outcome into the current state.

    The contents of an object in both outcomes are joined. Two corresponding objects, each made in one outcome, are
    merged into one. Other values that differ become one of several values. ``alternatives``: the actual state is
    exactly one of the outcomes, as after a branch; after a loop or a ``try`` it may be a mixture.
    """

    def __init__(
        self, span: Span, mine: Snapshot | None = None, other: Snapshot | None = None, *, alternatives: bool = False
    ) -> None:
        self._span = span
        self._alternatives = alternatives
        self._mine = mine.contents if mine is not None else {}
        self._other = other.contents if other is not None else {}
        self._forward: dict[int, Any] = {}
        self._merged: dict[int, int] = {}
        self.has_difference = False

    def join(self) -> None:
        """Join the contents of both snapshots; the current state is the first one's."""
        for key, (object_, contents_) in self._other.items():
            if key not in self._mine:
                write_contents(object_, contents_)
        for key, (object_, contents_) in self._other.items():
            if key in self._mine and CONTENTS[type(object_)](object_) != contents_:
                self._join(object_, contents_)
        if self._forward:
            for object_, _ in (*self._mine.values(), *self._other.values()):
                self._redirect(object_)

    def join_values(self, one: Value, other: Value) -> Value:
        """The join of two values."""
        if one is other or one is self._forward.get(id(other)):
            return one
        if isinstance(one, Unknown) and one == other:
            return self._join_equal_unknowns(one, other)
        if type(one) is type(other):
            joined = self._join_same_type(one, other)
            if joined is not None:
                return joined
        return self.differs(one, other)

    def _join_same_type(self, one: Value, other: Any) -> Value | None:
        """The join of two values of one type; None if they differ."""
        if isinstance(one, Constant):
            return one if is_same_constant(one, other) else None
        if isinstance(one, Symbol):
            return one if one.name == other.name else None
        if isinstance(one, Method):
            if one.name != other.name:
                return None
            return Method(self.join_values(one.receiver, other.receiver), one.name, one.span)
        if self._are_separate(one, other) and can_merge(one, other):
            self._merge(one, other)
            return one
        return None

    def _join_equal_unknowns(self, one: Unknown, other: Value) -> Unknown:
        """The join of two equal unknown values: its candidates are those of both."""
        if not isinstance(one, Either) or not isinstance(other, Either):
            return one
        known_ids = {id(candidate) for candidate in one.candidates}
        if all(id(candidate) in known_ids for candidate in other.candidates):
            return one
        both = either([one, other], Unknown(one.reason, one.span, one.pieces))
        if type(one) is not Maybe:
            return both
        candidates = both.candidates if isinstance(both, Either) else []
        return Maybe(one.reason, one.span, one.pieces, candidates=candidates)

    def _are_separate(self, one: Any, other: Any) -> bool:
        """Whether each of two objects exists in only one of the outcomes."""
        return id(one) not in self._other and id(other) not in self._mine and bool(self._mine or self._other)

    def _merge(self, one: Any, other: Any) -> None:
        """Merge two objects, each made in one outcome, into the first."""
        merged_before = self._forward.get(id(other))
        if merged_before is not None or self._merged.get(id(one), id(other)) != id(other):
            why = unknown("may be the same object as another, or not", self._span)
            for value in present([one, other, merged_before]):
                forget(value, why)
            return
        self._forward[id(other)], self._merged[id(one)] = one, id(other)
        if isinstance(one, Function):
            if one.scope is not other.scope and self._are_separate(one.scope, other.scope):
                self._merge(one.scope, other.scope)
            defaults = one.defaults.items()
            one.defaults = {name: self._join_optional(value, other.defaults.get(name)) for name, value in defaults}
            return
        if isinstance(one, Instance):
            self._join_arguments(one, other)
        self._join(one, COPY_CONTENTS[type(other)](other))

    def _join(self, object_: MutableObject, contents_: tuple[Any, ...]) -> None:
        """Join an object's contents with its contents, or its counterpart's, in the other outcome."""
        if isinstance(object_, Mapping):
            self._join_mapping(object_, *contents_)
        elif isinstance(object_, Sequence):
            others, open_, _ = contents_
            items = [self.join_values(a, b) for a, b in zip(object_.items, others, strict=False)]
            object_.open = object_.open or open_
            if len(object_.items) != len(others):
                object_.open = object_.open or self.differs(object_, None)
            object_.items = items
        elif isinstance(object_, Instance):
            object_.attributes = self._join_members(object_.attributes, contents_[0])
            object_.escaped = object_.escaped or contents_[1]
        elif isinstance(object_, UserClass):
            object_.members = self._join_members(object_.members, contents_[0])
            object_.foreign = object_.foreign or contents_[1]
        else:
            object_.names = self._join_names(object_.names, contents_[0])

    def _join_names(self, mine: dict[str, Value], others: dict[str, Value]) -> dict[str, Value]:
        """The names of a scope. One that only one outcome has bound keeps its value: the other cannot read it."""
        shared = {name: self.join_values(value, others[name]) for name, value in mine.items() if name in others}
        return shared | {name: value for name, value in (mine | others).items() if name not in shared}

    def _join_mapping(self, mapping: Mapping, entries: dict[Any, Value], keys: dict[Any, Span], open_: Any) -> None:
        mine = mapping.entries
        shared = [key for key in mine if key in entries]
        mapping.entries = {key: self._join_entry(mine.get(key), entries.get(key)) for key in {**mine, **entries}}
        mapping.keys = {**keys, **mapping.keys}
        mapping.open = mapping.open or open_
        if shared != [key for key in entries if key in mine]:
            mapping.open = mapping.open or unknown("has an order that differs between branches", mapping.span)

    def _join_members(self, mine: dict[str, Value], others: dict[str, Value]) -> dict[str, Value]:
        return {name: self._join_optional(mine.get(name), others.get(name)) for name in {**mine, **others}}

    def _join_optional(self, one: Value | None, other: Value | None) -> Value:
        if one is None or other is None:
            return self.differs(one, other)
        return self.join_values(one, other)

    def _join_entry(self, one: Value | None, other: Value | None) -> Value:
        """The join of two entries of a dict; an entry in only one outcome may be absent."""
        joined = self._join_optional(one, other)
        if not isinstance(one, Maybe | None) and not isinstance(other, Maybe | None):
            return joined
        if not isinstance(joined, Unknown):
            why = self.differs(one, other)
            return Maybe(why.reason, why.span, why.pieces, candidates=[joined])
        candidates = joined.candidates if isinstance(joined, Either) else []
        return Maybe(joined.reason, joined.span, joined.pieces, candidates=candidates)

    def _join_arguments(self, one: Instance, other: Instance) -> None:
        a, b = one.arguments, other.arguments
        pairs = zip(a.positional, b.positional, strict=False)
        joined = [self.join_values(x, y) for x, y in pairs]
        if len(a.positional) != len(b.positional):
            a.open = self.differs(one, other)
        a.positional, a.keywords = joined, self._join_members(a.keywords, b.keywords)
        a.places, a.open = {**b.places, **a.places}, a.open or b.open

    def differs(self, one: Value | None, other: Value | None) -> Unknown:
        """The unknown value for two different values; it keeps its possible values."""
        self.has_difference = True
        spans = sorted(present([span_of(value) for value in (one, other) if value is not None]))
        lines = list(dict.fromkeys(line_text(span) for span in spans))
        text = "differs between branches"
        if lines:
            text += f" at line{'s' if len(lines) > 1 else ''} {' and '.join(lines)}"
        choices = _choices(one, other) if self._alternatives else ()
        reason = of_kind(_kind_of_choice(one, other), text) if choices else text
        return either([one, other], Unknown(reason, min(spans, default=self._span), choices=choices))

    def _redirect(self, object_: MutableObject) -> None:
        """Replace an object's references to merged objects by the object that they were merged into."""
        if isinstance(object_, Mapping):
            object_.entries = self._redirected(object_.entries)
        elif isinstance(object_, Sequence):
            object_.items = self._redirected_items(object_.items)
        elif isinstance(object_, Instance):
            arguments = object_.arguments
            object_.attributes = self._redirected(object_.attributes)
            arguments.positional = self._redirected_items(arguments.positional)
            arguments.keywords = self._redirected(arguments.keywords)
        elif isinstance(object_, UserClass):
            object_.members = self._redirected(object_.members)
        else:
            object_.names = self._redirected(object_.names)

    def _redirected(self, values: dict[K, Value]) -> dict[K, Value]:
        return {key: self._forward.get(id(value), value) for key, value in values.items()}

    def _redirected_items(self, values: list[Value]) -> list[Value]:
        return [self._forward.get(id(value), value) for value in values]


def _kind_of_choice(*values: Value | None) -> Kind:
    """The kind of one of two values: that of one that a deployer sets, else the source itself chooses."""
    kinds = [value.kind for value in values if isinstance(value, Unknown) and value.kind in SET_BY_DEPLOYER]
    return kinds[0] if kinds else Kind.CHOSEN_BY_SOURCE


def _choices(*values: Value | None) -> tuple[Scalar | None, ...]:
    """All scalars that one of some values can be; empty if they are not all known, or too many."""
    choices: dict[object, Scalar | None] = {}
    for value in values:
        own = _own_choices(value)
        if not own:
            return ()
        choices |= {(type(choice.value), choice.value) if choice else None: choice for choice in own}
    return tuple(choices.values()) if len(choices) <= MAX_CHOICES else ()


def _own_choices(value: Value | None) -> tuple[Scalar | None, ...]:
    if isinstance(value, Constant):
        return (Scalar(value.value, value.span),)
    if isinstance(value, Unknown):
        return value.choices
    return ()


def can_merge(one: Value, other: Any) -> bool:
    """Whether two objects of one type can be merged: of one kind, or made by the same code."""
    if isinstance(one, Sequence):
        return one.kind == other.kind and (one.kind == "list" or len(one.items) == len(other.items))
    if isinstance(one, Instance):
        return one.site == other.site and one.user_class is other.user_class
    if isinstance(one, Function):
        return one.node is other.node and one.receiver is other.receiver and one.owner is other.owner
    if isinstance(one, UserClass):
        return (one.span, one.bases) == (other.span, other.bases)
    return isinstance(one, Mapping)


def either(values: list[Value | None], why: Unknown) -> Unknown:
    """An unknown value that is one of several. If one of them can change, they are kept as candidates.

    None among ``values`` stands for an absent value.
    """
    by_id: dict[int, Value] = {}
    complete = True
    for value in values:
        if isinstance(value, Either):
            by_id |= {id(candidate): candidate for candidate in value.candidates}
            complete &= value.complete
        elif isinstance(value, Unknown) or value is None:
            complete = False
        else:
            by_id[id(value)] = value
    candidates = list(by_id.values())
    if all(type(candidate) in IMMUTABLE_TYPES for candidate in candidates):
        return why
    if len(candidates) > MAX_CANDIDATES:
        for candidate in candidates:
            forget(candidate, why)
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates, complete=complete)


def one_of(values: list[Value], span: Span, *, alternatives: bool = False) -> Value:
    """The join of some values of the same state. ``alternatives``: the actual value is exactly one of them."""
    joiner = Joiner(span, alternatives=alternatives)
    result, *others = values
    for other in others:
        result = joiner.join_values(result, other)
    return result


def is_same_constant(one: Constant, other: Constant) -> bool:
    """Whether two known values are the same to the SDK. 1 and True differ, as do 1 and 1.0."""
    return type(one.value) is type(other.value) and one.value == other.value

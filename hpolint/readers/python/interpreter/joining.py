"""Joining what two branches made of all that is known: what is equal stays known, what differs becomes unknown."""

from __future__ import annotations

from typing import Any

from hpolint.model.node import MAX_CHOICES, Scalar, Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.operators import MOST, PLAIN, forget
from hpolint.readers.python.interpreter.state import Snapshot, Thing, contents, is_as, put
from hpolint.readers.python.interpreter.units import line_text
from hpolint.readers.python.interpreter.values import (
    Constant,
    Either,
    Function,
    Instance,
    Mapping,
    Maybe,
    Method,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    span_of,
    unknown,
)


class Joiner:
    """Joins another outcome into the state as it is.

    A thing that both have is joined with itself. Two that each outcome has made for itself become one. All else
    that differs is one of several values. ``alternatives`` says that one of the outcomes is the one that comes about,
    whole, as of a branch: of a loop or a ``try`` what comes about may be between them.
    """

    def __init__(
        self, span: Span, mine: Snapshot | None = None, other: Snapshot | None = None, *, alternatives: bool = False
    ) -> None:
        self._span = span
        self._alternatives = alternatives
        self._mine = mine.held if mine is not None else {}
        self._other = other.held if other is not None else {}
        self._forward: dict[int, Any] = {}
        self._merged: dict[int, int] = {}
        self.told_apart = False

    def join(self) -> None:
        """Join all that both snapshots hold; the state is the first one's."""
        for key, (thing, held) in self._other.items():
            if key not in self._mine:
                put(thing, held)
        for key, (thing, held) in self._other.items():
            if key in self._mine and not is_as(thing, held):
                self._join(thing, held)
        if self._forward:
            for thing, _ in (*self._mine.values(), *self._other.values()):
                self._redirect(thing)

    def values(self, one: Value, other: Value) -> Value:
        """One value for both."""
        if one is other or one is self._forward.get(id(other)):
            return one
        if type(one) is Constant and type(other) is Constant and same(one, other):
            return one
        if isinstance(one, Unknown) and one == other:
            return self._same_unknown(one, other)
        if isinstance(one, Symbol) and isinstance(other, Symbol) and one.name == other.name:
            return one
        if isinstance(one, Method) and isinstance(other, Method) and one.name == other.name:
            return Method(self.values(one.receiver, other.receiver), one.name, one.span)
        if self._made_apart(one, other) and alike(one, other):
            self._merge(one, other)
            return one
        return self.differs(one, other)

    def _same_unknown(self, one: Unknown, other: Value) -> Unknown:
        """What both do not know for the same reason; what it may be is what it may be in either."""
        if not isinstance(one, Either) or not isinstance(other, Either):
            return one
        kept = {id(each) for each in one.candidates}
        if all(id(each) in kept for each in other.candidates):
            return one
        both = either([one, other], Unknown(one.reason, one.span, one.pieces))
        if type(one) is Maybe:
            candidates = both.candidates if isinstance(both, Either) else []
            return Maybe(one.reason, one.span, one.pieces, candidates=candidates)
        return both

    def _made_apart(self, one: Any, other: Any) -> bool:
        """Whether each outcome has one of the two for itself."""
        return id(one) not in self._other and id(other) not in self._mine and bool(self._mine or self._other)

    def _merge(self, one: Any, other: Any) -> None:
        """Make one thing of two."""
        earlier = self._forward.get(id(other))
        if earlier is not None or self._merged.get(id(one), id(other)) != id(other):
            why = unknown("may be the same object as another, or not", self._span)
            for each in (one, other, earlier):
                if each is not None:
                    forget(each, why)
            return
        self._forward[id(other)], self._merged[id(one)] = one, id(other)
        if isinstance(one, Function):
            if one.scope is not other.scope and self._made_apart(one.scope, other.scope):
                self._merge(one.scope, other.scope)
            one.defaults = {name: self._one(value, other.defaults.get(name)) for name, value in one.defaults.items()}
            return
        if isinstance(one, Instance):
            self._join_arguments(one, other)
        self._join(one, contents(other))

    def _join(self, thing: Thing, held: tuple[Any, ...]) -> None:
        """Join a thing with what it, or its like, holds in the other outcome."""
        if isinstance(thing, Mapping):
            self._join_mapping(thing, *held)
        elif isinstance(thing, Sequence):
            items = [self.values(a, b) for a, b in zip(thing.items, held[0], strict=False)]
            if len(thing.items) != len(held[0]):
                thing.open = thing.open or held[1] or self.differs(thing, None)
            thing.items, thing.open = items, thing.open or held[1]
        elif isinstance(thing, Instance):
            thing.attributes = self._members(thing.attributes, held[0])
            thing.escaped = thing.escaped or held[1]
        elif isinstance(thing, UserClass):
            thing.members = self._members(thing.members, held[0])
            thing.foreign = thing.foreign or held[1]
        else:
            mine = thing.names
            thing.names = {name: self.values(mine[name], held[0][name]) for name in mine if name in held[0]}
            # A name that only one of them has bound keeps its value: the other cannot use it.
            thing.names |= {n: v for names in (mine, held[0]) for n, v in names.items() if n not in thing.names}

    def _join_mapping(self, mapping: Mapping, entries: dict[Any, Value], keys: dict[Any, Span], open_: Any) -> None:
        mine = mapping.entries
        shared = [key for key in mine if key in entries]
        mapping.entries = {key: self._entry(mine.get(key), entries.get(key)) for key in {**mine, **entries}}
        mapping.keys = {**keys, **mapping.keys}
        mapping.open = mapping.open or open_
        if shared != [key for key in entries if key in mine]:
            mapping.open = mapping.open or unknown("has an order that differs between branches", mapping.span)

    def _members(self, mine: dict[str, Value], others: dict[str, Value]) -> dict[str, Value]:
        return {name: self._one(mine.get(name), others.get(name)) for name in {**mine, **others}}

    def _one(self, one: Value | None, other: Value | None) -> Value:
        return self.values(one, other) if one is not None and other is not None else self.differs(one, other)

    def _entry(self, one: Value | None, other: Value | None) -> Value:
        """What stands under a key: in one outcome only, it may be there or not."""
        found = self._one(one, other)
        if one is not None and other is not None and not isinstance(one, Maybe) and not isinstance(other, Maybe):
            return found
        candidates = found.candidates if isinstance(found, Either) else []
        why = found if isinstance(found, Unknown) else self.differs(one, other)
        return Maybe(why.reason, why.span, why.pieces, candidates=candidates or ([] if found is why else [found]))

    def _join_arguments(self, one: Instance, other: Instance) -> None:
        a, b = one.arguments, other.arguments
        pairs = zip(a.positional, b.positional, strict=False)
        joined = [self.values(x, y) for x, y in pairs]
        if len(a.positional) != len(b.positional):
            a.open = self.differs(one, other)
        a.positional, a.keywords = joined, self._members(a.keywords, b.keywords)
        a.places, a.open = {**b.places, **a.places}, a.open or b.open

    def differs(self, one: Value | None, other: Value | None) -> Unknown:
        """The unknown that two different values become, which keeps what it may be."""
        self.told_apart = True
        spans = [span for value in (one, other) if value is not None and (span := span_of(value)) is not None]
        lines = list(dict.fromkeys(line_text(span) for span in sorted(spans)))
        where = f" at line{'s' if len(lines) > 1 else ''} {' and '.join(lines)}" if lines else ""
        choices = _choices(one, other) if self._alternatives else ()
        why = Unknown(f"differs between branches{where}", min(spans, default=self._span), choices=choices)
        return either([one, other], why)

    def _redirect(self, thing: Thing) -> None:
        """Let a thing hold what two things have become instead of the second one."""
        forward = self._forward
        if isinstance(thing, Mapping):
            thing.entries = {key: forward.get(id(value), value) for key, value in thing.entries.items()}
        elif isinstance(thing, Sequence):
            thing.items = [forward.get(id(value), value) for value in thing.items]
        elif isinstance(thing, Instance):
            given = thing.arguments
            thing.attributes = {name: forward.get(id(value), value) for name, value in thing.attributes.items()}
            given.positional = [forward.get(id(value), value) for value in given.positional]
            given.keywords = {name: forward.get(id(value), value) for name, value in given.keywords.items()}
        elif isinstance(thing, UserClass):
            thing.members = {name: forward.get(id(value), value) for name, value in thing.members.items()}
        else:
            thing.names = {name: forward.get(id(value), value) for name, value in thing.names.items()}


def _choices(*values: Value | None) -> tuple[Scalar | None, ...]:
    """All that one of some values can be; empty where that cannot be told."""
    found: dict[object, Scalar | None] = {}
    for value in values:
        if isinstance(value, Constant):
            of_value: tuple[Scalar | None, ...] = (Scalar(value.value, value.span),)
        else:
            of_value = value.choices if isinstance(value, Unknown) else ()
        if not of_value:
            return ()
        found |= {(type(each.value), each.value) if each else None: each for each in of_value}
    return tuple(found.values()) if len(found) <= MAX_CHOICES else ()


def alike(one: Any, other: Any) -> bool:
    """Whether two things can be one: of the same kind, and made at the same place if they are objects."""
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return one.kind == other.kind and (one.kind == "list" or len(one.items) == len(other.items))
    if isinstance(one, Instance) and isinstance(other, Instance):
        return one.site == other.site and one.user_class is other.user_class
    if isinstance(one, Function) and isinstance(other, Function):
        return one.node is other.node and one.receiver is other.receiver and one.owner is other.owner
    if isinstance(one, UserClass) and isinstance(other, UserClass):
        return one.span == other.span and one.bases == other.bases
    return type(one) is type(other) and isinstance(one, (Mapping, Scope))


def either(values: list[Value | None], why: Unknown) -> Unknown:
    """One of several values: with those that can change, it keeps all that it may be; None stands for no value."""
    candidates: list[Value] = []
    complete = True
    for value in values:
        if isinstance(value, Either):
            candidates += value.candidates
            complete &= value.complete
        elif isinstance(value, Unknown) or value is None:
            complete = False
        else:
            candidates.append(value)
    candidates = list({id(each): each for each in candidates}.values())
    if all(type(each) in PLAIN for each in candidates):
        return why
    if len(candidates) > MOST:
        for each in candidates:
            forget(each, why)
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates, complete=complete)


def one_of(values: list[Value], span: Span) -> Value:
    """One of some values of the same state: what all of them are, else which one cannot be told."""
    joiner = Joiner(span)
    result, *others = values
    for other in others:
        result = joiner.values(result, other)
    return result


def same(one: Constant, other: Constant) -> bool:
    """Whether two known values are the same to the SDK: 1 and True, or 1 and 1.0, are not."""
    return type(one.value) is type(other.value) and one.value == other.value

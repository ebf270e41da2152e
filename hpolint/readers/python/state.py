"""Copies of all that is known, for branches, and joining what two branches made of it."""

from __future__ import annotations

from typing import Any

from hpolint.node import Unknown
from hpolint.readers.python.units import line_text
from hpolint.readers.python.values import (
    Arguments,
    Function,
    Instance,
    Known,
    Mapping,
    Method,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    span_of,
)
from hpolint.source import Span

Memo = dict[Any, Any]


def copy_scope(scope: Scope, memo: Memo) -> Scope:
    """A copy of a scope and of everything mutable in it; what was shared stays shared."""
    if id(scope) in memo:
        found: Scope = memo[id(scope)]
        return found
    copy = Scope({}, None, set(scope.globals))
    memo[id(scope)] = copy
    copy.above = copy_scope(scope.above, memo) if scope.above is not None else None
    copy.names = {name: copy_value(value, memo) for name, value in scope.names.items()}
    return copy


def copy_value(value: Value, memo: Memo) -> Value:
    """A copy of a mutable value, the value itself otherwise."""
    if isinstance(value, Known | Unknown | Symbol):
        return value
    if id(value) in memo:
        found: Value = memo[id(value)]
        return found
    copy: Value
    if isinstance(value, Mapping):
        copy = memo[id(value)] = Mapping({}, value.span, dict(value.keys), value.open)
        copy.entries = {key: copy_value(entry, memo) for key, entry in value.entries.items()}
    elif isinstance(value, Sequence):
        copy = memo[id(value)] = Sequence(value.kind, [], value.span, value.open)
        copy.items = [copy_value(item, memo) for item in value.items]
    elif isinstance(value, Instance):
        copy = memo[id(value)] = Instance(value.cls, Arguments(), value.span, {}, value.escaped)
        if value.user_class is not None:
            cls = copy_value(value.user_class, memo)
            copy.user_class = cls if isinstance(cls, UserClass) else None
        copy.arguments = _copy_arguments(value.arguments, memo)
        copy.attributes = {name: copy_value(entry, memo) for name, entry in value.attributes.items()}
    elif isinstance(value, Function):
        copy = memo[id(value)] = Function(value.node, value.name, value.scope)
        copy.scope = copy_scope(value.scope, memo)
        copy.receiver = copy_value(value.receiver, memo) if value.receiver is not None else None
    elif isinstance(value, Method):
        copy = memo[id(value)] = Method(copy_value(value.receiver, memo), value.name, value.span)
    else:
        copy = memo[id(value)] = UserClass(value.name, {}, value.span)
        copy.members = {name: copy_value(entry, memo) for name, entry in value.members.items()}
    return copy


def _copy_arguments(arguments: Arguments, memo: Memo) -> Arguments:
    positional = [copy_value(value, memo) for value in arguments.positional]
    keywords = {name: copy_value(value, memo) for name, value in arguments.keywords.items()}
    return Arguments(positional, keywords, dict(arguments.places), arguments.open)


class Joiner:
    """Joins the two outcomes of a branch: what is equal stays known, what differs becomes unknown."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._memo: dict[tuple[int, int], Any] = {}

    def scopes(self, one: Scope, other: Scope) -> Scope:
        """One scope for both. A name that only one branch defines has that value: the other cannot use it."""
        key = (id(one), id(other))
        if key in self._memo:
            found: Scope = self._memo[key]
            return found
        joined = self._memo[key] = Scope({}, None, one.globals | other.globals)
        if one.above is not None and other.above is not None:
            joined.above = self.scopes(one.above, other.above)
        for name in {**one.names, **other.names}:
            first, second = one.names.get(name), other.names.get(name)
            joined.names[name] = self.values(first, second) if first and second else first or second  # type: ignore[assignment]
        return joined

    def values(self, one: Value, other: Value) -> Value:
        """One value for both."""
        if one is other or (isinstance(one, Known) and isinstance(other, Known) and same(one, other)):
            return one
        if isinstance(one, Unknown) and isinstance(other, Unknown) and one == other:
            return one
        if isinstance(one, Symbol) and isinstance(other, Symbol) and one.name == other.name:
            return one
        key = (id(one), id(other))
        if key not in self._memo:
            self._memo[key] = self._structures(one, other, key)
        found: Value = self._memo[key]
        return found

    def _structures(self, one: Value, other: Value, key: tuple[int, int]) -> Value:
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            mapping = self._memo[key] = Mapping({}, one.span, {**other.keys, **one.keys}, one.open or other.open)
            for name in {**one.entries, **other.entries}:
                mapping.entries[name] = self._entry(one.entries.get(name), other.entries.get(name))
            return mapping
        if isinstance(one, Sequence) and isinstance(other, Sequence):
            return self._sequences(one, other, key)
        if isinstance(one, Instance) and isinstance(other, Instance) and one.site == other.site:
            return self._instances(one, other, key)
        if isinstance(one, Function) and isinstance(other, Function) and one.node is other.node:
            function = self._memo[key] = Function(one.node, one.name, self.scopes(one.scope, other.scope))
            if one.receiver is not None and other.receiver is not None:
                function.receiver = self.values(one.receiver, other.receiver)
            return function
        if isinstance(one, UserClass) and isinstance(other, UserClass) and one.span == other.span:
            cls = self._memo[key] = UserClass(one.name, {}, one.span)
            for name in {**one.members, **other.members}:
                cls.members[name] = self._entry(one.members.get(name), other.members.get(name))
            return cls
        if isinstance(one, Method) and isinstance(other, Method) and one.name == other.name:
            return Method(self.values(one.receiver, other.receiver), one.name, one.span)
        return self.differs(one, other)

    def _entry(self, one: Value | None, other: Value | None) -> Value:
        """A member: in one branch only, it may be there or not."""
        if one is not None and other is not None:
            return self.values(one, other)
        return self.differs(one, other)

    def _sequences(self, one: Sequence, other: Sequence, key: tuple[int, int]) -> Value:
        if one.kind != other.kind or len(one.items) != len(other.items):
            return self.differs(one, other)
        sequence = self._memo[key] = Sequence(one.kind, [], one.span, one.open or other.open)
        sequence.items = [self.values(a, b) for a, b in zip(one.items, other.items, strict=True)]
        return sequence

    def _instances(self, one: Instance, other: Instance, key: tuple[int, int]) -> Value:
        escaped = one.escaped or other.escaped
        instance = self._memo[key] = Instance(one.cls, Arguments(), one.span, {}, escaped)
        if one.user_class is not None and other.user_class is not None:
            cls = self.values(one.user_class, other.user_class)
            instance.user_class = cls if isinstance(cls, UserClass) else one.user_class
        a, b = one.arguments, other.arguments
        instance.arguments.positional = [self._entry(x, y) for x, y in zip(a.positional, b.positional, strict=False)]
        for name in {**a.keywords, **b.keywords}:
            instance.arguments.keywords[name] = self._entry(a.keywords.get(name), b.keywords.get(name))
        instance.arguments.places = {**b.places, **a.places}
        instance.arguments.open = a.open or b.open
        if len(a.positional) != len(b.positional):
            instance.arguments.open = self.differs(one, other)
        for name in {**one.attributes, **other.attributes}:
            instance.attributes[name] = self._entry(one.attributes.get(name), other.attributes.get(name))
        return instance

    def differs(self, one: Value | None, other: Value | None) -> Unknown:
        """The unknown that two different values become."""
        spans = [span for value in (one, other) if value is not None and (span := span_of(value)) is not None]
        lines = list(dict.fromkeys(line_text(span) for span in sorted(spans)))
        where = f" at line{'s' if len(lines) > 1 else ''} {' and '.join(lines)}" if lines else ""
        return Unknown(f"differs between branches{where}", min(spans, default=self._span))


def same(one: Known, other: Known) -> bool:
    """Whether two known values are the same to the SDK: 1 and True, or 1 and 1.0, are not."""
    return type(one.value) is type(other.value) and one.value == other.value

"""A call of a function of R itself: its arguments as they are passed, and by the names of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Constant, Value
from hpolint.readers.r import r_values as values

if TYPE_CHECKING:
    from hpolint.readers.r.r_interpreter import RInterpreter


class Passed(msgspec.Struct, frozen=True):
    """An argument of a call: its name or None, its value, and its place. ``is_open``: it may be any number of them."""

    name: str | None
    value: Value
    place: Span
    is_open: bool = False


class Given(msgspec.Struct, frozen=True):
    """A call of a function of R itself."""

    interpreter: RInterpreter
    passed: list[Passed]
    span: Span

    def unnamed(self) -> list[Value] | None:
        """The values if no argument has a name."""
        if any(argument.name is not None for argument in self.passed):
            return None
        return [argument.value for argument in self.passed]

    def only(self) -> Value | None:
        """The value of the only argument, without a name; None for other calls."""
        is_single = len(self.passed) == 1 and self.passed[0].name is None
        return self.passed[0].value if is_single else None

    def pair(self) -> tuple[Value, Value] | None:
        """The values of the two arguments, without names; None for other calls."""
        unnamed = self.unnamed()
        if unnamed is None or len(unnamed) != 2:
            return None
        first, second = unnamed
        return first, second

    def elements(self) -> list[Constant] | None:
        """The elements of the only argument, an atomic vector; None for other calls."""
        value = self.only()
        return None if value is None else values.elements(value)

    def of(self, *values_: Value) -> Given:
        """A call with other arguments, at the same place."""
        return Given(self.interpreter, [Passed(None, value, self.span) for value in values_], self.span)

    def bound(self, *formals: str) -> dict[str, Value] | None:
        """The values by the names of the parameters; None for a call that does not fit them exactly."""
        named = {argument.name: argument.value for argument in self.passed if argument.name is not None}
        unnamed = [argument.value for argument in self.passed if argument.name is None]
        has_equal_names = len(named) + len(unnamed) < len(self.passed)
        if has_equal_names or not set(named) <= set(formals):
            return None
        free = [name for name in formals if name not in named]
        if len(unnamed) > len(free):
            return None
        return {**dict(zip(free, unnamed, strict=False)), **named}


Handler = Callable[[Given], Value | None]
"""A function of R; it gives None for what it does not know exactly."""


def number_of(value: Value | None) -> int | float | None:
    """The number of a scalar; None for any other value."""
    if not isinstance(value, Constant) or isinstance(value.value, bool | str):
        return None
    return value.value

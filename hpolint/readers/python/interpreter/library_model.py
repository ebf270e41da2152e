"""The interpreter's interface to a model of the libraries that a source imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.trail import Trail
from hpolint.readers.python.interpreter.values import Arguments, Function, Instance, Mapping, Method, UserClass, Value

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.calls import Site


class LibraryModel:
    """A model of libraries. If a method returns None, the interpreter takes the result for unknown.

    This one knows no library. ``turned_off_depth``, ``uncalled_depth`` and ``guarded_depth`` count the turned-off
    branches, uncalled functions and `try` statements with a handler around the current statement, and ``trail`` is the
    way to it. ``skipped_functions`` are the names of those of which a call was not interpreted. ``expecting_depth``
    counts the blocks around it whose errors the source expects, ``expecting_blocks`` are the places of all of them.
    """

    trail: Trail
    skipped_functions: set[str]
    expecting_blocks: set[Span]
    expecting_depth = 0
    turned_off_depth = 0
    guarded_depth = 0
    uncalled_depth = 0

    def is_read_only(self, module: str) -> bool:  # noqa: ARG002
        """Whether the functions of a top-level module leave the dicts and lists in their arguments unchanged."""
        return False

    def exports(self, module: str) -> Sequence[str] | None:  # noqa: ARG002
        """The names that ``from module import *`` binds; none for a library that sets no setting of the source.

        None if the module is not known: it may bind any name.
        """
        return ()

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of calling an imported object, by its full name."""

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of a method of a value, if the method is not defined in this source."""

    def applied(self, function: Value, span: Span) -> None:
        """Note the call of a value at a place, which may be interpreted several times."""

    def loops_around(self, function: Function) -> int | None:  # noqa: ARG002
        """The number of loops in which a library certainly calls a function that the source never calls.

        None if no library is certain to call it.
        """
        return None

    def attribute(self, instance: Instance, name: str) -> Value | None:
        """An attribute that an instance's constructor arguments determine."""

    def assigned(self, instance: Instance, value: Value) -> Value:  # noqa: ARG002
        """The value that an instance stores if a value is assigned to an attribute."""
        return value

    def is_copied(self, instance: Instance) -> bool:  # noqa: ARG002
        """Whether a shallow copy of an instance shares no state with the original."""
        return True

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:
        """Note that an item of a value (under ``index``) is read or set: the value may be changed through it."""

    def extends(self, name: str) -> bool:  # noqa: ARG002
        """Whether a class of the source with this imported class as its only base is treated as that class."""
        return False

    def paused(self) -> None:
        """Note that other code may run, or time pass, before the next statement."""

    def patched(self, name: str, span: Span) -> None:
        """Note that a member of an imported object, by its full name, is replaced."""

    def passed(self, method: Method, arguments: Arguments, callee: Span) -> None:
        """Note that a method is an argument of a call, which may call it with the other arguments."""

    def instantiated(self, cls: UserClass, arguments: Arguments, place: Span) -> None:
        """Note a call at ``place`` of a class that is defined in the source or in a module that it imports."""

    def handed(self, function: Value, arguments: Arguments, site: Site) -> None:
        """Note a call of a function that the source does not define."""

    def result_known(self, function: Value, arguments: Arguments, result: Value) -> None:
        """Note the result of such a call."""

    def returned(self, value: Value, function: str) -> None:
        """Note what a function returns that the source never calls."""

    def shown(self, values: Sequence[Value]) -> None:
        """Note values that are compared, formatted or shown."""

    def attribute_read(self, receiver: Value, name: str, span: Span) -> None:
        """Note that an attribute of a value is read by its name."""

    def variable_read(self, name: Value, span: Span) -> None:
        """Note that a function of `os` reads the environment variable with a name, which may be missing."""

    def formatted(self, value: Value, span: Span) -> None:
        """Note a value that an f-string turns into text."""

    def combined(self, operands: Sequence[Value], operator: ast.operator | ast.cmpop, span: Span) -> None:
        """Note the two values of an operator."""

    def keyed(self, mapping: Mapping, key: Value, span: Span) -> None:
        """Note a dict's key that is not known."""

    def scope_ends(self, values: list[Value]) -> None:
        """Note the values that a scope holds at its end."""

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:
        """Note a call of a logger or a tracker; ``name`` is the callee as written."""

    def undefined_name_read(self, name: str, span: Span) -> None:
        """Note the read of a name that is not bound."""

    def not_imported(self, name: str) -> str | None:  # noqa: ARG002
        """The full name of what a name that is not bound stands for, if its import was forgotten."""
        return None

    @contextmanager
    def turned_off(self) -> Iterator[None]:
        """A context around the interpretation of a branch that a switch in the source turns off."""
        self.turned_off_depth += 1
        yield
        self.turned_off_depth -= 1

    @contextmanager
    def uncalled(self) -> Iterator[None]:
        """A context around the interpretation of a function that is never called."""
        self.uncalled_depth += 1
        yield
        self.uncalled_depth -= 1

    @contextmanager
    def guarded(self, block: Span, *, is_expecting: bool) -> Iterator[None]:
        """A context around the interpretation of a block whose errors are handled.

        ``is_expecting``: the source expects them, so that it goes on in another way.
        """
        self.guarded_depth += 1
        self.expecting_depth += is_expecting
        if is_expecting:
            self.expecting_blocks.add(block)
        yield
        self.guarded_depth -= 1
        self.expecting_depth -= is_expecting

"""What the interpreter asks about libraries that a source imports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Instance, Value


class LibraryModel(Protocol):
    """A model of libraries. Where it returns None, the interpreter takes the result for unknown."""

    def is_read_only(self, module: str) -> bool:
        """Whether the functions of a top-level module change none of the dicts and lists that they are given."""

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """What a call of something imported gives, by its full name."""

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """What a method of an object gives that is not of this source."""

    def attribute(self, instance: Instance, name: str) -> Value | None:
        """An object's attribute that its arguments tell."""

    def assigned(self, instance: Instance, value: Value) -> Value:
        """What an object keeps of a value that is assigned to an attribute."""

    def copied(self, instance: Instance) -> bool:
        """Whether a shallow copy of an object is an object of its own."""

    def reached_into(self, value: Value, span: Span, index: Value | None = None) -> None:
        """An item (under ``index``) or a method of a value is used: it may be changed from now on."""

    def extends(self, name: str) -> bool:
        """Whether a class of the source whose only base is this imported one counts as it."""

    def scope_ends(self, values: list[Value]) -> None:
        """Some values are all that a scope leaves behind."""

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:
        """A logger or a tracker is given something; ``name`` is how the call is written."""

    def missing(self, name: str, span: Span) -> None:
        """A name is read that nothing before it has bound."""

    def turned_off(self) -> AbstractContextManager[None]:
        """A branch is followed that a switch in the text turns off."""

    def uncalled(self) -> AbstractContextManager[None]:
        """A function is followed that nobody calls."""


class NoLibraries:
    """Libraries of which nothing is known: what is imported stays unknown.

    ``turned_off_depth`` and ``uncalled_depth`` count the branches and functions around what is interpreted now.
    """

    turned_off_depth = 0
    uncalled_depth = 0

    def is_read_only(self, module: str) -> bool:  # noqa: ARG002
        """No module is known to be."""
        return False

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:  # noqa: ARG002
        """Nothing."""
        return None

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:  # noqa: ARG002
        """Nothing."""
        return None

    def attribute(self, instance: Instance, name: str) -> Value | None:  # noqa: ARG002
        """Nothing."""
        return None

    def assigned(self, instance: Instance, value: Value) -> Value:  # noqa: ARG002
        """The value itself."""
        return value

    def copied(self, instance: Instance) -> bool:  # noqa: ARG002
        """An object of its own."""
        return True

    def reached_into(self, value: Value, span: Span, index: Value | None = None) -> None:
        """Nothing happens."""

    def extends(self, name: str) -> bool:  # noqa: ARG002
        """No class does."""
        return False

    def scope_ends(self, values: list[Value]) -> None:
        """Nothing happens."""

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:
        """Nothing happens."""

    def missing(self, name: str, span: Span) -> None:
        """Nothing is noted."""

    @contextmanager
    def turned_off(self) -> Iterator[None]:
        """Count a branch that a switch in the text turns off."""
        self.turned_off_depth += 1
        yield
        self.turned_off_depth -= 1

    @contextmanager
    def uncalled(self) -> Iterator[None]:
        """Count a function that nobody calls."""
        self.uncalled_depth += 1
        yield
        self.uncalled_depth -= 1

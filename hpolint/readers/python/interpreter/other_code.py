"""What other code may change while some code is suspended: to that code, and only to it, these values are unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.model.node import Unknown
from hpolint.readers.python.interpreter.forgetting import forget_change
from hpolint.readers.python.interpreter.state import (
    CONTENTS,
    COPY_CONTENTS,
    MutableObject,
    Snapshot,
    named_parts,
    put,
    write_contents,
)
from hpolint.readers.python.interpreter.syntax_facts import Change
from hpolint.readers.python.interpreter.values import Function, Instance, Mapping, Scope, Sequence, UserClass

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


class Block(msgspec.Struct, eq=False):
    """The statements of a block that is interpreted, its scope and the index of the current statement."""

    statements: list[ast.stmt]
    scope: Scope
    index: int = 0


def other_code(interpreter: Interpreter, blocks: Iterable[Block], functions: Iterable[Function]) -> OtherCode:
    """The code from the current statements of some blocks on, some functions, and all functions that these may call."""
    code = OtherCode()
    trees = interpreter.trees
    called: set[str] = set()
    for block in blocks:
        statements = block.statements[block.index :]
        code.changes += [(block.scope, change) for change in trees.all_changes(statements) if change.is_certain]
        called |= trees.calls_in(statements)
    for function in interpreter.skipped_call_effects.callees(functions, called, interpreter.defined):
        code.add_function(function, trees.effects(function.node).changes, trees.effects(function.node).outer)
    return code


class Hidden(msgspec.Struct, eq=False):
    """A part of an object that other code may change: its value, and the unknown one that hides it."""

    object_: MutableObject
    name: Any
    value: Any
    marker: Any = None


class OtherCode(msgspec.Struct, eq=False):
    """The changes of other code: by a name in a scope, or of a parameter's attributes and items by their names."""

    changes: list[tuple[Scope, Change]] = msgspec.field(default_factory=list)
    parts: set[tuple[str, Any]] = msgspec.field(default_factory=set)
    hidden: dict[tuple[int, Any], Hidden] = msgspec.field(default_factory=dict)

    def add_function(self, function: Function, changes: list[Change], outer: frozenset[str]) -> None:
        """Add what a function changes outside of its own names."""
        arguments = function.node.args
        parameters = {parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        bound = {change.name for change in changes if not change.steps and not change.whole}
        for change in changes:
            if not change.is_certain:
                continue
            if change.name in parameters:
                self.parts |= set(change.steps[-1:])
            elif change.name in outer or change.name not in bound:
                self.changes.append((function.scope, change))

    def hide(self, before: Snapshot, why: Unknown) -> None:
        """Make unknown what the code may have changed by now. ``before`` is a snapshot of the current state."""
        for scope, change in self.changes:
            forget_change(scope, change, why)
        for object_, _ in before.contents.values():
            if isinstance(object_, Mapping | Instance | UserClass):
                kind = "item" if isinstance(object_, Mapping) else "attribute"
                parts = named_parts(object_)
                for name in list(parts):
                    if (kind, name) in self.parts:
                        parts[name] = why
        for object_, copied in before.contents.values():
            if CONTENTS[type(object_)](object_) != copied:
                self._note(object_, copied)

    def _note(self, object_: MutableObject, copied: tuple[Any, ...]) -> None:
        if isinstance(object_, Sequence):
            self._hide(object_, None, copied, COPY_CONTENTS[Sequence](object_))
            return
        if isinstance(object_, Mapping):
            self._hide(object_, Mapping, copied[2], object_.open)
        for name, marker in named_parts(object_).items():
            if copied[0].get(name) is not marker:
                self._hide(object_, name, copied[0].get(name), marker)

    def _hide(self, object_: MutableObject, name: Any, value: Any, marker: Any) -> None:
        hidden = self.hidden.setdefault((id(object_), name), Hidden(object_, name, value))
        if hidden.marker is None or hidden.marker != value:
            hidden.value = value
        hidden.marker = marker

    def is_hidden(self, object_: MutableObject, name: Any, value: Any) -> bool:
        """Whether a value is only the unknown one that hides another."""
        hidden = self.hidden.get((id(object_), name))
        return hidden is not None and hidden.marker == value

    def show(self) -> None:
        """Put the values back that are still hidden."""
        for hidden in self.hidden.values():
            object_, name = hidden.object_, hidden.name
            if isinstance(object_, Sequence):
                if COPY_CONTENTS[Sequence](object_) == hidden.marker:
                    write_contents(object_, hidden.value)
            elif name is Mapping:
                if isinstance(object_, Mapping) and object_.open == hidden.marker:
                    object_.open = hidden.value
            elif named_parts(object_).get(name) == hidden.marker:
                put(named_parts(object_), name, hidden.value)

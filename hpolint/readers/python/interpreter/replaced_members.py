"""Members that ``unittest.mock`` and pytest replace for a time.

Within a ``with`` statement a member has the value that replaces it. Elsewhere it is not known when the replacement
begins and ends, so the member is unknown from the call on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.operators import aliases, forget
from hpolint.readers.python.interpreter.state import Snapshot, named_parts, put
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    is_own,
    present,
    returned_by,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

PATCHES = {
    f"{module}.patch{kind}": f"patch{kind}"
    for module in ("unittest.mock", "mock")
    for kind in ("", ".object", ".multiple", ".dict")
}
"""The functions that replace members, by their full names."""

FIXTURE_PATCHES = {
    "setattr": "patch.object",
    "patch": "patch",
    "object": "patch.object",
    "multiple": "patch.multiple",
}
"""Methods of pytest's fixtures `monkeypatch` and `mocker.patch` that do the same."""

OPTIONS = frozenset({"target", "spec", "create", "spec_set", "autospec", "new_callable"})
"""The parameters of ``patch.multiple``; each other keyword is a member."""

Owner = Scope | UserClass | Instance
"""What has members that can be replaced."""


class Replacement(msgspec.Struct, eq=False):
    """A member, its value before and the value that replaces it."""

    owner: Owner
    name: str
    before: Value | None
    new: Value

    def put(self, value: Value | None, snapshots: Iterable[Snapshot] = ()) -> None:
        """Set the member, now and in some snapshots; None removes it."""
        put(named_parts(self.owner), self.name, value)
        for snapshot in snapshots:
            snapshot.put(self.owner, self.name, value)

    def may_be_replaced(self, why: Unknown) -> Unknown:
        """The value of the member while it is not known which one it has."""
        return aliases(present([self.before, self.new]), why)


class Patcher(msgspec.Struct, eq=False):
    """What a call that replaces members returns.

    ``exits`` are the states, by their ids, at which its ``with`` block was left too early when it was entered.
    ``is_reused``: it has a name, so it may replace the members again.
    """

    value: Unknown
    why: Unknown
    replacements: list[Replacement]
    exits: set[int] = msgspec.field(default_factory=set)
    is_reused: bool = False


class ReplacedMembers:
    """The replacements that were made so far, by the patchers that the calls returned."""

    def __init__(self) -> None:
        self._patchers: dict[int, Patcher] = {}

    def call(self, interpreter: Interpreter, function: Value, arguments: Arguments, span: Span) -> Value | None:
        """Call a function that replaces members: they are unknown from now on. None for any other function."""
        kind = _kind(function, arguments)
        if kind is None:
            return None
        why = unknown(f"may be replaced by `{kind}()`", span)
        replacements = _Call(interpreter, arguments, why).replacements(kind)
        for replacement in replacements:
            replacement.put(replacement.may_be_replaced(why))
        value = returned_by(kind, span)
        self._patchers[id(value)] = Patcher(value, why, replacements)
        return value

    def enter(self, interpreter: Interpreter, manager: Value, span: Span) -> None:
        """Replace the members at the beginning of a ``with`` block, for an expression at ``span``."""
        patcher = self._patchers.get(id(manager))
        if patcher is None:
            return
        patcher.is_reused = patcher.value.span != span
        patcher.exits = {id(snapshot) for snapshot in _exits(interpreter)}
        for replacement in patcher.replacements:
            replacement.put(replacement.new)

    def leave(self, interpreter: Interpreter, manager: Value, *failed: Snapshot) -> None:
        """Put the members back at the end of the block, also where a statement or an exception has left it before."""
        patcher = self._patchers.get(id(manager))
        if patcher is None:
            return
        exits = [snapshot for snapshot in _exits(interpreter) if id(snapshot) not in patcher.exits]
        exits += failed
        for replacement in patcher.replacements:
            value: Value | None = replacement.before
            if patcher.is_reused:
                value = replacement.may_be_replaced(patcher.why)
            replacement.put(value, exits)


def _exits(interpreter: Interpreter) -> list[Snapshot]:
    """The states at which a statement has left the function or the loop around the current statement."""
    exits: list[Snapshot] = []
    if interpreter.returns:
        exits += interpreter.returns[-1]
    if interpreter.loop_exits:
        exits += interpreter.loop_exits[-1].breaks
        exits += interpreter.loop_exits[-1].continues
    return exits


def _kind(function: Value, arguments: Arguments) -> str | None:
    if isinstance(function, Symbol):
        return PATCHES.get(function.name)
    if not isinstance(function, Method) or function.name not in FIXTURE_PATCHES:
        return None
    kind = FIXTURE_PATCHES[function.name]
    target = text_of(arguments.at(0))
    if function.name == "setattr":
        is_fixture = isinstance(function.receiver, Unknown)
        kind = "patch" if target is not None else kind
    elif function.name == "patch":
        is_fixture = isinstance(function.receiver, Unknown) and target is not None
    else:
        is_fixture = isinstance(function.receiver, Method) and function.receiver.name == "patch"
    return kind if is_fixture else None


class _Call(msgspec.Struct):
    """One call of a function that replaces members."""

    interpreter: Interpreter
    arguments: Arguments
    why: Unknown

    def replacements(self, kind: str) -> list[Replacement]:
        """The members that the call replaces. What is no member of this source's objects is forgotten at once."""
        target = self._argument(0, "target")
        if kind == "patch":
            return self._by_text(target, self._argument(1, "new"))
        if kind == "patch.object":
            attribute = self._argument(1, "attribute")
            return self._of_object(target, text_of(attribute), self._argument(2, "new"))
        if kind == "patch.multiple":
            replacements: list[Replacement] = []
            for name, value in self.arguments.keywords.items():
                if name not in OPTIONS:
                    replacements += self._of_object(target, name, value)
            return replacements
        self._forget_dict(self._argument(0, "in_dict"))
        return []

    def _argument(self, index: int, name: str) -> Value:
        return self.arguments.at(index) or self.arguments.keywords.get(name) or self.why

    def _by_text(self, target: Value, new: Value) -> list[Replacement]:
        """The members that a text with dots names: all with its last name if their owner cannot be told."""
        path = text_of(target)
        if path is not None:
            owner_path, _, name = path.rpartition(".")
            return [self._member(owner, name, new) for owner in self._owners(owner_path)]
        end = ""
        if isinstance(target, Unknown) and target.pieces:
            end = target.pieces[-1] or ""
        _, dot, name = end.rpartition(".")
        owners: list[Owner] = [*self._modules(), *self.interpreter.classes]
        if not dot:
            for owner in owners:
                self._forget_data(owner)
            return []
        return [self._member(owner, name, new) for owner in owners if name in named_parts(owner)]

    def _of_object(self, target: Value, name: str | None, new: Value) -> list[Replacement]:
        """The members with a name; every member of the target is forgotten if the name is not known."""
        owners = self._named_owners(target)
        if name is not None:
            if not owners and not isinstance(target, Symbol):
                self.interpreter.set_attribute(target, name, self.why, self.why.span)
            return [self._member(owner, name, new) for owner in owners]
        for owner in owners:
            self._forget_data(owner)
        return []

    def _named_owners(self, target: Value) -> list[Owner]:
        path = text_of(target)
        if path is not None:
            return self._owners(path)
        return present([self._owner(target)])

    @staticmethod
    def _member(owner: Owner, name: str, new: Value) -> Replacement:
        return Replacement(owner, name, named_parts(owner).get(name), new)

    def _modules(self) -> list[Scope]:
        return [self.interpreter.scope.outermost(), *self.interpreter.imports.scopes()]

    def _owner(self, value: Value) -> Owner | None:
        """The object with the members of a value; None if its members are not known."""
        if isinstance(value, Symbol):
            return self.interpreter.imports.known_scope(value.name)
        return value if isinstance(value, UserClass) or is_own(value) else None

    def _owners(self, path: str) -> list[Owner]:
        """What a path names: a module by its end, or a class or object in one."""
        owners: list[Owner] = []
        names = path.split(".")
        for length in range(1, len(names) + 1):
            for module in self._modules_called(names[:length]):
                owners += present([self._below(module, names[length:])])
        return owners

    def _modules_called(self, names: list[str]) -> list[Scope]:
        """The interpreted modules whose path may be ``names``: the one ends like the other."""
        modules: list[Scope] = []
        for module, scope in self.interpreter.imports.named_scopes().items():
            parts = module.lstrip(".").split(".")
            shared = min(len(parts), len(names))
            if parts[-shared:] == names[-shared:]:
                modules.append(scope)
        path = PurePath(self.interpreter.unit.source.name)
        own_name = path.parent.name if path.stem == "__init__" else path.stem
        if names[-1] in ("__main__", own_name):
            modules.append(self.interpreter.scope.outermost())
        return modules

    def _below(self, owner: Owner, names: list[str]) -> Owner | None:
        for name in names:
            value = named_parts(owner).get(name)
            below = None if value is None else self._owner(value)
            if below is None:
                return None
            owner = below
        return owner

    def _forget_data(self, owner: Owner) -> None:
        """Make every member of an owner unknown that is no function, class or module."""
        members = named_parts(owner)
        for name, value in list(members.items()):
            if isinstance(value, Constant | Mapping | Sequence | Instance | Unknown):
                forget(value, self.why)
                members[name] = aliases([value], self.why)

    def _forget_dict(self, target: Value) -> None:
        path = text_of(target)
        if path is None:
            forget(target, self.why)
            return
        owner_path, _, name = path.rpartition(".")
        for owner in self._owners(owner_path):
            value = named_parts(owner).get(name)
            if value is not None and not isinstance(value, Function):
                forget(value, self.why)

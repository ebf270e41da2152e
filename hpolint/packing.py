"""What came of a file, as bytes: for another process, or another run.

A rule is packed as its name where the other side has the same rules. Unpacking makes our own plain values and nothing
else: bytes that name anything but those cannot be unpacked, whoever wrote them.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hpolint.rule import Rule

if TYPE_CHECKING:
    from hpolint.outcome import Outcome

Packed = bytes

MODULES = frozenset(
    {"baseline", "code", "finding", "fix", "job", "node", "observations", "outcome", "readers.python.notebook", "rule"}
    | {"script", "settings", "source", "spelling", "suppressing.entries", "suppression", "wording"}
)
"""Those whose classes a file's outcome is made of: they hold values, and do nothing when they are made."""

OTHERS = frozenset(
    {("builtins", "set"), ("builtins", "frozenset"), ("collections", "Counter"), ("datetime", "date")}
    | {("hpolint.reasons", "_made"), ("hpolint.reasons", "_part")}
)


def named(_name: str) -> Rule:
    """A rule by its name: only an unpacker knows which."""
    raise NotImplementedError


class _Packer(pickle.Pickler):
    """Packs the rules that the other side has as their names, and others whole."""

    def __init__(self, file: io.BytesIO, rules: Mapping[str, Rule]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._rules = rules
        self.dispatch_table = copyreg.dispatch_table | {Rule: self._rule}

    def _rule(self, rule: Rule) -> Any:
        if self._rules.get(rule.id) is rule:
            return named, (rule.id,)
        return rule.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


class _Unpacker(pickle.Unpickler):
    def __init__(self, data: Packed, rules: Mapping[str, Rule]) -> None:
        super().__init__(io.BytesIO(data))
        self._rules = rules

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the bytes stands for. Raises UnpicklingError for what is no plain value of ours."""
        if (module, name) == (__name__, named.__name__):
            return self._rules.__getitem__
        if (module, name) in OTHERS:
            return super().find_class(module, name)
        if module.removeprefix("hpolint.") in MODULES and module.startswith("hpolint."):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def packed(outcome: Outcome, rules: Mapping[str, Rule]) -> Packed:
    """An outcome as bytes, for whoever has those rules, by their names. Raises what pickling raises."""
    file = io.BytesIO()
    _Packer(file, rules).dump(outcome)
    return file.getvalue()


def unpacked(data: Packed, rules: Mapping[str, Rule]) -> Outcome:
    """The outcome that was packed with the same rules. Raises what unpickling raises for bytes that are none."""
    outcome: Outcome = _Unpacker(data, rules).load()
    return outcome

"""The names of the request's members in a source: rules use the API's names, an SDK's arguments have others."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from hpolint.io.escaping import LONG, brief
from hpolint.model.message_parts import Member
from hpolint.model.node import Path, ScalarValue
from hpolint.model.stored import Stored

PYTHON = {"true": "True", "false": "False", "null": "None"}
R = {"true": "TRUE", "false": "FALSE", "null": "NULL"}


class Gaps(Stored, frozen=True):
    """Members of the API that a form cannot set: ``members``, by the shape of their structure.

    ``why`` is the clause that says what happens to such a member, such as "`tune()` does not send it"; ``instead`` is a
    sentence with another way to set it.
    """

    members: Mapping[str, tuple[str, ...]]
    why: str
    instead: str


class Spelling(Stored, frozen=True):
    """A source's spelling of the request's members.

    ``names`` are the members with other names than the API's; a key ``Parent.Member`` applies to that parent only,
    because several structures have a ``Type``. ``sign`` is between a member and its value, ``words`` are the source's
    own words for true, false and null, ``is_quoted`` is set if a member's name is a string. ``nearby`` are the names
    for one place, from ``at``. ``beside`` maps a member to the sibling structure in which the source writes it.
    ``made`` maps a structure that is an object in the source to the modules that have its class, which has the
    structure's name. ``gaps`` are the members that the form cannot set.
    """

    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    sign: str = "="
    words: Mapping[str, str] = msgspec.field(default_factory=lambda: PYTHON)
    is_quoted: bool = False
    nearby: Mapping[str, str] = msgspec.field(default_factory=dict)
    beside: Mapping[str, str] = msgspec.field(default_factory=dict)
    made: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    gaps: Gaps | None = None

    def at(self, path: Path) -> Spelling:
        """The spelling for the value at a path, whose parent decides between members of the same name."""
        steps = [step for step in path if isinstance(step, str)]
        own = self.names.get(".".join(steps[-2:]))
        return replace(self, nearby={steps[-1]: own}) if own is not None else self

    def name(self, member: str) -> str:
        """A member's name in the source, with the index of an item if it has one: ``Values[0]``."""
        name, bracket, index = member.partition("[")
        last = name.rpartition(".")[2]
        found = self.names.get(name) if last != name else self.nearby.get(name)
        return (found or self.names.get(last, last)) + bracket + index

    def value(self, name: str, value: ScalarValue) -> str:
        """A member with its value, as written in the source."""
        shown_name = brief(self.name(name), LONG)
        if self.is_quoted and not self.is_r:
            shown_name = f'"{shown_name}"'
        elif not self.words and self.sign == ": " and _needs_no_quotes(value):
            return f"{shown_name}{self.sign}{value}"
        sign = " = " if self.is_r else self.sign
        return f"{shown_name}{sign}{self.written(value)}"

    @property
    def is_r(self) -> bool:
        """Whether the source is R, in which ``1`` is no integer and a structure is a ``list(name = value)``."""
        return self.words == R

    def written(self, value: ScalarValue) -> str:
        """A value as written in the source."""
        text = brief(json.dumps(value, ensure_ascii=False), LONG)
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        return f"{text}L" if self.is_r and is_integer else self.words.get(text, text)

    def member(self, member: Member) -> str:
        """A member in backticks, for a sentence."""
        name = member.name if member.index is None else f"{member.name}[{member.index}]"
        return f"`{self.value(name, member.value)}`" if member.is_given else f"`{self.name(name)}`"


def _needs_no_quotes(value: ScalarValue) -> bool:
    """Whether every version of YAML parses an unquoted word as a string."""
    return isinstance(value, str) and value.isalpha() and value.lower() not in BOOLEAN_WORDS


BOOLEAN_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})

API = Spelling(sign=": ", words={})
YAML = Spelling(sign=": ", words={})
JSON = Spelling(sign=": ", words={}, is_quoted=True)
DICT = Spelling(sign=": ", is_quoted=True)
HCL = Spelling(sign=" = ", words={})
"""The API's own names in YAML, JSON, a Python dict and HCL; ``API`` until the syntax is known."""

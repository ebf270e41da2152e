"""How a source spells the members of a request: a rule names the API's, an SDK's arguments have other names."""

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


class Gaps(Stored, frozen=True):
    """Members of the API that a form has no place for: ``members``, by the shape of the structure that they belong to.

    ``why`` says what becomes of one that is written all the same, and goes on after the member's name; ``instead`` is
    a sentence that says how else the job can have it.
    """

    members: Mapping[str, tuple[str, ...]]
    why: str
    instead: str


class Spelling(Stored, frozen=True):
    """How a source spells the members of a request, for those that it spells otherwise than the API.

    A key ``Parent.Member`` is for the member of that parent alone: several have a ``Type``. ``sign`` stands between
    a member and its value; ``words`` are the source's own for true, false and null; ``is_quoted`` if a member's name
    is a string there. ``nearby`` are the names that count where something is said of one place. ``beside`` says of
    members in which structure beside their own the source writes them, ``made`` of structures that are objects of their
    own there the modules that have their class, which is called as they are. ``gaps`` are the members that it has no
    place for.
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
        """The spelling for what is said of the value at a path: its parent tells which member of its name it is."""
        steps = [step for step in path if isinstance(step, str)]
        own = self.names.get(".".join(steps[-2:]))
        return replace(self, nearby={steps[-1]: own}) if own is not None else self

    def name(self, member: str) -> str:
        """A member's name, with the index of an item where it has one: ``Values[0]``."""
        name, bracket, index = member.partition("[")
        last = name.rpartition(".")[2]
        found = self.names.get(name) if last != name else self.nearby.get(name)
        return (found or self.names.get(last, last)) + bracket + index

    def value(self, name: str, value: ScalarValue) -> str:
        """A member with its value, as the source would give it."""
        text = brief(json.dumps(value, ensure_ascii=False), LONG)
        spelt = brief(self.name(name), LONG)
        if self.is_quoted:
            spelt = f'"{spelt}"'
        elif not self.words and self.sign == ": " and _needs_no_quotes(value):
            text = str(value)
        return f"{spelt}{self.sign}{self.words.get(text, text)}"

    def member(self, member: Member) -> str:
        """A member within a sentence."""
        name = member.name if member.index is None else f"{member.name}[{member.index}]"
        return f"`{self.value(name, member.value)}`" if member.is_given else f"`{self.name(name)}`"


def _needs_no_quotes(value: ScalarValue) -> bool:
    """Whether YAML takes a word for a string, in each of its versions."""
    return isinstance(value, str) and value.isalpha() and value.lower() not in BOOLEAN_WORDS


BOOLEAN_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})

API = Spelling(sign=": ", words={})
YAML = Spelling(sign=": ", words={})
JSON = Spelling(sign=": ", words={}, is_quoted=True)
DICT = Spelling(sign=": ", is_quoted=True)
HCL = Spelling(sign=" = ", words={})
"""The API's own names, as YAML, JSON, a Python dict and HCL have them; ``API`` until that is known."""

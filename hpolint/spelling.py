"""Messages in the source's own spelling: a rule names the API's members, an SDK's arguments have other names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hpolint.node import Path, ScalarValue
from hpolint.printing import LONG, brief

CODE = re.compile(r"(`[^`]*`)")
NAMED = re.compile(r"\b([A-Z][A-Za-z0-9]+)\b(?:: ([\w.-]+))?")
COMPOUND = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}[A-Z]*\b")
LITERAL = re.compile("\ufdd0(.*?)\ufdd1", re.DOTALL)
"""A value within a sentence, between two characters that Unicode gives nobody."""

PYTHON = {"true": "True", "false": "False", "null": "None"}


def literal(text: str) -> str:
    """A value of the source for a sentence, which ``Spelling.sentence`` leaves as it is. A very long one is cut."""
    return f"\ufdd0{brief(text, LONG)}\ufdd1"


@dataclass(frozen=True)
class Spelling:
    """How a source spells the members of a request, for those that it spells otherwise than the API.

    A key ``Parent.Member`` is for the member of that parent alone: several have a ``Type``. ``sign`` stands between
    a member and its value; ``words`` are the source's own for true, false and null.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    sign: str = "="
    words: Mapping[str, str] = field(default_factory=lambda: PYTHON)

    def at(self, path: Path) -> Spelling:
        """The spelling for what is said of the value at a path: its parent tells which member of its name it is."""
        steps = [step for step in path if isinstance(step, str)]
        own = self.names.get(".".join(steps[-2:])) if len(steps) > 1 else None
        return replace(self, names={**self.names, steps[-1]: own}) if own is not None else self

    def name(self, member: str) -> str:
        """A member's name, with the index of an item where it has one: ``Values[0]``."""
        name, bracket, index = member.partition("[")
        return self.names.get(name, name) + bracket + index

    def sentence(self, sentence: str) -> str:
        """A sentence with the members' names, and values given with them, as the source spells them."""
        if not self.names:
            return LITERAL.sub(r"\1", sentence)
        values = iter(LITERAL.findall(sentence))
        spelt = "".join(
            NAMED.sub(self._argument, part)
            if part.startswith("`")
            else COMPOUND.sub(lambda match: self.name(match[0]), part)
            for part in CODE.split(LITERAL.sub("\ufdd0", sentence))
        )
        return re.sub("\ufdd0", lambda _: next(values), spelt)

    def _argument(self, match: re.Match[str]) -> str:
        """``EnableManagedSpotTraining: true`` as ``use_spot_instances=True``."""
        name, value = match[1], match[2]
        if name not in self.names:
            return match[0]
        if value is None:
            return self.names[name]
        plain = self.words.get(value) or (value if re.fullmatch(r"[\d.]+|true|false", value) else json.dumps(value))
        return f"{self.names[name]}{self.sign}{plain}"

    def value(self, name: str, value: ScalarValue) -> str:
        """A member with its value, as the source would give it."""
        text = brief(json.dumps(value, ensure_ascii=False), LONG)
        if not self.names:
            return f"{brief(name, LONG)} = {text}"
        return f"{self.name(name)}{self.sign}{self.words.get(text, text)}"


API = Spelling()
"""The API's own names."""

"""The parts of a message: plain text, and members of the API, which each source spells in its own way.

Sentences are built from parts; ``message_text`` renders them when a report is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from hpolint.model.node import Path, ScalarValue
from hpolint.model.stored import Stored


class Member(Stored, frozen=True, tag=True):
    """A member of the API: ``Name``, or ``Parent.Name`` if several structures have a member of that name.

    ``is_given``: it is shown with its value, as written in the source. ``index`` is the index of a list's item.
    """

    name: str
    value: ScalarValue = None
    is_given: bool = False
    index: int | None = None


class Advice(Stored, frozen=True, tag=True):
    """Values to write at paths of the request, as "set" for an existing member and "add" for a new one.

    ``removed`` are the paths of members to remove.
    """

    set: tuple[tuple[Path, ScalarValue], ...]
    removed: tuple[Path, ...] = ()


Part: TypeAlias = str | Member | Advice
Sentence: TypeAlias = tuple[Part, ...]


def sentence_of(*parts: Part) -> Sentence:
    """A sentence of some parts."""
    return parts


def capitalized(sentence: Sentence) -> Sentence:
    """A sentence with a capital first letter, if it begins with text."""
    first = sentence[0] if sentence else ""
    return (first[:1].upper() + first[1:], *sentence[1:]) if isinstance(first, str) else sentence


def listed(parts: Iterable[Part], joint: str = ", ") -> Sentence:
    """Parts with a separator between them."""
    found: list[Part] = []
    for part in parts:
        found += [joint, part] if found else [part]
    return tuple(found)

"""What is said of a job, in parts: a source spells the API's members in its own way, and text stays as it is.

Whoever says something builds sentences of these; ``spelling`` makes text of them when a report is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from hpolint.model.node import Path, ScalarValue
from hpolint.model.stored import Stored


class Member(Stored, frozen=True, tag=True):
    """A member of the API: ``Name``, or ``Parent.Name`` where several structures have one of that name.

    ``given``: it is said with a value, as it would be written; ``index`` is an item's of a list.
    """

    name: str
    value: ScalarValue = None
    is_given: bool = False
    index: int | None = None


class Advice(Stored, frozen=True, tag=True):
    """Values to be written at paths of the request: set where something stands, added where nothing does.

    ``removed`` are the paths of what is to be taken out.
    """

    set: tuple[tuple[Path, ScalarValue], ...]
    removed: tuple[Path, ...] = ()


Part: TypeAlias = str | Member | Advice
Sentence: TypeAlias = tuple[Part, ...]


def sentence_of(*parts: Part) -> Sentence:
    """A sentence."""
    return parts


def capitalized(sentence: Sentence) -> Sentence:
    """A sentence with a capital, where it begins with words."""
    first = sentence[0] if sentence else ""
    return (first[:1].upper() + first[1:], *sentence[1:]) if isinstance(first, str) else sentence


def listed(parts: Iterable[Part], joint: str = ", ") -> Sentence:
    """Parts with a joint between them."""
    found: list[Part] = []
    for part in parts:
        found += [joint, part] if found else [part]
    return tuple(found)

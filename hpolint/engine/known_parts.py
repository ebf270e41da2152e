"""Subjects with a name that is known in part, where the known parts decide a rule's condition."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from hpolint.engine.evaluation_context import Subject
from hpolint.engine.judge import JOB, NAME, Judge
from hpolint.facts.partly_known import NAME_CHARACTERS, result_in_all_texts
from hpolint.model.node import Unknown

UNKNOWN_PART = "…"


class Completed(NamedTuple):
    """A subject with one of the names that it may have, and the subject as messages show it."""

    example: Subject
    shown: Subject


def completed(judge: Judge, subject: Subject) -> Completed | None:
    """The subject with an example of its name, on which a condition has the same result as on all others.

    None if the name is known, if nothing is known of it, or if its known parts do not decide the condition.
    """
    if JOB not in judge.names or NAME not in judge.names:
        return None
    unknowns = subject.unknowns.get(JOB)
    name = unknowns.get(NAME) if isinstance(unknowns, dict) else None
    if not isinstance(name, Unknown) or not any(name.pieces):
        return None
    if judge.name_patterns is None:
        return None
    if any(result_in_all_texts(pattern, name.pieces, NAME_CHARACTERS) is None for pattern in judge.name_patterns):
        return None
    example = "".join(piece or "" for piece in name.pieces)
    shown = "".join(UNKNOWN_PART if piece is None else piece for piece in name.pieces)
    return Completed(_named(subject, example), _named(subject, shown))


def _named(subject: Subject, name: str) -> Subject:
    job: dict[str, Any] = subject.values[JOB]
    return replace(subject, values={**subject.values, JOB: {**job, NAME: name}})

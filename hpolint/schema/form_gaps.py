"""Members of the request that a job's form cannot set."""

from __future__ import annotations

from hpolint import schema
from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Member, Sentence, sentence_of
from hpolint.model.message_text import last_name
from hpolint.model.node import Path, follow


def unsupported_prefix(job: TuningJob, path: Path) -> Path | None:
    """The prefix of a path that the job's form cannot set; None if it can, or if the job has a value there anyway."""
    gaps = job.spelling.gaps
    if gaps is None:
        return None
    for at, step in enumerate(path):
        if step in gaps.members.get(schema.shape_at(path[:at]) or "", ()):
            prefix = path[: at + 1]
            return prefix if follow(job.request, prefix) is None else None
    return None


def unsupported_sentence(job: TuningJob, path: Path) -> Sentence:
    """The sentence that a path cannot be set in the job's form, and what to do instead."""
    gaps = job.spelling.gaps
    if gaps is None:
        return ()
    name = Member(job.spelling.at(path).name(last_name(path)))
    return sentence_of(name, f" cannot be set here: {gaps.why}. {gaps.instead}")

"""The unknown values that leave rules undecided about a job: which ones, why, and what settles them."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.model.job import TuningJob
from hpolint.model.message_text import line_of, reason_text, subject_text
from hpolint.model.node import Unknown
from hpolint.model.reasons import ADDED, Kind, Reason
from hpolint.report.outcome import Outcome

MAX_UNKNOWN, MAX_RULES = 5, 2
"""Unknown values that are listed, and rules for each of them."""

SUBJECTS = {
    Kind.SDK_ADDS: "a hyperparameter that the source does not name ",
    Kind.CODE_CHANNEL: "the job's input ",
}
"""What is not known where no member of the request is: a part of one that nobody writes."""

NOT_NAMED = "this value "

SOURCE_SETTLES = "Not decided, for these values are not known. Rules check them once they are written here"
CONFIG_SETTLES = "`sdk-config` in `hpolint.toml` settles, with the path of the SDK's configuration file or `none`"
NOTHING_SETTLES = "Nothing in the source settles, so there is nothing to do"


def open_values(job: TuningJob, outcome: Outcome) -> dict[Unknown, list[str]]:
    """The unknown values that leave rules undecided about a job, each with these rules."""
    found: dict[Unknown, dict[str, None]] = {}
    for judgement in outcome.undecided:
        for cause in judgement.causes if judgement.job is job else ():
            found.setdefault(cause, {})[judgement.rule.id] = None
    return {value: list(rules) for value, rules in found.items()}


def unknown_text(job: TuningJob, value: Unknown) -> str:
    """Which value is not known, and why."""
    return f"{_subject(job, value)}{reason_text(value)}"


def _subject(job: TuningJob, value: Unknown) -> str:
    kind = _kind(value)
    if kind in SUBJECTS:
        return SUBJECTS[kind]
    subject = subject_text(job, value)
    return f"the value in {line_of(job.source, value.span)} " if subject == NOT_NAMED else subject


def _kind(value: Unknown) -> Kind | None:
    return value.reason.kind if isinstance(value.reason, Reason) else None


def _settled_by(value: Unknown) -> str:
    """What settles an unknown value, as the beginning of a list."""
    kind = _kind(value)
    if kind is Kind.CONFIG_FILE:
        return CONFIG_SETTLES
    if kind in ADDED or kind is Kind.SDK_IMAGE:
        return NOTHING_SETTLES
    return SOURCE_SETTLES


def open_value_lists(job: TuningJob, outcome: Outcome) -> Iterator[str]:
    """A list in Markdown for each of what settles unknown values, first that of what the source settles."""
    lines: dict[str, list[str]] = {SOURCE_SETTLES: [], CONFIG_SETTLES: [], NOTHING_SETTLES: []}
    for value, rules in open_values(job, outcome).items():
        more = ", …" if len(rules) > MAX_RULES else ""
        shown = ", ".join(rules[:MAX_RULES]) + more
        lines[_settled_by(value)].append(f"- {unknown_text(job, value)} ({shown})")
    for what, own in lines.items():
        if own:
            left = [f"- … and {len(own) - MAX_UNKNOWN} more"] if len(own) > MAX_UNKNOWN else []
            yield "\n".join([f"{what}:", *own[:MAX_UNKNOWN], *left])

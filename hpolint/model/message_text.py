"""Rendering of sentences as text, with each source's own names and the places where values are to be written."""

from __future__ import annotations

from hpolint.io.escaping import LONG, brief
from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Advice, Member, Sentence
from hpolint.model.node import (
    Array,
    Node,
    Origin,
    Path,
    Scalar,
    ScalarValue,
    Struct,
    Unknown,
    child,
    follow,
    path_text,
    text_of,
    walk,
)
from hpolint.model.reasons import Reason
from hpolint.model.source import Source, Span
from hpolint.model.spelling import API, Spelling


def text(sentence: Sentence, job: TuningJob | None, path: Path = ()) -> str:
    """A sentence about the value at a path of a job, in the spelling of the job's source."""
    spelling = job.spelling.at(path) if job is not None else API
    found = "".join(_part(part, spelling, job) for part in sentence)
    begins_with_verb = any(isinstance(part, Advice) for part in sentence[:1])  # a value keeps its case
    return found[:1].upper() + found[1:] if begins_with_verb else found


def _part(part: str | Member | Advice, spelling: Spelling, job: TuningJob | None) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Member):
        return spelling.member(part)
    return advice(part, job)


def advice(part: Advice, job: TuningJob | None) -> str:
    """What to write and where: ``set `max_jobs=20` ``, ``add … to …`` for a new member, ``remove `max_wait` ``."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for path, value in part.set:
        spelling = (job.spelling if job is not None else API).at(path)
        how = ("set", "") if job is None or _is_written(job, path) else ("add", insertion_place(job, path))
        grouped.setdefault(how, []).append(f"`{_member(job, spelling, path, value)}`")
    parts = ((verb, list(dict.fromkeys(values)), where) for (verb, where), values in grouped.items())
    found = [f"{verb} {joined_words(values)}{where}" for verb, values, where in parts]
    spelling = job.spelling if job is not None else API
    removed = [f"`{spelling.at(path).name(last_name(path))}`" for path in part.removed]
    return ", ".join([*found, *([f"remove {joined_words(removed)}"] if removed else [])])


def _member(job: TuningJob | None, spelling: Spelling, path: Path, value: ScalarValue) -> str:
    """A member with its value, wrapped in the constructor of its object if the source does not create one yet."""
    given = spelling.value(last_name(path), value)
    at = missing_object_step(job, path) if job is not None else None
    return given if at is None else f"{spelling.name(str(path[at]))}{spelling.sign}{path[at]}({given})"


def missing_object_step(job: TuningJob, path: Path) -> int | None:
    """The index of the first step of a path that is an object in the source and not created there; None if none is."""
    node: Node | None = job.request
    for at, step in enumerate(path[:-1]):
        below = child(node, step)
        is_shown = isinstance(node, Struct) and isinstance(below, Struct) and below.span == node.span
        if step in job.spelling.made and is_shown:
            return at
        node = below
    return None


def _is_written(job: TuningJob, path: Path) -> bool:
    node = follow(job.request, path)
    return node is not None and not (isinstance(node, Scalar) and node.origin is Origin.DEFAULT)


def insertion_place(job: TuningJob, path: Path) -> str:
    """Where a missing member would be written: `` to `training_job_definition` (line 61)``."""
    node, name, above = _nearest_structure(job, path)
    if (site := job.imported.get(above)) is not None:
        return f" to {name} ({site.source}, line {site.span.line})"
    if node.name is not None:
        return f" to `{brief(node.name, LONG)}` ({line_of(job.source, node.span)})"
    made_by = job.source.read(node.anchor) if job.form == "python-sdk" else ""
    name = f"`{made_by}`" if made_by.isidentifier() else name
    return f" to {name} ({line_of(job.source, node.anchor)})"


def _nearest_structure(job: TuningJob, path: Path) -> tuple[Struct, str, Path]:
    """The nearest existing structure above a path, its name (its member's, or a list item's own), and its path."""
    node: Node = job.request
    found, name = job.request, "the request"
    found_path: Path = ()
    path = written_path(job, path)
    for at, step in enumerate(path[:-1]):
        below = child(node, step)
        if not isinstance(below, Struct | Array):
            break
        node = below
        if isinstance(below, Struct):
            above = path[: at + 1]
            member_name = job.spelling.at(above).name(last_name(above))
            name = f"`{member_name if isinstance(step, str) else _written_name(below) or member_name}`"
            found, found_path = below, above
    return found, name, found_path


def written_path(job: TuningJob, path: Path) -> Path:
    """A member's path in the source, where an SDK may place it in a sibling of its own structure."""
    beside = job.spelling.beside.get(str(path[-1])) if path else None
    return (*path[:-1], beside, path[-1]) if beside is not None else path


def _written_name(item: Struct) -> str | None:
    """The name of a list's item, such as a range, which is at its anchor; None if it has none."""
    name = text_of(item.get("Name"))
    return brief(name, LONG) if name is not None else None


def path_of(job: TuningJob, unknown: Unknown) -> Path | None:
    """The path of an unknown value in the request; None if it is not part of it."""
    equal: Path | None = None
    for path, node in walk(job.request):
        if node is unknown:
            return path or None
        if equal is None and path and isinstance(node, Unknown) and node == unknown:
            equal = path
    return equal


def subject_text(job: TuningJob, unknown: Unknown) -> str:
    """The subject of an unknown value's reason: the member's name or "this value"; empty if the reason has its own."""
    return subject_at(job, unknown, path_of(job, unknown))


def subject_at(job: TuningJob, unknown: Unknown, path: Path | None) -> str:
    """The same as ``subject_text`` for a value at a path of the request, None for one that is not part of it."""
    if isinstance(unknown.reason, Reason) and unknown.reason.name is not None:
        return ""
    if not path or not isinstance(path[-1], str):
        return "this value "
    return f"`{job.spelling.at(path).name(path[-1])}` "


def reason_text(unknown: Unknown) -> str:
    """Why a value is unknown, with its possible values if they are known."""
    if not unknown.choices:
        return unknown.reason
    return f"{unknown.reason} (it is {either_of(unknown.choices)})"


def either_of(choices: tuple[Scalar | None, ...]) -> str:
    """The possible values of a value: `` `a`, `b` or absent``."""
    texts = [f"`{shown_value(each.value)}`" if each is not None else "absent" for each in choices]
    return " or ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def shown_value(value: ScalarValue) -> str:
    """A value as it is shown in a message, long strings cut."""
    return str(value).lower() if isinstance(value, bool) else brief(str(value), LONG)


def counted(number: int, noun: str) -> str:
    """A number of things: ``1 file``, ``1,200 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def joined_words(texts: list[str]) -> str:
    """Texts joined for a sentence: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def line_of(source: Source, span: Span) -> str:
    """The line of a span for messages: ``line 3``, in a notebook ``cell 12, line 3``."""
    found = source.in_cell(span) if source.cells else None
    return f"line {span.line}" if found is None else f"cell {found[0].number}, line {found[1].line}"


def place_of(job: TuningJob) -> str:
    """The place of a job for messages: ``tune.ipynb, cell 12, line 3``."""
    return f"{job.source.name}, {line_of(job.source, job.request.anchor)}"


def job_name(job: TuningJob) -> str:
    """The name of a job for messages: the source's variable, the job's own name, else its file's name."""
    return job.variable or job.name or job.source.name.rpartition("/")[2]


def last_name(path: Path) -> str:
    """A path's last name, with the index of an item: ``Values[0]``."""
    named = next((at for at in range(len(path) - 1, -1, -1) if isinstance(path[at], str)), 0)
    return brief(path_text(path[named:]), LONG)

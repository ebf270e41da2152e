"""Verification of fixes: the fixed text is read again, and its jobs must differ only as the fixes intend."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from hpolint.config.sdk_config import with_sdk_config
from hpolint.lazy_regex import lazy_regex
from hpolint.model.fix import Fix, applied
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.message_text import line_of
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source
from hpolint.readers import read_source

NUMBER = lazy_regex(r"\d+")
Shape = tuple[object, ...]


class Promises(msgspec.Struct, frozen=True):
    """The fixes of each job, by its index.

    ``shared`` fixes may also change other jobs of the source in the same way. ``wanted`` are the fixes of other jobs
    that a job needs as well, by its index.
    """

    fixes: Mapping[int, list[Fix]]
    shared: list[Fix] = msgspec.field(default_factory=list)
    wanted: Mapping[int, list[Fix]] = msgspec.field(default_factory=dict)

    def possible(self, job: int) -> Iterator[list[Fix]]:
        """The lists of fixes that a job may show after the change."""
        own, wanted = self.fixes.get(job, []), self.wanted.get(job, [])
        yield own
        if self.shared:
            yield [*own, *self.shared]
        if wanted:
            yield [*own, *wanted]
        if self.shared and wanted:
            yield [*own, *self.shared, *wanted]


class Failure(msgspec.Struct, frozen=True):
    """Why fixed texts fail verification. ``is_refusal``: the fixes are as promised, and something else forbids them."""

    reason: str
    is_refusal: bool = False


def verification_error(
    source: Source, texts: Mapping[str, bytes], jobs: list[TuningJob], promises: Promises, *, problems: int = 0
) -> Failure | None:
    """Why fixed texts fail verification; None if they pass.

    ``texts`` are the fixed texts of the source and of files that it names, by name. ``problems`` is how many parts of
    the text may be unreadable.
    """
    own = texts.get(source.name)
    beside = {uri: (path, texts.get(path, data)) for uri, (path, data) in source.beside.items()}
    text = source.text.encode("utf-8", "surrogatepass") if own is None else own
    read, reading = read_source(source.name, text, beside)
    if language_of(source.name).name in ("Python", "notebooks") and (reason := _syntax_error(source, read)):
        return Failure(reason)
    if len(reading.problems) > problems:
        return Failure(f"the fixed text could not be read: {reading.problems[0].reason}")
    if len(reading.jobs) != len(jobs):
        return Failure("the number of tuning jobs would change")
    shared: Failure | None = None
    for number, (before, after) in enumerate(zip(jobs, reading.jobs, strict=True)):
        if _is_as_promised(before, after, promises.possible(number)):
            continue
        name = before.label or "the job"
        if number in promises.fixes:
            return Failure(f"{name} would change in another way than intended")
        shared = shared or Failure(f"{name} would change, too", is_refusal=True)
    return shared


def _is_as_promised(before: TuningJob, after: TuningJob, possible: Iterable[list[Fix]]) -> bool:
    """Whether a job differs from before only by one of the lists of fixes."""
    completed = after if before.sdk_config is None else with_sdk_config(after, before.sdk_config)
    found = _without_spans(completed.request)
    return any(found == _without_spans(applied(before.request, *fixes)) for fixes in possible)


def is_read_alike(source: Source, text: bytes, jobs: list[TuningJob]) -> bool:
    """Whether another text of a source has the same jobs, and is read as completely."""
    _, before = read_source(source.name, source.text.encode("utf-8", "surrogatepass"), source.beside)
    error = verification_error(source, {source.name: text}, jobs, Promises({}), problems=len(before.problems))
    return error is None


def unreadable_part(source: Source) -> str | None:
    """The place and reason of a part of the unchanged source that cannot be read; None if there is none."""
    text = source.text.encode("utf-8", "surrogatepass")
    read, reading = read_source(source.name, text, source.beside)
    problem = next(iter(reading.problems), None)
    return None if problem is None else f"{line_of(read, problem.span)}: {problem.reason}"


def _syntax_error(before: Source, after: Source) -> str | None:
    """Why a module or cell that compiled before would no longer compile; None if all do."""
    for old, new in zip(_pieces(before), _pieces(after), strict=False):
        if old != new and compile_error(old) is None and (error := compile_error(new)) is not None:
            return f"the code would no longer compile: {error}"
    return None


def _pieces(source: Source) -> list[str]:
    return [cell.text.text for cell in source.cells] or [source.text]


def compile_error(text: str) -> str | None:
    """Why Python code does not compile, with and without IPython's lines; None if it does. It is not run."""
    import ast

    from hpolint.readers.python.notebook import without_magics

    found = None
    for each in (text, without_magics(text)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(each, "source", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            found = getattr(error, "msg", None) or str(error)
        else:
            return None
    return found


def _without_spans(node: Node) -> Shape:
    """A tree without its spans, for comparison. Numbers in reasons are masked, since line numbers may change."""
    if isinstance(node, Struct):
        members = tuple(sorted((name, _without_spans(member)) for name, member in node.members.items()))
        return "struct", members, _reason(node.open)
    if isinstance(node, Array):
        return "list", tuple(map(_without_spans, node.items)), _reason(node.open)
    if isinstance(node, Scalar):
        return "value", type(node.value).__name__, repr(node.value)
    return "unknown", _reason(node)


def _reason(node: Unknown | None) -> object:
    if node is None:
        return None
    choices = tuple(None if each is None else _without_spans(each) for each in node.choices)
    default = None if node.default is None else _without_spans(node.default)
    return NUMBER.sub("0", node.reason), node.pieces, choices, default

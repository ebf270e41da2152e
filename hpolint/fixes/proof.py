"""A fix held to its promise: the mended text is read again, and nothing else may have become of its jobs."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping

from hpolint.config.sdk_config import with_sdk_config
from hpolint.model.fix import Fix, applied
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.message_text import line_of
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.readers.python.notebook import without_magics

NUMBER = re.compile(r"\d+")
Shape = tuple[object, ...]


def broken_promise(
    source: Source,
    texts: Mapping[str, bytes],
    jobs: list[TuningJob],
    fixes: Mapping[int, list[Fix]],
    shared: list[Fix],
) -> str | None:
    """Why mended texts are not what their fixes promised; None if they are.

    ``texts`` are those of the source, or of files that it names, by their names; ``fixes`` those of each job, by its
    number. ``shared`` ones may mend other jobs of the source in the same way.
    """
    own = texts.get(source.name)
    beside = {uri: (path, texts.get(path, data)) for uri, (path, data) in source.beside.items()}
    text = source.text.encode("utf-8", "surrogatepass") if own is None else own
    read, reading = read_source(source.name, text, beside)
    if language_of(source.name).name in ("Python", "notebooks") and (reason := _broken_python(source, read)):
        return reason
    if reading.problems:
        return f"the text would not be read any more: {reading.problems[0].reason}"
    if len(reading.jobs) != len(jobs):
        return "another number of tuning jobs would be read"
    for number, (before, after) in enumerate(zip(jobs, reading.jobs, strict=True)):
        completed = after if before.sdk_config is None else with_sdk_config(after, before.sdk_config)
        found, wanted = _shape(completed.request), fixes.get(number, [])
        expected = [wanted, [*wanted, *shared]] if shared else [wanted]
        if any(found == _shape(applied(before.request, *each)) for each in expected):
            continue
        which = before.label or "the job"
        return f"{which} would become another one than was meant" if number in fixes else f"{which} would change, too"
    return None


def unread_part(source: Source) -> str | None:
    """Which part of a source cannot be read as it is; None if all of it can."""
    text = source.text.encode("utf-8", "surrogatepass")
    read, reading = read_source(source.name, text, source.beside)
    problem = next(iter(reading.problems), None)
    return None if problem is None else f"{line_of(read, problem.span)}: {problem.reason}"


def _broken_python(before: Source, after: Source) -> str | None:
    """Why a module, or a cell that did before, would not compile any more."""
    for old, new in zip(_pieces(before), _pieces(after), strict=False):
        if old != new and _error(old) is None and (error := _error(new)) is not None:
            return f"the source would not compile any more: {error}"
    return None


def _pieces(source: Source) -> list[str]:
    return [cell.text.text for cell in source.cells] or [source.text]


def _error(text: str) -> str | None:
    """What is wrong with a piece of Python, as it is or without IPython's lines; it is compiled, and not run."""
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


def _shape(node: Node) -> Shape:
    """What a tree says, without its places. A line in a reason may be another one."""
    if isinstance(node, Struct):
        members = tuple(sorted((name, _shape(member)) for name, member in node.members.items()))
        return "struct", members, _reason(node.open)
    if isinstance(node, Array):
        return "list", tuple(map(_shape, node.items)), _reason(node.open)
    if isinstance(node, Scalar):
        return "value", type(node.value).__name__, repr(node.value)
    return "unknown", _reason(node)


def _reason(node: Unknown | None) -> object:
    if node is None:
        return None
    choices = tuple(None if each is None else _shape(each) for each in node.choices)
    return NUMBER.sub("0", node.reason), node.pieces, choices

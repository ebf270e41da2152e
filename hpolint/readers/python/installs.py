"""Commands of a notebook that replace the SageMaker SDK by version 3, which a job of version 2 cannot use.

Version 3 has no ``sagemaker.tuner`` and ``sagemaker.estimator``. It needs Python 3.9: below, pip takes version 2.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.observations import SdkReplaced
from hpolint.model.source import REQUIREMENTS_FILE, Cell, Source, Span
from hpolint.readers.python.sdk_bounds import kernel_python

_PIP = r"[ \t]*(?:[\w./{}-]+[ \t]+-m[ \t]+)?pip3?[ \t]+install\b(?P<arguments>[^\n#;&|]*)"
INSTALL = lazy_regex(rf"^[ \t]*[!%]{_PIP}", re.MULTILINE)
SHELL_INSTALL = lazy_regex(rf"^{_PIP}", re.MULTILINE)
"""A line that installs packages, by IPython and in a cell of a shell."""

SHELL = lazy_regex(r"\s*%%(?:bash|sh)\b")
UPGRADES = lazy_regex(r"(?:\A|\s)(?:-\w*U\w*|--upgrade|--force-reinstall)(?=\s|\Z)")
CONSTRAINED = lazy_regex(r"(?:\A|\s)(?:-c|--constraint)(?=[\s=])")
FILES = lazy_regex(r"(?:\A|\s)(?:-r|--requirement[ =])[ \t]*+(\S+)")
"""The files of requirements of a command."""

UNBOUNDED = lazy_regex(r"(?<![^\s\"'])sagemaker(?:\[[\w, -]*\])?(?:[ ]*>=?[ ]*[0-9][0-9.]*)?(?=[\s\"']|\Z)")
"""The SDK without an upper bound of its version."""

UNBOUNDED_LINE = lazy_regex(r"(?m)^(sagemaker(?:\[[\w, -]*\])?(?:[ ]*>=?[ ]*[0-9][0-9.]*)?)[ \t]*(?:#[^\r\n]*)?\r?$")
"""The same as a line of a file of requirements, without conditions."""

BOUNDING = lazy_regex(r"(?m)^[ \t]*+(?:-|[^#\r\n]*(?:[<=~]=|<|@|;))")
"""A line that names another file or an address, or bounds the version of a package: pip may then take version 2."""

PINS = lazy_regex(r"[<=~]=|<")
MOVES = lazy_regex(r"%cd\b|\bchdir\(")
"""Code by which another file is meant."""

_WORD = r"sagemaker(?<!\wsagemaker)"
"""The SDK's name as a word. It begins with plain letters, which Python searches for faster than for ``\\b``."""

BOUND = lazy_regex(rf"{_WORD}(?:\[[\w, -]*\])?[ ]*(?:[<=~]=?|>=?[^\n\"']*,[ ]*[<=~])")
"""A mention of the SDK with an exact version or an upper bound."""

OTHER_SDK = lazy_regex(rf"{_WORD}\.(?:train|core|mlops)\b")
OLDEST_PYTHON = (3, 9)


def observe_installs(source: Source, jobs: Sequence[TuningJob]) -> None:
    """Observe the first command of a notebook that replaces the SDK, for the first job of version 2."""
    job = next((job for job in jobs if _is_of_version_2(job)), None)
    install = next(_installs(source), None) if job is not None else None
    if job is None or install is None or OTHER_SDK.search(source.text) or BOUND.search(source.text):
        return
    if _may_take_version_3(source):
        replaced, place = install
        job.observations.append(Observation((), place, replaced))


def _is_of_version_2(job: TuningJob) -> bool:
    generations = {callee.generation for callee in job.callees.values()}
    return job.form == "python-sdk" and bool(generations) and 3 not in generations


def _installs(source: Source) -> Iterator[tuple[SdkReplaced, Span]]:
    """The unbounded requirements of the SDK in commands that upgrade packages, with the places of the commands."""
    cells = [(cell, INSTALL) for cell in source.cells]
    cells += [(cell, SHELL_INSTALL) for cell in source.shells if SHELL.match(cell.text.text)]
    for cell, pattern in cells:
        for match in pattern.finditer(cell.text.text):
            replaced = _unbounded_upgrade(source, match["arguments"])
            if replaced is not None:
                yield replaced, _span_of(source, cell, match)


def _unbounded_upgrade(source: Source, arguments: str) -> SdkReplaced | None:
    """The requirement of the SDK without an upper bound among a command's arguments; None if it may keep version 2."""
    if UPGRADES.search(arguments) is None or CONSTRAINED.search(arguments):
        return None
    files = FILES.findall(arguments)
    if files:
        if len(files) > 1 or PINS.search(arguments):
            return None
        return _unbounded_in_file(source, files[0])
    requirement = UNBOUNDED.search(arguments)
    return SdkReplaced(requirement[0]) if requirement is not None else None


def _unbounded_in_file(source: Source, file: str) -> SdkReplaced | None:
    """The requirement of the SDK in a file of requirements, if nothing in it or in another file may keep version 2."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), file.strip("\"'")))
    texts = _requirement_files(source)
    if path not in texts or MOVES.search(source.text) or any(BOUND.search(text) for text in texts.values()):
        return None
    if any(posixpath.basename(written.path) == posixpath.basename(path) for written in source.written):
        return None  # a cell writes it
    requirement = UNBOUNDED_LINE.search(texts[path])
    if requirement is None or BOUNDING.search(texts[path]):
        return None
    return SdkReplaced(requirement[1], posixpath.basename(path))


def _requirement_files(source: Source) -> dict[str, str]:
    """The texts of the files with the packages of the source, by their paths."""
    files = [file for name, file in source.beside.items() if name.startswith(REQUIREMENTS_FILE)]
    return {path: data.decode("utf-8", "replace") for path, data in files}


def _span_of(source: Source, cell: Cell, match: re.Match[str]) -> Span:
    start = match.end() - len(match[0].lstrip())
    end = match.start() + len(match[0].rstrip())
    return source.span(cell.place(start)[0], cell.place(end - 1)[1])


def _may_take_version_3(source: Source) -> bool:
    """Whether the notebook says that its kernel runs a Python that version 3 supports."""
    python = kernel_python(source)
    return python is not None and python >= OLDEST_PYTHON

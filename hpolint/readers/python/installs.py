"""Commands of a notebook that replace the SageMaker SDK by version 3, which a job of version 2 cannot use.

Version 3 has no ``sagemaker.tuner`` and ``sagemaker.estimator``. It needs Python 3.9: below, pip takes version 2.
"""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from collections.abc import Iterator, Sequence

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.observations import SdkReplaced
from hpolint.model.source import REQUIREMENTS_FILE, Cell, Source, Span
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.notebook import without_magics
from hpolint.readers.python.sdk_bounds import kernel_python
from hpolint.readers.python.undefined_names import certain_statements

_PIP = (
    r"[ \t]*(?:(?:python3?|\{sys\.executable\})[ \t]+-m[ \t]+)?pip3?[ \t]+install\b(?P<arguments>(?:\\\n|[^\n#;&|])*)"
)
INSTALL = lazy_regex(rf"^[ \t]*[!%]{_PIP}", re.MULTILINE)
SHELL_INSTALL = lazy_regex(rf"^{_PIP}", re.MULTILINE)
"""A command that installs packages for the running Python, by IPython and in a cell of a shell."""

SHELL = lazy_regex(r"\s*%%(?:bash|sh)\b")
PLAIN_LINE = lazy_regex(
    r"[ \t]*(?:#.*|(?:(?:python3? -m )?pip3?|sudo|apt|apt-get|yum|echo|set|ls)[ \t]"
    r"(?:[^\n\"'<`(\\]|\"[^\"\n]*\"|'[^'\n]*')*)?"
)
"""A line of a shell after which the next one runs in the same environment."""

PYTHON_CELL = lazy_regex(r"\s*(?!%%(?!capture\b|time\b))")
"""The start of a cell that IPython runs as Python."""

UPGRADES = lazy_regex(r"(?:\A|\s)(?:-[^\WU]*+U\w*+|--upgrade|--force-reinstall)(?=\s|\Z)")
ELSEWHERE = lazy_regex(
    r"(?:\A|(?<!>)\s)(?:-[qvU]*[ctfieh]|--(?:constraint|target|prefix|root|dry-run|no-index|find-links|index-url|python|editable|help)\b)"
    r"|(?:\A|(?<!>)\s)[\"']?(?:[./~$@{]|\w+(?:\+\w+)?://)|[\w\"']@|\.whl\b"
)
"""Options and requirements by which pip installs into another place, nothing, or what another place has or asks for."""

SETTINGS = (lazy_regex(r"PIP_(?<!\wPIP_)(?!DISABLE_|ROOT_USER_)"), lazy_regex(r"pip(?<!\wpip)3?[ \t]+config\b"))
"""Settings of pip that may do the same. Each begins with plain letters, which Python searches for faster."""

FILES = lazy_regex(r"(?:\A|\s)(?:-r|--requirement[ =])[ \t]*+(\S+)")
"""The files of requirements of a command."""

UNBOUNDED = lazy_regex(r"(?<![^\s\"'])sagemaker(?:\[[\w, -]*\])?(?:[ ]*>=?[ ]*[0-9][0-9.]*)?(?=[\s\"']|\Z)")
"""The SDK without an upper bound of its version."""

UNBOUNDED_LINE = lazy_regex(r"(?m)^(sagemaker(?:\[[\w, -]*\])?(?:[ ]*>=?[ ]*[0-9][0-9.]*)?)[ \t]*(?:#[^\r\n]*)?\r?$")
"""The same as a line of a file of requirements, without conditions."""

BOUNDING = lazy_regex(r"(?m)^[ \t]*+(?:-|[^#\r\n]*(?:[<=~]=|<|@|;))")
"""A line that names another file or an address, or bounds the version of a package: pip may then take version 2."""

PINS = lazy_regex(r"[<=~]=|<")
"""A bound of the version of any package."""

MOVES = lazy_regex(r"%cd\b|\bchdir\(")
"""Code by which another file is meant."""

_WORD = r"sagemaker(?<!\wsagemaker)"
"""The SDK's name as a word. It begins with plain letters, which Python searches for faster than for ``\\b``."""

BOUND = lazy_regex(rf"{_WORD}(?:\[[\w, -]*+\])?[ ]*+(?:(?:>=?|!=)[ ]*+[^\s\"',<>=~!]*+[ ]*+,[ ]*+){{0,8}}+[<=~]")
"""A mention of the SDK with an exact version or an upper bound."""

OTHER_SDK = lazy_regex(rf"{_WORD}\.(?:train|core|mlops)\b")
OLDEST_PYTHON = (3, 9)


def observe_installs(source: Source, jobs: Sequence[TuningJob]) -> None:
    """Observe the first command of a notebook that replaces the SDK, for the first job of version 2 that follows it."""
    jobs = [job for job in jobs if _is_of_version_2(job)]
    install = next(_installs(source), None) if jobs else None
    if install is None or not _may_take_version_3(source):
        return
    replaced, place = install
    job = next((job for job in jobs if place < max([*job.calls, job.request.anchor])), None)
    if job is not None:
        job.observations.append(Observation((), place, replaced))


def _is_of_version_2(job: TuningJob) -> bool:
    generations = {callee.generation for callee in job.callees.values()}
    return job.form == "python-sdk" and bool(generations) and 3 not in generations


def _installs(source: Source) -> Iterator[tuple[SdkReplaced, Span]]:
    """The unbounded requirements of the SDK in commands that upgrade packages, with the places of the commands."""
    for cell, match in _commands(source):
        replaced = _unbounded_upgrade(source, match["arguments"])
        if replaced is not None:
            yield replaced, _span_of(source, cell, match)


def _commands(source: Source) -> Iterator[tuple[Cell, re.Match[str]]]:
    """The commands that install packages and that certainly run if their cell does."""
    for cell in source.cells:
        if INSTALL.search(cell.text.text):
            yield from _python_commands(cell)
    for cell in source.shells:
        if SHELL.match(cell.text.text):
            yield from _shell_commands(cell)


def _python_commands(cell: Cell) -> Iterator[tuple[Cell, re.Match[str]]]:
    certain = _certain_lines(cell)
    line, end = 1, 0
    for match in INSTALL.finditer(cell.text.text):
        line += cell.text.text.count("\n", end, match.start())
        end = match.start()
        if line in certain:
            yield cell, match


def _shell_commands(cell: Cell) -> Iterator[tuple[Cell, re.Match[str]]]:
    text = cell.text.text
    end = text.find("\n", text.index("%%"))
    for match in SHELL_INSTALL.finditer(text):
        lines = text[end : match.start()].split("\n")
        if not all(PLAIN_LINE.fullmatch(line) for line in lines):
            return
        yield cell, match
        end = match.end()


def _certain_lines(cell: Cell) -> frozenset[int]:
    """The lines of a cell with a command of IPython that runs if the cell does."""
    text = cell.text.text
    if not PYTHON_CELL.match(text):
        return frozenset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = Unit(cell.text, without_magics(text), cell.place).parse()
        except Problem:
            return frozenset()
    statements = certain_statements(tree.body)
    return frozenset(statement.lineno for statement in statements if isinstance(statement, ast.Pass))


def _unbounded_upgrade(source: Source, arguments: str) -> SdkReplaced | None:
    """The requirement of the SDK without an upper bound among a command's arguments; None if it may keep version 2."""
    if not UPGRADES.search(arguments) or ELSEWHERE.search(FILES.sub("", arguments)) or PINS.search(arguments):
        return None
    files = FILES.findall(arguments)
    if files:
        return _unbounded_in_file(source, files[0]) if len(files) == 1 else None
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
    """Whether nothing in the notebook keeps version 2, and its kernel runs a Python that version 3 supports."""
    if any(keeper.search(source.text) for keeper in (OTHER_SDK, BOUND, *SETTINGS)):
        return False
    python = kernel_python(source)
    return python is not None and python >= OLDEST_PYTHON

"""Commands of a notebook that replace the SageMaker SDK by version 3, which a job of version 2 cannot use.

Version 3 has no ``sagemaker.tuner`` and ``sagemaker.estimator``. It needs Python 3.9: below, pip takes version 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.observations import SdkReplaced
from hpolint.model.source import Cell, Source, Span

_PIP = r"[ \t]*(?:[\w./{}-]+[ \t]+-m[ \t]+)?pip3?[ \t]+install\b(?P<arguments>[^\n#;&|]*)"
INSTALL = lazy_regex(rf"^[ \t]*[!%]{_PIP}", re.MULTILINE)
SHELL_INSTALL = lazy_regex(rf"^{_PIP}", re.MULTILINE)
"""A line that installs packages, by IPython and in a cell of a shell."""

SHELL = lazy_regex(r"\s*%%(?:bash|sh)\b")
UPGRADES = lazy_regex(r"(?:\A|\s)(?:-\w*U\w*|--upgrade|--force-reinstall)(?=\s|\Z)")
BOUNDED_ELSEWHERE = lazy_regex(r"(?:\A|\s)(?:-c|-r|--constraint|--requirement)(?=[\s=])")
UNBOUNDED = lazy_regex(r"(?<![^\s\"'])sagemaker(?:\[[\w, -]*\])?(?:[ ]*>=?[ ]*[0-9][0-9.]*)?(?=[\s\"']|\Z)")
"""The SDK without an upper bound of its version."""

BOUND = lazy_regex(r"\bsagemaker(?:\[[\w, -]*\])?[ ]*(?:[<=~]=?|>=?[^\n\"']*,[ ]*[<=~])")
"""A mention of the SDK with an exact version or an upper bound."""

OTHER_SDK = lazy_regex(r"\bsagemaker\.(?:train|core|mlops)\b")
OLDEST_PYTHON = (3, 9)


def observe_installs(source: Source, jobs: Sequence[TuningJob]) -> None:
    """Observe the first command of a notebook that replaces the SDK, for the first job of version 2."""
    job = next((job for job in jobs if _is_of_version_2(job)), None)
    if job is None or OTHER_SDK.search(source.text) or BOUND.search(source.text):
        return
    install = next(_installs(source), None)
    if install is not None and _may_take_version_3(source):
        requirement, place = install
        job.observations.append(Observation((), place, SdkReplaced(requirement)))


def _is_of_version_2(job: TuningJob) -> bool:
    generations = {callee.generation for callee in job.callees.values()}
    return job.form == "python-sdk" and bool(generations) and 3 not in generations


def _installs(source: Source) -> Iterator[tuple[str, Span]]:
    """The unbounded requirements of the SDK in commands that upgrade packages, with the places of the commands."""
    cells = [(cell, INSTALL) for cell in source.cells]
    cells += [(cell, SHELL_INSTALL) for cell in source.shells if SHELL.match(cell.text.text)]
    for cell, pattern in cells:
        for match in pattern.finditer(cell.text.text):
            requirement = _unbounded_upgrade(match["arguments"])
            if requirement is not None:
                yield requirement, _span_of(source, cell, match)


def _unbounded_upgrade(arguments: str) -> str | None:
    """The requirement of the SDK without an upper bound among a command's arguments; None if it may keep version 2."""
    requirement = UNBOUNDED.search(arguments)
    if requirement is None or UPGRADES.search(arguments) is None or BOUNDED_ELSEWHERE.search(arguments):
        return None
    return requirement[0]


def _span_of(source: Source, cell: Cell, match: re.Match[str]) -> Span:
    start = match.end() - len(match[0].lstrip())
    end = match.start() + len(match[0].rstrip())
    return source.span(cell.place(start)[0], cell.place(end - 1)[1])


def _may_take_version_3(source: Source) -> bool:
    """Whether the notebook says that its kernel runs a Python that version 3 supports."""
    try:
        version = json.loads(source.text)["metadata"]["language_info"]["version"]
        major, minor = str(version).split(".")[:2]
        return (int(major), int(minor)) >= OLDEST_PYTHON
    except (ValueError, KeyError, TypeError, RecursionError):
        return False

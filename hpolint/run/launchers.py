"""Definitions that launch a training script which is named as a path: a changed script may break them.

A pre-commit hook passes only the changed files. If a script is among them and its definition is not, the definition is
searched in the repository by byte patterns, and findings about both are reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hpolint.config.lookup import Configurations
from hpolint.discovery.candidates import Candidate, read_candidate
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.io import disk
from hpolint.io.files import read_file, repository_root
from hpolint.model.forms import PYTHON_SUFFIXES
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome, Silencing
from hpolint.run.file_check import FileChecks

SCRIPT_MARKERS = (
    b"argparse",
    b"SM_CHANNEL_",
    b"SM_HP",
    b"HfArgumentParser",
    b"import click",
    b"import typer",
    b"import fire",
)
"""Byte patterns of a training script: code that reads the arguments or variables that a job passes."""

DEFINITION_MARKERS = (b"entry_point", b"entry_script")
"""Byte patterns of the arguments by which a definition names its script."""

MAX_SCRIPT_BYTES = 1024 * 1024


def script_outcomes(
    paths: list[str], files: list[Found], configurations: Configurations, checking: FileChecks
) -> Iterator[Outcome]:
    """The outcomes of definitions that are not among ``files`` and launch a script among ``paths``.

    They contain only the findings about scripts.
    """
    scripts: dict[str, list[str]] = {}
    for path in paths:
        if path.endswith(".py") and disk.is_file(path) and _is_training_script(path):
            scripts.setdefault(repository_root(os.path.dirname(path) or "."), []).append(disk.real(path))
    known = {disk.real(file.name) for file in files}
    for root, changed in scripts.items():
        if not disk.exists(os.path.join(root, ".git")):
            continue
        for file in find_files([os.path.relpath(root)], configurations, Search()):
            candidate = _launcher(file.name) if disk.real(file.name) not in known else None
            if candidate is not None:
                outcome = checking.candidate(candidate, file.settings)
                about = _outcome_about(outcome, set(changed))
                if about is not None:
                    yield about


def _is_training_script(path: str) -> bool:
    """Whether a file has a byte pattern of a training script."""
    try:
        data = read_file(path, MAX_SCRIPT_BYTES)
    except OSError:  # reported when the file itself is checked
        return False
    return any(word in data for word in SCRIPT_MARKERS)


def _launcher(name: str) -> Candidate | None:
    """The file as a candidate, if its bytes name both a definition and a script; else None."""
    if not name.lower().endswith(PYTHON_SUFFIXES):
        return None
    candidate = read_candidate(name, Search(roots=["."]))
    if candidate is None or candidate.data is None or not any(word in candidate.data for word in DEFINITION_MARKERS):
        return None
    return candidate


def _outcome_about(outcome: Outcome, changed: set[str]) -> Outcome | None:
    """The part of an outcome about some scripts; None if it has no finding about them."""
    jobs = [job for job in outcome.jobs if any(_is_changed(script, changed) for script in job.scripts.values())]
    ours = set(jobs)
    findings = [each for each in outcome.findings if each.rule.category == "script" and each.job in ours]
    if not findings or outcome.source is None:
        return None
    return Outcome(
        outcome.name,
        outcome.source,
        jobs,
        findings,
        silencing=Silencing(baseline_entries=outcome.silencing.baseline_entries),
        scripts=outcome.scripts,
        included_sources=outcome.included_sources,
    )


def _is_changed(script: object, changed: set[str]) -> bool:
    return isinstance(script, Script) and any(disk.real(each.name) in changed for each in script.sources)

"""Definitions that name a training script which is checked by its own name: a changed script may break one of them.

A pre-commit hook is given the files that have changed. Where a script is among them and its definition is not, the
definition is looked up in the repository by a byte search, and what is found about the two of them is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hpolint.config.lookup import Configurations
from hpolint.discovery.candidates import Candidate, read_candidate
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.io import disk
from hpolint.io.files import read_file, repository_root
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome
from hpolint.run.file_check import FileChecks

READS = (b"argparse", b"SM_CHANNEL_", b"SM_HP", b"HfArgumentParser", b"import click", b"import typer", b"import fire")
"""What a file has that reads what a job sends: other Python is no training script."""

NAMES = (b"entry_point", b"entry_script")
"""How a definition names its script."""

LARGEST = 1024 * 1024


def script_outcomes(
    paths: list[str], files: list[Found], configurations: Configurations, checking: FileChecks
) -> Iterator[Outcome]:
    """What is found about scripts among some paths in definitions that are not among some files."""
    scripts: dict[str, list[str]] = {}
    for path in paths:
        if path.endswith(".py") and disk.is_file(path) and _reads(path):
            scripts.setdefault(repository_root(os.path.dirname(path) or "."), []).append(disk.real(path))
    known = {disk.real(file.name) for file in files}
    for root, changed in scripts.items():
        if not disk.exists(os.path.join(root, ".git")):
            continue
        for file in find_files([os.path.relpath(root)], configurations, Search()):
            candidate = _launcher(file.name) if disk.real(file.name) not in known else None
            if candidate is not None:
                outcome = checking.candidate(candidate, file.settings)
                about = _about(outcome, set(changed))
                if about is not None:
                    yield about


def _reads(path: str) -> bool:
    """Whether a file reads what a job sends."""
    try:
        data = read_file(path, LARGEST)
    except OSError:  # whoever reads it as a file of its own tells
        return False
    return any(word in data for word in READS)


def _launcher(name: str) -> Candidate | None:
    """A file that may name a script, if its bytes name a definition, too."""
    if not name.lower().endswith((".py", ".ipynb")):
        return None
    candidate = read_candidate(name, Search(roots=["."]))
    if candidate is None or candidate.data is None or not any(word in candidate.data for word in NAMES):
        return None
    return candidate


def _about(outcome: Outcome, changed: set[str]) -> Outcome | None:
    """What an outcome says of some scripts; None where its jobs run others."""
    jobs = [job for job in outcome.jobs if any(_runs(script, changed) for script in job.scripts.values())]
    ours = {id(job) for job in jobs}
    findings = [each for each in outcome.findings if each.rule.category == "script" and id(each.job) in ours]
    if not findings or outcome.source is None:
        return None
    return Outcome(
        outcome.name,
        outcome.source,
        jobs,
        findings,
        baseline_entries=outcome.baseline_entries,
        scripts=outcome.scripts,
        beside=outcome.beside,
    )


def _runs(script: object, changed: set[str]) -> bool:
    return isinstance(script, Script) and any(disk.real(each.name) in changed for each in script.sources)

"""Programs in other languages that launch a job: the summary names them.

They are searched only where a list of packages names SageMaker: a run on other files does not get slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from hpolint.discovery.candidates import read_candidate
from hpolint.discovery.walk import Search, find_files
from hpolint.io.files import read_file
from hpolint.report.records import FileRecord
from hpolint.run.preparation import Preparation

MAX_MANIFEST_BYTES = 256 * 1024
"""Largest list of packages that is read, in bytes."""


def unread_programs(run: Preparation) -> list[FileRecord]:
    """The records of programs that launch a job, and that the run has not read."""
    if not any(_names_sagemaker(name) for name in run.search.manifests):
        return []
    return [FileRecord(name=name, is_without_definition=True) for name in _launching(run)]


def _launching(run: Preparation) -> Iterator[str]:
    search = Search(wants_programs=True)
    find_files(run.folders, run.configurations, search)
    known = {file.name for file in run.search.others}
    for file in search.others:
        if file.name not in known and read_candidate(file.name, search, is_other=True) is not None:
            yield file.name


def _names_sagemaker(name: str) -> bool:
    with suppress(OSError):
        return b"sagemaker" in read_file(name, MAX_MANIFEST_BYTES).lower()
    return False

"""Programs in other languages that launch a job: the summary names them."""

from __future__ import annotations

from hpolint.discovery.candidates import read_candidate
from hpolint.report.records import FileRecord
from hpolint.run.preparation import Preparation


def unread_programs(run: Preparation) -> list[FileRecord]:
    """The records of programs that launch a job, and that the run has not read."""
    names = [name for name in run.search.programs if read_candidate(name, run.search, is_other=True) is not None]
    return [FileRecord(name=name, is_without_definition=True) for name in names]

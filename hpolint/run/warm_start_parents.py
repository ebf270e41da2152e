"""The jobs in other files of a folder from which a job may have a warm start."""

from __future__ import annotations

from hpolint.model.job import TuningJob
from hpolint.model.source import PARENT_FILE, Source
from hpolint.readers import read_source


def jobs_beside(source: Source) -> list[TuningJob]:
    """The jobs of the files beside a source that may define the parents of its jobs."""
    jobs: list[TuningJob] = []
    for key, (path, data) in source.beside.items():
        if key.startswith(PARENT_FILE):
            _, reading = read_source(path, data)
            jobs += reading.jobs
    return jobs

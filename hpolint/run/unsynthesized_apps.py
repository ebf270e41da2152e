"""CDK apps that launch jobs and have no output yet: nothing of them is checked but what Python writes as a request."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

import msgspec

from hpolint.discovery.walk import CDK_OUTPUT
from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.report.records import FileRecord
from hpolint.run.preparation import Preparation

APP_FILE = "cdk.json"
MAX_APP_FILE_BYTES = 1024 * 1024
ADVICE = "run `cdk synth`, and check again"


def unsynthesized_apps(run: Preparation, records: Iterable[FileRecord]) -> Iterator[str]:
    """A notice for each app of the run that has no output, and whose program launches a job that was not read."""
    names = [file.name for file in run.files if os.path.basename(file.name) == APP_FILE]
    if not names:
        return
    read: set[str] = set()
    for record in records:
        read.update(disk.real(job.source) for job in record.jobs)
    for name in names:
        file = _unread_launch(name, read)
        if file is not None:
            yield f"{name}: the app has no output, and {file} launches a tuning job: {ADVICE}"


def _unread_launch(name: str, read: Collection[str]) -> str | None:
    """A file that launches a job in an app without output, and is not among the files that were read."""
    from hpolint.readers.cloudformation.app_sources import App, launching_files

    folder = os.path.dirname(name)
    if _has_output(name, folder):
        return None
    app = App(disk.real(folder or "."), folder or ".")
    for file in launching_files(app):
        if disk.real(os.path.join(app.folder, file)) not in read:
            return app.name_of(file)
    return None


def _has_output(name: str, folder: str) -> bool:
    """Whether the output folder of an app exists: ``cdk.out``, or the one that its ``cdk.json`` names."""
    output: object = None
    try:
        settings = msgspec.json.decode(read_file(name, MAX_APP_FILE_BYTES))
        output = settings.get("output") if isinstance(settings, dict) else None
    except (OSError, ValueError, RecursionError):
        pass  # the CDK's command names the error
    return disk.is_folder(os.path.join(folder, output if isinstance(output, str) else CDK_OUTPUT))

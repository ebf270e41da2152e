"""What a source does after its search: it trains another model, such as one with the best values, or uses one."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import TuningJob

TRAINING = lazy_regex(
    r"(?P<receiver>[\w.]*)[\])]?\.(?:fit|train)\s*\(|create_training_job|Training(?:Step|Operator|Task|Pipeline)"
    r"|^\s*[!%].*\b(?:python\d?|run|bash|sh)\b"
)
"""A call or command that may train a model, as a line of a program or a notebook has it."""


USE = lazy_regex(
    r"(?i)\.(?:deploy|register|create_model|transformer|model_data|attach)\b|ModelArtifacts|create_endpoint|ModelPackage"
    r"|(?:Model|Transform|Register|Endpoint)(?:Step|Operator)\b"
)
"""A use of a model, as a line of a program or a notebook has it."""


def trains_again(job: TuningJob) -> bool:
    """Whether the source of a job may train another model, in a notebook from the job's cell on."""
    return any(_may_train(line, job) for line in _lines(job))


def mentions_model(job: TuningJob) -> bool:
    """Whether the source of a job names a use of some model, in a notebook from the job's cell on."""
    return any(USE.search(line) for line in _lines(job))


def _lines(job: TuningJob) -> Iterator[str]:
    """The lines that may run after a launch, without their comments."""
    source = job.source
    texts = [source.text]
    if source.cells:
        first = job.cell if job.cell is not None else 0
        texts = [cell.text.text for cell in (*source.cells, *source.shells) if cell.number >= first]
    for text in texts:
        for line in text.split("\n"):
            yield line.partition("#")[0]


def _may_train(line: str, job: TuningJob) -> bool:
    """Whether a line has a call that trains, other than one of a tuner."""
    for match in TRAINING.finditer(line):
        receiver = match["receiver"]
        if receiver is None or not (receiver == job.variable or "tuner" in receiver.lower()):
            return True
    return False

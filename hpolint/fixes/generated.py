"""Generated files, which are never fixed: the fix belongs in the source that they are generated from."""

from __future__ import annotations

from hpolint.model.job import TuningJob
from hpolint.model.source import Source

ASSEMBLY = "cdk.out"
PLANNED = ('"planned_values"', '"terraform_version"')


def generator_hint(source: Source, job: TuningJob) -> str | None:
    """What generates a file and what to change instead, as a reason; None for a file that people write."""
    if job.carrier and "construct `" in job.carrier:
        return f"the CDK generates this file: change the construct {job.carrier.rpartition('construct ')[2]}"
    if ASSEMBLY in source.name.split("/"):
        return "the CDK generates this file: change the app"
    if source.is_json and any(mark in source.text for mark in PLANNED):
        return "this is a plan: change the configuration that it is made from"
    if job.form == "pipeline" and source.is_json and "\n" not in source.text.strip():
        return "this is a compiled pipeline: change the program that compiles it"
    return None

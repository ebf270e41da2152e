"""Files that other tools have made: what is wrong in them is mended where they are made, never here."""

from __future__ import annotations

from hpolint.model.job import TuningJob
from hpolint.model.source import Source

ASSEMBLY = "cdk.out"
PLANNED = ('"planned_values"', '"terraform_version"')


def made_by(source: Source, job: TuningJob) -> str | None:
    """What has made a file, and where its own source is, as far as that is told; None for what people write."""
    construct = job.carrier.rpartition("construct ")[2] if job.carrier and "construct `" in job.carrier else ""
    if construct or ASSEMBLY in source.name.split("/"):
        maker = f"the construct {construct}" if construct else "the app"
        return f"the CDK has made this file: change {maker}"
    if source.is_json and any(mark in source.text for mark in PLANNED):
        return "this is a plan: change the configuration that it is made of"
    if job.form == "pipeline" and source.is_json and "\n" not in source.text.strip():
        return "this is a compiled pipeline: change the program that makes it"
    return None

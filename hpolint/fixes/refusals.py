"""Reasons not to write a fix that are known without reading the source: where the job comes from."""

from __future__ import annotations

from collections.abc import Collection

from hpolint.model.fix import Fix
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.source import Source

ASSEMBLY = "cdk.out"
PLANNED = ('"planned_values"', '"terraform_version"')

LANGUAGES_WITHOUT_FIXES = {
    "R documents": "hpolint writes no fixes in R",
    "shell scripts": "a command puts the request together",
}
"""The languages in which no fix is written, with the reason."""

SHARED_SCRIPT = "jobs in other files run the script, too"


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


def refusal(source: Source, job: TuningJob, fix: Fix, shared_files: Collection[str]) -> str | None:
    """Why a fix of a job is not written, whatever its edits would be; None if they decide.

    ``source`` is the source through which the job was read, ``shared_files`` are the files that several sources name.
    """
    beside = {path for path, _ in source.beside.values()}
    if job.source.name not in {source.name, *beside}:
        return "it is written in another file"
    if job.source.name in shared_files:
        return "other templates use the file, too"
    made = generator_hint(source, job)
    if made is not None:
        return made
    if job.is_repeated:
        return "the file contains the definition more than once, and all copies would have to change"
    for path in (*fix.set, *fix.remove, *fix.rename):
        site = job.imported_site(path)
        if site is not None:
            return f"the value is written in {site.source}, line {site.span.line}"
    if job.spelling.is_r:
        return "hpolint writes no fixes in R"
    return LANGUAGES_WITHOUT_FIXES.get(language_of(job.source.name).name)

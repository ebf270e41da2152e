"""The jobs of a whole folder, by cost. hpolint's commands read it in processes of their own: no notebook waits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import Any

import msgspec

ENDINGS = frozenset({0, 1})
"""The exit codes of commands that have written a report."""


class FolderJob(msgspec.Struct, frozen=True):
    """A job of a folder: its file, its line from 0, its name, its worst case, and the levels of its file's findings."""

    path: str
    line: int
    name: str
    hours: float | None
    money: float | None
    currency: str
    levels: dict[str, int]


async def folder_jobs(folder: str) -> list[FolderJob]:
    """The jobs below a folder, the most expensive first. Raises RuntimeError with what a command has said."""
    cost, check = await asyncio.gather(_report("cost", folder), _report("check", folder))
    levels: dict[str, Counter[str]] = {}
    for finding in check["findings"]:
        levels.setdefault(finding["path"], Counter())[finding["level"]] += 1
    prices = cost.get("prices")
    currency = prices["currency"] if prices is not None else ""
    jobs: list[FolderJob] = []
    for job in cost["jobs"]:
        hours, money = (_amount(job.get(figure)) for figure in ("hours", "money"))
        own = dict(levels.get(job["path"], {}))
        line = job["line"] - 1 if job["line"] is not None else 0
        jobs.append(FolderJob(job["path"], line, _name(job), hours, money, currency, own))
    return sorted(jobs, key=_rank)


def _name(job: dict[str, Any]) -> str:
    """What a job is called: its own name, else its variable's."""
    for key in ("name", "variable"):
        if job[key] is not None:
            return str(job[key])
    return "tuning job"


def _rank(job: FolderJob) -> tuple[bool, float, str]:
    """Jobs without a known worst case first: nothing bounds what they cost."""
    return job.hours is not None, -job.hours if job.hours is not None else 0.0, job.path


def _amount(figure: dict[str, Any] | None) -> float | None:
    return figure.get("amount") if figure is not None else None


async def _report(command: str, folder: str) -> Any:
    """The report of a command about a folder, with paths below it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "hpolint", command, ".", "--output", "json"),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode not in ENDINGS:
        raise RuntimeError(errors.decode("utf-8", "replace").strip())
    return json.loads(output)

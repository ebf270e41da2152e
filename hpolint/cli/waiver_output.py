"""The output of ``hpolint waiver`` and ``hpolint config --waivers``: waivers to complete, and those that exist."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from msgspec.structs import asdict

from hpolint.config.lookup import Resolved
from hpolint.io import disk
from hpolint.io.escaping import json_document, printable, spreadsheet_cell, visible
from hpolint.io.files import repository_root
from hpolint.io.git_remote import repository_name
from hpolint.model.finding import Finding
from hpolint.model.ignore_comment import today
from hpolint.model.message_text import place_of
from hpolint.model.settings import ConfigError, Settings, Waiver
from hpolint.registry.choosing import locking_settings
from hpolint.report.judged import JudgedFiles
from hpolint.suppressions.waivers import base_folder, definition_digest, is_for, is_outdated, job_label

DEFAULT_DAYS = 30
"""Days from today to the ``until`` of a table that is printed to be completed."""

COLUMNS = (
    *("rule", "repository", "file", "job", "digest", "since", "until", "state", "days_left"),
    *("reason", "approved_by", "ticket", "place"),
)


def waiver_tables(judged: JudgedFiles, name: str) -> str:
    """A ``[[waivers]]`` table for each job with findings of a locked rule. Raises ConfigError if there is none."""
    about_jobs = [finding for finding in judged.findings if finding.job is not None]
    findings = [finding for finding in about_jobs if name in (finding.rule.id, finding.rule.name)]
    locked = {finding.job: finding for finding in findings if finding.rule.fails_from is not None}
    if locked:
        return "\n".join(_table(finding, judged) for finding in locked.values())
    if findings:
        raise ConfigError(f"`{findings[0].rule.id}` is not locked here: use a suppression")
    raise ConfigError(f"no finding of `{name}`")


def outdated_waivers(judged: JudgedFiles) -> str:
    """A line for each waiver whose digest is that of a definition before hpolint read all its launches."""
    waivers: list[Waiver] = []
    for settings in (judged.settings, *judged.other_settings):
        for layer in settings.with_above:
            waivers += layer.silencing.waivers
    lines: dict[str, None] = {}
    for waiver in waivers:
        for job in judged.jobs:
            if is_for(waiver, job) and is_outdated(waiver, job):
                now = f"the digest of `{waiver.rule}` for {place_of(job)} is now {definition_digest(job)}"
                lines[visible(f"{waiver.place}: {now}")] = None
    return "".join(f"{line}\n" for line in lines) or "no outdated waivers\n"


def _table(finding: Finding, judged: JudgedFiles) -> str:
    job = finding.job
    assert job is not None
    folder = root = repository_root(os.path.dirname(job.source.name) or ".")
    locking = _locking(finding, judged)
    lines = []
    if locking is not None:
        folder = os.path.dirname(locking.origin) or "."
        lines.append(f"# Add it to {locking.origin}, which locks the rule, with a reason and who approves it:")
    base = base_folder(folder, root)
    file = os.path.relpath(disk.real(job.source.name), disk.real(base)).replace(os.sep, "/")
    values = {
        "rule": finding.rule.id,
        "repository": repository_name(root),
        "file": file,
        "job": job_label(job) or None,
        "digest": definition_digest(job),
        "until": today() + timedelta(days=DEFAULT_DAYS),
        "reason": "",
        "approved-by": "",
    }
    lines += [f"# {visible(finding.text[0])}", "[[waivers]]"]
    lines += [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"


def _locking(finding: Finding, judged: JudgedFiles) -> Settings | None:
    """The settings that lock the rule, if they come from a file."""
    for settings in (judged.settings, *judged.other_settings):
        locking = locking_settings(finding.rule, settings)
        if locking is not None and locking.origin:
            return locking
    return None


def _toml(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False)) if isinstance(value, str) else str(value)


def waivers_of(resolved: Iterable[Resolved]) -> list[Waiver]:
    """The waivers of some settings and of those above them, each once, by their last day."""
    waivers: dict[str, Waiver] = {}
    for of_folder in resolved:
        for settings in of_folder.settings.with_above:
            waivers |= {waiver.place: waiver for waiver in settings.silencing.waivers}
    return sorted(waivers.values(), key=lambda waiver: waiver.until)


def waivers_text(waivers: list[Waiver], output: str) -> str:
    """Waivers as text, JSON or CSV."""
    records = [_record(waiver) for waiver in waivers]
    if output == "json":
        return json_document({"version": 1, "waivers": records})
    if output == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow({name: spreadsheet_cell(value) for name, value in record.items()})
        return out.getvalue()
    return "".join(_paragraph(record) for record in records) or "no waivers\n"


def _record(waiver: Waiver) -> dict[str, Any]:
    """The values of the columns."""
    days_left = (waiver.until - today()).days
    state = "in force"
    if days_left < 0:
        state = "ended"
    if waiver.since is not None and today() < waiver.since:
        state = "not yet in force"
    values = {**asdict(waiver), "until": str(waiver.until), "state": state, "days_left": max(days_left, 0)}
    if waiver.since is not None:
        values["since"] = str(waiver.since)
    return {name: values[name] for name in COLUMNS}


def _paragraph(record: dict[str, Any]) -> str:
    where = " in ".join(filter(None, [record["file"], record["repository"]]))
    left = f", {record['days_left']} days left" if record["state"] == "in force" else ""
    ticket = f", {record['ticket']}" if record["ticket"] else ""
    lines = (
        f"{record['place']}: {record['rule']} for {record['job'] or 'a job without a name'}, {where}",
        f"  {record['state']}, until {record['until']}{left}: {record['reason']}",
        f"  approved by {record['approved_by']}{ticket}",
    )
    return "".join(f"{visible(line)}\n" for line in lines)

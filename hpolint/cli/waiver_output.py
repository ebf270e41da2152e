"""The output of ``hpolint waiver`` and ``hpolint config --waivers``: waivers to complete, and those that exist."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from hpolint.config.lookup import Resolved
from hpolint.io import disk
from hpolint.io.escaping import printable, spreadsheet_cell, visible
from hpolint.io.files import repository_root
from hpolint.io.git_remote import repository_name
from hpolint.model.finding import Finding
from hpolint.model.ignore_comment import today
from hpolint.model.settings import ConfigError, Settings, Waiver
from hpolint.registry.choosing import locking_settings
from hpolint.report.judged import JudgedFiles
from hpolint.suppressions.waivers import base_folder, definition_digest, job_label

OUTPUTS = ("text", "json", "csv")
DEFAULT_DAYS = 30
"""Days from today to the ``until`` of a table that is printed to be completed."""

COLUMNS = (
    *("rule", "repository", "file", "job", "digest", "since", "until", "state", "days_left", "reason", "approved_by"),
    *("ticket", "place"),
)


def waiver_tables(judged: JudgedFiles, name: str) -> str:
    """A ``[[waivers]]`` table for each job with findings of a locked rule. Raises ConfigError if there is none."""
    findings = [each for each in judged.findings if name in (each.rule.id, each.rule.name) and each.job is not None]
    locked = [each for each in findings if each.rule.fails_from is not None]
    if findings and not locked:
        raise ConfigError(f"`{findings[0].rule.id}` is not locked here: use a suppression")
    if not locked:
        raise ConfigError(f"no finding of `{name}`")
    by_job = {id(each.job): each for each in locked}
    return "\n".join(_table(each, judged) for each in by_job.values())


def _table(finding: Finding, judged: JudgedFiles) -> str:
    job = finding.job
    assert job is not None
    root = repository_root(os.path.dirname(job.source.name) or ".")
    locking = _locking(finding, judged)
    base = base_folder(os.path.dirname(locking.origin) or "." if locking is not None else root, root)
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
    lines = [f"# {visible(finding.text[0])}", "[[waivers]]"]
    lines += [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    where = (
        f"# Add it to {locking.origin}, which locks the rule, with a reason and who approves it:\n" if locking else ""
    )
    return where + "\n".join(lines) + "\n"


def _locking(finding: Finding, judged: JudgedFiles) -> Settings | None:
    settings = (locking_settings(finding.rule, each) for each in (judged.settings, *judged.other_settings))
    return next((each for each in settings if each is not None and each.origin), None)


def _toml(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False)) if isinstance(value, str) else str(value)


def waivers_of(resolved: Iterable[Resolved]) -> list[Waiver]:
    """The waivers of some settings and of those above them, each once, by their last day."""
    settings = [each for one in resolved for each in (one.settings, *one.settings.above)]
    found = {each.place: each for one in settings for each in one.waivers}
    return sorted(found.values(), key=lambda each: each.until)


def waivers_text(waivers: list[Waiver], output: str) -> str:
    """Waivers as text, JSON or CSV."""
    records = [_record(each) for each in waivers]
    if output == "json":
        return printable(json.dumps({"version": 1, "waivers": records}, indent=2, ensure_ascii=False)) + "\n"
    if output == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: spreadsheet_cell(value) for name, value in each.items()} for each in records)
        return out.getvalue()
    lines = [line for each in records for line in _lines(each)]
    return "".join(f"{visible(line)}\n" for line in lines) or "no waivers\n"


def _record(waiver: Waiver) -> dict[str, Any]:
    day = today()
    is_future = waiver.since is not None and day < waiver.since
    return {
        **{name: getattr(waiver, name) for name in ("rule", "repository", "file", "job", "digest")},
        "since": str(waiver.since) if waiver.since is not None else None,
        "until": str(waiver.until),
        "state": "not yet in force" if is_future else "ended" if day > waiver.until else "in force",
        "days_left": max((waiver.until - day).days, 0),
        "reason": waiver.reason,
        "approved_by": waiver.approved_by,
        "ticket": waiver.ticket,
        "place": waiver.place,
    }


def _lines(each: dict[str, Any]) -> Iterator[str]:
    where = " in ".join(filter(None, [each["file"], each["repository"]]))
    left = f", {each['days_left']} days left" if each["state"] == "in force" else ""
    yield f"{each['place']}: {each['rule']} for {each['job'] or 'a job without a name'}, {where}"
    yield f"  {each['state']}, until {each['until']}{left}: {each['reason']}"
    yield f"  approved by {each['approved_by']}{', ' + each['ticket'] if each['ticket'] else ''}"

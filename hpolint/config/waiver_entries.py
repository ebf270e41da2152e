"""``[[waivers]]``: findings of locked rules that somebody has approved until a day, in the file that locks the rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hpolint.config.config_files import ConfigFile
from hpolint.lazy_regex import lazy_regex
from hpolint.model.ignore_comment import read_date, today
from hpolint.model.settings import Waiver

WILDCARDS = lazy_regex(r"[*?\[\]!]")
MAX_DAYS = 90
"""The default of ``max-waiver-days``."""


def waiver_of(file: ConfigFile, number: int, table: dict[str, Any]) -> Waiver:
    """The waiver of one ``[[waivers]]`` table. Raises ConfigError."""
    path = ("waivers", number)
    if "repository" not in table and "file" not in table:
        raise file.error(path, "a waiver needs `repository` or `file`")
    for name in ("rule", "repository", "file", "job"):
        if WILDCARDS.search(table.get(name, "")):
            raise file.error((*path, name), f"`{table[name]}`: a waiver has no patterns: name one {name}")
    rule = table["rule"]
    if "/" not in rule:
        raise file.error((*path, "rule"), f"`{rule}`: write the rule's full name, CATEGORY/NAME")
    if not any(file.table.get("rules", {}).get(name, {}).get("locked") for name in _names(rule)):
        reason = f"`{rule}` is not locked in this file: a waiver is for a lock of its own file"
        raise file.error((*path, "rule"), reason)
    since, until = day_of(table.get("since")), day_of(table["until"])
    first = since or today()
    if since is not None and until < since:
        raise file.error((*path, "until"), f"{until} is before `since`, {since}")
    most = file.table.get("max-waiver-days", MAX_DAYS)
    if until > first + timedelta(days=most):
        raise file.error((*path, "until"), f"{until} is more than {most} days after {first}: see `max-waiver-days`")
    return Waiver(
        rule=rule,
        repository=table.get("repository", ""),
        file=table.get("file", ""),
        job=table.get("job", ""),
        digest=table["digest"],
        since=since,
        until=until,
        reason=table["reason"],
        approved_by=table["approved-by"],
        ticket=table.get("ticket", ""),
        folder=file.folder,
        place=file.place(path),
    )


def _names(rule: str) -> tuple[str, ...]:
    """The names by which a file can lock a rule."""
    category, _, name = rule.partition("/")
    return rule, name, category, "ALL"


def day_of(value: Any) -> Any:
    """A date of TOML's own type or in a string; None without one."""
    return read_date(value)[0] if isinstance(value, str) else value

"""Reports about fixtures, which many tests look at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from hpolint.config.lookup import CheckOptions
from hpolint.report.report import Report
from hpolint.run.check import checked_paths


@cache
def fixtures_report() -> Report:
    """What is found in ``fixtures``, made once in a process; to be asked in the repository's root."""
    return report_with_fixes(["fixtures"])


def report_with_fixes(paths: Sequence[str], settings: dict[str, Any] | None = None) -> Report:
    """What is found in some paths, with all fixes as text."""
    with checked_paths([*paths], CheckOptions(settings or {})) as check:
        return check.report_with_fixes(check.report.findings)

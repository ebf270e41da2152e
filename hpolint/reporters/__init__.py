"""One module per format: a report in, its text out. A reporter knows no rule."""

from __future__ import annotations

import importlib
from typing import Protocol

from hpolint.report.report import Report


class Reporter(Protocol):
    """What each module of this package offers."""

    def render(self, report: Report) -> str:
        """The whole text, with its last newline."""


def reporter(name: str) -> Reporter:
    """The module of a format."""
    return importlib.import_module(f"hpolint.reporters.{name}")

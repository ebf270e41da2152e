"""The reporters: one module per output format, which turns a report into text."""

from __future__ import annotations

import importlib
from typing import Protocol

from hpolint.report.report import Report


class Reporter(Protocol):
    """The interface of each module of this package."""

    def render(self, report: Report) -> str:
        """The whole text, with a newline at its end."""


def reporter(name: str) -> Reporter:
    """The module of a format."""
    return importlib.import_module(f"hpolint.reporters.{name}")

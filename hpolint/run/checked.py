"""What checks one file, and the result: in this process or in another."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec

from hpolint.discovery.walk import Found, Search
from hpolint.fixes.requests import FixRequest, FixTexts

Result = TypeVar("Result")


class Checked(msgspec.Struct, Generic[Result], frozen=True):
    """The result of one file, None if it is not a candidate, and its search."""

    file: Found
    result: Result | None
    search: Search


class Checks(Protocol[Result]):
    """What checks files, in this process and in others: ``FileRecords`` for a report, ``FileChecks`` for live jobs."""

    def file(self, file: Found) -> tuple[Result | None, Search]:
        """The result of a file, None if it is not a candidate, and its search. Raises ConfigError."""

    def fix_texts(self, request: FixRequest) -> FixTexts | None:
        """The fixes of a file as text; None if what they need is not kept."""

    def for_worker(self) -> Checks[Result]:
        """A new instance for another process."""

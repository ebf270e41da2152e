"""Which tests take long, by the processor's time of their own process and of what it has started: no load adds to it
what a clock would add."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.harness import forked_command

MUCH, FAR_TOO_MUCH = 5.0, 10.0
"""Seconds from which a test is named, and from which it fails a run in CI: a busy machine slows processors."""

PROPERTY = "processor_seconds"


def spent() -> float:
    """Seconds of processor time of this process, of those that it has waited for and of copies of the command."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + forked_command.seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note what a test spends, but for what it shares with others."""
    before = spent()
    try:
        return (yield)
    finally:
        excused = item.get_closest_marker("slow") or item.get_closest_marker("nightly")
        if not excused and (seconds := spent() - before) > MUCH:
            item.user_properties.append((PROPERTY, round(seconds, 1)))


def slow_tests(reports: list[pytest.TestReport]) -> dict[str, float]:
    """The tests without a marker that have taken much, with what they took."""
    return {
        each.nodeid: float(str(value)) for each in reports for name, value in each.user_properties if name == PROPERTY
    }


class Accounts:
    """What the tests of a run took, in the process that hears of all of them."""

    def __init__(self) -> None:
        self._reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._reports.append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail in CI where a test takes far too much."""
        if os.environ.get("CI") and any(each > FAR_TOO_MUCH for each in slow_tests(self._reports).values()):
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them."""
        slow = slow_tests(self._reports)
        if slow:
            terminalreporter.section("more than 5 s of processor time: make it less, or mark it `nightly` or `slow`")
        for nodeid, seconds in sorted(slow.items(), key=lambda each: -each[1]):
            terminalreporter.line(f"{seconds:6.1f} s {nodeid}")

"""That tests which take too long are named by what they take of the processor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import FIXTURES, Command
from tests.harness.processor import FAR_TOO_MUCH, MUCH, PROPERTY, Accounts, slow_tests, spent


def report(name: str, seconds: float) -> pytest.TestReport:
    """What is heard of a test that took so much."""
    return pytest.TestReport(name, ("", 0, ""), {}, "passed", None, "call", user_properties=[(PROPERTY, seconds)])


@pytest.mark.parametrize(
    ("seconds", "ci", "code"), [(FAR_TOO_MUCH + 1, "1", 1), (FAR_TOO_MUCH + 1, "", 0), (MUCH + 1, "1", 0)]
)
def test_a_test_that_takes_far_too_much_fails_ci(
    seconds: float, ci: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes much is named, in CI as elsewhere."""
    monkeypatch.setenv("CI", ci)
    accounts, session = Accounts(), SimpleNamespace(exitstatus=0)
    lines: list[str] = []
    accounts.pytest_runtest_logreport(report("tests/test_a.py::test_b", seconds))
    accounts.pytest_sessionfinish(session)  # type: ignore[arg-type]
    terminal: Any = SimpleNamespace(section=lines.append, line=lines.append)
    accounts.pytest_terminal_summary(terminal)
    assert session.exitstatus == code
    assert lines[1] == f"{seconds:6.1f} s tests/test_a.py::test_b"
    assert slow_tests([]) == {}


def test_what_a_run_of_the_command_takes_is_counted(hpolint: Command) -> None:
    """Whether it is a new process or a copy."""
    hpolint.write("request.json", (FIXTURES / "request" / "churn-xgboost.json").read_bytes())
    for run in (hpolint, hpolint.start):
        before = spent()
        run("check")
        assert spent() - before > 0.01

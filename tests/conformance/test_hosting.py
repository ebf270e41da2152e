"""A tuner behind other people's modules."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conformance.hosting import BEFORE, OTHERWISE, RIGHT, UNKNOWN, hosted
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked, memory is bounded")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process without threads."""
    command = [sys.executable, "-m", "tests.conformance.hosting", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_tuner_behind_a_library_module_is_read() -> None:
    """Whatever a long module does before it launches its tuner, the tuner is read as it is written."""
    result = run("--sample")
    assert (result.returncode, result.stdout) == (0, "60 read right\n"), result.stderr


@pytest.mark.nightly("reads each file that is installed")
def test_a_tuner_behind_any_installed_module_is_read() -> None:
    """The same behind each module that this Python has, within bounds of time and memory."""
    result = run("--jobs", "2")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("before", "how"),
    [
        (b"x = 1\n", RIGHT),
        (b"raise SystemExit\n", BEFORE),
        (b"def IntegerParameter(): pass\nfor n in names:\n    exec(n)\n", RIGHT),
        (b"def broken(:\n", "reported: invalid syntax"),
    ],
)
def test_how_a_tuner_is_read_is_distinguished(before: bytes, how: str) -> None:
    """Right, not reached and reported are three answers, so a file that is not read is never counted as read."""
    assert hosted(before) == how


def test_a_tuner_with_other_values_is_not_taken_for_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One value that is unknown or another one, and the file is not read right."""
    tuner = "\nfrom sagemaker.tuner import HyperparameterTuner, IntegerParameter\n"
    tuner += "HyperparameterTuner(e, 'm', {'depth': IntegerParameter(2, %s)}, max_jobs=23)"
    for high, how in (("11", RIGHT), ("top", UNKNOWN), ("12", OTHERWISE)):
        monkeypatch.setattr("tests.conformance.hosting.TUNER", (tuner % high).encode() + b".fit()\n")
        assert hosted(b"import os\n") == how

"""The guard in the real SDKs: the exception reaches the program, and what is sent is what the SDK would have sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROGRAMS = {
    "boto3": "",
    "aioboto3": "HPOLINT_AIOBOTO3",
    "sdk2": "HPOLINT_SDK2",
    "core": "HPOLINT_SDK2",
    "sdk3": "HPOLINT_SDK3",
    "hook": "HPOLINT_AIRFLOW",
    "operator": "HPOLINT_AIRFLOW",
}
"""Each program with the variable that names the Python of its environment."""


def outcome(program: str) -> dict[str, Any]:
    """What a program sends and how it ends, in the environment of its SDK."""
    python = os.environ.get(PROGRAMS[program], "") if PROGRAMS[program] else sys.executable
    assert python, f"{PROGRAMS[program]} names no Python"
    done = subprocess.run([python, str(HERE / "launching.py"), program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_careless_launch_is_refused_and_a_careful_one_sent_unchanged(program: str) -> None:
    """The transport counts, and the bodies are equal to the byte. Uninstalled, the guard refuses nothing."""
    found = outcome(program)
    assert len(found["plain"]) == 1
    assert found["guarded"] == found["plain"]
    assert found["sent"] == []
    assert found["uninstalled"] == 1
    grid, *others = found["refusals"]
    assert grid["rules"] == ["launch/grid-needs-categorical"]
    assert grid["file"] == "launch.py"
    assert [each["rules"] for each in others] == [["script/option-never-read"]] * len(others)
    assert ("stays in S3" in grid["text"]) is (program in ("sdk2", "sdk3"))

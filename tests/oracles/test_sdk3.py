"""Programs that the real SageMaker SDK 3 and sagemaker-core run, and what was read from their text."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpolint.readers import read_source
from tests.oracles.comparison import capture, differences, matched

SDK = os.environ.get("HPOLINT_SDK3", "")
"""A Python that has sagemaker-train; CI makes one."""

PROGRAMS = sorted((Path(__file__).parent / "programs/sdk3").glob("*.txt"))
pytestmark = pytest.mark.skipif(not SDK, reason="HPOLINT_SDK3 names no Python with sagemaker-train")


@cache
def outcomes() -> dict[str, dict[str, Any]]:
    """The outcome of each written program."""
    texts = [path.read_text() for path in PROGRAMS]
    return dict(zip([path.name for path in PROGRAMS], capture(SDK, 3, texts), strict=True))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_what_is_read_is_what_is_sent(program: Path) -> None:
    """Every field that the reader calls known is equal, and every one that it calls absent is absent."""
    _, reading = read_source("program.py", program.read_bytes())
    pairs = matched(outcomes()[program.name]["requests"], reading.jobs)
    assert pairs
    for sent, job in pairs:
        assert differences(sent, job.request) == []

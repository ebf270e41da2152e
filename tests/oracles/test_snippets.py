"""Hundreds of small programs, each about one turn that Python or an SDK can take, against what is really sent."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpolint.readers import read_source
from tests.oracles.comparison import capture, differences, matched

HERE = Path(__file__).parent
PYTHONS = {
    "boto3": sys.executable,
    "sdk2": os.environ.get("HPOLINT_SDK2", ""),
    "sdk3": os.environ.get("HPOLINT_SDK3", ""),
}


def snippets(oracle: str) -> dict[str, str]:
    """The programs of a file by their names, each with the head that stands above it."""
    text = (HERE / "snippets" / f"{oracle}.txt").read_text("utf-8")
    found, head = {}, ""
    for title, body in re.findall(r"^##(#? .*)\n((?:(?!##).*\n?)*)", text, flags=re.MULTILINE):
        if title == " head":
            head = body
        else:
            found[title.removeprefix("# ")] = head + body
    return found


@cache
def outcomes(oracle: str) -> dict[str, dict[str, Any]]:
    """What each program sends."""
    if not PYTHONS[oracle]:
        pytest.skip(f"HPOLINT_{oracle.upper()} names no Python with that SDK")
    programs = snippets(oracle)
    return dict(zip(programs, capture(PYTHONS[oracle], oracle, list(programs.values())), strict=True))


@pytest.mark.parametrize("oracle", PYTHONS)
def test_no_field_is_called_what_it_is_not(oracle: str) -> None:
    """Whatever the detour, what is called known is what is sent, and what is called absent is not sent."""
    wrong, compared = [], 0
    for name, program in snippets(oracle).items():
        _, reading = read_source("program.py", program.encode())
        for sent, job in matched(outcomes(oracle)[name]["requests"], reading.jobs):
            compared += 1
            wrong += [f"{name}: {line}" for line in differences(sent, job.request)]
    assert wrong == []
    assert compared >= len(snippets(oracle))

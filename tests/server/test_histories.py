"""The server shows what the command finds, after any history of edits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.requests import SEED
from tests.server.histories import compare


@pytest.mark.parametrize("pulls", [False, True])
def test_the_editor_shows_what_the_command_finds(tmp_path: Path, pulls: bool) -> None:
    """After edits of texts with CRLF, lone CR, emoji, CJK, form feeds and U+2028, in files and cells.

    Rules, levels, places, texts and numbers are the same, also while the configuration is invalid.
    """
    history, difference = asyncio.run(compare(tmp_path.resolve(), SEED, 40, pulls=pulls))
    assert difference == ""
    assert history.findings > history.compared / 2

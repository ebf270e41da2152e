"""A file is spoken of alike, by whatever door its check comes: paths or texts, a report or live jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.run import candidate_check
from hpolint.run.check import check_paths, check_texts
from hpolint.run.reading import read_paths
from tests.harness.texts import read_texts

TEXT = "HyperparameterTuner(\n"
SAID = {
    "a problem that no rule reports": ({"t.py: not read: line 1: '(' was never closed"}, set()),
    "an internal error": (set(), {"t.py: internal error in the reader of Python"}),
}


@pytest.mark.parametrize("what", SAID)
def test_what_is_not_read_is_said_at_every_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """The line about a part that was not read, or about a file that was lost, is in every result."""
    monkeypatch.chdir(tmp_path)
    Path("t.py").write_text(TEXT)
    if what == "an internal error":
        monkeypatch.setattr(candidate_check, "read_source", lambda *_: 1 / 0)
    options = CheckOptions({"ignore": ["hygiene"]})
    for result in (
        check_paths(["t.py"], options),
        check_texts({"t.py": TEXT.encode()}, options),
        read_paths(["t.py"], options),
        read_texts({"t.py": TEXT}, options),
    ):
        unreadable = {line.partition(" (")[0].partition(": ZeroDivision")[0] for line in result.unreadable}
        assert (set(result.notices), unreadable) == SAID[what]

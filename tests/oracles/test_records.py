"""The recorded answers are those of the real things, and a stale one is never taken for an answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.oracles.programs import ORACLES, Oracle
from tests.oracles.record import RECORDS, StaleRecord, asked, laid_out, pinned, recorded

KINDS = [pytest.param(oracle, kind, id=f"{oracle.name}-{kind}") for oracle in ORACLES.values() for kind in oracle.kinds]
MACHINES = ("/tmp", "/home/", "/Users/", "site-packages", "0x7f")
"""Texts that identify the machine on which an answer was recorded."""


@pytest.mark.live
@pytest.mark.parametrize(("oracle", "kind"), KINDS)
def test_the_record_is_what_the_real_thing_answers(oracle: Oracle, kind: str) -> None:
    """Asked again, with the packages that are recorded, it says the same of every program."""
    assert asked(oracle, oracle.kinds[kind]) == recorded(oracle, kind)


@pytest.mark.parametrize(("oracle", "kind"), KINDS)
def test_a_record_is_the_same_wherever_it_is_made(oracle: Oracle, kind: str) -> None:
    """It contains no path of a machine, and has the layout that the recorder writes."""
    text = (RECORDS / oracle.name / f"{kind}.json").read_text("utf-8")
    assert [mark for mark in MACHINES if mark in text] == []
    assert text == laid_out(json.loads(text)) + "\n"


@pytest.mark.parametrize("what", ["packages", "scripts", "programs"])
def test_a_stale_record_fails_with_the_command_that_makes_it(what: str, tmp_path: Path) -> None:
    """Whether the packages, the capture or a program has changed, so no test compares with an outdated answer."""
    record = json.loads((RECORDS / "airflow/written.json").read_text("utf-8"))
    if what == "programs":
        record["outcomes"]["operator"]["program"] = "of another text"
    else:
        record[what] = "of others"
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow/written.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(StaleRecord, match=r"HPOLINT_AIRFLOW=PYTHON python -m tests\.oracles\.record airflow"):
        recorded(ORACLES["airflow"], "written", tmp_path)


def test_a_missing_record_fails_with_the_command_that_makes_it(tmp_path: Path) -> None:
    """It is neither skipped nor created."""
    with pytest.raises(StaleRecord, match=r"python -m tests\.oracles\.record sdk2"):
        recorded(ORACLES["sdk2"], "written", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of other versions than those that are named would be recorded under their names."""
    monkeypatch.setenv("HPOLINT_AIRFLOW", sys.executable)
    with pytest.raises(StaleRecord, match="a2wsgi is missing, not "):
        asked(ORACLES["airflow"], {})


def test_boto3_is_the_one_that_the_tests_are_run_with() -> None:
    """Its recorded answers are those of the versions in the constraints."""
    assert pinned(ORACLES["boto3"].environment).items() <= pinned(ROOT / "constraints.txt").items()

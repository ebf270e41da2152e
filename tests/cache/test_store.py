"""Which outcomes the cache stores, and which it gives: in one process, run after run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hpolint.cache import file_results
from hpolint.cache.file_results import ResultCache, result_cache
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.walk import Search
from hpolint.fixes.requests import FixTexts
from hpolint.io import disk
from hpolint.model.fix import WrittenFix
from hpolint.model.settings import FileSettings, RuleSettings, Settings
from hpolint.report.records import FileRecord, RuleFault
from hpolint.report.report import Report
from hpolint.run.check import checked_paths
from hpolint.run.file_check import FileChecks
from tests.harness.entries import Entry
from tests.harness.files import found_in
from tests.requests import unbounded

FAULT = RuleFault(rule="a/b", reason="failed", source="a.json", line=1, place="a.json:1", text="a/b failed")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing is stored there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two requests, in which files are trusted as soon as they are written."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("a.json", "b.json"):
        (work / name).write_text(json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20)))
    monkeypatch.chdir(work)
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(disk, "SETTLED_NANOSECONDS", 0)
    return work


def checked(*paths: str) -> Report:
    """A check with the cache, whose fixes are written as text and stored."""
    with checked_paths([*(paths or ["."])], CheckOptions(uses_cache=True)) as check:
        report = check.report_with_fixes(check.report.findings)
        check.store()
        return report


def entry_of(folder: Path) -> Path:
    """The file of the one entry."""
    (path,) = (folder.parent / "cache").iterdir()
    return path


def known(folder: Path, recorder: disk.ReadRecorder) -> dict[str, FileRecord | None]:
    """What the cache gives of a folder's files."""
    recall = result_cache(["."], None, FileChecks(["."]).rules, recorder)
    assert recall is not None
    return recall.cached(found_in(Path()))


def test_fixes_are_stored_with_their_findings(folder: Path) -> None:
    """Another run prints them without working them out, and they are the same."""
    first = checked()
    with disk.recorded_reads() as recorder:
        found = known(folder, recorder)
    written = [fix for record in found.values() if record is not None for fix in record.fixes.values()]
    assert sorted(map(str, written)) == sorted(str(first.fix_of(finding)) for finding in first.findings if finding.fix)
    assert any(fix.edits for fix in written)


@pytest.mark.parametrize("record", [bytes(100), b"\xc1", b"\x90"], ids=["zeros", "no value", "another value"])
def test_a_record_that_cannot_be_decoded_costs_itself(folder: Path, record: bytes) -> None:
    """The file is checked again; the other files' records are used."""
    checked()
    path = entry_of(folder)
    entry = Entry.read(path)
    *stored, _ = entry.files["a.json"]
    entry.with_file("a.json", [*stored, record]).write(path)
    with disk.recorded_reads() as recorder:
        assert list(known(folder, recorder)) == ["b.json"]


@pytest.mark.parametrize(("name", "other"), [("a.json", "b.json"), ("b.json", "a.json")])
def test_a_record_of_another_file_is_not_used(folder: Path, name: str, other: str) -> None:
    """A name in the record that is not the file's: the file is checked again."""
    checked()
    path = entry_of(folder)
    entry = Entry.read(path)
    *stored, _ = entry.files[name]
    entry.with_file(name, [*stored, entry.files[other][-1]]).write(path)
    with disk.recorded_reads() as recorder:
        assert list(known(folder, recorder)) == [other]


def test_a_tree_above_the_limit_is_stored_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records that fit are stored, and only the other files are checked again."""
    monkeypatch.setattr(file_results, "MAX_RECORD_BYTES", 6_000)
    checked()
    with disk.recorded_reads() as recorder:
        assert list(known(folder, recorder)) == ["a.json"]


def test_a_file_that_is_gone_is_forgotten(folder: Path) -> None:
    """And one that is there, and that this run does not check, is kept."""
    checked()
    (folder / "a.json").unlink()
    (folder / "c.json").write_text((folder / "b.json").read_text())
    checked("c.json")
    assert set(Entry.read(entry_of(folder)).files) == {"b.json", "c.json"}


@pytest.mark.parametrize(
    ("record", "unreadable"),
    [
        (FileRecord(name="a.json", internal_error="internal error"), []),
        (FileRecord(name="a.json", failures=(FAULT,)), []),
        (FileRecord(name="a.json"), ["a.json: cannot be read"]),
        (None, ["a.json: cannot be read"]),
    ],
    ids=["an internal error", "a rule that failed", "unreadable", "no candidate, unreadable"],
)
def test_what_went_wrong_is_not_stored(folder: Path, record: FileRecord | None, unreadable: list[str]) -> None:
    """The next run tries again."""
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]).rules)
        file = found_in(Path())[0]
        disk.record(file.name)
        recall.store(file, record, Search(unreadable=unreadable))
        recall.write()
    assert not (folder.parent / "cache").exists()
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]).rules)
        disk.record(file.name)
        recall.store(file, FileRecord(name=file.name), Search())
        recall.write()
    assert entry_of(folder).exists()


def test_fixes_of_what_is_not_stored_are_not_stored(folder: Path) -> None:
    """Of a file that was not checked, or had changed just before."""
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]).rules)
        recall.store_fixes("a.json", FixTexts({1: WrittenFix()}, {}))
        recall.write()
    assert not (folder.parent / "cache").exists()


def test_another_baseline_is_another_entry(folder: Path) -> None:
    """The baseline decides what is reported, so a changed one is another entry, although its name is the same."""
    (folder / "hpolint.toml").write_text('baseline = "known.json"\n')
    for number in range(2):
        (folder / "known.json").write_text(json.dumps({"version": 1, "baseline": []}) + "\n" * number)
        checked()
    assert len(list((folder.parent / "cache").iterdir())) == 2


def test_nothing_is_stored_while_hpolint_is_debugged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An internal error is to be raised again."""
    monkeypatch.setenv("HPOLINT_DEBUG", "1")
    with disk.recorded_reads() as recorder:
        assert result_cache(["."], None, FileChecks(["."]).rules, recorder) is None


def test_settings_that_differ_are_distinguished() -> None:
    """By each of their values, of any type and in each part."""
    parts = [Settings(), Settings(rules=RuleSettings(ignore=("a",))), Settings(files=FileSettings(force_exclude=True))]
    values = [*parts, None, 0, False, "0", 1.5, [], ["a"], {"a": 1}, {"a": None}, ("b",), {1: "a"}, {"1": "a"}]
    texts = [json.dumps(file_results._plain(each)) for each in values]
    assert len(set(texts)) == len(values)

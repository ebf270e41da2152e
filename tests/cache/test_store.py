"""Which outcomes the cache stores, and which it gives: in one process, run after run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hpolint.cache import outcomes
from hpolint.cache.outcomes import ResultCache, result_cache
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.walk import Search
from hpolint.fixes.preview import prepare_fixes
from hpolint.io import disk
from hpolint.model.finding import RuleFailure
from hpolint.model.fix import WrittenFix
from hpolint.registry import builtin_rules
from hpolint.report.outcome import Outcome
from hpolint.report.report import Report
from hpolint.run.file_check import FileChecks
from hpolint.run.orchestration import check_paths
from tests.harness.entries import Entry
from tests.requests import unbounded
from tests.serialization.outcomes import found_in

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


def checked(folder: Path) -> Report:
    """A check with the cache, whose fixes are worked out and stored."""
    report = check_paths(["."], CheckOptions(uses_cache=True))
    prepare_fixes(report, report.findings)
    assert report.cache is not None
    report.cache.write()
    return report


def entry_of(folder: Path) -> Path:
    """The file of the one entry."""
    (path,) = (folder.parent / "cache").iterdir()
    return path


def known(folder: Path, recorder: disk.ReadRecorder) -> dict[str, Outcome | None]:
    """What the cache gives of a folder's files."""
    recall = result_cache(["."], FileChecks(["."]), recorder)
    assert recall is not None
    return recall.cached(found_in(Path()))


def test_fixes_are_stored_with_their_findings(folder: Path) -> None:
    """Another run prints them without working them out, and they are the same."""
    first = checked(folder)
    with disk.recorded_reads() as recorder:
        found = known(folder, recorder)
    written = [each for outcome in found.values() if outcome is not None for each in outcome.written]
    assert sorted(map(str, written)) == sorted(str(first.fix_of(finding)) for finding in first.findings)
    assert any(each is not None and each.edits for each in written)


def test_an_outcome_that_cannot_be_decoded_costs_itself(folder: Path) -> None:
    """The other files' are used."""
    checked(folder)
    path = entry_of(folder)
    entry = Entry.read(path)
    content = entry.values
    _, _, start, size = content["files"]["a.json"]
    entry.data = entry.data[:start] + bytes(size) + entry.data[start + size :]
    entry.write(path)
    with disk.recorded_reads() as recorder:
        assert list(known(folder, recorder)) == ["b.json"]


def test_a_truncated_outcome_costs_only_itself(folder: Path) -> None:
    """Only an outcome that is truncated in its entry is dropped when the entry is written again."""
    checked(folder)
    path = entry_of(folder)
    entry = Entry.read(path)
    content = entry.values
    content["files"] = {name: content["files"][name] for name in ("a.json", "b.json")}
    content["files"]["a.json"][3] = 10**6
    entry.content = json.dumps(content).encode()
    entry.write(path)
    (folder / "c.json").write_text((folder / "a.json").read_text())
    (folder / "a.json").rename(folder / "gone.txt")
    (folder / "a.json").symlink_to("gone.txt")
    checked(folder)
    assert {"b.json", "c.json"} <= set(Entry.read(path).values["files"])


@pytest.mark.parametrize(("name", "other"), [("a.json", "b.json"), ("b.json", "a.json")])
def test_an_outcome_of_another_file_is_not_used(folder: Path, name: str, other: str) -> None:
    """Neither that of the file before it nor that of the file after it."""
    checked(folder)
    path = entry_of(folder)
    entry = Entry.read(path)
    content = entry.values
    content["files"][name][2:] = content["files"][other][2:]
    entry.content = json.dumps(content).encode()
    entry.write(path)
    with disk.recorded_reads() as recorder:
        assert list(known(folder, recorder)) == [other]


def test_a_file_that_is_gone_is_forgotten(folder: Path) -> None:
    """And one that is there, and that this run does not check, is kept."""
    checked(folder)
    (folder / "a.json").unlink()
    (folder / "c.json").write_text((folder / "b.json").read_text())
    report = check_paths(["c.json"], CheckOptions(uses_cache=True))
    assert report.cache is not None
    report.cache.write()
    assert set(Entry.read(entry_of(folder)).values["files"]) == {"b.json", "c.json"}


@pytest.mark.parametrize(
    ("outcome", "unreadable"),
    [
        (Outcome("a.json", internal_error="internal error"), []),
        (Outcome("a.json", failures=[RuleFailure(builtin_rules()[0], "its expression failed")]), []),
        (Outcome("a.json"), ["a.json: cannot be read"]),
        (None, ["a.json: cannot be read"]),
    ],
    ids=["an internal error", "a rule that failed", "unreadable", "no candidate, unreadable"],
)
def test_what_went_wrong_is_not_stored(folder: Path, outcome: Outcome | None, unreadable: list[str]) -> None:
    """The next run tries again."""
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]))
        file = found_in(Path())[0]
        disk.record(file.name)
        recall.store(file, outcome, None, Search(unreadable=unreadable))
        recall.write()
    assert not (folder.parent / "cache").exists()
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]))
        disk.record(file.name)
        recall.store(file, Outcome(file.name), None, Search())
        recall.write()
    assert entry_of(folder).exists()


def test_fixes_of_what_is_not_stored_are_not_stored(folder: Path) -> None:
    """Of a file that was not checked, or had changed just before."""
    with disk.recorded_reads() as recorder:
        recall = ResultCache(["key"], recorder, FileChecks(["."]))
        recall.store_fixes("a.json", {1: WrittenFix()}, {})
        recall.write()
    assert not (folder.parent / "cache").exists()


def test_another_baseline_is_another_entry(folder: Path) -> None:
    """The baseline decides what is reported, so a changed one is another entry, although its name is the same."""
    (folder / "hpolint.toml").write_text('baseline = "known.json"\n')
    for number in range(2):
        (folder / "known.json").write_text(json.dumps({"version": 1, "baseline": []}) + "\n" * number)
        checked(folder)
    assert len(list((folder.parent / "cache").iterdir())) == 2


def test_nothing_is_stored_while_hpolint_is_debugged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An internal error is to be raised again."""
    monkeypatch.setenv("HPOLINT_DEBUG", "1")
    with disk.recorded_reads() as recorder:
        assert result_cache(["."], FileChecks(["."]), recorder) is None


def test_settings_that_differ_are_distinguished() -> None:
    """By each of their values, of any type."""
    values = [None, 0, False, "0", 1.5, [], ["a"], {"a": 1}, {"a": None}, ("b",), {1: "a"}, {"1": "a"}]
    texts = [json.dumps(outcomes._plain(each)) for each in values]
    assert len(set(texts)) == len(values)

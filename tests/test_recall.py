"""What a file gave is taken again where nothing that it depends on has changed, and nothing else is read for it."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import time
import weakref
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hpolint import disk, packing
from hpolint.checking import Checking
from hpolint.config.lookup import Asked, Configurations
from hpolint.discovery import Found, Search, find_files
from hpolint.fixing.showing import write_out
from hpolint.outcome import Outcome
from hpolint.packing import COUNT, Sources, packed, unpacked
from hpolint.readers import read_source
from hpolint.report import Report
from hpolint.reporters import reporter
from hpolint.rule import Rule
from hpolint.settings import Settings
from hpolint.source import Source
from tests.conftest import ROOT, Command
from tests.requests import endless
from tests.test_replay import OPTIONS, SCRIPT, TUNER

KEEPS = pytest.mark.skipif(os.name == "nt", reason="nothing is kept there")

OPENED = """
import json, os, sys
opened = []
def hear(event, given):
    if event == "open" and isinstance(given[0], str) and not os.path.isabs(given[0]):
        opened.append(os.path.normpath(given[0]))
sys.addaudithook(hear)
from hpolint.config.lookup import Asked
from hpolint.run import check_paths
report = check_paths(sys.argv[2:], Asked(recalls=True), None, int(sys.argv[1]))
from hpolint.fixing.showing import write_out
write_out(report, report.findings)
report.keeper.write()
print(json.dumps([sorted(set(opened)), [[each.source, each.rule.id, each.text] for each in report.findings]]))
"""


def tree(folder: Path) -> Command:
    """Two tuners that share a script with a module, requests, and what names no job."""
    command = Command(folder / "work")
    for name, text in {
        "tune.py": TUNER,
        "again.py": TUNER,
        "src/train.py": SCRIPT,
        "src/options.py": OPTIONS,
        "a.json": json.dumps(endless(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20)),
        "b.json": json.dumps(endless(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=10)),
        "plain.json": "{}",
    }.items():
        command.write(name, text)
    (command.folder / ".git").mkdir()
    return command


def opened(command: Command, processes: int = 1, paths: Sequence[str] = (".",)) -> tuple[list[str], list[object]]:
    """The files that a check opens, and what it finds."""
    argv = [sys.executable, "-c", OPENED, str(processes), *paths]
    env = {**os.environ, "HPOLINT_CACHE_DIR": str(command.folder.parent / "cache")}
    run = subprocess.run(argv, cwd=command.folder, capture_output=True, check=True, env=env)
    files, findings = json.loads(run.stdout)
    return [each for each in files if each.endswith((".py", ".json"))], findings


@KEEPS
@pytest.mark.parametrize("processes", [1, 2])
def test_only_what_has_changed_is_read_again(tmp_path: Path, processes: int) -> None:
    """With all that depends on it: of a script's module the tuners that launch the script, and no request."""
    command = tree(tmp_path)
    for number in range(2 if processes > 1 else 0):  # so many bytes are worth a second process
        command.write(f"large{number}.json", json.dumps({"HyperParameterTuningJobName": "x" * 9_000_000}))
    time.sleep(2.1)
    files, findings = opened(command, processes)
    assert processes > 1 or len(files) == 7
    assert opened(command, processes) == ([], findings)
    command.write("a.json", json.dumps(endless(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=5)))
    time.sleep(2.1)
    files, changed = opened(command, processes)
    assert files == ["a.json"]
    assert changed != findings
    command.write("src/options.py", OPTIONS.replace("'--lr'", "'--rate'"))
    time.sleep(2.1)
    files, renamed = opened(command, processes)
    assert files == ["again.py", "src/options.py", "src/train.py", "tune.py"]
    assert renamed != changed
    assert opened(command, processes) == ([], renamed)


@KEEPS
def test_what_a_hook_is_given_is_kept_together(tmp_path: Path) -> None:
    """Whichever files of a repository are asked for, and from the same folder: the other files' outcomes stay."""
    command = tree(tmp_path)
    (command.folder / "src" / "deep.json").write_text(json.dumps(endless(MaxNumberOfTrainingJobs=40)))
    time.sleep(2.1)
    for paths in (["a.json"], ["src/deep.json", "b.json"], ["src"], ["tune.py"], ["again.py"]):
        opened(command, paths=paths)
    assert len(list((tmp_path / "cache").glob("files-*"))) == 1
    assert opened(command)[0] == ["plain.json"]


@KEEPS
def test_what_changed_just_now_is_not_kept(tmp_path: Path) -> None:
    """It may change again and keep its time; what lay still beside it is kept."""
    command = tree(tmp_path)
    time.sleep(2.1)
    command.write("a.json", json.dumps(endless(MaxNumberOfTrainingJobs=40)))
    opened(command)
    assert opened(command)[0] == ["a.json"]


@KEEPS
def test_a_broken_cache_is_no_trouble(tmp_path: Path) -> None:
    """Whatever stands in its file: each check finds the same."""
    command = tree(tmp_path)
    time.sleep(2.1)
    _, findings = opened(command)
    (kept,) = (tmp_path / "cache").glob("files-*")
    whole = kept.read_bytes()
    line, _, data = whole.partition(b"\n")
    head = json.loads(line)
    evil = b"cos\nsystem\n(S'touch evil'\ntR."
    evil = COUNT.pack(1) + COUNT.pack(len(evil)) + evil
    place = [0, len(evil), zlib.crc32(evil)]
    first = {name: [settings, asked, *place] for name, (settings, asked, *_) in head["content"]["files"].items()}
    for content, rest in (
        (head["content"], data[:-20]),
        (head["content"], b""),
        (head["content"], bytes(reversed(data))),
        ({"files": first, "asked": head["content"]["asked"]}, evil),
        ({"files": {"a.json": [1]}, "asked": []}, data),
        ({"files": {"a.json": [None, None, None, None]}, "asked": [[]]}, data),
        ({"files": {"a.json": ["", [], "x"], "b.json": ["", [], -1, 2, 3]}, "asked": []}, data),
        ({**head["content"], "asked": [["a"]]}, data),
        ([], b""),
        ({}, b""),
    ):
        kept.write_bytes(json.dumps({**head, "content": content}).encode() + b"\n" + rest)
        assert opened(command)[1] == findings
    assert not (command.folder / "evil").exists()


def found_in(folder: Path) -> list[Found]:
    """The files of a folder, with their settings."""
    return find_files([str(folder)], Configurations(Asked()), Search())


def test_a_file_depends_on_the_same_whoever_was_read_before_it(tmp_path: Path) -> None:
    """What is worked out once for several files is noted of each: none shows what was so when another was read."""
    command = tree(tmp_path)
    for folder in (command.folder, ROOT / "fixtures"):
        together = Checking([str(folder)])
        candidates = 0
        for file in found_in(folder):
            with disk.watched():
                outcome, met = together.file(file)
                candidates += outcome is not None
            with disk.watched():
                _, alone = Checking([str(folder)]).file(file)
            assert set(alone.asked) <= set(met.asked)
        assert candidates > 3


def outcomes(folder: Path) -> Iterator[tuple[Report, Report]]:
    """Reports of what each file of a folder gives, and of the same packed and unpacked."""
    checking = Checking([str(folder)])
    for file in found_in(folder):
        outcome, _ = checking.file(file)
        if outcome is not None:
            rules = checking.rules(file.settings)
            first, second = Report(Settings()), Report(Settings())
            first.add(outcome)
            first.finish()
            write_out(first, first.findings)
            outcome.written = [first.fix_of(finding) for finding in outcome.findings]
            second.add(unpacked(packed(outcome, rules), rules, Sources()))
            second.finish()
            yield first, second


def test_what_is_unpacked_says_the_same() -> None:
    """Of every form: each finding, with its places, its fix as it would be written, and what stays open."""
    seen = 0
    for before, after in outcomes(ROOT / "fixtures"):
        for format_ in ("json", "sarif", "text"):
            assert reporter(format_).render(before) == reporter(format_).render(after)
        assert str(before.open_values()) == str(after.open_values())
        seen += len(before.findings)
    assert seen > 100


def test_of_a_job_that_is_only_counted_nothing_more_is_loaded() -> None:
    """Its form, its place and its name in the source are at hand; whoever asks for more is given all that there was."""
    checking = Checking([str(ROOT / "fixtures")])
    seen = 0
    for file in found_in(ROOT / "fixtures"):
        outcome, _ = checking.file(file)
        rules = checking.rules(file.settings)
        found = unpacked(packed(outcome, rules), rules, Sources()) if outcome is not None else None
        for before, after in zip(outcome.jobs, found.jobs, strict=True) if outcome and found else ():
            assert (after.form, after.source.name, after.variable) == (before.form, before.source.name, before.variable)
            assert after.load is not None
            assert after == before
            assert after.load is None
            assert after == pickle.loads(pickle.dumps(before))
            seen += 1
    assert seen > 30


@pytest.mark.parametrize("large", [1, 10**9])
def test_few_texts_are_held_and_each_is_there(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    """However many sources a report has, and wherever they wait: each can be asked again, in any order."""
    monkeypatch.setattr(packing, "LARGE", large)
    monkeypatch.setattr(packing, "HELD", 200)
    sources, rules = Sources(), dict[str, Rule]()
    texts = [f"# {number}\nsource" for number in range(60)] + [f"# {'.' * 200}\nsource", "# last\nsource"]
    made = [packed(Outcome(f"{at}.py", Source(f"{at}.py", text)), rules) for at, text in enumerate(texts)]
    found = [source for data in made if (source := unpacked(data, rules, sources).source) is not None]
    assert sum("text" in vars(source) for source in found) == 0
    for order in (1, -1):
        assert [source.text for source in found[::order]] == texts[::order]
        assert [source.line(2) for source in found] == ["source"] * len(texts)
        held = [len(source.text) for source in found if "text" in vars(source)]
        assert sum(held) <= packing.HELD or len(held) == 1
    assert found[0] == Source("0.py", texts[0]) == pickle.loads(pickle.dumps(found[0]))
    assert not hasattr(found[0], "nothing")


def test_texts_are_held_where_no_file_can_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a folder for temporary files a large tree takes more memory, and is checked all the same."""
    monkeypatch.setattr(packing, "LARGE", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    data = packed(Outcome("a.py", Source("a.py", "text")), {})
    found = unpacked(data, {}, Sources()).source
    assert found is not None
    assert found.text == "text"


def test_a_source_is_let_go_of_once_nobody_asks_for_it() -> None:
    """Without the collector, which a run does not use: a cell that is no plain Python leaves no circle behind."""
    cells = ["%matplotlib inline\nx = 1", "!pip install x", TUNER, "y = (", "z = x"]
    book = {"cells": [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells], "nbformat": 4}
    gc.disable()
    try:
        source, reading = read_source("tune.ipynb", json.dumps(book | {"metadata": {}}).encode(), {})
        assert len(reading.jobs) == 1
        held = weakref.ref(source)
        del source, reading
        assert held() is None
    finally:
        gc.enable()


class _Call:
    """What makes a pickle that calls something."""

    def __init__(self, function: object, *given: object) -> None:
        self._said = function, given

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self._said


@pytest.mark.parametrize(
    "what",
    [
        _Call(os.system, "true"),
        _Call(eval, "1"),
        _Call(getattr, "a", "b"),
        _Call(disk.names, "."),
        _Call(open, os.devnull),
        _Call(Command, "."),
        _Call(Checking, []),
        _Call(Configurations, Asked()),
    ],
)
def test_bytes_that_name_anything_but_values_make_nothing(what: object) -> None:
    """Neither a function nor a class that does something is called, whoever wrote the bytes."""
    data = pickle.dumps(what)
    with pytest.raises(pickle.UnpicklingError, match="is no plain value"):
        unpacked(COUNT.pack(1) + COUNT.pack(len(data)) + data, {}, Sources())

"""What a file gave is taken again where nothing that it depends on has changed, and nothing else is read for it."""

from __future__ import annotations

import compileall
import gc
import json
import os
import pickle
import shutil
import subprocess
import sys
import sysconfig
import time
import weakref
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from hpolint.cache.file_results import encoded
from hpolint.io import disk
from hpolint.readers import read_source
from hpolint.report.records import FileRecord
from hpolint.run.file_check import FileChecks
from tests.cache.test_whole_output import CALLER, MODULE, OPTIONS, SCRIPT, TUNER
from tests.conftest import ROOT, Command
from tests.harness.entries import Entry
from tests.harness.files import found_in
from tests.harness.git import git
from tests.harness.notebooks import notebook
from tests.requests import unbounded

WRITING = (["--no-cache"], ["--fix", "--unsafe-fixes"], ["--diff"], ["--write-baseline"], ["--prune"])

KEEPS = pytest.mark.skipif(os.name == "nt", reason="nothing is kept there")

HEARD = """
import os, sys
def hear(event, given):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(given[0], str):
        opened.append(given[0])
opened = []
sys.addaudithook(hear)
from hpolint.__main__ import main
try:
    main()
finally:
    os.write(2, "\\n".join(opened).encode())
"""

OPENED = """
import json, os, sys
opened = []
def hear(event, given):
    if event == "open" and isinstance(given[0], str) and not os.path.isabs(given[0]):
        opened.append(os.path.normpath(given[0]))
sys.addaudithook(hear)
from hpolint.io import disk
from hpolint.config.lookup import CheckOptions
from hpolint.run.check import checked_paths
disk.SETTLED_NANOSECONDS = int(sys.argv[2])
with checked_paths(sys.argv[3:], CheckOptions(uses_cache=True), None, int(sys.argv[1])) as check:
    report = check.report_with_fixes(check.report.findings)
    check.store()
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
        "a.json": json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20)),
        "b.json": json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=10)),
        "plain.json": "{}",
    }.items():
        command.write(name, text)
    (command.folder / ".git").mkdir()
    return command


def opened(
    command: Command, processes: int = 1, paths: Sequence[str] = (".",), settled: int = 0
) -> tuple[list[str], list[list[str]]]:
    """The files that a check opens, and what it finds; a file is trusted so many nanoseconds after it has changed."""
    argv = [sys.executable, "-c", OPENED, str(processes), str(settled), *paths]
    env = {**os.environ, "HPOLINT_CACHE_DIR": str(command.folder.parent / "cache")}
    run = subprocess.run(argv, cwd=command.folder, capture_output=True, check=True, env=env)
    files, findings = json.loads(run.stdout)
    return [each for each in files if each.endswith((".py", ".json", ".tf"))], findings


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """The packages have a ``__pycache__`` beside them: one that another test makes is another cache key."""
    compileall.compile_dir(sysconfig.get_path("purelib"), maxlevels=0, quiet=2)


@KEEPS
@pytest.mark.parametrize("processes", [1, 2])
def test_only_what_has_changed_is_read_again(tmp_path: Path, processes: int) -> None:
    """With all that depends on it: of a script's module the tuners that launch the script, and no request."""
    command = tree(tmp_path)
    for number in range(2 if processes > 1 else 0):  # so many bytes are worth a second process
        command.write(f"large{number}.json", json.dumps({"HyperParameterTuningJobName": "x" * 9_000_000}))
    files, findings = opened(command, processes)
    assert processes > 1 or len(files) == 7
    assert opened(command, processes) == ([], findings)
    command.write("a.json", json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=5)))
    files, changed = opened(command, processes)
    assert files == ["a.json"]
    assert changed != findings
    command.write("src/options.py", OPTIONS.replace("'--lr'", "'--rate'"))
    files, renamed = opened(command, processes)
    assert files == ["again.py", "src/options.py", "src/train.py", "tune.py"]
    assert renamed != changed
    assert opened(command, processes) == ([], renamed)


@KEEPS
def test_a_program_below_a_lock_is_searched_again_when_it_changes(tmp_path: Path) -> None:
    """Also when git tracks another one: of a file that no reader reads, its text and git's index count."""
    command = tree(tmp_path)
    shutil.rmtree(command.folder / ".git")
    command.write("hpolint.toml", 'select = ["hygiene"]\n[rules.invalid-suppression]\nlocked = true\n')
    command.write("a.go", "svc.DescribeHyperParameterTuningJob(input)\n")
    command.write("b.go", "svc.CreateHyperParameterTuningJob(input)\n")
    git(command.folder, "init", "-q", ".")
    git(command.folder, "add", "a.go")

    def launching() -> list[str]:
        return [source for source, rule, _ in opened(command)[1] if rule == "hygiene/launch-not-read"]

    assert launching() == launching() == []
    command.write("a.go", "svc.CreateHyperParameterTuningJob(input)\n")
    assert launching() == launching() == ["a.go"]
    git(command.folder, "add", "b.go")
    assert launching() == ["a.go", "b.go"]


@KEEPS
def test_a_module_is_read_again_after_a_change_of_its_callers(tmp_path: Path) -> None:
    """Whichever of them, and with a new one; other changes leave it."""
    command = Command(tmp_path / "work")
    for name, text in {"mod/main.tf": MODULE, "root/main.tf": CALLER, ".git/HEAD": "", "a.json": "{}"}.items():
        command.write(name, text)
    assert opened(command)[0] == ["a.json", "mod/main.tf", "root/main.tf"]
    assert opened(command)[0] == []
    command.write("a.json", "{ }")
    assert opened(command)[0] == ["a.json"]
    command.write("root/main.tf", CALLER.replace("20", "800"))
    files, findings = opened(command)
    assert files == ["mod/main.tf", "root/main.tf"]
    assert ["mod/main.tf", "launch/job-limit-exceeded"] in [finding[:2] for finding in findings]
    command.write("new/main.tf", CALLER.replace("20", "900"))
    assert opened(command)[0] == ["mod/main.tf", "new/main.tf", "root/main.tf"]


@KEEPS
def test_what_a_hook_is_given_is_kept_together(tmp_path: Path) -> None:
    """Whichever files of a repository are asked for, and from the same folder: the other files' outcomes stay."""
    command = tree(tmp_path)
    (command.folder / "src" / "deep.json").write_text(json.dumps(unbounded(MaxNumberOfTrainingJobs=40)))
    for paths in (["a.json"], ["src/deep.json", "b.json"], ["src"], ["tune.py"], ["again.py"]):
        opened(command, paths=paths)
    assert len(list((tmp_path / "cache").glob("files-*"))) == 1
    assert opened(command)[0] == ["plain.json"]


@KEEPS
def test_what_changed_just_now_is_not_kept(tmp_path: Path) -> None:
    """It may change again and keep its time; what lay still beside it is kept."""
    command = tree(tmp_path)
    time.sleep(2.1)
    command.write("a.json", json.dumps(unbounded(MaxNumberOfTrainingJobs=40)))
    opened(command, settled=disk.SETTLED_NANOSECONDS)
    assert opened(command, settled=disk.SETTLED_NANOSECONDS)[0] == ["a.json"]


def cache_of(command: Command) -> Path:
    """The cache of a tree."""
    return command.folder.parent / "cache"


def checked(command: Command, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A check with the cache of outcomes, and without that of whole outputs."""
    for path in cache_of(command).glob("check-*"):
        path.unlink()
    return command("check", *arguments, HPOLINT_CACHE_DIR=str(cache_of(command)))


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Command]:
    """A tree for each test, with a baseline for those that write, left alone for long enough to be stored."""
    names = ("entry", "unread", "settings", *map(" ".join, WRITING))
    trees = {name: tree(tmp_path_factory.mktemp("tree")) for name in names}
    for name in map(" ".join, WRITING):
        trees[name]("check", "--write-baseline", "--no-cache")
    time.sleep(2.1)
    return trees


def with_record(entry: Entry, name: str, record: FileRecord) -> Entry:
    """An entry that has another record for one of its files."""
    *stored, _ = entry.files[name]
    return entry.with_file(name, [*stored, encoded(record)])


@KEEPS
def test_an_entry_that_is_not_hpolints_is_not_used(settled: dict[str, Command]) -> None:
    """Whatever its file contains, of any type and range: each check finds the same."""
    command = settled["entry"]
    found = command("check", "--no-cache").stdout
    checked(command)
    (kept,) = cache_of(command).glob("files-*")
    entry = Entry.read(kept)
    settings, reads, files = msgspec.msgpack.decode(entry.data)
    own_settings, own_reads, record = files["a.json"]
    pickled = pickle.dumps(_Call(os.system, "touch evil"))
    size = len(entry.data)
    whole = [
        bytes(reversed(entry.data)),
        pickled * (size // len(pickled) + 1),
        msgspec.msgpack.encode([settings, [], files]),
        msgspec.msgpack.encode([settings, reads, dict.fromkeys(files, files["a.json"])]),
        msgspec.msgpack.encode([settings, reads, {}, 1]),
    ]
    stored = [[own_settings, [-1], record], [2**31, own_reads, record], [own_settings, own_reads, record[:-1]]]
    changed = [replace(entry, data=data) for data in whole]
    changed += [entry.with_file("a.json", each) for each in stored]
    for each in changed:
        each.write(kept)
        run = checked(command)
        assert (run.stdout, run.stderr) == (found, b"")
    assert not (command.folder / "evil").exists()


@KEEPS
@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_what_writes_reads_nothing_of_the_cache(settled: dict[str, Command], arguments: list[str]) -> None:
    """Who can write the cache can hide findings from a report, and reaches no fix, no baseline and no file."""
    command = settled[" ".join(arguments)]
    whole = command("check", "--show-suppressed", "--no-cache")
    checked(command, "--show-suppressed")
    (kept,) = cache_of(command).glob("files-*")
    entry = Entry.read(kept)
    for name in ("a.json", "again.py"):
        entry = with_record(entry, name, FileRecord(name=name))
    entry.write(kept)
    assert whole.stdout.count(b"a.json:") > checked(command, "--show-suppressed").stdout.count(b"a.json:") == 0
    runs = []
    for folder in (str(cache_of(command)), os.devnull):
        before = {path: path.read_bytes() for path in command.folder.rglob("*") if path.is_file()}
        run = command("check", *arguments, HPOLINT_CACHE_DIR=folder)
        after = {path: path.read_bytes() for path in before}
        runs.append((run.stdout, run.stderr, run.returncode, after))
        for path, data in before.items():
            path.write_bytes(data)
    assert runs[0] == runs[1]


@KEEPS
def test_without_the_cache_no_file_of_it_is_opened(settled: dict[str, Command]) -> None:
    """``--no-cache`` leaves it alone: nothing is read there, and nothing is written."""
    command = settled["unread"]
    cache = cache_of(command)
    command("check", HPOLINT_CACHE_DIR=str(cache))
    before = {path: path.stat() for path in cache.iterdir()}
    assert before
    argv = [sys.executable, "-c", HEARD, "check", "--no-cache"]
    env = {**os.environ, "HPOLINT_CACHE_DIR": str(cache)}
    run = subprocess.run(argv, cwd=command.folder, capture_output=True, env=env)
    assert b"a.json" in run.stdout
    assert str(cache).encode() not in run.stderr
    assert {path: path.stat() for path in cache.iterdir()} == before


@KEEPS
def test_other_settings_give_another_outcome(settled: dict[str, Command]) -> None:
    """Of the same files in the same place: other levels, thresholds and rules."""
    command = settled["settings"]
    cache = str(cache_of(command))
    for arguments in (
        [],
        ["--config", "rules.excessive-parallelism.min_rounds=30"],
        ["--ignore", "strategy"],
        ["--select", "strategy"],
        ["--config", "rules.excessive-parallelism.level='error'"],
    ):
        run = command("check", "-o", "json", *arguments, HPOLINT_CACHE_DIR=cache)
        assert run.stdout == command("check", "-o", "json", *arguments, "--no-cache").stdout
    assert len(list(cache_of(command).glob("files-*"))) == 1


def test_a_files_dependencies_do_not_depend_on_the_files_read_before_it(tmp_path: Path) -> None:
    """A result that several files share is recorded for each, so none is reused after its inputs have changed."""
    command = tree(tmp_path)
    for folder in (command.folder, ROOT / "fixtures"):
        together = FileChecks([str(folder)])
        candidates = 0
        for file in found_in(folder):
            with disk.recorded_reads():
                outcome, met = together.file(file)
                candidates += outcome is not None
            with disk.recorded_reads():
                _, alone = FileChecks([str(folder)]).file(file)
            assert set(alone.queries) <= set(met.queries)
        assert candidates > 3


def test_a_source_is_freed_after_its_last_use() -> None:
    """Without the garbage collector, which a run disables: a cell that is not plain Python makes no cycle."""
    text = notebook("%matplotlib inline\nx = 1", "!pip install x", TUNER, "y = (", "z = x")
    gc.disable()
    try:
        source, reading = read_source("tune.ipynb", text.encode(), {})
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

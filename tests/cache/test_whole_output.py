"""A check prints again what it printed, if nothing that it asked has changed, and never otherwise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from hpolint.cache import entries, whole_output
from hpolint.cache.entries import MAX_ENTRIES
from tests.conftest import ROOT, Command
from tests.harness.entries import Entry
from tests.requests import unbounded

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing is kept there")

AGAIN = "printed again\n"
"""What the outputs that are kept are made to say: nothing but a repetition prints it."""

TUNER = """
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
est = PyTorch("train.py", source_dir="src", role="r", instance_count=1, instance_type="ml.p3.2xlarge",
              framework_version="2.1", py_version="py310", checkpoint_s3_uri="s3://b/c")
tuner = HyperparameterTuner(est, "m", {"lr": ContinuousParameter(0.0001, 0.5)}, max_jobs=40,
                            metric_definitions=[{"Name": "m", "Regex": "m=(.*)"}])
tuner.fit()
"""
SCRIPT = (
    "import argparse\nfrom options import add\nparser = argparse.ArgumentParser()\nadd(parser)\nparser.parse_args()\n"
)
OPTIONS = "def add(parser):\n    parser.add_argument('--lr', type=float)\n"
POLICY = """---
summary: Trials are few
level: warning
scope: job
since: 0.1.0
precision: high
sources: ["https://example.com"]
when: budget.trials != null && budget.trials > {most}
message: ["More than {most} trials"]
---
## Why
Money.
## Instead
Fewer.
## Examples
### Found
```json
{{"ResourceLimits": {{"MaxNumberOfTrainingJobs": 500, "MaxParallelTrainingJobs": 1}}}}
```
### Clean
```json
{{"ResourceLimits": {{"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}}}}
```
### Undecided
```json
{{"ResourceLimits": {{"MaxNumberOfTrainingJobs": "$TRIALS", "MaxParallelTrainingJobs": 1}}}}
```
"""
SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.asl.json}
"""
MACHINE = {
    "StartAt": "Tune",
    "States": {
        "Tune": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
            "Parameters": unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20),
            "End": True,
        }
    },
}

MODULE = """variable "trials" {}
resource "aws_sagemaker_hyper_parameter_tuning_job" "t" {
  hyper_parameter_tuning_job_name = "t"
  hyper_parameter_tuning_job_config {
    strategy = "Random"
    resource_limits {
      max_number_of_training_jobs = var.trials
      max_parallel_training_jobs  = 2
    }
  }
}
"""
CALLER = """variable "trials" {}
module "a" {
  source = "../mod"
  trials = 20
}
module "b" {
  source = "../mod"
  trials = var.trials
}
"""


def tree(folder: Path) -> Command:
    """A repository with whatever a check may ask for, in a folder of its own; and its cache beside it."""
    command = Command(folder / "repo" / "work")
    request = json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20), indent=1)
    for name, text in {
        "jobs/request.json": request,
        "tune.py": TUNER,
        "src/train.py": SCRIPT,
        "src/options.py": OPTIONS,
        "template.yaml": SAM,
        "machine.asl.json": json.dumps(MACHINE),
        "infra/mod/main.tf": MODULE,
        "infra/root/main.tf": CALLER,
        "infra/root/terraform.tfvars": "trials = 20",
        "notes/plain.json": '{"a": 1}',
        "ignored/request.json": request,
        ".gitignore": "ignored/\n",
        "policies/house/few-trials.md": POLICY.format(most=30),
        "hpolint.toml": 'policies = ["policies"]\n',
        "baseline.json": json.dumps({"version": 1, "findings": []}),
        "../elsewhere.json": request,
    }.items():
        command.write(name, text)
    (folder / "repo" / ".git").mkdir()
    (command.folder / "jobs" / "link.json").symlink_to("../notes/plain.json")
    return command


def again(command: Command, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A check with the cache of its tree."""
    cache = str(command.folder.parent.parent / "cache")
    return command("check", *arguments, stdin=b"", **{"HPOLINT_CACHE_DIR": cache, **environment})


def poison(command: Command) -> int:
    """Make each output that is kept say that it is one; how many there are."""
    files = list((command.folder.parent.parent / "cache").glob("check-*"))
    for path in files:
        entry = Entry.read(path)
        entry.data = AGAIN.encode()
        entry.write(path)
    return len(files)


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Another text of the same length at the same time of change, as far as a program can have it."""

    def change(folder: Path) -> None:
        path = folder / name
        status, text = path.stat(), path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    return change


def create(name: str, text: str) -> Callable[[Path], object]:
    """A file that was not there."""

    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return change


def relink(folder: Path) -> None:
    """A link that leads elsewhere."""
    (folder / "jobs" / "link.json").unlink()
    (folder / "jobs" / "link.json").symlink_to("request.json")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file's text": edit("jobs/request.json", '"MaxParallelTrainingJobs": 20', '"MaxParallelTrainingJobs": 10'),
    "a file that named no job": edit("notes/plain.json", '{"a": 1}', json.dumps(unbounded())),
    "a new file": create("jobs/new.json", json.dumps(unbounded(MaxParallelTrainingJobs=9))),
    "a file less": lambda folder: (folder / "jobs" / "request.json").unlink(),
    "a file's name": lambda folder: (folder / "jobs" / "request.json").rename(folder / "jobs" / "r.json"),
    "a folder's name": lambda folder: (folder / "jobs").rename(folder / "other"),
    "where a link leads": relink,
    "an ignore file": edit(".gitignore", "ignored/", "nothing/"),
    "an ignore file that was not there": create("jobs/.gitignore", "*.json\n"),
    "the repository's own excludes": lambda folder: create("../.git/info/exclude", "*.json\n")(folder),
    "a configuration": edit("hpolint.toml", 'policies = ["policies"]', 'ignore = ["strategy"]  '),
    "a configuration above": create("../hpolint.toml", 'ignore = ["strategy"]\n'),
    "a configuration within": create("jobs/hpolint.toml", 'ignore = ["strategy"]\n'),
    "another kind of configuration": create("jobs/pyproject.toml", '[tool.hpolint]\nignore = ["strategy"]\n'),
    "a policy": edit("policies/house/few-trials.md", "budget.trials > 30", "budget.trials > 90"),
    "a new policy": create("policies/house/other.md", POLICY.format(most=20)),
    "a script": edit("src/train.py", "add(parser)", "len(parser)"),
    "a script's module": edit("src/options.py", "'--lr'", "'--rl'"),
    "a script's module that was not there": lambda folder: (folder / "src" / "options.py").unlink(),
    "a template's file": edit("machine.asl.json", '"MaxParallelTrainingJobs": 20', '"MaxParallelTrainingJobs": 10'),
    "a module's caller": edit("infra/root/main.tf", "trials = 20", "trials = 90"),
    "a module's new caller": create("infra/new/main.tf", CALLER.replace("20", "90")),
    "a module's values": edit("infra/root/terraform.tfvars", "20", "90"),
    "a module's new values": create("infra/root/b.auto.tfvars", "trials = 90"),
    "a baseline that was not there": create("hpolint-baseline.json", json.dumps({"version": 1, "findings": []})),
    "the repository": lambda folder: (folder.parent / ".git").rename(folder.parent / "git"),
}


SILENT = ("a baseline that was not there", "a configuration above", "the repository")
"""Changes that are asked about, and make no difference here."""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Command]:
    """A tree for each change, left alone for long enough that a check of it is kept."""
    made = {
        name: tree(tmp_path_factory.mktemp("tree"))
        for name in (*CHANGES, "unchanged", "options", "cache", "full", "within", "at once")
    }
    time.sleep(2.1)
    return made


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_is_seen(trees: dict[str, Command], name: str) -> None:
    """It is a check like any other, which prints what is so now."""
    command = trees[name]
    first = again(command)
    assert poison(command) == 1
    assert again(command).stdout.decode() == AGAIN
    CHANGES[name](command.folder)
    after = again(command)
    assert after.stdout.decode() != AGAIN
    assert name in SILENT or (first.stdout, first.stderr) != (after.stdout, after.stderr)
    fresh = again(command, "--no-cache")  # of the other files' findings none is kept that is so no more
    assert (fresh.stdout, fresh.stderr) == (after.stdout, after.stderr)


def test_what_is_printed_again_is_the_same_in_all(trees: dict[str, Command]) -> None:
    """Standard output, standard error and the exit code, for each format and its options."""
    command = trees["unchanged"]
    for arguments in ([], ["-o", "json"], ["-o", "sarif"], ["--show-undecided", "--all"], ["jobs", "--exit-zero"]):
        fresh = command("check", *arguments)
        first, second = again(command, *arguments), again(command, *arguments)
        for each in (first, second):
            assert (each.stdout, each.stderr, each.returncode) == (fresh.stdout, fresh.stderr, fresh.returncode)
    assert poison(command) == 5
    assert again(command, "-o", "json").stdout.decode() == AGAIN


def test_another_command_line_place_or_environment_is_another_check(trees: dict[str, Command]) -> None:
    """So are hpolint's own files, in a checkout of it, and nothing else there; what writes is never a repetition."""
    command = trees["options"]
    copy = command.folder.parent.parent / "copy"
    shutil.copytree(ROOT / "hpolint", copy / "hpolint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "rules", copy / "rules")
    again(command, PYTHONPATH=str(copy))
    again(command)
    assert poison(command) == 2
    assert again(command).stdout.decode() == again(command, PYTHONPATH=str(copy)).stdout.decode() == AGAIN
    (copy / "unrelated").touch()
    assert again(command, PYTHONPATH=str(copy)).stdout.decode() == AGAIN
    within = Command(command.folder / "jobs")
    cache = str(command.folder.parent.parent / "cache")
    others = [
        again(command, "."),
        again(command, "--no-cache"),
        again(command, "--diff"),
        again(command, "-o", "text:out.txt"),
        again(command, NO_COLOR="1"),
        again(command, HPOLINT_DEBUG="1"),
        within("check", HPOLINT_CACHE_DIR=cache),
        command("extract", HPOLINT_CACHE_DIR=cache),
    ]
    assert AGAIN not in [each.stdout.decode() for each in others]
    (copy / "rules" / "strategy" / "excessive-parallelism.md").touch()
    assert again(command, PYTHONPATH=str(copy)).stdout.decode() != AGAIN
    assert again(command, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(copy / "summary")).stdout.decode() != AGAIN


def test_runs_at_once_store_one_whole_entry(trees: dict[str, Command]) -> None:
    """Whichever of them ends last: each prints the same, and nothing else is left in the cache."""
    command = trees["at once"]
    cache = command.folder.parent.parent / "cache"
    fresh = command("check")
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "hpolint", "check"],
            cwd=command.folder,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HPOLINT_CACHE_DIR": str(cache)},
        )
        for _ in range(3)
    ]
    assert {run.communicate()[0] for run in runs} == {fresh.stdout}
    assert [path.name for path in cache.iterdir() if path.suffix != ".kept"] == []
    assert len(list(cache.glob("check-*"))) == 1


def test_an_entry_that_is_not_hpolints_changes_nothing(trees: dict[str, Command]) -> None:
    """Whatever the entry contains, each check prints the current findings, ends, and stores its output again."""
    command = trees["cache"]
    fresh = command("check")
    cache = command.folder.parent.parent / "cache"
    assert again(command, HPOLINT_CACHE_DIR=str(command.folder / "hpolint.toml")).stdout == fresh.stdout
    again(command)
    poison(command)
    (kept,) = cache.glob("check-*")
    kept.chmod(0o666)
    assert again(command).stdout == fresh.stdout
    assert kept.stat().st_mode & 0o777 == 0o600
    whole = Entry.read(kept)
    poisoned = replace(whole, data=AGAIN.encode())
    contents = [{"lines": 1}, {"lines": [1]}, {"lines": ["\x1b[2J"]}, {"reads": [1]}, {"reads": [["a"]]}]
    contents += [{"code": code} for code in (None, 2, 141, "0", 10**400)]
    entries = [replace(poisoned, content=json.dumps(whole.values | wrong).encode()) for wrong in contents]
    hidden = (b"\x1b[2J", b"\x1b]0;title\x07", b"\x00", "\u202e".encode(), b"\xff")
    entries += [replace(poisoned, data=poisoned.data + each) for each in hidden]
    for entry in (*entries, replace(poisoned, content=b"[" * 100_000)):
        entry.write(kept)
        assert again(command).stdout == fresh.stdout
    count = len(list(cache.iterdir()))
    cleaned = command("clean", HPOLINT_CACHE_DIR=str(cache))
    assert (cleaned.stdout, cleaned.returncode) == (f"{count} files removed\n".encode(), 0)
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_cached_output_that_cannot_be_printed_fails_as_at_first(trees: dict[str, Command]) -> None:
    """On a full disk and after the reader has closed the pipe: the same exit code and the same message."""
    command = trees["full"]
    again(command)
    poison(command)
    env = {"PATH": os.environ["PATH"]}
    cache = str(command.folder.parent.parent / "cache")
    failures = []
    for folder in (os.devnull, cache):
        with open("/dev/full", "wb") as full:
            argv = [sys.executable, "-m", "hpolint", "check"]
            run = subprocess.run(
                argv, cwd=command.folder, stdout=full, stderr=subprocess.PIPE, env={**env, "HPOLINT_CACHE_DIR": folder}
            )
        failures.append((run.returncode, run.stderr))
    assert failures[0] == failures[1]
    assert failures[0][0] == 2


@pytest.mark.parametrize("broken", [None, "an entry", "the working folder", "the terminal"])
def test_an_error_of_the_system_costs_the_stored_output_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    """With an entry, a working folder or a terminal that cannot be read, the check runs as without a cache."""
    fail = Mock(side_effect=OSError)
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("HPOLINT_DEBUG", raising=False)
    if broken == "the working folder":
        monkeypatch.setattr(os, "getcwd", fail)
    elif broken == "the terminal":
        monkeypatch.setattr(os, "isatty", Mock(return_value=True))
        monkeypatch.setattr(os, "get_terminal_size", fail)
    with whole_output.storing_output(["check"]) as run:
        whole_output.mark_storable()
        run.code = 1
    assert len(list(tmp_path.iterdir())) == (0 if broken in ("the working folder", "the terminal") else 1)
    if broken == "an entry":
        monkeypatch.setattr(entries.Entry, "read", fail)
    assert whole_output.print_stored(["check"]) == (1 if broken is None else None)


@pytest.mark.parametrize("arguments", [[], ["baseline"], ["cost"], ["check", "--no-cache"]])
def test_only_the_output_of_a_check_with_the_cache_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Another command, or one without the cache, neither stores nor prints a stored output."""
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("HPOLINT_DEBUG", raising=False)
    with whole_output.storing_output(arguments) as run:
        whole_output.mark_storable()
        run.code = 0
    assert list(tmp_path.iterdir()) == []
    assert whole_output.print_stored(arguments) is None


def test_the_terminals_size_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output is laid out for a width, unless it goes to a file."""
    monkeypatch.setenv("HPOLINT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("HPOLINT_DEBUG", raising=False)
    for width, is_terminal in ((80, True), (100, True), (100, False), (120, False)):
        monkeypatch.setattr(os, "isatty", Mock(return_value=is_terminal))
        monkeypatch.setattr(os, "get_terminal_size", Mock(return_value=os.terminal_size((width, 24))))
        with whole_output.storing_output(["check"]) as run:
            whole_output.mark_storable()
            run.code = 0
    assert len(list(tmp_path.iterdir())) == 3


def test_the_cache_may_lie_in_what_is_checked(trees: dict[str, Command]) -> None:
    """Nothing of it is taken for a definition."""
    command = trees["within"]
    for _ in range(2):
        run = command("check", "-o", "json", HPOLINT_CACHE_DIR=str(command.folder / "cache"))
        assert b"cache" not in run.stdout + run.stderr
    assert len(list((command.folder / "cache").iterdir())) > 0


def test_few_outputs_are_kept(trees: dict[str, Command], tmp_path: Path) -> None:
    """The oldest one is deleted, and so is any that has not been used for a month."""
    command = trees["cache"]
    old = [tmp_path / f"check-{number:08}.kept" for number in range(MAX_ENTRIES + 3)]
    for number, path in enumerate(old):
        path.write_text("{}")
        os.utime(path, (0, 0) if number < 2 else None)
    (tmp_path / "somebody's.kept").write_text("{}")
    command("check", HPOLINT_CACHE_DIR=str(tmp_path))
    assert len(list(tmp_path.glob("check-*"))) == MAX_ENTRIES
    assert not old[0].exists()
    assert (tmp_path / "somebody's.kept").exists()


def test_what_changed_just_now_is_not_kept(tmp_path: Path) -> None:
    """It may change again within what its file system takes for the same moment."""
    command = tree(tmp_path)
    again(command)
    assert poison(command) == 0


WATCHED = """
import io, json, os, sys
from hpolint.io import disk
asked = set()
def wrapped(module, name):
    function = getattr(module, name)
    def call(path=".", *rest, **more):
        if isinstance(path, (str, bytes)):
            asked.add(os.path.abspath(os.fsdecode(path)))
        return function(path, *rest, **more)
    setattr(module, name, call)
for name in ("stat", "lstat", "scandir", "listdir", "open", "readlink"):
    wrapped(os, name)
def opened(event, given):
    if event == "open" and isinstance(given[0], str):
        asked.add(os.path.abspath(given[0]))
sys.addaudithook(opened)
from hpolint.config.lookup import CheckOptions
from hpolint.reporters import reporter
from hpolint.run.check import checked_paths
with disk.recorded_reads() as recorder, checked_paths(sys.argv[2:], CheckOptions(), None, int(sys.argv[1])) as check:
    report = check.report_with_fixes(check.report.findings)
    for format_ in ("json", "sarif", "github", "gitlab"):
        reporter(format_).render(report)
seen = {os.path.abspath(path) for path, _ in recorder.stamps}
print(json.dumps([sorted(asked - seen), len(seen), sorted(recorder.stamps)]))
"""


CONFIGURATION = """
extend = "base.toml"
baseline = "known.json"
sdk-config = "sdk.yaml"
policies = ["policies"]

[[suppressions]]
file = "fixtures/python/tune_churn.py"
rules = ["compute/missing-spot"]
reason = "checked by hand"
"""


@pytest.mark.parametrize("paths", [["."], ["tune.py", "src/train.py"], ["jobs", "../elsewhere.json"], ["fixtures"]])
def test_everything_that_is_asked_of_the_disk_is_noted(tmp_path: Path, paths: list[str]) -> None:
    """Every query of the operating system, from any module: for every form, every setting, and the parent folders."""
    command = tree(tmp_path)
    shutil.copytree(ROOT / "fixtures", command.folder / "fixtures")
    command.write("hpolint.toml", CONFIGURATION)
    command.write("base.toml", 'ignore = ["scale"]\n')
    command.write("sdk.yaml", "SchemaVersion: '1.0'\n")
    command("check", "--write-baseline", "--baseline", "known.json", "jobs")
    argv = [sys.executable, "-c", WATCHED, "1", *paths]
    run = subprocess.run(argv, cwd=command.folder, capture_output=True, check=True, env={**os.environ})
    missing, count, _ = json.loads(run.stdout)
    # A compiler looks for the file of the names that it is given, for the words of an error.
    compiled = (str(command.folder / "source"), str(command.folder / "<unknown>"))
    within = f"{tmp_path / 'repo'}{os.sep}"
    assert [each for each in missing if each.startswith(within) and each not in compiled] == []
    assert count > 10


def test_what_other_processes_ask_is_noted_too(tmp_path: Path) -> None:
    """The same questions, in however many processes a run is shared out."""
    command = tree(tmp_path)
    padding = json.dumps({"HyperParameterTuningJobName": "x" * 9_000_000})
    for number in range(2):
        command.write(f"large{number}.json", padding)
    found = []
    for processes in "12":
        argv = [sys.executable, "-c", WATCHED, processes, "."]
        run = subprocess.run(argv, cwd=command.folder, capture_output=True, check=True)
        found.append(json.loads(run.stdout)[2])
    assert found[0] == found[1]

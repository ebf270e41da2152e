"""The baseline: known findings are not reported again, and changed ones are new."""

from __future__ import annotations

import json
import subprocess
from functools import partial

import pytest

from tests.conftest import Command
from tests.harness.git import git
from tests.suppressions.test_comments import PARALLEL, RATE, SPOT, python

CONFIG = f"select = ['{SPOT}', '{RATE}', '{PARALLEL}']\n"
FILE = "hpolint-baseline.json"


def reported(hpolint: Command, *arguments: str) -> list[tuple[str, str]]:
    """The file and the rule of each reported finding."""
    run = hpolint("check", "--output", "json", *arguments)
    assert run.stdout, run.stderr
    return sorted((each["path"], each["rule"].partition("/")[2]) for each in json.loads(run.stdout)["findings"])


def entries(hpolint: Command, name: str = FILE) -> list[dict[str, str]]:
    """The baseline's entries."""
    found: list[dict[str, str]] = json.loads((hpolint.folder / name).read_text())["baseline"]
    assert found.pop() is None
    return found


@pytest.fixture
def known(hpolint: Command) -> Command:
    """A folder whose one file has three findings, all known."""
    hpolint.write("hpolint.toml", CONFIG)
    hpolint.write("t.py", python())
    run = hpolint("check", "--write-baseline")
    assert (run.returncode, run.stdout.decode()) == (0, f"{FILE}: 3 entries written\n")
    return hpolint


def test_known_findings_are_counted_but_not_reported(known: Command) -> None:
    """From the next run on, at any level; ``--show-suppressed`` lists them."""
    run = known("check")
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode() == "1 tuning job in 1 file, 0 findings; 3 in the baseline\n"
    assert known("check", "--show-suppressed").stdout.count(b"= in the baseline") == 3
    results = json.loads(known("check", "--output", "sarif").stdout)["runs"][0]["results"]
    assert results == []


def test_a_moved_line_stays_known_and_a_changed_value_is_new(known: Command) -> None:
    """Lines above, other spacing and a renamed estimator change nothing."""
    known.write("t.py", "import os\n\n\n" + python().replace("    max_jobs=100", "    max_jobs   =   100"))
    assert reported(known) == []
    known.write("t.py", python().replace("max_parallel_jobs=50", "max_parallel_jobs=40"))
    assert reported(known) == [("t.py", "excessive-parallelism")]
    known.write("t.py", python().replace('"learning_rate"', '"eta"').replace("0.0001, 1,", "0.0001, 2,"))
    assert reported(known) == [("t.py", "linear-learning-rate")]


def test_a_finding_with_a_higher_level_is_new(hpolint: Command) -> None:
    """A note that is now a warning is reported, for any value; a finding with a lower level stays known."""
    hpolint.write("hpolint.toml", f"select = ['{SPOT}']")
    dear = python().replace("ml.p3.2xlarge", "ml.m5.large")
    cheap = dear.replace("instance_count=2", "instance_count=1").replace("max_jobs=100", "max_jobs=40")
    hpolint.write("t.py", cheap)
    hpolint("check", "--write-baseline")
    assert [each["level"] for each in entries(hpolint)] == ["note"]
    hpolint.write("t.py", dear)
    assert reported(hpolint) == [("t.py", "missing-spot")]
    hpolint("check", "--write-baseline")
    hpolint.write("t.py", cheap)
    assert reported(hpolint) == []
    assert hpolint("check").stderr == b""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("max_jobs=100", "max_jobs=300", "missing-spot"),
        ("instance_count=2", "instance_count=20", "missing-spot"),
        ("ml.p3.2xlarge", "ml.p4d.24xlarge", "missing-spot"),
        ("max_jobs=100", "max_jobs=60", "excessive-parallelism"),
        ("0.0001, 1,", "0.000000001, 1,", "linear-learning-rate"),
    ],
)
def test_a_job_that_costs_more_or_has_changed_is_reported_again(known: Command, old: str, new: str, rule: str) -> None:
    """More hours, another instance type, fewer rounds or a wider range make the finding a new one."""
    assert old in python()
    known.write("t.py", python().replace(old, new))
    assert ("t.py", rule) in reported(known)


def test_a_job_that_costs_a_little_more_or_less_stays_known(known: Command) -> None:
    """104 trials where 100 were known, or fewer, do not make the finding a new one."""
    for count in (104, 30):
        known.write("t.py", python().replace("max_jobs=100", f"max_jobs={count}"))
        assert ("t.py", "missing-spot") not in reported(known)


def test_a_file_that_cannot_be_read_keeps_its_entries(known: Command) -> None:
    """A slip in the syntax is no reason to forget what was known."""
    known.write("t.py", python() + ")\n")
    assert b"without a finding" not in known("check", "--prune").stderr
    assert len(entries(known)) == 3


def test_no_baseline_reports_all_findings(known: Command) -> None:
    """``--no-baseline`` ignores the file."""
    assert len(reported(known, "--no-baseline")) == 3


def test_another_checkouts_baseline_shows_what_is_new(known: Command) -> None:
    """As of the branch that a pull request goes to: its paths are those of the repository."""
    for command in (["init", "-q", "-b", "main", "."], ["add", "t.py", "hpolint.toml"], ["commit", "-qm", "old"]):
        git(known.folder, *command)
    base = known.folder.parent / "base"
    git(known.folder, "worktree", "add", "-q", str(base), "HEAD")
    (known.folder / FILE).unlink()
    Command(base)("check", "--write-baseline")
    known.write("sub/new.py", python())
    assert {path for path, _ in reported(known, "--baseline", f"{base}/{FILE}")} == {"sub/new.py"}
    sub = Command(known.folder / "sub")
    assert {path for path, _ in reported(sub, "..", "--baseline", f"{base}/{FILE}")} == {"../sub/new.py"}


def test_a_baseline_of_another_repository_is_reported(known: Command) -> None:
    """If none of its entries names a file of the run, and there are findings."""
    path = known.folder / FILE
    path.write_text(path.read_text().replace('"t.py"', '"elsewhere/t.py"'))
    run = known("check")
    assert run.returncode == 1
    assert b"none of its files exists" in run.stderr


def test_equal_findings_are_counted(hpolint: Command) -> None:
    """One more of them is new, though it looks like the others."""
    hpolint.write("hpolint.toml", f"select = ['{PARALLEL}']\n")
    call = 'HyperparameterTuner(e, "auc", {}, max_jobs=100, max_parallel_jobs=50).fit()\n'
    head = "from sagemaker.tuner import HyperparameterTuner\n"
    hpolint.write("t.py", head + call * 2)
    hpolint("check", "--write-baseline")
    assert len(entries(hpolint)) == 2
    hpolint.write("t.py", head + call * 3)
    assert reported(hpolint) == [("t.py", "excessive-parallelism")]
    hpolint.write("t.py", head + call)
    assert b"1 entry without a finding" in hpolint("check").stderr


def test_stale_entries_are_reported_and_pruned(known: Command) -> None:
    """Only entries of this run's files and rules: those of other rules and other files are kept."""
    known.write("u.py", python())
    known("check", "--write-baseline")
    known.write("t.py", python().replace("max_parallel_jobs=50", "max_parallel_jobs=4"))
    known.write("u.py", python().replace("max_parallel_jobs=50", "max_parallel_jobs=4"))
    assert known("check", "t.py", "--select", RATE, "--prune").stderr == b""
    assert len(entries(known)) == 6
    run = known("check", "t.py")
    assert run.returncode == 0
    path = "HyperParameterTuningJobConfig.ResourceLimits.MaxParallelTrainingJobs"
    assert run.stderr.decode() == (
        f"hpolint: {FILE}: 1 entry without a finding: `--prune` removes them\n"
        f"hpolint:   t.py: {PARALLEL} of `tuner` at {path}\n"
    )
    assert known("check", "t.py", "--prune").stderr.decode() == f"hpolint: {FILE}: 1 entry removed\n"
    assert [(each["file"], each["rule"]) for each in entries(known) if each["rule"] == PARALLEL] == [("u.py", PARALLEL)]
    (known.folder / "u.py").unlink()
    known("check", "--prune")
    assert {each["file"] for each in entries(known)} == {"t.py"}


def test_writing_again_keeps_what_is_not_looked_at(known: Command) -> None:
    """A run on one file, or with one rule, does not forget the others."""
    known.write("u.py", python())
    known("check", "u.py", "--write-baseline")
    assert len(entries(known)) == 6
    known.write("u.py", python().replace("max_parallel_jobs=50", "max_parallel_jobs=40"))
    known("check", "u.py", "--select", PARALLEL, "--write-baseline")
    assert len(entries(known)) == 6
    assert reported(known) == []


def test_a_file_that_merges(known: Command) -> None:
    """Two people's additions at different places merge by git, and the result is a baseline."""
    known.write(".gitattributes", "")
    run = partial(git, known.folder)
    run("init", "-q", "-b", "main", ".")
    run("add", "-A")
    run("commit", "-qm", "known")
    for branch, name in (("one", "a.py"), ("two", "z.py")):
        run("checkout", "-qb", branch, "main")
        known.write(name, python())
        known("check", "--write-baseline")
        run("add", "-A")
        run("commit", "-qm", branch)
    run("merge", "-q", "one", "-m", "both")
    assert reported(known) == []
    assert {each["file"] for each in entries(known)} == {"a.py", "t.py", "z.py"}


def test_it_is_found_beside_the_configuration_and_by_name(known: Command) -> None:
    """From a folder below, too; ``--baseline`` and the configuration's key name another."""
    (known.folder / "sub").mkdir()
    git(known.folder, "init", "-q", ".")
    sub = Command(known.folder / "sub")
    assert reported(sub, "..") == []
    (known.folder / FILE).rename(known.folder / "old.json")
    assert len(reported(known)) == 3
    assert reported(known, "--baseline", "old.json") == []
    known.write("hpolint.toml", CONFIG + "baseline = 'old.json'\n")
    assert reported(known) == reported(sub, "..") == []


def test_what_is_locked_or_about_suppressions_is_never_known(hpolint: Command) -> None:
    """Neither is written, and an entry that was added by hand has no effect."""
    hpolint.write("hpolint.toml", CONFIG.replace("]", ", 'hygiene']") + f"rules.'{SPOT}'.locked = true\n")
    hpolint.write("t.py", python(estimator="# hpolint: ignore[nonsense]"))
    hpolint("check", "--write-baseline")
    assert [each["rule"] for each in entries(hpolint)] == [RATE, PARALLEL]
    assert reported(hpolint) == [("t.py", "invalid-suppression"), ("t.py", "missing-spot")]
    hpolint.write("hpolint.toml", CONFIG)
    hpolint("check", "--write-baseline")
    assert reported(hpolint) == []
    hpolint.write("hpolint.toml", CONFIG + f"rules.'{SPOT}'.locked = true\n")
    assert reported(hpolint) == [("t.py", "missing-spot")]
    assert b"hpolint-baseline.json: 1 entry of a locked rule is ignored" in hpolint("check").stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "hpolint-baseline.json:1: invalid JSON"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "baseline": []}', "not a baseline of version 1"),
        (
            '{"version": 1, "baseline": [{"rule": 1}]}',
            "an entry lacks one of file, rule, job, path, value, level",
        ),
        ("[" * 100_000, "invalid JSON"),
        (
            '{"version": 1,\n<<<<<<< HEAD\n',
            "hpolint-baseline.json:2: a merge conflict: keep the lines of both sides",
        ),
    ],
)
def test_a_bad_baseline_ends_the_run(hpolint: Command, text: str, reason: str) -> None:
    """The error names the file and the reason: an invalid baseline is not read as an empty one."""
    hpolint.write("t.py", python())
    hpolint.write(FILE, text)
    run = hpolint("check")
    assert (run.returncode, run.stdout) == (2, b"")
    assert reason in run.stderr.decode()
    assert hpolint("check", "--baseline", "nowhere.json").returncode == 2


def test_a_new_file_is_no_reason_to_doubt_the_baseline(known: Command) -> None:
    """As a hook has it: the run is of one file, which no entry is about."""
    known.write("new.py", python())
    run = known("check", "new.py")
    assert (run.returncode, run.stderr) == (1, b"")


def test_stale_entries_of_a_baseline_outside_the_repository_are_not_reported(known: Command) -> None:
    """Such a baseline is made for comparing and is not pruned."""
    git(known.folder, "init", "-q", ".")
    known.write("t.py", python().replace("max_parallel_jobs=50", "max_parallel_jobs=1"))
    assert b"without a finding" in known("check").stderr
    other = known.folder.parent / "other"
    other.mkdir()
    (known.folder / FILE).rename(other / FILE)
    assert known("check", "--baseline", str(other / FILE)).stderr == b""


def test_contradictory_options_are_an_error(known: Command) -> None:
    """Nothing is written, and no ordinary check runs in place of pruning."""
    run = known("check", "--no-baseline", "--write-baseline")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"--no-baseline cannot be combined" in run.stderr
    (known.folder / FILE).unlink()
    assert b"--prune: no baseline found" in known("check", "--prune").stderr


def test_writing_a_baseline_reports_the_findings_that_it_does_not_hide(hpolint: Command) -> None:
    """Those of locked rules."""
    hpolint.write("hpolint.toml", CONFIG + f"rules.'{SPOT}'.locked = true\n")
    hpolint.write("t.py", python())
    assert b"of locked rules, which a baseline does not hide: 1" in hpolint("check", "--write-baseline").stderr


def test_nothing_is_written_where_something_could_not_be_read(hpolint: Command) -> None:
    """What is not known to be found may be there."""
    hpolint.write("t.py", python())
    run = hpolint("check", ".", "nowhere", "--write-baseline")
    assert run.returncode == 2
    assert not (hpolint.folder / FILE).exists()


def test_one_process_and_several_know_the_same(known: Command) -> None:
    """What is known goes to each process that judges."""
    code = (
        "import sys; from hpolint.run import file_run; file_run.PARALLEL_MIN_BYTES = 1\n"
        "from hpolint.config.lookup import CheckOptions; from hpolint.run.check import check_paths\n"
        "report = check_paths(['.'], CheckOptions(), None, int(sys.argv[1]))\n"
        "print(len(report.findings), len(report.suppressed), len(report.baseline_entries), len(report.stale_entries))\n"
    )
    import sys

    known.write("u.py", python())
    printed = [
        subprocess.run([sys.executable, "-c", code, count], cwd=known.folder, capture_output=True, check=True).stdout
        for count in ("1", "2")
    ]
    assert printed == [b"3 3 6 0\n"] * 2

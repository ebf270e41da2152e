"""Fixes in the training script: where they are written, and when they are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.run.workspace import Workspace
from tests.conftest import Command
from tests.harness.notebooks import notebook

TUNER = """from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

estimator = PyTorch("train.py", role="r", instance_count=1, instance_type="ml.g5.xlarge", py_version="py310")
HyperparameterTuner(
    estimator,
    "loss",
    {"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")},
    metric_definitions=[{"Name": "loss", "Regex": "loss: ([0-9.]+)"}],
    objective_type="Minimize",
    max_jobs=12,
).fit()
"""
SCRIPT = """import argparse


def test(model, loader):
    total = 0
    for batch in loader:
        total += model(batch).item()
    mean = total // len(loader)
    print(f"loss: {mean}")


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
test(lambda batch: args.lr, [])
"""
FIXED = SCRIPT.replace("//", "/")
SELECT = ("--select", "objective-rounded-down,objective-without-decimals,metric-not-printed")
UNSAFE = ("--fix", "--unsafe-fixes", *SELECT)


@pytest.fixture
def tree(hpolint: Command) -> Command:
    """A tuner, and a script that rounds the objective down."""
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", SCRIPT)
    return hpolint


def text(command: Command, name: str = "train.py") -> str:
    """A file as it is now."""
    return (command.folder / name).read_bytes().decode()


def reason(command: Command, *arguments: str) -> str | None:
    """Why the only fix of a check is not written."""
    report = json.loads(command("check", "-o", "json", *SELECT, *arguments).stdout)
    (finding,) = report["findings"]
    written: str | None = finding["fix"]["not_written"]
    return written


def test_an_unsafe_fix_is_written_to_the_script(tree: Command) -> None:
    """The definition stays as it is, and a second run finds nothing."""
    run = tree("check", *UNSAFE)
    assert run.returncode == 0, run.stdout
    assert run.stderr == b"hpolint: 1 finding fixed in 1 file\n"
    assert (text(tree), text(tree, "tune.py")) == (FIXED, TUNER)
    assert tree("check", *UNSAFE).stderr == b""


def test_safe_fixes_change_no_script(tree: Command) -> None:
    """All changes of a script are unsafe: they make another objective."""
    assert tree("check", "--fix", *SELECT).returncode == 1
    assert text(tree) == SCRIPT


def test_a_diff_has_the_script_s_lines_and_writes_nothing(tree: Command) -> None:
    """The patch names the script."""
    run = tree("check", "--diff", "--unsafe-fixes", *SELECT)
    assert b"--- a/train.py\n+++ b/train.py\n" in run.stdout
    assert b"-    mean = total // len(loader)\n+    mean = total / len(loader)\n" in run.stdout
    assert text(tree) == SCRIPT


def test_reports_name_the_file_of_the_change(tree: Command) -> None:
    """As text, as JSON and as SARIF."""
    assert b"the change in train.py:\n" in tree("check", *SELECT).stdout
    (finding,) = json.loads(tree("check", "-o", "json", *SELECT).stdout)["findings"]
    assert (finding["path"], finding["fix"]["path"]) == ("tune.py", "train.py")
    assert [edit["text"] for edit in finding["fix"]["edits"]] == ["/"]
    (result,) = json.loads(tree("check", "-o", "sarif", *SELECT).stdout)["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "train.py"


def test_a_second_check_shows_the_same_fix(tree: Command) -> None:
    """Whether its text comes from the cache or not, and also where another job runs the script by now."""
    first = tree("check", "-o", "json", *SELECT).stdout
    assert tree("check", "-o", "json", *SELECT).stdout == first
    tree.write("other/tune.py", TUNER.replace('"train.py"', '"../train.py"'))
    assert b"jobs in other files run the script, too" in tree("check", *SELECT).stdout


def test_the_bytes_around_the_change_stay(tree: Command) -> None:
    """A byte order mark, and line ends of Windows."""
    before = b"\xef\xbb\xbf" + SCRIPT.replace("\n", "\r\n").encode()
    (tree.folder / "train.py").write_bytes(before)
    tree("check", *UNSAFE)
    assert (tree.folder / "train.py").read_bytes() == before.replace(b"//", b"/")


def test_a_script_that_a_notebook_writes_is_changed_in_its_cell(hpolint: Command) -> None:
    """The other cells stay as they are."""
    hpolint.write("tune.ipynb", notebook(f"%%writefile train.py\n{SCRIPT}", TUNER))
    run = hpolint("check", *UNSAFE)
    assert run.returncode == 0, run.stdout
    assert text(hpolint, "tune.ipynb") == notebook(f"%%writefile train.py\n{FIXED}", TUNER)


def test_a_script_of_two_equal_jobs_is_changed_once(tree: Command) -> None:
    """Both findings are fixed by the one change."""
    tree.write("tune.py", TUNER + TUNER)
    run = tree("check", *UNSAFE)
    assert run.returncode == 0, run.stdout
    assert text(tree) == FIXED


def test_a_change_that_another_job_cannot_take_is_not_made(tree: Command) -> None:
    """The other job's expression takes the number without decimals only."""
    script = SCRIPT.replace("//", "/").replace("{mean}", "{mean:.0f} of 9")
    other = TUNER.replace("[0-9.]+)", "[0-9]+) of").replace("estimator", "second")
    tree.write("train.py", script)
    tree.write("tune.py", TUNER + other)
    report = json.loads(tree("check", "-o", "json", *SELECT).stdout)
    reasons = {finding["fix"]["not_written"] for finding in report["findings"]}
    assert reasons == {"script/metric-not-printed could not be decided with the changed script"}
    tree("check", *UNSAFE)
    assert text(tree) == script


def test_a_script_that_jobs_of_several_files_run_is_not_changed(tree: Command) -> None:
    """Neither if all are checked, nor if one is."""
    tree.write("other.py", TUNER)
    tree("check", *UNSAFE)
    assert text(tree) == SCRIPT
    assert reason(tree, "tune.py") == "a job in other.py may run the script, too"


def test_a_text_of_standard_input_changes_no_script(tree: Command) -> None:
    """Only the text itself is printed."""
    run = tree("check", *UNSAFE, "--stdin-filename", "tune.py", "-", stdin=TUNER.encode())
    assert run.stdout == TUNER.encode()
    assert text(tree) == SCRIPT


def test_an_editor_gets_the_edits_of_the_script(tmp_path: Path) -> None:
    """Of its unsaved text, if it is open."""
    tune, train = tmp_path / "tune.py", tmp_path / "train.py"
    tune.write_text(TUNER)
    train.write_text("")
    workspace = Workspace([str(tmp_path)], CheckOptions())
    workspace.set_text(str(train), SCRIPT.encode())
    plans = [plan for plan in workspace.fixes(str(tune)) if plan.finding.rule.name == "objective-rounded-down"]
    assert [(plan.reason, plan.source.name) for plan in plans] == [(None, str(train))]
    assert [edit.text for edit in plans[0].edits] == ["/"]

"""``--fix`` and ``--diff`` as people use them: what is written, what is printed, and how the command ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from hpolint.fixes.sharing import MAX_FILE_BYTES
from hpolint.fixes.write_back import write_fixed
from hpolint.io.streams import OutputError
from tests.conftest import FIXTURES, Command
from tests.harness.systems import posix
from tests.requests import sound, unbounded

TUNER = (FIXTURES / "python" / "tune_churn.py").read_text("utf-8")
SAFE = TUNER.replace('"Linear"', '"Logarithmic"')
RATE, SPOT, PARALLEL = "scale/linear-learning-rate", "compute/missing-spot", "strategy/excessive-parallelism"


@pytest.fixture
def tree(hpolint: Command) -> Command:
    """A folder with one source that has safe fixes and others."""
    hpolint.write("t.py", TUNER)
    return hpolint


def text(command: Command, name: str = "t.py") -> str:
    """A file as it is now."""
    return (command.folder / name).read_bytes().decode()


def test_safe_fixes_are_written_and_the_rest_is_reported(tree: Command) -> None:
    """The exit code is that of the remaining findings."""
    run = tree("check", "--fix")
    assert text(tree) == SAFE
    assert run.returncode == 1
    assert b"linear" not in run.stdout
    assert b"excessive-parallelism" in run.stdout
    assert run.stderr == b"hpolint: 2 findings fixed in 1 file\n"


def test_unsafe_fixes_are_written_where_they_are_asked_for(tree: Command) -> None:
    """What is left cannot be fixed, and a second run changes nothing."""
    run = tree("check", "--fix", "--unsafe-fixes")
    assert run.returncode == 0, run.stdout
    after = text(tree)
    assert "max_parallel_jobs=5" in after
    assert "use_spot_instances=True" in after
    assert 'early_stopping_type="Auto"' in after
    assert tree("check", "--fix", "--unsafe-fixes").stderr == b""
    assert text(tree) == after
    assert tree("check", "--unsafe-fixes").returncode == 2


def test_a_diff_is_printed_and_nothing_written(tree: Command) -> None:
    """It is what ``--fix`` does, as git applies it; exit code 1 where there is any."""
    run = tree("check", "--diff")
    assert (run.returncode, run.stderr) == (1, b"hpolint: 2 findings would be fixed in 1 file\n")
    assert text(tree) == TUNER
    subprocess.run(["git", "apply"], input=run.stdout, cwd=tree.folder, check=True)
    assert text(tree) == SAFE
    run = tree("check", "--diff")
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    assert tree("check", "--diff", "--unsafe-fixes").returncode == 1


def test_fixes_alone_and_their_exit_codes(tree: Command) -> None:
    """``--fix-only`` omits the remaining findings; ``--exit-non-zero-on-fix`` makes a hook fail when a file changed."""
    run = tree("check", "--fix-only")
    assert (run.returncode, run.stdout) == (0, b"")
    assert text(tree) == SAFE
    tree.write("t.py", TUNER)
    assert tree("check", "--fix-only", "--exit-non-zero-on-fix").returncode == 1
    assert tree("check", "--fix-only", "--exit-non-zero-on-fix").returncode == 0
    tree.write("t.py", TUNER)
    assert tree("check", "--fix", "--exit-zero", "--exit-non-zero-on-fix").returncode == 1


def test_standard_input_is_printed_as_it_would_be_written(tree: Command) -> None:
    """With what is left beside it; a text without a job comes back as it is."""
    run = tree("check", "--fix", "-", stdin=TUNER.encode())
    assert run.stdout.decode() == SAFE
    assert run.returncode == 1
    assert b"excessive-parallelism" in run.stderr
    assert tree("check", "--fix", "-", stdin=b"x = 1\n").stdout == b"x = 1\n"
    assert tree("check", "--diff", "-", stdin=TUNER.encode()).stdout.startswith(b"--- a/")


def test_what_is_suppressed_or_not_asked_is_not_fixed(tree: Command) -> None:
    """Nor what is known, or excluded."""
    old = 'scaling_type="Linear"),'
    tree.write("t.py", TUNER.replace(old, f"{old}  # hpolint: ignore[linear-learning-rate] x"))
    tree("check", "--fix", "--ignore", "linear-regularization")
    assert text(tree).count('"Linear"') == 2
    tree.write("t.py", TUNER)
    tree("check", "--write-baseline")
    tree("check", "--fix", "--unsafe-fixes")
    tree("check", "--no-baseline", "--fix", "--exclude", "t.py")
    assert text(tree) == TUNER


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
def test_encoding_and_byte_order_mark_stay(tree: Command, encoding: str, mark: bytes) -> None:
    """JSON as some editors write it."""
    request = (FIXTURES / "request" / "churn-xgboost.json").read_text("utf-8")
    (tree.folder / "r.json").write_bytes(mark + request.encode(encoding))
    tree("check", "--fix", "r.json")
    assert (tree.folder / "r.json").read_bytes() == mark + request.replace('"Linear"', '"Logarithmic"').encode(encoding)


REQUEST = (FIXTURES / "request" / "churn-xgboost.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("r.json", "\ufeff" + REQUEST),
        ("r.json", "\ufeff" + json.dumps(json.loads(REQUEST))),
        ("my folder/my job ü.json", REQUEST),
        ('a\tb "c".json', REQUEST),
        ("t.py", TUNER.replace("ranges = {", "# \x0c \x1c \u2028 \x85\nranges = {").replace("\n", "\r\n")),
    ],
)
def test_a_diff_is_a_patch_of_the_bytes_of_the_file(hpolint: Command, name: str, before: str) -> None:
    """With a byte order mark, with characters that other programs take for line ends, and under any name."""
    hpolint.write(name, before)
    patch = hpolint("check", "--diff").stdout
    hpolint("check", "--fix")
    fixed = text(hpolint, name)
    hpolint.write(name, before)
    subprocess.run(["git", "apply"], input=patch, cwd=hpolint.folder, check=True)
    assert text(hpolint, name) == fixed != before
    if shutil.which("patch") is not None:
        hpolint.write(name, before)
        subprocess.run(["patch", "-p1", "--binary"], input=patch, cwd=hpolint.folder, check=True, capture_output=True)
        assert text(hpolint, name) == fixed


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_what_no_patch_can_change_is_said_in_words(tree: Command, encoding: str) -> None:
    """Git and patch work on bytes, so a diff of the text would not apply; the other files still have theirs."""
    (tree.folder / "t.py").unlink()
    tree.write("r.json", REQUEST.encode(encoding))
    expected = (
        f"hpolint: r.json: would be fixed, and has no patch, since git and patch do not read {encoding.upper()}:"
        " `--fix` writes the change\n"
    )
    for arguments, stdin in ((["r.json"], b""), (["-", "--stdin-filename", "r.json"], REQUEST.encode(encoding))):
        run = tree("check", "--diff", *arguments, stdin=stdin)
        assert (run.returncode, run.stdout) == (1, b"")
        assert run.stderr.decode().startswith(expected)
    tree.write("t.py", TUNER)
    assert b"--- a/t.py" in tree("check", "--diff").stdout


@posix
def test_mode_and_links_stay(tree: Command) -> None:
    """An executable file stays one; a link to a file of the tree is followed, one that leads out is not."""
    (tree.folder / "t.py").chmod(0o755)
    (tree.folder / "deep").mkdir()
    (tree.folder / "t.py").rename(tree.folder / "deep" / "t.py")
    (tree.folder / "t.py").symlink_to("deep/t.py")
    tree("check", "--fix", "t.py")
    assert text(tree, "deep/t.py") == SAFE
    assert (tree.folder / "t.py").is_symlink()
    assert (tree.folder / "deep" / "t.py").stat().st_mode & 0o777 == 0o755
    outside = tree.folder.parent / "outside.py"
    outside.write_text(TUNER)
    (tree.folder / "u.py").symlink_to(outside)
    run = tree("check", "--fix", "u.py")
    assert outside.read_text() == TUNER
    assert run.returncode == 2
    assert b"u.py: not fixed: it is a link to outside of the repository and the checked folders" in run.stderr


def test_a_file_with_two_names_is_not_replaced(tree: Command) -> None:
    """A new file would take the place of one name, and the other name would keep the old text: the message says so."""
    os.link(tree.folder / "t.py", tree.folder / "second.py")
    run = tree("check", "--fix", "t.py")
    assert (run.returncode, text(tree), text(tree, "second.py")) == (2, TUNER, TUNER)
    assert b"t.py: not fixed: it is a hard link, and its other names would keep the old text" in run.stderr
    (tree.folder / "second.py").unlink()
    tree("check", "--fix", "t.py")
    assert text(tree) == SAFE


def test_what_is_saved_while_a_fix_is_written_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is compared again right before it is replaced; nothing else is left in the folder."""
    file = tmp_path / "t.py"
    file.write_text("before")
    monkeypatch.setattr(os, "fsync", lambda _descriptor: file.write_text("saved"))
    with pytest.raises(OutputError, match="it has changed since it was read"):
        write_fixed(str(file), b"before", b"fixed", [str(tmp_path)])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("t.py", "saved")]


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_reported(tree: Command) -> None:
    """Nothing is written, and the exit code is 2."""
    (tree.folder / "t.py").chmod(0o444)
    run = tree("check", "--fix")
    assert (run.returncode, text(tree)) == (2, TUNER)
    assert b"t.py: not fixed: it is read-only" in run.stderr


def test_generated_files_are_left_alone(hpolint: Command) -> None:
    """The finding says where their source is."""
    name = "cdk.out/ChurnTuning.template.json"
    (hpolint.folder / "cdk.out").mkdir()
    before = (FIXTURES / "cdk" / name).read_bytes()
    (hpolint.folder / name).write_bytes(before)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--all")
    assert (hpolint.folder / name).read_bytes() == before
    assert b"the CDK generates this file: change the construct `ChurnTuning/TuneNative`" in run.stdout


@pytest.mark.parametrize("levels", ["{}", '{ALL = "note"}'])
def test_no_fix_of_a_generated_file_is_counted(hpolint: Command, levels: str) -> None:
    """Whether its findings are printed in full or in one line: the last line counts what ``--fix`` may write."""
    name = "cdk.out/ChurnTuning.template.json"
    hpolint.write(name, (FIXTURES / "cdk" / name).read_bytes())
    run = hpolint("check", "--config", f"levels = {levels}")
    assert b"findings" in run.stdout
    assert b"fixable" not in run.stdout


def test_after_the_fixes_nothing_is_called_fixable_by_the_same_command(tree: Command) -> None:
    """What is left could not be written; the fixes that were not asked for are counted."""
    levels = ("--config", 'levels = {ALL = "note"}')
    run = tree("check", "--fix", *levels)
    assert b" fixable with `--fix --unsafe-fixes`" in run.stdout
    assert b"fixable with `--fix`;" not in run.stdout
    shared = TUNER.replace("max_parallel_jobs=20", "max_parallel_jobs=AT_ONCE")
    tree.write("t.py", shared.replace("ranges = {", "AT_ONCE = 20\nprint(AT_ONCE)\nranges = {", 1))
    run = tree("check", "--fix", "--unsafe-fixes", *levels)
    assert b"excessive-parallelism" in run.stdout
    assert b"fixable" not in run.stdout


def test_reports_carry_the_edits(tree: Command) -> None:
    """JSON's, applied to the file by their places, are what ``--fix`` writes; SARIF has the same."""
    found = json.loads(tree("check", "--output", "json").stdout)["findings"]
    lines = TUNER.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    edits = [edit for each in found if (each["fix"] or {}).get("safety") == "safe" for edit in each["fix"]["edits"]]
    after = TUNER
    for edit in sorted(edits, key=lambda each: (-each["line"], -each["column"])):
        start, end = (starts[edit[f"{which}line"] - 1] + edit[f"{which}column"] - 1 for which in ("", "end_"))
        after = after[:start] + edit["text"] + after[end:]
    assert after == SAFE
    (run,) = json.loads(tree("check", "--output", "sarif").stdout)["runs"]
    fixes = [each["fixes"][0] for each in run["results"] if "fixes" in each]
    assert len(fixes) == sum(1 for each in found if (each["fix"] or {}).get("edits"))
    (change,) = fixes[0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "t.py"
    assert all(each["deletedRegion"]["startLine"] >= 1 for each in change["replacements"])


def test_the_last_line_counts_what_can_be_fixed(tree: Command) -> None:
    """By what has to be typed for it; a fix of a note that is printed in one line is counted, and not worked out."""
    for argument, most in (("--all", ""), ("--no-cache", "at most ")):
        last = tree("check", argument).stdout.decode().splitlines()[-1]
        assert last.endswith(f"2 fixable with `--fix`; {most}3 more with `--fix --unsafe-fixes`")


def test_a_value_that_others_use_is_left_and_it_is_said_why(hpolint: Command) -> None:
    """A name that is read elsewhere, a parameter's default, a loop's values."""
    shared = TUNER.replace("max_parallel_jobs=20", "max_parallel_jobs=AT_ONCE").replace(
        "ranges = {", "AT_ONCE = 20\nprint(AT_ONCE)\nranges = {", 1
    )
    alone = shared.replace("print(AT_ONCE)\n", "")
    hpolint.write("t.py", shared)
    run = hpolint("check", "--all", "--fix", "--unsafe-fixes", "--select", PARALLEL)
    assert text(hpolint) == shared
    assert b"not written by `--fix`: `AT_ONCE` is used elsewhere, too" in run.stdout
    hpolint.write("t.py", alone)
    hpolint("check", "--fix", "--unsafe-fixes", "--select", PARALLEL)
    assert text(hpolint) == alone.replace("AT_ONCE = 20", "AT_ONCE = 5")


ESTIMATOR = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

{before}
estimator = Estimator("image", "role/r", 1, "ml.p3.2xlarge", max_run=3600{more})
tuner = HyperparameterTuner(
    estimator, "m", {{"lr": ContinuousParameter(1e-5, 0.1, scaling_type={scale})}}, max_jobs=40, max_parallel_jobs=4
)
tuner.fit()
{after}
"""


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"before": "S = 'Linear'", "scale": "S", "after": "print(S)"}, b"`S` is used elsewhere, too"),
        ({"before": "", "scale": "(S := 'Linear')", "after": "print(S)"}, b"`S` is used elsewhere, too"),
        ({"before": "KW = {'s': 'Linear'}", "scale": "KW['s']", "after": "f(**KW)"}, b"`KW` is used elsewhere, too"),
        ({"before": "S = 'Linear'", "scale": "S", "after": "__all__ = ['S']"}, b"`S` is used elsewhere, too"),
        ({"before": "class C:\n    S = 'Linear'", "scale": "C.S", "after": "C.S"}, b"`S` is used elsewhere, too"),
    ],
)
def test_whatever_else_reads_a_value_keeps_it(hpolint: Command, parts: dict[str, str], reason: bytes) -> None:
    """Also from a safe fix; where no other code reads the value, the fix is written."""
    source = ESTIMATOR.format(**{"more": ""} | parts)
    hpolint.write("t.py", source)
    run = hpolint("check", "--fix", "--select", RATE, "--all")
    assert text(hpolint) == source
    assert reason in run.stdout
    alone = ESTIMATOR.format(**{"more": ""} | parts | {"after": ""})
    hpolint.write("t.py", alone)
    hpolint("check", "--fix", "--select", RATE)
    assert text(hpolint) == alone.replace("Linear", "Logarithmic")


def test_a_name_that_another_module_imports_is_left(hpolint: Command) -> None:
    """Of the same folder."""
    source = ESTIMATOR.format(before="S = 'Linear'", scale="S", after="", more="")
    hpolint.write("t.py", source)
    hpolint.write("u.py", "from t import S\n")
    hpolint("check", "--fix", "--select", RATE)
    assert text(hpolint) == source


def test_a_name_is_left_where_it_cannot_be_seen_whether_another_module_imports_it(hpolint: Command) -> None:
    """A module too large to be searched: not known is not "no", and the reason names it."""
    source = ESTIMATOR.format(before="S = 'Linear'", scale="S", after="", more="")
    hpolint.write("t.py", source)
    hpolint.write("u.py", "x = 1\n" + "#" * MAX_FILE_BYTES)
    run = hpolint("check", "--fix", "--select", RATE, "--all", "t.py")
    assert text(hpolint) == source
    assert b"u.py is larger than 1 MB, so it is not searched for imports of the value" in run.stdout


@pytest.mark.parametrize("line", ["!echo {S}", "%store S", "    x = S", "n = !ls $S"])
def test_what_a_notebooks_shell_lines_read_is_left(hpolint: Command, line: str) -> None:
    """And what a cell reads that is no Python."""
    source = ESTIMATOR.format(before="S = 'Linear'", scale="S", after="", more="")
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in (source, line)]
    before = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    hpolint.write("n.ipynb", before)
    hpolint("check", "--fix", "--select", RATE)
    assert text(hpolint, "n.ipynb") == before


def test_an_estimator_that_also_trains_by_itself_is_left(hpolint: Command) -> None:
    """And one that a function makes for others, too: what they train would change."""
    parts = {"before": "", "scale": "'Auto'", "more": ""}
    source = ESTIMATOR.format(after="estimator.fit()", **parts)
    hpolint.write("t.py", source)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT, "--all")
    assert text(hpolint) == source
    assert b"`estimator` also trains by itself, and that would change, too" in run.stdout
    made = source.replace("estimator = Est", "def make():\n    return Est").replace("    estimator, ", "    make(), ")
    hpolint.write("t.py", made.replace("estimator.fit()", "make().fit()"))
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT, "--all")
    assert b"`make` is called elsewhere, too" in run.stdout


@pytest.mark.parametrize(
    ("after", "is_left"),
    [
        ("estimator = Estimator('i')\nestimator.fit()", False),
        ("estimator = tuner.best_estimator()\nestimator.fit()", False),
        ("estimator.fit()\nestimator = Estimator('i')", True),
        ("estimator = adapted(estimator)\nestimator.fit()", True),
        ("if final:\n    estimator = Estimator('i')\nestimator.fit()", True),
        ("def train():\n    estimator.fit()\ntrain()\nestimator = Estimator('i')", True),
        ("estimator = chosen\nestimator.fit()", True),
    ],
)
def test_what_a_name_is_given_later_is_another_estimator(hpolint: Command, after: str, is_left: bool) -> None:
    """That it trains by itself keeps nothing from being written, where it is sure to be another one."""
    source = ESTIMATOR.format(before="", scale="'Auto'", more="", after=after)
    hpolint.write("t.py", source)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT, "--all")
    assert (text(hpolint) == source) == is_left
    assert (b"`estimator` also trains by itself" in run.stdout) == is_left


def test_an_estimator_that_a_loop_makes_may_be_any_of_them(hpolint: Command) -> None:
    """What trains before it may be one of an earlier turn."""
    lines = ESTIMATOR.format(before="", scale="'Auto'", more="", after="").splitlines()
    looped = "\n".join(
        ["for again in (0, 1):", "    if again:", "        estimator.fit()", *(f"    {line}" for line in lines)]
    )
    hpolint.write("t.py", f"{looped}\n")
    hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT)
    assert text(hpolint) == f"{looped}\n"


def test_a_local_value_that_another_file_of_the_module_uses_is_left(hpolint: Command) -> None:
    """Terraform's names are those of a folder."""
    before = (FIXTURES / "terraform" / "tuning.tf").read_text("utf-8")
    assert before.count("local.at_once") == 1
    hpolint.write("main.tf", before)
    hpolint.write("other.tf", 'output "n" { value = local.at_once }\n')
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", PARALLEL, "--all")
    assert "at_once = 24" in text(hpolint, "main.tf")
    assert b"`local.at_once` is used elsewhere, too" in run.stdout
    (hpolint.folder / "other.tf").unlink()
    hpolint("check", "--fix", "--unsafe-fixes", "--select", PARALLEL)
    assert "at_once = 6" in text(hpolint, "main.tf")


def test_what_may_be_spread_into_a_call_is_not_given_twice(hpolint: Command) -> None:
    """A dict that turns the argument off looks as if it were not there; Python refuses it twice."""
    spread = TUNER.replace("max_run=max_run)", "max_run=max_run, **more)").replace(
        "def estimator", 'more = {"use_spot_instances": False}\n\n\ndef estimator', 1
    )
    assert spread.count("more") == 2
    hpolint.write("t.py", spread)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT)
    assert text(hpolint) == spread
    assert b"`use_spot_instances` may be in a mapping that is unpacked there" in run.stdout
    hpolint.write(
        "t.py", spread.replace('"use_spot_instances": False', '"instance_count": 2').replace("instance_count=1, ", "")
    )
    hpolint("check", "--fix", "--unsafe-fixes", "--select", SPOT)
    assert "**more, use_spot_instances=True" in text(hpolint)


def test_a_value_that_several_jobs_share_is_changed_for_all_that_need_it(hpolint: Command) -> None:
    """What the report says of it is what the fix does."""
    shared = TUNER.replace(
        "tuner = HyperparameterTuner(", "more = dict(max_parallel_jobs=20)\ntuner = HyperparameterTuner("
    )
    shared = shared.replace("    max_parallel_jobs=20,\n", "    **more,\n")
    second = shared[shared.index("tuner = Hyper") :].replace("tuner", "other")
    hpolint.write("t.py", shared + second)
    run = hpolint("check", "--select", PARALLEL, "--all")
    assert b"not written" not in run.stdout
    assert b"+ more = dict(max_parallel_jobs=5)" in run.stdout
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", PARALLEL)
    assert run.stderr == b"hpolint: 1 finding fixed in 1 file\n"
    assert text(hpolint) == (shared + second).replace("dict(max_parallel_jobs=20)", "dict(max_parallel_jobs=5)")


def test_jobs_that_share_an_estimator_and_ranges_are_fixed_together(hpolint: Command) -> None:
    """Without an internal error: the estimator and the ranges get the fixes that suit every job."""
    first = (
        "from sagemaker.pytorch import PyTorch\n"
        "from sagemaker.tuner import ContinuousParameter, HyperparameterTuner\n"
        'est = PyTorch("a.py", role="r", instance_count=1, instance_type="ml.g5.xlarge", max_run=7200,\n'
        '              framework_version="2.1", py_version="py310", checkpoint_s3_uri="s3://b/c")\n'
        'ranges = {"lr": ContinuousParameter(0.0001, 0.5, scaling_type="Linear"),\n'
        '          "momentum": ContinuousParameter(0.5, 0.999)}\n'
        'tuner = HyperparameterTuner(est, "m", ranges, max_jobs=40, max_parallel_jobs=4)\n'
        'tuner.fit({"train": "s3://b/d"})\n'
    )
    second = first[first.index("tuner = ") :]
    hpolint.write("t.py", first + second.replace("tuner", "second") + second.replace("tuner", "third"))
    before = hpolint("check", "--all")
    run = hpolint("check", "--fix", "--unsafe-fixes")
    assert b"internal error" not in before.stdout + before.stderr + run.stdout + run.stderr
    assert "use_spot_instances=True" in text(hpolint)
    assert 'ContinuousParameter(0.0001, 0.5, scaling_type="Logarithmic")' in text(hpolint)


def test_a_value_under_an_anchor_that_others_use_is_left(hpolint: Command) -> None:
    """A fix would change the values at the aliases, too."""
    request = sound()
    lr = {"Name": "alpha", "MinValue": "0.0001", "MaxValue": "10", "ScalingType": "Linear"}
    request["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"] = [lr]
    plain = yaml.safe_dump(request, sort_keys=False)
    anchored = plain.replace("ScalingType: Linear", "ScalingType: &scale Linear") + "Tags:\n- {Key: a, Value: *scale}\n"
    assert anchored.count("&scale") == 1
    hpolint.write("r.yaml", anchored)
    run = hpolint("check", "--fix", "--select", "linear-regularization", "--all")
    assert text(hpolint, "r.yaml") == anchored
    assert b"the value is also used through an alias" in run.stdout


@posix
def test_a_run_that_is_killed_leaves_the_old_file_or_the_new_one(tree: Command) -> None:
    """At whatever moment; what it was writing beside it is no definition."""
    command = [sys.executable, "-m", "hpolint", "check", "--fix", "--unsafe-fixes", "t.py"]
    tree("check", "--fix", "--unsafe-fixes")
    both = {TUNER, text(tree)}
    for step in range(12):
        tree.write("t.py", TUNER)
        process = subprocess.Popen(command, cwd=tree.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.03 * step)
        process.kill()
        process.wait()
        assert text(tree) in both


@posix
def test_two_runs_at_once_do_not_mix(tree: Command) -> None:
    """Each run writes whole files, and detects a file that another run has changed."""
    command = [sys.executable, "-m", "hpolint", "check", "--fix-only", "--unsafe-fixes", "t.py"]
    tree("check", "--fix", "--unsafe-fixes")
    after = text(tree)
    tree.write("t.py", TUNER)
    runs = [subprocess.Popen(command, cwd=tree.folder, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [run.communicate()[1] for run in runs]
    assert text(tree) == after
    assert all(run.returncode == 0 or b"changed since" in line for run, line in zip(runs, errors, strict=True))


@posix
def test_a_full_disk_costs_the_fix_and_not_the_file(tree: Command) -> None:
    """When the disk is full, the old file stays, the reason is reported, and no temporary file remains."""
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)); sys.dont_write_bytecode = True;"
        "sys.argv = ['hpolint', 'check', '--fix-only', 't.py']; from hpolint.cli.commands import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", limited], cwd=tree.folder, capture_output=True, check=False)
    assert run.returncode == 2
    assert b"t.py: not fixed: " in run.stderr
    assert text(tree) == TUNER
    assert [path.name for path in Path(tree.folder).iterdir()] == ["t.py"]


def test_a_stream_that_breaks_later_is_left_where_it_has_anchors(hpolint: Command) -> None:
    """The part that cannot be read may use them."""
    request = yaml.safe_dump(unbounded(), sort_keys=False).replace("Strategy: Bayesian", "Strategy: &s Bayesian")
    broken = request.replace("MaxParallelTrainingJobs: 2", "MaxParallelTrainingJobs: 12") + "---\na: *nowhere\n"
    hpolint.write("r.yaml", broken)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--all")
    assert text(hpolint, "r.yaml") == broken
    assert b"not written by `--fix`: the file cannot be parsed to its end" in run.stdout


RESTLESS = """---
summary: Never enough
level: warning
precision: high
scope: job
since: 0.1.0
when: limits.MaxParallelTrainingJobs > 1
message: ["More at once"]
fix:
  safety: safe
  set:
    HyperParameterTuningJobConfig.ResourceLimits.MaxParallelTrainingJobs: "{limits.MaxParallelTrainingJobs + 1}"
sources: ["https://example.com"]
---
## Why
An example.

## Instead
Nothing.

## Examples
### Found
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 2}}
```

### Clean
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 1}}
```

### Undecided
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": "$N"}}
```
"""


def test_a_fix_that_never_converges_stops_and_is_reported(hpolint: Command) -> None:
    """After 10 rounds; the file that was written by then is complete."""
    hpolint.write("rules/acme/more.md", RESTLESS)
    hpolint.write("hpolint.toml", "policies = ['rules']\nselect = ['acme']\n")
    hpolint.write("r.json", json.dumps(sound(), indent=1))
    run = hpolint("check", "--fix", "r.json")
    assert b"r.json: acme/more is found again after each of its fixes" in run.stderr
    limits = json.loads(text(hpolint, "r.json"))["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert limits["MaxParallelTrainingJobs"] == 2 + 10

"""Fixes in the training script: where they are written, and when they are not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.run.workspace import Workspace
from tests.conftest import Command
from tests.harness.notebooks import notebook

TUNER = """from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

estimator = PyTorch(
    "train.py",
    role="r",
    instance_count=1,
    instance_type="ml.g5.xlarge",
    framework_version="2.1",
    py_version="py310",
)
tuner = HyperparameterTuner(
    estimator,
    "loss",
    {"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")},
    metric_definitions=[{"Name": "loss", "Regex": "loss: ([0-9.]+)"}],
    objective_type="Minimize",
    max_jobs=12,
)
tuner.fit()
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


def test_a_script_that_cannot_be_written_is_named(tree: Command) -> None:
    """A hard link, whose other name would keep the old text."""
    os.link(tree.folder / "train.py", tree.folder / "copy.txt")
    run = tree("check", *UNSAFE)
    assert run.returncode == 2
    assert b"tune.py: not fixed: train.py: it is a hard link" in run.stderr
    assert text(tree) == SCRIPT


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


RANGE = '"batch-size": CategoricalParameter([16, 32, 64])'
BATCHES = """import argparse

from torch import nn
from torch.utils.data import DataLoader


def test(model, loader, criterion):
    total = 0
    for inputs, labels in loader:
        inputs, labels = inputs.to("cpu"), labels.to("cpu")
        total += ADDED
    mean = DIVISION
    print(f"loss: {mean}")


parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int)
args = parser.parse_args()
test(max, DataLoader([], batch_size=args.batch_size), nn.CrossEntropyLoss())
"""
BATCH_TUNER = TUNER.replace('"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")', RANGE).replace(
    "ContinuousParameter", "CategoricalParameter"
)
MEAN = "criterion(model(inputs), labels).item()"
SUM = f"{MEAN} * inputs.size(0)"


def batches(added: str, division: str) -> str:
    """A script that adds something for each batch, and prints a quotient."""
    return BATCHES.replace("ADDED", added).replace("DIVISION", division)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (batches(SUM, "total / len(loader)"), batches(SUM, "total / len(loader.dataset)")),
        (batches(SUM, "total // len(loader)"), batches(SUM, "total / len(loader.dataset)")),
        (batches(MEAN, "total / len(loader.dataset)"), batches(SUM, "total / len(loader.dataset)")),
    ],
)
def test_an_objective_that_depends_on_the_batch_size_becomes_a_mean(hpolint: Command, before: str, after: str) -> None:
    """The divisor or the sum is corrected, together with a division that drops the fraction."""
    hpolint.write("tune.py", BATCH_TUNER)
    hpolint.write("train.py", before)
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "script")
    assert text(hpolint) == after


@pytest.mark.parametrize(
    "script",
    [
        batches(SUM, "total / len(loader)").replace("batch_size=args", "sampler=max, batch_size=args"),
        batches(MEAN, "total / len(loader.dataset)").replace("model(inputs)", "model(**inputs, n=len(inputs))"),
        batches(MEAN, "total / len(loader.dataset)").replace('inputs.to("cpu")', "inputs[:1]"),
        SCRIPT.replace("{mean}", "{mean:d}").replace(".item()", ""),
    ],
)
def test_a_correction_that_is_not_certain_is_not_offered(hpolint: Command, script: str) -> None:
    """A sampler leaves samples out, a batch may be no tensor or another one, and `d` takes no fraction."""
    hpolint.write("tune.py", BATCH_TUNER if "batch" in script else TUNER)
    hpolint.write("train.py", script)
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "script")
    assert text(hpolint) == script


SAVES = """import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
model = torch.nn.Linear(4, 1)
loss = model(torch.rand(8, 4)).square().mean().item() + args.lr
print(f"loss: {loss:.4f}")
"""


OPENED = """with open("a.pkl", "wb") as file:
    torch.save(model, file)"""
NAMED = """PATH = './out/model.pt'
torch.save(model, PATH)"""


@pytest.mark.parametrize(
    ("save", "before", "after"),
    [
        ('torch.save(model, "a.pt")', '"a.pt"', 'os.path.join(os.environ.get("SM_MODEL_DIR", "."), "a.pt")'),
        (NAMED, "'./out/model.pt'", "os.path.join(os.environ.get('SM_MODEL_DIR', 'out'), 'model.pt')"),
        (
            "import os\ntorch.save(model, os.path.join('out', 'a.pt'))",
            "'out'",
            "os.environ.get('SM_MODEL_DIR', 'out')",
        ),
        (OPENED, '"a.pkl"', 'os.path.join(os.environ.get("SM_MODEL_DIR", "."), "a.pkl")'),
    ],
)
def test_a_model_is_saved_where_the_service_keeps_it(hpolint: Command, save: str, before: str, after: str) -> None:
    """The path is written in the call, under a name, or where the file is opened; `os` is imported once."""
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", f"{SAVES}{save}\n")
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "model-not-kept")
    imported = "" if "import os" in save else "import os\n"
    assert text(hpolint) == f"{imported}{SAVES}{save.replace(before, after)}\n"


@pytest.mark.parametrize(
    "rest",
    [
        'torch.save(model, "model.pt")\nmodel = torch.load("model.pt")\n',
        'torch.save(model, "model.pt")\nos = None\n',
        'torch.save(model, r"model.pt")\n',
        'import os\ntorch.save(model, os.path.join("out", "best/model.pt"))\n',
    ],
)
def test_a_model_that_is_read_again_stays_where_it_is(hpolint: Command, rest: str) -> None:
    """So does one whose path cannot be changed as a plain string, or where `os` is no module."""
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", SAVES + rest)
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "model-not-kept")
    assert text(hpolint) == SAVES + rest


OPTIONS = """import argparse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--lr', type=float)
    args = parser.parse_args()
    print(f'loss: {args.lr / args.hidden_size:.4f}')


main()
"""


@pytest.mark.parametrize(
    ("range_", "type_"),
    [
        ("ContinuousParameter(1, 9)", "float"),
        ("IntegerParameter(1, 9)", "int"),
        ("CategoricalParameter([1, 2])", "int"),
        ("CategoricalParameter([1, 2.5])", "float"),
        ('CategoricalParameter(["a", "b"])', "str"),
    ],
)
def test_an_option_that_the_job_tunes_is_declared(hpolint: Command, range_: str, type_: str) -> None:
    """After the last one, with its indent and quotes, and with the type of the range."""
    tuner = TUNER.replace('{"lr"', f'{{"hidden-size": {range_}, "lr"')
    hpolint.write("tune.py", tuner.replace("import Con", "import CategoricalParameter, IntegerParameter, Con"))
    hpolint.write("train.py", OPTIONS)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", "script")
    assert run.returncode == 0, run.stdout
    last = "    parser.add_argument('--lr', type=float)\n"
    assert text(hpolint) == OPTIONS.replace(last, f"{last}    parser.add_argument('--hidden-size', type={type_})\n")


def test_an_option_that_the_job_does_not_tune_is_not_declared(hpolint: Command) -> None:
    """A misspelt name is as likely."""
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", OPTIONS)
    assert hpolint("check", "--fix", "--unsafe-fixes", "--select", "undeclared-option").returncode == 1
    assert text(hpolint) == OPTIONS


@pytest.mark.parametrize(
    ("printed", "before", "after"),
    [
        ("loss:  {loss:.4f}", '"loss: ([0-9.]+)"', '"loss:  ([0-9.]+)"'),
        ("loss: {loss:.4f}", 'r"loss:([0-9\\.]+)"', 'r"loss: ([0-9\\.]+)"'),
        ("loss: {loss:.4f}", "'loss:([0-9\\\\.]+)'", "'loss: ([0-9\\\\.]+)'"),
        ("loss, {loss:.4f}", '"loss: ([0-9.]+)"', '"loss: ([0-9.]+)"'),
        ("loss : {loss:.4f} loss:  {loss:.4f}", '"loss: ([0-9.]+)"', '"loss: ([0-9.]+)"'),
    ],
)
def test_an_expression_that_lacks_one_blank_gets_it(hpolint: Command, printed: str, before: str, after: str) -> None:
    """In its literal, which keeps its form. Nothing changes if two places are possible, or more differs."""
    hpolint.write("tune.py", TUNER.replace('"loss: ([0-9.]+)"', before))
    hpolint.write("train.py", SAVES.replace("loss: {loss:.4f}", printed))
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "metric-not-printed")
    assert text(hpolint, "tune.py") == TUNER.replace('"loss: ([0-9.]+)"', after)


OPTIMIZER = """import argparse

from torch import optim


def main(args, model):
    optimizer = OPTIMIZER
    print("loss: 0.5")


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
main(parser.parse_args(), model())
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("optim.SGD(model.parameters())", "optim.SGD(model.parameters(), lr=args.lr)"),
        ("optim.SGD(model.parameters(), momentum=0.9)", "optim.SGD(model.parameters(), momentum=0.9, lr=args.lr)"),
        ("optim.Adam(model.parameters(), lr=1e-3)", "optim.Adam(model.parameters(), lr=args.lr)"),
        ("optim.Adam(model.parameters(), lr=RATE)", "optim.Adam(model.parameters(), lr=RATE)"),
        ("optim.Adam(model.parameters(), **OTHERS)", "optim.Adam(model.parameters(), **OTHERS)"),
        ("optim.Adam([{'params': model.parameters()}])", "optim.Adam([{'params': model.parameters()}])"),
        ("optim.Adam(a()), optim.SGD(b())", "optim.Adam(a()), optim.SGD(b())"),
    ],
)
def test_an_optimizer_gets_the_learning_rate_that_nothing_uses(hpolint: Command, before: str, after: str) -> None:
    """If it is the only one, and has no other learning rate than a number."""
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", OPTIMIZER.replace("OPTIMIZER", before))
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "option-never-read")
    assert text(hpolint) == OPTIMIZER.replace("OPTIMIZER", after)


def test_an_optimizer_out_of_the_parser_s_reach_is_not_changed(hpolint: Command) -> None:
    """The function that makes it is not given the parsed arguments in each call."""
    script = OPTIMIZER.replace("OPTIMIZER", "optim.SGD(model.parameters())") + "main(None, model())\n"
    hpolint.write("tune.py", TUNER)
    hpolint.write("train.py", script)
    hpolint("check", "--fix", "--unsafe-fixes", "--select", "option-never-read")
    assert text(hpolint) == script

"""Where a training script is looked for: beside its definition, in the notebook, in the repository; nowhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable

import pytest

import hpolint as library
from hpolint.model.training_script import Script
from tests.conftest import FIXTURES, Command
from tests.harness.notebooks import notebook
from tests.requests import sound

RULE = "script/argument-not-accepted"
TRAIN = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--rate', type=float)\np.parse_args()\n"
TUNE = """import os
from pathlib import Path
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

SCRIPT = "train.py"
HERE = os.path.dirname(os.path.abspath(__file__))
est = PyTorch(CODE, role="r", instance_count=1, instance_type="ml.m5.large", py_version="py310")
HyperparameterTuner(est, "m", {"momentum": ContinuousParameter(0.1, 0.2)}, max_jobs=2).fit()
"""


def tuner(code: str) -> str:
    """A source whose estimator has some arguments for its script."""
    return TUNE.replace("CODE", code)


def found(run: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The places of the findings about arguments."""
    return [each["path"] for each in json.loads(run.stdout)["findings"] if each["rule"] == RULE]


def check(command: Command, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A run that prints the findings as JSON."""
    return command("check", "--output", "json", *arguments)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('"train.py"', "jobs/train.py"),
        ("SCRIPT", "jobs/train.py"),
        ('"train.py", source_dir="src"', "jobs/src/train.py"),
        ('"./train.py", source_dir="../code"', "code/train.py"),
        ('os.path.join(HERE, "train.py")', "jobs/train.py"),
        ('"train.py", source_dir=os.path.join(HERE, "..", "code")', "code/train.py"),
        ('"train.py", source_dir=str(Path(__file__).parent / "src")', "jobs/src/train.py"),
        ('"train.py", source_dir=f"{Path(__file__).parent}/src"', "jobs/src/train.py"),
        ('"train.py", source_dir=f"{(Path(__file__).parent / \'src\').as_posix()}"', "jobs/src/train.py"),
        ('"train.py", source_dir=str(Path(__file__).resolve().parent.joinpath("src"))', "jobs/src/train.py"),
        ('"train.py", source_dir=str(Path(__file__).resolve().parent.parent / "code")', "code/train.py"),
        ('"train.py", source_dir=str(Path(__file__).absolute().parents[1] / "code")', "code/train.py"),
        ('"train.py", source_dir=os.path.join(os.path.dirname(HERE), "code")', "code/train.py"),
        ('"train.py", source_dir=str(Path("x/y").resolve().parents[2] / "code")', "code/train.py"),
        ('"train.py", source_dir=str(Path("src").parent.parent)', "jobs/train.py"),
        ('"code/train.py"', "code/train.py"),
        ('f"{os.getcwd()}/train.py"', None),
        ('"train.py", source_dir="s3://bucket/code.tar.gz"', None),
        ('"train.py", git_config={"repo": "https://example.com/x.git"}', None),
        ('"train.sh"', None),
        ('os.environ["SCRIPT"]', None),
        ('"../../outside.py"', None),
    ],
)
def test_a_script_is_found_where_the_text_says(hpolint: Command, code: str, path: str | None) -> None:
    """From the definition's folder, then from the repository's root; never elsewhere, and never outside."""
    root = hpolint.folder / "repository"
    (root / ".git").mkdir(parents=True)
    for name in ("jobs/train.py", "jobs/src/train.py", "code/train.py", "../outside.py", "jobs/train.sh"):
        here = name == path or (path is None and name != "jobs/train.py")
        if here or name in ("../outside.py", "jobs/train.sh"):
            hpolint.write(f"repository/{name}", TRAIN)
    hpolint.write("repository/jobs/tune.py", tuner(code))
    run = check(hpolint, "repository")
    assert found(run) == ([] if path is None else ["repository/jobs/tune.py"])
    if path is not None:
        (finding,) = [each for each in json.loads(run.stdout)["findings"] if each["rule"] == RULE]
        assert [each["path"] for each in finding["related"]] == [f"repository/{path}"]


@pytest.mark.parametrize("folder", ["str(Path(__file__).resolve().parents[1])", "os.path.dirname(HERE)"])
def test_a_folder_above_the_source_is_known_wherever_the_program_starts(hpolint: Command, folder: str) -> None:
    """The entry point is looked for there only, so that one that is missing is an error."""
    hpolint.write("repository/.git/HEAD", "")
    hpolint.write("repository/src/train.py", TRAIN)
    hpolint.write("repository/jobs/tune.py", tuner(f'"train.py", source_dir={folder}'))
    (finding,) = json.loads(hpolint("check", "--select", "script", "--output", "json", "repository").stdout)["findings"]
    assert finding["rule"] == "script/entry-point-missing"


@pytest.mark.parametrize(
    ("folder", "files", "is_missing"),
    [
        ('os.path.join(HERE, "src")', ["src/train.py"], True),
        ('os.path.join(HERE, "src")', ["train.py"], False),
        ('os.path.join(HERE, "build")', ["src/train.py"], False),
        ('os.path.abspath("src")', ["src/train.py"], False),
        ('os.path.join(os.getcwd(), "src")', ["src/train.py"], False),
        ('str(Path.cwd() / "src")', ["src/train.py"], False),
        ('"src"', ["src/train.py"], False),
    ],
)
def test_a_folder_that_repeats_the_programs_own_is_missing(
    hpolint: Command, folder: str, files: list[str], is_missing: bool
) -> None:
    """If its path begins at ``__file__``: a working folder may be the repository's root."""
    hpolint.write("repository/.git/HEAD", "")
    for name in files:
        hpolint.write(f"repository/{name}", GOOD)
    hpolint.write("repository/src/tune.py", tuner(f'"train.py", source_dir={folder}'))
    run = hpolint("check", "--select", "script/entry-point-missing", "repository")
    assert (b"`train.py` is not in `src/src`" in run.stdout) is is_missing
    assert (b"entry-point-missing" in run.stdout) is is_missing


@pytest.mark.parametrize("folder", ['os.path.abspath("src")', 'os.path.join(os.getcwd(), "src")'])
def test_a_folder_may_begin_where_the_program_starts(hpolint: Command, folder: str) -> None:
    """The script is looked for beside the program and from the root, as by a path that is not made absolute."""
    hpolint.write("repository/.git/HEAD", "")
    hpolint.write("repository/src/train.py", TRAIN)
    hpolint.write("repository/jobs/tune.py", tuner(f'"train.py", source_dir={folder}'))
    assert found(check(hpolint, "repository")) == ["repository/jobs/tune.py"]


@pytest.mark.parametrize(
    ("scripts", "is_found"),
    [
        (["team/src/train.py"], True),
        (["team/src/train.py", "team/jobs/src/train.py"], False),
        (["other/src/train.py"], False),
    ],
)
def test_a_program_may_be_started_in_a_folder_above_its_own(
    hpolint: Command, scripts: list[str], is_found: bool
) -> None:
    """The script is looked for there, too, if it lies in only one such folder: else it is not known."""
    hpolint.write("repository/.git/HEAD", "")
    for script in scripts:
        hpolint.write(f"repository/{script}", TRAIN)
    hpolint.write("repository/team/jobs/launch/tune.py", tuner('"train.py", source_dir="src"'))
    assert found(check(hpolint, "repository")) == (["repository/team/jobs/launch/tune.py"] if is_found else [])


def test_a_path_that_begins_with_a_dot_starts_where_the_program_does(hpolint: Command) -> None:
    """``./src`` is the root's, if the program starts there, although the source has such a folder beside it."""
    hpolint.write("repository/.git/HEAD", "")
    hpolint.write("repository/src/train.py", TRAIN)
    hpolint.write("repository/jobs/src/other.py", "")
    hpolint.write("repository/jobs/tune.py", tuner('"./train.py", source_dir="./src"'))
    assert found(check(hpolint, "repository")) == ["repository/jobs/tune.py"]
    assert b"entry-point-missing" not in hpolint("check", "repository").stdout


def test_a_script_that_is_not_there_is_no_finding(hpolint: Command) -> None:
    """The list of what stays open says what was looked for."""
    hpolint.write("tune.py", tuner('"train.py", source_dir="src"'))
    run = hpolint("check", "--show-undecided")
    assert b"[script/" not in run.stdout
    assert b"depends on the training script, which was not found: looked for `src/train.py`" in run.stdout


def test_an_image_that_is_no_frameworks_runs_its_script_in_its_own_way(hpolint: Command) -> None:
    """Nothing is said about it, and nothing is open."""
    hpolint.write("train.py", TRAIN)
    text = tuner('"train.py"').replace("sagemaker.pytorch import PyTorch", "sagemaker.estimator import Estimator")
    text = text.replace(
        'PyTorch("train.py",', 'Estimator("1.dkr.ecr.eu-west-1.amazonaws.com/own:1", entry_point="train.py",'
    )
    hpolint.write("tune.py", text)
    run = hpolint("check", "--select", "script", "--show-undecided")
    assert b"0 findings" in run.stdout
    assert b"open" not in run.stdout


LAUNCH = tuner('"train.py"').replace("HERE = os.path.dirname(os.path.abspath(__file__))\n", "")
GOOD = TRAIN.replace("--rate", "--momentum")


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ([f"%%writefile train.py\n{TRAIN}", LAUNCH], 1),
        ([f"%%writefile ./train.py\n{GOOD}", LAUNCH], 0),
        ([f"%%writefile train.py\n{TRAIN}", f"%%writefile train.py\n{GOOD}", LAUNCH], 0),
        ([f"%%writefile train.py\n{GOOD}", LAUNCH, f"%%writefile train.py\n{TRAIN}"], 0),
        (["%%writefile train.py\nimport argparse\n", f"%%writefile -a train.py\n{TRAIN}", LAUNCH], 1),
        ([f"%%writefile other.py\n{GOOD}", LAUNCH], 1),
        ([f'%%writefile "train.py"\n{GOOD}', LAUNCH], 0),
        ([f"%%writefile train.py\n{TRAIN}", "!cat train.py\n!pygmentize train.py", LAUNCH], 1),
        ([f"%%writefile train.py\n{TRAIN}", "!sed -i 's/rate/momentum/' train.py", LAUNCH], 0),
        ([f"%%writefile train.py\n{TRAIN}", "open('train.py', 'w').write('import sys')", LAUNCH], 0),
        ([f"%%writefile train.py\n{TRAIN}", "%%bash\ncp other.py train.py", LAUNCH], 0),
        (["!sed -i 's/rate/momentum/' train.py", f"%%writefile train.py\n{TRAIN}", LAUNCH], 1),
    ],
)
def test_what_a_notebook_has_written_wins(hpolint: Command, cells: list[str], count: int) -> None:
    """The last cell before the launch that writes the script; else the file beside it."""
    hpolint.write("train.py", TRAIN)
    hpolint.write("n.ipynb", notebook(*cells))
    assert len(found(check(hpolint, "n.ipynb"))) == count


def test_a_place_in_a_cell_is_the_notebooks_own(hpolint: Command) -> None:
    """People see the cell and its line, machines the file's."""
    hpolint.write("n.ipynb", notebook("x = 1", f"%%writefile train.py\n{TRAIN}", LAUNCH))
    assert b"n.ipynb:cell 2:5:1: the parser" in hpolint("check", "n.ipynb").stdout
    (finding,) = [each for each in json.loads(check(hpolint).stdout)["findings"] if each["rule"] == RULE]
    (related,) = finding["related"]
    line = (hpolint.folder / "n.ipynb").read_text().splitlines()[related["line"] - 1]
    assert line[related["column"] - 1 :].startswith("p.parse_args()")


def test_modules_beside_the_script_are_followed_where_they_are_uploaded(hpolint: Command) -> None:
    """Those of the source folder, and of the dependencies; others are not there in the container."""
    hpolint.write("src/train.py", "from options import parse\nparse()\n")
    options = TRAIN.replace("p.parse_args()", "def parse():\n    return p.parse_args()")
    hpolint.write("src/options.py", options)
    hpolint.write("tune.py", tuner('"train.py", source_dir="src"'))
    assert found(check(hpolint)) == ["tune.py"]
    hpolint.write("tune.py", tuner('"src/train.py"'))
    assert found(check(hpolint)) == []
    hpolint.write("tune.py", tuner('"src/train.py", dependencies=["src/options.py"]'))
    assert found(check(hpolint)) == ["tune.py"]


def test_texts_at_hand_are_looked_at_first() -> None:
    """The library is given sources by their names: the script is among them."""
    texts = {"jobs/tune.py": tuner('"train.py"'), "jobs/train.py": TRAIN}
    assert RULE in {each.rule.id for each in library.check(texts).findings}
    texts["jobs/train.py"] = GOOD
    assert RULE not in {each.rule.id for each in library.check(texts).findings}


@pytest.mark.parametrize("changed", ["package/src/train.py", "package/src/options.py"])
def test_a_changed_script_brings_up_the_findings_of_its_definition(hpolint: Command, changed: str) -> None:
    """As where a hook is given the files of a commit: the definition is looked up in the repository."""
    shutil.copytree(FIXTURES / "script" / "package", hpolint.folder / "package")
    assert found(check(hpolint, changed)) == []  # without a repository nothing else is looked at
    (hpolint.folder / ".git").mkdir()
    assert found(check(hpolint, changed)) == ["package/tune.py"]
    run = check(hpolint, changed)
    assert {each["rule"].partition("/")[0] for each in json.loads(run.stdout)["findings"]} == {"script"}
    assert run.returncode == 1
    assert found(check(hpolint, changed, "package/tune.py")) == ["package/tune.py"]
    hpolint.write("package/src/train.py", "import argparse\n")
    assert found(check(hpolint, "package/src/train.py")) == []


def test_scripts_that_no_job_launches_are_skipped(hpolint: Command) -> None:
    """Also if the file is named on the command line."""
    (hpolint.folder / ".git").mkdir()
    hpolint.write("train.py", TRAIN)
    run = hpolint("check", "train.py")
    assert (run.returncode, run.stdout) == (0, b"no tuning jobs found in 1 file\n")


MAKES: list[Callable[[str], str]] = [
    lambda text: text.replace("import argparse", "import argparse,"),
    lambda text: "\x00" + text,
    lambda text: "(" * 5000 + text,
    lambda text: text + "\nx = 1" * 100_000,
    lambda text: text.replace("p.parse_args()", "p = lambda: p\np()()()\nimport train\n"),
]


@pytest.mark.parametrize("make", MAKES)
def test_a_script_that_cannot_be_read_costs_nothing_else(hpolint: Command, make: Callable[[str], str]) -> None:
    """It is open, and the definition is judged by all other rules."""
    hpolint.write("train.py", make(TRAIN))
    hpolint.write("tune.py", tuner('"train.py"'))
    run = hpolint("check", "tune.py", "--show-undecided")
    assert run.returncode in (0, 1)
    assert b"Traceback" not in run.stderr
    assert b"depends on the training script" in run.stdout


def test_one_script_is_read_once_for_all_its_definitions(hpolint: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten definitions of one file share the reading."""
    from hpolint.config.lookup import CheckOptions
    from hpolint.readers.python.training_script import ScriptReader
    from hpolint.run.check import check_paths

    hpolint.write("train.py", TRAIN)
    for number in range(5):
        hpolint.write(f"tune{number}.py", tuner('"train.py"'))
    reads: list[ScriptReader] = []
    right = ScriptReader.script

    def counted(self: ScriptReader) -> Script:
        reads.append(self)
        return right(self)

    monkeypatch.setattr(ScriptReader, "script", counted)
    monkeypatch.chdir(hpolint.folder)
    report = check_paths(["."], CheckOptions())
    assert sum(each.rule.id == RULE for each in report.findings) == 5
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("static", "count"),
    [
        ({"sagemaker_program": '"train.py"', "sagemaker_submit_directory": '"file://code"'}, 1),
        ({"sagemaker_program": "train.py", "sagemaker_submit_directory": "code"}, 1),
        ({"sagemaker_program": '"train.py"', "sagemaker_submit_directory": '"s3://bucket/code.tar.gz"'}, 0),
        ({"sagemaker_program": '"train.py"'}, 0),
        ({}, 0),
    ],
)
def test_a_request_may_name_its_script_itself(hpolint: Command, static: dict[str, str], count: int) -> None:
    """Where its folder is a local one, and its image a framework's."""
    request = sound()
    definition = request["TrainingJobDefinition"]
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.5-gpu-py311"
    definition["AlgorithmSpecification"]["TrainingImage"] = image
    definition["StaticHyperParameters"] = static
    hpolint.write("code/train.py", TRAIN)
    hpolint.write("r.json", json.dumps(request, indent=1))
    assert len(found(check(hpolint))) == count
    definition["AlgorithmSpecification"]["TrainingImage"] = "1.dkr.ecr.us-east-1.amazonaws.com/own:1"
    hpolint.write("r.json", json.dumps(request, indent=1))
    assert found(check(hpolint)) == []

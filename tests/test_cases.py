"""Inputs that once failed a whole run: each is read or reported, and the file beside it keeps its findings."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from hpolint.discovery.candidates import Candidate
from hpolint.model.settings import FORMATS, Settings
from hpolint.run.file_check import FileChecks
from tests.conftest import Command
from tests.harness.git import git
from tests.harness.growth import assert_linear
from tests.harness.notebooks import notebook
from tests.requests import sound, unbounded

CONFIG = (
    '{"HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": '
    '{"MaxNumberOfTrainingJobs": %s, "MaxParallelTrainingJobs": 2}}}'
)
YAML = (
    "HyperParameterTuningJobConfig:\n  Strategy: Random\n"
    "  ResourceLimits: {MaxNumberOfTrainingJobs: %s, MaxParallelTrainingJobs: 2}\n"
)
RANGE = (
    '{"Strategy": "Random", "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}, '
    '"ParameterRanges": {"ContinuousParameterRanges": [{"Name": "a", "MaxValue": "1", "MinValue": "%s"}]}}'
)
TUNER = (
    "from sagemaker.tuner import HyperparameterTuner, IntegerParameter\n"
    "HyperparameterTuner(e, 'm', {'a': IntegerParameter(1, %s)}, max_jobs=9%s).fit()\n"
)
PLAN = {
    "type": "aws_sagemaker_hyper_parameter_tuning_job",
    "name": "s",
    "change": {"actions": ["create"], "after": {}, "after_unknown": True},
}
GROWING = {
    "tuple": ("(1,)", "s = s + s"),
    "list": ("[1]", "s = s + s"),
    "text": ("'a'", "s = f'{s}{s}'"),
    "unpack": ("[1]", "s = [*s, *s]"),
    "extend": ("[1]", "s.extend(list(s))"),
    "sorted": ("[1]", "s = sorted(s + s)"),
    "path": ("'a'", "s = s + '/' + s"),
    "square": ("10", "s = s * s"),
}


def image(text: str) -> str:
    """A request whose training image is a text."""
    request = sound()
    request["TrainingJobDefinition"]["AlgorithmSpecification"] = {"TrainingImage": text, "TrainingInputMode": "File"}
    return json.dumps(request)


def unknown_names(number: int, length: int) -> str:
    """A request with so many hyperparameters that its algorithm does not know, with names of some length."""
    request = sound()
    values = request["TrainingJobDefinition"]["StaticHyperParameters"]
    for index in range(number):
        values[f"p{index}_{'x' * length}"[:length]] = "1"
    return json.dumps(request)


def variable(number: int, other: int) -> str:
    """A variable of Terraform whose default and allowed values are those of another one."""
    condition = f"contains([var.v{other}, var.v{other}], var.v{number})"
    validation = f'  validation {{\n    condition = {condition}\n    error_message = "no"\n  }}\n'
    return f'variable "v{number}" {{\n  default = var.v{other}\n{validation}}}\n'


def terraform(variables: str) -> str:
    """A job whose name is the first variable."""
    job = 'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {\n  name = var.v0\n}\n'
    return f"{variables}{job}"


READ = {
    "digits-text.json": CONFIG % f'"{"9" * 400}"',
    "digits.json": CONFIG % ("9" * 20_000),
    "digits-bound.json": RANGE % f"{'1' * 20_000}x",
    "digits.yaml": YAML % ("9" * 20_000),
    "hex.yaml": YAML % 9 + f"  ParameterRanges: 0x{'f' * 4000}\n",
    "hexok.yaml": YAML % f"0x{'f' * 4000}",
    "hex-short.yaml": YAML % f"0x{'f' * 300}",
    "base60.yaml": f"apiVersion: v1\n{YAML % 9}x: 1{':1' * 400_000}\n",
    "directive.yaml": f"a: 1\n%YAML 1.1\n---\n{YAML % 9}",
    "hex.py": TUNER % ("10**5000", ""),
    "literal.py": TUNER % (f"0x{'f' * 5000}", ""),
    "called.py": "{0}(1)\n@({0})\ndef f(): pass\nclass C({0}): a: {0} = 1\n".format(f"0x{'f' * 5000}")
    + TUNER % (9, ""),
    "nul-image.json": image("\0"),
    "plan-unknown.json": json.dumps({"resource_changes": [PLAN], "x": "hyperparametertuningjobconfig"}),
    "surrogate.ipynb": notebook((TUNER % (9, "")).replace(".fit()", ".describe()"), "t.fit('\ud800')"),
    "cycle.py": "d = {}\nd['d'] = d\n" + TUNER % (9, ", metric_definitions=d"),
    "deep.py": "x = []\nfor _ in range(900):\n    x = [x]\n" + TUNER % (9, ", metric_definitions=x"),
    "long-string.json": CONFIG[:-1] % 4 + f', "x": "{"a" * 9_000_000}"}}',
    "long-key.json": CONFIG % f'4, "{"K" * 2_000_000}": 1',
    "variable-of-itself.tf": terraform('variable "v0" {\n  default = var.v0\n}\n'),
    "variables-in-a-circle.tf": terraform(f"{variable(0, 1)}{variable(1, 0)}"),
    "variables-in-a-row.tf": terraform("".join(variable(number, number + 1) for number in range(3_000))),
    "long-names.json": unknown_names(70, 1_000),
    **{
        f"growing-{name}.py": f"s = {start}\nfor i in range(40):\n    {step}\n" + TUNER % (9, "")
        for name, (start, step) in GROWING.items()
    },
}
"""Files by name; none of them is an internal error, and each ends within the limits below."""

UNREADABLE = {
    "escaped-quotes.json": '{"HyperParameterTuningJobConfig": "' + '\\"' * 40_000,
    "braces.json": '{"HyperParameterTuningJobConfig": ' + "{{ " * 40_000,
    "marks.yaml": "HyperParameterTuningJobConfig: [\n" + "{% " * 40_000,
}
"""The same for files that cannot be read."""

TEMPLATE = "marks.yaml"
"""The one of them that no finding is about."""


def firing(size: int) -> str:
    """A request of so many ranges that each have a fix, for rules that group them and for others."""
    request = unbounded()
    wide = {"MinValue": "0.00001", "MaxValue": "0.5", "ScalingType": "Linear"}
    ranges = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"]
    ranges += [{"Name": f"lr{at}"} | wide for at in range(size)]
    return json.dumps(request)


def renamed(size: int) -> str:
    """Comments that each name the tuner by another name, before a line that does not parse."""
    return "".join(f"# HyperparameterTuner as T{number}\n" for number in range(size)) + "x y\n"


LARGER: dict[str, tuple[Callable[[int], str], int]] = {
    "digits.json": (lambda size: CONFIG % ("9" * size), 250_000),
    "digits-bound.json": (lambda size: RANGE % f"{'1' * size}x", 250_000),
    "digits.yaml": (lambda size: YAML % ("9" * size), 250_000),
    "base60.yaml": (lambda size: f"apiVersion: v1\nHyperParameterTuningJobConfig: {{}}\nx: 1{':1' * size}\n", 100_000),
    "escaped-quotes.json": (lambda size: '{"HyperParameterTuningJobConfig": "' + '\\"' * size, 100_000),
    "braces.json": (lambda size: '{"HyperParameterTuningJobConfig": ' + "{{ " * size, 50_000),
    "marks.yaml": (lambda size: "HyperParameterTuningJobConfig: [\n" + "{% " * size, 50_000),
    "placeholders.json": (lambda size: CONFIG % json.dumps("${" * size + "<A" * size + "{{" * size), 20_000),
    "spaces.ipynb": (lambda size: notebook("HyperparameterTuner(" + " " * size + "x y", "!" + " a" * size), 20_000),
    "quotes.tf.json": (lambda size: json.dumps({"resource_changes": [PLAN], "x": '\\"' * size}), 50_000),
    "names.py": (lambda size: "HyperparameterTuner(\n" + "a.b[c]" * size, 8_000),
    "ranges.json": (firing, 400),
    "static.json": (lambda size: unknown_names(size, 8), 1_000),
    "renamed.py": (renamed, 1_000),
    "renamed.ipynb": (lambda size: notebook(renamed(size)), 1_000),
    "formats.py": (lambda size: "HyperparameterTuner(x) x y" + " f'" * size, 4_000),
}
"""Files that once took the square of their size, or whose patterns could: each with a size at which that would show."""

SECONDS, MEGABYTES = 20, 600
"""Of processor time and memory that a run may take."""


def limited() -> None:
    """Bound the process that is about to run."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform != "darwin":  # which refuses it
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 1024 * 1024, MEGABYTES * 1024 * 1024))


Checked = Callable[[str, str], tuple[int, set[str]]]


@pytest.fixture
def checked(hpolint: Command) -> Checked:
    """A run over a file and a good one beside it, which has its finding: the number of jobs, and the file's rules."""

    def run(name: str, text: str) -> tuple[int, set[str]]:
        hpolint.write(name, text.encode("utf-8", "surrogatepass"))
        hpolint.write("beside.json", CONFIG % 9)
        argv = [sys.executable, "-m", "hpolint", "check", "--output", "json"]
        done = subprocess.run(argv, cwd=hpolint.folder, capture_output=True, check=False, preexec_fn=limited)
        assert (done.returncode, done.stderr.decode()[-2000:]) == (1, "")
        report = json.loads(done.stdout)
        found = [(each["path"], each["rule"]) for each in report["findings"]]
        assert [rule for path, rule in found if path == "beside.json"] == ["launch/invalid-request"]
        return report["summary"]["jobs"], {rule for path, rule in found if path == name}

    return run


@pytest.mark.parametrize("name", READ)
def test_a_file_that_was_too_much_is_read(checked: Checked, name: str) -> None:
    """Its job is found within bounds, with nothing on standard error."""
    jobs, rules = checked(name, READ[name])
    assert jobs == 2
    assert "hygiene/unreadable-definition" not in rules


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_reported_in_time(checked: Checked, name: str) -> None:
    """As a finding, or not at all if it is a template; never as an internal error."""
    assert checked(name, UNREADABLE[name]) == (1, set() if name == TEMPLATE else {"hygiene/unreadable-definition"})


@pytest.mark.parametrize("name", LARGER)
def test_time_is_linear_in_the_input(name: str) -> None:
    """Four times as much of it takes no more than about four times the processor time."""
    make, size = LARGER[name]
    checking, settings = FileChecks([]), Settings()
    outcome = assert_linear(make, lambda text: checking.candidate(Candidate(name, text.encode()), settings), size)
    assert outcome.internal_error is None
    assert outcome.failures == []


def test_a_name_of_any_length_is_printed_briefly(hpolint: Command) -> None:
    """So is a value, a placeholder or a reason."""
    for output in ("text", "sarif"):
        hpolint.write("x.json", READ["long-key.json"])
        hpolint.write("y.json", CONFIG % f'"${"A" * 2_000_000}"')
        hpolint.write("z.json", RANGE % ("1" * 2_000_000))
        hpolint.write("names.json", READ["long-names.json"])
        run = hpolint("check", "--output", output, "--show-undecided")
        assert run.returncode == 1
        assert max(map(len, run.stdout.splitlines())) < 20_000, output


@pytest.mark.parametrize("command", ["check", "cost", "diff HEAD", "extract"])
def test_names_of_any_length_fail_no_command(hpolint: Command, command: str) -> None:
    """Many of them in one message are no error of it."""
    git(hpolint.folder, "init", "-q")
    git(hpolint.folder, "commit", "-qm", "a", "--allow-empty")
    hpolint.write("x.json", READ["long-names.json"])
    run = hpolint(*command.split())
    assert (run.returncode in (0, 1), run.stderr) == (True, b"")


def test_text_that_moves_or_hides_is_escaped_in_every_report(hpolint: Command) -> None:
    """A control or a mark that turns the direction of reading is none in a terminal; what JSON says stays the same."""
    name = "a\u009b31m\u202e\u007f\U000e0001"
    request = {**sound(), "HyperParameterTuningJobName": name, f"Odd{name}": 1}
    hpolint.write("x.json", json.dumps(request))
    for output in FORMATS:
        text = hpolint("check", "--output", output).stdout.decode()
        assert text.replace("\n", "").isprintable(), output
    extracted = hpolint("extract").stdout.decode()
    assert extracted.replace("\n", "").isprintable()
    (job,) = json.loads(extracted)["jobs"]
    assert job["request"]["HyperParameterTuningJobName"] == name


def test_a_later_python_is_not_called_invalid(hpolint: Command) -> None:
    """Code that an older Python cannot parse gives a notice with the running version, and no finding."""
    hpolint.write("x.py", "type Ranges[T] = dict[str, T]\n" + TUNER % (9, ""))
    run = hpolint("check", "--select", "hygiene")
    assert run.returncode == 0
    if sys.version_info < (3, 12):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        said = f"x.py: not read: line 1 is written for Python 3.12 or later, and hpolint runs on Python {version}"
        assert said in run.stderr.decode()
    else:
        assert b"1 tuning job" in run.stdout


def test_an_invalid_module_is_reported_under_any_name_of_the_tuner(hpolint: Command) -> None:
    """Also if the class is imported under another name; an import alone is not reported."""
    imported = "def broken(:\nfrom sagemaker.tuner import HyperparameterTuner as Search\n"
    hpolint.write("x.py", f"{imported}Search(e, 'm', {{}}).fit()\n")
    hpolint.write("y.py", imported)
    found = json.loads(hpolint("check", "--output", "json").stdout)["findings"]
    assert [(each["rule"], each["path"]) for each in found] == [("hygiene/unreadable-definition", "x.py")]


@pytest.mark.parametrize(
    "line", ["def broken(:", "f'create_hyper_parameter_tuning_job(", "x = f'{{a}} b", "type = = 3"]
)
def test_what_no_python_reads_is_a_finding(hpolint: Command, line: str) -> None:
    """Only what a later version does read, or may, is let pass as such."""
    hpolint.write("x.py", f"{line}\n{TUNER % (9, '')}")
    run = hpolint("check", "--output", "json", "--select", "hygiene")
    assert run.stderr == b""
    assert [each["line"] for each in json.loads(run.stdout)["findings"]] == [1]


@pytest.mark.parametrize("line", ["d = {'f': 1 'u': 2}", "d = {'t': 1 't': {}}", 'print(f"x" y)'])
def test_a_key_that_looks_like_a_prefix_is_none(hpolint: Command, line: str) -> None:
    """A comma that is missing is a mistake for every Python."""
    hpolint.write("x.py", f"{line}\n{TUNER % (9, '')}")
    assert hpolint("check").returncode == 1


def test_half_of_a_surrogate_pair_costs_no_rule(hpolint: Command) -> None:
    """An argument, a key or a value may contain one: the rules still run."""
    estimator = "Estimator('i', 'r', 1, 'ml.m5.large', hyperparameters={'\\ud800': 1}, **{'\\ud800': 3, 'sample': 2})"
    tuner = f"HyperparameterTuner({estimator}, 'm', {{'a': ContinuousParameter(0, 1)}}, max_jobs=9, **{{'\\ud801': 1}})"
    imports = "from sagemaker.estimator import Estimator\nfrom sagemaker.tuner import *\n"
    imports += "from sagemaker.tuner import ContinuousParameter, HyperparameterTuner\n"
    hpolint.write("x.py", f"{imports}{tuner}.fit()\n")
    for output in FORMATS:
        run = hpolint("check", "--output", output)
        assert (run.returncode, run.stderr) == (1, b"")


def test_a_notebook_of_version_3_is_read(hpolint: Command) -> None:
    """Its cells are in worksheets, and say `input` for `source`."""
    cells = [
        {"cell_type": "markdown", "source": ["Tune"]},
        {"cell_type": "code", "language": "python", "input": (TUNER % (9, "")).splitlines(keepends=True)},
    ]
    document = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    hpolint.write("old.ipynb", json.dumps(document, indent=1))
    (job,) = json.loads(hpolint("extract").stdout)["jobs"]
    assert job["cell"] == 2
    assert job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 9


def test_the_report_says_what_was_not_read(hpolint: Command) -> None:
    """It names files that mention a job in a form that is not read; and, without a job, skipped folders."""
    git(hpolint.folder, "init", "-q", ".")
    hpolint.write("wrapper.py", "from sagemaker.tuner import HyperparameterTuner as Base\nTuner = wrapped(Base)\n")
    hpolint.write("build/x.json", CONFIG % 9)
    hpolint.write(".aws-sam/build/x.json", CONFIG % 9)
    hpolint.write(".gitignore", "build/\n")
    assert hpolint("check").stdout.decode() == (
        "no tuning jobs found in 1 file; 1 file mentions a tuning job in a form that hpolint does not read: wrapper.py"
        "; skipped: .aws-sam (SAM's copy of the templates), build (ignored by git)\n"
    )
    hpolint.write("x.json", CONFIG % 9)
    summary = hpolint("check").stdout
    assert b"does not read: wrapper.py" in summary
    assert b"skipped" not in summary
    assert b"wrapper.py: not read: it mentions a tuning job" in hpolint("check", "--show-undecided").stdout


@pytest.mark.parametrize("arguments", [["check", "--output", "json"], ["check", "--output", "sarif"], ["extract"]])
def test_what_hpolint_has_written_is_no_definition(hpolint: Command, arguments: list[str]) -> None:
    """A report or an extract beside the sources makes no job of its own."""
    hpolint.write("x.json", json.dumps(sound()).replace('"Bayesian"', '"bayesian"'))
    before = hpolint("check").stdout
    hpolint.write("report.json", hpolint(*arguments).stdout)
    assert hpolint("check").stdout == before.replace(b"in 1 file", b"in 2 files")


def test_paths_that_are_not_there_cost_themselves(hpolint: Command) -> None:
    """What else was asked for is checked; exit code 2."""
    hpolint.write("x.json", CONFIG % 9)
    run = hpolint("check", "nope", "x.json")
    assert run.returncode == 2
    assert b"invalid-request" in run.stdout
    assert b"hpolint: nope: No such file or directory\n" in run.stderr

"""Python source and notebooks: which jobs are there, what of them is known, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hpolint.cli.extract import extracted
from hpolint.model.job import Reading
from hpolint.model.node import follow, parse_path, place
from hpolint.readers import read_source
from hpolint.readers.python.interpreter import interpreter
from tests.conftest import Command
from tests.harness.growth import assert_bounded, assert_linear

HEAD = """
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, ContinuousParameter, IntegerParameter, CategoricalParameter
est = Estimator("1.dkr.ecr/sagemaker-xgboost:1.7-1", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
ranges = {"eta": ContinuousParameter(0.1, 0.5), "depth": IntegerParameter(1, 9, "Linear")}
"""
TUNER = "tuner = HyperparameterTuner(est, 'validation:rmse', ranges, max_jobs=20, max_parallel_jobs=4)\n"
CONFIG = "HyperParameterTuningJobConfig"
NO_ORDER = "is `k` of the class `C`, whose bases have no consistent order: its definition raises a TypeError"
MOST = f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs"
STRATEGY = f"{CONFIG}.Strategy"


def read(text: str, name: str = "x.py") -> Reading:
    """What a source gives."""
    return read_source(name, text.encode())[1]


def jobs(text: str, name: str = "x.py") -> list[dict[str, Any]]:
    """The extracts of a source's jobs."""
    found: list[dict[str, Any]] = extracted(read(text, name).jobs)["jobs"]
    return found


def value(text: str, path: str, name: str = "x.py") -> Any:
    """A known value of the only job, or the reason why it is unknown."""
    (job,) = read(text, name).jobs
    node = follow(job.request, parse_path(path))
    return getattr(node, "reason", None) or getattr(node, "value", None)


def notebook(*cells: str | list[str], language: str = "python", **more: Any) -> str:
    """A notebook with a Markdown cell before its code cells."""
    code = [
        {"cell_type": "code", "source": cell, "outputs": [{"text": "HyperparameterTuner("}], "metadata": {}, **more}
        for cell in cells
    ]
    markdown = {"cell_type": "markdown", "source": ["# Tuning\n"], "metadata": {}}
    metadata = {"language_info": {"name": language}}
    return json.dumps({"cells": [markdown, *code], "metadata": metadata, "nbformat": 4}, indent=1)


def test_a_tuner_is_a_request() -> None:
    """Arguments by position and by name, bounds as the strings that are sent, and the SDK's defaults marked as such."""
    (job,) = jobs(HEAD + TUNER + "tuner.fit()")
    config = job["request"][CONFIG]
    assert (job["form"], job["line"], config["Strategy"]) == ("python-sdk", 7, "Bayesian")
    assert config["ParameterRanges"]["ContinuousParameterRanges"] == [
        {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Auto"}
    ]
    assert STRATEGY in job["defaults"]
    assert MOST not in job["defaults"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("n = 24\n", 24),
        ("n = 24 * 2 // 3\n", 16),
        ("n = int('7')\n", 7),
        ("a, n = 1, 8\n", 8),
        ("settings = {'n': 9}\nn = settings['n']\n", 9),
        ("settings = dict(n=9)\nsettings.update(n=10)\nn = settings.get('n')\n", 10),
        ("settings = {'n': 9}\nn = {**settings, 'n': 11}['n']\n", 11),
        ("n = len(['a', 'b'])\n", 2),
        ("n = 5 if True else 6\n", 5),
        ("n = 5 if unknown else 5\n", 5),
        ("n = 5 if unknown else 6\n", "differs between branches at line 7"),
        ("n = 1\nif unknown:\n    n = 2\n", "differs between branches at lines 7 and 9"),
        ("n = 1\nif False:\n    n = 2\n", 1),
        ("n = 1\nfor i in range(unknown):\n    n = i\n", "is assigned in the loop at line 8"),
        ("def f(k, m=3):\n    return k * m\nn = f(4)\n", 12),
        ("def f(k):\n    if k > 3:\n        return 1\n    return 2\nn = f(4)\n", 1),
        ("class C:\n    def __init__(self, k): self.k = k\n    def m(self): return self.k\nn = C(4).m()\n", 4),
        ("class A: k = 1\nclass B(A): pass\nclass C(A): k = 2\nclass D(B, C): pass\nn = D().k\n", 2),
        ("class A: k = 1\nclass B(A): pass\nclass C(A, B): pass\nn = C.k\n", NO_ORDER),
        ("try:\n    n = 3\nexcept ValueError:\n    raise\n", 3),
        ("with open('x') as f:\n    n = 4\n", 4),
        ("import os\nn = os.environ['N']\n", None),
        ("n = helper(3)\n", "is what `helper()` returns"),
        ("settings = {'n': 9}\nhelper(settings)\nn = settings['n']\n", "was passed to `helper()`, which may change it"),
        ("settings = {'n': 9}\nprint(settings)\nn = settings['n']\n", 9),
        ("import copy\na = {'n': [9]}\nb = copy.deepcopy(a)\na['n'][0] = 1\nn = b['n'][0]\n", 9),
        ("a = {'n': [9]}\nb = a\nb['n'][0] = 1\nn = a['n'][0]\n", 1),
        ("n = sum([1, other])\n", "is what `sum()` returns"),
        ("n: int = 6\nn += 1\n", 7),
        ("n = 2 ** 100000000\n", "exceeds hpolint's limits, such as 10,000 characters or items"),
        ("n = {k: k * 2 for k in (1, 2)}[2]\n", 4),
        ("n = (lambda x: x + 1)(2)\n", 3),
        ("global_ = 3\ndef f():\n    global global_\n    global_ = 4\nf()\nn = global_\n", 4),
        ("d = {'n': 1}\ndef f(d):\n    if unknown:\n        pass\n    d['n'] = 2\nf(d)\nn = d['n']\n", 2),
    ],
)  # fmt: skip
def test_values_are_followed(code: str, expected: Any) -> None:
    """A value that the text determines is known, however indirectly; any other is unknown, with a reason."""
    tuner = "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n"
    found = value(HEAD + code + tuner, MOST)
    if expected is None:
        assert isinstance(found, str)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("tuner.max_jobs = 7\ntuner.fit()", 7),
        ("tuner.fit()\ntuner.max_jobs = 7", 20),
        ("if unknown:\n    tuner.max_jobs = 7\ntuner.fit()", "differs between branches at line 9"),
        ("if unknown:\n    tuner.fit()\n", 20),
        ("tuner.fit()\ntuner.max_jobs = 7\ntuner.fit()", "differs between the launches of the tuner at line 7"),
        ("helper(tuner)\ntuner.fit()", "was passed to `helper()`, which may change it"),
        ("", 20),
        ("tuner.max_jobs = 7", 7),
        ("if False:\n    tuner.fit()", 20),
    ],
)
def test_the_request_is_what_stands_at_the_launch(code: str, expected: Any) -> None:
    """At ``fit``, or at the end of the scope without one; several launches join as branches do."""
    assert value(HEAD + TUNER + code + "\n", MOST) == expected


def test_functions_that_build_a_tuner() -> None:
    """One job for one constructor: its callers' arguments if there are any, else unknown whatever the defaults say."""
    body = "def build(n=5):\n    return HyperparameterTuner(est, 'm', ranges, max_jobs=n)\n"
    assert value(HEAD + body + "build().fit()\n", MOST) == 5
    assert value(HEAD + body + "build(6).fit()\nbuild(6).fit()\n", MOST) == 6
    assert "differs" in value(HEAD + body + "build(6).fit()\nbuild(7).fit()\n", MOST)
    assert "parameter `n` of `build`" in value(HEAD + body, MOST)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("shared", "change", "expected"),
    [
        ("n = 5", "global n\n    n = 6", "differs between branches at lines 7 and"),
        ("n = [5]", "n[0] = 6", "differs between branches at lines 7 and"),
        ("n = 5", "n = 6", 5),
    ],
)
def test_a_function_that_nobody_calls_may_run_or_not(shared: str, change: str, expected: Any, is_first: bool) -> None:
    """What it changes is not a fact for the others, wherever it is defined."""
    changing = f"def change():\n    {change}\n"
    read_ = "n" if shared == "n = 5" else "n[0]"
    launching = f"def launch():\n    HyperparameterTuner(est, 'm', ranges, max_jobs={read_}).fit()\n"
    functions = [changing, launching] if is_first else [launching, changing]
    result = value(HEAD + shared + "\n" + "".join(functions), MOST)
    assert result == expected or (isinstance(result, str) and str(expected) in result)


def test_jobs_in_branches_that_are_turned_off() -> None:
    """A switch in the text does not hide a job: it is there for when somebody turns it on."""
    assert value(HEAD + "use = False\nif use:\n" + "".join(f"    {line}\n" for line in TUNER.splitlines()), MOST) == 20


@pytest.mark.parametrize(("switch", "is_off"), [("False", True), ("bool(input())", False)])
def test_a_job_that_is_turned_off_has_no_bill(tmp_path: Path, hpolint: Command, switch: str, is_off: bool) -> None:
    """Its request is checked; what it would cost or how it would search is not, and its cost is not counted."""
    body = "".join(f"    {line}\n" for line in f"{TUNER}tuner.fit()\n".splitlines())
    text = f"{HEAD}use = {switch}\nif use:\n{body}"
    (tmp_path / "tune.py").write_text(text.replace("max_jobs=20", "max_jobs=200"))
    found = json.loads(hpolint("check", str(tmp_path), "--select", "ALL", "--output", "json").stdout)["findings"]
    cost = json.loads(hpolint("cost", str(tmp_path), "--output", "json").stdout)["jobs"]
    categories = {each["rule"].partition("/")[0] for each in found}
    assert categories.isdisjoint({"compute", "strategy"}) is is_off
    assert categories & {"launch", "scale"}
    assert [each["counted"] for each in cost] == [not is_off]


@pytest.mark.parametrize(
    "text",
    [
        "from home import HyperparameterTuner\nHyperparameterTuner(1, 2, 3)\n",
        "from home.tuner import *\nHyperparameterTuner(1, 2, 3)\n",
        "class HyperparameterTuner:\n    pass\nHyperparameterTuner()\n",
        "from google.cloud import aiplatform\naiplatform.HyperparameterTuningJob()\n",
        "# HyperparameterTuner(est)\nx = 'HyperparameterTuner(est)'\n",
        "from sagemaker.tuner import HyperparameterTuner\nt = HyperparameterTuner.attach('name')\n",
    ],
)
def test_look_alikes_are_no_jobs(text: str) -> None:
    """What is called so but is something else, or is not known to be it, yields nothing."""
    assert jobs(text) == []


@pytest.mark.parametrize(
    "imports",
    [
        "import sagemaker\nT = sagemaker.tuner.HyperparameterTuner",
        "from sagemaker.tuner import HyperparameterTuner as T",
        "import sagemaker.tuner as tuner_module\nT = tuner_module.HyperparameterTuner",
        "from sagemaker import tuner as tm\nT = tm.HyperparameterTuner",
    ],
)
def test_imports_are_resolved(imports: str) -> None:
    """Under whatever name the class goes."""
    assert len(jobs(HEAD + imports + "\nT(est, 'm', ranges).fit()\n")) == 1


def test_boto3s_call() -> None:
    """The keywords are the request, put together from pieces, under any receiver."""
    text = """
import boto3, os
config = {"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": 2}}
config["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 4
request = dict(HyperParameterTuningJobName="job", HyperParameterTuningJobConfig=config)
if os.environ.get("SPOT"):
    config["TrainingJobEarlyStoppingType"] = "Auto"
boto3.client("sagemaker").create_hyper_parameter_tuning_job(**request, TrainingJobDefinition=definition)
"""
    (job,) = jobs(text)
    assert (job["form"], job["line"], job["name"]) == ("boto3", 8, "job")
    assert job["request"][CONFIG]["ResourceLimits"] == {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 4}
    unknown = {entry["path"] for entry in job["unknown"]}
    assert unknown == {f"{CONFIG}.TrainingJobEarlyStoppingType", "TrainingJobDefinition"}


def test_images_that_the_sdk_looks_up_have_their_repository() -> None:
    """The account and the region are unknown; the repository is in the text."""
    text = HEAD.replace('"1.dkr.ecr/sagemaker-xgboost:1.7-1"', 'sagemaker.image_uris.retrieve("xgboost", r, "1.7-1")')
    (job,) = read(text + TUNER).jobs
    image = follow(job.request, parse_path("TrainingJobDefinition.AlgorithmSpecification.TrainingImage"))
    assert getattr(image, "pieces", None) == (None, "/sagemaker-xgboost:1.7-1")


def test_a_derived_tuner_is_a_job_with_an_unknown_parent() -> None:
    """Its kind of warm start is known, the name of the job before it is not."""
    text = HEAD + TUNER + "tuner.fit()\nnext_ = tuner.identical_dataset_and_algorithm_tuner()\nnext_.fit()\n"
    first, second = jobs(text)
    assert "WarmStartConfig" not in first["request"]
    assert second["request"]["WarmStartConfig"] == {"WarmStartType": "IdenticalDataAndAlgorithm"}


def test_places_in_python() -> None:
    """A value is shown where it was written, in code points; a default, at its constructor's name."""
    text = HEAD + "é = '日本'; most = 20\n" + TUNER.replace("20", "most")
    source, reading = read_source("x.py", text.encode())
    (job,) = reading.jobs
    span, written = place(job.request, parse_path(MOST))
    assert (source.read(span), span.column, written) == ("20", 18, True)
    span, written = place(job.request, parse_path(STRATEGY))
    assert (source.read(span), written) == ("HyperparameterTuner", False)
    span, _ = place(job.request, parse_path("TrainingJobDefinition.EnableManagedSpotTraining"))
    assert source.read(span) == "Estimator"


@pytest.mark.parametrize("as_list", [True, False])
def test_notebooks_cell_by_cell(as_list: bool) -> None:
    """State goes from cell to cell; places are those of the raw JSON, and of the cell for people."""
    cells: list[Any] = [
        "%matplotlib inline\n!pip install sagemaker\n" + HEAD,
        "x = 'é \\\\ \"q\"'\n" + TUNER,
        "tuner.fit()",
    ]
    text = notebook(*([cell.splitlines(keepends=True) for cell in cells] if as_list else cells))
    source, reading = read_source("x.ipynb", text.encode())
    (job,) = reading.jobs
    assert job.cell == 3
    span, _ = place(job.request, parse_path(MOST))
    assert source.read(span) == "20"
    found = source.in_cell(span)
    assert found is not None
    assert (found[0].number, found[1].line, found[0].text.read(found[1])) == (3, 2, "20")


@pytest.mark.parametrize(
    "bad",
    ["%%bash\nls HyperparameterTuner(", "print 'python 2'", "!ls \\\n  -la", "%%writefile x.py\nimport x", "x = !ls",
     "%%time\ny = 1", "?print", "len?", "def f(:\n  pass"],
)  # fmt: skip
def test_a_bad_cell_loses_only_itself(bad: str) -> None:
    """Magics, shell lines, other languages, Python 2 and typing errors: the other cells are read."""
    (job,) = jobs(notebook(HEAD, bad, TUNER + "tuner.fit()"), "x.ipynb")
    assert job["cell"] == 4
    assert read(notebook(HEAD, bad, TUNER + "tuner.fit()"), "x.ipynb").problems == []


def test_a_cell_that_is_indented_is_read_as_ipython_reads_it() -> None:
    """The first line's indentation is taken from all that have it; places are those of the file."""
    cell = "\n  c.create_hyper_parameter_tuning_job(\n    HyperParameterTuningJobName='é-name',\n  )"
    source, reading = read_source("x.ipynb", notebook(cell).encode())
    assert reading.problems == []
    (job,) = reading.jobs
    node = follow(job.request, parse_path("HyperParameterTuningJobName"))
    assert node is not None
    assert source.read(node.span) in ("'é-name'", r"'\u00e9-name'")
    found = source.in_cell(node.span)
    assert found is not None
    assert (found[1].line, found[1].column) == (3, 33)


def test_a_method_that_only_has_the_name_is_no_call_of_boto3() -> None:
    """boto3 refuses keywords that the API does not have; one that is misspelt among others is still a request."""
    assert jobs("self.backend.create_hyper_parameter_tuning_job(hyper_parameter_tuning_job_name='x')") == []
    assert len(jobs("c.create_hyper_parameter_tuning_job(HyperParameterTuningJobName='x', WarmStart={})")) == 1


def test_parameters_that_are_merged_into_what_is_not_known_leave_it_open() -> None:
    """The Step Functions SDK's TuningStep: an override of one member says nothing of the others."""
    text = """
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from stepfunctions.steps import TuningStep
def step(estimator):
    tuner = HyperparameterTuner(estimator, "m", {"a": IntegerParameter(1, 2)}, max_jobs=2)
    return TuningStep("s", tuner=tuner, job_name="n", data="s3://b",
        parameters={"TrainingJobDefinition": {"EnableManagedSpotTraining": True}})
"""
    (job,) = jobs(text)
    assert job["request"]["TrainingJobDefinition"] == {"EnableManagedSpotTraining": True}
    assert "TrainingJobDefinition{}" in [each["path"] for each in job["unknown"]]


@pytest.mark.parametrize("module", ["sagemaker.workflow.steps", "stepfunctions.steps", "stepfunctions.steps.sagemaker"])
def test_a_step_of_a_star_import_receives_the_tuner_as_it_is(module: str) -> None:
    """The classes of steps are known by `from ... import *`, too: the step does not make the request unknown."""
    cell = HEAD + f"from {module} import *\ntuner = HyperparameterTuner(est, 'm', ranges, max_jobs=6)\n"
    assert value(cell + "step = TuningStep('s', tuner=tuner)\n", MOST) == 6


def test_percent_at_a_lines_beginning_may_be_python() -> None:
    """Plain Python is tried before lines are taken for magics."""
    cell = HEAD + "n = int('%d'\n% 6)\nHyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n"
    assert value(notebook(cell), MOST, "x.ipynb") == 6


@pytest.mark.parametrize("as_list", [True, False])
def test_a_truncated_notebook_is_reported_wherever_it_ends(as_list: bool) -> None:
    """A truncated file causes no traceback, and it is reported if it contains a definition."""
    cells = [HEAD, TUNER + 'tuner.fit({"train": "s3://b"})']
    text = notebook(*([cell.splitlines(keepends=True) for cell in cells] if as_list else cells))
    for end in range(len(text)):
        reading = read(text[:end], "x.ipynb")
        assert reading.jobs == []
        assert bool(reading.problems) == ("HyperparameterTuner(" in text[:end])


def test_other_kernels_are_skipped() -> None:
    """An R notebook is no Python, and no problem."""
    reading = read(notebook("tuner <- HyperparameterTuner(x)", language="R"), "x.ipynb")
    assert (reading.jobs, reading.problems) == ([], [])


def test_a_definition_that_does_not_parse_is_reported() -> None:
    """With the parser's reason and place; an import alone is not a definition."""
    ((problem),) = read(HEAD + "x = (\nHyperparameterTuner(est\n").problems
    assert problem.span.line >= 7
    assert read("from sagemaker.tuner import HyperparameterTuner\nx = (\n").problems == []


def test_ranges_that_do_not_parse_are_reported() -> None:
    """An invalid cell that makes the search space breaks the launch, and the space cannot be checked."""
    cells = [
        HEAD,
        "space = {\n    'eta': ContinuousParameter(1e-, 0.1),\n}",
        "HyperparameterTuner(est, 'm', space).fit()",
    ]
    reading = read(notebook(*cells), "x.ipynb")
    assert len(reading.jobs) == 1
    (problem,) = reading.problems
    assert "invalid decimal literal" in problem.reason
    cells[1] = "!pip install x\n# as ContinuousParameter does\nspace = {'eta': 1e-"
    assert read(notebook(*cells), "x.ipynb").problems == []


def observed(text: str) -> list[tuple[str, dict[str, Any]]]:
    """What the reader saw that the request does not show."""
    (job,) = read(HEAD + text).jobs
    return [(each.kind, msgspec.structs.asdict(each.observed)) for each in job.observations]


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        ("r = {'b': CategoricalParameter(('x', 'y'))}\nHyperparameterTuner(est, 'm', r, max_jobs=2).fit()",
         "categorical-not-a-list", {"name": "b", "type": "tuple"}),
        ("r = {'b': CategoricalParameter(range(3))}\nHyperparameterTuner(est, 'm', r, max_jobs=2).fit()",
         "categorical-not-a-list", {"name": "b", "type": "range"}),
        ("r = {'b': CategoricalParameter({'x': 1}.keys())}\nHyperparameterTuner(est, 'm', r, max_jobs=2).fit()",
         "categorical-not-a-list", {"name": "b", "type": "dict view"}),
        ("HyperparameterTuner(est, 'm', ranges, strategy='Grid').fit()", "grid-without-job-count", {}),
        ("est.set_hyperparameters(eta=1)\nHyperparameterTuner(est, 'm', ranges).fit()",
         "static-shadowed-by-range", {"name": "eta", "outside": True}),
        (("e = Estimator('i', 'r/r', 1, 'ml.m5.large', keep_alive_period_in_seconds=60)\n"
         "HyperparameterTuner(e, 'm', ranges).fit()"),
         "argument-dropped",
         {"name": "keep_alive_period_in_seconds", "estimator": "Estimator", "near": [], "known": True, "instead": ""}),
        (("e = Estimator('i', 'r/r', 1, 'ml.m5.large', max_runtime=60)\n"
         "HyperparameterTuner(e, 'm', ranges).fit()"),
         "argument-dropped",
         {"name": "max_runtime", "estimator": "Estimator", "near": ["max_run"], "known": False, "instead": ""}),
    ],
)  # fmt: skip
def test_silent_changes_of_the_sdk_are_observed(text: str, kind: str, data: dict[str, Any]) -> None:
    """Rules can report what the request no longer shows, at the place where it is written."""
    assert (kind, data) in observed(text)


def test_nothing_is_observed_of_a_sound_tuner() -> None:
    """Ordinary code gives no remarks."""
    assert observed(TUNER + "tuner.fit()") == []


@pytest.mark.parametrize("text", ["est.fit()\n{}", "{}\nest.fit()", "def train():\n    est.fit()\n{}"])
def test_a_static_value_that_a_training_job_uses_is_not_called_useless(text: str) -> None:
    """An estimator that is trained by itself needs its static values, before or after the tuner."""
    tuner = "HyperparameterTuner(est, 'm', ranges).fit()"
    shadowed = "est.set_hyperparameters(eta=1)\n"
    assert observed(shadowed + text.format(tuner)) == [("static-shadowed-by-range", {"name": "eta", "outside": False})]
    assert observed(shadowed + tuner) == [("static-shadowed-by-range", {"name": "eta", "outside": True})]


def test_an_argument_that_a_training_job_uses_is_not_called_useless() -> None:
    """For an estimator that is also trained by itself, only arguments unknown to both are reported."""
    made = "e = Estimator('i', 'r/r', 1, 'ml.m5.large', keep_alive_period_in_seconds=60, instance_tpye='x')\n"
    tuner = "HyperparameterTuner(e, 'm', ranges).fit()\n"
    assert [data["name"] for _, data in observed(made + tuner)] == ["keep_alive_period_in_seconds", "instance_tpye"]
    assert [data["name"] for _, data in observed(made + tuner + "e.fit()")] == ["instance_tpye"]


@pytest.mark.parametrize(
    ("objective", "reason"),
    [
        ("config.METRIC", "is `config.METRIC`, which is defined elsewhere"),
        ("est", "is an object of the class `Estimator`"),
        ("next(iter(x))[0]['a']['b']", "is a part of what `next()` returns"),
        ("'abc'[config.INDEX]", "is a part of an unknown value"),
    ],
)
def test_a_reason_names_the_written_expression(objective: str, reason: str) -> None:
    """The reason contains the name that is written in the text."""
    (job,) = jobs(f"{HEAD}import config\nHyperparameterTuner(est, {objective}, ranges).fit()")
    assert reason in {each["reason"] for each in job["unknown"]}


def test_a_function_as_a_hyperparameter_is_unknown() -> None:
    """A framework's estimator encodes its hyperparameters as JSON, which no function has."""
    made = "from sagemaker.pytorch import PyTorch\ne = PyTorch('t.py', instance_type='ml.m5.large', instance_count=1)\n"
    text = f"{HEAD}{made}e.set_hyperparameters(f=len, g=lambda: 1)\nHyperparameterTuner(e, 'm', ranges).fit()"
    assert value(text, "TrainingJobDefinition.StaticHyperParameters.g") == "is encoded as JSON"


@pytest.mark.parametrize("tuned", ["shared.RANGES", "shared.ranges()"])
@pytest.mark.parametrize("several", [False, True])
def test_a_value_that_ranges_of_another_module_may_tune_is_unknown(tuned: str, several: bool) -> None:
    """The SDK drops it if it is tuned, and the module cannot be read: no rule takes it for one that is sent."""
    made = f"HyperparameterTuner(est, 'm', {tuned})"
    path = "TrainingJobDefinition"
    if several:
        made = f"HyperparameterTuner.create({{'a': est}}, {{'a': 'm'}}, {{'a': {tuned}}})"
        path = "TrainingJobDefinitions[0]"
    text = f"{HEAD}import shared\nest.set_hyperparameters(eta=0.3)\n{made}.fit()"
    assert value(text, f"{path}.StaticHyperParameters.eta") == "is dropped if it is tuned, which is unknown"


def test_an_unknown_switch_of_the_completion_criteria_is_not_absent() -> None:
    """The job may stop when it converges: no rule takes it for one that does not."""
    name = "TuningJobCompletionCriteriaConfig"
    head = f"{HEAD}import config\nfrom sagemaker.tuner import {name}\n"
    text = f"{head}c = {name}(complete_on_convergence=config.STOPS)\n"
    path = f"{CONFIG}.TuningJobCompletionCriteria.ConvergenceDetected.CompleteOnConvergence"
    reason = value(f"{text}HyperparameterTuner(est, 'm', ranges, completion_criteria_config=c).fit()", path)
    assert reason == "is `config.STOPS`, which is defined elsewhere"


def test_version_3_and_core() -> None:
    """The same class name with a ModelTrainer, and the API's shapes in snake case."""
    text = """
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.resources import HyperParameterTuningJob
from sagemaker.core.shapes import HyperParameterTuningJobConfig, ResourceLimits
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner
trainer = ModelTrainer(training_image="1.ecr/i:1", role="arn:aws:iam::111122223333:role/r")
HyperparameterTuner(trainer, "m", {"lr": ContinuousParameter(0.1, 1)}, max_jobs=3).tune(job_name="three")
limits = ResourceLimits(max_parallel_training_jobs=1)
limits.max_number_of_training_jobs = 2
HyperParameterTuningJob.create("x", hyper_parameter_tuning_job_name="core", hyper_parameter_tuning_job_config=
    HyperParameterTuningJobConfig(strategy="Random", resource_limits=limits))
"""
    three, core = jobs(text)
    assert (three["name"], core["name"]) == ("three", "core")
    assert three["request"]["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
    assert "TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds" in three["defaults"]
    assert core["request"][CONFIG] == {
        "Strategy": "Random",
        "ResourceLimits": {"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 2},
    }


def joined_dicts(number: int) -> str:
    """As many dicts as branches, where each branch may change one: all dicts are compared where branches join."""
    return "".join(f"d{i} = {{'a': {i}}}\n" for i in range(number)) + "if a:\n    d1['a'] = 2\n" * number


GROWING: dict[str, tuple[Callable[[int], str], int]] = {
    "parentheses": (lambda size: "x = " + "(" * size + ")" * size, 20_000),
    "chain": (lambda size: "x = a" + ".b" * size, 25_000),
    "calls": (lambda size: "x = a" + "()" * size, 25_000),
    "sums": (lambda size: "x = 1" + " + 1" * size, 12_500),
    "elif": (lambda size: "if a:\n    pass\n" + "elif a:\n    pass\n" * size, 25_000),
    "subscripts": (lambda size: "x = a" + "[0]" * size, 25_000),
    "lists": (lambda size: "x = " + "[" * size + "]" * size, 20_000),
    "minus": (lambda size: "x = " + "-" * size + "1", 50_000),
    "lambdas": (lambda size: "x = " + "lambda: " * size + "1", 50_000),
    "branches": (lambda size: "d = {}\n" + "if a:\n    d['x'] = 1\n" * size, 500),
    "literal": (lambda size: "d = {" + ",".join(f"'{i}': [{i}]" for i in range(size)) + "}\n", 2_500),
    "long": (lambda size: "x = 1\n" * size, 3_000),
    "conversions": (lambda size: "x = a\n" + "x = int(x)\n" * size, 1_000),
    "attributes": (lambda size: "x = a\n" + "x = x.b\n" * size, 1_000),
    "items": (lambda size: "x = a\n" + "x = x.b['c']\n" * size, 1_000),
    "exec": (lambda size: "exec('x = 1')\nglobals()['y'] = 2\n" * size, 200),
    "functions made again": (
        lambda size: (
            "from elsewhere import u\ndef again(x):\n    def inner(y):\n        return again(y)\n    return inner(x)\n"
            + "again(u)\n" * size
        ),
        200,
    ),
}
"""Sources that may be larger, with a size at which their work can be measured."""

HOSTILE = {
    "ifs": "".join(f"{' ' * i}if a:\n" for i in range(99)) + " " * 99 + "pass\n",
    "recursion": "def f(x):\n    return f(x)\nf(1)\n",
    "mutual": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x) + f(x) + g(x)\nf(1)\n",
    "cyclic": "a = {}\na['a'] = a\nb = [a]\na['b'] = b\nif x:\n    a['c'] = 1\n",
    "dicts": joined_dicts(200),
    "returns": "d = {}\ndef f(x):\n"
    + "".join(f"    if x.a:\n        d[{i}] = 1\n        return {i}\n" for i in range(300))
    + "for i in range(200):\n    f(i)\n",
    "loops": "x = []\nfor i in range(200):\n  for j in range(200):\n    for k in range(200):\n      x.append({i: j})\n",
    "open loops": "".join(f"{' ' * i}for a{i} in x:\n" for i in range(15)) + " " * 15 + "d[a1] = a2\n",
    "tries": "d = {}\n"
    + "".join(f"{' ' * i}try:\n" for i in range(15))
    + " " * 15
    + "d['a'] = f()\n"
    + "".join(f"{' ' * i}except E:\n{' ' * i} d['b'] = {i}\n" for i in reversed(range(15))),
    "comprehensions": "x = [[[[a for a in x] for b in x] for c in x] for d in range(50)]\n",
    "callbacks": "f = lambda: 1\n"
    + "".join(f"f{i} = lambda: g(f, f{i - 1 if i else ''})\n" for i in range(40))
    + "g(f39)\n",
    "format": "x = '{:>999999999}'.format(1) + '%999999999d' % 1 + f'{1:>999999999}' + 'a' * 999999999\n",
}
"""Sources that may take more work than their length suggests: the work is counted."""

MOST_CALLS = 15_000_000


def launching(text: str) -> str:
    """A source with a tuner after some text."""
    return f"{HEAD}{text}\n{TUNER}tuner.fit()\n"


@pytest.mark.parametrize("name", GROWING)
def test_a_hostile_source_takes_work_as_it_is_long(name: str) -> None:
    """Nesting, chains, ladders and size: a job or a reason, no crash of the process."""
    make, size = GROWING[name]
    reading = assert_linear(lambda size: launching(make(size)), read, size)
    assert reading.jobs or reading.problems
    assert_the_cell_with_the_tuner_is_known(make(size))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_source_takes_bounded_work(name: str) -> None:
    """Recursion, loops in loops, all ways through branches: an end, and the job."""
    reading = assert_bounded(lambda: read(launching(HOSTILE[name])), MOST_CALLS)
    assert reading.jobs
    assert_the_cell_with_the_tuner_is_known(HOSTILE[name])


def assert_the_cell_with_the_tuner_is_known(text: str) -> None:
    """In a notebook with the text in the cell before the tuner's, if its jobs can be read."""
    (job, *_) = jobs(notebook(HEAD, text, TUNER + "tuner.fit()"), "x.ipynb") or [{"cell": 4}]
    assert job["cell"] == 4


def test_a_source_beyond_the_step_limit_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that grows with the square of the source stops at the limit, with a reason."""
    monkeypatch.setattr(interpreter, "MAX_STEPS", interpreter.MAX_STEPS // 100)
    (problem,) = read(launching(joined_dicts(200))).problems
    assert problem.reason == "the source has more statements and calls than hpolint interprets"


def test_a_source_with_more_ways_than_are_followed_still_gives_its_jobs() -> None:
    """Past some work calls are not followed any more: what they may change is unknown, and the end is reached."""
    calls = "def f0(x):\n    return x\n"
    calls += "".join(f"def f{i}(x):\n    if x.a:\n        f{i - 1}(x)\n    return f{i - 1}(x)\n" for i in range(1, 12))
    body = calls + "for i in range(100):\n    for j in range(100):\n        f11(j)\n" + "n = 6\n"
    reading = read(HEAD + body + "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n")
    assert reading.problems == []
    assert len(reading.jobs) == 1
    assert value(HEAD + body + "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()\n", MOST) == 6

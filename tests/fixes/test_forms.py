"""Every fix of every form keeps its promise: its rule is quiet, the request is as promised, nothing else moves."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpolint.fixes.fix_planner import FixPlanner
from hpolint.model.finding import Verdicts
from hpolint.model.node import plain
from hpolint.model.rule import Example, Rule
from hpolint.readers import read_source
from hpolint.readers.python.notebook import without_magics
from hpolint.registry import builtin_rules
from hpolint.registry.examples import read_example
from hpolint.report.outcome import Outcome
from hpolint.run.rule_tests import engine_of_examples
from hpolint.run.rule_tests import judged as judged_example
from tests.conftest import FIXTURES
from tests.fixes import check_promise, fix_edits, fixed_text, judged, text_with
from tests.harness.growth import assert_linear
from tests.harness.notebooks import notebook
from tests.oracles.grammar import program, program3
from tests.readers.carriers import CARRIERS, Carrier
from tests.requests import sound, unbounded

FILES = [
    path
    for path in sorted(FIXTURES.rglob("*"))
    if path.is_file() and path.suffix in (".py", ".ipynb", ".json", ".yaml", ".tf") and path.parent.name != "broken"
]
NOT_WRITTEN = (
    "the CDK generates this file",
    "this is a plan",
    "the static value of ",
    "`definition` is used elsewhere, too",
    "it is one branch of a conditional expression",
    "only the check of a file changes training scripts",  # `hpolint test` judges the examples with the change
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_the_fixtures_need_is_written(path: Path) -> None:
    """In all forms; what is not written says which other file or code is concerned, or what the source lacks."""
    name = f"elsewhere/{path.relative_to(FIXTURES.parent).as_posix()}"  # beside no other file of its kind
    for reason in check_promise(name, path.read_text("utf-8")):
        assert reason.startswith(NOT_WRITTEN), reason


WORDS = {"py": "python", "json": "json", "yaml": "yaml"}
EXAMPLES = [(rule, each) for rule in builtin_rules() for each in rule.examples if each.verdict == "found"]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{r.name}-{e.line}" for r, e in EXAMPLES])
def test_the_examples_of_the_rules_are_fixed(rule: Rule, example: Example) -> None:
    """As their pages show them: the fix is written, and it is not offered again at that place."""

    source, reading = read_example(rule, example)
    engine, verdicts = engine_of_examples(rule), Verdicts()
    findings = engine.grouped((each for job in reading.jobs for each in engine.raised(job, verdicts)), verdicts)
    planner = FixPlanner(source, reading.jobs)
    for each in planner.edits_of(findings):
        assert each.reason is None or each.reason.startswith(NOT_WRITTEN), each.reason
        again = Example((WORDS[source.name.rpartition(".")[2]],), "clean", text_with([each]), 1)
        if each.reason is None:
            left = judged_example(rule, again)[1]
            assert not any(one.path == each.finding.path and one.fix is not None for one in left)


REQUESTS = [
    (rule, plain(job.request))
    for rule, example in EXAMPLES
    for source, reading in [read_example(rule, example)]
    for job in reading.jobs
    if not source.name.endswith((".py", ".ipynb")) and rule.emitted_by is None  # the forms spell the API's members
]


@given(st.sampled_from(REQUESTS), st.sampled_from(CARRIERS), st.randoms(use_true_random=False))
def test_findings_of_each_rule_are_fixed_in_each_form(
    found: tuple[Rule, dict[str, Any]], carrier: Carrier, draw: random.Random
) -> None:
    """Or refused with a reason, for example where a form has no place for the member; never an internal error."""
    rule, request = found
    carried = carrier(draw, request)
    source, reading = read_source(carried.name, carried.text.encode())
    engine, verdicts = engine_of_examples(rule), Verdicts()
    findings = engine.grouped((each for job in reading.jobs for each in engine.raised(job, verdicts)), verdicts)
    for each in FixPlanner(source, reading.jobs).edits_of(findings):
        assert not each.is_fault, (each.reason, carried.text)


@given(st.integers(0, 10_000), st.sampled_from([program, program3]))
def test_programs_stay_programs(seed: int, make: object) -> None:
    """Of generated sources: what is written parses, and keeps its promise; what is not says why."""
    text = make(seed)  # type: ignore[operator]
    _planner, found = fix_edits("p.py", text)
    for each in found:
        if each.reason is None:
            ast.parse(text_with([each]))
        else:
            assert "internal error" not in each.reason
            assert "than was meant" not in each.reason
    check_promise("p.py", text)


NUMBERS = st.integers(10, 300)
LAYOUTS = ("one line", "indented", "tabs", "CRLF", "spaced")


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    """A costly request: on demand, linear rates, many at once; with members omitted and in another order."""
    request = sound()
    config = request["HyperParameterTuningJobConfig"]
    trials = draw(NUMBERS)
    config["ResourceLimits"] = {
        "MaxNumberOfTrainingJobs": trials,
        "MaxParallelTrainingJobs": draw(st.integers(1, trials)),
    }
    low = draw(st.sampled_from(["0.0001", "1e-6", "0"]))
    ranges = [{"Name": "learning_rate", "MinValue": low, "MaxValue": "0.1", "ScalingType": "Linear"}]
    ranges += [{"Name": "momentum", "MinValue": "0.5", "MaxValue": "0.999"}] if draw(st.booleans()) else []
    config["ParameterRanges"]["ContinuousParameterRanges"] = ranges
    training = request["TrainingJobDefinition"]
    del training["EnableManagedSpotTraining"]
    training["StoppingCondition"] = {"MaxRuntimeInSeconds": draw(st.integers(60, 90_000))}
    if draw(st.booleans()):
        del config["TrainingJobEarlyStoppingType"]
    if draw(st.booleans()):
        config["Strategy"] = "Random"
    keys = draw(st.permutations(list(request)))
    return {key: request[key] for key in keys}


def spelled(request: dict[str, object], layout: str) -> str:
    """A request as JSON in a layout."""
    if layout == "one line":
        return json.dumps(request)
    indent = {"indented": 2, "tabs": "\t", "CRLF": 4, "spaced": 1}[layout]
    text = json.dumps(request, indent=indent, ensure_ascii=False) + "\n"  # type: ignore[arg-type]
    return (
        text.replace("\n", "\r\n") if layout == "CRLF" else text.replace('": ', '" : ') if layout == "spaced" else text
    )


@given(requests(), st.sampled_from(LAYOUTS))
def test_json_in_any_layout_is_fixed(request: dict[str, object], layout: str) -> None:
    """On one line, indented, with tabs, with Windows' line ends, in any order of its members."""
    assert check_promise("r.json", spelled(request, layout)) == []


@given(requests(), st.booleans(), st.integers(1, 4))
def test_yaml_in_either_style_is_fixed(request: dict[str, object], flow: bool, indent: int) -> None:
    """In block and in flow style, with comments behind the values."""
    text = yaml.safe_dump(request, default_flow_style=None if flow else False, indent=indent, sort_keys=False, width=90)
    lines = [
        f"{line}  # {at}" if at % 3 == 0 and not line.endswith(("{", ",", "|")) else line
        for at, line in enumerate(text.splitlines())
    ]
    commented = "\n".join(lines) + "\n"
    chosen = commented if _same_yaml(commented, request) else text
    assert check_promise("r.yaml", chosen) == []


def _same_yaml(text: str, request: dict[str, object]) -> bool:
    try:
        return bool(yaml.safe_load(text) == request)
    except yaml.YAMLError:
        return False


@given(requests(), st.sampled_from(["string", "sub", "join", "object", "resource"]), st.sampled_from([None, 1]))
def test_definitions_in_a_template_are_fixed(request: dict[str, object], carrier: str, indent: int | None) -> None:
    """A resource, and a state machine as an object, in a string, and in the pieces that functions put together."""
    if carrier == "resource":
        resource: dict[str, object] = {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": request}
    else:
        arn = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
        states = {"T": {"Type": "Task", "Resource": arn, "Parameters": request, "End": True}}
        definition: object = {"StartAt": "T", "States": states}
        text = json.dumps(definition, indent=indent)
        at = text.index('"StartAt"')
        made = {
            "object": {"Definition": definition},
            "string": {"DefinitionString": text},
            "sub": {"DefinitionString": {"Fn::Sub": text}},
            "join": {"DefinitionString": {"Fn::Join": ["", [text[:at], text[at:]]]}},
        }[carrier]
        resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": made}
    template = json.dumps({"Resources": {"R": resource}}, indent=2)
    assert check_promise("t.json", template) == []


@given(requests(), st.booleans(), st.booleans())
def test_notebooks_stay_as_they_are_written(request: dict[str, object], as_list: bool, sorted_keys: bool) -> None:
    """Only the source of the cell changes: outputs, order, indentation, and whether it is a list or a string."""
    body = json.dumps(request, indent=4).replace("true", "True")
    lines = [f"client.create_hyper_parameter_tuning_job(**{body})\n", "print('é')"]
    source = "".join(lines)
    cell = {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {"tags": ["a"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
        "source": source.splitlines(keepends=True) if as_list else source,
    }
    first = {**cell, "outputs": [], "source": ["import boto3\n", "client = boto3.client('sagemaker')"]}
    document = {"cells": [first, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(document, indent=1, sort_keys=sorted_keys, ensure_ascii=False) + "\n"
    assert check_promise("n.ipynb", text) == []
    _planner, found = fix_edits("n.ipynb", text)
    for each in found:
        after = json.loads(text_with([each]))
        changed = after["cells"][1]["source"]
        assert isinstance(changed, list) is as_list
        assert not as_list or [line.count("\n") for line in changed[:-1]] == [1] * (len(changed) - 1)
        ast.parse(without_magics("".join(changed)))
        after["cells"][1]["source"] = cell["source"]
        assert after == document
        assert list(after["cells"][1]) == list(json.loads(text)["cells"][1])


def test_a_second_run_has_nothing_left_to_write() -> None:
    """Once all of a file's fixes are written, none is offered."""
    text = (FIXTURES / "python" / "tune_churn.py").read_text("utf-8")
    for _ in range(5):
        _planner, found = fix_edits("t.py", text)
        if not found:
            break
        text = text_with(found[:1])
    assert fix_edits("t.py", text)[1] == []
    assert judged("t.py", text).jobs[0].variable == "tuner"


def test_an_object_that_a_fix_needs_is_made_and_imported() -> None:
    """With what it stood for by default; where nothing of its module is imported there is no place."""
    text = (FIXTURES / "python" / "tune_sdk3.py").read_text("utf-8")
    after = fixed_text("t.py", text, "missing-spot")
    assert "import Compute, StoppingCondition\n" in after
    made = "StoppingCondition(max_runtime_in_seconds=3600, max_wait_time_in_seconds=7200)"
    assert f"    stopping_condition={made},\n" in after
    other = text.replace(
        "from sagemaker.core.training.configs import Compute", "from sagemaker.core.training.configs import *"
    )
    reasons = [each.reason for each in fix_edits("t.py", other)[1] if each.finding.rule.name == "missing-spot"]
    assert all(each is not None for each in reasons)


SYNTAXES = (
    *("terraform/tuning.tf", "cloudformation/batch.yaml", "request/churn-xgboost.json"),
    *("python/tune_churn.py", "notebook/vision.ipynb"),
)


@pytest.mark.parametrize("name", SYNTAXES)
def test_added_lines_end_as_the_lines_of_the_file(name: str) -> None:
    """In Windows' way, too: a fixed file has one kind of line end, and is otherwise the same."""
    text = (FIXTURES / name).read_text("utf-8")
    _planner, unix = fix_edits(name, text)
    _planner, windows = fix_edits(name, text.replace("\n", "\r\n"))
    assert [text_with([each]).replace("\n", "\r\n") for each in unix] == [text_with([each]) for each in windows]


SETTINGS = """from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
image = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1'
estimator = Estimator(image, 'role/r', 1, 'ml.m5.xlarge', max_run=3600)
estimator.set_hyperparameters(num_round=300)
ranges = {'eta': ContinuousParameter(0.1, 0.5)}
METRIC = 'validation:rmse'
"""
CALL = """tuner = HyperparameterTuner(estimator, METRIC, ranges, max_jobs=40, max_parallel_jobs=4)
tuner.fit()
"""


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("other", ["", "# it{q}s all{q}s own\n", "{q}{q}{q}One.\n\nTwo.\n{q}{q}{q}\n"])
def test_added_strings_have_the_quotes_of_the_strings_of_the_file(quote: str, other: str) -> None:
    """Where the call has none of its own; comments and long strings do not count, and all cells of a notebook do."""
    settings = other.replace("{q}", "'" if quote == '"' else '"') * 20 + SETTINGS.replace("'", quote)
    added = f"early_stopping_type={quote}Auto{quote}"
    assert added in fixed_text("t.py", settings + CALL, "no-early-stopping")
    cells = json.loads(fixed_text("n.ipynb", notebook(settings, CALL), "no-early-stopping"))["cells"]
    assert added in cells[1]["source"]


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("Strategy: Bayesian", "TrainingJobEarlyStoppingType: Auto"),
        ("Strategy: 'Bayesian'", "TrainingJobEarlyStoppingType: 'Auto'"),
        ('Strategy: "Bayesian"', 'TrainingJobEarlyStoppingType: "Auto"'),
        ("'Strategy': Bayesian", "'TrainingJobEarlyStoppingType': 'Auto'"),
    ],
)
def test_added_yaml_has_the_quotes_of_the_members_beside_it(before: str, added: str) -> None:
    """Plain where they are, else in theirs."""
    request = unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=4)
    del request["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"]
    text = yaml.safe_dump(request)
    assert text.count("Strategy: Bayesian") == 1
    assert f"  {added}\n" in fixed_text("r.yaml", text.replace("Strategy: Bayesian", before), "no-early-stopping")


KEEP_ALIVE = """resource "aws_sagemaker_hyper_parameter_tuning_job" "a" {
  training_job_definition {
    resource_config {
      instance_count               = 1
      keep_alive_period_in_seconds = 600
      instance_type                = "ml.m5.xlarge"
    }
  }
}
"""


@pytest.mark.parametrize("name", ["t.tf", "r.yaml", "r.json"])
def test_a_removed_line_is_removed_with_its_end(name: str) -> None:
    """No empty line stays, and no half of a line end."""
    request = sound()
    resources = request["TrainingJobDefinition"]["ResourceConfig"]
    request["TrainingJobDefinition"]["ResourceConfig"] = {"KeepAlivePeriodInSeconds": 600, **resources}
    text = {"t.tf": KEEP_ALIVE, "r.yaml": yaml.safe_dump(request), "r.json": json.dumps(request, indent=2)}[name]
    expected = "".join(line for line in text.splitlines(keepends=True) if "eep" not in line)
    for end in ("\n", "\r\n"):
        after = fixed_text(name, text.replace("\n", end), "keep-alive-ignored")
        assert after == expected.replace("\n", end)


@pytest.mark.parametrize("name", ["terraform/tuning.tf", "cloudformation/batch.yaml", "python/tune_churn.py"])
def test_an_added_line_ends_as_the_line_before_it(name: str) -> None:
    """In a file with both kinds of line ends."""
    text, head = (FIXTURES / name).read_text("utf-8"), "# first\r\n"
    plans, mixed = fix_edits(name, text)[1], fix_edits(name, head + text)[1]
    assert [head + text_with([each]) for each in plans] == [text_with([each]) for each in mixed]


HEAD = """from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
e = Estimator("image", "role/r", 1, "ml.m5.xlarge", max_run=3600)
"""
TUNER = """t{0} = HyperparameterTuner(
    e, "m", {{"lr": ContinuousParameter(1e-5, 0.1, scaling_type="Linear")}},
    max_jobs=40, max_parallel_jobs=20,
)
t{0}.fit()
"""


def test_many_fixes_take_work_as_they_are_many() -> None:
    """What is looked for is looked up; all that go together are read again at once."""

    def work(outcome: Outcome) -> int:
        assert outcome.source is not None
        return len(FixPlanner(outcome.source, outcome.jobs).edits_of(outcome.findings))

    count = assert_linear(lambda n: judged("t.py", HEAD + "".join(map(TUNER.format, range(n)))), work, 30)
    assert count > 60

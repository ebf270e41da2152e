"""Advice as text: what is to be set or added, to what, and in which line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Advice, Member, capitalized, sentence_of
from hpolint.model.message_text import job_name, last_name, line_of, path_of, place_of, reason_text, subject_text, text
from hpolint.model.node import Path, Scalar, ScalarValue, Unknown, follow
from hpolint.model.reasons import named
from hpolint.model.source import Span
from hpolint.model.spelling import API, DICT, HCL, JSON, YAML, Spelling
from hpolint.readers import read_source
from tests.harness.notebooks import notebook

CONFIG = "HyperParameterTuningJobConfig"
RANGES = (CONFIG, "ParameterRanges")
CONTINUOUS = (*RANGES, "ContinuousParameterRanges")

REQUEST = """{"HyperParameterTuningJobConfig": {
"Strategy": "Random",
"RandomSeed": "$SEED",
"ParameterRanges": {
"ContinuousParameterRanges": [
{"Name": "eta", "MinValue": "0"},
{"MinValue": "0"},
{"Name": 5}]}},
"TrainingJobDefinitions": [
{"DefinitionName": "one"}]}"""


def job(source: str = REQUEST, name: str = "x.json") -> TuningJob:
    """The only job of a source."""
    (found,) = read_source(name, source.encode())[1].jobs
    return found


def advised(*values: tuple[Path, ScalarValue], of: TuningJob | None = None) -> str:
    """The advice to write some values."""
    return text((Advice(values),), of or job())


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (("Tags",), "the request (line 1)"),
        (("Tags", 0, "Key"), "the request (line 1)"),
        ((CONFIG, "A"), f"`{CONFIG}` (line 1)"),
        ((CONFIG, "Strategy", "A"), f"`{CONFIG}` (line 1)"),
        ((CONFIG, "B", "ParameterRanges", "A"), f"`{CONFIG}` (line 1)"),
        ((*RANGES, "A"), "`ParameterRanges` (line 4)"),
        ((*RANGES, "IntegerParameterRanges", 0, "A"), "`ParameterRanges` (line 4)"),
        ((*CONTINUOUS, 3, "A"), "`ParameterRanges` (line 4)"),
        ((*CONTINUOUS, 0, "A"), "`eta` (line 6)"),
        ((*CONTINUOUS, 0, "B", "A"), "`eta` (line 6)"),
        ((*CONTINUOUS, 1, "A"), "`ContinuousParameterRanges[1]` (line 7)"),
        ((*CONTINUOUS, 2, "A"), "`ContinuousParameterRanges[2]` (line 8)"),
        (("TrainingJobDefinitions", 0, "A"), "`TrainingJobDefinitions[0]` (line 10)"),
    ],
)
def test_what_is_missing_goes_to_the_nearest_structure_that_is_there(path: Path, where: str) -> None:
    """By its name or, of an item, by its own; a text, a list or an absent item holds nothing."""
    last = path[-1]
    assert advised((path, 1)) == f'Add `"{last}": 1` to {where}'


def test_what_stands_there_is_set() -> None:
    """Known or not."""
    assert advised(((CONFIG, "Strategy"), "Grid")) == 'Set `"Strategy": "Grid"`'
    assert advised(((CONFIG, "RandomSeed"), 1)) == 'Set `"RandomSeed": 1`'
    assert advised(((*CONTINUOUS, 0, "Name"), "lr")) == 'Set `"Name": "lr"`'


def test_values_for_one_place_are_one_advice() -> None:
    """With commas and an `and`; each other place gets its own."""
    values = [((CONFIG, name), 1) for name in "ABC"]
    where = f"to `{CONFIG}` (line 1)"
    assert advised(*values[:1]) == f'Add `"A": 1` {where}'
    assert advised(*values[:2]) == f'Add `"A": 1` and `"B": 1` {where}'
    assert advised(*values) == f'Add `"A": 1`, `"B": 1` and `"C": 1` {where}'
    assert advised(values[0], ((CONFIG, "Strategy"), "Grid"), (("Tags",), 1), values[1]) == (
        f'Add `"A": 1` and `"B": 1` {where}, set `"Strategy": "Grid"`, add `"Tags": 1` to the request (line 1)'
    )


SDK = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
ranges = {"eta": ContinuousParameter(0.1, 0.5)}
HyperparameterTuner(estimator, "loss", ranges).fit()
"""
JOBS = ((CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs"), 20)
SEED = ((CONFIG, "RandomSeed"), 1)


def test_a_default_that_is_not_written_is_to_be_added() -> None:
    """In the SDK an argument; to the call by its class where nothing names what it makes."""
    assert advised(JOBS, of=job(SDK, "x.py")) == "Add `max_jobs=20` to `HyperparameterTuner` (line 6)"
    tuned = job(SDK.replace("ranges).fit()", "ranges, max_jobs=3).fit()"), "x.py")
    assert advised(JOBS, of=tuned) == "Set `max_jobs=20`"


ACK = """
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: HyperParameterTuningJob
spec:
  hyperParameterTuningJobName: churn
  hyperParameterTuningJobConfig: {strategy: Random}
"""


def test_only_a_call_is_known_by_what_is_called() -> None:
    """A request that a file holds is the request, whatever stands where it begins."""
    found = job(ACK, "x.yaml")
    assert found.source.read(found.request.anchor) == "hyperParameterTuningJobName"
    assert advised((("Autotune", "Mode"), "Enabled"), of=found) == "Add `mode: Enabled` to the request (line 5)"


def test_a_dict_of_a_script_is_known_by_its_variable() -> None:
    """However long that is, as much of it as fits a line."""
    for name, shown in (("c" * 200, "c" * 200), ("c" * 201, "c" * 199 + "…")):
        script = (
            "import boto3\n\n"
            f'{name} = {{"Strategy": "Random"}}\n'
            'boto3.client("sagemaker").create_hyper_parameter_tuning_job(\n'
            f'    HyperParameterTuningJobName="a", HyperParameterTuningJobConfig={name}\n)\n'
        )
        assert advised(SEED, of=job(script, "x.py")) == f'Add `"RandomSeed": 1` to `{shown}` (line 3)'


def test_in_a_notebook_the_line_is_the_cells() -> None:
    """With the cell's number, instead of a line of the whole file."""
    found = job(notebook("x = 1\n", SDK), "x.ipynb")
    assert advised(JOBS, of=found) == "Add `max_jobs=20` to `HyperparameterTuner` (cell 2, line 6)"
    assert line_of(found.source, found.request.anchor) == "cell 2, line 6"


def test_without_a_job_the_apis_names_are_used() -> None:
    """And no place is named. Advice begins with a capital; a value that a sentence begins with stays."""
    assert text((Advice((SEED,)),), None) == "Set `RandomSeed: 1`"
    assert text(sentence_of("about ", Member("RandomSeed")), None) == "about `RandomSeed`"
    assert text((), None) == ""
    assert text(capitalized(sentence_of("ärger")), None) == "Ärger"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("A",), "A"),
        (("A", "B"), "B"),
        (("A", "B", 0), "B[0]"),
        (("A", "B", 0, 12), "B[0][12]"),
        (("A", 0, "B"), "B"),
        (("A", "odd key"), '["odd key"]'),
        ((0,), "[0]"),
        ((), ""),
        (("A" * 200,), "A" * 200),
        (("A" * 201,), "A" * 199 + "…"),
    ],
)
def test_the_last_name_of_a_path(path: Path, name: str) -> None:
    """With the index of an item of it."""
    assert last_name(path) == name


SPELLING = Spelling(names={"Type": "any", "A.Type": "of_a", "Long": "short", "B.C": "own"})


@pytest.mark.parametrize(
    ("path", "member", "name"),
    [
        ((), "Type", "any"),
        (("A",), "Type", "any"),
        (("A", "Type"), "Type", "of_a"),
        (("A", "Type"), "Long", "short"),
        (("A", 0, "Type"), "Type", "of_a"),
        (("X", "A", "Type"), "Type", "of_a"),
        (("A", "X", "Type"), "Type", "any"),
        (("B", "C"), "C", "own"),
        (("B", "C"), "D", "D"),
        ((), "C", "C"),
        ((), "B.C", "own"),
        ((), "X.C", "C"),
        ((), "A.Type", "of_a"),
        ((), "X.Type", "any"),
        ((), "Long[0]", "short[0]"),
        ((), "A.Type[3]", "of_a[3]"),
        (("A", "Type"), "Type[1]", "of_a[1]"),
        (("A", "Type"), "B.Type", "any"),
    ],
)
def test_a_member_has_the_name_of_its_place(path: Path, member: str, name: str) -> None:
    """Its parent's own where it has one, else that of all of its name, else the API's."""
    assert SPELLING.at(path).name(member) == name


VALUES: list[tuple[Any, ...]] = [
    ("Auto", "A: Auto", '"A": "Auto"', '"A": "Auto"', 'A = "Auto"', 'A="Auto"'),
    (True, "A: true", '"A": true', '"A": True', "A = true", "A=True"),
    (False, "A: false", '"A": false', '"A": False', "A = false", "A=False"),
    (None, "A: null", '"A": null', '"A": None', "A = null", "A=None"),
    (7, "A: 7", '"A": 7', '"A": 7', "A = 7", "A=7"),
    (0.5, "A: 0.5", '"A": 0.5', '"A": 0.5', "A = 0.5", "A=0.5"),
    ("no", 'A: "no"', '"A": "no"', '"A": "no"', 'A = "no"', 'A="no"'),
    ("Off", 'A: "Off"', '"A": "Off"', '"A": "Off"', 'A = "Off"', 'A="Off"'),
    ("7", 'A: "7"', '"A": "7"', '"A": "7"', 'A = "7"', 'A="7"'),
    ("a-b", 'A: "a-b"', '"A": "a-b"', '"A": "a-b"', 'A = "a-b"', 'A="a-b"'),
    ("é", "A: é", '"A": "é"', '"A": "é"', 'A = "é"', 'A="é"'),
]


@pytest.mark.parametrize(("value", "yaml", "json_", "dict_", "hcl", "call"), VALUES)
def test_a_value_can_be_pasted(value: Any, yaml: str, json_: str, dict_: str, hcl: str, call: str) -> None:
    """Each language's own words, and quotes in YAML where it would take the word for something else."""
    found = [spelling.value("A", value) for spelling in (YAML, JSON, DICT, HCL, Spelling())]
    assert found == [yaml, json_, dict_, hcl, call]
    assert API.value("A", value) == yaml


def test_a_member_of_a_sentence_has_its_value_where_one_is_said() -> None:
    """And the index of an item."""
    assert JSON.member(Member("A")) == "`A`"
    assert JSON.member(Member("A", None, is_given=True)) == '`"A": null`'
    assert JSON.member(Member("A", 1, is_given=True, index=0)) == '`"A[0]": 1`'
    assert SPELLING.member(Member("Long", index=2)) == "`short[2]`"


@pytest.mark.parametrize(("length", "whole"), [(198, True), (199, False)])
def test_a_long_value_is_truncated(length: int, whole: bool) -> None:
    """To 200 characters with its quotes."""
    found = JSON.value("A", "x" * length)
    assert (found == f'"A": "{"x" * length}"') is whole
    assert len(found) == len('"A": ') + 200


def test_an_unknown_value_is_called_by_its_member() -> None:
    """Also an equal one that stands for it; an item of a list, or what stands nowhere, has no name."""
    found = job()
    seed = follow(found.request, (CONFIG, "RandomSeed"))
    assert isinstance(seed, Unknown)
    assert path_of(found, seed) == path_of(found, replace(seed)) == (CONFIG, "RandomSeed")
    assert subject_text(found, seed) == subject_text(found, replace(seed)) == "`RandomSeed` "
    elsewhere = replace(seed, reason="is somewhere else")
    assert path_of(found, elsewhere) is None
    assert subject_text(found, elsewhere) == "this value "
    assert subject_text(found, replace(seed, reason=named("Tags", "is not known"))) == ""
    item = job(REQUEST.replace('{"Name": 5}', '"$RANGE"'))
    unknown = follow(item.request, (*CONTINUOUS, 2))
    assert isinstance(unknown, Unknown)
    assert path_of(item, unknown) == (*CONTINUOUS, 2)
    assert subject_text(item, unknown) == "this value "


def test_a_reason_lists_what_a_value_can_be() -> None:
    """In plain text, with ``absent`` for a member that may be missing."""
    span = Span(1, 1, 1, 2)
    one, yes = Scalar("a", span), Scalar(True, span)
    assert reason_text(Unknown("is open", span)) == "is open"
    assert reason_text(Unknown("is open", span, choices=(one,))) == "is open (it is `a`)"
    assert reason_text(Unknown("is open", span, choices=(one, yes, None))) == "is open (it is `a`, `true` or absent)"


def test_a_job_is_called_by_its_variable_its_name_or_its_file() -> None:
    """The first of them that there is: people know it by that; and where it stands is said beside it."""
    request = {"HyperParameterTuningJobName": "search", CONFIG: {"Strategy": "Random"}, "TrainingJobDefinition": {}}
    (job,) = read_source("jobs/r.json", json.dumps(request).encode())[1].jobs
    assert job_name(replace(job, variable="tuner")) == "tuner"
    assert job_name(job) == "search"
    del request["HyperParameterTuningJobName"]
    (nameless,) = read_source("jobs/r.json", json.dumps(request).encode())[1].jobs
    assert job_name(nameless) == "r.json"
    assert place_of(nameless) == "jobs/r.json, line 1"

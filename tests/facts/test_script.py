"""How a training script uses a definition: known only where the script and the sent values are known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from hpolint.facts.script import ScriptFacts, script_facts, script_of, script_sites
from hpolint.facts.space import range_sets
from hpolint.model.node import Path, Scalar, Struct, Unknown, follow
from hpolint.model.reasons import CONFIG_FILE, SDK_ADDS, SDK_IMAGE, Kind, is_a
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.model.training_script import Doubt, Script, ScriptFolders, Site
from hpolint.readers import read_source
from tests.requests import sound
from tests.script.test_arguments import read

HERE = Span(1, 1, 1, 2)
DEFINITION = ("TrainingJobDefinition",)
PARSER = "import argparse\nimport other\nparser = argparse.ArgumentParser()\n"
REQUIRED = "parser.add_argument('--folds', type=int, required=True)\n"


def facts(
    script: str, open_: str | None = None, environment: dict[str, str] | str | None = None, **static: Any
) -> ScriptFacts:
    """The facts of a script beside a definition that sends some static hyperparameters, and perhaps others.

    ``environment`` are its variables, or why there may be others.
    """
    request = sound()
    if environment is not None:
        request["TrainingJobDefinition"]["Environment"] = environment if isinstance(environment, dict) else {}
    request["TrainingJobDefinition"]["StaticHyperParameters"] = static
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    values = follow(job.request, (*DEFINITION, "StaticHyperParameters"))
    assert isinstance(values, Struct)
    values.open = None if open_ is None else Unknown(open_, Span(1, 1, 1, 2))
    if isinstance(environment, str):
        variables = follow(job.request, (*DEFINITION, "Environment"))
        assert isinstance(variables, Struct)
        variables.open = Unknown(environment, Span(1, 1, 1, 2))
    return script_facts(job.request, DEFINITION, read(script), range_sets(job.request, [DEFINITION]))


def why(value: object) -> str:
    """The reason of an unknown value."""
    assert isinstance(value, Unknown), value
    return value.reason


def test_what_a_parser_requires_is_missing_unless_it_is_sent() -> None:
    """Known where the whole parser and all that is sent are."""
    script = f"{PARSER}{REQUIRED}parser.parse_args()\n"
    assert facts(script).missing == ["--folds"]
    assert facts(script, folds="5").missing == []
    assert facts(f"{PARSER}parser.parse_args()\n").missing == []


def test_a_parser_that_other_code_changes_leaves_missing_arguments_unknown() -> None:
    """The other code may remove a requirement, or add one."""
    assert "other" in why(facts(f"{PARSER}{REQUIRED}other.extend(parser)\nparser.parse_args()\n").missing)


@pytest.mark.parametrize(
    ("static", "open_", "expected"),
    [
        ({}, None, False),
        ({"out": "/opt/ml/checkpoints"}, None, True),
        ({"sagemaker_out": "/opt/ml/checkpoints"}, None, False),
        ({}, "is made elsewhere", "is made elsewhere"),
        ({}, SDK_ADDS, False),
        ({"out": "$OUT"}, None, "is the placeholder $OUT"),
        ({"out": "$OUT", "other": "/opt/ml/checkpoints/a"}, "is made elsewhere", True),
    ],
)
def test_a_folder_for_checkpoints_may_be_given_by_a_hyperparameter(
    static: dict[str, str], open_: str | None, expected: bool | str
) -> None:
    """Not by one of the SDK's own; an unknown hyperparameter may name it, unless the SDK adds it."""
    found = facts("print('hello')\n", open_, **static).checkpoints
    assert (why(found) if isinstance(expected, str) else found) == expected


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        (None, ["TEST"]),
        ({}, ["TEST"]),
        ({"SM_CHANNEL_TEST": "/a"}, []),
        ({"SM_CHANNEL_OTHER": "/a"}, ["TEST"]),
        ("is made elsewhere", []),
        (CONFIG_FILE, ["TEST"]),
    ],
)
def test_a_channel_that_the_environment_may_name_is_not_missing(
    environment: dict[str, str] | str | None, missing: list[str]
) -> None:
    """An unknown value may name it; the SDK's configuration file cannot name a channel's folder."""
    script = "import os\nprint(os.environ['SM_CHANNEL_TEST'], os.environ['SM_CHANNEL_TRAIN'])\n"
    assert facts(script, environment=environment).missing_channels == missing


def test_a_script_that_names_the_folder_saves_checkpoints() -> None:
    """Whatever it is sent, known or unknown."""
    assert facts("path = '/opt/ml/checkpoints'\n").checkpoints is True
    assert facts("path = '/opt/ml/checkpoints'\n", "is made elsewhere").checkpoints is True


def test_of_a_script_that_is_not_read_to_its_end_nothing_is_known() -> None:
    """Neither whether an argument may end it, nor what it requires: that is unknown, and never absent."""
    found = facts("import argparse\nparser = (\n")
    assert "cannot be parsed" in why(found.strict)
    assert "cannot be parsed" in why(found.missing)
    assert "cannot be parsed" in why(found.undefined)


def test_the_names_without_a_value_are_listed() -> None:
    """In the order in which the script comes to them."""
    assert facts("def f():\n    return b\nprint(a)\nf()\n").undefined == ["a", "b"]
    assert facts("a = 1\nprint(a)\n").undefined == []


def test_each_name_without_a_value_is_shown_with_why_it_has_none() -> None:
    """A variable of another function, which is named, or nothing at all."""
    place = Span(1, 1, 1, 2)
    script = read("def f():\n    a = 1\n    print(b)\n    g()\ndef g():\n    print(a)\nf()\n")
    found = script_sites(Struct({}, place, place), DEFINITION, script, [], "undefined")
    assert [said for _, said in found] == [
        "`b`, which is not defined",
        "`a`, which is a variable of another function: `f()`",
    ]


def test_a_script_that_needs_no_channel_lacks_none() -> None:
    """The list is known, and empty."""
    assert facts("import os\nprint(os.environ.get('SM_CHANNEL_TEST'))\n").missing_channels == []


def test_without_any_hyperparameter_no_folder_is_named() -> None:
    """Nothing is sent, so nothing is open."""
    request = sound()
    del request["TrainingJobDefinition"]["StaticHyperParameters"]
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    found = script_facts(job.request, DEFINITION, read("print('hello')\n"), range_sets(job.request, [DEFINITION]))
    assert found.checkpoints is False


def test_the_places_of_what_is_not_asked_for_are_none() -> None:
    """Nor are there places for required arguments where the sent values are unknown."""
    request = sound()
    script = read(f"{PARSER}{REQUIRED}parser.parse_args()\n")
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    sets = range_sets(job.request, [DEFINITION])
    asked = {what: script_sites(job.request, DEFINITION, script, sets, what) for what in ("required", "nothing")}
    assert [name for _, name in asked["required"]] == ["`--folds`"]
    assert asked["nothing"] == []
    request["TrainingJobDefinition"]["StaticHyperParameters"] = "$MORE"
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    assert script_sites(job.request, DEFINITION, script, sets, "required") == []


def test_a_script_of_an_unknown_image_may_not_be_run_by_the_toolkit() -> None:
    """So the job is not compared with the script."""
    request = sound()
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = "$IMAGE"
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    scripts: dict[Path, Script | Unknown] = {DEFINITION: read("print()\n")}
    code = Code("train.py")
    assert why(script_of(job.request, DEFINITION, {DEFINITION: code}, scripts)) == "is the placeholder $IMAGE"
    assert script_of(job.request, DEFINITION, {}, scripts) is None
    known = replace(code, by_toolkit=True)
    assert script_of(job.request, DEFINITION, {DEFINITION: known}, scripts) is scripts[DEFINITION]


FRAMEWORK = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1"
BUILT_IN = "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"
PARAMETER = is_a("the parameter `image` of `launch`, which this source never calls", Kind.FUNCTION_PARAMETER)
PARTS = "is built from unknown parts"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Unknown(SDK_IMAGE, HERE), "runs"),
        (Unknown(PARAMETER, HERE), "runs"),
        (Unknown(PARTS, HERE, (None, ".dkr.ecr.", None, ".amazonaws.com/", None)), "runs"),
        (Unknown(PARTS, HERE, ("123456789012.dkr.ecr.us-east-1.amazonaws.com/", None)), "unknown"),
        (Unknown(PARTS, HERE, ("ghcr.io/team/", None)), "unknown"),
        (Unknown("is what `retrieve()` returns", HERE), "unknown"),
        (Scalar("ghcr.io/team/own:1", HERE), "none"),
        (Scalar(BUILT_IN, HERE), "none"),
        (Scalar(FRAMEWORK, HERE), "runs"),
    ],
)
def test_an_estimators_entry_point_is_what_an_unknown_image_runs(image: Unknown | Scalar, expected: str) -> None:
    """Unless the image is certainly not Amazon's, or unknown code returns it: such an image may ignore the script."""
    (job,) = read_source("x.json", json.dumps(sound()).encode())[1].jobs
    specification = follow(job.request, (*DEFINITION, "AlgorithmSpecification"))
    assert isinstance(specification, Struct)
    specification.members["TrainingImage"] = image
    scripts: dict[Path, Script | Unknown] = {DEFINITION: read("print()\n")}
    outcome = script_of(job.request, DEFINITION, {DEFINITION: Code("train.py", argument="entry_point")}, scripts)
    kinds = {Script: "runs", Unknown: "unknown", type(None): "none"}
    assert kinds[type(outcome)] == expected


LEGACY = "def train_input_fn(): pass\ndef model_fn(): pass\n"


@pytest.mark.parametrize(("text", "expected"), [(LEGACY, True), ("", False)])
def test_an_unknown_image_may_be_one_that_starts_parameter_servers(text: str, expected: bool) -> None:
    """TensorFlow's legacy one, if the script has the functions that it calls."""
    request = sound()
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = "$IMAGE"
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    assert script_facts(job.request, DEFINITION, read(text), []).distributes is expected


def test_a_channel_without_a_name_may_be_any() -> None:
    """It may be the channel that the script reads, so the missing channels are unknown."""
    request = sound()
    request["TrainingJobDefinition"]["InputDataConfig"] = [{"InputMode": "File"}]
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    script = read("import os\nprint(os.environ['SM_CHANNEL_TRAIN'])\n")
    found = script_facts(job.request, DEFINITION, script, range_sets(job.request, [DEFINITION]))
    assert why(found.missing_channels) == "has a channel without a name"


def test_a_folder_that_the_script_may_name_leaves_open_whether_it_saves_checkpoints() -> None:
    """The reason says where in the script that is left open."""
    doubt = Doubt("takes the folder from a file", Site("t.py", HERE))
    script = replace(read("print('hello')\n"), folders=ScriptFolders(checkpoints=doubt))
    (job,) = read_source("x.json", json.dumps(sound()).encode())[1].jobs
    found = script_facts(job.request, DEFINITION, script, range_sets(job.request, [DEFINITION])).checkpoints
    assert why(found) == "depends on the training script (t.py, line 1), which takes the folder from a file"


ONE_EPOCH = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=9)
for epoch in range(parser.parse_args().epochs):
    model.fit(x, y)
    break
"""


@pytest.mark.parametrize(("epochs", "expected"), [("20", True), ("1", False), (1, False)])
def test_a_job_that_asks_for_one_epoch_gets_what_it_asks_for(epochs: object, expected: bool) -> None:
    """A loop that ends in its first pass is then nothing to report."""
    assert facts(ONE_EPOCH, epochs=epochs).first_epoch_only is expected

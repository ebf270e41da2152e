"""What is known of Amazon's algorithms: each file has the shape of its schema, and agrees with what can be asked."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from hpolint.data import generated, load
from hpolint.facts import algorithm_data
from hpolint.facts.algorithm_data import of_image, of_jumpstart, of_name, version_order
from hpolint.facts.compute import is_accelerated
from hpolint.facts.hyperparameter_values import accepted_values
from hpolint.readers.python.sdk import signatures
from scripts import generate_instances
from tests.conftest import ROOT

FOLDER = ROOT / "hpolint/data/algorithms"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
TEXT = "text-classification-tensorflow"
SCHEMA = json.loads((ROOT / "hpolint/schema/algorithm.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_its_shape_date_and_sources(name: str) -> None:
    """The failure names what the file of an algorithm lacks."""
    Draft202012Validator.check_schema(SCHEMA)
    errors = Draft202012Validator(SCHEMA, format_checker=FormatChecker()).iter_errors(load(f"algorithms/{name}"))
    assert [error.message for error in errors] == []


def test_every_file_is_found_by_an_image_or_a_marker() -> None:
    """An image or a marker of JumpStart leads to every file but two, and each of them to a file that exists."""
    index = load("algorithms")
    assert index["names"] == NAMES
    reached = {*index["images"].values(), *index["jumpstart"]["markers"].values()}
    assert set(NAMES) ^ reached == {"tabtransformer", "object-detection-tensorflow"}


def test_what_is_used_only_with_another_value_is_indexed_and_tunable() -> None:
    """An unknown image leaves only such names undecided, and each of them is one that people tune."""
    conditional: set[str] = set()
    for name in NAMES:
        algorithm = of_name(name)
        assert algorithm is not None
        for condition in algorithm.used_with:
            assert set(condition["names"]) <= algorithm.tunable.keys()
            assert condition["other"] in algorithm.hyperparameters
            conditional.update(condition["names"])
    assert load("algorithms")["conditional"] == sorted(conditional)


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_has_one_direction_and_a_range_two_ends(name: str) -> None:
    """No metric and no hyperparameter is listed twice, and the lowest value of a range is below the highest."""
    entry = load(f"algorithms/{name}").get("metrics", {})
    listed = [metric for group in entry.values() for metric in group]
    assert len(listed) == len(set(listed))
    algorithm = of_name(name)
    assert algorithm is not None
    for tunable in algorithm.tunable.values():
        assert tunable.low is None or tunable.high is None or tunable.low < tunable.high
    assert len(algorithm.hyperparameters) == len(set(algorithm.hyperparameters))


def test_the_sdk_s_classes_run_the_image_that_the_data_names() -> None:
    """The classes and repositories are those that the reader has from the SDK itself."""
    classes = {cls: name for name in NAMES for cls in load(f"algorithms/{name}").get("sdk", ())}
    images = load("algorithms")["images"]
    assert {cls: images[image] for cls, image in signatures.ALGORITHMS.items()} == {
        cls: name for cls, name in classes.items() if cls != "XGBoost"
    }


@pytest.mark.parametrize(
    ("tag", "name", "taken"),
    [
        ("1.7-1", "verbosity", True),
        ("1.7-1", "silent", False),
        ("1.7-1-cpu-py3", "silent", False),
        ("0.90-1", "silent", True),
        ("1.5-1", "single_precision_histogram", True),
        ("1.7-1", "single_precision_histogram", False),
        ("1.2-1", "_nfold", True),
        ("1.2-2", "_nfold", False),
        ("1.7-1-1", "silent", None),
        ("latest", "silent", None),
        ("each", "silent", None),
        (None, "silent", None),
    ],
)
def test_the_names_of_a_version_are_those_of_that_version(tag: str | None, name: str, taken: bool | None) -> None:
    """Of a version that is not listed nothing is known."""
    xgboost = of_image("sagemaker-xgboost")
    assert xgboost is not None
    names = xgboost.accepted_names("sagemaker-xgboost", tag)
    assert (None if names is None else name in names) is taken
    assert xgboost.accepted_names("xgboost", tag) is None


def test_every_tunable_name_is_taken_by_every_version() -> None:
    """The two lists of one file agree."""
    for name in NAMES:
        algorithm = of_name(name)
        assert algorithm is not None
        for repository, versions in algorithm.entry.get("versions", {}).items():
            for version in set(versions) - {"each"}:
                taken = algorithm.accepted_names(repository, version)
                assert taken is not None
                assert {*algorithm.tunable, *algorithm.required} <= taken


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_values_agrees_with_the_rest_of_the_file(name: str) -> None:
    """Names are names of the algorithm's, versions are listed, and what AWS recommends is taken."""
    algorithm = of_name(name)
    assert algorithm is not None
    entry = algorithm.entry
    versions: dict[str, list[str]] = next(iter(entry.get("versions", {}).values()), {})
    named = {*algorithm.hyperparameters, *(each for names in versions.values() for each in names)}
    needed = {each for need in algorithm.needs for each in (need["name"], need["other"])}
    assert {*algorithm.takes, *algorithm.aliases.values(), *needed, *algorithm.refused_tuned} <= named
    assert not {*algorithm.refused_tuned, *entry.get("tunable_disputed", ())} & set(algorithm.tunable)
    later = [each for value in algorithm.takes.values() for each in value.get("since", {})]
    assert {*later, *(need["since"] for need in algorithm.needs if "since" in need)} <= set(versions)
    for each, tunable in algorithm.tunable.items():
        values = accepted_values(algorithm, each, "1.7-1" if versions else None)
        if values is not None and tunable.low is not None:
            assert values.kind == ("integer" if tunable.kind == "integer" else "number"), each
            assert not values.refuses(f"{tunable.low:.12g}"), each
            assert not values.refuses(f"{tunable.high:.12g}"), each


def test_the_versions_whose_values_are_known_end_with_one_that_is_listed() -> None:
    """A later version is not judged by an earlier one's values."""
    entry = load("algorithms/xgboost")
    assert entry["takes_until"] in entry["versions"]["sagemaker-xgboost"]
    assert version_order("1.10-1") > version_order("1.2-2") > version_order("1.2-1")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (
            "jumpstart-cache-prod-us-east-1/source-directory-tarballs/lightgbm/transfer_learning/classification",
            "lightgbm",
        ),
        ("jumpstart-cache-prod-eu-west-1/source-directory-tarballs/tensorflow/transfer_learning/tc", TEXT),
        ("jumpstart-cache-prod-us-east-1/source-directory-tarballs/pytorch/transfer_learning/ic", None),
        ("ours/lightgbm/transfer_learning", None),
    ],
)
def test_jumpstart_s_algorithms_are_known_by_where_their_scripts_lie(address: str, name: str | None) -> None:
    """In a bucket of JumpStart's own, and nowhere else."""
    found = of_jumpstart(f"s3://{address}/v1.0.0/sourcedir.tar.gz")
    assert (found.name if found is not None else None) == name


def test_an_algorithm_without_an_entry_is_none() -> None:
    """Neither an image nor a name that hpolint does not know is taken for one of Amazon's algorithms."""
    assert of_image("somebody-s-own") is None
    assert of_name("somebody-s-own") is None


def enum() -> list[str]:
    """The training instance types of botocore's model."""
    path = files("botocore") / "data/sagemaker/2017-07-24/service-2.json.gz"
    model: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    types: list[str] = model["shapes"]["TrainingInstanceType"]["enum"]
    return types


def test_what_instances_have_is_what_ec2_says() -> None:
    """The committed file is what the script makes of botocore and EC2's own description of its types."""
    assert generate_instances.made()["families"] == generated("instances")["families"]


def test_every_instance_type_of_the_service_is_described_but_for_those_that_ec2_does_not_describe() -> None:
    """A retired or outdated family is one of the service's, and no successor of an outdated one is outdated itself."""
    described = {family: set(sizes) for family, sizes in generated("instances")["families"].items()}
    written = load("instances")
    types = [name.removeprefix("ml.").split(".") for name in enum()]
    missing = {f"{family}.{size}" for family, size in types if size not in described.get(family, ())}
    missing -= {f"{family}.{size}" for family, sizes in written["families"].items() for size in sizes}
    assert missing <= {"p6e-gb200.36xlarge"}
    families = {family for family, _ in types}
    old, present = {*written["retired"], *written["outdated"]}, set(written["outdated"].values())
    assert old | present <= families
    assert not old & present


def test_what_has_accelerators_is_named_so() -> None:
    """The letters of a family tell whether a type has any, for each type that EC2 describes."""
    for family, sizes in generated("instances")["families"].items():
        for size, (_, accelerators) in sizes.items():
            assert is_accelerated(f"ml.{family}.{size}") is (accelerators > 0), f"{family}.{size}"


def test_a_version_is_read_from_a_tag() -> None:
    """With its platform or without it, and from nothing else."""
    assert algorithm_data.VERSION.match("3.0-5-cpu-py3") is not None
    assert algorithm_data.VERSION.match("3.0-5-gpu") is None

"""Which algorithm a definition runs, what is known of it, and in which direction its metrics are better."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.facts.algorithm import algorithm_facts, image_repository
from hpolint.model.node import Struct, Unknown
from hpolint.model.source import Span
from hpolint.readers import read_source
from tests.engine.test_cel_values import tree
from tests.facts.test_facts import HERE, binding, fact
from tests.requests import sound

REGISTRY = "1.dkr.ecr.us-east-1.amazonaws.com"


def runs(image: Any, **members: Any) -> dict[str, Any]:
    """Members of a definition that runs an image; None leaves it out."""
    specification = {"TrainingInputMode": "File"} | ({} if image is None else {"TrainingImage": image})
    return {"AlgorithmSpecification": specification, **members}


def algorithm(field: str, definition: dict[str, Any]) -> Any:
    """A fact about the only definition's algorithm, or the reason why it is unknown."""
    (subject,) = binding(definition=definition).subjects("training")
    return fact(subject, "algorithm", field)


@pytest.mark.parametrize(
    ("image", "name", "kind", "early", "checkpoints", "own"),
    [
        ("sagemaker-xgboost:1", "xgboost", "built-in", True, True, True),
        ("xgboost:1", "xgboost", "built-in", True, None, True),
        ("kmeans:1", "kmeans", "built-in", False, False, True),
        ("pytorch-training:2", None, "deep-learning", False, None, False),
        ("sagemaker-scikit-learn:1", None, "machine-learning", False, None, False),
        ("ours:1", None, "custom", False, None, False),
        ("team/kmeans:1", None, "custom", False, None, False),
    ],
)
def test_what_is_known_of_an_algorithm(
    image: str, name: str | None, kind: str, early: bool, checkpoints: bool | None, own: bool
) -> None:
    """A built-in one has what its pages say; of any other image nothing is claimed."""
    definition = runs(f"{REGISTRY}/{image}")
    found = [algorithm(each, definition) for each in ("name", "kind", "early_stopping", "checkpoints", "own_metrics")]
    assert found == [name, kind, early, checkpoints, own]


@pytest.mark.parametrize(
    ("image", "amazons"),
    [
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", True),
        (f"{REGISTRY}/sagemaker-xgboost:1.7-1", False),
        ("sagemaker-xgboost:1.7-1", False),
        ("${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "contains the placeholder ${ACCOUNT}"),
        ("{{ registry }}/sagemaker-xgboost:1.7-1", "contains the placeholder {{ registry }}"),
    ],
)
def test_whose_registry_it_is_stays_open_where_the_account_does(image: str, amazons: bool | str) -> None:
    """A copy of Amazon's image in somebody's own registry is theirs, so nothing is guessed of an unknown one."""
    assert algorithm("amazons", runs(image)) == amazons


def test_what_the_sdk_looks_up_is_amazons() -> None:
    """Though its account is known in each region alone; what a function or a variable holds may be anybody's."""
    for image, amazons in (
        ("sagemaker.image_uris.retrieve('xgboost', region, '1.7-1')", True),
        ("f'{account}.dkr.ecr.{region}.amazonaws.com/sagemaker-xgboost:1.7-1'", None),
        ("f'{registry()}/sagemaker-xgboost:1.7-1'", None),
    ):
        source = f"""
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

image = {image}
estimator = Estimator(image, role, instance_count=1, instance_type="ml.m5.xlarge")
HyperparameterTuner(estimator, "validation:auc", {{"eta": ContinuousParameter(0.1, 0.5)}}, max_jobs=10).fit()
"""
        (job,) = read_source("x.py", source.encode())[1].jobs
        (subject,) = EvaluationContext(job).subjects("training")
        assert subject.values["algorithm"]["repository"] == "sagemaker-xgboost"
        assert subject.values["algorithm"].get("amazons") is amazons


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("ghcr.io/own/image:1", "ghcr.io"),
        ("docker.io/library/python:3.10", "docker.io"),
        ("public.ecr.aws/docker/library/python:3.10", "public.ecr.aws"),
        ("registry.churn.internal:5000/image", "registry.churn.internal:5000"),
        ("tensorflow/tensorflow:1.11.0-gpu", "docker.io"),
        ("ghcr.io/${OWNER}/image", "ghcr.io"),
        (f"{REGISTRY}/image", None),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/image", None),
        ("111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/image", None),
        ("111122223333.dkr-ecr.us-west-2.on.aws/image", None),
        ("image", None),
        ("python:3.10", None),
        ("own/image:1", None),
        ("registry.example.com/image", None),
        ("<account>.churn.io/image", None),
        ("docker://image", None),
        ("${REGISTRY}/image", "contains the placeholder ${REGISTRY}"),
        ("${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/image", None),
    ],
)
def test_another_registry_than_ecrs_is_named_only_if_that_is_certain(image: str, registry: str | None) -> None:
    """An address that may be one of ECR, or a placeholder, names no other registry."""
    assert algorithm("other_registry", runs(image)) == registry


def test_an_image_without_a_registry_is_known_by_its_name() -> None:
    """No folder stands before it; one folder more than a registry is somebody's own."""
    assert algorithm("name", runs("kmeans:1")) == "kmeans"
    assert algorithm("name", runs("$REGISTRY/kmeans:1")) == "kmeans"
    assert algorithm("name", runs("${REGISTRY}/team/kmeans:1")) is None


def test_an_image_in_somebody_s_own_registry_is_theirs_whatever_its_name() -> None:
    """An account that is none of Amazon's has an image of its own, of which nothing is known."""
    definition = runs("111122223333.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest")
    assert [algorithm(field, definition) for field in ("name", "kind", "title")] == [None, "custom", None]
    assert algorithm("name", runs("433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:latest")) == "xgboost"


def test_neither_an_image_nor_a_name_is_a_resource() -> None:
    """Nothing is built in, stops early or saves checkpoints; the service knows its metrics."""
    found = [algorithm(each, runs(None)) for each in ("name", "kind", "early_stopping", "checkpoints", "own_metrics")]
    assert found == [None, "resource", False, None, True]
    assert algorithm("image", runs(None)) is None


@pytest.mark.parametrize(
    ("static", "kind", "own"),
    [
        ({"sagemaker_program": '"a.py"'}, "machine-learning", True),
        ({"sagemaker_program": "$PROGRAM"}, "machine-learning", True),
        ({"num_round": "9"}, "built-in", True),
        ({}, "built-in", True),
        ({"${KEY}": "1"}, "the key is the placeholder ${KEY}", True),
        ("$STATIC", "is the placeholder $STATIC", True),
        (["a"], "does not have the type that the API requires", True),
    ],
)
def test_xgboost_runs_a_script_where_its_program_is_named(static: Any, kind: str, own: bool) -> None:
    """Where the program is unknown, so is the algorithm's kind; its metrics are always known."""
    definition = runs(f"{REGISTRY}/sagemaker-xgboost:1", StaticHyperParameters=static)
    assert algorithm("kind", definition) == kind
    assert algorithm("own_metrics", definition) is own
    other = runs(f"{REGISTRY}/kmeans:1", StaticHyperParameters=static)
    assert algorithm("kind", other) == "built-in"


@pytest.mark.parametrize(
    ("pieces", "repository"),
    [
        ((None, "/kmeans:1"), "kmeans"),
        ((None, "/kmeans@sha256:", None), "kmeans"),
        (("1.ecr/kmeans", None), None),
        ((None, "kmeans"), None),
        ((None,), None),
        ((), None),
    ],
)
def test_a_repository_is_known_where_its_whole_name_is(pieces: tuple[str | None, ...], repository: str | None) -> None:
    """The parts before its slash and after its colon may be unknown."""
    image = Unknown("is a variable", HERE, pieces)
    assert image_repository(image) == (image if repository is None else repository)


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (f"{REGISTRY}/kmeans:1", "kmeans:1"),
        (f"{REGISTRY}/kmeans", "kmeans"),
        (f"{REGISTRY}/kmeans@sha256:00", "kmeans"),
        (f"{REGISTRY}/kmeans:1@sha256:00", "kmeans:1"),
        ("${REGISTRY}/kmeans:1", "kmeans:1"),
        (f"{REGISTRY}/kmeans:1-${{TAG}}", "kmeans"),
    ],
)
def test_an_image_is_shown_with_its_tag_where_that_is_known(image: str, shown: str) -> None:
    """And never with its digest."""
    assert algorithm("image", runs(image)) == shown


OWN = {"TuningObjective": {"Type": "Maximize", "MetricName": "validation:auc"}}
IMAGE = runs(f"{REGISTRY}/xgboost:1")


@pytest.mark.parametrize(
    ("definition", "metric", "type_", "direction"),
    [
        (IMAGE, "validation:rmse", "Minimize", "Minimize"),
        (IMAGE | OWN, "validation:auc", "Maximize", "Maximize"),
        (runs(f"{REGISTRY}/ours:1") | OWN, "validation:auc", "Maximize", None),
        (runs("$IMAGE") | OWN, "validation:auc", "Maximize", "is the placeholder $IMAGE"),
        (IMAGE | {"TuningObjective": "$O"}, *["is the placeholder $O"] * 3),
        (runs("$IMAGE") | {"TuningObjective": {"Type": "Maximize", "MetricName": "$M"}}, "is the placeholder $M",
         "Maximize", "is the placeholder $M"),
        (IMAGE | {"TuningObjective": {"Type": "Maximize", "MetricName": "own"}}, "own", "Maximize", None),
        (IMAGE | {"TuningObjective": {}}, None, None, None),
    ],
)  # fmt: skip
def test_the_objective_is_the_definitions_own_or_the_jobs(
    definition: dict[str, Any], metric: Any, type_: Any, direction: Any
) -> None:
    """The direction is known of a metric that the algorithm has, and of no other."""
    (subject,) = binding(definition=definition).subjects("training")
    assert [fact(subject, "objective", name) for name in ("metric", "type", "direction")] == [metric, type_, direction]


def test_several_definitions_have_an_objective_each() -> None:
    """The job as a whole has the configuration's metric, and no direction."""
    one = {**sound()["TrainingJobDefinition"], "DefinitionName": "one"}
    found = binding(TrainingJobDefinition=None, TrainingJobDefinitions=[one, {**one, **OWN}])
    assert [fact(each, "objective", "direction") for each in found.subjects("training")] == ["Minimize", "Maximize"]
    assert fact(found.subjects("job")[0], "objective", "metric") == "validation:rmse"
    assert fact(found.subjects("job")[0], "objective", "direction") is None


@pytest.mark.parametrize(
    ("metric", "channel", "near"),
    [
        ("validation:rmse", "validation", None),
        ("validation:interval-regression-accuracy", "validation", None),
        ("rmse", None, "validation:rmse"),
        ("valdation:auc", None, "validation:auc"),
        ("nothing like it", None, None),
        ("$M", "is the placeholder $M", None),
    ],
)
def test_a_metric_names_its_channel_or_the_similar_metric(metric: str, channel: Any, near: str | None) -> None:
    """For a metric that the algorithm does not have, the most similar one is named."""
    (subject,) = binding(definition=IMAGE | {"TuningObjective": {"Type": "Minimize", "MetricName": metric}}).subjects(
        "training"
    )
    assert fact(subject, "objective", "channel") == channel
    assert fact(subject, "objective", "near") == near


JUMPSTART = (
    "s3://jumpstart-cache-prod-us-east-1/source-directory-tarballs/lightgbm/transfer_learning/x/sourcedir.tar.gz"
)


@pytest.mark.parametrize(
    ("image", "address", "name", "kind"),
    [
        (f"{REGISTRY}/pytorch-training:2", JUMPSTART, "lightgbm", "jumpstart"),
        ("$IMAGE", JUMPSTART, "lightgbm", "jumpstart"),
        (f"{REGISTRY}/pytorch-training:2", "s3://ours/lightgbm/transfer_learning/x.tar.gz", None, "deep-learning"),
        (f"{REGISTRY}/pytorch-training:2", "$WHERE", None, "deep-learning"),
    ],
)
def test_an_algorithm_of_jumpstart_is_known_by_where_its_script_lies(
    image: str, address: str, name: str | None, kind: str
) -> None:
    """Its metrics are its owner's to define, and no channel is claimed of them."""
    static = {"sagemaker_program": '"transfer_learning.py"', "sagemaker_submit_directory": address}
    definition = runs(image, StaticHyperParameters=static)
    definition |= {"TuningObjective": {"Type": "Maximize", "MetricName": "rmse"}}
    assert (algorithm("name", definition), algorithm("kind", definition)) == (name, kind)
    assert algorithm("own_metrics", definition) is False
    (subject,) = binding(definition=definition).subjects("training")
    assert fact(subject, "objective", "channel") is None
    assert fact(subject, "objective", "direction") == ("Minimize" if name else None)


@pytest.mark.parametrize(
    ("image", "gpu", "machines", "repository"),
    [
        ("lda:1", "refused", "one", "lda"),
        ("image-classification:1", "required", "many", "image-classification"),
        ("kmeans:1", "one", None, "kmeans"),
        ("ours:1", None, None, "ours"),
    ],
)
def test_what_hardware_is_worth_to_an_algorithm(
    image: str, gpu: str | None, machines: str | None, repository: str
) -> None:
    """As its page says; where pages disagree, nothing."""
    definition = runs(f"{REGISTRY}/{image}")
    assert [algorithm(each, definition) for each in ("gpu", "machines", "repository")] == [gpu, machines, repository]


@pytest.mark.parametrize(
    ("pieces", "name"),
    [
        ((f"{JUMPSTART[:60]}", None), None),
        (
            ("s3://jumpstart-cache-prod-", None, "/source-directory-tarballs/lightgbm/transfer_learning/x.tar.gz"),
            "lightgbm",
        ),
        (("s3://", None, "/source-directory-tarballs/lightgbm/transfer_learning/x.tar.gz"), None),
        ((), None),
    ],
)
def test_jumpstarts_address_may_be_known_in_part(pieces: tuple[str | None, ...], name: str | None) -> None:
    """An algorithm is known by the parts of the address that are: a bucket's region may be any."""
    here = Span(1, 1, 1, 2)
    request = tree({"TrainingJobDefinition": runs("$IMAGE")})
    assert isinstance(request, Struct)
    definition = request.members["TrainingJobDefinition"]
    assert isinstance(definition, Struct)
    address = Unknown("is put together", here, pieces)
    definition.members["StaticHyperParameters"] = Struct({"sagemaker_submit_directory": address}, here, here)
    found = algorithm_facts(request, ("TrainingJobDefinition",)).name
    assert (None if isinstance(found, Unknown) else found) == name


@pytest.mark.parametrize(
    ("static", "gpu", "machines"),
    [
        ({"mode": "batch_skipgram"}, "refused", "many"),
        ({"mode": "supervised"}, "one", "one"),
        ({"mode": "$MODE"}, "is the placeholder $MODE", "is the placeholder $MODE"),
        ({}, None, None),
    ],
)
def test_a_mode_decides_what_hardware_blazingtext_uses(static: dict[str, str], gpu: Any, machines: Any) -> None:
    """Where the mode is not static, nothing is claimed."""
    definition = runs("811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1", StaticHyperParameters=static)
    assert [algorithm("gpu", definition), algorithm("machines", definition)] == [gpu, machines]

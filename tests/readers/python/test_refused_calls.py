"""Calls that the SDK refuses, or whose request is refused: what is observed, and where nothing is claimed."""

from __future__ import annotations

import pytest

from hpolint.model.observations import Observed
from hpolint.readers import read_source

HEAD = """
import os, settings
from sagemaker import Session
from sagemaker.estimator import Estimator
from sagemaker.instance_group import InstanceGroup
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import *
from sagemaker.workflow.pipeline_context import PipelineSession
image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
role = "arn:aws:iam::111122223333:role/r"
ranges = {"lr": ContinuousParameter(0.1, 0.5)}
def estimator(uri=image, **more):
    return Estimator(uri, role, 1, "ml.m5.large", **more)
"""
OURS = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


def seen(body: str) -> list[Observed]:
    """The observations of the only job of a program."""
    _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    (job,) = reading.jobs
    return [each.observed for each in job.observations]


def kinds(body: str) -> list[str]:
    """The kinds of these observations."""
    return [type(each).__name__ for each in seen(body)]


def names(body: str) -> list[tuple[str, list[str]]]:
    """The refused bases of names, with the characters that a name must not contain."""
    return [(each.base, each.characters) for each in seen(body) if type(each).__name__ == "NameRefused"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("churn_v1.2", [("churn_v1.2", [".", "_"])]),
        ("-churn", [("-churn", [])]),
        ("churn-", []),
        ("churn-model-of-march-_", []),
        ("<base>", []),
        ("", []),
    ],
)
def test_a_base_makes_a_name_that_is_refused(base: str, expected: object) -> None:
    """As far as the SDK keeps it, 20 characters; a placeholder and an empty base say nothing."""
    assert names(f"HyperparameterTuner(estimator(), 'm', ranges, base_tuning_job_name={base!r}).fit()") == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"{OURS}/team_a/churn:1", []),
        (f"{OURS}/team/churn_model:1", [("churn_model", ["_"])]),
        (f"{OURS}/churn@sha256:{'0' * 64}", [("churn@sha256", ["@"])]),
        (f"{OURS}/churn:1:latest", [("111122223333.dkr.ecr", ["."])]),
        ("your_image", []),
    ],
)
def test_an_images_repository_makes_a_name_that_is_refused(image: str, expected: object) -> None:
    """Its last part, or the whole address if the SDK finds no repository in it."""
    assert names(f"HyperparameterTuner(estimator({image!r}), 'm', ranges).fit()") == expected


@pytest.mark.parametrize(
    "body",
    [
        "HyperparameterTuner(estimator(), 'm', ranges, base_tuning_job_name='a_b').fit(job_name='a')",
        "HyperparameterTuner(estimator(), 'm', ranges, base_tuning_job_name='a_b').fit(**settings.more)",
        "HyperparameterTuner(estimator(), 'm', ranges, base_tuning_job_name='a_b')",
        (
            "e = estimator(sagemaker_session=PipelineSession())\n"
            "HyperparameterTuner(e, 'm', ranges, base_tuning_job_name='a_b').fit()"
        ),
        (
            "e = estimator(sagemaker_session=settings.session)\n"
            "HyperparameterTuner(e, 'm', ranges, base_tuning_job_name='a_b').fit()"
        ),
        "HyperparameterTuner(estimator(), 'm', ranges, base_tuning_job_name=settings.base).fit()",
    ],
)
def test_a_name_that_may_come_from_elsewhere_is_not_judged(body: str) -> None:
    """A name of its own, an unknown one, and a job that a pipeline may name."""
    assert names(body) == []


NEW = "role=role, instance_count=1, instance_type='ml.g5.xlarge'"


@pytest.mark.parametrize(
    "arguments",
    [
        "'t.py', role=role, train_instance_count=1, train_instance_type='ml.p3.2xlarge', framework_version='1.4'",
        f"'t.py', '2.1', 'py310', {NEW}",
        f"'t.py', {NEW}, **settings.more",
        f"'t.py', {NEW}, image_uri=settings.image",
        f"'t.py', {NEW}, framework_version=settings.version, py_version=settings.python",
        "'t.py', role=role, framework_version='1.4'",
    ],
)
def test_versions_may_be_set_or_have_defaults(arguments: str) -> None:
    """An estimator of version 1, of unknown arguments, or of an unknown version is not judged."""
    assert "ArgumentMissing" not in kinds(f"HyperparameterTuner(PyTorch({arguments}), 'm', ranges).fit()")


@pytest.mark.parametrize(
    "body",
    [
        "HyperparameterTuner(estimator(), 'm', ranges, **settings.more).fit()",
        "a = {}\nif settings.old:\n    a['parallel'] = 2\nHyperparameterTuner(estimator(), 'm', ranges, **a).fit()",
        "HyperparameterTuner(estimator(), 'm', ranges, autotune=True, random_seed=1).fit()",
        "HyperparameterTuner(model_trainer=settings.t, objective_metric_name='m', hyperparameter_ranges=ranges).tune()",
        """
class Tuner(HyperparameterTuner):
    def __init__(self, estimator, ranges, parallel):
        super().__init__(estimator, 'm', ranges, max_parallel_jobs=parallel)
Tuner(estimator(), ranges, parallel=2).fit()""",
    ],
)
def test_arguments_that_a_version_may_take_are_not_judged(body: str) -> None:
    """Unknown ones, those of any version, and those of a subclass of the source."""
    assert "UnknownArgument" not in kinds(body)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("max_parallel", ["max_parallel_jobs"]),
        ("warm_start", ["warm_start_config"]),
        ("seed", ["random_seed"]),
        ("x", []),
    ],
)
def test_the_likely_argument_is_named(name: str, near: list[str]) -> None:
    """The only one that contains the words of the name, or a similar one."""
    found = seen(f"HyperparameterTuner(estimator(), 'm', ranges, {name}=2).fit()")
    assert [each.near for each in found] == [near]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        "e = Estimator(image, role, instance_groups=settings.groups)\nHyperparameterTuner(e, 'm', ranges).fit()",
        (
            "e = Estimator(image, role, instance_groups=[InstanceGroup('a', 'ml.m5.large', 1)])\n"
            "t = HyperparameterTuner(e, 'm', ranges)\nt.override_resource_config(settings.configs)\nt.fit()"
        ),
    ],
)
def test_instance_groups_that_may_be_none_or_overridden_are_dropped(body: str) -> None:
    """They have no effect, but the request may be accepted."""
    assert kinds(body) == ["ArgumentDropped"]


@pytest.mark.parametrize(
    "body",
    [
        "HyperparameterTuner(estimator(), 'm', ranges, tags={'key': 'a', 'value': 'b'}).fit()",
        "HyperparameterTuner(estimator(), 'm', ranges, tags=[{'Key': 'a', 'Value': 'b'}]).fit()",
        "HyperparameterTuner(settings.estimator, 'm', ranges, tags=[{'key': 'a', 'value': 'b'}]).fit()",
        "HyperparameterTuner(estimator(container_entry_point=settings.command), 'm', ranges).fit()",
        "HyperparameterTuner(estimator(container_entry_point=None), 'm', ranges).fit()",
        "HyperparameterTuner(estimator(), 'm', ranges).fit(experiment_config=None)",
        "HyperparameterTuner(estimator(), 'm', ranges).fit(include_cls_metadata=False)",
        (
            "kind = 'local' if settings.local else 'ml.m5.large'\n"
            "HyperparameterTuner(Estimator(image, role, 1, kind), 'm', ranges).fit()"
        ),
    ],
)
def test_what_is_accepted_or_unknown_is_not_observed(body: str) -> None:
    """A dict of tags, an unknown command, None, an instance type that may be another."""
    assert kinds(body) == []

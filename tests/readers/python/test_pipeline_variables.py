"""Variables of a pipeline that Python reads, compares, or sends at once."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source

HEAD = """
import settings
from sagemaker.estimator import Estimator
from sagemaker.session import Session
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join
from sagemaker.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import TuningStep
name = ParameterString("Name", "prod")
jobs = ParameterInteger("Jobs", 4)
role = "arn:aws:iam::111122223333:role/r"
def tuner(max_jobs=4, **more):
    estimator = Estimator("image", role, 1, "ml.m5.large", **more)
    return HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=max_jobs)
"""
STEP = "\nstep = TuningStep('tune', step_args=tuner(sagemaker_session=PipelineSession()).fit('s3://b/t'))\n"


def seen(body: str) -> list[str]:
    """The observations of the last job of a program, as text."""
    _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    return [str(observation.observed) for observation in reading.jobs[-1].observations]


@pytest.mark.parametrize(
    ("expression", "use"),
    [
        ("f'{name}'", "f-string"),
        ("f'{ExecutionVariables.PIPELINE_NAME}'", "f-string"),
        ("f'{Join(on=str(), values=[name])!s}'", "f-string"),
        ("'a' + name", "+"),
        ("'%s/%s' % ('a', name)", "%"),
        ("'{}'.format(name)", "format()"),
        ("'{1} {stage}'.format(1, 2, stage=name)", "format()"),
        ("'/'.join(['a', name])", "join()"),
        ("str(jobs)", "str()"),
        ("int(jobs)", "int()"),
        ("min(jobs, 4)", "min()"),
        ("2 * jobs", "*"),
        ("jobs > 3", ">"),
    ],
)
def test_an_expression_raises_an_error(expression: str, use: str) -> None:
    """A variable has no value before the pipeline runs."""
    (observed,) = seen(f"{expression}{STEP}")
    assert observed.startswith("PipelineVariableRead(")
    assert f"use='{use}'" in observed


def test_the_property_of_a_step_has_no_value() -> None:
    """What comes after the step in a program reads it."""
    observed = seen(f"{STEP}f'{{step.properties.BestTrainingJob.TrainingJobName}}'")
    assert observed == [
        "PipelineVariableRead(name='properties.BestTrainingJob.TrainingJobName', use='f-string', is_text=True)"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "f'{name!r} {name.name} {name.default_value} {name.expr}'",
        "f'{step.properties.BestTrainingJob.expr} {step.name}'",
        "f'{settings.name}'",
        "'%r' % name",
        "'{!r} {0.name}'.format(name)",
        "bool(jobs)",
        "try:\n    f'{name}'\nexcept TypeError:\n    pass",
        "if settings.debug:\n    str(name)",
        "print(name)",
        "name == settings.stage",
        "name == ParameterString('Name')",
        "name != None",
        "name is None",
    ],
)
def test_what_python_can_do_is_not_judged(body: str) -> None:
    """Its name and its default are known, an error may be expected, and a branch may not be taken."""
    assert seen(f"{STEP}{body}") == []


def test_a_comparison_with_a_constant_is_always_the_same() -> None:
    """It compares two different objects."""
    assert seen(f"if name == 'prod':\n    pass{STEP}") == ["PipelineVariableCompared(name='Name', is_negated=False)"]
    assert seen(f"stage = 1 if 'prod' != name else 2{STEP}") == [
        "PipelineVariableCompared(name='Name', is_negated=True)"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "tuner(jobs).fit('s3://b/t')",
        "tuner(sagemaker_session=Session()).fit({'train': name})",
        "tuner(environment={'stage': Join(on='-', values=[name, 'x'])}).fit('s3://b/t')",
        "TuningStep('tune', step_args=tuner(hyperparameters={'stage': name}).fit('s3://b/t'))",
    ],
)
def test_a_launch_at_once_has_a_variable(body: str) -> None:
    """The session of the estimator is a plain one."""
    assert [text.partition("(")[0] for text in seen(body)] == ["PipelineVariableSent"]


@pytest.mark.parametrize(
    "body",
    [
        "TuningStep('tune', tuner=tuner(jobs), inputs='s3://b/t')",
        "tuner(jobs)",
        "tuner(jobs, sagemaker_session=PipelineSession()).fit('s3://b/t')",
        "tuner(jobs, sagemaker_session=settings.session).fit('s3://b/t')",
        "tuner(jobs, **settings.arguments).fit('s3://b/t')",
        "tuner(jobs.default_value).fit('s3://b/t')",
        "tuner(settings.jobs if settings.x else jobs).fit('s3://b/t')",
    ],
)
def test_a_launch_that_may_be_a_step_is_not_judged(body: str) -> None:
    """A session that is not known, and a tuner that a step launches."""
    assert seen(body) == []


def test_a_variable_cannot_name_a_hyperparameter() -> None:
    """In a pipeline, too."""
    body = "tuner(hyperparameters={name: 1}, sagemaker_session=PipelineSession()).fit('s3://b/t')"
    assert seen(body) == ["PipelineVariableRead(name='Name', use='name', is_text=False)"]

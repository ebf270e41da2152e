"""Settings that a tuner takes and that do not reach a trial, or have no effect."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source
from tests.oracles.programs import ORACLES
from tests.oracles.record import recorded

HEAD = """
import settings
from sagemaker.debugger import DebuggerHookConfig, ProfilerConfig, Rule, rule_configs
from sagemaker.estimator import Estimator
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import CacheConfig, TuningStep
role = "arn:aws:iam::111122223333:role/r"
session = PipelineSession()
cache = CacheConfig(enable_caching=True, expire_after="P30d")
def plain(**more):
    return Estimator("image", role, 1, "ml.m5.large", **more)
def torch(**more):
    return PyTorch("train.py", role=role, framework_version="2.1", py_version="py310", instance_count=1, **more)
def tuner(estimator):
    return HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=4)
"""


def seen(body: str) -> list[str]:
    """The observations of the last job of a program, as text."""
    _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    return [str(observation.observed) for observation in reading.jobs[-1].observations]


@pytest.mark.parametrize(
    "argument",
    [
        "rules=[Rule.sagemaker(rule_configs.overfit())]",
        "rules=settings.rules",
        "debugger_hook_config=DebuggerHookConfig('s3://b/h')",
        "profiler_config=ProfilerConfig(system_monitor_interval_millis=500)",
        "keep_alive_period_in_seconds=600",
    ],
)
def test_a_tuner_does_not_send_an_argument(argument: str) -> None:
    """The estimator's own `fit` sends it."""
    observed = seen(f"tuner(plain({argument})).fit('s3://b/t')")
    assert [text.partition("(")[0] for text in observed] == ["ArgumentDropped"]
    assert seen(f"e = plain({argument})\ne.fit('s3://b/t')\ntuner(e).fit('s3://b/t')") == []


@pytest.mark.parametrize(
    "argument",
    ["rules=[]", "rules=None", "debugger_hook_config=False", "profiler_config=None", "keep_alive_period_in_seconds=0"],
)
def test_an_argument_that_asks_for_nothing_is_no_loss(argument: str) -> None:
    """AWS's own notebooks turn the hook off."""
    assert seen(f"tuner(plain({argument})).fit('s3://b/t')") == []


def test_a_tuner_does_not_send_how_to_pull_an_image() -> None:
    """From a registry in a VPC; an image in Amazon ECR needs nothing."""
    call = "tuner(plain(training_repository_access_mode={})).fit('s3://b/t')"
    assert seen(call.format("'Vpc'")) == ["ImageAccessDropped(estimator='Estimator')"]
    assert seen(call.format("'Platform'")) == []
    assert seen(call.format("settings.mode")) == []


@pytest.mark.parametrize(
    "step",
    [
        "TuningStep('t', step_args=tuner(torch(sagemaker_session=session)).fit('s3://b/t'), cache_config=cache)",
        "TuningStep('t', tuner(torch(sagemaker_session=session)).fit('s3://b/t'), cache_config=cache)",
        "TuningStep('t', tuner=tuner(torch()), inputs='s3://b/t', cache_config=cache)",
        "TuningStep('t', tuner=tuner(plain(entry_point='train.py')), inputs='s3://b/t', cache_config=cache)",
    ],
)
def test_another_build_misses_the_cache(step: str) -> None:
    """The step has a script."""
    assert [text.partition("(")[0] for text in seen(step)] == ["StepCacheMissed"]


@pytest.mark.parametrize(
    "step",
    [
        "TuningStep('t', step_args=tuner(plain(sagemaker_session=session)).fit('s3://b/t'), cache_config=cache)",
        "TuningStep('t', tuner=tuner(torch()), inputs='s3://b/t', cache_config=CacheConfig())",
        "TuningStep('t', tuner=tuner(torch()), inputs='s3://b/t', cache_config=settings.cache)",
        "TuningStep('t', tuner=tuner(torch()), inputs='s3://b/t')",
        "TuningStep('t', tuner=tuner(plain(entry_point=settings.script)), inputs='s3://b/t', cache_config=cache)",
    ],
)
def test_a_step_that_may_hit_the_cache_is_not_judged(step: str) -> None:
    """It has no cache, or no script that is known."""
    assert seen(step) == []


def test_the_sdk_writes_the_time_into_a_step_with_a_script() -> None:
    """In its recorded answer, the hyperparameter with the time is there only if there is a script."""
    outcomes = recorded(ORACLES["sdk2"], "written")
    for name, has_time in (("pipeline-cache-of-a-script", True), ("pipeline-cache-without-a-script", False)):
        (request,) = outcomes[name]["requests"]
        assert ("sagemaker_job_name" in request["TrainingJobDefinition"]["StaticHyperParameters"]) is has_time
        assert seen_in_program(name) == (["step-cache-missed"] if has_time else [])


def seen_in_program(name: str) -> list[str]:
    """The kinds of what is observed in a program with a recorded answer."""
    _, reading = read_source("program.py", ORACLES["sdk2"].written[name].encode())
    return [observation.kind for job in reading.jobs for observation in job.observations]

"""What a program wants of a tuner that it does not have, and launches that get one name."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source
from tests.oracles.programs import ORACLES
from tests.oracles.record import recorded

HEAD = """
import settings, time
from sagemaker import Session
from sagemaker.analytics import HyperparameterTuningJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
role = "arn:aws:iam::111122223333:role/r"
ranges = {"lr": ContinuousParameter(0.1, 0.5)}
def make(base=None, **more):
    estimator = Estimator(image, role, 1, "ml.m5.large", **more)
    return HyperparameterTuner(estimator, "m", ranges, max_jobs=4, base_tuning_job_name=base)
"""


def seen(body: str, head: str = HEAD) -> list[str]:
    """The observations of the jobs of a program, as text."""
    _, reading = read_source("program.py", (head + body + "\n").encode())
    return [str(observation.observed) for job in reading.jobs for observation in job.observations]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t.set_hyperparameters(a=1)", "MissingMethod(name='set_hyperparameters'"),
        ("print(t.job_name)", "MissingMethod(name='job_name'"),
        ("t.stop()", "MissingMethod(name='stop', instead='stop_tuning_job()')"),
        ("t.analytics.dataframe()", "MethodNotCalled(method='analytics', instead='analytics().dataframe')"),
        ("Estimator.attach(t.best_training_job)", "MethodNotCalled(method='best_training_job'"),
        ("t.best_estimator('churn-1')", "BestEstimatorByName("),
        ("t.best_estimator(best_training_job=f'{settings.name}-1')", "BestEstimatorByName("),
        ("HyperparameterTuner.attach(job_name='a')", "UnknownArgument(owner='attach()', name='job_name'"),
        ("HyperparameterTuner.attach('a', estimator=None)", "UnknownArgument(owner='attach()', name='estimator'"),
        ("HyperparameterTuningJobAnalytics(tuning_job_name='a')", "UnknownArgument("),
    ],
)
def test_a_tuner_does_not_have_it(line: str, expected: str) -> None:
    """Whoever calls it gets an error."""
    (observed,) = seen(f"t = make()\nt.fit('s3://b/t')\n{line}")
    assert observed.startswith(expected)


@pytest.mark.parametrize(
    "line",
    [
        "t.estimator.set_hyperparameters(a=1)",
        "t.stop = settings.stop\nt.stop()",
        "settings.extend(t)\nt.stop()",
        "hasattr(t, 'job_name')\ngetattr(t, 'job_name', None)",
        "try:\n    t.stop()\nexcept AttributeError:\n    t.stop_tuning_job()",
        "if settings.old:\n    t.stop()",
        "settings.retry(t.best_training_job)",
        "t.best_training_job.__name__",
        "t.best_estimator({'TrainingJobName': 'churn-1'})",
        "t.best_estimator(settings.job)",
        "HyperparameterTuner.attach('a', estimator_cls='sagemaker.pytorch.PyTorch')",
        "HyperparameterTuner.attach(**settings.arguments)",
        "HyperparameterTuningJobAnalytics('a', Session())",
    ],
)
def test_what_a_tuner_may_have_is_not_judged(line: str) -> None:
    """Other code may add it, and an error may be expected."""
    assert seen(f"t = make()\nt.fit('s3://b/t')\n{line}") == []


def test_a_description_of_a_job_needs_no_launch() -> None:
    """`best_estimator` then asks for no job of the tuner."""
    assert seen("t = make()\nt.best_estimator({'TrainingJobName': 'churn-1'})\nt.fit('s3://b/t')") == []


@pytest.mark.parametrize(
    "lines",
    [
        "make().fit('s3://b/t', wait=False)\nmake().fit('s3://b/v', wait=False)",
        "make().fit('s3://b/t', wait=False)\nmake().fit('s3://b/v')",
        "t = make('churn')\nt.fit('s3://b/t', wait=False)\nt.fit('s3://b/v', wait=False)",
        "for i in range(3):\n    print(i)\n    make('churn').fit(f's3://b/{i}', wait=False)",
        "for i in range(3):\n    make(f'a-search-for-the-churn-model-{i}').fit('s3://b/t', wait=False)",
    ],
)
def test_launches_in_a_minute_have_one_name(lines: str) -> None:
    """The SDK keeps 20 characters of the base, and adds the time to the minute."""
    observed = seen(lines)
    assert {text.partition("(")[0] for text in observed} == {"SameNameInAMinute"}


@pytest.mark.parametrize(
    "lines",
    [
        "make().fit('s3://b/t', wait=False)",
        "make('churn').fit('s3://b/t', wait=False)\nmake('sales').fit('s3://b/t', wait=False)",
        "make().fit('s3://b/t')\nmake().fit('s3://b/v')",
        "make().fit('s3://b/t', wait=False)\nmake('a').fit('s3://b/v')\nmake().fit('s3://b/t', wait=False)",
        "for i in range(3):\n    make(f'churn-{i}').fit('s3://b/t', wait=False)",
        "for i in range(3):\n    make().fit('s3://b/t', wait=False)\n    time.sleep(60)",
        "for i in range(3):\n    t = make()\n    t.fit('s3://b/t', wait=False)\n    t.wait()",
        "for i in range(3):\n    make().fit(settings.upload(i), wait=False)",
        "for i in range(3):\n    make().fit('s3://b/t', wait=settings.wait)",
        "for i in range(3):\n    make(sagemaker_session=Session(settings.region(i))).fit('s3://b/t', wait=False)",
        "for i in range(3):\n    try:\n        make().fit('s3://b/t', wait=False)\n    except Exception:\n        pass",
        "if settings.a:\n    make().fit('s3://b/t', wait=False)\nelse:\n    make().fit('s3://b/v', wait=False)",
    ],
)
def test_launches_that_may_have_other_names_are_not_judged(lines: str) -> None:
    """Time passes between them, the bases differ, or one of them is not sent."""
    assert [text for text in seen(lines) if text.startswith("SameName")] == []


def test_the_sdk_gives_two_launches_one_name() -> None:
    """In its recorded answer, of a moment that does not pass."""
    requests = recorded(ORACLES["sdk2"], "written")["same-name-in-a-minute"]["requests"]
    names = [request["HyperParameterTuningJobName"] for request in requests]
    assert names == ["churn-260102-0304"] * 2


HEAD_3 = """
import settings
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.resources import TrainingJob
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner
trainer = ModelTrainer(training_image="111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1", role=settings.role)
def make(cls=HyperparameterTuner):
    return cls(trainer, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=4)
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t.fit('s3://b/t')", "MissingMethod(name='fit', instead='tune()')"),
        ("t.deploy(1, 'ml.m5.large')", "MissingMethod(name='deploy', instead='ModelBuilder')"),
        ("t.best_estimator().model_data", "MissingMethod(name='best_estimator', instead='best_training_job()')"),
        ("t.best_estimator.model_data", "MissingMethod(name='best_estimator', instead='best_training_job()')"),
        ("print(t.estimator)", "MissingMethod(name='estimator', instead='model_trainer')"),
        ("t.stop()", "MissingMethod(name='stop', instead='stop_tuning_job()')"),
        (
            "HyperparameterTuner.attach('churn')",
            "MissingMethod(name='attach', instead='HyperParameterTuningJob.get()')",
        ),
        ("t.analytics.dataframe()", "MethodNotCalled(method='analytics', instead='analytics().dataframe')"),
        ("TrainingJob.get(t.best_training_job)", "MethodNotCalled(method='best_training_job'"),
    ],
)
def test_a_tuner_of_version_3_does_not_have_it(line: str, expected: str) -> None:
    """Half of what a tuner of version 2 has is gone."""
    (observed,) = seen(f"t = make()\nt.tune()\n{line}", HEAD_3)
    assert observed.startswith(expected)


@pytest.mark.parametrize("method", ["analytics", "wait", "best_training_job"])
def test_a_tuner_of_version_3_has_no_job_before_its_launch(method: str) -> None:
    """Each of its methods that asks the job raises an error."""
    (observed,) = seen(f"t = make()\nt.{method}()\nt.tune()", HEAD_3)
    assert observed.startswith(f"AskedBeforeLaunch(method='{method}()', is_launched=False")


@pytest.mark.parametrize(
    "line",
    [
        "t.analytics().dataframe()\nt.stop_tuning_job()\nt.describe()",
        "print(t.latest_tuning_job, t.model_trainer, t.model_trainer_dict)",
        "t.estimator = settings.estimator\nprint(t.estimator)",
        "if hasattr(t, 'deploy'):\n    t.deploy()",
        "try:\n    t.fit()\nexcept AttributeError:\n    t.tune()",
        "settings.extend(t)\nt.deploy()",
        "class Own(HyperparameterTuner):\n    def fit(self, inputs):\n        self.tune(inputs)\nmake(Own).fit('s3://b/t')",
        "class Own(HyperparameterTuner):\n    estimator = None\nu = make(Own)\nu.tune()\nprint(u.estimator)",
    ],
)
def test_what_a_tuner_of_version_3_may_have_is_not_judged(line: str) -> None:
    """It has other methods, a subclass may add its own, and an error may be expected."""
    assert seen(f"t = make()\nt.tune()\n{line}", HEAD_3) == []


STEPS = """
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import TrainingStep, TuningStep
t = make(sagemaker_session=PipelineSession(), output_path="s3://churn/models/")
"""
BY_FIT = "s = TuningStep('a', step_args=t.fit('s3://b/t'))\n"
BY_TUNER = "s = TuningStep(name='a', tuner=t)\n"


@pytest.mark.parametrize(
    ("line", "argument"),
    [
        ("TrainingStep('a', estimator=t)", "estimator"),
        ("TrainingStep('a', None, t)", "estimator"),
        ("TrainingStep('a', step_args=t)", "step_args"),
        ("TrainingStep('a', step_args=t.fit('s3://b/t'))", "step_args"),
    ],
)
def test_a_training_step_takes_no_tuner(line: str, argument: str) -> None:
    """Neither the tuner nor what its `fit()` returns."""
    (observed,) = seen(f"{STEPS}{line}")
    assert observed == f"TunerInTrainingStep(argument='{argument}')"


@pytest.mark.parametrize(
    "line",
    [
        "TrainingStep('a', estimator=t.estimator)",
        "TrainingStep('a', step_args=t.estimator.fit('s3://b/t'))",
        "TrainingStep('a', estimator=settings.estimator)",
        "try:\n    TrainingStep('a', estimator=t)\nexcept AttributeError:\n    pass",
    ],
)
def test_a_training_step_with_an_estimator_is_fine(line: str) -> None:
    """So is one whose error the program expects."""
    assert seen(f"{STEPS}{line}") == []


@pytest.mark.parametrize("step", [BY_FIT, BY_TUNER])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("0, 'churn'", "s3://churn"),
        ("0, s3_bucket='churn', prefix='model'", "s3://churn/model"),
        ("0, s3_bucket='other', prefix='models'", "s3://other/models"),
        ("top_k=settings.k, s3_bucket='s3://churn', prefix='models'", "s3://s3://churn/models"),
    ],
)
def test_the_best_model_is_stored_elsewhere(step: str, arguments: str, named: str) -> None:
    """The address is joined from the arguments, and has nothing of the estimator's `output_path`."""
    (observed,) = seen(f"{STEPS}{step}if settings.a:\n    s.get_top_model_s3_uri({arguments})")
    assert f"(named='{named}', stored='s3://churn/models', bucket='churn', prefix='models')" in observed


@pytest.mark.parametrize("step", [BY_FIT, BY_TUNER])
@pytest.mark.parametrize(
    "lines",
    [
        "s.get_top_model_s3_uri(0, 'churn', 'models')",
        "s.get_top_model_s3_uri(0, 'churn/models')",
        "s.get_top_model_s3_uri(0, settings.bucket, 'models')",
        "s.get_top_model_s3_uri(0, 'churn', settings.prefix)",
        "s.get_top_model_s3_uri(0, 'churn', **settings.more)",
        "settings.change(t.estimator)\ns = TuningStep(name='a', tuner=t)\ns.get_top_model_s3_uri(0, 'churn')",
        "def model(bucket):\n    return s.get_top_model_s3_uri(0, bucket)\nmodel('churn')\nmodel('churn/models')",
        "t = make()\ns = TuningStep(name='a', tuner=t)\ns.get_top_model_s3_uri(0, 'churn')",
    ],
)
def test_an_address_that_may_be_the_models_is_fine(step: str, lines: str) -> None:
    """Where the bucket, the prefix or the `output_path` is not known, or differs between calls, nothing is claimed."""
    assert seen(f"{STEPS}{step}{lines}") == []

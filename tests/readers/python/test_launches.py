"""Which launches a source has, and with what, where a tuner is shown, stored, handed over, switched off or derived."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Struct, Unknown, follow, plain
from hpolint.readers import read_source

HEAD = """
import logging, pickle, pprint
import joblib, json, mlflow, wandb
from rich import print as show
from loguru import logger as loud
from elsewhere import tracker, Box
from other.steps import TrainStep, TunerOperator, Gadget
from sagemaker.estimator import Estimator
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
from sagemaker.workflow.airflow import tuning_config
logger = logging.getLogger(__name__)
ranges = {"eta": ContinuousParameter(0.1, 0.5)}
estimator = Estimator("image", "role", 2, "ml.m5.large")
"""
TUNER = "tuner = HyperparameterTuner(estimator, 'auc', ranges, max_jobs=9, max_parallel_jobs=3)\n"
CONFIG = "HyperParameterTuningJobConfig"
LIMITS = (CONFIG, "ResourceLimits")
BOTH = {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 3}


def jobs(text: str) -> list[TuningJob]:
    """The jobs of a module."""
    _, reading = read_source("x.py", (HEAD + text).encode())
    assert reading.problems == []
    return reading.jobs


def at(job: TuningJob, *path: str | int) -> Any:
    """The plain value at a path; the reason of an unknown one."""
    node = follow(job.request, path)
    if node is None:
        return None
    return node.reason if isinstance(node, Unknown) else plain(node)


@pytest.mark.parametrize(
    "call",
    [
        *(
            "logger.info('%s', tuner)",
            "logging.getLogger('x').warning(tuner)",
            "logging.info(tuner)",
            "loud.debug(tuner)",
        ),
        *("loud.bind(a=1).info('{}', tuner)", "show(tuner)", "pprint.pprint(tuner)", "pickle.dump(tuner, file)"),
        *("joblib.dump(tuner, 'x')", "json.dumps(tuner)", "mlflow.log_params(ranges)", "mlflow.set_tag('t', tuner)"),
        *("tracker.log_parameters(ranges)", "wandb.config.update(ranges)", "wandb.init(config=ranges).log(ranges)"),
        *(
            "display(tuner)",
            "print(tuner)",
            "self.logger.exception(tuner)",
            "LOG.info(tuner)",
            "context.log.info(tuner)",
        ),
    ],
)
def test_what_only_shows_or_stores_a_tuner_changes_nothing(call: str) -> None:
    """Who logs the tuner before `fit` has the same job as who does not."""
    (job,) = jobs(f"{TUNER}{call}\ntuner.fit()\n")
    assert at(job, *LIMITS) == BOTH
    assert at(job, CONFIG, "ParameterRanges", "ContinuousParameterRanges", 0, "MaxValue") == "0.5"


@pytest.mark.parametrize("call", ["tracker.adjust(tuner)", "Box(tuner)", "helper(tuner)", "catalog.info(tuner)"])
def test_what_may_change_a_tuner_still_may(call: str) -> None:
    """Nothing is known of a tuner that something unknown has had in its hands, and the reason says which."""
    (job,) = jobs(f"{TUNER}{call}\ntuner.fit()\n")
    assert "which may change it" in at(job, *LIMITS)


@pytest.mark.parametrize("cls", ["TrainStep", "TunerOperator"])
def test_a_step_of_another_library_launches_the_tuner_that_it_is_given(cls: str) -> None:
    """As it was written until then; the report says where it went."""
    (job,) = jobs(f"{TUNER}step = {cls}(name='tune', tuner=tuner)\ntuner.max_jobs = 50\n")
    assert at(job, *LIMITS) == BOTH
    assert job.carrier == f"tuner, as handed to `{cls}`"


@pytest.mark.parametrize(
    "call",
    ["step = Gadget(tuner=tuner)", "step = TrainStep(tuner)", "step = TrainStep(tuner=tuner)\ntuner.fit()"],
)
def test_any_other_hand_over_stays_unknown(call: str) -> None:
    """Another class, another argument, or a launch that comes after it."""
    (job,) = jobs(f"{TUNER}{call}\n")
    assert "which may change it" in at(job, *LIMITS)
    assert job.carrier is None


SWITCHED = """
kind = "xgboost"
if kind == "xgboost":
    ranges = {{"eta": ContinuousParameter(0.1, 0.5)}}
elif kind == "forest":
    {other}
if kind == "xgboost":
    tuner = HyperparameterTuner(estimator, 'auc', ranges, max_jobs=9)
elif kind == "forest":
    tuner = HyperparameterTuner(estimator, kind, ranges, max_jobs=8)
tuner.fit()
"""


def test_a_branch_that_is_not_taken_is_followed_under_its_own_condition() -> None:
    """Its tuner has the ranges of the same test's branch, and the variable is what the test wants."""
    taken, other = jobs(SWITCHED.format(other="ranges = {'depth': IntegerParameter(2, 6)}"))
    assert at(taken, CONFIG, "ParameterRanges", "ContinuousParameterRanges", 0, "Name") == "eta"
    assert at(taken, CONFIG, "ParameterRanges", "IntegerParameterRanges") == []
    assert at(other, CONFIG, "ParameterRanges", "ContinuousParameterRanges") == []
    assert at(other, CONFIG, "ParameterRanges", "IntegerParameterRanges", 0, "Name") == "depth"
    assert at(other, CONFIG, "HyperParameterTuningJobObjective", "MetricName") == "forest"


@pytest.mark.parametrize("other", ["ranges['depth'] = IntegerParameter(2, 6)", "pass", "ranges.update(more)"])
def test_what_another_condition_has_set_is_unknown_in_a_branch_that_is_not_taken(other: str) -> None:
    """A job that cannot exist is not made up of both."""
    taken, off = jobs(SWITCHED.format(other=other))
    assert at(taken, CONFIG, "ParameterRanges", "ContinuousParameterRanges", 0, "Name") == "eta"
    assert "which has another value where this branch is taken" in at(off, CONFIG, "ParameterRanges")


def test_switches_that_have_nothing_to_do_with_each_other_do_not_meet() -> None:
    """What one sets is what it is, whether or not the other is turned on."""
    text = "SPOT, TUNE = True, False\nif SPOT:\n    n = 7\nelse:\n    n = 8\nif TUNE:\n"
    (job,) = jobs(text + "    HyperparameterTuner(estimator, 'auc', ranges, max_jobs=n).fit()\n")
    assert at(job, *LIMITS, "MaxNumberOfTrainingJobs") == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n = 2 if DEBUG else 20\n", "depends on `DEBUG`"),
        ("n = {True: 2, False: 20}[DEBUG]\n", "depends on `DEBUG`"),
        ("m = 2 if DEBUG else 20\nn = m + 1\n", "depends on `DEBUG`"),
        ("for n in ([2] if DEBUG else [20]):\n    pass\n", "depends on `DEBUG`"),
        ("print(n := 2 if DEBUG else 20)\n", "depends on `DEBUG`"),
        ("m = DEBUG\nfor n in [20]:\n    pass\n", 20),
        ("def jobs():\n    return 2 if DEBUG else 20\nn = jobs()\n", "depends on `DEBUG`"),
        ("if DEBUG:\n    n = 2\nn = 100\n", 100),
        ("if DEBUG:\n    n = 2\nelse:\n    n = 5\n", 2),
        ("if DEBUG:\n    n = 2\nif DEBUG:\n    pass\n", 2),
        ("n = 7\n", 7),
    ],
)
def test_what_depends_on_a_switch_is_not_what_it_is_with_the_switch_off(text: str, expected: Any) -> None:
    """In the branch that is turned off, a value is what it would be there, or unknown."""
    (job,) = jobs(
        f"DEBUG = False\n{text}if DEBUG:\n    HyperparameterTuner(estimator, 'm', ranges, max_jobs=n).fit()\n"
    )
    found = at(job, *LIMITS, "MaxNumberOfTrainingJobs")
    assert found == expected if isinstance(expected, int) else expected in found


@pytest.mark.parametrize(
    "text",
    [
        "if DEBUG:\n    kw = {'max_jobs': 3}\nelse:\n    kw = {'max_jobs': 4}\nkw['max_jobs'] = 50\n",
        "cfg = {'debug': False, 'max_jobs': 100}\nDEBUG = cfg['debug']\nkw = {'max_jobs': 2 if DEBUG else 100}\n",
    ],
)
def test_what_is_changed_in_place_after_a_switch_is_unknown_where_it_is_turned_on(text: str) -> None:
    """It may have the changes of both branches."""
    (job,) = jobs(f"DEBUG = False\n{text}if DEBUG:\n    HyperparameterTuner(estimator, 'm', ranges, **kw).fit()\n")
    assert not isinstance(at(job, *LIMITS, "MaxNumberOfTrainingJobs"), int)


def test_a_switch_of_the_module_is_turned_on_within_functions_too() -> None:
    """And what a function makes of it is what it makes of the switch turned on."""
    text = "DEBUG = False\ndef parallel():\n    return 1 if DEBUG else 50\ndef main():\n    if DEBUG:\n"
    text += "        HyperparameterTuner(estimator, 'm', ranges, max_parallel_jobs=parallel()).fit()\nmain()\n"
    (job,) = jobs(text)
    assert at(job, *LIMITS, "MaxParallelTrainingJobs") == 1


def test_what_is_empty_is_not_empty_where_it_is_asked_whether_it_is() -> None:
    """A dict that turns a branch off for holding nothing holds something there."""
    (job,) = jobs("spaces = {}\nif spaces:\n    HyperparameterTuner(estimator, 'm', spaces).fit()\n")
    lists = follow(job.request, (CONFIG, "ParameterRanges"))
    assert isinstance(lists, Struct)
    assert all(isinstance(ranges, Array) and ranges.open is not None for ranges in lists.members.values())


@pytest.mark.parametrize("loop", ["in tqdm(spaces)", "in track(spaces)", "in list(tqdm(spaces))"])
def test_a_progress_bar_gives_the_very_items(loop: str) -> None:
    """Who changes them behind it has changed them."""
    text = "from tqdm import tqdm\nfrom rich.progress import track\nspaces = [{'lr': ContinuousParameter(0.1, 0.2)}]\n"
    text += f"for s {loop}:\n    s['lr'] = ContinuousParameter(0.1, 0.9)\n"
    (job,) = jobs(f"{text}HyperparameterTuner(estimator, 'm', spaces[0]).fit()\n")
    assert at(job, CONFIG, "ParameterRanges", "ContinuousParameterRanges", 0, "MaxValue") == "0.9"


def test_arguments_of_airflow_are_templates() -> None:
    """Strings with `{{ … }}` are placeholders, which Airflow renders in each run."""
    (job,) = jobs(f"{TUNER}config = tuning_config(tuner, inputs='s3://b/{{{{ ds }}}}', job_name='tune-{{{{ ds }}}}')\n")
    assert at(job, "HyperParameterTuningJobName") == "contains the placeholder {{ ds }}"
    channel = ("TrainingJobDefinition", "InputDataConfig", 0, "DataSource", "S3DataSource", "S3Uri")
    assert at(job, *channel) == "contains the placeholder {{ ds }}"
    assert at(job, *LIMITS) == BOTH


@pytest.mark.parametrize(
    "call",
    [
        "Trainer().tune(max_jobs=7)",
        "trainer = Trainer()\ntrainer.go()",
        "def main(arguments):\n    Trainer().go()\nmain(parse())",
        "with Trainer() as trainer:\n    trainer.go()",
    ],
)
@pytest.mark.parametrize("base", ["", "(Box)"])
def test_a_method_that_an_object_of_its_class_calls_is_called(call: str, base: str) -> None:
    """Its job has what the call gives, and there is no second one with the parameter's default."""
    cls = f"class Trainer{base}:\n    def __enter__(self):\n        return self\n"
    cls += "    def __exit__(self, *_):\n        pass\n"
    cls += "    def tune(self, max_jobs=50):\n"
    cls += "        HyperparameterTuner(estimator, 'auc', ranges, max_jobs=max_jobs).fit()\n"
    cls += "    def go(self):\n        self.tune(max_jobs=7)\n"
    (job,) = jobs(f"{cls}{call}\n")
    assert at(job, *LIMITS, "MaxNumberOfTrainingJobs") == 7


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("pass", 9),
        ("def __init__(self, *args, **named):\n        super().__init__(*args, **named)", 9),
        ("def __init__(self, a, b, c, max_jobs):\n        super().__init__(a, b, c, max_jobs=max_jobs)", 9),
        ("def __init__(self, *args, max_jobs, **named):\n        super().__init__(*args, max_jobs=4, **named)", 4),
    ],
)
def test_a_subclass_that_only_passes_its_arguments_on_is_the_tuner(body: str, expected: int) -> None:
    """A team's own class that adds nothing to the SDK's hides no job."""
    text = f"class Tuner(HyperparameterTuner):\n    '''Ours.'''\n    {body}\n"
    (job,) = jobs(f"{text}tuner = Tuner(estimator, 'auc', ranges, max_jobs=9)\ntuner.fit()\n")
    assert at(job, *LIMITS, "MaxNumberOfTrainingJobs") == expected


@pytest.mark.parametrize(
    "body",
    [
        "def fit(self):\n        self.max_jobs = 100\n        super().fit()",
        "fit = other.fit",
        "max_jobs = property(other)",
        "__init__ = functools.partialmethod(HyperparameterTuner.__init__, max_jobs=50)",
        "__init__ = lambda self, *args, **named: None",
    ],
)
def test_a_subclass_that_does_more_is_no_job(body: str) -> None:
    """The job that it launches is unknown."""
    text = f"class Tuner(HyperparameterTuner):\n    {body}\n"
    assert jobs(f"{text}Tuner(estimator, 'auc', ranges, max_jobs=9).fit()\n") == []


NOTES = """
!aws s3 cp --recursive s3://bucket/data .
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator('i', 'r/r', 1, 'ml.m5.large')
HyperparameterTuner(estimator, 'm', {'a': ContinuousParameter(0, 1)}, max_jobs=9).fit()
"""


def test_a_file_of_notes_is_read_though_it_holds_shell_lines() -> None:
    """An IDE runs it piece by piece; a source that is still not Python is reported."""
    assert len(read_source("notes.py", NOTES.encode())[1].jobs) == 1
    (problem,) = read_source("notes.py", NOTES.replace(".fit()", ".fit(").encode())[1].problems
    assert problem.span.line >= 2


def spot_comments(text: str, name: str = "x.py") -> list[str]:
    """The kinds of what is observed of the only job of a source."""
    (job,) = read_source(name, text.encode())[1].jobs
    return [each.kind for each in job.observations]


def test_a_comment_about_spot_within_the_call_is_a_decision() -> None:
    """The setting commented out, or why there is none; a comment elsewhere is about something else."""
    text = NOTES.split("\n", 2)[2]
    call = "Estimator('i', 'r/r', 1, 'ml.m5.large')"
    within = text.replace(call, "Estimator('i', 'r/r', 1,\n    'ml.m5.large',  # no quota for Spot\n)")
    assert spot_comments(within) == ["spot-turned-down"]
    behind = text.replace(call, f"{call}  # use_spot_instances=True")
    assert spot_comments(behind) == ["spot-turned-down"]
    assert spot_comments(text.replace(call, f"{call}\n# use_spot_instances=True")) == []
    assert spot_comments(text.replace(call, f"{call}  # finds hotspots")) == []
    assert spot_comments(text.replace(call, "Estimator('# spot', 'r/r', 1, 'ml.m5.large')")) == []


EXPECTED = """import unittest
import pytest
from pytest import raises
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner
estimator = Estimator("image:1", "role", 1, "ml.m5.large")
tuner = HyperparameterTuner(estimator, "loss", {}, max_jobs=9)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with pytest.raises(ValueError):\n    tuner.fit()\n", 0),
        ("with raises(ValueError, match='x') as caught, open('a') as file:\n    HyperparameterTuner(estimator)\n", 1),
        ("with pytest.raises(ValueError):\n    HyperparameterTuner(estimator, 'loss', {}).fit()\ntuner.fit()\n", 1),
        ("with pytest.raises(ValueError):\n    tuner.fit()\ntuner.fit()\n", 1),
        ("def check(self):\n    with self.assertRaises(ValueError):\n        tuner.fit()\ncheck(unittest)\n", 0),
        ("with pytest.warns(UserWarning):\n    tuner.fit()\n", 1),
    ],
    ids=["launched", "made", "both", "launched again", "unittest", "warns"],
)
def test_a_call_that_a_test_expects_to_fail_is_no_job(text: str, expected: int) -> None:
    """In a test file, a job that is only made or launched where an exception is awaited is left out."""
    source = f"{EXPECTED}{text}".encode()
    assert len(read_source("tests/test_tuning.py", source)[1].jobs) == expected
    assert read_source("launch.py", source)[1].jobs


@pytest.mark.parametrize("cls", ["sagemaker.s3_input", "sagemaker.session.s3_input", "sagemaker.inputs.s3_input"])
def test_the_inputs_of_version_1_are_channels(cls: str) -> None:
    """Their content type and mode are known, also by position."""
    first = f"{cls}('s3://b/train', 'ShardedByS3Key', content_type='csv', input_mode='Pipe')"
    second = f"{cls}('s3://b/test', None, None, None, None, 'S3Prefix', 'Pipe')"
    (job,) = jobs(f"import sagemaker\n{TUNER}tuner.fit({{'train': {first}, 'validation': {second}}})\n")
    channels = ("TrainingJobDefinition", "InputDataConfig")
    assert at(job, *channels, 0, "ContentType") == "csv"
    assert at(job, *channels, 0, "InputMode") == "Pipe"
    assert at(job, *channels, 0, "DataSource", "S3DataSource", "S3DataDistributionType") == "ShardedByS3Key"
    assert at(job, *channels, 1, "InputMode") == "Pipe"

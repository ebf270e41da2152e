"""Names that are known in part decide `policy/name-pattern` where no completion changes the verdict."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Command

TUNER = """
import time
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from sagemaker.workflow.pipeline_context import PipelineSession

image = sagemaker.image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
estimator = Estimator(image, "role", 1, "ml.m5.xlarge"{session})
tuner = HyperparameterTuner(estimator, "m", {{"a": IntegerParameter(1, 9)}}, [{{"Name": "m", "Regex": "m=(.*)"}}]{base})
{launch}
"""
TIMED = 'tuner.fit(job_name=f"xgb-{time.time()}")'
BASE = ', base_tuning_job_name="xgb"'
LONG_BASE = ', base_tuning_job_name="xgb-with-more-than-twenty"'
RULE = "policy/name-pattern"


@pytest.mark.parametrize(
    ("parts", "pattern", "expected"),
    [
        ({"launch": TIMED}, "^team-.*", "The name `xgb-…` does not match `^team-.*`"),
        ({"launch": TIMED}, "^xgb-", None),
        ({"launch": TIMED}, "^xgb-[0-9]+$", "undecided"),
        ({"base": BASE}, "^team-", "The name `xgb-…` does not match `^team-`"),
        ({"base": BASE}, "^xgb-", None),
        ({"base": LONG_BASE}, "^xgb-with-more-than-t-", None),  # the SDK keeps 20 characters
        ({}, "^team-", "The name `sagemaker-xgboost-…` does not match `^team-`"),
        ({}, "^sagemaker-xgboost-", None),
        ({"base": BASE, "launch": ""}, "^team-", "undecided"),  # another module may launch it by another name
        ({"base": BASE, "session": ", sagemaker_session=PipelineSession()"}, "^team-", "undecided"),
        ({"base": BASE, "session": ", sagemaker_session=session"}, "^team-", "undecided"),
        ({"launch": "tuner.fit(job_name=time.strftime('%y'))"}, "^team-", "undecided"),
    ],
)
def test_the_known_parts_of_a_name_decide(
    hpolint: Command, parts: dict[str, str], pattern: str, expected: str | None
) -> None:
    """A violation or a pass is certain, or a demanded decision is reported as open."""
    source = TUNER.format(**{"session": "", "base": "", "launch": "tuner.fit()", **parts})
    hpolint.write("tune.py", source)
    hpolint.write("hpolint.toml", f'select = ["{RULE}"]\n[rules."{RULE}"]\npattern = "{pattern}"\n')
    report = json.loads(hpolint("check", "tune.py", "--output", "json").stdout)
    messages = [each["message"][0] for each in report["findings"]]
    is_open = any(each["rule"] == RULE for each in report["undecided"])
    if expected == "undecided":
        assert (messages, is_open) == ([], True)
    else:
        assert (messages, is_open) == ([expected] if expected else [], False)

"""The fenced examples of a rule, completed to a whole request where necessary.

An example is a whole definition if a reader finds a job (or a problem) in it. Otherwise it is a
fragment whose kind depends on the rule's scope: one range, one channel, members of a training
job definition, or members of a HyperParameterTuningJobConfig.
"""

from __future__ import annotations

import json
import re
from typing import Any

from hpolint.io import disk
from hpolint.io.overlay import Overlay
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading, mark_parents
from hpolint.model.node import plain
from hpolint.model.rule import Example, Rule
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.readers.script_files import Scripts
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.json_syntax import parse_json
from hpolint.syntax.yaml_syntax import parse_yaml

RANGES = {
    "continuous": "ContinuousParameterRanges",
    "integer": "IntegerParameterRanges",
    "categorical": "CategoricalParameterRanges",
}


FILE = lazy_regex(r"^# file: (\S+)\n", re.MULTILINE)
"""The heading of another file of the example, such as a training script."""

NOTEBOOK = "notebook"
"""The word after ``json`` of an example that is a notebook."""

SUFFIXES = {"json": "json", "yaml": "yaml", "python": "py"}


class ExampleError(ValueError):
    """An example that is neither a definition nor a valid fragment of one."""


def read_example(rule: Rule, example: Example) -> tuple[Source, Reading]:
    """The example as a source, completed if it is a fragment, and its jobs. Raises ExampleError."""
    suffix = next((SUFFIXES[word] for word in example.words if word in SUFFIXES), None)
    if NOTEBOOK in example.words:
        suffix = "ipynb"
    if suffix is None:
        language = " ".join(example.words) or "no language"
        raise ExampleError(f"an example in {language} cannot be read: use {', '.join(SUFFIXES)}")
    own, beside = split_files(example.text)
    with disk.overlaid(Overlay(beside, is_given=True)):
        source, reading = read_source(f"example.{suffix}", own.encode())
        scripts = Scripts([])
        for job in reading.jobs:
            job.scripts = scripts.of(job)
            job.observations += scripts.observations(job)
    if reading.jobs or reading.problems:
        mark_parents(reading.jobs)
        return source, reading
    text = json.dumps(_completed(rule, example), indent=2)
    source, reading = read_source("example.json", text.encode())
    if not reading.jobs:
        raise ExampleError("this example holds no tuning job, even when it is completed to a request")
    return source, reading


def split_files(text: str) -> tuple[str, dict[str, bytes]]:
    """The example itself, and the content of its other files by name: each follows a line ``# file: NAME``."""
    own, *rest = FILE.split(text)
    return own, {name: content.encode() for name, content in zip(rest[::2], rest[1::2], strict=True)}


def with_file(text: str, name: str, content: str) -> str:
    """An example with another content of one of its files."""
    own, files = split_files(text)
    texts = {file: data.decode() for file, data in files.items()} | {name: content}
    return own + "".join(f"# file: {file}\n{other}" for file, other in texts.items())


def _completed(rule: Rule, example: Example) -> dict[str, Any]:
    try:
        source = Source("example", example.text)
        (document,) = [parse_json(source)] if "json" in example.words else list(parse_yaml(source))
        part = plain(document)
    except (SyntaxProblem, ValueError) as error:
        raise ExampleError(f"this example does not parse: {error}") from None
    if not isinstance(part, dict):
        raise ExampleError("this example is not a structure")
    request = frame()
    if rule.scope == "parameter":
        kind = "integer" if "integer" in example.words else "continuous"
        if "Values" in part:
            kind = "categorical"
        request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {RANGES[kind]: [part]}
    elif rule.scope == "channel":
        request["TrainingJobDefinition"]["InputDataConfig"] = [part]
    elif rule.scope in ("training", "metric"):
        request["TrainingJobDefinition"] |= part
    else:
        request["HyperParameterTuningJobConfig"] |= part
    return request


def frame() -> dict[str, Any]:
    """A complete request without findings."""
    return {
        "HyperParameterTuningJobName": "example",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "TrainingJobEarlyStoppingType": "Auto",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 2},
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "9"}]},
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {"objective": "reg:squarederror", "num_round": "300"},
            "AlgorithmSpecification": {
                "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
                "TrainingInputMode": "File",
            },
            "RoleArn": "arn:aws:iam::111122223333:role/tuning",
            "InputDataConfig": [_channel("train"), _channel("validation")],
            "OutputDataConfig": {"S3OutputPath": "s3://example-bucket/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
            "EnableManagedSpotTraining": True,
        },
    }


def _channel(name: str) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://example-bucket/{name}"}}
    return {"ChannelName": name, "DataSource": source}

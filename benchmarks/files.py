"""The synthetic files that are measured, the same ones on each machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

FILES, MIN_BYTES, MAX_BYTES = 2_000, 500, 19_700  # the last item of a file goes up to 300 bytes further
NOTEBOOKS, TUNED_EVERY, CELLS = 1_000, 16, 24
PICTURES = 8

WORDS = (
    *("account", "archive", "basket", "billing", "bridge", "catalog", "channel", "cluster", "context", "coupon"),
    *("daemon", "delivery", "engine", "export", "gateway", "harbour", "index", "invoice", "journal", "ledger"),
    *("locale", "market", "message", "network", "order", "partner", "payment", "pipeline", "profile", "quota"),
    *("region", "report", "schedule", "session", "shipment", "storage", "supplier", "ticket", "tracker", "window"),
)


def write_tree(folder: Path) -> int:
    """Write the unrelated files, the same ones on each machine. Returns their bytes."""
    total = 0
    for index in range(FILES):
        suffix, items, (opening, separator, closing) = FORMS[index % len(FORMS)]
        # A step without a common factor spreads the sizes evenly over the whole range.
        size = MIN_BYTES + index * 7_919 % (MAX_BYTES - MIN_BYTES)
        text = opening + fill(items(index), separator, size - len(opening) - len(closing)) + closing
        path = folder.joinpath(*(f"part-{index // 5**level % 5}" for level in range(1, index % 5 + 1)))
        path.mkdir(parents=True, exist_ok=True)
        data = text.encode("ascii")
        (path / f"{word(index)}-{index:04}{suffix}").write_bytes(data)
        total += len(data)
    return total


def fill(items: Iterator[str], separator: str, size: int) -> str:
    """As many items as it takes to reach a size."""
    found: list[str] = []
    while size > 0:
        found.append(next(items))
        size -= len(found[-1]) + len(separator)
    return separator.join(found)


def word(number: int) -> str:
    """A word that has nothing to do with tuning. The mixing keeps neighbours from looking alike."""
    return WORDS[(number * 2_654_435_761 >> 7) % len(WORDS)]


def json_items(seed: int) -> Iterator[str]:
    """Members of a list in a JSON file."""
    for n in count(seed * 1_000):
        tags = [word(n + step) for step in range(3)]
        record = {"name": f"{word(n)}-{n}", "owner": word(n * 3), "enabled": n % 3 > 0, "weight": n % 97, "tags": tags}
        yield "    " + json.dumps(record | {"url": f"https://{word(n * 7)}.example.com/{word(n * 5)}/{n}"})


def yaml_items(seed: int) -> Iterator[str]:
    """Members of a list in a YAML file."""
    for n in count(seed * 1_000):
        yield (
            f"  - name: {word(n)}-{n}\n    owner: {word(n * 3)}\n    weight: {n % 97}\n"
            f"    image: registry.example.com/{word(n * 7)}/{word(n * 5)}:{n % 9}.{n % 7}\n"
            f"    ports: [{n % 60_000 + 1_024}]\n"
        )


def python_items(seed: int) -> Iterator[str]:
    """Functions of a Python module."""
    for n in count(seed * 1_000):
        one, other = word(n), word(n * 3)
        yield (
            f"def {one}_{n}({other}: dict[str, int]) -> int:\n"
            f'    """Count what the {one} has of the {word(n * 7)}."""\n'
            f'    total = {other}.get("{word(n * 5)}", {n % 97})\n'
            f"    return total + len({other})\n"
        )


FORMS: tuple[tuple[str, Callable[[int], Iterator[str]], tuple[str, str, str]], ...] = (
    (".json", json_items, ('{\n  "version": 1,\n  "entries": [\n', ",\n", "\n  ]\n}\n")),
    (".yaml", yaml_items, ("version: 1\nentries:\n", "", "")),
    (".py", python_items, ('"""Part of a service."""\n\n\n', "\n\n", "")),
)


def request() -> dict[str, Any]:
    """A whole request, as people write them: its linear learning rate is what hpolint must find."""
    return {
        "HyperParameterTuningJobName": "churn-xgboost",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 10},
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "learning_rate", "MinValue": "0.0001", "MaxValue": "0.3", "ScalingType": "Linear"},
                    {"Name": "subsample", "MinValue": "0.5", "MaxValue": "1", "ScalingType": "Linear"},
                ],
                "IntegerParameterRanges": [
                    {"Name": "max_depth", "MinValue": "3", "MaxValue": "10", "ScalingType": "Auto"}
                ],
            },
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {
                "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
                "TrainingInputMode": "File",
            },
            "RoleArn": "arn:aws:iam::111122223333:role/sagemaker-tuning",
            "InputDataConfig": [channel("train"), channel("validation")],
            "OutputDataConfig": {"S3OutputPath": "s3://example-churn/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "200"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    }


def channel(name: str) -> dict[str, Any]:
    """An input channel of the request."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://example-churn/{name}"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def write_notebooks(folder: Path) -> int:
    """Write notebooks, one in ``TUNED_EVERY`` with a tuning job, as people keep them: with their outputs.

    Returns their bytes.
    """
    folder.mkdir()
    total = 0
    for index in range(NOTEBOOKS):
        sources = [cell(index * CELLS + number) for number in range(CELLS - index % 9)]
        if index % TUNED_EVERY == 0:
            sources[-1:-1] = tuner(index)
        data = json.dumps(notebook(sources, index), indent=1).encode("ascii")
        (folder / f"{word(index)}-{index:04}.ipynb").write_bytes(data)
        total += len(data)
    return total


def write_pictures(folder: Path, size: int) -> int:
    """Write notebooks with a tuner whose numbers are in a module and a data file beside them, and with a picture.

    ``size`` are the bytes of a picture, 0 for none. Returns the bytes of all pictures.
    """
    folder.mkdir()
    (folder / "settings.py").write_text("ROUNDS = 120\n", encoding="utf-8")
    (folder / "sizes.json").write_text('{"depth": 10}\n', encoding="utf-8")
    for number in range(PICTURES):
        made = notebook([SETTINGS, *TUNER.split("\n\n\n")], 1)
        picture = base64.b64encode(Random(number).randbytes(size * 3 // 4)).decode("ascii")
        output = {"data": {"image/png": picture}, "metadata": {}, "output_type": "display_data"}
        made["cells"][1]["outputs"] = [output]
        (folder / f"pictures-{number:02}.ipynb").write_text(json.dumps(made, indent=1), encoding="utf-8")
    return PICTURES * size


SETTINGS = """\
import json
from settings import ROUNDS
with open("sizes.json") as file:
    sizes = json.load(file)
"""


def notebook(sources: list[str], seed: int) -> dict[str, Any]:
    """A notebook with these cells, text between them, and a picture now and then."""
    cells: list[dict[str, Any]] = []
    for number, source in enumerate(sources):
        said = f"## {word(number)}\n\nWe look at the {word(seed + number)} of each {word(seed * 3 + number)}."
        cells.append({"cell_type": "markdown", "metadata": {}, "source": said.splitlines(keepends=True)})
        outputs = [{"name": "stdout", "output_type": "stream", "text": [f"{word(seed)}: {number}\n"]}]
        if (seed + number) % 13 == 0:
            picture = {"image/png": f"{seed * 7_919 + number:08x}" * 4_000}
            outputs.append({"output_type": "display_data", "data": picture, "metadata": {}})  # type: ignore[dict-item]
        lines = source.splitlines(keepends=True)
        code = {"cell_type": "code", "execution_count": number, "metadata": {}, "outputs": outputs, "source": lines}
        cells.append(code)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def cell(seed: int) -> str:
    """A cell that loads, loops and plots."""
    one, other, third = word(seed), word(seed * 3), word(seed * 7)
    return (
        f"%matplotlib inline\nimport numpy as np\nimport pandas as pd\n\n"
        f'{one} = pd.read_csv("{other}-{seed}.csv", header=None)\n'
        f"totals = {{}}\n"
        f"for name, group in {one}.groupby('{third}'):\n"
        f"    totals[name] = group['{other}'].sum() * {seed % 97} + 1\n"
        f"def share(values, size={seed % 11}):\n"
        f"    return np.mean([value / size for value in values if value > 0])\n"
        f"print(share(list(totals.values()), {seed % 7 + 1}))\n"
    )


def tuner(seed: int) -> list[str]:
    """Cells that define and launch a tuning job."""
    return [part.replace("ROUNDS", str(100 + seed % 50)) for part in TUNER.split("\n\n\n")]


# Its linear learning rate is what hpolint must find.
TUNER = """\
import boto3, sagemaker
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

session = sagemaker.Session()
bucket = session.default_bucket()
image = sagemaker.image_uris.retrieve("xgboost", boto3.Session().region_name, "1.7-1")


estimator = sagemaker.estimator.Estimator(
    image, sagemaker.get_execution_role(), instance_count=1, instance_type="ml.m5.xlarge",
    output_path=f"s3://{bucket}/output", sagemaker_session=session,
)
estimator.set_hyperparameters(objective="binary:logistic", num_round=ROUNDS)


ranges = {
    "eta": ContinuousParameter(0.0001, 0.3, scaling_type="Linear"),
    "max_depth": IntegerParameter(3, 10),
}
tuner = HyperparameterTuner(estimator, "validation:auc", ranges, max_jobs=20, max_parallel_jobs=10)


tuner.fit({"train": f"s3://{bucket}/train", "validation": f"s3://{bucket}/validation"})
"""

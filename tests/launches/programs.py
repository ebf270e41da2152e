"""Programs that launch a tuning job whose instance type is written somewhere: ``KIND`` stands for it."""

from __future__ import annotations

IMPORTS = """import argparse
import itertools
import os
import sys
import boto3
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
"""

TUNER = """
def tuner_of(kind, n=2):
    estimator = Estimator("image:1", "arn:aws:iam::111122223333:role/x", instance_count=1, instance_type=kind)
    ranges = {"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")}
    metrics = [{"Name": "loss", "Regex": "loss=(.*)"}]
    return HyperparameterTuner(estimator, "loss", ranges, metrics, max_jobs=20, max_parallel_jobs=n)


def launch(kind="ml.m5.xlarge", n=2):
    tuner_of(kind, n).fit()

"""

WAYS: dict[str, str] = {
    "one call": 'launch("KIND")',
    "two calls": 'launch("KIND")\nlaunch()',
    "two calls, the harmless one first": 'launch()\nlaunch("KIND")',
    "keyword": 'launch(kind="KIND")\nlaunch(kind="ml.m5.xlarge")',
    "loop": 'for kind in ["ml.m5.xlarge", "KIND"]:\n    launch(kind)',
    "loop over a constant": 'KINDS = ("ml.m5.xlarge", "KIND")\nfor kind in KINDS:\n    launch(kind)',
    "loop over dict items": 'for name, kind in {"a": "ml.m5.xlarge", "b": "KIND"}.items():\n    launch(kind)',
    "loop over dict values": 'for kind in {"a": "ml.m5.xlarge", "b": "KIND"}.values():\n    launch(kind)',
    "loop over dict keys": 'SIZES = {"ml.m5.xlarge": 2, "KIND": 3}\nfor kind in SIZES:\n    launch(kind, SIZES[kind])',
    "loop with enumerate": 'for at, kind in enumerate(["ml.m5.xlarge", "KIND"]):\n    launch(kind, at + 1)',
    "loop with zip": 'for kind, n in zip(["ml.m5.xlarge", "KIND"], [1, 2]):\n    launch(kind, n)',
    "loop with tuples": 'for kind, n in [("ml.m5.xlarge", 1), ("KIND", 2)]:\n    launch(kind, n)',
    "nested loops": 'for n in (1, 2):\n    for kind in ["ml.m5.xlarge", "KIND"]:\n        launch(kind, n)',
    "product": 'for kind, n in itertools.product(["ml.m5.xlarge", "KIND"], [1, 2]):\n    launch(kind, n)',
    "while": 'kinds = ["ml.m5.xlarge", "KIND"]\nat = 0\nwhile at < 2:\n    launch(kinds[at])\n    at += 1',
    "comprehension": '[launch(kind) for kind in ["ml.m5.xlarge", "KIND"]]',
    "generator": 'for kind in (k for k in ["ml.m5.xlarge", "KIND"]):\n    launch(kind)',
    "tuners in a list": (
        'tuners = [tuner_of(kind) for kind in ["ml.m5.xlarge", "KIND"]]\nfor tuner in tuners:\n    tuner.fit()'
    ),
    "configurations": (
        'CONFIGS = [{"kind": "ml.m5.xlarge", "n": 2}, {"kind": "KIND", "n": 2}]\nfor config in CONFIGS:\n    launch(**config)'
    ),
    "continue before it": (
        'for kind in ["ml.m5.xlarge", "KIND"]:\n    if os.path.exists(kind):\n        continue\n    launch(kind)'
    ),
    "condition in a loop": (
        'for kind in ["ml.m5.xlarge", "KIND"]:\n    if not os.path.exists(kind):\n        launch(kind)'
    ),
    "fallback": (
        'for kind in ["ml.m5.xlarge", "KIND"]:\n    try:\n        launch(kind)\n    except Exception:\n        continue\n'
        "    else:\n        break"
    ),
    "retry": (
        'for attempt in range(3):\n    try:\n        launch("KIND")\n        break\n    except Exception:\n        pass'
    ),
    "handler": 'try:\n    launch()\nexcept Exception:\n    launch("KIND")',
    "finally": 'try:\n    launch()\nfinally:\n    launch("KIND")',
    "two functions": (
        'def small():\n    launch("ml.m5.xlarge")\n\n\ndef large():\n    launch("KIND")\n\n\nsmall()\nlarge()'
    ),
    "recursion": (
        "def every(kinds):\n    if not kinds:\n        return\n    launch(kinds[0])\n    every(kinds[1:])\n\n\n"
        'every(["ml.m5.xlarge", "KIND"])'
    ),
    "main": 'def main():\n    launch()\n    launch("KIND")\n\n\nif __name__ == "__main__":\n    main()',
    "if": ('if os.environ["STAGE"] == "prod":\n    kind = "KIND"\nelse:\n    kind = "ml.m5.xlarge"\nlaunch(kind)'),
    "if around the calls": ('if os.environ["STAGE"] == "prod":\n    launch("KIND")\nelse:\n    launch()'),
    "if without else": 'kind = "ml.m5.xlarge"\nif os.environ["STAGE"] == "prod":\n    kind = "KIND"\nlaunch(kind)',
    "elif": (
        'stage = os.environ["STAGE"]\nif stage == "a":\n    kind = "ml.m5.large"\nelif stage == "b":\n    kind = "KIND"\n'
        'else:\n    kind = "ml.m5.xlarge"\nlaunch(kind)'
    ),
    "ternary": 'launch("KIND" if os.environ["STAGE"] == "prod" else "ml.m5.xlarge")',
    "match": (
        'match os.environ["STAGE"]:\n    case "prod":\n        kind = "KIND"\n    case _:\n        kind = "ml.m5.xlarge"\n'
        "launch(kind)"
    ),
    "dict by environment": 'launch({"dev": "ml.m5.xlarge", "prod": "KIND"}[os.environ["STAGE"]])',
    "get from a dict": 'launch({"dev": "ml.m5.xlarge", "prod": "KIND"}.get(os.environ["STAGE"], "ml.m5.large"))',
    "configuration by environment": (
        'CONFIGS = {"dev": {"kind": "ml.m5.xlarge"}, "prod": {"kind": "KIND"}}\n'
        'config = CONFIGS[os.environ["STAGE"]]\nlaunch(config["kind"])'
    ),
    "or": 'launch(os.environ.get("TYPE") or "KIND")',
    "getenv": 'launch(os.getenv("TYPE", "KIND"))',
    "environ.get": 'launch(os.environ.get("TYPE", "KIND"))',
    "nested default": 'launch(os.environ.get("TYPE", os.environ.get("OTHER", "KIND")))',
    "argparse": (
        'parser = argparse.ArgumentParser()\nparser.add_argument("--kind", default="KIND")\n'
        "args = parser.parse_args()\nlaunch(args.kind)"
    ),
    "argparse in a function": (
        'def main():\n    parser = argparse.ArgumentParser()\n    parser.add_argument("--kind", default="KIND")\n'
        "    args = parser.parse_args()\n    launch(args.kind)\n\n\nmain()"
    ),
    "click": (
        'import click\n\n\n@click.command()\n@click.option("--kind", default="KIND")\ndef main(kind):\n    launch(kind)\n\n\n'
        "main()"
    ),
    "typer": (
        'import typer\n\napp = typer.Typer()\n\n\n@app.command()\ndef main(kind: str = typer.Option("KIND")):\n'
        "    launch(kind)\n\n\napp()"
    ),
    "parameter": 'def start(kind="KIND"):\n    launch(kind)',
    "thread": ('from threading import Thread\n\nThread(target=launch, args=("KIND",)).start()'),
    "map": 'list(map(launch, ["ml.m5.xlarge", "KIND"]))',
    "executor": (
        "from concurrent.futures import ThreadPoolExecutor\n\nwith ThreadPoolExecutor() as pool:\n"
        '    pool.map(launch, ["ml.m5.xlarge", "KIND"])'
    ),
    "submit": (
        "from concurrent.futures import ThreadPoolExecutor\n\nwith ThreadPoolExecutor() as pool:\n"
        '    for kind in ["ml.m5.xlarge", "KIND"]:\n        pool.submit(launch, kind)'
    ),
    "partial": 'from functools import partial\n\nlarge = partial(launch, "KIND")\nlarge()\nlaunch()',
    "lambda": 'start = lambda kind: launch(kind)\nstart("KIND")\nstart("ml.m5.xlarge")',
    "decorated retry": (
        'from tenacity import retry\n\n\n@retry\ndef start(kind):\n    launch(kind)\n\n\nstart("KIND")\nstart("ml.m5.xlarge")'
    ),
    "class": (
        'class Job:\n    def __init__(self, kind="ml.m5.xlarge"):\n        self.kind = kind\n\n    def start(self):\n'
        '        launch(self.kind)\n\n\nJob().start()\nJob("KIND").start()'
    ),
    "subclass": (
        'class Job:\n    kind = "ml.m5.xlarge"\n\n    def start(self):\n        launch(self.kind)\n\n\nclass Large(Job):\n'
        '    kind = "KIND"\n\n\nJob().start()\nLarge().start()'
    ),
    "sum of lists": 'for kind in ["ml.m5.xlarge"] + ["KIND"]:\n    launch(kind)',
    "appended": 'kinds = ["ml.m5.xlarge"]\nkinds.append("KIND")\nfor kind in kinds:\n    launch(kind)',
    "walrus": 'if (kind := os.environ.get("TYPE")) is None:\n    kind = "KIND"\nlaunch(kind)',
}
"""The statements after ``IMPORTS`` and ``TUNER``, by what leads to the launch."""


def program(way: str, kind: str) -> str:
    """A whole program with an instance type."""
    return (
        f"{IMPORTS}{TUNER}\n{WAYS[way]}\n".replace("KIND", kind)
        if "KINDS" not in WAYS[way]
        else (f"{IMPORTS}{TUNER}\n{WAYS[way]}\n".replace("KINDS", "VALUES").replace("KIND", kind))
    )

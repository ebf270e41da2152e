"""A script that reads none of its hyperparameters: silent wherever anything in it may read one."""

from __future__ import annotations

import pytest

from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import Unit, module_unit
from hpolint.readers.python.training_script import ScriptReader

TRAIN = """\
import json, os
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
folder = os.environ.get("SM_CHANNEL_TRAIN", "data")
os.environ["OMP_NUM_THREADS"] = "1"
table = pd.read_csv(os.path.join(folder, "train.csv"))
model = RandomForestRegressor(100).fit(table, table)
print(json.dumps({"score": model.score(table, table)}))
"""


def reads_none(text: str, uploaded: dict[str, str] | None = None, beside: dict[str, str] | None = None) -> bool:
    """Whether a script is known to read no hyperparameter, with modules that are uploaded, and others beside it."""

    def find(modules: dict[str, str], name: str) -> Unit | None:
        return module_unit(Source(f"{name}.py", modules[name])) if name in modules else None

    reader = ScriptReader(
        "train.py",
        module_unit(Source("train.py", text)),
        lambda name: find(uploaded or {}, name),
        lambda name, _names: find(beside or {}, name),
    )
    return reader.script().arguments.reads_none


def test_a_script_without_any_way() -> None:
    """The folders of the channels are no hyperparameters."""
    assert reads_none(TRAIN)


@pytest.mark.parametrize(
    "line",
    [
        "import argparse\nargs = argparse.ArgumentParser().parse_args()",
        "import sys\nprint(sys.argv)",
        "from sys import argv",
        "import click",
        "import hydra",
        "import unheard_of",
        "from sagemaker_training import environment",
        "json.load(open('/opt/ml/input/config/hyperparameters.json'))",
        "json.load(open(os.path.join(folder, 'hyperparameters.json')))",
        "os.environ['SM_HP_TREES']",
        "os.environ['SM_HPS']",
        "json.loads(os.environ.get('SM_TRAINING_ENV'))",
        "os.environ[f'{prefix}_TREES']",
        "os.getenv(name)",
        "settings = dict(os.environ)",
        "from os import environ",
        "settings = {**os.environ}",
        "import subprocess\nsubprocess.run(['python', 'fit.py'])",
        "os.system('python fit.py')",
        "exec(open('fit.py').read())",
        "import importlib\nimportlib.import_module('fit')",
        "import tensorflow as tf\nflags = tf.compat.v1.flags",
        "from transformers import HfArgumentParser",
        "import boto3\nboto3.client('sagemaker').describe_training_job(TrainingJobName=name)",
        "from . import options",
        "open('/proc/self/cmdline')",
        "open('/proc/self/environ')",
        "os.listdir(os.environ['SM_INPUT_CONFIG_DIR'])",
        "folder = os.environ.get('SM_INPUT_DIR')",
        "os.walk('/opt/ml')",
        "path = pathlib.Path('/opt/ml/') / 'input' / 'config'",
    ],
)
def test_what_may_read_a_hyperparameter(line: str) -> None:
    """The command line, the toolkit's variables and files, other programs, and packages that are not known."""
    assert not reads_none(f"{TRAIN}{line}\n")


def test_modules_are_read_too() -> None:
    """Those that are uploaded, and those that are forgotten and may be uploaded later."""
    plain, parsing = "from sklearn.linear_model import Ridge\n", "import argparse\n"
    assert reads_none(f"import models\n{TRAIN}", uploaded={"models": plain})
    assert reads_none(f"import models\n{TRAIN}", beside={"models": plain})
    assert not reads_none(f"import models\n{TRAIN}", uploaded={"models": parsing})
    assert not reads_none(f"import models\n{TRAIN}", beside={"models": parsing})
    assert not reads_none(f"import models\n{TRAIN}", beside={"models": "import others\n"})
    assert not reads_none(f"import models\n{TRAIN}", beside={"models": "(\n"})
    assert not reads_none(f"import models\n{TRAIN}")

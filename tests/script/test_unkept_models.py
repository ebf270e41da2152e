"""Scripts that save their model in the folder in which they run, where it is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Command
from tests.harness.notebooks import notebook
from tests.script.test_arguments import read

SCRIPT = """\
import argparse, os, json, torch
from torch import nn
args = argparse.ArgumentParser().parse_args()
def train(model):
    return model
def main(model):
    model = train(model)
    torch.save(model.state_dict(), "model.pt")
if __name__ == "__main__":
    main(nn.Linear(4, 2))
"""
SAVE = 'torch.save(model.state_dict(), "model.pt")'


LAUNCH = """\
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
est = PyTorch(
    "train.py", role="r", instance_count=1, instance_type="ml.m5.large", framework_version="2.1", py_version="py310"
)
tuner = HyperparameterTuner(est, "m", {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=8)
"""
FIT = "tuner.fit()\n"


def unkept(text: str) -> str | None:
    """The path to which a model is saved that nothing keeps."""
    model = read(text).folders.unkept
    return model.path if model is not None else None


@pytest.mark.parametrize(
    ("save", "path"),
    [
        (SAVE, "model.pt"),
        ('torch.save(obj=model, f="./model.pt")', "./model.pt"),
        ('path = "a.pt"\n    torch.save(model, path)', "a.pt"),
        ('torch.save(model, os.path.join("out", "model.pt"))', "out/model.pt"),
        ('import pathlib\n    torch.save(model, pathlib.Path("out") / "model.pt")', "out/model.pt"),
        ('import joblib\n    joblib.dump(model, "model.joblib")', "model.joblib"),
        ('import pickle\n    with open("model.pkl", "wb") as file:\n        pickle.dump(model, file)', "model.pkl"),
        ('import pickle\n    pickle.dump(model, open("model.pkl", "wb"))', "model.pkl"),
        ('import xgboost\n    model.save_model("model.json")', "model.json"),
        ('import tensorflow as tf\n    model.save("model.h5", save_format="h5")', "model.h5"),
        ('import tensorflow as tf\n    tf.saved_model.save(model, "export")', "export"),
        ('if model.loss < 1:\n        torch.save(model, "best.pt")', "best.pt"),
        (f'{SAVE}\n    json.dump({{}}, open("metrics.json", "w"))', "model.pt"),
        (f"{SAVE}\n    from PIL import Image\n    Image.open(args.image)", "model.pt"),
        (f'{SAVE}\n    print(os.environ["SM_CHANNEL_TRAIN"], os.getenv("SM_NUM_GPUS"))', "model.pt"),
    ],
)
def test_a_model_in_the_working_folder(save: str, path: str) -> None:
    """Each library's way to save is read, with the path through names, joins and open files."""
    assert unkept(SCRIPT.replace(SAVE, save)) == path


@pytest.mark.parametrize(
    "more",
    [
        'torch.save(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.pt"))',
        'torch.save(model, "/opt/ml/model/model.pt")',
        'torch.save(model, "/tmp/model.pt")',
        'torch.save(model, "../model/model.pt")',
        "torch.save(model, args.path)",
        'torch.save(model, f"{args.folder}/model.pt")',
        "model.save()",
        "model.save_raw()",
        'os.system("cp model.pt " + args.target)',
        'os.replace("model.pt", args.target)',
        "from pathlib import Path\n    Path('model.pt').rename(args.target)",
        "from pathlib import Path\n    Path(args.target).write_bytes(model)",
        "from pathlib import Path\n    Path(args.target).open('wb').write(model)",
        "open(args.target, 'wb').write(model)",
        "open(args.target, args.mode).write(model)",
        "os.chdir(args.folder)",
        "import shutil\n    shutil.copy('model.pt', args.target)",
        "import boto3\n    boto3.client('s3')",
        "import mlflow\n    mlflow.pytorch.autolog()",
        "import unheard_of\n    unheard_of.keep(model)",
        "from . import others\n    others.keep(model)",
        "model.push_to_hub('me/model')",
        "model.fit(callbacks=[1])",
        "print(os.environ[args.name])",
        "print(dict(os.environ))",
        "print(os.getenv(args.name))",
        "print('s3://bucket/folder')",
        "getattr(model, args.name)()",
        "parser.add_argument('--model-dir', default='/opt/ml/model')",
    ],
)
def test_a_model_that_may_be_kept(more: str) -> None:
    """Nothing is said if one statement of the script may bring a model to another place."""
    assert unkept(SCRIPT.replace(SAVE, f"{SAVE}\n    {more}")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SAVE, f"if args.save_model:\n        {SAVE}"),
        (SAVE, f"def never():\n        {SAVE}"),
        (SAVE, 'json.dump({}, open("metrics.json", "w"))'),
        (SAVE, 'print("model.pt")'),
        ("def train(", "def train_input_fn(): pass\ndef train("),
        ("def train(", "class Net(nn.Module):\n    def save(self, path): pass\ndef train("),
    ],
)
def test_a_script_that_does_not_say_that_it_saves(old: str, new: str) -> None:
    """A save that an option asks for, or that nothing comes to, says nothing; nor does a method of the script's own."""
    text = SCRIPT.replace(old, new).replace('torch.save(model.state_dict(), "model.pt")', SAVE)
    if "class Net" in new:
        text = text.replace(SAVE, 'model.save("model.pt")')
    assert unkept(text) is None


def findings(hpolint: Command) -> list[dict[str, Any]]:
    """The findings about models that are not kept, of the files in the current folder."""
    run = hpolint("check", ".", "--select", "script/model-not-kept", "--output", "json")
    return list(json.loads(run.stdout)["findings"])


@pytest.mark.parametrize(
    ("cells", "is_found"),
    [
        ([LAUNCH, FIT], True),
        ([LAUNCH, "tuner.fit()\ntuner.best_estimator().hyperparameters()  # then est.fit()"], True),
        (["other.fit()", LAUNCH, FIT], True),
        ([LAUNCH, FIT, "tuner_2.fit()"], True),
        ([LAUNCH, FIT, "est.fit()"], False),
        ([LAUNCH, FIT, "PyTorch('train.py').fit()"], False),
        ([LAUNCH, FIT, "client.create_training_job(TrainingJobName='last')"], False),
        ([LAUNCH, FIT, "!python train.py"], False),
    ],
)
def test_a_search_for_the_values_only(hpolint: Command, cells: list[str], is_found: bool) -> None:
    """Nothing is said of a notebook that trains another model after the cell with the tuner."""
    hpolint.write("train.py", SCRIPT)
    hpolint.write("launch.ipynb", notebook(*cells))
    reported = findings(hpolint)
    assert bool(reported) is is_found
    if is_found:
        _, cost, _ = reported[0]["message"]
        assert cost == "8 trials are trained, and no model is kept: SageMaker uploads `/opt/ml/model`"


@pytest.mark.parametrize("argument", ["", "checkpoint_s3_uri='s3://b/c'"])
def test_a_job_with_checkpoints(hpolint: Command, argument: str) -> None:
    """Nothing is said of a job whose service copies another folder, too."""
    hpolint.write("train.py", SCRIPT)
    hpolint.write("launch.py", LAUNCH.replace('py_version="py310"', f'py_version="py310", {argument}') + FIT)
    assert bool(findings(hpolint)) is not bool(argument)


@pytest.mark.parametrize(
    ("use", "level"),
    [
        ("tuner.deploy(1, 'ml.m5.large')", "error"),
        ("best = tuner.best_estimator()\nbest.register(['text/csv'], ['text/csv'], ['ml.m5.large'], [])", "error"),
        ("print(tuner.best_estimator().model_data)", "error"),
        ("PyTorch.attach(tuner.best_training_job()).deploy(1, 'ml.m5.large')", "warning"),
        ("if SERVE:\n    tuner.deploy(1, 'ml.m5.large')", "warning"),
        ("best = tuner.best_estimator()\nbest = load()\nbest.deploy(1, 'ml.m5.large')", "warning"),
        ("print(tuner.best_estimator().hyperparameters())", "note"),
    ],
)
def test_what_the_program_wants_of_the_model(hpolint: Command, use: str, level: str) -> None:
    """It is an error only where the tuner's own best model is certainly used, and a note where no use is named."""
    hpolint.write("train.py", SCRIPT)
    hpolint.write("launch.py", f"{LAUNCH}{FIT}{use}\n")
    assert [finding["level"] for finding in findings(hpolint)] == [level]

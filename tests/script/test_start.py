"""What happens when a container starts the script: it runs something, and finds the modules of its own folder."""

from __future__ import annotations

import json

import pytest

from hpolint.facts.script import ScriptFacts, script_facts
from hpolint.model.source import Source
from hpolint.model.training_script import Script
from hpolint.readers import read_source
from hpolint.readers.python.interpreter.units import Unit, module_unit
from hpolint.readers.python.training_script import ScriptReader
from tests.requests import sound
from tests.script.test_arguments import read

MAIN = "def main():\n    print(1)\n"
SETUP = """\
import logging, os, sys, warnings
import torch
from PIL import ImageFile
ImageFile.LOAD_TRUNCATED_IMAGES = True
logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(message)s"))
logger.addHandler(handler)
logging.getLogger("sagemaker").setLevel(logging.WARNING)
warnings.filterwarnings("ignore")
folder: str = os.environ.get("SM_MODEL_DIR", "/opt/ml/model")
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MAIN, True),
        (f'"""A module."""\nimport os\nSIZE = 3\n{MAIN}class Net:\n    depth = 3\n', True),
        (f"{MAIN}    if __name__ == '__main__':\n        main()\n", True),
        (f"{MAIN}main()\n", False),
        (f"{MAIN}if __name__ == '__main__':\n    main()\n", False),
        (f"{MAIN}result = main()\n", False),
        (f"import app\n@app.command\n{MAIN}", False),
        ("class Net:\n    print('defined')\ndef main(): pass\n", False),
        ("import os\n", False),
        ("", False),
        (f"{SETUP}{MAIN}", True),
        (f"{SETUP}{MAIN}main()\n", False),
        (f"{SETUP}{MAIN}logger.info(main())\n", False),
        (f"{SETUP}{MAIN}logger.addHandler(main())\n", False),
        (f"{SETUP}{MAIN}run.setLevel(1)\n", False),
        (f"{SETUP}{MAIN}logger = main()\n", False),
        (f"{SETUP}{MAIN}logger = main\nlogger.setLevel(1)\n", False),
        (f"{SETUP}{MAIN}torch.device = main\ndevice = torch.device()\n", False),
        (f"{SETUP}{MAIN}import mine as logging\nlogging.getLogger()\n", False),
        (f"{SETUP}{MAIN}logging.Logger.setLevel = main\n", False),
        (f"{SETUP}{MAIN}from mine import os\nhome = os.environ.get('HOME')\n", False),
        (f"{SETUP}{MAIN}settings = [main() for _ in '12']\n", False),
        (f"{MAIN}logging.getLogger()\n", False),
    ],
)
def test_a_script_that_only_defines(text: str, expected: bool) -> None:
    """It trains nothing. One that calls something, registers a function does."""
    assert read(text).execution.runs_nothing is expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("tensorflow-training:2.13-gpu-py310", True),
        ("tensorflow-training:1.13-gpu-py3", False),
        ("pytorch-training:1.8-gpu-py36", True),
        ("sagemaker-pytorch:0.4.0-cpu-py3", True),
        ("huggingface-pytorch-training:1.10.2-transformers4.17.0-gpu-py38", True),
        ("mxnet-training:1.6", False),
    ],
)
def test_a_function_that_a_legacy_container_calls(image: str, expected: bool) -> None:
    """TensorFlow's images since version 2 call none, and PyTorch's never did."""
    found = read("def train(hyperparameters):\n    print(1)\n")
    assert (found.execution.runs_nothing, found.execution.legacy_functions) == (True, ("train",))
    assert facts(image, found).runs_nothing is expected


def facts(image: str, found: Script) -> ScriptFacts:
    """The facts of a script in one of Amazon's images."""
    request = sound()
    address = f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{image}"
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = address
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return script_facts(job.request, ("TrainingJobDefinition",), found, [])


def script(text: str, *local: str) -> Script:
    """A script beside some modules that are not uploaded."""

    def left_behind(name: str, names: frozenset[str]) -> Unit | None:
        return module_unit(Source(f"{name}.py", "def build(): pass\n")) if name in local else None

    return ScriptReader("train.py", module_unit(Source("train.py", text)), lambda _: None, left_behind).script()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("# to do\n", True),
        ('"""Trains."""\nimport os\nimport torch\nfrom sklearn import svm\npass\n', True),
        ("import mine\n", False),
        ("from . import fit\n", False),
        ("import os\nos.remove('x')\n", False),
        ("size = 3\n", False),
    ],
)
def test_an_empty_script(text: str, expected: bool) -> None:
    """It may import packages that train nothing; any other statement may do something."""
    assert script(text).execution.is_empty is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import models\nimport torch\n", ["models"]),
        ("from models import build\nimport models\n", ["models"]),
        ("import json\nimport models.net\n", []),
        ("try:\n    import models\nexcept ImportError:\n    pass\n", []),
        ("def main():\n    import models\n", []),
        ("import subprocess\nsubprocess.run(['pip', 'install', 'models'])\nimport models\n", []),
        ("from . import models\n", []),
        ("import torch\n", []),
    ],
)
def test_a_module_that_is_not_uploaded(text: str, expected: list[str]) -> None:
    """Only where the script certainly imports it, and does not install it itself."""
    assert [each.name for each in script(text, "models", "json").errors.not_uploaded] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print('loss', 1)\n", False),
        ("import os\nhosts = os.environ['SM_HOSTS']\n", True),
        ("from torch.nn.parallel import DistributedDataParallel\n", True),
        ("import torch\nmodel = torch.nn.DataParallel(net)\n", False),
        ("from torch.nn.parallel import DataParallel\nmodel = DataParallel(net)\n", False),
        ("import paddle\nmodel = paddle.DataParallel(net)\n", True),
        ("from apex.parallel import DistributedDataParallel as DDP\n", True),
        ("from torch.distributed.fsdp import FullyShardedDataParallel\n", True),
        ("import horovod.torch as hvd\n", False),
        ("import horovod.torch as hvd\nimport subprocess\nsubprocess.run('mpirun')\n", True),
    ],
)
def test_a_script_that_may_share_its_work(text: str, expected: bool) -> None:
    """Any word of distributed training is enough, except Horovod's, which needs to be started so, and DataParallel.

    PyTorch's ``DataParallel`` uses the GPUs of one machine only, and Paddle's those of several.
    """
    assert read(text).execution.may_distribute is expected


LEGACY = "def train_input_fn(folder):\n    pass\ndef model_fn(features, labels, mode):\n    pass\n"


@pytest.mark.parametrize(
    ("image", "text", "expected"),
    [
        ("sagemaker-tensorflow:1.10.0-cpu-py2", "from net import *\n", True),
        ("sagemaker-tensorflow-scriptmode:1.12.0-cpu-py2", LEGACY, True),
        ("sagemaker-tensorflow-scriptmode:1.12.0-cpu-py3", "def model_fn(features):\n    pass\n", False),
        ("tensorflow-training:1.15.2-cpu-py3", LEGACY, False),
        ("pytorch-training:1.6.0-cpu-py3", LEGACY, False),
    ],
)
def test_a_legacy_container_shares_the_work(image: str, text: str, expected: bool) -> None:
    """TensorFlow's up to version 1.12 starts parameter servers itself, and calls functions of the script."""
    assert facts(image, read(text)).distributes is expected


ON_CPU = """import argparse, json, os, torch, torchvision
parser = argparse.ArgumentParser()
parser.add_argument("--num-gpus", default=os.environ["SM_NUM_GPUS"])
model = torch.nn.Linear(4, 2)
model.eval()
model(torch.rand(3, 4)).sum().backward()
print(json.dumps({"loss": 1}))
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ON_CPU, True),
        (
            ON_CPU.replace("import argparse, json, os, torch, torchvision", "import argparse, json, os, torchvision"),
            False,
        ),
        (ON_CPU.replace(".backward()", ""), False),
        (f"{ON_CPU}model.to(place)\n", False),
        (f"{ON_CPU}model.cuda()\n", False),
        (f"{ON_CPU}torch.rand(3, device=place)\n", False),
        (f"{ON_CPU}torch.set_default_device(place)\n", False),
        (f"{ON_CPU}torch.set_default_tensor_type(torch.cuda.FloatTensor)\n", False),
        (f"{ON_CPU}move(model, 'cuda:0')\n", False),
        (f"{ON_CPU}getattr(model, name)()\n", False),
        (f"{ON_CPU}torch.nn.DataParallel(model)\n", False),
        (f"import accelerate\n{ON_CPU}", False),
        (f"from helpers import move\n{ON_CPU}", False),
        (f"from .helpers import move\n{ON_CPU}", False),
    ],
)
def test_a_pytorch_script_that_leaves_the_gpu_idle(text: str, expected: bool) -> None:
    """Whatever may move the model is enough not to report it: a name of a device, or a package that may do it."""
    assert read(text).execution.stays_on_cpu is expected


LAUNCHER = """\
import argparse, os
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
def launch():
    HyperparameterTuner(PyTorch("t.py"), "loss", {"lr": ContinuousParameter(0.1, 0.2)}).fit()
"""


@pytest.mark.parametrize(
    ("end", "line"),
    [
        ("launch()", 5),
        ("if __name__ == '__main__':\n    launch()", 5),
        ("", None),
        ("if os.environ.get('SM_MODEL_DIR') is None:\n    launch()", None),
        ("args = argparse.ArgumentParser().parse_args()\nif args.tune:\n    launch()", None),
        ("def main():\n    launch()", None),
    ],
)
def test_a_script_that_starts_a_tuning_job(end: str, line: int | None) -> None:
    """Only a launch that each run certainly comes to is one: what tests an argument or the environment may train."""
    search = read(f"{LAUNCHER}{end}\n").execution.search
    assert (search.span.line if search is not None else None) == line


@pytest.mark.parametrize(
    ("call", "is_ignored"),
    [
        ("xgb.train({'eta': 0.1, 'early_stopping_rounds': 5}, data, 100)", True),
        ("xgb.train(dtrain=data, params={'early_stopping_rounds': args.stop})", True),
        ("params = {'eta': args.eta}\nparams['early_stopping_rounds'] = 5\nxgb.train(params, data)", True),
        ("xgb.train({'early_stopping_rounds': 5}, data, early_stopping_rounds=5)", False),
        ("xgb.train({'early_stopping_rounds': 5}, data, callbacks=[stop])", False),
        ("xgb.train({'early_stopping_rounds': 5}, data, **more)", False),
        ("params = {'early_stopping_rounds': 5}\nparams.pop('early_stopping_rounds')\nxgb.train(params, data)", False),
        ("lgb.train({'early_stopping_rounds': 5}, data)", False),
        ("xgb.XGBClassifier(early_stopping_rounds=5).fit(x, y)", False),
        ("def unused():\n    xgb.train({'early_stopping_rounds': 5}, data)", False),
    ],
)
def test_early_stopping_that_xgboost_ignores(call: str, is_ignored: bool) -> None:
    """Among the parameters of the booster it stops nothing; as an argument of a function that takes it, it does."""
    text = f"import xgboost as xgb\nimport lightgbm as lgb\n{call}\n"
    assert (read(text).execution.ignored_stopping is not None) is is_ignored


EPOCHS = """\
import argparse, torch
args = argparse.ArgumentParser().parse_args()
def step_once(model):
    model(torch.rand(3, 4)).sum().backward()
def train(model, epochs):
    for epoch in range(epochs):
        step_once(model)
        if epoch == 0:
            break
if __name__ == "__main__":
    train(torch.nn.Linear(4, 2), args.epochs)
"""


def epoch_end(text: str) -> int | None:
    """The line that ends the loop over epochs in its first pass."""
    end = read(text).execution.first_epoch_end
    return end.span.line if end is not None else None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epoch == 0", "epoch==0"),
        ("epoch == 0", "0 == epoch"),
        ("epoch == 0", "not epoch"),
        ("range(epochs)", "range(0, epochs)"),
        ("epoch in range(epochs)", "epoch in range(50)"),
        ("train(torch.nn.Linear(4, 2), args.epochs)", "model = train(torch.nn.Linear(4, 2), epochs=args.epochs)"),
        ("            break", "            print('one epoch')\n            break"),
        ("        step_once(model)", "        model(1).sum().backward(); [1 for batch in data if batch]"),
        ("        step_once(model)", "        step_once(model); import os"),
    ],
)
def test_a_loop_over_epochs_that_ends_in_its_first_pass(old: str, new: str) -> None:
    """Each spelling of the test is found, whatever trains in the loop, and the finding names the test's line."""
    assert old in EPOCHS
    assert epoch_end(EPOCHS.replace(old, new)) == 8


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("range(epochs)", "range(1, epochs + 1)", None),
        ("        if epoch == 0:\n            break", "        break", 8),
        ("        if epoch == 0:\n            break", "        return model", 8),
        ("        if epoch == 0:", "        for batch in model:\n            continue\n        if epoch == 0:", 10),
        ("        if epoch == 0:", "        if model is None:\n            break\n        if epoch == 0:", 10),
    ],
)
def test_what_else_ends_a_loop_in_its_first_pass(old: str, new: str, line: int | None) -> None:
    """A jump in the loop's own body does; a `continue` of an inner loop changes nothing; 1 is not 0."""
    assert old in EPOCHS
    assert epoch_end(EPOCHS.replace(old, new)) == line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epoch == 0", "epoch == 1"),
        ("epoch == 0", "epoch == 0 and args.test"),
        ("epoch == 0", "epoch >= args.last"),
        (
            "        if epoch == 0:\n            break",
            "        if args.test:\n            if epoch == 0:\n                break",
        ),
        ("            break", "            print('first')"),
        ("            break", "            if args.more:\n                continue\n            break"),
        ("        step_once(model)", "        step_once(model)\n        if args.more:\n            continue"),
        ("        step_once(model)", "        for _ in args.x:\n            pass\n        else:\n            continue"),
        ("        step_once(model)", "        step_once(model)\n        epoch += 1"),
        ("        step_once(model)", "        print(epoch)"),
        ("range(epochs)", "range(epochs, 0, -1)"),
        ("range(epochs)", "range(1)"),
        ("args.epochs", "1"),
        (".parse_args()", "; args.add_argument('--epochs', type=int, default=1); args = args.parse_args()"),
        ("epoch in range(epochs)", "epoch, part in enumerate(range(epochs))"),
        ("    for epoch in range(epochs)", "    for fold in range(5)"),
        ("    train(", "    print("),
        ("    train(", "    if args.quick: train("),
        ("    train(", "    model.train("),
        ("train(model, epochs):", "train(model, epochs):\n    global epoch"),
    ],
)
def test_a_loop_over_epochs_that_may_go_on(old: str, new: str) -> None:
    """Nothing is said of a loop that may have a second pass, that is not over epochs, or that may not run."""
    assert old in EPOCHS
    text = EPOCHS.replace(old, new)
    assert epoch_end(text.replace("epoch == 0", "fold == 0") if "fold" in new else text) is None

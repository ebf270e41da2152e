"""Scripts that look wrong but are not, or that cannot be decided: nothing is reported about them."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Command

TUNE = """from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

est = PyTorch(entry_point="train.py", role="r", instance_count=1, instance_type="ml.m5.large", py_version="py310")
HyperparameterTuner(
    est,
    "loss",
    {"lr": ContinuousParameter(0.1, 0.2), "zz": ContinuousParameter(0.1, 0.9)},
    [{"Name": "loss", "Regex": REGEX}],
    max_jobs=2,
    early_stopping_type="Auto",
).fit("s3://bucket/data")
"""
HEAD = """import argparse, asyncio, contextlib, functools, importlib, json, logging, os, sys, threading
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
"""


def rules(command: Command, script: str, regex: str = r"loss: ([0-9.]+)", more: str = "") -> set[str]:
    """What is found of a script; ``more``: further arguments of its estimator."""
    command.write("train.py", script)
    command.write("tune.py", TUNE.replace("REGEX", repr(regex)).replace('"py310")', f'"py310"{more})'))
    report = json.loads(command("check", "tune.py", "--select", "script", "--output", "json").stdout)
    return {each["rule"].partition("/")[2] for each in report["findings"]}


ARGUMENTS = {"argument-not-accepted", "required-argument-missing", "range-type"}
MUST = 'p.add_argument("--must", required=True)\n'


@pytest.mark.parametrize(
    "rest",
    [
        'if "SM_HPS" in os.environ:\n    a = json.loads(os.environ["SM_HPS"])\nelse:\n    a = p.parse_args()',
        'if os.environ.get("LOCAL"):\n    a = p.parse_args()\nelse:\n    a = argparse.Namespace(lr=1)',
        "def load():\n    if os.path.exists('/opt/ml'):\n        return other()\n    return p.parse_args()\nload()",
        "sys.argv += ['--must', '3']\np.parse_args()",
        "sys.argv.insert(1, '--must=1')\np.parse_args()",
        "from sys import argv\nargv.extend(['--must', '1'])\np.parse_args()",
        "sys.argv = [each.replace('_', '-') for each in sys.argv]\np.parse_args()",
        "try:\n    a = p.parse_args()\nexcept SystemExit:\n    a = argparse.Namespace()",
        "with contextlib.suppress(SystemExit):\n    p.parse_args()",
        "for each in p._actions:\n    each.required = False\np.parse_args()",
        "p.error = lambda message: None\np.parse_args()",
        'p.add_argument("data")\na, _ = p.parse_known_args()',
        'p = argparse.ArgumentParser(conflict_handler="resolve")\np.parse_args()',
        'os.execvp("python", ["python", "x.py"] + sys.argv[1:])\np.parse_args()',
    ],
)
def test_an_unknown_reader_of_the_command_line_is_not_judged(hpolint: Command, rest: str) -> None:
    """Branches, exceptions, other arguments, parsers that other code changes."""
    assert rules(hpolint, f"{HEAD}{MUST}{rest}\n") & ARGUMENTS == set()


@pytest.mark.parametrize(
    "option",
    [
        'x = p.add_argument("--zz", required=True)\nx.required = False',
        'x = p.add_argument("--zz", type=int)\nx.type = float',
        'p.add_argument("--zz", action=Own, required=True)',
        'p.add_argument("--zz", type=int, nargs=2)',
        'p.add_argument("--zz", action="count")',
        'p.register("type", int, float)\np.add_argument("--zz", type=read)',
    ],
)
def test_an_option_that_is_partly_known_is_not_judged(hpolint: Command, option: str) -> None:
    """An option that may be changed later, has its own action, or takes several values."""
    text = f"from elsewhere import Own, read\n{HEAD}{option}\np.parse_args()\n"
    assert rules(hpolint, text) & ARGUMENTS == set()


@pytest.mark.parametrize(
    "guard",
    [
        'if "SM_CHANNEL_TRAIN" not in os.environ:\n    sys.exit(0)',
        'os.environ["SM_CHANNEL_TRAIN"] = "x"',
        'os.environ.setdefault("SM_CHANNEL_TRAIN", "x")',
        'os.environ.update({"SM_CHANNEL_TRAIN": "x"})',
        'for name in ("SM_CHANNEL_TRAIN",):\n    os.environ[name] = "x"',
        "from dotenv import load_dotenv\nload_dotenv()",
    ],
)
def test_a_channel_that_is_asked_for_or_set_is_not_missed(hpolint: Command, guard: str) -> None:
    """Any other use of the variable shows that the script handles its absence."""
    text = f'{HEAD}{guard}\nfolder = os.environ["SM_CHANNEL_TRAIN"]\np.parse_known_args()\n'
    assert "channel-not-given" not in rules(hpolint, text)


@pytest.mark.parametrize(
    ("line", "missed"),
    [
        ('os.listdir("/opt/ml/input/data/train")', True),
        ('open("/opt/ml/input/data/train/a.csv")', True),
        ('os.listdir("/opt/ml/input/data/training")', False),
        ('os.listdir("/opt/ml/input/data")', False),
        ('open("/opt/ml/input/data/train_0", "rb")', False),
        ('if os.getenv("A"):\n    os.listdir("/opt/ml/input/data/train")', False),
        ('os.makedirs("/opt/ml/input/data/train")\nos.listdir("/opt/ml/input/data/train")', False),
        ('if os.path.exists("/opt/ml/input/data/train"):\n    os.listdir("/opt/ml/input/data/train")', False),
    ],
)
def test_a_folder_of_a_channel_that_the_script_reads(hpolint: Command, line: str, missed: bool) -> None:
    """`fit` with an address gives the channel `training`, and no other."""
    assert ("channel-not-given" in rules(hpolint, f"{HEAD}{line}\np.parse_known_args()\n")) == missed


@pytest.mark.parametrize(
    ("environment", "missed"),
    [
        ("", True),
        (', environment={"A": "1"}', True),
        (", environment=mine()", False),
        (', environment={"A": "1", **mine()}', False),
    ],
)
def test_a_channel_is_not_missed_where_an_unknown_environment_may_give_it(
    hpolint: Command, environment: str, missed: bool
) -> None:
    """Unknown variables are not taken for absent ones."""
    text = f'{HEAD}folder = os.environ["SM_CHANNEL_TRAIN"]\np.parse_known_args()\n'
    assert ("channel-not-given" in rules(hpolint, text, more=environment)) == missed


@pytest.mark.parametrize(
    ("line", "regex"),
    [
        (
            'logging.basicConfig(format="%(levelname)s loss: %(message)s")\nlogging.warning("%s", 3.0)',
            r"loss: ([0-9.]+)",
        ),
        ('logging.warning("loss: %s", 3.0)', r"^WARNING:root:loss: ([0-9.]+)"),
        ('importlib.import_module("real").run()', r"loss: ([0-9.]+)"),
        ('out = functools.partial(print, "loss:")\nout(3.0)', r"loss: ([0-9.]+)"),
        ('threading.Thread(target=print, args=("loss: 3.0",)).start()', r"loss: ([0-9.]+)"),
        ('list(map(print, ["loss: 0.5"]))', r"loss: ([0-9.]+)"),
        (r'sys.stdout.writelines(["loss: 0.5\n"])', r"loss: ([0-9.]+)"),
        (r'sys.stdout.buffer.write(b"loss: 0.5\n")', r"loss: ([0-9.]+)"),
        (r'os.write(1, b"loss: 3.0\n")', r"loss: ([0-9.]+)"),
        (r'open("/dev/stdout", "w").write("loss: 3.0\n")', r"loss: ([0-9.]+)"),
        ('print("%r: %r" % ("loss", 0.5))', r"'loss': ([0-9.]+)"),
        ('print("%-10s: %*.3f" % ("loss", 8, 0.5))', r"loss\s+:\s+([0-9.]+)"),
        ("print 'loss: %s' % 1.5", r"loss: ([0-9.]+)"),
        ('print("loss: 0.5")', r"loss: ([[:digit:].]+)"),
        ('print("\\rloss: 3.0")', r"^loss: ([0-9.]+)"),
    ],
)
def test_other_ways_to_the_log_are_no_silence(hpolint: Command, line: str, regex: str) -> None:
    """A logger's format, a print that is handed on, streams, another dialect of expressions."""
    assert "metric-not-printed" not in rules(hpolint, f"{HEAD}p.parse_known_args()\n{line}\n", regex)


@pytest.mark.parametrize(
    "loop",
    [
        "[epoch(number) for number in range(3)]",
        "any(epoch(number) for number in range(4))",
        "{number: epoch(number) for number in range(4)}",
        "def again(number=0):\n    epoch(number)\n    if number < 3:\n        return again(number + 1)\nagain()",
        'epoch(1)\nprint("loss: 0.5")',
    ],
)
def test_what_goes_round_is_a_loop(hpolint: Command, loop: str) -> None:
    """Comprehensions, recursion; and what is printed in several places is printed more than once."""
    text = f'{HEAD}p.parse_known_args()\ndef epoch(number):\n    print("loss: 0.5")\n{loop}\n'
    assert "early-stopping-without-epochs" not in rules(hpolint, text)


@pytest.mark.parametrize(
    ("script", "rule"),
    [
        (f"{MUST}p.parse_args()", "required-argument-missing"),
        ("p.parse_args()", "argument-not-accepted"),
        ('p.add_argument("--zz", type=int)\np.parse_args()', "range-type"),
        ('folder = os.environ["SM_CHANNEL_TRAIN"]\np.parse_known_args()', "channel-not-given"),
        ('p.parse_known_args()\nprint("done")', "metric-not-printed"),
        (
            'p.parse_known_args()\ndef epoch(number):\n    print("loss: 0.5")\nepoch(1)',
            "early-stopping-without-epochs",
        ),
    ],
)
def test_without_what_makes_them_doubtful_such_scripts_are_judged(hpolint: Command, script: str, rule: str) -> None:
    """So each silence above is for its own reason, and not because nothing is ever said."""
    assert rule in rules(hpolint, f"{HEAD}{script}\n")

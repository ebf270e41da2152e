"""A small repository in which every kind of file that a check depends on is there, and what each may say instead."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import NamedTuple

from tests.harness.notebooks import notebook
from tests.requests import unbounded

REPOSITORY = "repo"
SHARED = "shared"
"""Beside the repository: a configuration that it extends, with policies."""

TUNER = """
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
est = PyTorch("train.py", source_dir="src", role="r", instance_count=1, instance_type="ml.p3.2xlarge",
              framework_version="2.1", py_version="py310", checkpoint_s3_uri="s3://b/c")
tuner = HyperparameterTuner(est, "acc", {"lr": ContinuousParameter(0.0001, 0.5)}, max_jobs=40, max_parallel_jobs=20,
                            metric_definitions=[{"Name": "acc", "Regex": "acc=(.*)"}])
tuner.fit({"train": "s3://b/train"})
"""
PLAIN = TUNER.replace('"train.py", source_dir="src"', '"lone.py"')
SCRIPT = """
import argparse
import os
from options import add
from common.report import show
parser = argparse.ArgumentParser()
add(parser)
arguments = parser.parse_args()
data = os.environ["SM_CHANNEL_TRAIN"]
for epoch in range(3):
    show(epoch, arguments)
"""
LONE = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.parse_args()
print("acc=0.5")
"""
OPTIONS = "def add(parser):\n    parser.add_argument('--lr', type=float)\n"
REPORT = "def show(epoch, arguments):\n    print(f'acc={epoch}')\n"
POLICY = """---
summary: Trials are few
level: warning
scope: job
since: 0.1.0
precision: high
sources: ["https://example.com"]
when: budget.trials != null && budget.trials > 30
message: ["More than 30 trials"]
---
## Why
Money.
## Instead
Fewer.
## Examples
### Found
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 500, "MaxParallelTrainingJobs": 1}}
```
### Clean
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}}
```
### Undecided
```json
{"ResourceLimits": {"MaxNumberOfTrainingJobs": "$TRIALS", "MaxParallelTrainingJobs": 1}}
```
"""
SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine1.json}
"""
TERRAFORM = """
resource "aws_sagemaker_hyper_parameter_tuning_job" "churn" {
  name = "churn"
  config {
    strategy = "Bayesian"
    objective {
      type        = "Maximize"
      metric_name = "validation:auc"
    }
    resource_limits {
      max_number_of_training_jobs = var.trials
      max_parallel_training_jobs  = var.at_once
    }
    parameter_ranges {
      continuous_parameter_ranges {
        name      = "eta"
        min_value = "0.0001"
        max_value = "0.3"
      }
    }
  }
}
"""
VARIABLES = 'variable "trials" {\n  default = 40\n}\nvariable "at_once" {\n  default = 20\n}\n'
CONFIG = """extend = "../shared/house.toml"
policies = ["policies"]
sdk-config = "sdk.yaml"

[levels]
"compute/missing-spot" = "error"

[rules.excessive-parallelism]
min_rounds = 3

[per-file-ignores]
"more/**" = ["scale"]
"""
HOUSE = 'policies = ["rules"]\nextend-select = ["policy/max-trials"]\n\n[rules."policy/max-trials"]\ntrials = 90\n'
HOUSE_RULE = POLICY.replace("> 30", "> 10").replace("than 30", "than 10").replace("Trials are few", "Trials are dear")
SDK = "SchemaVersion: '1.0'\nSageMaker:\n  TrainingJob:\n    EnableNetworkIsolation: true\n"


def _notebook(text: str) -> str:
    return notebook(text.replace("src", "../src")[: text.index("tuner =") + 3], text[text.index("tuner =") :])


def _machine(trials: int) -> str:
    parameters = unbounded(MaxNumberOfTrainingJobs=trials, MaxParallelTrainingJobs=20)
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return json.dumps({"StartAt": "Tune", "States": {"Tune": task}})


REQUEST = json.dumps(unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=20), indent=1)

FILES = {
    f"{REPOSITORY}/{name}": text
    for name, text in {
        "tune.py": TUNER,
        "lone/tune.py": PLAIN,
        "lone/lone.py": LONE,
        "notebooks/tune.ipynb": _notebook(TUNER),
        "src/train.py": SCRIPT,
        "src/options.py": OPTIONS,
        "src/common/__init__.py": "",
        "src/common/report.py": REPORT,
        "other/train.py": LONE,
        "other/options.py": OPTIONS.replace("lr", "rate"),
        "request.json": REQUEST,
        "more/request.json": REQUEST,
        "more/hpolint.toml": 'extend = "../hpolint.toml"\nignore = ["excessive-parallelism"]\n',
        "deploy/template.yaml": SAM,
        "deploy/machine1.json": _machine(40),
        "deploy/machine2.json": _machine(16),
        "infra/main.tf": TERRAFORM,
        "infra/variables.tf": VARIABLES,
        "plain/notes.json": '{"a": 1}',
        "policies/house/few-trials.md": POLICY,
        ".gitignore": "ignored/\n",
        "ignored/request.json": REQUEST,
        "hpolint.toml": CONFIG,
        "sdk.yaml": SDK,
        "hpolint-baseline.json": '{"version": 1, "baseline": [null]}\n',
    }.items()
} | {f"{SHARED}/house.toml": HOUSE, f"{SHARED}/rules/house/dear-trials.md": HOUSE_RULE}

ALTERNATIVES = (
    *(("max_jobs=40", "max_jobs=16"), ("max_parallel_jobs=20", "max_parallel_jobs=5"), ("p3.2x", "m5.2x")),
    *(("0.0001", "0.0000"), ('"lr"', '"rate"'), ("'--lr'", "'--rate'"), ('"--lr"', '"--rate"'), ('"src"', '"other"')),
    *(('"train.py"', '"train2.py"'), ("tuner.fit(", "print("), ('{"train"', '{"valid"'), ("acc=", "auc=")),
    *(("type=float", "type=int  "), ("CHANNEL_TRAIN", "CHANNEL_VALID"), ("import show", "import miss")),
    *(("from options", "from absents"), ('TrainingJobs": 40', 'TrainingJobs": 16'), ('"0.1"', '"0.0"')),
    *((": 20", ": 10"), ("Bayesian", "Random"), ("machine1", "machine2"), ("machine1.json", "absent.json")),
    *(("default = 40", "default = 16"), ("default = 20", "default = 10"), ("var.trials", "400"), ('"0.3"', '"0.9"')),
    *(("> 30", "> 60"), ("> 10", "> 20"), ("level: warning", "level: error"), ("Trials are", "All trials are")),
    *(("ignored/\n", "more/\n"), ("ignored/\n", "*.tf\nignored/\n"), ("ignored/\n", "# none\n")),
    *(
        ("../shared/", "../absent/"),
        ('["policies"]', "[]"),
        ('"sdk.yaml"', '"none"'),
        ('spot" = "error', 'spot" = "note'),
    ),
    *(("min_rounds = 3", "min_rounds = 9"), ('"more/**"', '"infra/**"'), ('["scale"]', '["script"]')),
    *(
        ('["rules"]', "[]"),
        ("trials = 90", "trials = 30"),
        ("trials = 90\n", "trials = 90\nlocked = true\n"),
        ("true", "false"),
    ),
    *(('ignore = ["excessive', 'extend-exclude = ["*.json"]\nignore = ["excessive'), ('{"a": 1}', REQUEST)),
    *(("40,", "40,  # hpolint: ignore[excessive-parallelism] tonight\n    "), ("SchemaVersion", "# Version")),
    *(("[levels]", 'fail-on = "error"\n[levels]'), ("[levels]", 'undecided = {"house/few-trials" = "note"}\n[levels]')),
)
"""Texts of the files, and what may stand there instead; either may take the other's place."""


class Entry(NamedTuple):
    """What is at a path: its mode, and a file's bytes or where a link leads; None for a folder."""

    mode: int
    content: bytes | str | None


State = dict[str, Entry]
"""All that is below a folder, by the paths from there, each folder before what it holds."""


def make(folder: Path) -> None:
    """Write the repository, and what lies beside it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / REPOSITORY / ".git").mkdir()
    (folder / REPOSITORY / "plain/link.json").symlink_to("notes.json")


def state(folder: Path) -> State:
    """What is there now; links are not followed."""
    found: State = {}
    for within, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(within, name)
            mode = path.lstat().st_mode
            content = str(path.readlink()) if stat.S_ISLNK(mode) else None if stat.S_ISDIR(mode) else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = Entry(mode, content)
    return found


def restore(folder: Path, wanted: State) -> None:
    """Make it what it was; what is the same is left alone."""
    there = state(folder)
    for name in sorted(there, reverse=True):
        if stat.S_IFMT(there[name].mode) != stat.S_IFMT(wanted.get(name, Entry(0, None)).mode):
            path = folder / name
            path.rmdir() if there.pop(name).content is None else path.unlink()
        elif isinstance(there[name].content, str) and there[name] != wanted[name]:
            (folder / name).unlink()
            del there[name]
    for name, entry in wanted.items():
        if there.get(name) != entry:
            _put(folder / name, entry)


def _put(path: Path, entry: Entry) -> None:
    if isinstance(entry.content, str):
        path.symlink_to(entry.content)
        return
    if entry.content is None:
        path.mkdir(exist_ok=True)
    else:
        path.write_bytes(entry.content)
    path.chmod(stat.S_IMODE(entry.mode))

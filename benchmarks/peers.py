"""What other tools take for the nearest thing that they do, on the same files. None of them does what hpolint does.

Each is measured where its command is on the PATH: ``pipx install ripgrep semgrep cfn-lint checkov``.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.files import TUNER, cell, request, word

MODULES, TEMPLATES, TUNED_EVERY = 200, 100, 10
SOURCES, STACKS, SEMGREP_RULE = "modules", "templates", "early-stopping.yaml"

RULE = """\
rules:
  - id: tuner-without-early-stopping
    languages: [python]
    severity: WARNING
    message: The tuner stops no trial early
    patterns:
      - pattern: HyperparameterTuner(...)
      - pattern-not: HyperparameterTuner(..., early_stopping_type=$TYPE, ...)
"""
"""As near as a pattern comes to one of hpolint's rules."""

BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}


@dataclass(frozen=True)
class Peer:
    """A tool's command on some files, and what it does there, in words. ``code`` is what it must end with."""

    tool: str
    files: str
    argv: list[str]
    does: str
    code: int = 0


PEERS = [
    Peer("rg", SOURCES, ["rg", "-i", "-l", "hyper_?parameter", SOURCES], "searches for a word"),
    Peer(
        "ruff",
        SOURCES,
        ["ruff", "check", "--select", "ALL", "--no-cache", "--output-format", "concise", SOURCES],
        "all of its rules for Python",
        1,
    ),
    Peer(
        "semgrep",
        SOURCES,
        [
            *("semgrep", "scan", "--config", SEMGREP_RULE, "--metrics", "off", "--disable-version-check"),
            *("--no-git-ignore", "--quiet", SOURCES),
        ],
        "one pattern for one rule",
    ),
    Peer(
        "cfn-lint",
        STACKS,
        ["cfn-lint", "--non-zero-exit-code", "none", f"{STACKS}/**/*.json"],
        "templates against the resources' schemas",
    ),
    Peer(
        "checkov",
        STACKS,
        ["checkov", "-d", STACKS, "--framework", "cloudformation", "--compact", "--quiet", "--soft-fail"],
        "policies for templates, none of them about tuning",
    ),
]
"""What is compared with ``hpolint check`` of the same files."""


def write_files(folder: Path) -> dict[str, str]:
    """Write modules and templates, one in ``TUNED_EVERY`` with a tuning job; what each folder holds, in words."""
    (folder / SOURCES).mkdir()
    (folder / STACKS).mkdir()
    (folder / SEMGREP_RULE).write_text(RULE, encoding="utf-8")
    for index in range(MODULES):
        text = "\n\n".join(cell(index * 9 + number).removeprefix("%matplotlib inline\n") for number in range(9))
        text += "\n\n" + TUNER.replace("ROUNDS", "100") if index % TUNED_EVERY == 0 else ""
        (folder / SOURCES / f"{word(index)}_{index:04}.py").write_text(text, encoding="utf-8")
    for index in range(TEMPLATES):
        resources: dict[str, object] = {f"Bucket{number}": BUCKET for number in range(12)}
        if index % TUNED_EVERY == 0:
            resources["Tuning"] = machine()
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
        (folder / STACKS / f"{word(index)}-{index:04}.json").write_text(json.dumps(template, indent=1), "utf-8")
    return {
        SOURCES: f"{MODULES} Python modules, {MODULES // TUNED_EVERY} with a tuner",
        STACKS: f"{TEMPLATES} CloudFormation templates, {TEMPLATES // TUNED_EVERY} with a tuning job",
    }


def machine() -> dict[str, object]:
    """A state machine that launches a tuning job."""
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    state = {"Type": "Task", "Resource": resource, "Parameters": request(), "End": True}
    properties = {
        "RoleArn": "arn:aws:iam::111122223333:role/states",
        "Definition": {"StartAt": "Tune", "States": {"Tune": state}},
    }
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}


def found() -> list[Peer]:
    """The tools that are there, each by where its command is."""
    return [
        Peer(each.tool, each.files, [path, *each.argv[1:]], each.does, each.code)
        for each in PEERS
        if (path := shutil.which(each.argv[0])) is not None
    ]

"""A CDK app that was not synthesized is named, since its jobs are not checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.harness.git import git

RESOURCE = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
PROGRAM = f"new sfn.CustomState(this, 'Tune', {{ stateJson: {{ Resource: '{RESOURCE}' }} }})"
NOTICE = b"run `cdk synth`"


def app(folder: Path, files: dict[str, str]) -> Command:
    """A repository with an app of some files."""
    command = Command(folder)
    for name, text in {"cdk.json": "{}", ".git/HEAD": "", **files}.items():
        command.write(name, text)
    return command


PROGRAMS = {
    "lib/a.ts": PROGRAM,
    "lib/b.js": PROGRAM.replace("'", "`"),
    "app.py": "call = cr.AwsSdkCall(service='SageMaker', action='createHyperParameterTuningJob', parameters=read())",
}


@pytest.mark.parametrize(("name", "text"), PROGRAMS.items(), ids=PROGRAMS)
def test_an_app_without_output_is_named_with_its_program(name: str, text: str, tmp_path: Path) -> None:
    """The notice says what to run, and the exit code is that of a check without jobs."""
    result = app(tmp_path, {name: text})("check")
    expected = f"hpolint: cdk.json: the app has no output, and {name} launches a tuning job: run `cdk synth`, and check"
    assert expected in result.stderr.decode("utf-8")
    assert result.returncode == 0


OTHERS = {
    "synthesized": {"lib/a.ts": PROGRAM, "cdk.out/manifest.json": "{}"},
    "synthesized elsewhere": {"lib/a.ts": PROGRAM, "cdk.json": '{"output": "synth"}', "synth/manifest.json": "{}"},
    "without a launch": {"lib/a.ts": "new sfn.Pass(this, 'Tune')"},
    "a launch in a comment": {"lib/a.ts": f"// '{RESOURCE}'"},
    "a launch in a test": {"test/a.ts": PROGRAM},
}


@pytest.mark.parametrize("files", OTHERS.values(), ids=OTHERS)
def test_no_other_app_is_named(files: dict[str, str], tmp_path: Path) -> None:
    """An app whose output is there is checked; one that launches nothing needs no check."""
    assert NOTICE not in app(tmp_path, files)("check").stderr


def test_a_program_whose_request_is_read_is_not_named(tmp_path: Path) -> None:
    """A dict that Python writes is checked where it is written."""
    ranges = "{'ContinuousParameterRanges': [{'Name': 'eta', 'MinValue': '0.1', 'MaxValue': '0.5'}]}"
    config = f"{{'Strategy': 'Bayesian', 'ParameterRanges': {ranges}}}"
    parameters = f"{{'HyperParameterTuningJobConfig': {config}, 'TrainingJobDefinition': {{}}}}"
    state = f"{{'Type': 'Task', 'Resource': '{RESOURCE}', 'Parameters': {parameters}}}"
    result = app(tmp_path, {"app.py": f"sfn.CustomState(self, 'Tune', state_json={state})"})("check")
    assert b"1 tuning job" in result.stdout
    assert NOTICE not in result.stderr


def test_a_damaged_file_of_an_app_is_no_error(tmp_path: Path) -> None:
    """The CDK's command names it."""
    result = app(tmp_path, {"cdk.json": "{", "lib/a.ts": PROGRAM})("check")
    assert NOTICE in result.stderr
    assert b"Traceback" not in result.stderr


def test_below_a_lock_the_program_is_a_place_that_is_not_read(tmp_path: Path) -> None:
    """A rule that demands a decision reports it, as it does for any program that launches a job."""
    command = Command(tmp_path)
    command.write("cdk.json", "{}")
    command.write("lib/a.ts", PROGRAM)
    locked = '[rules."compute/missing-spot"]\nlocked = true\n[undecided]\n"compute/missing-spot" = "error"\n'
    command.write("hpolint.toml", locked)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    result = command("check")
    assert b"lib/a.ts:1:" in result.stdout
    assert result.returncode == 1

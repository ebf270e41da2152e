"""GitHub's workflows call what the README and .ci/ call, and are pinned."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.diff.repositories import Repository
from tests.harness.systems import posix
from tests.requests import sound
from tests.test_docs import blocks

WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}


def steps(name: str) -> list[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    jobs = yaml.safe_load(WORKFLOWS[name].read_text("utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def commands(name: str) -> list[str]:
    """What a workflow runs, line by line."""
    return [line for step in steps(name) for line in step.get("run", "").splitlines()]


def test_every_system_runs_what_the_readme_says() -> None:
    """The README's two commands, in the environment that the runner has instead of ``.venv``."""
    for block in blocks("console"):
        _, *said = block.strip().replace(".venv/bin/", "").split(" && ")
        for command in said:
            assert any(line.removesuffix(" --exit-zero") == command for line in commands("ci"))


@pytest.mark.parametrize(
    ("workflow", "command"),
    [
        ("ci", ".ci/run"),
        ("nightly", ".ci/run"),
        ("docs", "python scripts/build_site.py"),
        ("release", '.ci/package "$GITHUB_REF_NAME"'),
    ],
)
def test_what_a_workflow_does_can_be_done_here(workflow: str, command: str) -> None:
    """It calls a script of the repository; the nightly one with what takes longer."""
    assert command in commands(workflow)
    script = ROOT / command.removeprefix("python ").split()[0]
    assert os.access(script, os.X_OK) or command.startswith("python ")
    assert script.is_file()
    longer = [step.get("env") for step in steps(workflow) if step.get("run") == command]
    assert longer == [{"HPOLINT_NIGHTLY": "1"} if workflow == "nightly" else None]


def test_the_systems_are_those_that_the_package_names() -> None:
    """Each Python that the package says it runs on, on Linux, macOS and Windows."""
    matrix = yaml.safe_load(WORKFLOWS["ci"].read_text("utf-8"))["jobs"]["systems"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert matrix["python"] == named


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_a_workflow_uses_is_pinned(name: str) -> None:
    """Actions by commit, with the version beside it; a package as constraints.txt has it."""
    used = re.findall(r"uses: (.*)", WORKFLOWS[name].read_text("utf-8"))
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in used)
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    for line in commands(name):
        if line.startswith("pip install"):
            assert "-c constraints.txt" in line or line.split()[-1] in pins


ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def action_step(name: str) -> dict[str, Any]:
    """A step of the action."""
    step: dict[str, Any] = next(step for step in ACTION["runs"]["steps"] if step.get("name") == name)
    return step


def run_step(name: str, folder: Path, known: dict[str, str]) -> tuple[int, dict[str, str], str, str]:
    """What a step of the action does in a folder: exit code, outputs, what it prints, and the step's summary.

    ``known`` are the values of its expressions, those of the inputs by their names alone.
    """
    temp = folder.parent / "runner"
    temp.mkdir(exist_ok=True)
    for each in ("output", "summary"):
        (temp / each).write_text("")
    defaults = {f"inputs.{each}": str(given.get("default", "")) for each, given in ACTION["inputs"].items()}
    values = defaults | {f"inputs.{each}": value for each, value in known.items()} | known

    def evaluated(match: re.Match[str]) -> str:
        return next((found for each in match[1].split(" || ") if (found := values.get(each))), "")

    step = action_step(name)
    environment = {each: re.sub(r"\$\{\{ ([^}]+) \}\}", evaluated, value) for each, value in step["env"].items()}
    environment |= {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "RUNNER_TEMP": str(temp),
        "GITHUB_OUTPUT": str(temp / "output"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
        "GITHUB_ACTIONS": "true",
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]  # as the runner does
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    outputs = dict(line.split("=", 1) for line in (temp / "output").read_text().splitlines())
    return run.returncode, outputs, run.stdout + run.stderr, (temp / "summary").read_text()


def run_check(folder: Path, **inputs: str) -> tuple[int, dict[str, str], str, str]:
    """What the action's own step does."""
    return run_step("Check", folder, inputs)


@posix
def test_the_action_annotates_counts_and_fails(tmp_path: Path) -> None:
    """Annotations among the text, the step's summary, SARIF, counts as outputs, and the command's exit code."""
    folder = tmp_path / "work"
    folder.mkdir()
    request = json.dumps({**sound(), "Nonsense": 1}, indent=1)
    (folder / "a job.json").write_text(request)
    (folder / "json.py").write_text("raise SystemExit('imported')")
    code, outputs, printed, summary = run_check(folder, paths="a job.json\n")
    assert code == 1
    assert outputs | {"sarif": ""} == {
        "exit-code": "1", "jobs": "1", "errors": "1", "warnings": "0", "notes": "0", "sarif": "",
    }  # fmt: skip
    assert "::error file=a job.json,line=" in printed
    assert "error[launch/invalid-request]" in printed
    assert summary.startswith("## hpolint")
    assert json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    assert run_check(folder, **{"fail-on": "none"})[0] == 0
    (folder / "broken.toml").write_text("[")
    broken, left, _, _ = run_check(folder, config="broken.toml")
    assert (broken, left) == (2, {"exit-code": "2"})  # nothing of the run before
    assert run_check(folder, paths="nowhere")[:2] == (2, {**outputs, "exit-code": "2", "jobs": "0", "errors": "0"})


@posix
def test_the_action_reports_only_what_a_pull_request_adds(tmp_path: Path) -> None:
    """Compared with the commit that it branched from; a clear error if that commit is missing."""
    folder = tmp_path / "work"
    folder.mkdir()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]

    def run(*arguments: str) -> str:
        return subprocess.run([*git, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    bad = json.dumps({**sound(), "Nonsense": 1}, indent=1)
    run("init", "-q", ".")
    (folder / "old.json").write_text(bad)
    (folder / "fixed.json").write_text(bad)
    run("add", ".")
    run("commit", "-qm", "one")
    run("switch", "-qc", "change")
    (folder / "new.json").write_text(bad)
    run("add", ".")
    run("commit", "-qm", "two")
    run("switch", "-q", "main")
    (folder / "fixed.json").write_text(json.dumps(sound(), indent=1))
    run("commit", "-qam", "three")
    base = run("rev-parse", "main")
    run("switch", "-q", "change")
    known = {"github.event.pull_request.base.sha": base, "new-only": "true"}
    code, outputs, printed, _ = run_step("Write a baseline of the base commit", folder, known)
    assert code == 0, printed
    given = {"steps.known.outputs.baseline": outputs["baseline"]}
    code, _, printed, _ = run_step("Check", folder, given)
    assert code == 1
    assert {line.split(":")[0] for line in printed.splitlines() if ": error[" in line} == {"new.json"}
    assert "without a finding" not in printed
    assert run("worktree", "list").count("\n") == 0
    assert run("status", "--porcelain") == ""
    code, _, printed, _ = run_step("Write a baseline of the base commit", folder, known | {next(iter(known)): "0" * 40})
    assert code == 2
    assert "fetch-depth: 0" in printed


def test_the_action_gives_no_input_to_the_shell_itself() -> None:
    """Values that a pull request chooses are in variables, never in a script."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])


GH = """\
#!/bin/bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *--paginate*) cat "$COMMENTS" ;;
esac
"""
"""A replacement for GitHub's command: it records its arguments and prints the identifiers of our comments."""

NO_MORE = "This pull request no longer changes any tuning job."


@posix
def test_the_action_reports_what_a_pull_request_changes(tmp_path: Path) -> None:
    """In the step's summary and a file; an increase above the limit fails; without a change the file is empty."""
    (tmp_path / "work").mkdir()
    repository = Repository(tmp_path / "work")
    repository.write("job.json", json.dumps(sound()))
    known = {"github.event.pull_request.base.sha": repository.commit(), "steps.install.outputs.python": sys.executable}
    code, outputs, _, summary = run_step("Compare", repository.folder, known)
    assert (code, summary, Path(outputs["comparison"]).read_text()) == (0, "", "")
    changed = sound()
    changed["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] *= 2
    repository.write("job.json", json.dumps(changed))
    repository.commit()
    code, outputs, _, summary = run_step("Compare", repository.folder, known)
    assert code == 0
    assert summary == Path(outputs["comparison"]).read_text()
    assert summary.startswith("<!-- hpolint-diff -->\n### hpolint: tuning jobs: 1 changed\n")
    code, _, printed, _ = run_step("Compare", repository.folder, known | {"inputs.fail-on-increase": "20%"})
    assert code == 1
    assert "20% is allowed" in printed


@posix
@pytest.mark.parametrize(
    ("comparison", "comments", "asked"),
    [
        ("", "", ""),
        ("<!-- hpolint-diff -->\nnew", "", "POST repos/o/r/issues/7/comments -f body=<!-- hpolint-diff -->\nnew"),
        ("<!-- hpolint-diff -->\nnew", "42\n", "PATCH repos/o/r/issues/comments/42 -f body=<!-- hpolint-diff -->\nnew"),
        (
            "",
            "42\n",
            f"PATCH repos/o/r/issues/comments/42 -f body=<!-- hpolint-diff -->\n{NO_MORE}",
        ),
    ],
)
def test_the_action_keeps_one_comment(tmp_path: Path, comparison: str, comments: str, asked: str) -> None:
    """It is overwritten; without a change none is created, and an existing one says so."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    for name, text in (("comparison", comparison), ("comments", comments), ("calls", "")):
        (tmp_path / name).write_text(text)
    step = action_step("Comment")
    environment = {"REPOSITORY": "o/r", "NUMBER": "7", "COMPARISON": str(tmp_path / "comparison"), "GH_TOKEN": "t"}
    assert set(environment) == set(step["env"])
    environment |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls")}
    environment |= {"COMMENTS": str(tmp_path / "comments")}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    subprocess.run(command, env=environment, check=True)
    _, _, request = (tmp_path / "calls").read_text().partition("\n")
    assert request.removeprefix("api --silent --method ").rstrip("\n") == asked

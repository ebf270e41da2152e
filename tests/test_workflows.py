"""GitHub's workflows call what the README and .ci/ call, and are pinned."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
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

"""The cache does not show, and where it would, the tester finds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.differential.tree import make, restore, state

COMMAND = [sys.executable, "-m", "tests.differential"]

BLIND = """
import sys
from hpolint.io import disk
whole, name = disk.stamp_of, sys.argv.pop(1)
disk.stamp_of = lambda path, *, content: (0,) * 7 if content and path.endswith(name) else whole(path, content=content)
from tests.differential.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""The tester with a fault: a change of one file goes unseen."""

WITHOUT = """
import sys
from tests.differential import __main__ as tester
whole = tester.run
tester.run = lambda command, *more: whole([*command, "--no-cache"], *more)
sys.exit(tester.main(sys.argv[1:]))
"""
"""The tester of a command that keeps nothing."""


def test_a_cached_check_prints_what_a_fresh_one_prints() -> None:
    """Whatever is edited between two checks. The nightly run makes hundreds of edits, others each time."""
    run = subprocess.run(
        [*COMMAND, "--steps", "8", "--seed", "5"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ["src/options.py", "deploy/machine1.json"])
def test_a_change_that_goes_unseen_is_found(name: str) -> None:
    """A module of a training script, a file that a template names: the step and the stale output are printed."""
    command = [sys.executable, "-c", BLIND, name, "--only", name, "--steps", "9", "--seed", "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stdout.startswith("seed 1, step ")
    assert f" repo/{name}" in run.stdout.split("\n", 1)[0]
    assert "\n--- fresh\n+++ cached\n" in run.stdout


def test_a_cache_that_gives_nothing_proves_nothing() -> None:
    """Where nothing is kept, no output is stale: that is no success."""
    command = [sys.executable, "-c", WITHOUT, "--only", "plain", "--steps", "2", "--seed", "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stdout + run.stderr


def test_an_earlier_state_comes_back_whole(tmp_path: Path) -> None:
    """Files, links, folders and modes: a seed gives the same edits again only then."""
    make(tmp_path)
    first = state(tmp_path)
    (tmp_path / "repo/src/train.py").unlink()
    (tmp_path / "repo/src/train.py").mkdir()
    (tmp_path / "repo/tune.py").chmod(0o600)
    (tmp_path / "repo/plain/link.json").unlink()
    (tmp_path / "repo/lone").rename(tmp_path / "repo/plain/link.json")
    (tmp_path / "repo/lone").symlink_to("src")
    restore(tmp_path, first)
    assert state(tmp_path) == first

"""What shells complete with the scripts that ``--show-completion`` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import Command
from tests.harness.systems import posix

TRY = """
complete() { printf '%s\\n' "$*" > registered; }
source script
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_hpolint_completion hpolint
printf '%s\\n' "${COMPREPLY[@]}"
"""


@posix
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("c", "check cost config clean"),
        ("--v", "--version"),
        ("check --fi", "--fix --fix-only"),
        ("check a.json --isolated --fail-on ''", "error warning note"),
        ("check -o j", "json junit"),
        ("cost --output c", "csv"),
        ("check ''", ""),
        ("check --baseline ''", ""),
    ],
)
def test_bash(hpolint: Command, words: str, completions: str) -> None:
    """Commands, options and values are completed; bash itself completes paths, where hpolint has nothing to offer."""
    (hpolint.folder / "script").write_bytes(hpolint("--show-completion", "bash").stdout)
    program = hpolint.folder / "hpolint"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m hpolint "$@"\n')
    program.chmod(0o755)
    run = subprocess.run(
        ["bash", "--norc", "-c", f"{TRY}", "bash", "hpolint", *words.replace("''", " ").split(" ")],
        cwd=hpolint.folder,
        env={"PATH": f"{hpolint.folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == completions.split()
    assert (hpolint.folder / "registered").read_text() == "-o default -F _hpolint_completion hpolint\n"

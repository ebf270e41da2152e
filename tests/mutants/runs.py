"""The tests of a copy of this checkout in which a module has a mistake."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.fuzz.limits import limit_processor

PARTS = ("hpolint", "tests", "rules", "fixtures", "docs", "benchmarks", "scripts", "pyproject.toml", "README.md")
NICER = 5
"""How far whatever else runs on the machine goes before."""


def copied(folder: Path) -> Path:
    """A copy of what the tests need, in a folder that is made for it."""
    for part in PARTS:
        whole = ROOT / part
        if whole.is_dir():
            shutil.copytree(whole, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(whole, folder / part)
    (folder / ".git").mkdir()  # scripts are looked for from a repository's root, too
    # Compiled once for all mutants. A hash of the source detects stale files: two mutants may have one size and time.
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    for part in ("hpolint", "tests"):
        compileall.compile_dir(folder / part, quiet=1, invalidation_mode=checked)
    return folder


def passes(copy: Path, tests: Sequence[str], seconds: int) -> bool:
    """Whether the tests pass there, in so many seconds of the processor's time. They stop at the first that fails."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HPOLINT_PROFILE": "mutants",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *tests]

    def limit() -> None:
        limit_processor(seconds)
        os.nice(NICER)

    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, preexec_fn=limit, check=False)
    return run.returncode == 0


def survives(copy: Path, module: str, text: str, tests: Sequence[str], seconds: int) -> bool:
    """Whether the tests pass although a module of the copy has another text. The copy is afterwards as it was."""
    path = copy / "hpolint" / module
    whole = path.read_bytes()
    try:
        path.write_text(text, encoding="utf-8")
        return passes(copy, tests, seconds)
    finally:
        path.write_bytes(whole)

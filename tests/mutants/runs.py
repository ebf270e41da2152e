"""The tests of a copy of this checkout in which a module has a mistake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.fuzz.limits import limit_processor

PARTS = ("hpolint", "tests", "rules", "fixtures", "docs", "benchmarks", "scripts", "pyproject.toml", "README.md")

TESTS = (
    *(
        "tests/test_undecided.py",
        "tests/test_engine.py",
        "tests/test_judge.py",
        "tests/test_grouping.py",
        "tests/test_binding.py",
    ),
    *("tests/schema", "tests/facts", "tests/test_completing.py", "tests/test_fix.py", "tests/test_spelling.py"),
    "tests/test_telling.py",
    *("tests/reporters/test_reports.py::test_snapshot", "tests/reporters/test_reports.py::test_undecided_snapshot"),
    *("tests/registry", "tests/oracles/test_botocore.py"),
    *("tests/script/test_arguments.py", "tests/script/test_prints.py", "tests/restated"),
    *("tests/cost/test_estimate.py", "tests/cost/test_worst.py", "tests/cost/test_likely.py"),
)
"""Those that concern the rooms and run in one process: what starts the installed command tests no copy."""

SECONDS = 400
"""Of the processor's time: ten times what the tests take. A mutant that takes more is caught."""


def copied(folder: Path) -> Path:
    """A copy of what the tests need."""
    for part in PARTS:
        whole = ROOT / part
        if whole.is_dir():
            shutil.copytree(whole, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(whole, folder / part)
    (folder / ".git").mkdir()  # scripts are looked for from a repository's root, too
    return folder


def passes(copy: Path, tests: tuple[str, ...] = TESTS) -> bool:
    """Whether the tests pass there. They stop at the first that does not."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *tests]
    run = subprocess.run(
        command,
        cwd=copy,
        env=environment,
        capture_output=True,
        preexec_fn=lambda: limit_processor(SECONDS),
        check=False,
    )
    return run.returncode == 0


def survives(copy: Path, module: str, text: str, tests: tuple[str, ...] = TESTS) -> bool:
    """Whether the tests pass although a module of the copy has another text. The copy is afterwards as it was."""
    path = copy / "hpolint" / module
    whole = path.read_bytes()
    try:
        path.write_text(text, encoding="utf-8")
        return passes(copy, tests)
    finally:
        path.write_bytes(whole)

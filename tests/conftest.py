"""What all tests share: Hypothesis profiles, and the command run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.harness.forked_command import can_copy, server
from tests.harness.processor import Accounts, pytest_runtest_call
from tests.harness.signals import usual_signals

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

usual_signals()
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # several threads of several processes take many times as long
os.environ["HPOLINT_CACHE_DIR"] = os.devnull  # no check is a repetition of another, but where a test asks for it
ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
EXAMPLES = {"dev": (30, 20), "ci": (30, 20), "mutants": (50, 10), "nightly": (5000, 1)}
"""For each profile: how many examples a property is tried on, and what part of the figure where one has its own.

Everyday runs try a few: CI the same ones each time, so that a change is judged by itself, and others new ones. Each
night all properties are tried on thousands of new ones.
"""
PROFILE = os.environ.get("HPOLINT_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
for _profile, (_examples, _) in EXAMPLES.items():
    settings.register_profile(
        _profile, max_examples=_examples, deadline=None, derandomize=_profile == "ci", suppress_health_check=SLOW
    )
settings.load_profile(PROFILE)


def scaled(full: int) -> int:
    """How many examples a property is tried on: the issue's figure at night, a part of it elsewhere."""
    return max(full // EXAMPLES[PROFILE][1], 20)


__all__ = ["pytest_runtest_call"]


def pytest_configure(config: pytest.Config) -> None:
    """The processor time of the tests is printed at the end."""
    config.pluginmanager.register(Accounts(), "accounts")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--live`` adds tests that ask the real SDKs, whose answers are recorded for the others; ``--nightly`` more."""
    parser.addoption("--live", action="store_true", help="ask the SDKs that HPOLINT_SDK2 and the like name, too")
    parser.addoption("--nightly", action="store_true", help="run what takes too long for each change, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need their own environment or take too long, unless requested. Requested tests are never
    skipped: they fail."""
    deselected = [name for name in ("live", "nightly") if not config.getoption(f"--{name}")]
    wanted = [item for item in items if not any(map(item.get_closest_marker, deselected))]
    if len(wanted) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if any(map(item.get_closest_marker, deselected))])
        items[:] = wanted


POSIX_ONLY = (
    *("test_endings.py", "test_terminal.py", "test_cases.py", "test_processes.py", "test_precommit.py"),
    *("conformance", "differential", "ecosystem", "fuzz", "mutants"),
)
"""Signals, pipes, terminals, limits and links: what they test is there on Windows in another way, or not at all."""

collect_ignore = list(POSIX_ONLY) if sys.platform == "win32" else []


SECONDS = 120
"""Of processor time that a run of the command may take."""


def limited() -> None:
    """Ends a process that computes without end, by its processor time: a busy machine ends none."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


KEPT = ("PATH", "HOME", "PYTHONUTF8", "SYSTEMROOT", "TEMP", "TMP", "HPOLINT_CACHE_DIR")
"""Of the environment, without which no process starts."""


class Command:
    """Runs ``hpolint`` in a folder, as a process, in a scrubbed environment: a copy of one that has it loaded, where
    that is the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if name in KEPT or "COV" in name} | environment
        if can_copy(kept):
            return server().run(arguments, self.folder, stdin, kept, SECONDS)
        return self.start(*arguments, stdin=stdin, **environment)

    def start(self, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        """The same in a new process, for what its start does."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT or "COV" in name}
        return subprocess.run(
            [sys.executable, "-m", "hpolint", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            env={**kept, **environment},
            preexec_fn=limited if resource is not None else None,
            check=False,
        )

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the folder, with the folders above it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def hpolint(tmp_path: Path) -> Command:
    """The command in an empty folder."""
    return Command(tmp_path)

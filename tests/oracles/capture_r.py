"""Runs programs of R against the SageMaker Python SDK v2 by reticulate, without a network, and tells what they send.

Run as a script by the interpreter of an environment that has the SDK, like ``capture_sdk2.py``: it starts R with the
same interpreter, whose ``capture_r.R`` imports this module. Of each request only the parts that the programs set are
kept: the hyperparameters and the limits.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import capture_sdk2  # type: ignore[import-not-found]  # noqa: E402 - it stands beside this script

state: dict[str, Any] = {}


def programs(path: str) -> list[str]:
    """The programs to run."""
    texts: list[str] = json.loads(Path(path).read_text("utf-8"))
    return texts


def prepare(folder: str) -> None:
    """Import the SDK in an environment without an account."""
    stack = contextlib.ExitStack()
    kept = {name: value for name, value in os.environ.items() if name.startswith(("R_", "LD_"))}
    stack.enter_context(mock.patch.dict(os.environ, {**kept, **capture_sdk2.environment(Path(folder))}, clear=True))
    for module in capture_sdk2.SDK2.modules:
        __import__(module)
    state.update(environment=stack, results=[])


def begin() -> None:
    """Begin a program."""
    account = capture_sdk2.Account()
    stack = contextlib.ExitStack()
    stack.enter_context(capture_sdk2.kept_state(capture_sdk2.SDK2))
    for patch in (*capture_sdk2.common_patches(account), *capture_sdk2.SDK2.patches()):
        stack.enter_context(patch)
    stack.enter_context(capture_sdk2.silenced())
    state.update(account=account, stack=stack)


def end(error: str | None) -> None:
    """End a program, and keep what it has sent."""
    state.pop("stack").close()
    requests = [short(request) for request in state.pop("account").requests]
    state["results"].append({"requests": requests, "error": error})


def short(request: dict[str, Any]) -> dict[str, Any]:
    """The parts of a request that the programs set."""
    definition, config = request["TrainingJobDefinition"], request["HyperParameterTuningJobConfig"]
    return {
        "StaticHyperParameters": definition.get("StaticHyperParameters", {}),
        "ResourceLimits": config["ResourceLimits"],
    }


def finish(path: str) -> None:
    """Write the results."""
    Path(path).write_text(json.dumps(state["results"]), "utf-8")


def main() -> None:
    """Answers the list of programs on stdin."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "programs.json"), Path(folder, "results.json")
        given.write_text(sys.stdin.read(), "utf-8")
        subprocess.run(
            ["Rscript", "--vanilla", str(HERE / "capture_r.R"), str(HERE), str(given), str(made), folder],
            env={**os.environ, "RETICULATE_PYTHON": sys.executable},
            stdout=sys.stderr,
            check=True,
        )
        sys.stdout.write(made.read_text("utf-8"))


if __name__ == "__main__":
    main()

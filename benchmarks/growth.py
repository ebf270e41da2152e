"""How processor time and memory grow: one, ten, a hundred and a thousand jobs, ranges and findings."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.files import TUNER, notebook, request

SIZES = (1, 10, 100, 1_000)


def files(folder: Path, count: int) -> None:
    """So many requests, a file each."""
    for number in range(count):
        (folder / f"request-{number:04}.json").write_text(json.dumps(request(), indent=2), encoding="utf-8")


def cells(folder: Path, count: int) -> None:
    """So many tuners in one notebook."""
    sources = [part.replace("ROUNDS", "100") for _ in range(count) for part in TUNER.split("\n\n\n")]
    (folder / "tuners.ipynb").write_text(json.dumps(notebook(sources, 1), indent=1), encoding="utf-8")


def ranges(folder: Path, count: int) -> None:
    """A request with so many ranges, nothing wrong with all but one."""
    _write(folder, count, {"MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Linear"}, "weight")


def findings(folder: Path, count: int) -> None:
    """A request with so many ranges, each of them a finding with a fix."""
    _write(folder, count, {"MinValue": "0.0001", "MaxValue": "0.5", "ScalingType": "Linear"}, "learning_rate")


def _write(folder: Path, count: int, bounds: dict[str, str], name: str) -> None:
    made = copy.deepcopy(request())
    own = made["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"]
    own += [{"Name": f"{name}_{number}", **bounds} for number in range(count)]
    (folder / "request.json").write_text(json.dumps(made, indent=1), encoding="utf-8")


KINDS: dict[str, Callable[[Path, int], None]] = {
    "requests, a file each": files,
    "tuners in a notebook": cells,
    "ranges": ranges,
    "findings with fixes": findings,
}
"""What grows, and who writes it."""

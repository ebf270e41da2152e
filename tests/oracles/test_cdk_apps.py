"""Findings of apps that real versions of the CDK have synthesized are placed in the apps' programs, or nowhere.

``tests/oracles/cdk_apps`` has the apps, ``tests/oracles/records/cdk`` what two versions make of them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.run.check import check_paths
from tests.oracles.cdk_apps.record import APPS, FOLDER, RECORDS, records

NAMES = sorted(path.stem for path in RECORDS.glob("*.json"))
WITH_FRAMES = ("ts-node-newest", "compiled-newest", "ts-node-oldest-frames")
"""The records whose templates have frames of the program beside them."""

STATES = {"TuneCoarse": "training", "TuneFine": "training", "Refine": "refinement"}
"""The states whose names are unique, with the files that construct them."""

CONSTRUCTS = {"ObjectMachine": "training", "TuneOnDeploy": "training", "Nightly": "training"}
SHARED = {"Beta/Training/Refinement/Search": "refinement", "Beta/Reporting/Search": "reporting"}
"""The machines whose names, and those of a state, two files use: only a frame tells them apart."""


@pytest.mark.live
def test_the_cdk_still_writes_what_is_recorded() -> None:
    """``python -m tests.oracles.cdk_apps.record`` writes the records anew."""
    for name, texts in records().items():
        assert json.loads((RECORDS / f"{name}.json").read_text("utf-8")) == texts


def app(name: str, folder: Path) -> Path:
    """The app of a record with its program and its output."""
    target = folder / FOLDER
    shutil.copytree(APPS / ("python" if name.startswith("python") else "typescript"), target)
    if name.startswith("compiled"):
        for path in sorted(target.glob("*/*.ts")):  # what the compiler writes has the same texts
            compiled = target / "built" / path.relative_to(target).with_suffix(".js")
            compiled.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, compiled)
            shutil.copy(path, path.with_suffix(".js"))
    for path, document in json.loads((RECORDS / f"{name}.json").read_text("utf-8")).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(json.dumps(document), encoding="utf-8")
    return target


def places(target: Path) -> dict[str, tuple[str, str, str] | None]:
    """The file, the text of the line, and the name in the origin of each job of the first stage, by its carrier."""
    report = check_paths([str(target)], CheckOptions(uses_cache=False))
    found: dict[str, tuple[str, str, str] | None] = {}
    for job in report.jobs:
        if job.construct is None or not job.construct.startswith("Beta/"):
            continue
        assert job.carrier is not None
        found[job.carrier] = None
        if job.origin is not None:
            path = Path(job.origin.source)
            line = path.read_text("utf-8").splitlines()[job.origin.span.line - 1]
            found[job.carrier] = path.name, line.strip(), job.origin.name
    return found


def expected(name: str) -> dict[str, tuple[str, str, str] | None]:
    """The origins that are right for a record: what people find who look for the construction."""
    is_python = name.startswith("python")
    found: dict[str, tuple[str, str, str] | None] = {}
    for state, file in STATES.items():
        machine = "Training/Refinement/Search" if state == "Refine" else "Training/Machine"
        carrier = f"state `{state}` of the construct `Beta/{machine}`"
        found[carrier] = _place(file, state, f"state `{state}`", is_python=is_python)
    for construct, file in CONSTRUCTS.items():
        carrier = {
            "ObjectMachine": "state `TuneObject` of the construct `Beta/Training/ObjectMachine`",
            "TuneOnDeploy": "call on create of the construct `Beta/Training/TuneOnDeploy`",
            "Nightly": "target of the construct `Beta/Training/Nightly`",
        }[construct]
        if not (is_python and construct == "Nightly"):
            found[carrier] = _place(file, construct, f"construct `{construct}`", is_python=is_python)
    for machine, file in SHARED.items():
        place = _place(file, "Shared", "state `Shared`", is_python=is_python)
        found[f"state `Shared` of the construct `{machine}`"] = place if name in WITH_FRAMES else None
    hidden = _place("reporting", "Search", "construct `Search`", is_python=is_python)
    carrier = "state `TuneHidden` of the construct `Beta/Reporting/Search`"
    found[carrier] = hidden if name in WITH_FRAMES else None
    for region in ("North", "South"):
        found[f"construct `Beta/Training/Tune{region}`"] = None
    return found


def _place(file: str, construct: str, name: str, *, is_python: bool) -> tuple[str, str, str]:
    """The only line of a file that has the quoted id of a construct, outside of comments."""
    folder, suffix = (APPS / "python/churn", ".py") if is_python else (APPS / "typescript/lib", ".ts")
    words = {"training": "training_stack", "reporting": "reporting_stack"}
    stem = words.get(file, file)
    path = folder / f"{stem if is_python else stem.replace('_', '-')}{suffix}"
    (line,) = (
        line.strip()
        for line in path.read_text("utf-8").splitlines()
        if f"'{construct}'" in line or (f'"{construct}"' in line and "#" not in line and '"""' not in line)
    )
    return path.name, line, name


@pytest.mark.parametrize("name", NAMES)
def test_each_place_is_right_or_silent(name: str, tmp_path: Path) -> None:
    """With frames also names that are not unique; a name that a variable or a template holds is never guessed."""
    assert places(app(name, tmp_path)) == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_places_follow_the_program_after_it_was_changed(name: str, tmp_path: Path) -> None:
    """The frames of an older synthesis name other lines: ten lines that were inserted above move every place."""
    target = app(name, tmp_path)
    comment = "#" if name.startswith("python") else "//"
    for path in [*target.rglob("*.ts"), *target.rglob("*.py")]:
        path.write_text(f"{comment} a line\n" * 10 + path.read_text("utf-8"), encoding="utf-8")
    assert places(target) == expected(name)

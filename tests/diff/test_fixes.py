"""A fix that is applied is, for the comparison, exactly that fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.diff.repositories import Repository

FILES = [
    path
    for folder in ("request", "python", "states", "terraform", "cloudformation")
    for path in sorted((ROOT / "fixtures" / folder).iterdir())
    if path.suffix in (".json", ".yaml", ".py", ".ipynb", ".tf") and "fixed" not in path.name
]


def extracted(repository: Repository) -> list[dict[str, Any]]:
    """The jobs as they are read."""
    found: list[dict[str, Any]] = json.loads(repository("extract").stdout)["jobs"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_fixed_file_differs_by_its_fixes_and_by_nothing_else(tmp_path: Path, path: Path) -> None:
    """Every field that a fix sets is reported with its new value; a reported field differs in the parsed job."""
    repository = Repository(tmp_path)
    repository.write(path.name, path.read_bytes())
    before_commit, before = repository.commit(), extracted(repository)
    repository("check", "--fix", "--unsafe-fixes", "--no-baseline")
    after = extracted(repository)
    found = repository.diff(before_commit)
    assert {each["kind"] for each in found["jobs"]} <= {"changed"}
    reported = sum(len(each["fields"]) for each in found["jobs"])
    changed = [
        one["request"] != other["request"] or one["defaults"] != other["defaults"]
        for one, other in zip(before, after, strict=True)
    ]
    assert sum(changed) == len([each for each in found["jobs"] if each["fields"]])
    assert (reported > 0) == any(changed)
    assert found["new"] == []
    assert {finding["level"] for each in found["jobs"] for finding in each["new"]} <= {"note"}

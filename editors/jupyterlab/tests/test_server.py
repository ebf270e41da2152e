"""The endpoints of the Jupyter server."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from conftest import FIXTURES, Lab

CELLS = [{"text": "import sagemaker", "is_code": True, "tags": []}]
NOTEBOOK: dict[str, Any] = {"path": "new.ipynb", "cells": CELLS, "metadata": {}}


def test_a_notebook_that_was_never_saved_is_checked(lab: Lab) -> None:
    """The browser sends its cells; no file needs to be there."""
    status, report = lab.ask("hpolint/notebook", {"notebook": NOTEBOOK})
    assert (status, report["cells"], report["jobs"], report["error"]) == (200, [[]], [], None)


@pytest.mark.parametrize(
    "path", ["hpolint/notebook", "hpolint/actions", "hpolint/shown", "hpolint/close?path=a", "hpolint/folder"]
)
def test_who_is_not_logged_in_gets_nothing(lab: Lab, path: str) -> None:
    """As with Jupyter's own endpoints."""
    body = None if "folder" in path else {"notebook": NOTEBOOK}
    assert lab.ask(path, body, token="")[0] == 403


@pytest.mark.parametrize("body", [{}, [], {"notebook": {"path": 3}}, {"notebook": {**NOTEBOOK, "cells": [{}]}}])
def test_another_shape_is_a_bad_request(lab: Lab, body: object) -> None:
    """The server says so, and goes on."""
    assert lab.ask("hpolint/notebook", body)[0] == 400


def test_the_page_of_a_rule_needs_no_network(lab: Lab) -> None:
    """It is the text of the installed package; a rule that there is not has none."""
    assert "# compute/missing-spot" in lab.ask("hpolint/rule?id=compute/missing-spot")[1]
    assert lab.ask("hpolint/rule?id=compute/no-such-rule")[0] == 404


def test_the_jobs_of_a_folder_are_listed_by_cost(lab: Lab) -> None:
    """With the findings of their files; a folder that there is not is an error of its own."""
    (lab.folder / "jobs").mkdir()
    for name in ("vision.ipynb", "vision-fixed.ipynb"):
        shutil.copy(FIXTURES / "notebook" / name, lab.folder / "jobs" / name)
    status, jobs = lab.ask("hpolint/folder?path=jobs")
    assert (status, [(job["path"], job["hours"]) for job in jobs]) == (
        200,
        [("vision.ipynb", 192), ("vision-fixed.ipynb", 96)],
    )
    assert jobs[0]["levels"] == {"warning": 1, "note": 3}
    assert lab.ask("hpolint/folder?path=nowhere")[0] == 404
    assert lab.ask("hpolint/folder?path=../..")[0] == 200, "no path leaves the folder of the server"

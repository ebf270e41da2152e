"""The client libraries' own sources define no job, whatever they are called."""

from __future__ import annotations

import subprocess

import pytest

from hpolint import check
from tests.oracles.programs import ORACLES

PACKAGES = {
    "sdk2": ("sagemaker", "stepfunctions"),
    "sdk3": ("sagemaker",),
    "airflow": ("airflow.providers.amazon",),
    "boto3": ("boto3", "moto"),
}
FIND = "import importlib.util as u, sys; [print(u.find_spec(n).submodule_search_locations[0]) for n in sys.argv[1:]]"


LIVE = {"sdk2", "sdk3", "airflow"}
"""Those that need an environment of their own."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.live] * (name in LIVE)) for name in PACKAGES])
def test_a_client_librarys_own_source_is_no_definition(name: str) -> None:
    """Who has one in a tree, vendored or installed, is told of no job: nobody launches one there."""
    command = [ORACLES[name].python, "-c", FIND, *PACKAGES[name]]
    folders = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    report = check(folders)
    assert report.files > 20
    assert (report.jobs, report.findings) == ([], [])

"""The client libraries' own sources define no job, whatever they are called."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hpolint import check
from hpolint.data import generated
from scripts.generate_image_uris import MODULES
from scripts.generate_signatures import OLDER
from tests.conftest import ROOT
from tests.oracles.programs import ORACLES
from tests.oracles.record import pinned

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
    """A client library in the tree, vendored or installed, has no job, because its source launches none."""
    command = [ORACLES[name].python, "-c", FIND, *PACKAGES[name]]
    folders = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    report = check(folders)
    assert report.files > 20
    assert (report.jobs, report.findings) == ([], [])


@pytest.mark.live
@pytest.mark.parametrize("script", ["generate_signatures.py", "generate_image_uris.py"])
def test_the_data_is_that_of_the_installed_sdks(script: str) -> None:
    """The script writes it anew; of the oldest versions, too."""
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_the_signatures_are_of_the_version_that_the_oracles_ask() -> None:
    """The readers' signatures and the oracles are of the same SDK version, and so are the older ones."""
    environments = ROOT / "tests/oracles/environments"
    for name, package in (("sdk2", "sagemaker"), ("sdk3", "sagemaker-train")):
        recorded = generated(name)
        assert f"{package}=={recorded[package]}\n" in (environments / f"{name}.txt").read_text("utf-8")
        pins = {version for each in OLDER[name] if (version := pinned(environments / f"{each}.txt").get(package))}
        assert pins == recorded["older"].keys()


def test_the_images_are_of_the_versions_that_the_oracles_ask() -> None:
    """The names and versions of images are those of the pinned SDKs."""
    pins = set()
    for name, package in MODULES.items():
        environment = pinned(ROOT / f"tests/oracles/environments/{name}.txt")
        pins.add(environment[package.replace(".", "-")])
    assert pins == set(generated("image_uris")["sdks"])

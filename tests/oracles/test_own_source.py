"""The client libraries' own sources define no job, whatever they are called."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from hpolint import check
from hpolint.data import generated, sdk_imports
from scripts.generate_image_uris import MODULES
from scripts.generate_sdk_imports import VERSIONS
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


IMPORT_ALL = """
import importlib, json, logging, os, sys, warnings
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
names = {}
for module in sys.argv[1:]:
    try:
        imported = importlib.import_module(module)
    except Exception:
        continue
    files = [file.partition(".")[0] for path in getattr(imported, "__path__", []) for file in os.listdir(path)]
    names[module] = {"names": dir(imported), "files": files}
print(json.dumps(names))
"""
"""A program that prints the names of the modules in its arguments that can be imported."""

SDK_PACKAGES = ("sagemaker", "sagemaker-train", "sagemaker-serve", "sagemaker-mlops")
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
@pytest.mark.parametrize("script", ["generate_signatures.py", "generate_image_uris.py", "generate_sdk_imports.py"])
def test_the_data_is_that_of_the_installed_sdks(script: str) -> None:
    """The script writes it anew; of the oldest versions, too."""
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.live
@pytest.mark.parametrize("environment", ["sdk1", "sdk2_oldest", "sdk2"])
def test_what_an_sdk_can_import_is_in_its_data(environment: str) -> None:
    """No name that a real module has is missing in that version, and none is there that it lacks."""
    python = os.environ[f"HPOLINT_{environment.upper()}"]
    version = pinned(ROOT / f"tests/oracles/environments/{environment}.txt")["sagemaker"]
    place = sdk_imports.versions().index(version)
    modules = [module for module, places in sdk_imports.modules().items() if place in places]
    command = [python, "-c", IMPORT_ALL, *modules]
    settings = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
    run = subprocess.run(command, capture_output=True, text=True, env=settings, check=True)
    imported = json.loads(run.stdout.splitlines()[-1])
    assert len(imported) > len(modules) * 0.9  # some need libraries that are not installed
    for module, bound in imported.items():
        names = sdk_imports.names(module)
        if not names:
            continue
        known = {name for name, places in names.items() if place in places}
        missing = {name for name in set(bound["names"]) - known if not name.startswith("_") and not name.isupper()}
        assert missing & names.keys() == set(), module
        assert missing <= sdk_imports.imported_names() | sdk_imports.modules_with().keys(), module
        assert missing == set() or module not in sdk_imports.packages(), module
        assert known <= {*bound["names"], *bound["files"]}, module


def test_the_imports_are_of_the_versions_that_the_oracles_ask() -> None:
    """The pinned SDKs are among the versions whose modules are recorded."""
    environments = ROOT / "tests/oracles/environments"
    recorded_versions = {pin for distributions in VERSIONS.values() for pin in distributions}
    assert tuple(VERSIONS) == sdk_imports.versions()
    for name in ("sdk1", "sdk2_oldest", "sdk2", "sdk3_oldest", "sdk3"):
        pins = pinned(environments / f"{name}.txt").items()
        named = {f"{package}=={version}" for package, version in pins if package in SDK_PACKAGES}
        assert named <= recorded_versions, name


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

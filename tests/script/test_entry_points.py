"""Entry points that the SDK does not find, and those that the container cannot import."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.conftest import Command

TUNER = """
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
{before}
estimator = PyTorch(entry_point="{entry}", source_dir="src", role="r", instance_count=1,
    instance_type="ml.g5.xlarge", framework_version="2.1", py_version="py310"{more})
HyperparameterTuner(estimator, "loss", {{"lr": ContinuousParameter(1e-5, 1e-3)}}, max_jobs=4).fit()
"""
SCRIPT = 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--lr")\nparser.parse_args()\n'


def found(hpolint: Command, entry: str, files: Mapping[str, str], before: str = "", more: str = "") -> list[str]:
    for name, text in files.items():
        hpolint.write(f"job/{name}", text)
    hpolint.write("job/tune.py", TUNER.format(entry=entry, before=before, more=more))
    findings = json.loads(hpolint("check", "job", "--output", "json").stdout)["findings"]
    return [each["rule"] for each in findings if each["rule"].startswith("script/entry-point")]


@pytest.mark.parametrize(
    ("entry", "files", "before", "is_found"),
    [
        ("src/train.py", {"src/train.py": SCRIPT}, "", True),
        ("./src/train.py", {"src/train.py": SCRIPT}, "", True),
        ("code/src/train.py", {"src/train.py": SCRIPT}, "", True),
        ("train.py", {"src/other.py": SCRIPT}, "", True),
        ("train.py", {"src/other.py": SCRIPT, "train.py": SCRIPT}, "", True),
        ("src/train.py", {"src/src/train.py": SCRIPT}, "", False),
        ("train.py", {"src/train.py": SCRIPT}, "", False),
        ("train.py", {}, "", False),
        ("src/train.py", {"src/train.py": SCRIPT}, 'import os\nos.chdir("..")', False),
        ("train.py", {"src/other.py": SCRIPT}, 'import shutil\nshutil.copytree("a", "src")', False),
    ],
)
def test_an_entry_point_outside_of_the_source_folder_is_reported(
    hpolint: Command, entry: str, files: Mapping[str, str], before: str, is_found: bool
) -> None:
    """Unless the folder is not there, the working directory may be another, or code may fill the folder."""
    rules = found(hpolint, entry, files, before)
    assert rules == (["script/entry-point-missing"] if is_found else [])


@pytest.mark.parametrize(
    ("entry", "files", "more", "is_found"),
    [
        ("a/train.py", {"src/setup.py": "", "src/a/train.py": SCRIPT}, "", True),
        ("train.py", {"src/setup.py": "", "src/train.py": SCRIPT}, "", False),
        ("a/train.py", {"src/a/setup.py": "", "src/a/train.py": SCRIPT}, "", False),
        ("a/train.py", {"setup.py": "", "src/a/train.py": SCRIPT}, "", False),
        ("a/train.py", {"src/setup.py": "", "src/a/train.py": SCRIPT}, ', image_uri="registry/own:1"', False),
    ],
)
def test_a_script_in_a_package_with_a_setup_is_reported(
    hpolint: Command, entry: str, files: Mapping[str, str], more: str, is_found: bool
) -> None:
    """If the setup is at the top of the source folder, and the image is Amazon's."""
    rules = found(hpolint, entry, files, more=more)
    assert rules == (["script/entry-point-in-package"] if is_found else [])


@pytest.mark.parametrize(
    ("line", "files", "more", "is_found"),
    [
        ("from steps import step", {"steps.py": "def step(): pass"}, "", True),
        ("from steps import step", {"steps/__init__.py": "def step(): pass"}, "", True),
        ("from steps import step", {"steps.py": "def other(): pass"}, "", False),
        ("import steps", {"steps.py": "def step(): pass"}, "", False),
        ("from steps import step", {"steps.py": "def step(): pass"}, ', dependencies=["steps.py"]', False),
        ("from steps import step", {"steps.py": "def step(): pass"}, ", dependencies=those()", False),
        ("from steps import step", {"steps.py": "def step(): pass", "src/steps.py": ""}, "", False),
        ("from steps import step", {"steps.py": "def step(): pass", "src/steps/a.py": ""}, "", False),
        ("from steps import step", {"steps.py": "def step(): pass", "src/requirements.txt": "steps==1"}, "", False),
        ("from steps import step", {"steps.py": "def step(): pass", "src/setup.py": ""}, "", False),
        ("import sys\nsys.path.append('/opt/ml/a')\nfrom steps import step", {"steps.py": "step = 1"}, "", False),
    ],
)
def test_a_module_beside_the_source_folder_is_reported(
    hpolint: Command, line: str, files: Mapping[str, str], more: str, is_found: bool
) -> None:
    """If it has the names that the script imports, and nothing else may bring one."""
    for name, text in {**files, "src/train.py": f"{line}\n{SCRIPT}"}.items():
        hpolint.write(f"job/{name}", text)
    hpolint.write("job/tune.py", TUNER.format(entry="train.py", before="", more=more))
    findings = json.loads(hpolint("check", "job", "--output", "json").stdout)["findings"]
    assert ("script/source-not-shipped" in {each["rule"] for each in findings}) is is_found

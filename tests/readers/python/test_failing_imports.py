"""Imports from the SageMaker SDK: which ones fail, and where nothing is claimed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpolint import check
from hpolint.data import sdk_imports

BODY = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=4).fit("s3://b/t")
"""
RULES = {"select": ["sdk/unknown-import", "sdk/removed-import"]}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository without requirements: those of a file's folder and the ones above are believed."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def found(line: str, path: str = "launch/program.py", **files: str) -> list[str]:
    """The rules that report a program with a line at its start, beside other files."""
    sources = {path: line + BODY, **{name.replace("__", "."): text for name, text in files.items()}}
    return [finding.rule.id for finding in check(sources, RULES, isolated=True).findings]


@pytest.mark.parametrize(
    "line",
    [
        "import sagemaker.lamdba_helper",
        "import os, sagemaker.image_uri as uris",
        "from sagemaker.lamdba_helper import Lambda",
        "from sagemaker.tuner import HyperParameterTuner",
        "from sagemaker.debugger import ProfilerReport",
        "from sagemaker import HyperparameterTuner",
        "from sagemaker.train.tuner import HyperParameterTuner",
    ],
)
def test_an_import_that_no_version_has_is_an_error(line: str) -> None:
    """It is similar to one that exists, or is one of another module."""
    assert found(line) == ["sdk/unknown-import"]


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("from sagemaker.workflow.tuning_step import TuningStep", "sagemaker.workflow.steps"),
        ("from sagemaker.workflow.tuning import TuningStep, TuningJob", "sagemaker.workflow.steps"),
        ("from sagemaker.hpo import HyperparameterTuner, IntegerParameter", "sagemaker.tuner"),
        ("from sagemaker.lamdba_helper import Lambda", "sagemaker.lambda_helper"),
        ("from sagemaker.tuners import HyperParameterTuner", "sagemaker.tuner"),
    ],
)
def test_a_missing_module_is_probably_the_one_that_has_the_name(line: str, module: str) -> None:
    """It is suggested even if the name of another module is more similar, once for all names of the statement."""
    findings = check({"program.py": line + BODY}, RULES, isolated=True).findings
    assert [finding.text[1] for finding in findings] == [f"Perhaps `{module}` is meant"]


@pytest.mark.parametrize(
    "line",
    [
        "from sagemaker.runtime import Runtime",
        "from sagemaker import s3train",
        "from sagemaker.estimator import TrainingInput, json, Session",
        "from sagemaker.tuner import _Private, SETTING",
        "from sagemaker.lamdba_helper_of_tomorrow import *",
        "from sagemaker.jumpstart.hub import Hubs",
        "from sagemaker.train.tuner import HyperparameterTuners",
        "from sagemaker.core.resources import TrainingJobs",
        "from sagemaker.train import ModelTraners",
        "import sagemaker.train.tuners",
        "try:\n    from sagemaker import HyperparameterTuner\nexcept ImportError:\n    pass",
        "def later():\n    from sagemaker import HyperparameterTuner",
        "if new:\n    from sagemaker import HyperparameterTuner",
        "import sagemaker.train\nfrom sagemaker import HyperparameterTuner",
        "from my.sagemaker.tuner import HyperParameterTuner",
        "from .sagemaker import HyperparameterTuner",
    ],
)
def test_an_import_that_may_work_is_not_judged(line: str) -> None:
    """Names that the data cannot know, those of version 3 that may be new, and imports that may fail."""
    assert found(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "from sagemaker import s3_input",
        "from sagemaker.predictor import csv_serializer, Predictor",
        "from sagemaker.inputs import s3_input",
        "import sagemaker.fw_registry",
    ],
)
def test_an_import_that_version_2_has_removed_is_a_warning(line: str) -> None:
    """Nothing says that an older version is installed."""
    assert found(line) == ["sdk/removed-import"]
    assert found(line, requirements__txt="sagemaker>=2,<3\n") == ["sdk/removed-import"]
    assert found(line, requirements__txt="sagemaker\nsagemaker-training==1.0\n") == ["sdk/removed-import"]


def test_removed_names_of_one_statement_are_one_finding() -> None:
    """It names all of them, and what takes their place; another statement with a new name is another finding."""
    line = "from sagemaker.predictor import csv_serializer, Predictor, json_deserializer\n"
    again = "from sagemaker.predictor import json_deserializer, npy_serializer\n"
    first, second = check({"program.py": line + again + BODY}, RULES, isolated=True).findings
    assert first.text[0].endswith("`sagemaker.predictor` lacks `csv_serializer` and `json_deserializer`")
    instead = "`sagemaker.serializers.CSVSerializer` and `sagemaker.deserializers.JSONDeserializer`"
    assert first.text[1].startswith(f"Import {instead}, or install")
    assert second.text[0].endswith("lacks `npy_serializer`")


@pytest.mark.parametrize("line", ["from sagemaker.session import s3_input", "from sagemaker import Session, tuner"])
def test_what_version_2_still_has_is_fine(line: str) -> None:
    """It warns where it is used, and works."""
    assert found(line) == []


@pytest.mark.parametrize(
    "bound",
    [
        "sagemaker==1.72.1",
        "sagemaker<2",
        "sagemaker[local]>=1.50,<2.0",
        "sagemaker<2.0.0",
        "sagemaker~=1.60",
        "sagemaker==1.*",
        "sagemaker=1.72",
        "sagemaker==$VERSION",
        'sagemaker = "^1.72"',
        'sagemaker = {version = "~1.72", extras = ["local"]}',
        '"sagemaker": {"hashes": ["sha256:1"], "version": "==1.72.1"}',
        '[[package]]\nname = "sagemaker"\nversion = "1.72.1"',
        "sagemaker (<2)",
        "sagemaker [local] == 1.72.1",
        "sagemaker-python-sdk=1.72",
        "git+https://github.com/aws/sagemaker-python-sdk@v1.72.1",
        "git+https://github.com/aws/sagemaker-python-sdk.git@some-branch",
        "sagemaker @ file:./sagemaker-1.72.1.tar.gz",
        "./sagemaker-1.72.1-py2.py3-none-any.whl",
    ],
)
def test_a_bound_below_the_removal_is_believed(bound: str) -> None:
    """In the source, or in a file beside it or above."""
    removed = "from sagemaker import s3_input"
    assert found(f"# {bound}\n{removed}".replace("\n[", "\n# [").replace("\nname", "\n# name")) == []
    assert found(removed, requirements__txt=f"numpy\n{bound}\n") == []
    assert found(removed, **{"launch/requirements__txt": f"{bound}\n"}) == []


@pytest.mark.parametrize(
    "path",
    [
        *("requirements-test.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/base.txt"),
        *("requirements.lock", "pdm.lock", "pixi.toml", "tox.ini", "buildspec.yml", "Makefile", "install.sh"),
        *("Requirements.txt", "environment-dev.yml", "Dockerfile.train", "launch/requirements/base.in"),
    ],
)
def test_a_bound_is_believed_in_each_file_that_names_packages(path: str) -> None:
    """In the folder of a program or above, whatever the name is like; pip ignores the case of a package's name."""
    files = {"launch/program.py": f"from sagemaker import s3_input{BODY}", path: "pip install SageMaker==1.72.1\n"}
    assert check(files, RULES, isolated=True).findings == []
    files = {"launch/program.py": f"from sagemaker import s3_input{BODY}", f"other/{path}": "sagemaker==1.72.1\n"}
    assert len(check(files, RULES, isolated=True).findings) == 1


@pytest.mark.parametrize(
    ("line", "files", "is_silent"),
    [
        ("-r base/pins.txt", {"base/pins.txt": "sagemaker==1.72.1"}, True),
        ("-r base/pins.txt", {"base/pins.txt": "-c more.txt", "base/more.txt": "sagemaker<2"}, True),
        ("-r base/pins.txt", {"base/pins.txt": "numpy"}, False),
        ("-r base/pins.txt", {}, True),
        ("--constraint=https://example.com/pins.txt", {}, True),
        ("-r requirements.txt", {}, False),
    ],
)
def test_a_file_that_requirements_include_may_have_the_bound(line: str, files: dict[str, str], is_silent: bool) -> None:
    """It is read wherever it lies in the repository; one that is not there may bound anything."""
    sources = {"program.py": f"from sagemaker import s3_input{BODY}", "requirements.txt": f"numpy\n{line}\n"}
    assert (check(sources | files, RULES, isolated=True).findings == []) == is_silent


def test_a_bound_above_the_removal_keeps_the_warning() -> None:
    """What was removed in version 2.161 is missing in later ones, whatever is installed of them."""
    removed = "from sagemaker.predictor import csv_serializer"
    assert found(removed, requirements__txt="sagemaker==2.100.0") == []
    assert found(removed, requirements__txt="sagemaker==2.200.0") == ["sdk/removed-import"]


@pytest.mark.parametrize(("python", "count"), [("3.10.8", 1), ("3.5.2", 0), ("", 1)])
def test_a_kernel_that_is_too_old_for_the_version_keeps_the_old_one(python: str, count: int) -> None:
    """Pip then installs a version that has the name."""
    assert sdk_imports.oldest_python(sdk_imports.versions().index("2.161.0")) > (3, 5)
    source = f"from sagemaker.predictor import csv_serializer\n{BODY}"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
    metadata = {"language_info": {"name": "python", "version": python}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}
    assert len(check({"program.ipynb": json.dumps(notebook)}, RULES, isolated=True).findings) == count


def test_a_program_without_a_job_is_not_judged() -> None:
    """Its imports are not hpolint's to report."""
    line = "from sagemaker import HyperparameterTuner"
    assert check({"program.py": f"{line}\n# HyperparameterTuner\n"}, RULES, isolated=True).findings == []


def test_a_removed_name_is_of_no_interest_after_the_search() -> None:
    """A notebook's cells for deployment run when the search has ended; a wrong name is one there, too."""
    old, wrong = "from sagemaker.predictor import csv_serializer\n", "from sagemaker.tuner import HyperParameterTuner\n"
    assert found(old) == ["sdk/removed-import"]
    after = check({"program.py": BODY + old + wrong}, RULES, isolated=True)
    assert [finding.rule.id for finding in after.findings] == ["sdk/unknown-import"]

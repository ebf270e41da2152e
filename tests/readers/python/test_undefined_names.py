"""Names that a program defines nowhere: what is reported, and where nothing is claimed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint import check

IMPORTS = """
import os, sys
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
"""
LAUNCH = """
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=4).fit("s3://b/t")
"""
RULES = {"select": ["sdk/name-defined-nowhere"]}


def undefined(source: str, name: str = "program.py") -> list[str]:
    """The names that are reported in a source."""
    texts = [finding.text[0] for finding in check({name: source}, RULES, isolated=True).findings]
    return [part for text in texts for part in text.partition(" not defined")[0].split("`")[1::2]]


def notebook(*cells: str, **metadata: Any) -> str:
    """A notebook of cells, the last of which has some metadata."""
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
    code[-1]["metadata"] = metadata
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code})


@pytest.mark.parametrize(
    "statement",
    [
        "train = f's3://{bucket_name}/t'",
        "print(bucket_name)",
        "if bucket_name == 'b':\n    pass",
        "with open(bucket_name) as file:\n    pass",
        "with open('f') as file:\n    print(bucket_name)",
        "for name in bucket_name:\n    pass",
        "bucket_name.upper()",
        "bucket: str = bucket_name or 'b'",
        "print({'a': [bucket_name]}, ls)",
    ],
)
def test_a_name_that_nothing_defines_is_reported(statement: str) -> None:
    """It is certainly read before the launch."""
    names = undefined(IMPORTS + statement + LAUNCH)
    assert "bucket_name" in names
    assert undefined(notebook(IMPORTS, f"!ls\n%matplotlib inline\n{statement}", LAUNCH), "n.ipynb") == names


def test_a_name_in_the_launch_itself_is_reported() -> None:
    """Once, and each name for itself."""
    launch = LAUNCH.replace('"s3://b/t"', "train").replace('"m"', "metric + metric")
    assert undefined(IMPORTS + launch) == ["metric", "train"]


@pytest.mark.parametrize(
    "statement",
    [
        "if os.environ.get('A'):\n    print(bucket_name)",
        "try:\n    bucket_name\nexcept NameError:\n    pass",
        "def use():\n    return bucket_name",
        "class Settings:\n    name = bucket_name",
        "use = lambda: bucket_name",
        "print([bucket_name for name in []])",
        "print(os.environ.get('A') and bucket_name)",
        "print(bucket_name if sys.argv else '')",
        "sys.exit()\nprint(bucket_name)",
        "raise SystemExit\nprint(bucket_name)",
        "def define():\n    global bucket_name\n    bucket_name = 'b'\nprint(bucket_name)",
        "if os.environ.get('A'):\n    bucket_name = 'b'\nprint(bucket_name)",
        "match sys.argv:\n    case [*bucket_name]:\n        pass\nprint(bucket_name)",
        "try:\n    pass\nexcept OSError as bucket_name:\n    pass\nprint(bucket_name)",
        "async def bucket_name():\n    pass\nprint(bucket_name)",
        "from settings import *\nprint(bucket_name)",
        "exec(open('settings.py').read())\nprint(bucket_name)",
        "globals().update({})\nprint(bucket_name)",
        "get_ipython().run_line_magic('run', 'settings.py')\nprint(bucket_name)",
        "import IPython\nIPython.get_ipython().magic('store -r bucket_name')\nprint(bucket_name)",
        "from IPython import get_ipython as gi\ngi().magic('store -r bucket_name')\nprint(bucket_name)",
        "import __main__\n__main__.bucket_name = 'b'\nprint(bucket_name)",
        "import __main__ as main\nmain.bucket_name = 'b'\nprint(bucket_name)",
        "sys.modules['__main__'].bucket_name = 'b'\nprint(bucket_name)",
        "print(YOUR_BUCKET, __file__, _, spark, display)",
        "print({{bucket_name}})",
        "# MAGIC %run ./settings\nprint(bucket_name)",
    ],
)
def test_a_read_that_may_not_run_or_a_name_that_may_be_there_is_not(statement: str) -> None:
    """In a branch, function or ``try``, or with names from elsewhere."""
    assert undefined(IMPORTS + statement + LAUNCH) == []


def test_a_read_before_the_calls_of_a_function_that_launches_is_reported() -> None:
    """Though the function stands before the read."""
    function = "".join(f"    {line}\n" for line in LAUNCH.replace("0.5", "high").strip().split("\n"))
    program = f"{IMPORTS}def launch(high):\n{function}print(bucket_name)\nlaunch(1)\nlaunch(2)\nprint(other_name)\n"
    assert undefined(program) == ["bucket_name"]


def test_what_follows_the_launch_is_not_judged() -> None:
    """The job has started by then. Nor is a name that a later cell defines: cells run in any order."""
    assert undefined(IMPORTS + LAUNCH + "print(bucket_name)") == []
    assert undefined(notebook(IMPORTS, "print(bucket)", LAUNCH, "bucket = 'b'"), "n.ipynb") == []


@pytest.mark.parametrize(
    "cell",
    [
        "%run settings.py",
        "%store -r bucket_name",
        "%aimport bucket_name",
        "%%capture bucket_name\nprint()",
        "%%bash --out bucket_name\nls",
        "%%bigquery bucket_name\nselect 1",
        "%load_ext my_extension",
        "%pylab inline",
        "bucket_name = !ls",
        "cd data",
        "print 'Python 2'",
        "ls\npwd\nls -l\nbucket_name = 1",
    ],
)
def test_a_notebook_whose_names_may_come_from_magics_is_not_judged(cell: str) -> None:
    """Nor one with a cell that does not parse, and commands that IPython runs by their name are no variables."""
    assert undefined(notebook(IMPORTS, cell, "print(bucket_name)" + LAUNCH), "n.ipynb") == []


def test_parameters_of_a_notebook_are_not_judged() -> None:
    """Whoever runs it may add names to a cell with the tag."""
    assert undefined(notebook(IMPORTS, "print(bucket)" + LAUNCH, "size = 1", tags=["parameters"]), "n.ipynb") == []
    assert undefined(notebook(IMPORTS, "print(bucket)" + LAUNCH, "size = 1"), "n.ipynb") == ["bucket"]


@pytest.mark.parametrize(
    "cell",
    [
        "torchvision.__version__",
        "%cd code\nfirst, second",
        "if (epoch + 1) % 100 == 0 or epoch == epochs - 1:\n    print(f'accuracy = {epochs:.4f}')",
    ],
)
def test_a_cell_that_illustrates_the_text_is_not_judged(cell: str) -> None:
    """It shows a value, or a piece of code with several names that the notebook does not have."""
    assert undefined(notebook(IMPORTS, cell, LAUNCH), "n.ipynb") == []
    assert undefined(IMPORTS + cell.replace("%cd code", "") + LAUNCH) != []


@pytest.mark.parametrize("cell", ["first.head(second)", "size = first + second", f"print(first + second){LAUNCH}"])
def test_a_cell_that_the_job_depends_on_is_judged(cell: str) -> None:
    """It calls something, binds a name or launches the job."""
    assert undefined(notebook(IMPORTS, cell, LAUNCH), "n.ipynb") == ["first", "second"]


def test_a_collection_of_snippets_is_not_judged() -> None:
    """It lacks more names than a program that somebody runs."""
    assert undefined(IMPORTS + "print(a, b, c)" + LAUNCH) == ["a", "b", "c"]
    assert undefined(IMPORTS + "print(a, b, c)" + LAUNCH + "print(d)") == []


def test_a_program_without_a_launch_is_not_judged() -> None:
    """Its names are not hpolint's to report."""
    assert undefined("from sagemaker.tuner import HyperparameterTuner\nprint(bucket_name)") == []

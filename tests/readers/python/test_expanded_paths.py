"""The paths of files that a notebook writes by a cell magic, with the names that IPython expands."""

from __future__ import annotations

import json

import pytest

from hpolint import check
from hpolint.readers import read_source

HEAD = "import os\nimport pathlib\nfrom pathlib import Path\n"


def notebook(*cells: str) -> str:
    """A notebook of cells."""
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code})


def written(path: str, *cells: str) -> str:
    """The path of the file that the last cell of a notebook writes, after other cells."""
    source, _ = read_source("n.ipynb", notebook(HEAD, *cells, f"%%writefile {path}\nprint()\n").encode())
    assert source is not None
    return source.written[-1].path


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        ("{FOLDER}/train.py", "FOLDER = 'code'"),
        ("$FOLDER/train.py", "FOLDER: str = 'code'"),
        ("code/$NAME", "NAME = 'train.py'"),
        ("{FOLDER}/{NAME}", "FOLDER = Path('code')\nNAME = 'train.py'"),
        ("{FOLDER / 'train.py'}", "FOLDER = pathlib.Path('code')"),
        ("{FILE}", "ROOT = Path('code')\nFILE = (ROOT / 'train.py').as_posix()"),
        ("{str(FOLDER)}/train.py", "FOLDER = os.path.join('code')\nos.makedirs(FOLDER, exist_ok=True)"),
        ("{FOLDER}/train.py", "FOLDER = Path('code')\nFOLDER = Path('code')\nfrom pathlib import Path"),
        ("{FOLDER}/train.py", "FOLDER = 'code'\nif 'LOCAL' in globals():\n    print(globals().get('LOCAL'))"),
    ],
)
def test_a_name_with_one_value_is_expanded(path: str, cell: str) -> None:
    """A text, or a path of such parts, however often it is bound to the same."""
    assert written(path, cell) == "code/train.py"


@pytest.mark.parametrize(
    "cell",
    [
        "print()",
        "FOLDER = settings.folder",
        "FOLDER = 'code'\nFOLDER = 'src'",
        "if local:\n    FOLDER = 'code'",
        "for FOLDER in ['code']:\n    pass",
        "FOLDER = 'code'\ndef change():\n    global FOLDER\n    FOLDER = 'src'",
        "FOLDER = FOLDER / 'a'",
        "FOLDER = OTHER / 'a'\nOTHER = FOLDER / 'b'",
        "FOLDER = 'code'\nfrom settings import *",
        "FOLDER = 'code'\nexec(open('settings.py').read())",
        "FOLDER = 'code'\nglobals()['FOLDER'] = 'src'",
        "FOLDER = 'code'\n%run settings.py",
        "FOLDER = 'code'\nFOLDER = (",
        "from settings import Path\nFOLDER = Path('code')",
    ],
)
def test_a_name_that_may_have_another_value_stays(cell: str) -> None:
    """The path is then that of no file, as it is written."""
    assert written("{FOLDER}/train.py", cell) == "{FOLDER}/train.py"


def test_a_name_that_is_bound_later_stays() -> None:
    """The cells of a notebook run in their order."""
    source, _ = read_source("n.ipynb", notebook("%%writefile {FOLDER}/a.py\n1", "FOLDER = 'code'").encode())
    assert source is not None
    assert source.written[0].path == "{FOLDER}/a.py"


@pytest.mark.parametrize("path", ["{FOLDER!r}/a.py", "{{FOLDER}}/a.py", "$FOLDER.py", "{FOLDER}$/a.py", "{FOLDER}/{1}"])
def test_another_expansion_stays(path: str) -> None:
    """Formats, doubled brackets, and a dollar before anything else than a folder's name are not analysed."""
    assert written(path, "FOLDER = 'code'") == path


def test_names_that_double_a_path_cost_no_more_than_their_number() -> None:
    """A value is worked out once, and a path that is too long, or needs too many names, is not known."""
    cells = "\n".join(["a0 = Path('code')", *(f"a{i} = a{i - 1} / a{i - 1}" for i in range(1, 2_000))])
    assert written("{a1}/train.py", cells) == "code/code/train.py"
    assert written("{a1999}/train.py", cells) == "{a1999}/train.py"
    assert written("{a12}/train.py", cells) == "{a12}/train.py"


def test_the_script_of_a_job_is_found_in_the_cell() -> None:
    """It is judged like one at a literal path."""
    launch = """
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = PyTorch(
    "train.py", source_dir=f"{(FOLDER / 'training').as_posix()}", role="r", instance_count=1,
    instance_type="ml.g5.xlarge", framework_version="2.1", py_version="py310",
)
HyperparameterTuner(estimator, "loss", {"lr": ContinuousParameter(0.001, 0.1)}, max_jobs=4).fit()
"""
    script = "%%writefile {FOLDER}/training/train.py\nprint(1\n"
    cells = notebook(f"{HEAD}FOLDER = Path('code')", script, launch)
    findings = check({"n.ipynb": cells}, {"select": ["script/does-not-parse"]}, isolated=True).findings
    assert [finding.rule.id for finding in findings] == ["script/does-not-parse"]

"""The addresses of CSV files that a program writes and uploads."""

from __future__ import annotations

import json

import pytest

from hpolint.model.node import Scalar, Unknown, follow
from hpolint.readers import read_source

HEAD = """
import os, sys, settings, sagemaker
from pathlib import Path
from sagemaker import Session
from sagemaker.estimator import Estimator
from sagemaker.s3 import S3Uploader
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sklearn.datasets import dump_svmlight_file
session, frame = Session(), settings.frame()
image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
def launch(address):
    estimator = Estimator(image, settings.role, 1, "ml.m5.large")
    tuner = HyperparameterTuner(estimator, "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=4)
    tuner.fit({"train": address})
"""
ADDRESS = ("TrainingJobDefinition", "InputDataConfig", 0, "DataSource", "S3DataSource", "S3Uri")


def address_of(body: str, *cells: str) -> str | None:
    """The channel's address, with `*` for its unknown parts; None if nothing is known about it.

    The code is a program, or a notebook if it has further cells.
    """
    if cells:
        notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in (HEAD, body, *cells)], "nbformat": 4}
        _, reading = read_source("program.ipynb", json.dumps(notebook).encode())
    else:
        _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    (job,) = reading.jobs
    address = follow(job.request, ADDRESS)
    if isinstance(address, Scalar):
        return str(address.value)
    if not isinstance(address, Unknown) or not address.pieces:
        return None
    return "".join("*" if piece is None else piece for piece in address.pieces)


WRITTEN = "frame.to_csv('train.csv', header=False, index=False)\n"


@pytest.mark.parametrize(
    "body",
    [
        WRITTEN + "launch(session.upload_data('train.csv'))",
        WRITTEN + "launch(session.upload_data(path='./train.csv', bucket=settings.bucket, key_prefix='churn'))",
        WRITTEN + "launch(S3Uploader.upload('train.csv', 's3://churn/data'))",
        WRITTEN + "print('train.csv')\nos.path.getsize('train.csv')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "dump_svmlight_file(frame, [], 'validation.libsvm')\nlaunch(session.upload_data('train.csv'))",
        "dump_svmlight_file(frame, [], 'train.csv')\n" + WRITTEN + "launch(session.upload_data('train.csv'))",
        "path = f'{settings.folder}/train.csv'\nframe.to_csv(path)\nlaunch(session.upload_data(path))",
        "path = Path('data') / 'train.csv'\nframe.to_csv(path, sep=',')\nlaunch(session.upload_data(str(path)))",
        "def main():\n    frame.to_csv('train.csv')\n    launch(session.upload_data('train.csv'))\nmain()",
        "for name in ['train']:\n    frame.to_csv(f'{name}.csv')\nlaunch(session.upload_data('train.csv'))",
    ],
)
def test_the_address_of_a_csv_file_ends_in_its_name(body: str) -> None:
    """The program itself writes the file as CSV, and uploads it as it is."""
    assert address_of(body) == "s3://*/train.csv"


@pytest.mark.parametrize(
    "body",
    [
        WRITTEN + "dump_svmlight_file(frame, [], 'train.csv')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "os.system('python to_libsvm.py train.csv')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "os.system('make libsvm')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "get_ipython().system('make libsvm')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "os.chdir('older')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "settings.run(['convert', 'train.csv'])\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "open('train.csv', 'w').write(settings.lines)\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "Path('train.csv').write_text(settings.lines)\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "settings.convert(f'{settings.name}.csv')\nlaunch(session.upload_data('train.csv'))",
        WRITTEN + "launch(session.upload_data('.'))",
        WRITTEN + "launch(session.upload_data('validation.csv'))",
        WRITTEN + "launch(session.upload_data(settings.path))",
        WRITTEN + "launch(settings.session.upload_data('train.csv'))",
        "if settings.new:\n    " + WRITTEN + "launch(session.upload_data('train.csv'))",
        "try:\n    " + WRITTEN + "except OSError:\n    pass\nlaunch(session.upload_data('train.csv'))",
        "def write():\n    " + WRITTEN + "launch(session.upload_data('train.csv'))",
        "frame.to_csv('train.csv', sep=' ')\nlaunch(session.upload_data('train.csv'))",
        "frame.to_csv('train.csv', mode='a')\nlaunch(session.upload_data('train.csv'))",
        "frame.to_csv('train.csv', **settings.options)\nlaunch(session.upload_data('train.csv'))",
        "frame.to_csv('train.libsvm')\nlaunch(session.upload_data('train.libsvm'))",
        "frame.to_csv('data/train.csv')\nlaunch(session.upload_data('data'))",
        "for name in settings.names:\n    frame.to_csv(f'{name}.csv')\nlaunch(session.upload_data('train.csv'))",
    ],
)
def test_an_address_is_unknown_where_the_file_may_be_another(body: str) -> None:
    """Other code may have written it in another format, or a folder is uploaded."""
    assert address_of(body) is None


@pytest.mark.parametrize(
    "cell",
    ["!pip install -U sagemaker", "!head train.csv", "%matplotlib inline", "%%html\n<b>Data</b>", "frame.describe()"],
)
def test_a_command_that_changes_no_file_leaves_the_address_known(cell: str) -> None:
    """Notebooks install packages and look at files."""
    assert address_of(WRITTEN, cell, "launch(session.upload_data('train.csv'))") == "s3://*/train.csv"


@pytest.mark.parametrize(
    "cell",
    [
        "!python to_libsvm.py train.csv",
        "!make libsvm",
        "lines = !sed -i 's/,/ /g' train.csv",
        "!head validation.csv > train.csv",
        "!echo done && mv other.csv train.csv",
        "%%bash\nmake libsvm",
        "%%writefile train.csv\n1 1:0.5",
        "%cd older",
        "mv other.csv train.csv",
    ],
)
def test_an_address_is_unknown_where_a_command_may_change_the_file(cell: str) -> None:
    """A notebook's commands may convert the file to LIBSVM, or change to a folder with another one."""
    assert address_of(WRITTEN, cell, "launch(session.upload_data('train.csv'))") is None

"""The channels that a script reads alike."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

START = """\
import argparse, os
import pandas as pd
import xgboost as xgb
from sagemaker_xgboost_container.data_utils import get_dmatrix
parser = argparse.ArgumentParser()
parser.add_argument("--type", default="csv")
parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
parser.add_argument("--rows", default=os.environ["SM_CHANNEL_TEST"])
args, _ = parser.parse_known_args()
"""


@pytest.mark.parametrize(
    "reads",
    [
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)",
        "get_dmatrix(args.train, args.type)\nget_dmatrix(args.rows, args.type) if args.rows else None",
        "xgb.DMatrix(os.path.join(args.train, 'a.csv'))\nxgb.DMatrix(os.path.join(args.rows, 'a.csv'))",
        "print(args.train)\nmodel.train()\nxgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)",
    ],
)
def test_equal_calls_read_equal_data(reads: str) -> None:
    """Two folders that only go to the same functions of libraries, with the same other arguments, are read alike."""
    assert read(f"{START}{reads}\n").folders.alike == (("TRAIN", "TEST"),)


@pytest.mark.parametrize(
    "reads",
    [
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.train)",
        "pd.read_csv(os.path.join(args.train, 'train.csv'))\npd.read_csv(os.path.join(args.rows, 'test.csv'))",
        "for n in names:\n    pd.read_csv(os.path.join(args.train, n))\n    pd.read_csv(os.path.join(args.rows, n))",
        "load(args.train)\nload(args.rows)",
        "pd.read_csv(os.path.join(args.train, 'a.csv'))\npd.read_csv(os.path.join(args.rows, 'a.csv'))",
        "xgb.DMatrix(args.train).slice(a)\nxgb.DMatrix(args.rows).slice(b)",
        "os.listdir(args.train)\nos.listdir(args.rows)",
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)\nload(args.train)",
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)\nfolder = args.rows",
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)\nload(args)",
        "xgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)\nload(os.environ['SM_CHANNEL_TEST'])",
        "args.rows = args.type\nxgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)",
        "xgb = load()\nxgb.DMatrix(args.train)\nxgb.DMatrix(args.rows)",
    ],
)
def test_other_uses_may_tell_channels_apart(reads: str) -> None:
    """A function of the script, other arguments, names of files, or a path that goes elsewhere may read other data."""
    assert read(f"{START}{reads}\n").folders.alike == ()

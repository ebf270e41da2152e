"""The data sets for which LightGBM and XGBoost print metrics, the training data first."""

from __future__ import annotations

import pytest

from tests.script.test_arguments import read

START = """\
import lightgbm as lgb
import xgboost as xgb
from lightgbm import log_evaluation
train, valid = load()
"""


@pytest.mark.parametrize(
    ("call", "sets"),
    [
        ("lgb.train(p, train, valid_sets=[train, valid], callbacks=[lgb.log_evaluation(10)])", ("training", "valid_1")),
        ("lgb.train(p, train, 9, [valid, train], callbacks=[log_evaluation()])", ("training", "valid_0")),
        (
            "s, n = [valid, train], ['v', 'fit']\nlgb.train(p, train, valid_sets=s, valid_names=n, verbose_eval=1)",
            ("fit", "v"),
        ),
        ("xgb.train(p, train, evals=[(train, 'train'), (valid, 'validation')])", ("train", "validation")),
        ("evals = [(train, 'fit'), (valid, 'v')]\nxgb.train(p, train, 9, evals, verbose_eval=10)", ("fit", "v")),
    ],
)
def test_the_training_data_is_printed_first(call: str, sets: tuple[str, str]) -> None:
    """LightGBM prints it first wherever it stands, XGBoost keeps the order."""
    (evaluated,) = read(f"{START}{call}\n").output.evaluated
    assert (evaluated.training, evaluated.other) == sets


@pytest.mark.parametrize(
    "call",
    [
        "lgb.train(p, train, valid_sets=[train, valid])",
        "lgb.train(p, train, valid_sets=[train, valid], callbacks=[lgb.log_evaluation(0)])",
        "lgb.train(p, train, valid_sets=[train, valid], callbacks=[lgb.log_evaluation(period)])",
        "lgb.train(p, train, valid_sets=[valid], callbacks=[lgb.log_evaluation(1)])",
        "lgb.train(p, train, valid_sets=[train], callbacks=[lgb.log_evaluation(1)])",
        "lgb.train(p, train, valid_sets=sets(), callbacks=[lgb.log_evaluation(1)])",
        "lgb.train(p, train, valid_sets=[train, valid], valid_names=names, callbacks=[lgb.log_evaluation(1)])",
        "lgb.train(p, train, valid_sets=[train, valid], callbacks=[lgb.log_evaluation(1)], **more)",
        "xgb.train(p, train, evals=[(valid, 'validation'), (train, 'train')])",
        "xgb.train(p, train, evals=[(train, 'train'), (valid, 'validation')], verbose_eval=False)",
        "xgb.train(p, train, evals=[(train, 'train'), (valid, name)])",
        "xgb.train(p, train, evals=[(train, 'train')])",
        "trainer.train(p, train, evals=[(train, 'train'), (valid, 'validation')])",
    ],
)
def test_what_may_not_be_printed_first(call: str) -> None:
    """Without a callback version 4 of LightGBM prints nothing, and an unknown argument may change the rest."""
    assert read(f"{START}{call}\n").output.evaluated == ()

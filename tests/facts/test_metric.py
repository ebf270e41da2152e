"""Mistakes in metrics' expressions, and the direction in which a script's metric is better."""

from __future__ import annotations

import contextlib
import re

import pytest

from hpolint.facts.metric import MetricFacts, metric_facts
from hpolint.facts.metric_expression import analysed, of_second_group
from hpolint.facts.objective import better_direction, named_direction
from tests.facts.test_printing import DEFINITION, with_metrics
from tests.script.test_arguments import read

VALUES = ("0.4321", "12.52", "7.25", "431.05")

FAULTY = {
    "loss=([0-9.]+": ("syntax", "loss=([0-9.]+)"),
    "loss=[0-9.]+)": ("syntax", "loss=([0-9.]+)"),
    "loss=(": ("syntax", None),
    "loss=([0-9.)": ("syntax", None),
    "*loss=([0-9.]+)": ("syntax", None),
    "loss=(?:*|[0-9.]+)": ("syntax", None),
    "loss=([9-0.]+)": ("syntax", None),
    "loss=(.**)": ("syntax", None),
    "loss=([0-9.]+)\\": ("syntax", None),
    "loss=([0-9.]+; acc=[0-9.]+": ("syntax", None),
    "loss=[0-9.]+": ("no-group", "loss=([0-9.]+)"),
    r"loss=\d+\.\d+": ("no-group", r"loss=(\d+\.\d+)"),
    r"\d+: loss=\S+": ("no-group", None),
    "loss=(?:[0-9.]+)": ("no-group", None),
    "loss": ("no-group", None),
    "loss=(.*?)": ("empty", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"),
    "loss=(.*?).*": ("empty", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"),
    "loss=(.*?).*$": ("empty", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*$"),
    "loss=([0-9.]*?)": ("empty", "loss=([0-9.]*)"),
    "(?:loss=([0-9.]*?))": ("empty", "(?:loss=([0-9.]*))"),
    "loss=(.*?)(?:;|)": ("empty", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)(?:;|)"),
    r"loss=([0-9.]*?)\s*": ("empty", r"loss=([0-9.]*)\s*"),
    "loss=()": ("empty", None),
    "loss=(.+?)": ("short", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"),
    "loss=([0-9])": ("digit", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"),
    r"loss=(\d).*": ("digit", r"loss=([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"),
    r"loss=(\d+\.\d+?)": ("truncated", r"loss=(\d+\.\d+)"),
    "loss=(.{3,}?)": ("truncated", "loss=(.{3,})"),
    "(loss=[0-9.]+)": ("text", "loss=([0-9.]+)"),
    "(?P<all>loss=[0-9.]+)": ("text", None),
    "([a-z]+)=": ("text", None),
    r"(\D+)": ("text", None),
    r"loss=(\d+/\d+)": ("text", None),
    "(loss|acc)=([0-9.]+)": ("first", "(?:loss|acc)=([0-9.]+)"),
}

SOUND = [
    *("loss=(.*?);", "loss=(.*?)$", r"loss=(.*?)\s*$", "loss=(.*)", "loss=([0-9.]+)", r"loss=(\S+)", r"loss=(\d+)%"),
    *("'loss': ([0-9]+(.|e\\-)[0-9]+),?", "metrics={'f1': (\\S+)}", "loss=([0-9.]*?) ", "loss=(nan|[0-9.]+)"),
    *(r".*\[[0-9]+\].*#011train-mae:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*", r"(0\.[0-9]{1,6}).{7,12}$"),
    *("[([] ([0-9.]+)", r"\(loss\) ([0-9.]+)", "(?P<loss>[0-9.]+)", r"loss=(\w+)", "loss=(?:([0-9.]+))"),
    *(
        "loss=([0-9])%",
        "fold ([1-5])",
        "(?:loss=([0-9.]+))?",
        "a=([0-9]+)|b=([0-9]+)",
        "loss(?=([0-9]))",
        "(?:x([0-9]))+",
        "val_acc=([0-9.]+){1,}",
    ),
]

UNKNOWN = [
    *("loss=(?<value>[0-9.]+)", r"loss=\Q(\E", "loss=([[:digit:].]+)", "(?x) loss = ([0-9.]+)", r"loss=(\p{Digit}+)"),
    *("(?:loss=([a-z]+))?", "a=([a-z]+)|b=([a-z]+)", "loss(?=(x))", "(?:x(x))+", "^*loss=([0-9.]+)"),
]


@pytest.mark.parametrize("text", FAULTY)
def test_mistakes(text: str) -> None:
    """Each kind of mistake, with the corrected expression where that is clear: only that one captures the number."""
    found = analysed(text)
    assert (found.fault, found.fixed) == FAULTY[text]
    assert (found.reason is not None) == (found.fault == "syntax")
    for value in VALUES:
        assert captured(text, f"epoch 3 loss={value}") != value
        assert found.fixed is None or captured(found.fixed, f"epoch 3 loss={value}") == value


def captured(expression: str, line: str) -> str | None:
    """What the first group captures in Python; None if the expression is invalid, has no group or does not match."""
    with contextlib.suppress(re.error, IndexError):
        match = re.search(expression, line)
        return match[1] if match is not None else None
    return None


@pytest.mark.parametrize("text", SOUND)
def test_no_mistakes(text: str) -> None:
    """Expressions in use whose first group captures a number."""
    assert analysed(text).fault is None
    assert analysed(text).unknown is None


LOSS_FIRST = r"Average loss: ([0-9.]+), Accuracy: (\d+)%"


@pytest.mark.parametrize(
    ("name", "text", "fixed"),
    [
        ("val:accuracy", LOSS_FIRST, r"Average loss: (?:[0-9.]+), Accuracy: (\d+)%"),
        ("val:loss", LOSS_FIRST, None),
        ("score", LOSS_FIRST, None),
        ("accuracy", r"accuracy: ([0-9.]+), accuracy top 5: ([0-9.]+)", None),
        ("accuracy", r"loss: (?:[0-9.]+), accuracy: ([0-9.]+)", None),
        ("accuracy", r"([0-9]+(.|e-)[0-9]+) accuracy", None),
        ("a:f1", r"loss ([0-9.]+) f1 ([0-9.]+)", None),
    ],
)
def test_a_name_before_the_second_group(name: str, text: str, fixed: str | None) -> None:
    """Of two numbers the one that the metric is named after is meant, if its name is before that one alone."""
    assert analysed(text).fault is None
    assert of_second_group(text, name) == fixed
    if fixed is not None:
        line = "Average loss: 0.31, Accuracy: 87%"
        first, second = re.search(text, line), re.search(fixed, line)
        assert first is not None
        assert second is not None
        assert (first[1], second[1]) == ("0.31", "87")


@pytest.mark.parametrize("text", UNKNOWN)
def test_other_dialects(text: str) -> None:
    """Nothing is said about an expression that another dialect may read otherwise, or whose group may be unset."""
    assert analysed(text).fault is None
    assert analysed(text).unknown is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("loss: ([0-9.]+", "the `(` at character 7 has no `)`"),
        ("loss: [0-9.]+)", "the `)` at character 14 has no `(`"),
        ("loss: ([0-9.+)", "the `[` at character 8 has no `]`"),
        ("+loss: ([0-9.]+)", "the `+` at character 1 repeats nothing"),
        ("loss: (.**)", "the `*` at character 10 repeats nothing"),
        ("loss: ([9-0]+)", "`9-0` is not a range of characters"),
        ("loss: ([0-9]+)\\", "it ends with a backslash"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    """The reason names the character."""
    assert analysed(text).reason == reason


@pytest.mark.parametrize(
    ("name", "expression", "better"),
    [
        ("average test loss", r"Test set: Average loss: ([0-9\.]+)", "Minimize"),
        ("validation:acc", "Valid set: Accuracy: (.*?);", "Maximize"),
        ("valRMSE", "rmse=(.*)", "Minimize"),
        ("ValidationF1", r"\tF1 (\S+)", "Maximize"),
        ("mAP", "mAP: ([0-9.]+)", "Maximize"),
        ("validation:logLoss", "log_loss=(.*)", "Minimize"),
        ("Validation-accuracy", "RMSE: ([0-9.]+)", None),
        ("validation:accuracy", "loss: [0-9.]+ accuracy: ([0-9.]+)", None),
        ("loss", "MSE: ([0-9.]+)", "Minimize"),
        ("loss", "value: ([0-9.]+)", None),
        ("loss", "negative loss: ([-0-9.]+)", None),
        ("auc", r"\bauc=([0-9.]+)", "Maximize"),
        ("f1_score", "F1 Score: ([0-9.]+)", "Maximize"),
        ("brier_score", "Brier score: ([0-9.]+)", "Minimize"),
        ("validation:error", "val_error=([0-9.]+)", "Minimize"),
        ("validation:mlogloss", "validation-mlogloss:([0-9.]+)", "Minimize"),
        ("recall", "Recall = ([0-9.]+)", "Maximize"),
        ("precision", "precision=[0-9.]+ error=([0-9.]+)", None),
    ],
)
def test_better_direction(name: str, expression: str, better: str | None) -> None:
    """The last word of the name decides, if the expression's text has a word of the same kind and none of the other."""
    assert better_direction(name, expression) == better


@pytest.mark.parametrize(
    "name",
    [
        *("Accuracy loss", "dice_loss", "iou-loss", "neg_loss", "negative log loss", "score", "reward", "err"),
        *("loss_reduction", "discriminator_loss", "policyLoss", "time", "mAP.5", "mAP@0.5", "lossy", "", "::", "map50"),
        *(
            "likelihood",
            "elbo",
            "silhouette",
            "mr",
            "loss gap",
            "loss_score",
            "interval-regression-accuracy-error",
        ),
    ],
)
def test_names_without_a_direction(name: str) -> None:
    """Nothing is said of a name with words of both kinds, with another last word, or with a word that reverses it."""
    assert named_direction(name) is None


@pytest.mark.parametrize(
    ("print_", "expression", "fixed"),
    [
        ("print(f'loss={x:.2e}')", "loss=([0-9.]+)", "loss=([0-9.]+(?:[eE][-+]?[0-9]+)?)"),
        ("print('loss=%E, a=%d' % (x, y))", "loss=([0-9.]+)", "loss=([0-9.]+(?:[eE][-+]?[0-9]+)?)"),
        ("print('a={} loss={:e}'.format(y, x))", "loss=([0-9]+|[0-9.]+)", None),
    ],
)
def test_exponents_that_are_lost(print_: str, expression: str, fixed: str | None) -> None:
    """The script prints the captured number with an exponent, and the group ends before it."""
    found = facts(print_, expression)
    assert (found.fault, found.fixed) == ("exponent", fixed)


@pytest.mark.parametrize(
    ("print_", "expression"),
    [
        ("print(f'loss={x:.2f}')", "loss=([0-9.]+)"),
        ("print(f'loss={x:.2g}')", "loss=([0-9.]+)"),
        ("print('loss=', x)", "loss= ([0-9.]+)"),
        ("print(f'loss={x:.2e}')", r"loss=([0-9.]+(?:e-?\d+)?)"),
        ("print(f'loss={x:.2e}')", r"loss=(\S+)"),
        ("print(f'loss={x:.2e};')", "loss=([0-9.]+);"),
        ("print(f'lr={y:e} loss={x:.2f}')", "loss=([0-9.]+)"),
        ("print(f'lr={y:e} loss={x:.2f}')", "([0-9.]+)"),
        ("print(f'loss={y:e} loss={x:.2f}')", "loss=([0-9.]+)"),
        ("print(f'loss={y:e}')\nprint(f'loss={x:.2f}')", "loss=([0-9.]+)"),
        ("print(f'loss={x:.2e}')", "acc=([0-9.]+)"),
        ("print(f'{text} {x:.2e}')", "loss=([0-9.]+)"),
        ("", "loss=([0-9.]+)"),
    ],
)
def test_exponents_that_are_not_known_to_be_lost(print_: str, expression: str) -> None:
    """Another format, another number, an expression that captures the exponent, or that does not match at all."""
    assert facts(print_, expression).fault is None


TRAINER = "from transformers import Trainer\nTrainer(model).train()\n"


@pytest.mark.parametrize(
    ("script", "expression", "is_fixed"),
    [
        (TRAINER, "loss.*=(.*?)", False),
        (TRAINER, "loss=[0-9.]+", False),
        (TRAINER, "loss': (.*?)", True),
        (TRAINER, "eval_loss\\D+(.*?)", True),
        (f"{TRAINER}print(f'loss={{value}}')\n", "loss.*=(.*?)", True),
        (f"{TRAINER}print(value)\n", "loss.*=(.*?)", False),
        ("from transformers import Trainer\nTrainer(model).log_metrics('eval', metrics)\n", "loss.*=(.*?)", True),
        ("class Trainer:\n    pass\nTrainer().train()\n", "loss.*=(.*?)", True),
        ("from transformers import AutoModel\nprint(value)\n", "loss.*=(.*?)", True),
    ],
)
def test_a_correction_that_the_trainer_does_not_print(script: str, expression: str, is_fixed: bool) -> None:
    """No expression is offered that matches neither the dict of transformers' Trainer nor a line of the script."""
    metric = facts(script, expression)
    assert metric.fault is not None
    assert (metric.fixed is not None, metric.trainer_line) == (is_fixed, None if is_fixed else "{'loss': 0.4321}")


def facts(print_: str, expression: str) -> MetricFacts:
    """The facts of a metric beside a script."""
    request = with_metrics({"Name": "loss", "Regex": expression})
    path = (*DEFINITION, "AlgorithmSpecification", "MetricDefinitions", 0)
    return metric_facts(request, DEFINITION, path, read(f"{print_}\n"), [])

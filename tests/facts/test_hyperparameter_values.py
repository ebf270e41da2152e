"""Which values an algorithm accepts, and how a definition's values are compared with them."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.facts.algorithm_data import of_name
from hpolint.facts.hyperparameter_values import Interval, accepted_values
from tests.facts.test_algorithm import runs
from tests.facts.test_facts import binding, fact

AMAZONS = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST = f"{AMAZONS}/sagemaker-xgboost:1.7-1"
PLACEHOLDER = "contains the placeholder ${X}"
KNN = f"{AMAZONS}/knn:1"


def facts(name: str, range_: Any = None, image: str = XGBOOST, **static: Any) -> tuple[Any, ...]:
    """What is refused, whether always, what is unmet, whether it can be tuned and tuning it is refused, and words."""
    ranges: dict[str, Any] = {}
    if isinstance(range_, list):
        ranges = {"CategoricalParameterRanges": [{"Name": name, "Values": range_}]}
    elif range_ is not None:
        kind, low, high = range_
        ranges = {f"{kind}ParameterRanges": [{"Name": name, "MinValue": low, "MaxValue": high}]}
    context = binding(definition=runs(image, StaticHyperParameters=static), ParameterRanges=ranges)
    (found,) = [each for each in context.subjects("hyperparameter") if each.names == (name,)]
    fields = ("refused", "refused_always", "unmet", "tunable", "tuning_refused", "remedy", "takes", "choices")
    return tuple(fact(found, "hyperparameter", field) for field in fields)


@pytest.mark.parametrize(
    ("text", "words", "inside", "outside"),
    [
        ("[0, 1]", "a number from 0 to 1", (0, 0.5, 1), (-0.1, 1.1)),
        ("(0, 1]", "a number above 0 and up to 1", (0.1, 1), (0, 1.1)),
        ("(0, 1)", "a number above 0 and below 1", (0.5,), (0, 1)),
        ("[0, 1)", "a number from 0 and below 1", (0,), (1,)),
        ("[1, )", "a number of at least 1", (1, 1e300), (0,)),
        ("(0, )", "a number above 0", (0.1,), (0,)),
        ("(, 3]", "a number of at most 3", (3, -9), (4,)),
        ("(, 3)", "a number below 3", (2,), (3,)),
        ("(, )", "a number", (-1, 1, float("nan")), ()),
    ],
)
def test_an_interval(text: str, words: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    """Its ends, and how it is said."""
    interval = Interval.read(text)
    assert interval.words("a number") == words
    assert all(interval.has(value) for value in inside)
    assert not any(interval.has(value) for value in outside)


@pytest.mark.parametrize(
    ("algorithm", "name", "version", "taken", "refused"),
    [
        ("xgboost", "max_depth", "1.7-1", ["0", "12", " 3 "], ["3.7", "3.0", "-1", "", "x"]),
        ("xgboost", "eta", "1.7-1", ["0", "1", "1e-3", "nan"], ["1.5", "-1", "x"]),
        ("xgboost", "learning_rate", "1.7-1", ["0.3"], ["1.5"]),
        ("xgboost", "subsample", "1.7-1", ["1"], ["0"]),
        ("xgboost", "max_delta_step", "1.7-1", ["2.5"], ["-1"]),
        ("xgboost", "tree_method", "1.0-1", ["hist"], ["gpu_hist"]),
        ("xgboost", "tree_method", "1.2-1", ["gpu_hist"], ["gpu", "Hist"]),
        ("xgboost", "objective", "1.5-1", ["survival:aft"], ["reg:absoluteerror"]),
        (
            "xgboost",
            "eval_metric",
            "1.7-1",
            ["auc", "rmse,mae", "error@0.7", "ndcg@5"],
            ["f2", "rmse, mae", "auc@1", "error@x"],
        ),
        ("linear-learner", "learning_rate", None, ["auto", "0.1"], ["0", "-1", "x"]),
        ("knn", "k", None, ["5", "5.0"], ["0", "2.5", "auto"]),
        ("knn", "index_metric", None, ["L2", "cosine"], ["L3"]),
        ("ntm", "num_topics", None, ["2", "1000"], ["1", "1001"]),
        ("pca", "extra_components", None, ["-1", "0"], ["-2", "inf"]),
    ],
)
def test_values(algorithm: str, name: str, version: str | None, taken: list[str], refused: list[str]) -> None:
    """As XGBoost's container reads them; of other algorithms only what no reading takes is refused."""
    found = of_name(algorithm)
    assert found is not None
    values = accepted_values(found, name, version)
    assert values is not None
    assert [text for text in (*taken, *refused) if values.refuses(text)] == refused


@pytest.mark.parametrize(
    ("name", "range_", "refused", "always"),
    [
        ("eta", ("Continuous", "0.1", "1.5"), "1.5", False),
        ("eta", ("Continuous", "-1", "0.5"), "-1", False),
        ("eta", ("Continuous", "2", "3"), "3", True),
        ("eta", ("Continuous", "0", "1"), None, None),
        ("subsample", ("Continuous", "0", "1"), None, None),
        ("subsample", ("Continuous", "-1", "0"), "-1", True),
        ("subsample", ["0", "0.5"], "0", False),
        ("gamma", ("Integer", "0", "5"), None, None),
        ("gamma", ("Integer", "-1", "5"), "-1", False),
        ("num_round", ("Integer", "0.5", "5"), None, None),
        ("num_round", ("Integer", "0", "5000"), "0", False),
        ("max_depth", ("Continuous", "3", "9"), "5.22", True),
        ("max_depth", ("Continuous", "0", "100"), "37.5", True),
        ("max_depth", ("Continuous", "0", "1000"), "370.5", True),
        ("max_depth", ("Continuous", "100", "200"), "137.5", True),
        ("max_depth", ("Continuous", "3", "3"), None, None),
        ("max_depth", ("Integer", "9", "3"), None, None),
        ("max_depth", ["3", "3.5"], "3.5", False),
        ("max_depth", ["3.5", "4.5"], "3.5", True),
        ("max_depth", ["3", "$X"], "is the placeholder $X", "is the placeholder $X"),
        ("max_depth", ["3.5", "$X"], "3.5", False),
        ("eta", ("Continuous", "0.1", "$X"), "is the placeholder $X", "is the placeholder $X"),
        ("eta", ("Continuous", "-1", "$X"), "-1", False),
        ("eta", ("Continuous", "$X", "2"), "2", False),
        ("tree_method", ["hist", "gpu"], "gpu", False),
        ("learning_rate", ("Continuous", "1", "2"), None, None),
    ],
)
def test_a_range_is_refused_where_a_part_of_it_is(name: str, range_: Any, refused: Any, always: Any) -> None:
    """A continuous range may touch an end that is excluded; an integer range over numbers is fine."""
    assert facts(name, range_)[:2] == (refused, always)


@pytest.mark.parametrize(
    ("name", "static", "unmet", "remedy"),
    [
        (
            "objective",
            {"objective": "multi:softmax"},
            "`multi:softmax` as `objective` needs `num_class`",
            "Add the static hyperparameter `num_class`",
        ),
        ("objective", {"objective": "multi:softmax", "num_class": "3"}, None, None),
        ("num_class", {"objective": "reg:logistic", "num_class": "3"}, None, None),
        (
            "eval_metric",
            {"eval_metric": "rmse"},
            "`eval_metric` needs `objective`",
            "Add the static hyperparameter `objective`",
        ),
        ("eval_metric", {"eval_metric": "rmse", "objective": "$X"}, None, None),
        ("eval_metric", {"eval_metric": "auc", "objective": "$X"}, "is the placeholder $X", None),
        (
            "eval_metric",
            {"eval_metric": "auc"},
            "`auc` as `eval_metric` needs `objective`",
            "Add the static hyperparameter `objective`: a value that begins with `binary:` or `rank:`",
        ),
        (
            "eval_metric",
            {"eval_metric": "rmse,auc", "objective": "reg:gamma"},
            "`auc` as `eval_metric` needs `objective` to begin with `binary:` or `rank:`",
            "Set `objective` to a value that begins with `binary:` or `rank:`, or remove `auc` from `eval_metric`",
        ),
        (
            "monotone_constraints",
            {"monotone_constraints": "(1,0)", "tree_method": "auto"},
            "`monotone_constraints` needs `tree_method` to be `exact` or `hist`",
            "Set `tree_method` to `exact` or `hist`, or remove `monotone_constraints`",
        ),
        (
            "monotone_constraints",
            {"monotone_constraints": "(1,0)"},
            "`monotone_constraints` needs `tree_method`",
            "Add the static hyperparameter `tree_method`: `exact` or `hist`",
        ),
        ("objective", {"objective": "$X"}, "is the placeholder $X", None),
    ],
)
def test_what_a_value_needs_beside_it(name: str, static: dict[str, str], unmet: Any, remedy: str | None) -> None:
    """As the container's own checks do, with what to write."""
    found = facts(name, **static)
    assert (found[2], found[5]) == (unmet, remedy)


@pytest.mark.parametrize(
    ("name", "value", "takes", "choices"),
    [
        ("max_depth", "x", "a whole number of at least 0", None),
        ("booster", "x", "`gbtree`, `gblinear` or `dart`", None),
        ("objective", "x", "one of 20 values", "`binary:logistic`, "),
        ("eval_metric", "rmse,x", "one or more of 33 values, separated by commas", "`accuracy`, "),
    ],
)
def test_the_accepted_values_are_named(name: str, value: str, takes: str, choices: str | None) -> None:
    """A long list is counted, and named whole beside it."""
    found = facts(name, **{name: value})
    assert found[6] == takes
    assert (found[7] or "").startswith(choices or "")
    assert (found[7] is None) == (choices is None)


def test_another_hyperparameter_that_is_tuned_is_there() -> None:
    """Which values it takes is not looked at."""
    range_ = {"CategoricalParameterRanges": [{"Name": "objective", "Values": ["reg:gamma", "reg:tweedie"]}]}
    definition = runs(XGBOOST, StaticHyperParameters={"eval_metric": "auc"})
    subjects = binding(definition=definition, ParameterRanges=range_).subjects("hyperparameter")
    assert [fact(each, "hyperparameter", "unmet") for each in subjects] == [None, None]


@pytest.mark.parametrize(
    ("name", "image", "static", "tunable"),
    [
        ("eta", XGBOOST, {}, (True, None)),
        ("booster", XGBOOST, {}, (False, False)),
        ("num_parallel_tree", XGBOOST, {}, (False, True)),
        ("num_parallel_tree", XGBOOST, {"sagemaker_program": "train.py"}, (False, True)),
        ("num_parallel_tree", f"{AMAZONS}/sagemaker-xgboost:9.9-1", {}, (None, None)),
        ("num_parallel_tree", f"{AMAZONS}/xgboost:1", {}, (None, None)),
        ("num_parallel_tree", AMAZONS + "/sagemaker-xgboost:${X}", {}, (PLACEHOLDER,) * 2),
        ("tree_method", XGBOOST, {}, (None, None)),
        ("learning_rate", XGBOOST, {}, (None, None)),
        ("unheard", XGBOOST, {}, (None, None)),
        ("gamma1", f"{AMAZONS}/semantic-segmentation:1", {}, (False, True)),
        ("weight_decay", f"{AMAZONS}/semantic-segmentation:1", {}, (True, None)),
        ("likelihood", f"{AMAZONS}/forecasting-deepar:1", {}, (None, None)),
        ("mini_batch_size", KNN, {}, (False, False)),
        ("subtract_mean", f"{AMAZONS}/pca:1", {}, (None, None)),
        ("booster", f"{AMAZONS}/pytorch-training:2", {}, (None, None)),
    ],
)
def test_what_can_be_tuned(name: str, image: str, static: dict[str, str], tunable: Any) -> None:
    """XGBoost's image is the algorithm to the service also where it runs a script."""
    assert facts(name, ["a", "b"], image, **static)[3:5] == tunable


@pytest.mark.parametrize("image", [f"{AMAZONS}/sagemaker-xgboost:3.2-0", f"{AMAZONS}/xgboost:1", f"{AMAZONS}/ours:1"])
def test_of_an_unknown_version_no_value_is_refused(image: str) -> None:
    """Nor for the oldest image, whose container has not been read."""
    assert facts("eta", None, image, eta="7")[:2] == (None, None)


def test_a_script_reads_its_values_itself() -> None:
    """Only its tuned names are compared."""
    assert facts("eta", ("Continuous", "1", "7"), XGBOOST, sagemaker_program="train.py")[:2] == (None, None)

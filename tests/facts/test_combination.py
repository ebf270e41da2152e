"""The combinations that a constructor refuses, by the version in the job's image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.data import generated
from hpolint.data.constructor_limits import LIBRARIES
from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.facts.combination import CombinationFacts, combination_facts
from hpolint.readers import read_source
from tests.requests import sound
from tests.script.test_arguments import read

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:{}-cpu-py3"
SCRIPT = """
import argparse
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.svm import LinearSVC
from settings import more
parser = argparse.ArgumentParser()
parser.add_argument("--penalty", default="l2")
parser.add_argument("--solver", default="lbfgs")
parser.add_argument("--loss", default="hinge")
parser.add_argument("--ratio", type=float)
parser.add_argument("--rate", default="optimal")
parser.add_argument("--steps", type=int, default=5)
args = parser.parse_args()
"""
LOGISTIC = "LogisticRegression(penalty=args.penalty, solver=args.solver).fit(x, y)"


def facts(
    code: str,
    tuned: dict[str, list[str]],
    static: dict[str, str] | None = None,
    tag: str = "1.4-2",
    **ranges: list[dict[str, Any]],
) -> dict[str, CombinationFacts]:
    """The facts by the names of the hyperparameters, for a job that tunes categories and sends static values."""
    request = sound()
    categories = [{"Name": name, "Values": values} for name, values in tuned.items()]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {"CategoricalParameterRanges": categories, **ranges}
    definition = request["TrainingJobDefinition"]
    definition["AlgorithmSpecification"]["TrainingImage"] = IMAGE.format(tag)
    definition["StaticHyperParameters"] = {"sagemaker_program": "train.py", **(static or {})}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    sets = EvaluationContext(job)._sets
    return combination_facts(job.request, ("TrainingJobDefinition",), read(SCRIPT + code), sets)


def test_the_refused_combinations_of_tuned_values_are_counted() -> None:
    """By the version, of the hyperparameters on which the refusal depends, at the first of them."""
    found = facts(LOGISTIC, {"penalty": ["l1", "l2"], "solver": ["liblinear", "newton-cg", "lbfgs", "sag", "saga"]})
    assert found.keys() == {"penalty"}
    refused = found["penalty"]
    assert (refused.count, refused.of, refused.tuned) == (3, 10, ["penalty", "solver"])
    assert refused.refused == "`penalty='l1'` with `solver='newton-cg'`"
    assert (refused.library, refused.fixed) == ("scikit-learn 1.4.2", None)


@pytest.mark.parametrize(
    ("code", "tuned", "static", "count", "fixed"),
    [
        (LOGISTIC, {"penalty": ["l1", "l2"]}, {}, (1, 2), "`solver='lbfgs'` is the default of `--solver`"),
        (LOGISTIC, {"penalty": ["l1", "l2"]}, {"solver": "sag"}, (1, 2), None),
        (LOGISTIC, {"penalty": ["l1", "l2"]}, {"solver": "saga"}, None, None),
        (LOGISTIC, {}, {"penalty": "l1", "solver": "sag"}, (None, None), None),
        (
            "LogisticRegression(penalty=args.penalty, solver='saga').fit(x, y)",
            {"penalty": ["l2", "elasticnet"]},
            {},
            (1, 2),
            "`l1_ratio=None` is the constructor's default",
        ),
        (
            "LogisticRegression(penalty=args.penalty, solver='saga', l1_ratio=args.ratio).fit(x, y)",
            {"penalty": ["l2", "elasticnet"]},
            {"ratio": "0.5"},
            None,
            None,
        ),
        (
            "LinearSVC(loss=args.loss, dual=False).fit(x, y)",
            {"loss": ["hinge", "squared_hinge"]},
            {},
            (1, 2),
            "`dual=False` is written in the script",
        ),
        ("LinearSVC(loss=args.loss, dual=more).fit(x, y)", {"loss": ["hinge", "squared_hinge"]}, {}, None, None),
        ("LinearSVC(loss=args.loss, **more).fit(x, y)", {"loss": ["hinge", "squared_hinge"]}, {}, None, None),
        (
            "SGDClassifier(learning_rate=args.rate, eta0=0.1).fit(x, y)",
            {"rate": ["constant", "optimal"]},
            {},
            None,
            None,
        ),
        (
            "SGDClassifier(learning_rate=args.rate).fit(x, y)",
            {"rate": ["constant", "optimal"]},
            {},
            (1, 2),
            "`eta0=0.0` is the constructor's default",
        ),
        ("LogisticRegression(penalty=args.penalty, solver=more).fit(x, y)", {"penalty": ["l1", "l2"]}, {}, None, None),
        ("args.solver = 'saga'\n" + LOGISTIC, {"penalty": ["l1", "l2"]}, {}, None, None),
        ("parser.set_defaults(solver='saga')\n" + LOGISTIC, {"penalty": ["l1", "l2"]}, {}, None, None),
        (f"try:\n    {LOGISTIC}\nexcept ValueError:\n    pass", {"penalty": ["l1", "l2"]}, {}, None, None),
    ],
)
def test_values_of_the_script_count_as_far_as_they_are_known(
    code: str,
    tuned: dict[str, list[str]],
    static: dict[str, str],
    count: tuple[int | None, int | None] | None,
    fixed: str | None,
) -> None:
    """Static values, defaults of options and constructors, and what the call writes; others leave the rule silent."""
    refused = list(facts(code, tuned, static).values())
    assert [(each.count, each.of) for each in refused] == ([] if count is None else [count])
    assert [each.fixed for each in refused] == ([] if count is None else [fixed])


def test_versions_differ_in_what_they_refuse() -> None:
    """1.0.2 takes a solver for which 1.4.2 needs another penalty."""
    job = {"solver": ["liblinear", "lbfgs"]}
    code = "LogisticRegression(penalty=None, solver=args.solver).fit(x, y)"
    assert facts(code, job)["solver"].count == 1
    assert facts(code, job, tag="2.0-1") == {}


def test_the_data_covers_the_versions_of_the_limits() -> None:
    """Each estimator has an answer for at least one version, and no version has two."""
    versions = set(LIBRARIES["sklearn"].versions.values())
    for name, answers in generated("scikit_learn_combinations")["classes"].items():
        own = [version for answer in answers for version in answer["versions"]]
        assert len(own) == len(set(own)) > 0, name
        assert set(own) <= versions

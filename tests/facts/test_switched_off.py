"""The tuned hyperparameters that a script does not use with the job's other values."""

from __future__ import annotations

import json

import pytest

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.facts.switched_off import SwitchFacts, switch_facts
from hpolint.model.node import Unknown
from hpolint.readers import read_source
from tests.requests import sound
from tests.script.test_arguments import read

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
HEAD = """
import argparse
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float)
parser.add_argument("--optimizer", default="adam")
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--nesterov", action="store_true")
parser.add_argument("--fixed", action="store_true", default=True)
parser.add_argument("--local_rank", type=int, default=-1)
parser.add_argument("--warm", type=lambda text: text != "no", default="no")
args = parser.parse_args()
"""


def facts(code: str, *, static: dict[str, str] | None = None, tuned: dict[str, list[str]] | None = None) -> SwitchFacts:
    """The facts of the range of ``momentum``."""
    request = sound()
    categories = [{"Name": name, "Values": values} for name, values in (tuned or {}).items()]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {
        "ContinuousParameterRanges": [{"Name": "momentum", "MinValue": "0.1", "MaxValue": "0.9"}],
        "CategoricalParameterRanges": categories,
    }
    definition = request["TrainingJobDefinition"]
    definition["AlgorithmSpecification"]["TrainingImage"] = IMAGE
    definition["StaticHyperParameters"] = {"sagemaker_program": "train.py", **(static or {})}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    sets = EvaluationContext(job)._sets
    return switch_facts(job.request, ("TrainingJobDefinition",), "momentum", read(HEAD + code), sets)


BRANCH = "if args.optimizer.lower() in ('sgd', 'nag'):\n    use(args.momentum)\n"
SUPPORT = "SVC(kernel=args.optimizer, gamma=args.momentum).fit(x, y)\n"


@pytest.mark.parametrize(
    ("code", "static", "tuned", "words"),
    [
        (
            BRANCH,
            {},
            {},
            ("`train.py`", "`optimizer` `sgd` or `nag`", "`optimizer` `adam`, the default of `--optimizer`"),
        ),
        (BRANCH, {"optimizer": "Adam"}, {}, ("`train.py`", "`optimizer` `sgd` or `nag`", "`optimizer` `Adam`")),
        (
            BRANCH,
            {},
            {"optimizer": ["adam", "ftrl"]},
            ("`train.py`", "`optimizer` `sgd` or `nag`", "`optimizer` `adam` or `ftrl`"),
        ),
        (
            "if args.layers > 2:\n    pass\nif args.layers == 3:\n    use(args.momentum)",
            {"layers": "2"},
            {},
            ("`train.py`", "`layers` `3`", "`layers` `2`"),
        ),
        (
            "if args.nesterov:\n    use(args.momentum)",
            {},
            {},
            ("`train.py`", "`nesterov`", "`nesterov` `False`, the default of `--nesterov`"),
        ),
        (
            SUPPORT,
            {"optimizer": "linear"},
            {},
            ("`SVC` of scikit-learn 1.4.2", "another `kernel` than `linear`", "`kernel` `linear`"),
        ),
        (
            "MLPClassifier(momentum=args.momentum).fit(x, y)",
            {},
            {},
            (
                "`MLPClassifier` of scikit-learn 1.4.2",
                "another `solver` than `adam`",
                "`solver` `adam`, the constructor's default",
            ),
        ),
        (
            "MLPClassifier(solver=args.optimizer, momentum=args.momentum).fit(x, y)",
            {},
            {"optimizer": ["adam", "lbfgs"]},
            (
                "`MLPClassifier` of scikit-learn 1.4.2",
                "another `solver` than `adam` or `lbfgs`",
                "`solver` `adam` or `lbfgs`",
            ),
        ),
    ],
)
def test_what_no_trial_uses_is_said_with_what_it_needs(
    code: str, static: dict[str, str], tuned: dict[str, list[str]], words: tuple[str, str, str]
) -> None:
    """By static values, categories, defaults of options and of constructors, and what the script writes."""
    found = facts(code, static=static, tuned=tuned)
    assert (found.user, found.used_with, found.instead) == words


@pytest.mark.parametrize(
    ("code", "static", "tuned"),
    [
        (BRANCH, {"optimizer": "SGD"}, {}),
        (BRANCH, {}, {"optimizer": ["adam", "sgd"]}),
        (f"parser.set_defaults(optimizer='sgd')\n{BRANCH}", {}, {}),
        ("if args.fixed:\n    use(args.momentum)", {}, {}),
        ("if args.local_rank == 0:\n    use(args.momentum)", {}, {}),
        ("if args.warm == 'yes':\n    use(args.momentum)", {}, {}),
        ("if args.nesterov:\n    use(args.momentum)", {"nesterov": ""}, {}),
        (SUPPORT, {"optimizer": "rbf"}, {}),
        (SUPPORT, {}, {"optimizer": ["linear", "rbf"]}),
        ("MLPClassifier(momentum=args.momentum, **more).fit(x, y)", {}, {}),
        ("MLPClassifier(solver=more, momentum=args.momentum).fit(x, y)", {}, {}),
    ],
)
def test_what_a_trial_may_use_is_not_said_to_be_off(
    code: str, static: dict[str, str], tuned: dict[str, list[str]]
) -> None:
    """One value of one trial is enough, and so is a value that is not known."""
    assert facts(code, static=static, tuned=tuned) == SwitchFacts()


def test_an_unknown_value_leaves_it_undecided() -> None:
    """It may be one with which the script uses the hyperparameter."""
    assert isinstance(facts(BRANCH, static={"optimizer": "${OPTIMIZER}"}).used_with, Unknown)
    assert isinstance(facts(SUPPORT, static={"optimizer": "${KERNEL}"}).used_with, Unknown)

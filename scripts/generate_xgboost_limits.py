"""Write hpolint/data/xgboost_limits.json: the numbers with which XGBoost does not train.

Usage: ``HPOLINT_XGBOOST=PYTHON:PYTHON:… python -m scripts.generate_xgboost_limits [--check]``. The variable names the
Pythons of environments with scikit-learn and the versions of XGBoost in Amazon's images. ``--check`` writes nothing and
exits 1 if the committed file differs in anything but its date.

``train``, with a dict of parameters, and each model of the interface for scikit-learn are called with each number as
each parameter. A number is refused if they raise an error for it with each objective, method, policy and number of
leaves, with which they train otherwise, for trees: ``booster`` is never set.
"""

from __future__ import annotations

import os
import sys

from scripts.constructor_limits import PROBES, answers_of, compact, same_beginnings, written

VERSIONS = {
    "0.90-1": "0.90",
    "0.90-2": "0.90",
    "1.0-1": "1.0.0",
    "1.2-1": "1.2.0",
    "1.2-2": "1.2.0",
    "1.3-1": "1.3.3",
    "1.5-1": "1.5.2",
    "1.7-1": "1.7.4",
    "3.0-5": "3.0.5",
}
"""The tags of Amazon's images, with the versions of XGBoost in them.

Source: ``image_uri_config/xgboost.json`` of the SageMaker SDK 2.257.7, and the Dockerfiles of
aws/sagemaker-xgboost-container.
"""

PROGRAM = (
    rf"""
PROBES = {PROBES}
"""
    r"""
import inspect, itertools, json, os, signal, warnings
warnings.simplefilter("ignore")
import numpy, xgboost

SHARED = (
    "learning_rate", "gamma", "max_depth", "min_child_weight", "max_delta_step", "subsample", "colsample_bytree",
    "colsample_bylevel", "colsample_bynode", "reg_alpha", "reg_lambda", "scale_pos_weight", "max_leaves", "max_bin",
    "num_parallel_tree", "base_score",
)
PARAMETERS = {
    "train": SHARED + ("eta", "min_split_loss", "alpha", "lambda", "num_boost_round"),
    "XGBClassifier": SHARED + ("n_estimators",),
    "XGBRegressor": SHARED + ("n_estimators",),
    "XGBRFClassifier": SHARED + ("n_estimators",),
    "XGBRFRegressor": SHARED + ("n_estimators",),
}
# a number that is refused with only some of these is not refused
SETTINGS = {
    "tree_method": (None, "exact", "approx", "hist"),
    "grow_policy": (None, "lossguide"),
    "max_leaves": (None, 4),
    "max_depth": (None, 0),
}
CLASSIFIED, ESTIMATED = ("binary:logistic", "multi:softprob"), ("reg:squarederror", "count:poisson")
OBJECTIVES = {
    "train": CLASSIFIED + ESTIMATED + ("rank:pairwise",),
    "XGBClassifier": CLASSIFIED,
    "XGBRegressor": ESTIMATED,
    "XGBRFClassifier": CLASSIFIED,
    "XGBRFRegressor": ESTIMATED,
}
SECONDS = 600

random = numpy.random.RandomState(0)
rows = numpy.abs(random.rand(60, 6)) + 0.1
classes = numpy.repeat([0, 1, 2], 20)

def goal(objective):
    return classes if objective.startswith("multi:") else numpy.minimum(classes, 1)

def train(arguments):
    arguments = dict(arguments)
    rounds = arguments.pop("num_boost_round", 2)
    data = xgboost.DMatrix(rows, goal(arguments["objective"]))
    if arguments["objective"].startswith("rank:"):
        data.set_group([30, 30])
    if arguments["objective"].startswith("multi:"):
        arguments["num_class"] = 3
    xgboost.train(dict(arguments, nthread=1), data, rounds)

def fit(name, arguments):
    model = getattr(xgboost, name)(**dict({"n_estimators": 2, "n_jobs": 1}, **arguments))
    model.fit(rows, goal(arguments["objective"]))

def fits(name, arguments):
    try:
        train(arguments) if name == "train" else fit(name, arguments)
    except Exception:
        return False
    return True

def settings(name, parameter):
    for objective, *values in itertools.product(OBJECTIVES[name], *SETTINGS.values()):
        setting = {key: value for key, value in zip(SETTINGS, values) if value is not None and key != parameter}
        yield dict(setting, objective=objective)

def refusals(name, parameter):
    # in a process of its own: some calls do not end
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        signal.alarm(SECONDS)
        numbers = list(PROBES)
        for setting in settings(name, parameter):
            numbers = [number for number in numbers if not fits(name, dict(setting, **{parameter: number}))]
        os.write(writer, json.dumps(numbers).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None

refused = {}
for name, parameters in PARAMETERS.items():
    if hasattr(xgboost, name):
        refused[name] = {}
        for parameter in parameters:
            numbers = refusals(name, parameter)
            if numbers is not None and len(numbers) < len(PROBES):
                refused[name][parameter] = numbers
kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
positional = [name for name, own in inspect.signature(xgboost.train).parameters.items() if own.kind in kinds]
print(json.dumps({"version": xgboost.__version__, "refused": refused, "positional": {"train": positional}}))
"""
)


def main(arguments: list[str]) -> int:
    """Write the file, or compare it. Returns the exit code."""
    answers = [answers_of(python, PROGRAM) for python in os.environ["HPOLINT_XGBOOST"].split(os.pathsep)]
    by_version = {answer["version"]: answer["refused"] for answer in answers}
    missing = set(VERSIONS.values()) - by_version.keys()
    if missing:
        print(f"HPOLINT_XGBOOST names no Python with XGBoost {', '.join(sorted(missing))}", file=sys.stderr)
        return 2
    source = "XGBoost, called by scripts/generate_xgboost_limits.py"
    data = compact(by_version, VERSIONS, source)
    data["positional"] = same_beginnings([answer["positional"] for answer in answers])
    return written("xgboost", data, checks="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write hpolint/data/scikit_learn_limits.json: the numbers that scikit-learn's estimators refuse.

Usage: ``HPOLINT_SKLEARN=PYTHON:PYTHON:… python -m scripts.generate_constructor_limits [--check]``. The variable names
the Pythons of environments with scikit-learn 0.20.0, 0.23.2, 1.0.2, 1.2.1 and 1.4.2, the versions in Amazon's images.
``--check`` writes nothing and exits 1 if the committed file differs in anything but its date.

No documentation is read: each estimator is fitted to a few rows with each number as each of its numeric parameters, and
a number is refused if ``fit`` raises an error that it does not raise with the default, whatever the solver, the kernel,
the loss and the like are.
"""

from __future__ import annotations

import os
import sys

from scripts.constructor_limits import PROBES, answers_of, compact, written

VERSIONS = {"0.20.0": "0.20.0", "0.23-1": "0.23.2", "1.0-1": "1.0.2", "1.2-1": "1.2.1", "1.4-2": "1.4.2"}
"""The tags of Amazon's images, with the versions of scikit-learn in them.

Source: ``image_uri_config/sklearn.json`` of the SageMaker SDK 2.257.7, and ``requirements.txt`` of
aws/sagemaker-scikit-learn-container.
"""

PROGRAM = (
    rf"""
PROBES = {PROBES}
"""
    r"""
import inspect, json, os, signal, sys, warnings
warnings.simplefilter("ignore")
import numpy, sklearn
try:
    from sklearn.utils import all_estimators
except ImportError:
    from sklearn.utils.testing import all_estimators

SMALL = {"n_estimators": 3, "max_iter": 20}
OTHERS = ("random_state", "n_jobs", "verbose", "cache_size", "tol", "max_iter")
# a number that only the default of these refuses is not refused
ALTERNATIVES = {
    "solver": ("liblinear", "lbfgs", "newton-cg", "sag", "saga", "svd", "cholesky", "lsqr", "sgd", "adam", "eigen"),
    "kernel": ("linear", "poly", "sigmoid"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
    "penalty": ("l1", "l2", "elasticnet"),
    "loss": ("hinge", "log", "log_loss", "modified_huber", "squared_error", "huber", "exponential", "absolute_error"),
    "algorithm": ("elkan", "full", "lloyd", "brute", "kd_tree", "ball_tree", "SAMME"),
    "init": ("random",),
    "early_stopping": (True, False),
    "bootstrap": (True, False),
}
SECONDS = 60
# what fits of these need is not a matter of numbers, or they take minutes
SKIPPED = (
    "CV", "Stacking", "Voting", "MultiOutput", "Chain", "OneVs", "OutputCode", "Dummy", "SelfTraining",
    "GaussianProcess",
)

random = numpy.random.RandomState(0)
rows = numpy.abs(random.rand(60, 6)) + 0.1
labels = numpy.repeat([0, 1, 2], 20)
rows += labels[:, None]
targets = rows.sum(axis=1) + random.rand(60) + 1

def fits(kind, cls, arguments):
    goal = labels if kind == "classifier" else targets if kind == "regressor" else None
    try:
        estimator = cls(**arguments)
        estimator.fit(rows, goal) if goal is not None else estimator.fit(rows)
    except Exception:
        return False
    return True

def numeric_parameters(cls):
    for parameter in inspect.signature(cls).parameters.values():
        default = parameter.default
        if isinstance(default, bool) or parameter.name in OTHERS:
            continue
        if isinstance(default, (int, float)) or default is None:
            yield parameter.name

def settings(kind, cls, own):
    yield own
    for name in inspect.signature(cls).parameters:
        for value in ALTERNATIVES.get(name, ()):
            if fits(kind, cls, dict(own, **{name: value})):
                yield dict(own, **{name: value})

def refusals(kind, cls, own, name):
    # in a process of its own: some fits do not end, and do not listen
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        numbers = list(PROBES)
        for setting in settings(kind, cls, own):
            if name not in set(setting) - set(own):
                numbers = [number for number in numbers if not fits(kind, cls, dict(setting, **{name: number}))]
        os.write(writer, json.dumps(numbers).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None

def refused(kind, cls):
    own = {name: value for name, value in SMALL.items() if name in inspect.signature(cls).parameters}
    if not fits(kind, cls, own):
        return None
    described = {}
    for name in numeric_parameters(cls):
        numbers = refusals(kind, cls, own, name)
        if numbers is not None and len(numbers) < len(PROBES):
            described[name] = numbers
    return described

found = {}
for kind in ("classifier", "regressor", "cluster"):
    for name, cls in all_estimators(type_filter=kind):
        if any(word in name for word in SKIPPED):
            continue
        described = refused(kind, cls)
        if described is not None:
            found.setdefault(name, described)
print(json.dumps({"version": sklearn.__version__, "refused": found}))
"""
)


def main(arguments: list[str]) -> int:
    """Write the file, or compare it. Returns the exit code."""
    answers = [answers_of(python, PROGRAM) for python in os.environ["HPOLINT_SKLEARN"].split(os.pathsep)]
    by_version = {answer["version"]: answer["refused"] for answer in answers}
    missing = set(VERSIONS.values()) - by_version.keys()
    if missing:
        print(f"HPOLINT_SKLEARN names no Python with scikit-learn {', '.join(sorted(missing))}", file=sys.stderr)
        return 2
    source = "each constructor of scikit-learn, called and fitted by scripts/generate_constructor_limits.py"
    return written("scikit_learn", compact(by_version, VERSIONS, source), checks="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

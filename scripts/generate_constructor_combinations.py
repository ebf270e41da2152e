"""Write hpolint/data/scikit_learn_combinations.json: what scikit-learn's estimators refuse or ignore in combination.

Usage: ``HPOLINT_SKLEARN=PYTHON:PYTHON:… python -m scripts.generate_constructor_combinations [--check]``, with the
Pythons of ``scripts.generate_constructor_limits``. ``--check`` writes nothing and exits 1 if the committed file differs
in anything but its date.

No documentation is read, except to choose the parameters below: the estimators that scripts train most, with those of
their parameters that exclude or switch off each other. An estimator is fitted with each combination of values, with
classes or targets, two classes or three, and dense and sparse rows.

- One, two or three values are refused together if ``fit`` raises an error whatever the other values and the rows are.
- A parameter has no effect with one or two values of others if the fitted estimators are equal for all of its values,
  whatever the rest is, while they differ with other values of the others.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from typing import Any

from scripts.constructor_limits import DATA, answers_of
from scripts.generate_constructor_limits import VERSIONS

TARGET = DATA / "scikit_learn_combinations.json"

PROGRAM = r"""
import inspect, itertools, json, warnings
warnings.simplefilter("ignore")
import numpy, scipy.sparse, sklearn
try:
    from sklearn.utils import all_estimators
except ImportError:
    from sklearn.utils.testing import all_estimators
try:
    from sklearn.experimental import enable_hist_gradient_boosting
except ImportError:
    pass

SMALL = {"n_estimators": 3, "max_iter": 20, "random_state": 0, "hidden_layer_sizes": (4,), "n_clusters": 3}
MAX_SIZE = 3

LEAST_SQUARES = ("ls", "lad", "squared_error", "absolute_error", "squared_loss")
FOREST = {
    "max_features": ("auto", "sqrt", "log2", "None", None), "bootstrap": (True, False), "oob_score": (True, False),
}
CLASSES = {"criterion": ("gini", "entropy", "log_loss")}
TARGETS = {"criterion": ("mse", "mae", "squared_error", "absolute_error", "friedman_mse", "poisson")}
TREE = {"max_features": ("auto", "sqrt", "log2", "None", None), "splitter": ("best", "random")}
BOOSTED = {
    "criterion": ("friedman_mse", "mse", "squared_error", "mae"),
    "max_features": ("auto", "sqrt", "log2", "None", None), "n_iter_no_change": (None, 2),
}
DESCENT = {
    "penalty": ("l1", "l2", "elasticnet", "none", "None", None),
    "learning_rate": ("constant", "optimal", "invscaling", "adaptive"), "early_stopping": (True, False),
    "eta0": (0.0, 0.01),
}
NETWORK = {
    "solver": ("lbfgs", "sgd", "adam"), "learning_rate": ("constant", "invscaling", "adaptive"),
    "activation": ("identity", "logistic", "tanh", "relu"), "early_stopping": (True, False),
}
NEIGHBORS = {
    "algorithm": ("auto", "ball_tree", "kd_tree", "brute"), "weights": ("uniform", "distance"),
    "metric": ("minkowski", "euclidean", "manhattan", "chebyshev", "cosine"),
}
KERNELS = {"kernel": ("linear", "poly", "rbf", "sigmoid"), "gamma": ("scale", "auto")}
RIDGE = {
    "solver": ("auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"), "positive": (True, False),
}

# the parameters of which each combination is tried
CHOICES = {
    "LogisticRegression": {
        "penalty": ("l1", "l2", "elasticnet", "none", "None", None),
        "solver": ("newton-cg", "newton-cholesky", "lbfgs", "liblinear", "sag", "saga"),
        "dual": (True, False), "l1_ratio": (None, 0.5), "multi_class": ("auto", "ovr", "multinomial"),
    },
    "LinearSVC": {
        "penalty": ("l1", "l2"), "loss": ("hinge", "squared_hinge"), "dual": ("auto", True, False),
        "multi_class": ("ovr", "crammer_singer"),
    },
    "LinearSVR": {"loss": ("epsilon_insensitive", "squared_epsilon_insensitive"), "dual": ("auto", True, False)},
    "SVC": KERNELS, "NuSVC": KERNELS, "SVR": KERNELS, "NuSVR": KERNELS,
    "SGDClassifier": dict(DESCENT, loss=(
        "hinge", "log", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "squared_loss",
        "huber", "epsilon_insensitive", "squared_epsilon_insensitive",
    )),
    "SGDRegressor": dict(DESCENT, loss=(
        "squared_error", "squared_loss", "huber", "epsilon_insensitive", "squared_epsilon_insensitive",
    )),
    "Perceptron": {
        "penalty": ("l1", "l2", "elasticnet", "None", None), "early_stopping": (True, False),
    },
    "Ridge": RIDGE, "RidgeClassifier": RIDGE,
    "MLPClassifier": NETWORK, "MLPRegressor": NETWORK,
    "KNeighborsClassifier": NEIGHBORS, "KNeighborsRegressor": NEIGHBORS,
    "DecisionTreeClassifier": dict(TREE, **CLASSES), "DecisionTreeRegressor": dict(TREE, **TARGETS),
    "ExtraTreeClassifier": dict(TREE, **CLASSES), "ExtraTreeRegressor": dict(TREE, **TARGETS),
    "RandomForestClassifier": dict(FOREST, **CLASSES), "RandomForestRegressor": dict(FOREST, **TARGETS),
    "ExtraTreesClassifier": dict(FOREST, **CLASSES), "ExtraTreesRegressor": dict(FOREST, **TARGETS),
    "GradientBoostingClassifier": dict(BOOSTED, loss=("deviance", "log_loss", "exponential")),
    "GradientBoostingRegressor": dict(BOOSTED, loss=LEAST_SQUARES + ("huber", "quantile")),
    "HistGradientBoostingClassifier": {
        "loss": ("log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"),
    },
    "HistGradientBoostingRegressor": {
        "loss": (
            "squared_error", "least_squares", "absolute_error", "least_absolute_deviation", "gamma", "poisson",
            "quantile",
        ),
        "quantile": (None, 0.5),
    },
    "AdaBoostClassifier": {"algorithm": ("SAMME", "SAMME.R")},
    "AdaBoostRegressor": {"loss": ("linear", "square", "exponential")},
    "BaggingClassifier": {"bootstrap": (True, False), "oob_score": (True, False)},
    "BaggingRegressor": {"bootstrap": (True, False), "oob_score": (True, False)},
    "KMeans": {"algorithm": ("auto", "full", "lloyd", "elkan"), "init": ("k-means++", "random")},
    "MiniBatchKMeans": {"init": ("k-means++", "random")},
    "AgglomerativeClustering": {
        "linkage": ("ward", "complete", "average", "single"),
        "affinity": ("euclidean", "l1", "l2", "manhattan", "cosine"),
        "metric": (None, "euclidean", "l1", "l2", "manhattan", "cosine"),
    },
}

RATIO, FRACTION = (0.05, 0.5, 0.95), (0.2, 0.3, 0.5)
KERNEL_NUMBERS = {
    "gamma": ((0.05, 1.0, "scale", "auto"), ("kernel",)), "degree": ((2, 3, 5), ("kernel",)),
    "coef0": ((0.0, 1.0, 3.0), ("kernel",)),
}
DESCENT_NUMBERS = {
    "l1_ratio": (RATIO, ("penalty",)), "eta0": ((0.001, 0.01, 0.2), ("learning_rate",)),
    "power_t": ((0.1, 0.5, 0.9), ("learning_rate",)), "epsilon": ((0.01, 0.1, 1.0), ("loss",)),
    "validation_fraction": (FRACTION, ("early_stopping",)),
}
NETWORK_NUMBERS = {
    "learning_rate": (("constant", "invscaling", "adaptive"), ("solver",)),
    "learning_rate_init": ((0.001, 0.01, 0.1), ("solver",)), "momentum": ((0.1, 0.5, 0.9), ("solver",)),
    "nesterovs_momentum": ((True, False), ("solver",)), "power_t": ((0.1, 0.5, 0.9), ("solver", "learning_rate")),
    "beta_1": ((0.5, 0.9, 0.99), ("solver",)), "beta_2": ((0.5, 0.9, 0.999), ("solver",)),
    "epsilon": ((1e-8, 1e-3, 0.1), ("solver",)), "batch_size": ((5, 10, 20), ("solver",)),
    "validation_fraction": (FRACTION, ("early_stopping",)),
}
# the parameters that others may switch off: values that differ where they count, and the others that the documentation
# names. HistGradientBoosting* is not asked: its early stopping depends on the number of rows.
NUMBERS = {
    "LogisticRegression": {
        "l1_ratio": (RATIO, ("penalty",)), "intercept_scaling": ((0.1, 1.0, 10.0), ("solver",)),
    },
    "SVC": KERNEL_NUMBERS, "NuSVC": KERNEL_NUMBERS, "SVR": KERNEL_NUMBERS, "NuSVR": KERNEL_NUMBERS,
    "SGDClassifier": DESCENT_NUMBERS, "SGDRegressor": DESCENT_NUMBERS,
    "Perceptron": {
        "l1_ratio": (RATIO, ("penalty",)), "alpha": ((0.0001, 0.01, 0.5), ("penalty",)),
        "validation_fraction": (FRACTION, ("early_stopping",)),
    },
    "MLPClassifier": NETWORK_NUMBERS, "MLPRegressor": NETWORK_NUMBERS,
    "KNeighborsClassifier": {"p": ((1, 2, 4), ("metric",))}, "KNeighborsRegressor": {"p": ((1, 2, 4), ("metric",))},
    "GradientBoostingClassifier": {"validation_fraction": (FRACTION, ("n_iter_no_change",))},
    "GradientBoostingRegressor": {
        "alpha": ((0.2, 0.5, 0.95), ("loss",)), "validation_fraction": (FRACTION, ("n_iter_no_change",)),
    },
}

random = numpy.random.RandomState(0)
rows = numpy.abs(random.rand(60, 6)) + 0.1
three = numpy.repeat([0, 1, 2], 20)
two = numpy.tile([0, 1], 30)
targets = rows.sum(axis=1) + random.rand(60) + 1
shifts = 0.2 * random.rand(60, 6)
sparse = scipy.sparse.csr_matrix(numpy.where(rows > 0.6, rows, 0))
SAMPLES = {
    "classifier": [(rows + three[:, None], three), (rows + two[:, None], two), (sparse, two)],
    "regressor": [(rows, targets), (sparse, targets)],
    "cluster": [(rows, None), (sparse, None)],
}

def fitted(cls, arguments, sample):
    try:
        return cls(**arguments).fit(*sample)
    except Exception:
        return None

def result(estimator, sample):
    '''What shows how an estimator was fitted: its answers for other rows. A neighbour at no distance decides alone.'''
    others = scipy.sparse.csr_matrix(shifts) + sample[0] if scipy.sparse.issparse(sample[0]) else sample[0] + shifts
    parts = [estimator.predict(others)]
    for method in ("decision_function", "predict_proba"):
        try:
            parts.append(getattr(estimator, method)(others))
        except Exception:
            pass
    return [numpy.asarray(part).tolist() for part in parts]

def choices_of(name, parameters):
    '''The values of each parameter that the version has, and its default among them.'''
    choices = {}
    for parameter, values in CHOICES[name].items():
        if parameter in parameters:
            default = parameters[parameter].default
            known = any(type(value) is type(default) and value == default for value in values)
            choices[parameter] = list(values) if known else list(values) + [default]
    return choices

def assignments(choices):
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values))

def matches(pattern, assignment):
    return all(assignment[name] is value or assignment[name] == value for name, value in pattern.items())

def patterns(choices, size):
    for names in itertools.combinations(choices, size):
        for values in itertools.product(*(choices[name] for name in names)):
            yield dict(zip(names, values))

def smallest(choices, holds, size):
    '''The smallest patterns that hold for each assignment that they match, and match one of which it is known.'''
    kept = []
    for length in range(1, size + 1):
        for pattern in patterns(choices, length):
            if not any(matches_pattern(shorter, pattern) for shorter in kept):
                known = [held for assignment, held in holds if held is not None and matches(pattern, assignment)]
                if known and all(known):
                    kept.append(pattern)
    return kept

def matches_pattern(shorter, pattern):
    return shorter.keys() <= pattern.keys() and matches(shorter, pattern)

def is_same(cls, own, assignment, parameter, values, samples):
    '''Whether all values of a parameter lead to the same; None if none can be fitted.'''
    answers = []
    for sample in samples:
        estimators = [fitted(cls, dict(own, **dict(assignment, **{parameter: value})), sample) for value in values]
        results = [result(estimator, sample) for estimator in estimators if estimator is not None]
        if len(results) > 1:
            answers.append(all(other == results[0] for other in results))
    return all(answers) if answers else None

def described(kind, name, cls):
    parameters = inspect.signature(cls).parameters
    own = {parameter: value for parameter, value in SMALL.items() if parameter in parameters}
    samples = [sample for sample in SAMPLES[kind] if fitted(cls, own, sample) is not None]
    choices = choices_of(name, parameters)
    holds = []
    for assignment in assignments(choices):
        is_fit = any(fitted(cls, dict(own, **assignment), sample) is not None for sample in samples)
        holds.append((assignment, not is_fit))
    refused = smallest(choices, holds, MAX_SIZE)
    fitting = [assignment for assignment, is_refused in holds if not is_refused]
    unused = {}
    for parameter, (values, named) in NUMBERS.get(name, {}).items():
        if parameter in parameters:
            switches = {other: known for other, known in choices.items() if other in named}
            same = []
            for assignment in fitting:
                rest = {other: value for other, value in assignment.items() if other != parameter}
                if not any(rest == former for former, _ in same):
                    same.append((rest, is_same(cls, own, rest, parameter, values, samples)))
            off = smallest(switches, same, 2)
            if off and not all(held for _, held in same if held is not None):
                unused[parameter] = off
    defaults = {parameter: parameters[parameter].default for parameter in choices}
    return {"defaults": defaults, "refused": refused, "unused": unused}

answers = {}
for kind in ("classifier", "regressor", "cluster"):
    for name, cls in all_estimators(type_filter=kind):
        if name in CHOICES and name not in answers:
            answers[name] = described(kind, name, cls)
print(json.dumps({"version": sklearn.__version__, "classes": answers}))
"""


def main(arguments: list[str]) -> int:
    """Write the file, or compare it. Returns the exit code."""
    answers = [answers_of(python, PROGRAM) for python in os.environ["HPOLINT_SKLEARN"].split(os.pathsep)]
    by_version = {answer["version"]: answer["classes"] for answer in answers}
    missing = set(VERSIONS.values()) - by_version.keys()
    if missing:
        print(f"HPOLINT_SKLEARN names no Python with scikit-learn {', '.join(sorted(missing))}", file=sys.stderr)
        return 2
    data = _compact({version: by_version[version] for version in VERSIONS.values()})
    if "--check" in arguments:
        committed = json.loads(TARGET.read_text("utf-8"))
        return int({**committed, "as_of": ""} != {**data, "as_of": ""})
    TARGET.write_text(_text(data), "utf-8")
    return 0


def _compact(by_version: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The answers of each estimator, those of versions that answer the same together."""
    classes: dict[str, list[dict[str, Any]]] = {}
    for version, answers in by_version.items():
        for name, answer in sorted(answers.items()):
            rows = classes.setdefault(name, [])
            same = [row for row in rows if {**row, "versions": None} == {"versions": None, **answer}]
            if same:
                same[0]["versions"].append(version)
            else:
                rows.append({"versions": [version], **answer})
    return {
        "as_of": datetime.date.today().isoformat(),
        "source": "the estimators of scikit-learn, fitted by scripts/generate_constructor_combinations.py",
        "classes": dict(sorted(classes.items())),
    }


def _text(data: dict[str, Any]) -> str:
    """JSON with a line for each group of versions of an estimator."""
    classes = []
    for name, rows in data["classes"].items():
        lines = ",\n".join(f"      {json.dumps(row)}" for row in rows)
        classes.append(f"    {json.dumps(name)}: [\n{lines}\n    ]")
    head = "".join(f"  {json.dumps(name)}: {json.dumps(data[name])},\n" for name in ("as_of", "source"))
    return f'{{\n{head}  "classes": {{\n' + ",\n".join(classes) + "\n  }\n}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

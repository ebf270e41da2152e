"""Calls of libraries whose results are single numbers, or are shown as one by ``format()``.

A tensor without dimensions is printed as ``tensor(0.5)``, and formatted as ``0.5``. Sources: torch 1.4 and 2.13,
``Tensor.__format__``; TensorFlow 2.0 and 2.18, ``EagerTensor.__format__``.
"""

from __future__ import annotations

import ast

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.training_script.script_trees import called_name

SCORE_FUNCTIONS = frozenset(
    {"accuracy_score", "f1_score", "precision_score", "recall_score", "roc_auc_score", "log_loss", "r2_score"}
    | {"mean_squared_error", "mean_absolute_error", "mean_squared_log_error", "median_absolute_error", "auc"}
    | {"balanced_accuracy_score", "average_precision_score", "matthews_corrcoef", "cohen_kappa_score"}
    | {"mean_absolute_percentage_error", "root_mean_squared_error", "explained_variance_score", "max_error"}
    | {"brier_score_loss", "fbeta_score", "jaccard_score", "mean_pinball_loss", "d2_absolute_error_score"}
)
"""scikit-learn's functions that return one number, unless ``average`` is None or ``multioutput`` is set."""

NUMPY, MATH = frozenset({"np", "numpy"}), frozenset({"math"})
ROOTS = frozenset({"sqrt", "exp", "log", "log1p", "log2", "log10", "expm1", "abs", "fabs", "round", "floor", "ceil"})
"""Functions of numpy that return a number for a number, and of math that return one in any case."""

STATISTICS = frozenset({"mean", "std", "var", "min", "max", "sum", "median"})
"""Functions of numpy and methods of arrays that return one number for a list or an array of one dimension."""

QUANTILES = frozenset({"percentile", "quantile", "nanpercentile", "nanquantile"})
"""Functions of numpy that return one number for data of any shape, if the quantile is one number."""

ARRAY_FUNCTIONS = frozenset(
    {"zeros", "ones", "empty", "full", "array", "asarray", "arange", "linspace", "concatenate", "append"}
)
"""Functions of numpy that return an array."""

CROSS_VALIDATION = "cross_val_score"
"""scikit-learn's function that returns an array with a number for each fold."""

LIGHTNING = ("pytorch_lightning", "lightning")
LIGHTNING_RUNS = frozenset({"validate", "test"})
"""Methods of Lightning's trainer that return a list of dicts of numbers."""

REDUCTIONS = frozenset({"sum", "mean", "prod", "std", "var", "norm", "max", "min"})
"""Functions of torch, methods of tensors: a number or a tensor without dimensions, if no ``dim`` is set."""

LOSSES = frozenset(
    {"CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss", "SmoothL1Loss", "HuberLoss"}
    | {"KLDivLoss", "CTCLoss", "PoissonNLLLoss", "GaussianNLLLoss", "MultiMarginLoss", "HingeEmbeddingLoss"}
)
"""Classes of ``torch.nn`` that return a tensor without dimensions, unless ``reduction`` is set."""

LOSS_FUNCTIONS = frozenset(
    {"cross_entropy", "nll_loss", "mse_loss", "l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"}
    | {"smooth_l1_loss", "huber_loss", "kl_div", "ctc_loss"}
)
"""The same as functions of ``torch.nn.functional``."""

FUNCTIONAL = frozenset({"F", "nn.functional", "torch.nn.functional"})
REDUCTION_ARGUMENTS = ("reduction", "reduce", "size_average")

KERAS = ("tensorflow", "keras")
EVALUATION = frozenset({"evaluate", "evaluate_generator"})
KERAS_METRICS = frozenset(
    {"Mean", "Sum", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "AUC"}
    | {"TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "Precision", "Recall", "MeanSquaredError"}
    | {"MeanAbsoluteError", "RootMeanSquaredError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"}
    | {"BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "LogCoshError"}
)
"""Classes of Keras's metrics whose result is one number."""

LOGS = "logs"
"""The parameter of a callback's methods with the metrics of an epoch."""

KERAS_KEY = lazy_regex(
    r"(?:val_)?(?:loss|lr|learning_rate|\w*acc(?:uracy)?|auc|precision|recall|mae|mse|mape|msle|rmse"
    r"|mean_\w+|root_mean_\w+|\w*crossentropy)(?:_\d+)?\Z"
)
"""The keys of Keras's histories whose values are numbers; a metric such as ``f1_score`` may be one for each class."""


def is_score(node: ast.Call) -> bool:
    """Whether a call of one of ``SCORE_FUNCTIONS`` returns one number."""
    return len(node.args) <= 2 and not any(map(_may_return_several, node.keywords))


def _may_return_several(keyword: ast.keyword) -> bool:
    """Whether an argument may make a score an array, with a number for each class or output."""
    if keyword.arg == "average":
        return not (isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str))
    return keyword.arg in (None, "multioutput")


def is_reduction(node: ast.Call) -> bool:
    """Whether a call reduces all of a tensor: ``torch.sum(x)`` or ``x.sum()``, without ``dim``."""
    match node.func:
        case ast.Attribute(attr=name, value=ast.Name(id="torch")):
            arguments = node.args[1:]
        case ast.Attribute(attr=name):
            arguments = node.args
        case _:
            return False
    return name in REDUCTIONS and not arguments and all(keyword.arg == "dtype" for keyword in node.keywords)


def reduces_loss(node: ast.Call) -> bool:
    """Whether a loss, or its constructor, has none of the arguments that keep the loss of each sample."""
    return not any(keyword.arg in (*REDUCTION_ARGUMENTS, None) for keyword in node.keywords)


def is_loss_class(node: ast.expr) -> bool:
    """Whether an expression constructs a loss whose result has no dimensions."""
    return isinstance(node, ast.Call) and called_name(node) in LOSSES and reduces_loss(node)


def is_keras_metric(node: ast.expr | None) -> bool:
    """Whether an expression constructs a metric of Keras whose result is one number."""
    return isinstance(node, ast.Call) and called_name(node) in KERAS_METRICS


def is_history_item(node: ast.expr) -> bool:
    """Whether an expression is the list of a metric's values by epoch: ``history.history["val_loss"]``."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="history"), slice=ast.Constant(value=str(key))):
            return KERAS_KEY.match(key) is not None
    return False


def is_log_item(node: ast.expr) -> bool:
    """Whether an expression is a metric in the logs that Keras passes to a callback: ``logs["val_loss"]``.

    ``logs.get()`` is None for a metric that there is not, which no maximum can be made of.
    """
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            return name == LOGS and KERAS_KEY.match(key) is not None
        case ast.Call(func=ast.Attribute(attr="get", value=ast.Name(id=name)), args=[ast.Constant(value=str(key))]):
            return name == LOGS and KERAS_KEY.match(key) is not None
    return False


def is_array(node: ast.expr | None) -> bool:
    """Whether an expression makes an array by a function of numpy."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id=module))) if module in NUMPY:
            return name in ARRAY_FUNCTIONS
    return False


def is_cross_validation(node: ast.expr | None) -> bool:
    """Whether an expression is the scores of a cross validation."""
    return isinstance(node, ast.Call) and called_name(node) == CROSS_VALIDATION


def is_evaluation(node: ast.expr | None) -> bool:
    """Whether an expression is a call of Keras's ``evaluate``."""
    return isinstance(node, ast.Call) and called_name(node) in EVALUATION


def is_lightning_run(node: ast.expr | None) -> bool:
    """Whether an expression is a call of one of ``LIGHTNING_RUNS``."""
    return isinstance(node, ast.Call) and called_name(node) in LIGHTNING_RUNS


def is_index(node: ast.expr) -> bool:
    """Whether a subscript is a literal integer."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def has_named_metrics(compiled: ast.Call) -> bool:
    """Whether a call of ``compile`` has metrics only by names of ``KERAS_KEY``, each of which is one number."""
    given = next((keyword.value for keyword in compiled.keywords if keyword.arg == "metrics"), None)
    if len(compiled.args) > 2 or any(keyword.arg in (None, "weighted_metrics") for keyword in compiled.keywords):
        return False
    if given is None:
        return True
    items = given.elts if isinstance(given, ast.List | ast.Tuple) else [given]
    return all(map(_is_metric_name, items))


def _is_metric_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and KERAS_KEY.match(node.value) is not None

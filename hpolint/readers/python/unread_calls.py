"""The places of Python code that may launch a tuning job, and that the interpreter has not accounted for."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from hpolint.lazy_regex import lazy_regex
from hpolint.model.launch_texts import marked, unread_launches
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.walking import below

NAMES = frozenset(
    {"create_hyper_parameter_tuning_job", "HyperparameterTuner", "HyperParameterTuningJob", "SageMakerTuningOperator"}
    | {"create_identical_dataset_and_algorithm_tuner", "create_transfer_learning_tuner"}
)
"""Functions and classes of boto3, SageMaker's SDKs and Airflow that launch a job, or make an object that does."""

OF_SESSIONS = ("create_tuning_job", "tune")
SESSION = lazy_regex(r"session|hook|\bsms?\b|sagemaker", re.IGNORECASE)
"""Methods of the SDK's session and of Airflow's hook, and names of their receivers: others have such methods, too."""

OPERATIONS = frozenset(
    {"create_hyper_parameter_tuning_job", "CreateHyperParameterTuningJob", "create-hyper-parameter-tuning-job"}
    | {"AWS::SageMaker::HyperParameterTuningJob", "hyperparametertuningjobs"}
)
"""The names of the operation, of a resource and of Kubernetes's collection by which code can launch a job."""

CONFIG = "HyperParameterTuningJobConfig"
LAUNCHING_MEMBERS = ("create", "__call__", "__new__", "__init__")
"""Members of the classes and methods through which they still launch; others, such as ``attach``, do not."""

SHOWING = lazy_regex(
    r"(?:\A|\.)(?:print|debug|info|warning|warn|error|exception|critical|fail|skip|help|add_argument|\w*(?:Error|Exception))\Z"
)
"""Functions that only show their text."""

CHECKING = lazy_regex(
    r"(?:\A|\.)(?:(?:isinstance|issubclass|cast|TypeVar|signature|getdoc|\w*Mock|create_autospec|spy)\Z|patch\b)"
)
"""Functions that take a class or method without using it."""

UNUSED = ast.Compare | ast.ExceptHandler | ast.MatchClass | ast.Expr | ast.Subscript | ast.Dict
"""Nodes directly below which a class or method is compared, part of a type, or a key: no use of its own."""

Above = dict[ast.AST, ast.AST]


def unread_calls(unit: Unit, tree: ast.Module, accounted: Collection[Span], *, with_configs: bool) -> list[Span]:
    """The spans within a unit of what may launch a job.

    ``accounted`` are the callees of the calls that the interpreter knows. ``with_configs``: a dict with the
    configuration of a job is such a place, too, as in a source without any job that was read.
    """
    above = _above(tree)
    names = NAMES | _aliases(above) - _defined(above)

    def is_accounted(node: ast.AST) -> bool:
        holder = above.get(node)
        if isinstance(node, ast.Attribute | ast.Name) and _callee(unit, node) in accounted:
            return True
        while isinstance(holder, ast.expr | ast.keyword | ast.Starred):
            if isinstance(holder, ast.Call):
                return _callee(unit, holder.func) in accounted
            holder = above.get(holder)
        return False

    return [
        unit.span(node)
        for node in above
        if isinstance(node, ast.expr | ast.keyword)
        and _may_launch(node, above, names, with_configs=with_configs)
        and not is_accounted(node)
    ]


def _above(tree: ast.Module) -> Above:
    """The parent of each node but those of type annotations, in the order of the tree."""
    found: Above = {}
    waiting: list[ast.AST] = [tree]
    for node in waiting:
        types = (getattr(node, "annotation", None), getattr(node, "returns", None))
        for child in below(node):
            if child not in types:
                found[child] = node
                waiting.append(child)
    return found


def _aliases(above: Above) -> set[str]:
    """Other names to which the source binds one of the functions or classes, also by way of another such name."""
    found: set[str] = set()
    assigned = [(_last(node), holder) for node, holder in above.items() if isinstance(holder, ast.Assign)]
    for node in above:
        if isinstance(node, ast.alias) and node.asname and node.name.rpartition(".")[2] in NAMES:
            found.add(node.asname)
    while True:
        known = NAMES | found
        more = {_last(target) for name, holder in assigned if name in known for target in holder.targets} - {""}
        if more <= found:
            return found
        found |= more


def _defined(above: Above) -> set[str]:
    return {node.name for node in above if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _may_launch(node: ast.expr | ast.keyword, above: Above, names: Collection[str], *, with_configs: bool) -> bool:
    holder = above[node]
    if isinstance(node, ast.keyword):
        return with_configs and node.arg == CONFIG
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if isinstance(holder, ast.Dict) and node in holder.keys:
            return with_configs and node.value == CONFIG
        return _may_launch_by_text(node, node.value, above)
    name = _last(node)
    if name in OF_SESSIONS and isinstance(node, ast.Attribute):
        receiver = node.value.func if isinstance(node.value, ast.Call) else node.value
        return SESSION.search(_last(receiver)) is not None
    return name in names and isinstance(getattr(node, "ctx", None), ast.Load) and _is_used(node, name, above)


def _is_used(node: ast.expr, name: str, above: Above) -> bool:
    """Whether a function or class is called or passed on, and not only checked, inherited from or bound to a name."""
    holder = above[node]
    if isinstance(holder, ast.keyword) and holder.arg in ("spec", "spec_set", "autospec"):
        return False
    if isinstance(holder, ast.Assign):
        return any(isinstance(target, ast.Subscript) for target in holder.targets)
    if isinstance(holder, ast.ClassDef):
        return name == "HyperParameterTuningJob" or not _only_passes_on(holder)
    while isinstance(holder, ast.keyword | ast.Tuple | ast.List | ast.BinOp):
        holder = above[holder]
    if isinstance(holder, ast.Call):
        is_called = node is holder.func
        return name != "HyperParameterTuningJob" if is_called else not CHECKING.search(_dotted(holder.func))
    if isinstance(holder, ast.Attribute):
        return holder.attr in LAUNCHING_MEMBERS
    return not isinstance(holder, UNUSED)


def _only_passes_on(node: ast.ClassDef) -> bool:
    """Whether a subclass has nothing but a constructor that calls that of its base, so that it is read like this."""
    body = [each for each in node.body if not isinstance(each, ast.Pass | ast.Expr)]
    if not body:
        return True
    only = body[0]
    if len(body) > 1 or not isinstance(only, ast.FunctionDef) or only.name != "__init__":
        return False
    statements = [
        each for each in only.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    return len(statements) == 1 and isinstance(statements[0], ast.Expr)


def _may_launch_by_text(node: ast.Constant, text: str, above: Above) -> bool:
    """Whether a text is the operation's name, a command, or code that launches a job, and is not only shown."""
    holder = above[node]
    if isinstance(holder, ast.Expr | ast.Compare | ast.Subscript):
        return False
    if text == "CreateHyperParameterTuningJob" and isinstance(holder, ast.List | ast.Set | ast.Tuple):
        return False  # names of events or of permissions
    if text == "create-hyper-parameter-tuning-job" and isinstance(holder, ast.List | ast.Tuple):
        words = [str(each.value) if isinstance(each, ast.Constant) else "?" for each in holder.elts]
        launches = any(True for _ in unread_launches(" ".join(words)))
    else:
        launches = text in OPERATIONS or any(True for _ in marked(text if "{" in text else text.replace(CONFIG, "")))
    return launches and not _is_shown(node, above)


def _is_shown(node: ast.AST, above: Above) -> bool:
    """Whether a text is an argument of a function that only shows it."""
    holder = above.get(node)
    while isinstance(holder, ast.expr | ast.keyword):
        if isinstance(holder, ast.Call):
            return SHOWING.search(_dotted(holder.func)) is not None
        holder = above.get(holder)
    return isinstance(holder, ast.Raise | ast.Assert)


def _callee(unit: Unit, function: ast.expr) -> Span:
    """The span by which the interpreter names the callee of a call."""
    return unit.tail(function) if isinstance(function, ast.Attribute) else unit.span(function)


def _last(node: ast.AST) -> str:
    """A name, or the last name in a chain of attributes; empty for other nodes."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _dotted(function: ast.expr) -> str:
    """The dotted name of a function, as far as it consists of names."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    return ".".join(reversed([*names, _last(function)]))

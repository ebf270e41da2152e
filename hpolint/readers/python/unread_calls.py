"""The places of Python code that may launch a tuning job, and that the interpreter has not accounted for."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from hpolint.model.aws_cli import unread_launches
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.walking import below
from hpolint.readers.unread_launches import marked

NAMES = frozenset(
    {"create_hyper_parameter_tuning_job", "HyperparameterTuner", "HyperParameterTuningJob", "SageMakerTuningOperator"}
    | {"create_identical_dataset_and_algorithm_tuner", "create_transfer_learning_tuner"}
)
"""Functions and classes of boto3, SageMaker's SDKs and Airflow that launch a job, or make an object that does."""

OF_SESSIONS = "create_tuning_job"
SESSION = re.compile(r"session", re.IGNORECASE)
"""A method of the SDK's session, and the name of its receiver: others have methods of that name, too."""

OPERATIONS = frozenset(
    {"create_hyper_parameter_tuning_job", "CreateHyperParameterTuningJob", "create-hyper-parameter-tuning-job"}
)
"""The names of the operation by which code can call it without an attribute."""

CONFIG = "HyperParameterTuningJobConfig"
LAUNCHING_MEMBERS = ("create", "__call__", "__new__", "__init__")
"""Members of the classes and methods through which they still launch; others, such as ``attach``, do not."""

SHOWING = re.compile(
    r"(?:\A|\.)(?:print|debug|info|warning|warn|error|exception|critical|fail|skip|help|add_argument|\w*(?:Error|Exception))\Z"
)
"""Functions that only show their text."""

CHECKING = re.compile(
    r"(?:\A|\.)(?:isinstance|issubclass|cast|\w*Mock|create_autospec)\Z|(?:\A|\.)patch\b|(?:\A|\.)spy\Z"
)
"""Functions that take a class or method without using it."""

UNUSED = ast.ClassDef | ast.Compare | ast.ExceptHandler | ast.MatchClass | ast.Assign | ast.Expr
"""Nodes directly below which a class or method is inherited from, compared, or bound to a name: no use of its own."""

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
    """Other names to which the source binds one of the functions or classes."""
    found = set()
    for node, holder in above.items():
        if isinstance(node, ast.alias) and node.asname and node.name.rpartition(".")[2] in NAMES:
            found.add(node.asname)
        if isinstance(holder, ast.Assign) and _last(node) in NAMES:
            found |= {name for target in holder.targets if (name := _last(target))}
    return found


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
    if name == OF_SESSIONS and isinstance(node, ast.Attribute):
        receiver = node.value.func if isinstance(node.value, ast.Call) else node.value
        return SESSION.search(_last(receiver)) is not None
    return name in names and isinstance(getattr(node, "ctx", None), ast.Load) and _is_used(node, name, above)


def _is_used(node: ast.expr, name: str, above: Above) -> bool:
    """Whether a function or class is called or passed on, and not only checked, inherited from or bound to a name."""
    holder = above[node]
    if isinstance(holder, ast.keyword) and holder.arg in ("spec", "spec_set", "autospec"):
        return False
    outer = above[holder] if isinstance(holder, ast.keyword) else holder
    if isinstance(outer, ast.Call):
        is_called = node is outer.func
        return name != "HyperParameterTuningJob" if is_called else not CHECKING.search(_dotted(outer.func))
    if isinstance(outer, ast.Attribute):
        return outer.attr in LAUNCHING_MEMBERS
    return not isinstance(outer, UNUSED)


def _may_launch_by_text(node: ast.Constant, text: str, above: Above) -> bool:
    """Whether a text is the operation's name, a command, or code that launches a job, and is not only shown."""
    holder = above[node]
    if isinstance(holder, ast.Expr | ast.Compare | ast.Subscript):
        return False
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

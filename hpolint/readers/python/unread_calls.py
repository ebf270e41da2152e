"""The places of Python code that may launch a tuning job, and that the interpreter has not accounted for."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.launch_texts import may_launch, unread_launches
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.walking import below

NAMES = frozenset(
    {"create_hyper_parameter_tuning_job", "HyperparameterTuner", "HyperParameterTuningJob", "SageMakerTuningOperator"}
    | {"create_identical_dataset_and_algorithm_tuner", "create_transfer_learning_tuner"}
)
"""Functions and classes of boto3, SageMaker's SDKs and Airflow that launch a job, or make an object that does."""

OF_SESSIONS = ("create_tuning_job", "tune")
SESSION = lazy_regex(r"session|(?<![a-z])sess|hook|\bsms?\b|sagemaker", re.IGNORECASE)
"""Methods of the SDK's session and of Airflow's hook, and names of their receivers: others have such methods, too."""

OPERATIONS = frozenset(
    {"create_hyper_parameter_tuning_job", "CreateHyperParameterTuningJob", "create-hyper-parameter-tuning-job"}
    | {"AWS::SageMaker::HyperParameterTuningJob", "hyperparametertuningjobs"}
)
"""The names of the operation, of a resource and of Kubernetes's collection by which code can launch a job."""

COMPONENT = "hyperparameter_tuning/component.yaml"
"""The end of the path or address of Kubeflow's component that launches a job."""

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
    names = NAMES | _aliases(above, NAMES) - _defined(above)
    sessions = _sessions(above)

    def is_accounted(node: ast.AST) -> bool:
        holder = above.get(node)
        if isinstance(node, ast.Attribute | ast.Name) and _callee(unit, node) in accounted:
            return True
        while isinstance(holder, ast.expr | ast.keyword | ast.Starred):
            if isinstance(holder, ast.Call):
                return _callee(unit, holder.func) in accounted
            holder = above.get(holder)
        return False

    candidates = [node for node in above if isinstance(node, ast.expr | ast.keyword)]
    launching = [node for node in candidates if _may_launch(node, above, names, with_configs=with_configs)]
    launching += [node for node in candidates if _is_of_session(node, sessions)]
    return [unit.span(node) for node in launching if not is_accounted(node)]


def _above(tree: ast.Module) -> Above:
    """The parent of each node but those of type annotations, in the order of the tree."""
    above: Above = {}
    waiting: list[ast.AST] = [tree]
    for node in waiting:
        types = (getattr(node, "annotation", None), getattr(node, "returns", None))
        for child in below(node):
            if child not in types:
                above[child] = node
                waiting.append(child)
    return above


def tuner_classes(tree: ast.Module) -> set[str]:
    """The classes of a module that inherit from the SDK's tuner, also by way of another such class."""
    above = _above(tree)
    bases = {"HyperparameterTuner"}
    bases |= _aliases(above, bases)
    classes: set[str] = set()
    for node in above:  # in the order of the tree
        if isinstance(node, ast.ClassDef) and any(last_name(base) in bases | classes for base in node.bases):
            classes.add(node.name)
    return classes


def _aliases(above: Above, originals: Collection[str]) -> set[str]:
    """Other names to which the source binds one of the functions or classes, also by way of another such name."""
    imports = [node for node in above if isinstance(node, ast.alias) and node.name.rpartition(".")[2] in originals]
    aliases = {alias.asname for alias in imports if alias.asname}
    assigned = list(_assigned_names(above))
    while True:
        known = aliases.union(originals)
        more = {target for name, target in assigned if name in known}
        if more <= aliases:
            return aliases
        aliases |= more


def _assigned_names(above: Above) -> Iterator[tuple[str, str]]:
    """The names that stand in assignments, each with a name that is assigned to."""
    for node, holder in above.items():
        if isinstance(holder, ast.Assign):
            for target in holder.targets:
                if last_name(target):
                    yield last_name(node), last_name(target)


def _defined(above: Above) -> set[str]:
    return {node.name for node in above if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _may_launch(node: ast.expr | ast.keyword, above: Above, names: Collection[str], *, with_configs: bool) -> bool:
    match node:
        case ast.keyword(arg=name):
            return with_configs and name == CONFIG
        case ast.Constant(value=str(text)):
            holder = above[node]
            if isinstance(holder, ast.Dict) and node in holder.keys:
                return with_configs and text == CONFIG
            return _may_launch_by_text(node, text, above)
        case ast.Attribute(attr=name, ctx=ast.Load()) | ast.Name(id=name, ctx=ast.Load()):
            return name in names and _is_used(node, name, above)
    return False


def _sessions(above: Above) -> set[str]:
    """The names that the source binds to a session of the SDK or a hook of Airflow, by what makes it."""
    sessions: set[str] = set()
    for node, holder in above.items():
        if not isinstance(node, ast.Call) or not SESSION.search(last_name(node.func)):
            continue
        while isinstance(holder, ast.BoolOp | ast.IfExp):
            holder = above[holder]
        if isinstance(holder, ast.Assign):
            sessions |= {last_name(target) for target in holder.targets}
    return sessions - {""}


def _is_of_session(node: ast.expr | ast.keyword, sessions: Collection[str]) -> bool:
    """Whether a node is the method of a session that launches a job, by the name of its receiver."""
    if not isinstance(node, ast.Attribute) or node.attr not in OF_SESSIONS:
        return False
    owner = node.value.func if isinstance(node.value, ast.Call) else node.value
    return last_name(owner) in sessions or SESSION.search(last_name(owner)) is not None


def _is_used(node: ast.expr, name: str, above: Above) -> bool:
    """Whether a function or class is called or passed on, and not only checked, inherited from or bound to a name."""
    holder = above[node]
    match holder:
        case ast.keyword(arg="spec" | "spec_set" | "autospec"):
            return False
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Subscript) for target in targets)
        case ast.ClassDef():
            return name == "HyperParameterTuningJob" or not _only_passes_on(holder)
    while isinstance(holder, ast.keyword | ast.Tuple | ast.List | ast.BinOp):
        holder = above[holder]
    match holder:
        case ast.Call(func=function) if function is node:
            return name != "HyperParameterTuningJob"
        case ast.Call(func=function):
            return not CHECKING.search(_dotted(function))
        case ast.Attribute(attr=member):
            return member in LAUNCHING_MEMBERS
    return not isinstance(holder, UNUSED)


def _only_passes_on(node: ast.ClassDef) -> bool:
    """Whether a subclass has nothing but a constructor that calls that of its base, so that it is read like this."""
    match [statement for statement in node.body if not isinstance(statement, ast.Pass | ast.Expr)]:
        case []:
            return True
        case [ast.FunctionDef(name="__init__", body=statements)]:
            calls = [statement for statement in statements if not _is_docstring(statement)]
            return len(calls) == 1 and isinstance(calls[0], ast.Expr)
    return False


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _may_launch_by_text(node: ast.Constant, text: str, above: Above) -> bool:
    """Whether a text is the operation's name, a command, or code that launches a job, and is not only shown."""
    match above[node]:
        case ast.Expr() | ast.Compare() | ast.Subscript():
            return False
        case ast.List() | ast.Set() | ast.Tuple() if text == "CreateHyperParameterTuningJob":
            return False  # names of events or of permissions
        case ast.List(elts=words) | ast.Tuple(elts=words) if text == "create-hyper-parameter-tuning-job":
            command = " ".join(str(word.value) if isinstance(word, ast.Constant) else "?" for word in words)
            launches = any(unread_launches(command))
        case _:
            launches = (
                text in OPERATIONS
                or text.endswith(COMPONENT)
                or may_launch(text if "{" in text else text.replace(CONFIG, ""))
            )
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


def _dotted(function: ast.expr) -> str:
    """The dotted name of a function, as far as it consists of names."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    return ".".join(reversed([*names, last_name(function)]))

"""Find the code that reads a tuned parameter by its name from the results of a tuner, without running it.

A fix that renames the parameter has to change such code too: ``tuner.best_estimator().hyperparameters()["eta"]``
raises a KeyError once the parameter has another name.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import msgspec

from hpolint.fixes.python_trees import PythonTree, last_name, nodes_of

RESULTS = frozenset({"best_estimator", "analytics", "describe"})
"""Methods of a tuner that return results with the names of the tuned parameters."""

LATEST = "latest_tuning_job"
"""The attribute of a tuner that holds its job, with the same methods."""

READING_CALLS = frozenset(
    {"HyperparameterTuningJobAnalytics", "describe_hyper_parameter_tuning_job", "describe_training_job", "attach"}
)
"""Calls that return the results of the job, or of one of its trials, that an argument names."""

COPYING_CALLS = frozenset({"DataFrame", "dict", "list", "sorted", "enumerate"})
"""Calls whose result has the names of their first argument."""

DEFINING = frozenset({"hyperparameters", "hyperparameter_ranges"})
"""Arguments whose dicts give values to parameters, and read none."""

SHOWING_CALLS = frozenset({"print", "pprint", "display"})

NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
"""Nodes that bind their ``name``."""

MAX_LOOKUPS = 50
"""Names that are followed from one to the next."""

ITSELF = "(itself)"
"""The origin of a name while it is looked up, as in ``df = df.head()``."""


class NameUse(msgspec.Struct, frozen=True):
    """A use of a parameter's name in one of the trees.

    ``tuner`` is the variable of the tuner whose results the code reads; None if that is not known.
    """

    tree: PythonTree
    node: ast.Constant | ast.Attribute
    tuner: str | None


class ResultReaders:
    """Traces the results of tuners through the modules or cells of a source.

    ``tuners`` are the variables of its tuners. A name counts as a tuner only if it is bound once, and as a result only
    if all that is bound to it are results of one tuner.
    """

    def __init__(self, trees: Sequence[PythonTree], tuners: Collection[str]) -> None:
        self._tuners = frozenset(tuners)
        self._origins: dict[str, str | None] = {}
        self._lookups = 0
        self._strings: defaultdict[str, list[tuple[PythonTree, ast.Constant]]] = defaultdict(list)
        self._attributes: defaultdict[str, list[tuple[PythonTree, ast.Attribute]]] = defaultdict(list)
        self._loads: defaultdict[str, list[tuple[PythonTree, ast.Name]]] = defaultdict(list)
        self._bindings: defaultdict[str, list[ast.expr | None]] = defaultdict(list)
        """What is bound to each name, and to each attribute of a name; None for what is not one expression."""
        for tree, node in nodes_of(trees):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._strings[node.value].append((tree, node))
            elif isinstance(node, ast.Attribute):
                self._attributes[node.attr].append((tree, node))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._loads[node.id].append((tree, node))
            for name, value in _bound(tree, node):
                self._bindings[name].append(value)

    def uses(self, name: str) -> Iterator[NameUse]:
        """The strings that are the name, except for those that define a parameter, and the attributes of results."""
        for tree, constant in self._strings[name]:
            if not self._is_definition(tree, constant):
                yield NameUse(tree, constant, self._reader(tree, constant))
        for tree, attribute in self._attributes[name]:
            tuner = self._origin(attribute.value)
            if tuner is not None:
                yield NameUse(tree, attribute, tuner)

    def _reader(self, tree: PythonTree, constant: ast.Constant) -> str | None:
        """The tuner from whose results a string reads, as a subscript or an argument; None if that is not known."""
        child: ast.AST = constant
        parent = tree.parents.get(child)
        while _is_part_of_argument(parent, child):
            child, parent = parent, tree.parents.get(parent)  # type: ignore[assignment, arg-type]
        if isinstance(parent, ast.Subscript) and child is parent.slice:
            return self._origin(parent.value)
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and child is not parent.func:
            return self._origin(parent.func.value)
        if isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.In | ast.NotIn) and child is parent.left:
            return self._origin(parent.comparators[0])
        return None

    def _origin(self, node: ast.expr) -> str | None:
        """The tuner whose results an expression holds; None if that is not known."""
        steps: list[str] = []
        current: ast.expr | None = node
        while current is not None:
            tuner = self._tuner(current)
            if tuner is not None:
                methods = [step for step in steps if step != LATEST]
                return tuner if methods and methods[-1] in RESULTS else None
            if isinstance(current, ast.Name):
                return self._origin_of_name(current.id)
            if isinstance(current, ast.Call) and last_name(current.func) in READING_CALLS:
                return self._named_tuner([*current.args, *(keyword.value for keyword in current.keywords)])
            if isinstance(current, ast.Attribute):
                steps.append(current.attr)
            current = _holder(current)
        return None

    def _origin_of_name(self, name: str) -> str | None:
        if name in self._origins:
            return self._origins[name]
        if self._lookups > MAX_LOOKUPS:
            return None
        self._origins[name] = ITSELF
        self._lookups += 1
        values = self._bindings[name]
        origins = {self._origin(value) if value is not None else None for value in values}
        self._lookups -= 1
        origins.discard(ITSELF)
        self._origins[name] = origins.pop() if len(origins) == 1 else None
        return self._origins[name]

    def _tuner(self, node: ast.expr) -> str | None:
        """The variable of the tuner that an expression is; None if it is another object, or one of several."""
        name = _dotted(node)
        return name if name in self._tuners and len(self._bindings[name]) == 1 else None

    def _named_tuner(self, arguments: list[ast.expr]) -> str | None:
        """The tuner whose name, or the name of whose job, is in the arguments of a call."""
        tuners: set[str] = set()
        pending, followed = list(arguments), set[str]()
        while pending:
            for node in ast.walk(pending.pop()):
                tuner = self._tuner(node) if isinstance(node, ast.Name | ast.Attribute) else None
                if tuner is not None:
                    tuners.add(tuner)
                elif isinstance(node, ast.Name) and node.id not in followed:
                    followed.add(node.id)
                    values = self._bindings[node.id]
                    if len(values) == 1 and values[0] is not None:
                        pending.append(values[0])
        return tuners.pop() if len(tuners) == 1 else None

    def _is_definition(self, tree: PythonTree, constant: ast.Constant) -> bool:
        """Whether a string is a key of a dict that is only passed on as values or ranges of parameters."""
        holder = tree.parents.get(constant)
        if not isinstance(holder, ast.Dict) or constant not in holder.keys:
            return False
        parent = tree.parents.get(holder)
        if isinstance(parent, ast.keyword):
            return parent.arg in DEFINING
        targets = parent.targets if isinstance(parent, ast.Assign) else []
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            return False
        loads = self._loads[targets[0].id]
        return bool(loads) and all(_defines_or_shows(own_tree, load) for own_tree, load in loads)


def _holder(node: ast.expr) -> ast.expr | None:
    """The expression from whose value another one is taken; None if that is not known."""
    if isinstance(node, ast.Call):
        if last_name(node.func) in COPYING_CALLS and node.args:
            return node.args[0]
        # What a function of another module returns is not known.
        return None if isinstance(node.func, ast.Name) else node.func
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Await | ast.NamedExpr | ast.Starred):
        return node.value
    return None


def _is_part_of_argument(parent: ast.AST | None, child: ast.AST) -> bool:
    """Whether a node only groups names within a subscript or an argument: ``df[["eta", "depth"]]``."""
    if isinstance(parent, ast.Dict):  # a key names a column; a value may be a new name
        return child in parent.keys
    return isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.keyword)


def _defines_or_shows(tree: PythonTree, load: ast.Name) -> bool:
    """Whether a use of a dict passes it on as values or ranges of parameters, or prints it."""
    parent = tree.parents.get(load)
    if isinstance(parent, ast.keyword):
        return parent.arg in DEFINING
    if isinstance(parent, ast.Call):
        return load in parent.args and last_name(parent.func) in SHOWING_CALLS
    return isinstance(parent, ast.Expr)


def _bound(tree: PythonTree, node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a node binds, each with the expression whose value or items it gets."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        name = _dotted(node)
        if name is not None:
            yield name, _value_for(tree, node)
    elif isinstance(node, ast.arg):
        yield node.arg, None
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0], None
    elif isinstance(node, NAMED) and node.name is not None:
        yield node.name, None


def _value_for(tree: PythonTree, target: ast.Name | ast.Attribute) -> ast.expr | None:
    """The expression that is assigned to a target, or whose items are; None if there is no such single one."""
    parent = tree.parents.get(target)
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return parent.value
    while isinstance(parent, ast.Tuple | ast.List):
        parent = tree.parents.get(parent)
    if isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension):
        return parent.iter
    return None


def _dotted(node: ast.expr) -> str | None:
    """A name, or an attribute of a name, as the source writes it; None for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None

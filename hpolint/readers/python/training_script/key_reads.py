"""The hyperparameters that a script reads by their names from the variables of the training toolkit."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpolint.model.training_script import KeyRead
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    called_name,
    positional_parameters,
    text_of,
)

HYPERPARAMETERS = "SM_HPS"
"""The variable that holds all hyperparameters as JSON.

Source: aws/sagemaker-training-toolkit at 33839372, ``environment.py``, ``Environment.to_env_vars``.
"""

ENVIRONMENT = "SM_TRAINING_ENV"
"""The variable that holds all that the toolkit knows as JSON, the hyperparameters among it. Source: the same."""

IN_ENVIRONMENT = "hyperparameters"
OTHER_HYPERPARAMETERS = "additional_framework_parameters"
"""The keys of ``SM_TRAINING_ENV`` under which hyperparameters are. Source: the same."""

TEXTS = frozenset({"dumps", "str", "repr", "len", "format", "pformat", "sorted", "keys"})
"""Functions whose result is shown in place of their argument."""

MAX_STEPS = 4
"""Names, parameters and functions through which a value is followed."""


class KeyReads:
    """Follows what a script does with the toolkit's variables."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees

    def of(self, variable: ast.Constant, name: str) -> list[KeyRead] | None:
        """The reads of hyperparameters through a variable, of which a script names the ``name``.

        None if it may read any of them, or in another way.
        """
        if name not in (HYPERPARAMETERS, ENVIRONMENT):
            return None
        for above in self._trees.around(variable):
            if isinstance(above, ast.Call) and called_name(above) in DISPLAY_FUNCTIONS:
                return []
            if isinstance(above, ast.Call) and called_name(above) == "loads":
                return self._reads(above, is_environment=name == ENVIRONMENT)
            if isinstance(above, ast.stmt):
                return None
        return None

    def _reads(self, value: ast.expr, *, is_environment: bool, steps: int = MAX_STEPS) -> list[KeyRead] | None:
        """The hyperparameters that are read from a dict of all of them, or from the toolkit's environment."""
        key = self._key(value)
        if key is not None:
            read, name = key
            if not is_environment:
                return [KeyRead(name, self._trees.site_of(read))]
            if name == IN_ENVIRONMENT:
                return self._reads(read, is_environment=False, steps=steps)
            return None if name == OTHER_HYPERPARAMETERS else []
        if self._is_shown(value):
            return []
        reads: list[KeyRead] = []
        for use in self._uses(value) if steps else (None,):
            more = self._reads(use, is_environment=is_environment, steps=steps - 1) if use is not None else None
            if more is None:
                return None
            reads += more
        return reads

    def _key(self, value: ast.expr) -> tuple[ast.expr, str] | None:
        """The read of one item of a dict, and the item's literal key; None for any other use of the dict."""
        above = self._trees.parents.get(value)
        match above:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str(name)), ctx=ast.Load()) if owner is value:
                return above, name
            case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In() | ast.NotIn()]):
                return above, name
            case ast.Attribute(attr="get" | "pop"):
                call = self._trees.parents.get(above)
                name_ = text_of(call.args[0]) if isinstance(call, ast.Call) and call.args else None
                return (call, name_) if isinstance(call, ast.Call) and name_ is not None else None
        return None

    def _is_shown(self, value: ast.expr) -> bool:
        """Whether a value is only printed or logged, or only its truth is tested."""
        inner: ast.AST = value
        for above in self._trees.around(value):
            match above:
                case ast.If(test=test) | ast.IfExp(test=test):
                    return test is inner
                case ast.Call() if called_name(above) in DISPLAY_FUNCTIONS:
                    return True
                case ast.Call() if called_name(above) in TEXTS:
                    pass
                case ast.FormattedValue() | ast.JoinedStr() | ast.BinOp() | ast.keyword():
                    pass
                case _:
                    return False
            inner = above
        return False

    def _uses(self, value: ast.expr) -> Iterator[ast.expr | None]:
        """Where a value goes that gets a name, is an argument of the script's own function, or is its result.

        None stands for a use that is not followed.
        """
        above = self._trees.parents.get(value)
        match above:
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield from self._loads(name)
            case ast.Call(func=ast.Name(id=function)) if value in above.args and self._trees.is_own_function(function):
                yield from self._parameter_loads(function, above, value)
            case ast.Return():
                yield from self._results(above)
            case _:
                yield None

    def _parameter_loads(self, function: str, call: ast.Call, value: ast.expr) -> Iterator[ast.expr | None]:
        """The reads of the parameter that gets an argument of a call of the script's own function."""
        place = call.args.index(value)
        if any(isinstance(argument, ast.Starred) for argument in call.args[:place]):
            yield None  # the places of the following arguments are not known
        for definition in self._trees.functions_of(function):
            parameters = [parameter.arg for parameter, _ in positional_parameters(definition.args)]
            yield from self._loads(parameters[place]) if place < len(parameters) else (None,)

    def _results(self, statement: ast.Return) -> Iterator[ast.expr | None]:
        """The calls of the function that a value is the result of; None if it may be called in another way."""
        function = self._trees.function_around(statement)
        if function is None or function.decorator_list or self._trees.closest(function, ast.ClassDef) is not None:
            yield None
            return
        for use in self._loads(function.name):
            call = self._trees.parents.get(use) if use is not None else None
            yield call if isinstance(call, ast.Call) and call.func is use else None

    def _loads(self, name: str) -> Iterator[ast.expr | None]:
        """All reads of a name, wherever they are; None if a module imports it from another."""
        for node in self._trees.nodes_of(ast.ImportFrom):
            if name in [alias.name for alias in node.names]:
                yield None
        yield from self._trees.loads(name)

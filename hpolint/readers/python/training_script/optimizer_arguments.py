"""The changes by which a script's only optimizer gets the value of an option that nothing uses."""

from __future__ import annotations

import ast
from functools import cached_property

from hpolint.model.training_script import ScriptChange
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.parsed_options import ParsedOptions, option_member
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    positional_parameters,
)

OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD")
"""The optimizers of torch.optim that take the parameters alone."""

MODULES = ("optim.", "torch.optim.", "")
RATE, RATE_OPTIONS = "lr", frozenset({"lr", "learning_rate"})


class OptimizerArguments:
    """Finds the argument of the only optimizer that an option is meant for."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._parsed = ParsedOptions(trees)

    def changes(self, member: str, type_: str) -> tuple[ScriptChange, ...]:
        """The change that passes an option to the optimizer, by its attribute in the parser's result; else none.

        The option's type has to be ``float``. A number in its place is replaced. Only a learning rate is added: it is
        what each optimizer takes.
        """
        call, namespace = self._optimizer, self._namespace
        if call is None or namespace is None or type_ != "float":
            return ()
        name = f"{namespace}.{member}"
        if member not in RATE_OPTIONS:
            return self._replaced(argument_of(call, member), name)
        if self._has_both_rates:
            return ()
        given = argument_of(call, RATE)
        if given is not None:
            return self._replaced(given, name)
        last = call.keywords[-1].value if call.keywords else call.args[0]
        return (ScriptChange("argument", self._trees.site_of(last), name=f"{RATE}={name}"),)

    def _replaced(self, given: ast.expr | None, name: str) -> tuple[ScriptChange, ...]:
        """The change of an argument that is a number; none for any other."""
        if isinstance(given, ast.Constant) and type(given.value) in (int, float):
            return (ScriptChange("value", self._trees.site_of(given), name=name),)
        return ()

    @cached_property
    def _has_both_rates(self) -> bool:
        """Whether there are two options for the learning rate."""
        return RATE_OPTIONS.issubset(map(option_member, self._trees.calls_of("add_argument")))

    @cached_property
    def _optimizer(self) -> ast.Call | None:
        """The only call of an optimizer's constructor; None unless its arguments are known to be complete."""
        calls = self._trees.calls_of(*OPTIMIZERS)
        if len(calls) != 1 or not self._trees.is_imported("torch"):
            return None
        call = calls[0]
        names = [f"{module}{called_name(call)}" for module in MODULES]
        is_torchs = source_text(call.func) in names and called_name(call) not in self._trees.defined
        has_spread = any(keyword.arg is None for keyword in call.keywords)
        is_plain = len(call.args) == 1 and isinstance(call.args[0], ast.Call)  # no groups with a rate of their own
        return call if is_torchs and is_plain and not has_spread else None

    @cached_property
    def _namespace(self) -> str | None:
        """The name that the parser's result certainly has where the optimizer is made; None if it has none."""
        if self._optimizer is None:
            return None
        function = self._trees.function_around(self._optimizer)
        if function is not None:
            return self._parameter(function)
        for node in self._trees.nodes_of(ast.Assign):
            is_before = node.lineno < self._optimizer.lineno and self._trees.function_around(node) is None
            if is_before and isinstance(node.targets[0], ast.Name) and self._is_result(node.value):
                return node.targets[0].id
        return None

    def _parameter(self, function: ast.FunctionDef) -> str | None:
        """The parameter of a function that gets the parser's result in each call; None if there is none."""
        calls = [call for call in self._trees.calls_of(function.name) if isinstance(call.func, ast.Name)]
        if not calls or not isinstance(self._trees.parents.get(function), ast.Module):
            return None
        for place, (parameter, _) in enumerate(positional_parameters(function.args)):
            arguments = [argument_of(call, parameter.arg, place) for call in calls]
            if all(map(self._is_result, arguments)) and not _is_assigned(function, parameter.arg):
                return parameter.arg
        return None

    def _is_result(self, node: ast.expr | None) -> bool:
        return node is not None and self._parsed.is_namespace(node, self._parsed.names)


def _is_assigned(function: ast.FunctionDef, name: str) -> bool:
    """Whether a function gives a name another value."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
    return False

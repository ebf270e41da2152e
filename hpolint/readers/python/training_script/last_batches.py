"""Averages of one batch: a loop assigns the loss of each batch, and adds none up, before the loss is divided."""

from __future__ import annotations

import ast
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.training_script.local_bindings import Binding, LocalBindings, additions_among, unconverted
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, called_name

LOADER = "DataLoader"

ITERATIONS = frozenset({"enumerate", "tqdm", "iter"})
"""Functions that iterate over their first argument."""

LOSS_NAME = lazy_regex(r"(?i)criteri|loss")
"""Names that scripts give a loss function."""

LOSS_FUNCTIONS = frozenset(
    {"cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy"}
)
"""PyTorch's functions for the loss of a batch."""

COLLECTING = frozenset({"append", "extend", "add", "update", "insert", "appendleft", "put", "push"})
"""Methods by which an object may hold what earlier passes of a loop made."""

MAX_FOLLOWED = 20
"""Names that are followed to what a pass of the loop makes."""


class LastBatches:
    """Finds the divisions of what only the last batch has left."""

    def __init__(self, trees: ScriptTrees, bindings: LocalBindings) -> None:
        self._trees = trees
        self._bindings = bindings

    def division(self, value: ast.expr) -> ast.expr | ast.stmt | None:
        """The division of the last batch's loss, or of a sum over it, that a printed value is the result of.

        The divisor is the number of all batches or samples of the loop. None for any other value.
        """
        if isinstance(value, ast.Name):
            bindings = self._bindings.around(value, value.id)
            match bindings[-1:]:
                case [ast.AugAssign(op=ast.Div() | ast.FloorDiv()) as division]:
                    is_found = division.lineno < value.lineno and self._is_of_last_batch(division, value.id)
                    return division if is_found else None
        match unconverted(self._bindings.only_value(value)):
            case ast.BinOp(op=ast.Div() | ast.FloorDiv(), left=left) as quotient:
                name = _scaled_name(left)
                return quotient if name is not None and self._is_of_last_batch(quotient, name) else None
        return None

    def _is_of_last_batch(self, division: ast.AugAssign | ast.BinOp, name: str) -> bool:
        """Whether a loop assigns to a name for each batch, and its value is divided after the loop."""
        bindings = [binding for binding in self._bindings.around(division, name) if binding is not division]
        assignment = _only_assignment(bindings)
        loop = self._loop_of(assignment) if assignment is not None else None
        if assignment is None or loop is None or not self._is_after(division, loop):
            return False
        bindings.remove(assignment)
        if any(start.lineno > loop.lineno for start in bindings):
            return False
        return self._counts(_divisor(division), loop) and self._measures_batch(assignment.value, loop)

    def _is_after(self, division: ast.AugAssign | ast.BinOp, loop: ast.For) -> bool:
        """Whether a division comes after a loop of the same function."""
        if loop.lineno > division.lineno or loop in self._trees.around(division):
            return False
        return self._trees.function_around(loop) is self._trees.function_around(division)

    def _loop_of(self, assignment: ast.Assign) -> ast.For | None:
        """The loop each pass of which comes to an assignment; None if there is none, or if a condition is between."""
        for above in self._trees.around(assignment):
            if isinstance(above, ast.For):
                return above
            if not isinstance(above, ast.With):
                return None
        return None

    def _counts(self, divisor: ast.expr, loop: ast.For) -> bool:
        """Whether a divisor is the number of a loop's samples or batches."""
        counted = argument_of_len(divisor)
        if isinstance(counted, ast.Attribute) and counted.attr == "dataset":
            counted = counted.value
        if counted is not None:
            return source_text(counted) == iterated_by(loop)
        if not isinstance(divisor, ast.Name):
            return False
        additions = additions_among(self._bindings.around(divisor, divisor.id))
        return any(self._trees.closest(addition, ast.For) is loop for addition in additions)

    def _measures_batch(self, value: ast.expr, loop: ast.For) -> bool:
        """Whether a value is the loss of one batch, or a sum over it."""
        measured = unconverted(value)
        if isinstance(measured, ast.Name):
            measured = unconverted(self._bindings.only_value(measured))
        if not isinstance(measured, ast.Call) or self._has_one_batch:
            return False
        name = called_name(measured)
        is_measure = name in LOSS_FUNCTIONS | {"sum"} or LOSS_NAME.search(name) is not None
        return is_measure and name not in self._trees.defined and self._is_of_pass(measured, loop)

    def _is_of_pass(self, value: ast.expr, loop: ast.For) -> bool:
        """Whether a value depends on the batch of a pass, and on nothing that earlier passes made."""
        batch = _names_in(loop.target)
        names = _names_in(value)
        for name in names:
            others = self._made_of(name, loop) if name not in batch else []
            if others is None or name in self._collecting or len(names) > MAX_FOLLOWED:
                return False
            names += [other for other in others if other not in names]
        return any(name in batch for name in names)

    def _made_of(self, name: str, loop: ast.For) -> list[str] | None:
        """The names of which a name's values are made; None if one may be made of its former value."""
        bindings = self._bindings.around(loop, name)
        made_of: list[str] = []
        for binding in bindings:
            if isinstance(binding, ast.Assign):
                made_of += _names_in(binding.value)
        return None if name in made_of or additions_among(bindings) else made_of

    @cached_property
    def _collecting(self) -> frozenset[str]:
        """The names of the objects to which something may be added."""
        owners = [call.func.value for call in self._trees.calls_of(*COLLECTING) if isinstance(call.func, ast.Attribute)]
        return frozenset(owner.id for owner in owners if isinstance(owner, ast.Name))

    @cached_property
    def _has_one_batch(self) -> bool:
        """Whether some loader's batch may be its whole dataset."""
        sizes = [argument_of(call, "batch_size", 1) for call in self._trees.calls_of(LOADER)]
        return any("len(" in source_text(size) for size in sizes if size is not None)


def iterated_by(loop: ast.For) -> str:
    """The source text of what a loop iterates over."""
    iterated = loop.iter
    while isinstance(iterated, ast.Call) and called_name(iterated) in ITERATIONS and iterated.args:
        iterated = iterated.args[0]
    return source_text(iterated)


def argument_of_len(node: ast.expr) -> ast.expr | None:
    """X in `len(X)`; None for other expressions."""
    match node:
        case ast.Call(args=[argument]) if called_name(node) == "len":
            return argument
    return None


def _is_start(binding: Binding) -> bool:
    """Whether a binding is an assignment of a constant, such as 0 before a loop."""
    return isinstance(binding, ast.Assign) and isinstance(binding.value, ast.Constant)


def _scaled_name(node: ast.expr) -> str | None:
    """The name of a number, without its conversions and without a constant factor; None for other expressions."""
    match unconverted(node):
        case ast.BinOp(op=ast.Mult(), left=ast.Constant(), right=other):
            number = unconverted(other)
        case ast.BinOp(op=ast.Mult(), left=other, right=ast.Constant()):
            number = unconverted(other)
        case number:
            pass
    return number.id if isinstance(number, ast.Name) else None


def _divisor(division: ast.AugAssign | ast.BinOp) -> ast.expr:
    return division.value if isinstance(division, ast.AugAssign) else division.right


def _only_assignment(bindings: list[Binding]) -> ast.Assign | None:
    """The only one of some bindings that is no assignment of a constant; None if it is not that of one name."""
    match [binding for binding in bindings if not _is_start(binding)]:
        case [ast.Assign(targets=[ast.Name()]) as assignment]:
            return assignment
    return None


def _names_in(node: ast.AST) -> list[str]:
    return [inner.id for inner in walk(node) if isinstance(inner, ast.Name)]

"""Numbers that a script prints, and that are not what they seem: rounded, or averages divided by the wrong number."""

from __future__ import annotations

import ast
import string
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Average
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

CONVERSIONS = frozenset({"double", "float", "item", "cpu", "numpy", "detach"})
"""Methods that leave a number what it is."""

ITERATIONS = frozenset({"enumerate", "tqdm", "iter"})
"""Functions that iterate over their first argument."""

WHOLE = lazy_regex(r"\.0[fF%]$")
"""A format without decimals."""

CONVERSION = lazy_regex(r"(?<!%)(?:%%)*%([-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
"""The conversions of a text before the operator ``%``."""

LOADER = "DataLoader"
MAX_FOLLOWED = 20
"""Names through which the size of the batches is followed to the option."""

LOSS_NAME = lazy_regex(r"(?i)criteri|loss")
"""Names that scripts give a loss function."""

LOSS_CLASS = lazy_regex(r"^[A-Z].*Loss|^[A-Z]\w*Criterion")
LOSS_CLASSES = frozenset(
    {"CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss"}
)
LOSS_FUNCTIONS = frozenset(
    {"cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy"}
)
"""PyTorch's losses: of a batch they are the mean, unless an argument says otherwise.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""

REDUCTIONS = frozenset({"reduction", "size_average", "reduce"})


class _Quotient(NamedTuple):
    """A number divided by another one. ``total`` is the name of the first; None if it is no plain name."""

    total: str | None
    divisor: ast.expr
    is_floor: bool
    node: ast.expr | ast.stmt


class Averages:
    """Finds the faults of the numbers that a script prints. What it asks of the whole script is found once."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._bindings: dict[ast.FunctionDef, dict[str, list[ast.AST]]] = {}

    def of(self, call: ast.Call | None) -> Iterator[Average]:
        """The faults of the numbers in a line that a call prints. Their places count its values that are no literals.

        An average ``grows`` with the size of the batches if it is a sum over samples, divided by the number of batches,
        and ``shrinks`` with it if it is a sum over batches, divided by the number of samples. It has neither fault
        unless the batches of all of the script's loaders have the size of the same option.
        """
        for place, (value, form) in enumerate(_printed_values(call) if call is not None else ()):
            if WHOLE.search(form):
                yield Average(place, "whole", self._trees.site_of(value))
            quotient = self._quotient(value)
            if quotient is None:
                continue
            site = self._trees.site_of(quotient.node)
            if quotient.is_floor:
                yield Average(place, "rounded", site)
            if self._batch_option is not None and self._grows(quotient):
                yield Average(place, "grows", site, self._batch_option)
            elif self._batch_option is not None and self._shrinks(quotient):
                yield Average(place, "shrinks", site, self._batch_option)

    def _grows(self, quotient: _Quotient) -> bool:
        """Whether a sum over samples is divided by the number of batches."""
        loader = _length_of(quotient.divisor)
        additions = self._additions(quotient)
        return bool(additions) and all(_adds_samples(each) and loader in self._loops(each) for each in additions)

    def _shrinks(self, quotient: _Quotient) -> bool:
        """Whether a sum over batches is divided by the number of samples."""
        dataset = _argument_of_len(quotient.divisor)
        if not isinstance(dataset, ast.Attribute) or dataset.attr != "dataset":
            return False
        loader, additions = source_text(dataset.value), self._additions(quotient)
        return bool(additions) and all(
            self._is_mean_loss(each.value) and loader in self._loops(each) for each in additions
        )

    def _quotient(self, value: ast.expr) -> _Quotient | None:
        """The division that a printed value is the result of; None if it is not known to be one."""
        if isinstance(value, ast.Name):
            divided = self._divided_in_place(value)
            if divided is not None:
                return divided
            only = self._only_value(value)
            if only is None:
                return None
            value = only
        value = _unconverted(value)
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Div | ast.FloorDiv):
            return None
        return _Quotient(_plain_name(value.left), value.right, isinstance(value.op, ast.FloorDiv), value)

    def _divided_in_place(self, name: ast.Name) -> _Quotient | None:
        """The statement `name /= …` before a use of a number to which a loop has added; None without such."""
        function = self._trees.function_around(name)
        found = self._bound_in(function, name.id) if function is not None else []
        changes = [each for each in found if isinstance(each, ast.AugAssign)]
        begins = all(isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) for each in found[:1])
        others = [each for each in found[1:] if each not in changes]
        divisions = [each for each in changes if not isinstance(each.op, ast.Add)]
        if not begins or others or len(divisions) != 1 or not isinstance(divisions[0].op, ast.Div | ast.FloorDiv):
            return None
        (division,) = divisions
        last = max(each.lineno for each in changes)
        if self._trees.parents.get(division) is not function or not last <= division.lineno < name.lineno:
            return None
        return _Quotient(name.id, division.value, isinstance(division.op, ast.FloorDiv), division)

    def _only_value(self, name: ast.Name) -> ast.expr | None:
        """The value that a name gets in its function; None if it gets none, or several."""
        function = self._trees.function_around(name)
        found = self._bound_in(function, name.id) if function is not None else []
        if len(found) != 1 or not isinstance(found[0], ast.Assign):
            return None
        return found[0].value if all(isinstance(target, ast.Name) for target in found[0].targets) else None

    def _bound_in(self, function: ast.FunctionDef, name: str) -> list[ast.AST]:
        """What binds a name in a function, in the order of the source: its assignments, and any other nodes."""
        if function not in self._bindings:
            found: dict[str, list[ast.AST]] = defaultdict(list)
            for node in sorted(ast.walk(function), key=lambda each: getattr(each, "lineno", 0)):
                if isinstance(node, ast.arg):
                    found[node.arg].append(node)
                elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                    above = self._trees.parents.get(node)
                    while isinstance(above, ast.Tuple | ast.List | ast.Starred):
                        above = self._trees.parents.get(above)
                    is_assigned = isinstance(above, ast.Assign | ast.AugAssign)
                    found[node.id].append(above if is_assigned and above is not None else node)
            self._bindings[function] = found
        return self._bindings[function].get(name, [])

    def _additions(self, quotient: _Quotient) -> list[ast.AugAssign]:
        """The statements `total += …` of the function that divides the total."""
        function = self._trees.function_around(quotient.node)
        if function is None or quotient.total is None:
            return []
        found = [each for each in self._bound_in(function, quotient.total) if isinstance(each, ast.AugAssign)]
        own = [each for each in found if isinstance(each.op, ast.Add)]
        return [each for each in own if self._trees.function_around(each) is function]

    def _is_mean_loss(self, node: ast.expr) -> bool:
        """Whether an expression is certainly the mean loss of a batch."""
        value: ast.expr | None = _unconverted(node)
        if isinstance(value, ast.Name):
            value = self._only_value(value)
        if not isinstance(value, ast.Call) or len(value.args) != 2 or value.keywords:
            return False
        name = called_name(value)
        is_object = LOSS_NAME.search(name) is not None and any(map(self._trees.calls_of, LOSS_CLASSES))
        is_known = name in LOSS_FUNCTIONS or is_object
        return is_known and name not in self._trees.defined and not self._may_change_losses

    @cached_property
    def _may_change_losses(self) -> bool:
        return any(map(_may_change_losses, self._trees.nodes()))

    def _loops(self, node: ast.AST) -> set[str]:
        """The source texts of what the loops around a node iterate over."""
        found = set()
        for loop in self._trees.around(node):
            if isinstance(loop, ast.For):
                iterated = loop.iter
                while isinstance(iterated, ast.Call) and called_name(iterated) in ITERATIONS and iterated.args:
                    iterated = iterated.args[0]
                found.add(source_text(iterated))
            elif isinstance(loop, ast.FunctionDef):
                break
        return found

    @cached_property
    def _batch_option(self) -> str | None:
        """The option, or other named value, that is the size of the batches of all loaders; None if there is none."""
        waiting = [_batch_size_of(call) for call in self._trees.calls_of(LOADER)]
        names: set[str | None] = set()
        followed: set[tuple[ast.FunctionDef | None, str]] = set()
        while waiting:
            size = waiting.pop()
            if isinstance(size, ast.Attribute):
                names.add(size.attr)
            elif isinstance(size, ast.Subscript) and isinstance(size.slice, ast.Constant):
                names.add(str(size.slice.value))
            elif isinstance(size, ast.Name):
                function = self._trees.function_around(size)
                if (function, size.id) not in followed:
                    followed.add((function, size.id))
                    origins = self._origins(function, size.id) if len(followed) <= MAX_FOLLOWED else []
                    waiting += origins if origins is not None else []
                    names |= {size.id} if origins is None else {None} if not origins else set()
            else:
                names.add(None)
        return next(iter(names)) if len(names) == 1 else None

    def _origins(self, function: ast.FunctionDef | None, name: str) -> list[ast.expr | None] | None:
        """What a name may stand for in a function: an argument of its calls, or what is assigned.

        None for a parameter of a function that is not called: a library passes an option of that name.
        """
        place = _parameter_place(function, name) if function is not None else None
        if function is None or place is None:
            values = [each for each in self._trees.nodes() if isinstance(each, ast.Assign) and _assigns(each, name)]
            return [each.value for each in values if self._trees.function_around(each) in (None, function)]
        calls = self._trees.calls_of(function.name)
        return [_argument(call, name, place) for call in calls] if calls else None


def _unconverted(node: ast.expr) -> ast.expr:
    """A number without its conversions."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CONVERSIONS:
        node = node.func.value
    return node


def _may_change_losses(node: ast.AST) -> bool:
    """Whether some loss of the script may be another than the mean of a batch: because of its class or an argument."""
    if isinstance(node, ast.keyword):
        return node.arg in REDUCTIONS
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return True
    if not isinstance(node, ast.Call) or not LOSS_CLASS.search(called_name(node)):
        return False
    return called_name(node) not in LOSS_CLASSES or any(each.arg is None for each in node.keywords)


def count_of_values(call: ast.Call | None) -> int:
    """How many values a call prints that are no literals."""
    return len(_printed_values(call)) if call is not None else 0


def places_of_values(call: ast.Call) -> dict[ast.AST, int]:
    """The places of the values that a call prints and that are no literals, from 0."""
    return {shown.value: place for place, shown in enumerate(_printed_values(call))}


class _Shown(NamedTuple):
    """A value in a printed text, and its format, such as ``.2f``; empty if it has none, or it is not known."""

    value: ast.expr
    form: str = ""


def _printed_values(call: ast.Call) -> list[_Shown]:
    """The values in the text that a call prints, in their order there, without its constant parts."""
    return [shown for argument in call.args for shown in _values_of(argument)]


def _values_of(node: ast.expr) -> Iterator[_Shown]:
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield _Shown(part.value, _form_of(part))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        yield from _with_forms(values, CONVERSION.findall(_text(node.left)))
    elif isinstance(node, ast.Call) and called_name(node) == "format" and isinstance(node.func, ast.Attribute):
        values = [*node.args, *(each.value for each in node.keywords)]
        forms = _forms_in_order(_text(node.func.value))
        yield from _with_forms(values, forms or []) if len(values) < 2 or forms is not None else [_Shown(node)]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*_values_of(node.left), *_values_of(node.right))
    elif isinstance(node, ast.Call) and called_name(node) == "str" and len(node.args) == 1:
        yield _Shown(node.args[0])
    elif not isinstance(node, ast.Constant):
        yield _Shown(node)


def _form_of(part: ast.FormattedValue) -> str:
    """The format of a value in an f-string, such as ``.2f``; empty if it has none, or it is not known."""
    match part.format_spec:
        case ast.JoinedStr(values=[ast.Constant(value=str(form)), *_]):
            return form
    return ""


def _with_forms(values: Sequence[ast.expr], forms: Sequence[str]) -> Iterator[_Shown]:
    """Values with their formats, if there are as many."""
    yield from map(_Shown, values, forms if len(forms) == len(values) else [""] * len(values))


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _forms_in_order(text: str) -> list[str] | None:
    """The formats of a format string's fields; None unless they take its arguments one after the other."""
    try:
        fields = [(name, form or "") for _, name, form, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return None
    return [form for _, form in fields] if fields and not any(name for name, _ in fields) else None


def _length_of(node: ast.expr) -> str | None:
    """The source text of X in `len(X)`, for a loader; None for other expressions, and for a loader's dataset."""
    inner = _argument_of_len(node)
    return None if inner is None or isinstance(inner, ast.Attribute) else source_text(inner)


def _argument_of_len(node: ast.expr) -> ast.expr | None:
    """X in `len(X)`; None for other expressions."""
    is_len = isinstance(node, ast.Call) and called_name(node) == "len" and len(node.args) == 1
    return node.args[0] if isinstance(node, ast.Call) and is_len else None


def _plain_name(node: ast.expr) -> str | None:
    """The name of a number, without its conversions; None for other expressions."""
    node = _unconverted(node)
    return node.id if isinstance(node, ast.Name) else None


def _adds_samples(node: ast.AugAssign) -> bool:
    """Whether a statement adds a value times the size of a batch."""
    value = node.value
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    return any(_is_batch_size(each) for each in (value.left, value.right))


def _is_batch_size(node: ast.expr) -> bool:
    """Whether an expression is `x.size(0)`, `x.shape[0]` or `len(x)`."""
    if isinstance(node, ast.Subscript):
        is_first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        return is_first and isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    first = node.args[0]
    if called_name(node) == "size":
        return isinstance(first, ast.Constant) and first.value == 0
    return called_name(node) == "len" and isinstance(first, ast.Name)


def _parameter_place(function: ast.FunctionDef, name: str) -> int | None:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return next((at for at, each in enumerate(arguments) if each.arg == name), None)


def _argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    """The argument of a call for a parameter; None if it is not given by its name or place."""
    named = next((each.value for each in call.keywords if each.arg == name), None)
    return named if named is not None else call.args[place] if place < len(call.args) else None


def _batch_size_of(call: ast.Call) -> ast.expr | None:
    named = next((each.value for each in call.keywords if each.arg == "batch_size"), None)
    return named if named is not None else call.args[1] if len(call.args) > 1 else None


def _assigns(node: ast.Assign, name: str) -> bool:
    """Whether a statement gives a value to a name alone."""
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)

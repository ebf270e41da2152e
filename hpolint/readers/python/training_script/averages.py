"""Numbers that a script prints, and that are not what they seem: rounded, or averages divided by the wrong number."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Average, ScriptChange
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.batch_names import batch_name
from hpolint.readers.python.training_script.last_batches import (
    LOADER,
    LOSS_FUNCTIONS,
    LOSS_NAME,
    LastBatches,
    argument_of_len,
    iterated_by,
)
from hpolint.readers.python.training_script.local_bindings import LocalBindings, additions_among, unconverted
from hpolint.readers.python.training_script.printed_lines import format_fields
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    formatted_items,
    text_of,
)

WHOLE = lazy_regex(r"\.0[fF%]$")
"""A format without decimals."""

CONVERSION = lazy_regex(r"(?<!%)(?:%%)*%([-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
"""The conversions of a text before the operator ``%``."""

INTEGER = lazy_regex(r"[dnxXobc]$")
"""A format that takes only an integer, in an f-string or ``format()``."""

SAMPLERS = frozenset({"sampler", "batch_sampler", None})
"""Arguments of a loader by which it may leave out samples of its dataset."""

MAX_FOLLOWED = 20
"""Names through which the size of the batches is followed to the option."""

LOSS_CLASS = lazy_regex(r"^[A-Z].*Loss|^[A-Z]\w*Criterion")
LOSS_CLASSES = frozenset(
    {"CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss"}
)
"""PyTorch's losses: of a batch they are the mean, unless an argument says otherwise, as are ``LOSS_FUNCTIONS``.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""

REDUCTIONS = frozenset({"reduction", "size_average", "reduce"})


class _Quotient(NamedTuple):
    """A number divided by another one. ``total`` is the name of the first; None if it is no plain name."""

    total: str | None
    divisor: ast.expr
    node: ast.BinOp | ast.AugAssign


class Averages:
    """Finds the faults of the numbers that a script prints. What it asks of the whole script is found once."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._bindings = LocalBindings(trees)
        self._last_batches = LastBatches(trees, self._bindings)

    def of(self, call: ast.Call) -> Iterator[Average]:
        """The faults of the numbers in a line that a call prints. Their places count its values that are no literals.

        An average ``grows`` with the size of the batches if it is a sum over samples, divided by the number of batches,
        and ``shrinks`` with it if it is a sum over batches, divided by the number of samples. It has neither fault
        unless the batches of all of the script's loaders have the size of the same option.
        """
        formats: Counter[ast.expr] = Counter()
        for place, shown in enumerate(_printed_values(call)):
            if WHOLE.search(shown.form) and shown.literal is not None:
                change = ScriptChange("decimals", self._trees.site_of(shown.literal), formats[shown.literal])
                yield Average(place, "whole", self._trees.site_of(shown.value), changes=(change,))
                formats[shown.literal] += 1
            division = self._last_batches.division(shown.value)
            if division is not None:
                yield Average(place, "last", self._trees.site_of(division))
            quotient = self._quotient(shown.value)
            if quotient is not None:
                yield from self._of_quotient(place, quotient, shown.form)

    def _of_quotient(self, place: int, quotient: _Quotient, form: str) -> Iterator[Average]:
        """The faults of a number that is the result of a division."""
        site = self._trees.site_of(quotient.node)
        option = self._batch_option
        is_growing = option is not None and self._grows(quotient)
        in_samples = self._by_samples(quotient) if is_growing else ()
        if isinstance(quotient.node.op, ast.FloorDiv):
            changes: tuple[ScriptChange, ...] = (ScriptChange("divide", site), *in_samples)
            if INTEGER.search(form) or (is_growing and not in_samples):
                changes = ()
            yield Average(place, "rounded", site, changes=changes)
        if option is None:
            return
        if is_growing:
            yield Average(place, "grows", site, option, in_samples)
        elif self._shrinks(quotient):
            yield Average(place, "shrinks", site, option, self._times_batch_size(quotient))

    def _times_batch_size(self, quotient: _Quotient) -> tuple[ScriptChange, ...]:
        """The changes that multiply each batch's mean by its size; none if a batch has no certain name."""
        changes: list[ScriptChange] = []
        for addition in self._additions(quotient):
            loop = self._trees.closest(addition, ast.For)
            name = batch_name(loop) if loop is not None else None
            if name is None:
                return ()
            changes.append(ScriptChange("samples", self._trees.site_of(addition.value), name=name))
        return tuple(changes)

    def _by_samples(self, quotient: _Quotient) -> tuple[ScriptChange, ...]:
        """The change that divides by the number of samples; none if a loader may leave some of them out."""
        for call in self._trees.calls_of(LOADER):
            if any(keyword.arg in SAMPLERS for keyword in call.keywords):
                return ()
        return (ScriptChange("dataset", self._trees.site_of(quotient.divisor)),)

    def _grows(self, quotient: _Quotient) -> bool:
        """Whether a sum over samples is divided by the number of batches."""
        loader = _length_of(quotient.divisor)
        additions = self._additions(quotient)
        if not additions:
            return False
        return all(_adds_samples(addition) and loader in self._loops(addition) for addition in additions)

    def _shrinks(self, quotient: _Quotient) -> bool:
        """Whether a sum over batches is divided by the number of samples."""
        dataset = argument_of_len(quotient.divisor)
        additions = self._additions(quotient)
        if not additions or not isinstance(dataset, ast.Attribute) or dataset.attr != "dataset":
            return False
        loader = source_text(dataset.value)
        return all(self._is_mean_loss(addition.value) and loader in self._loops(addition) for addition in additions)

    def _quotient(self, value: ast.expr) -> _Quotient | None:
        """The division that a printed value is the result of; None if it is not known to be one."""
        if isinstance(value, ast.Name):
            divided = self._divided_in_place(value)
            if divided is not None:
                return divided
        match unconverted(self._bindings.only_value(value)):
            case ast.BinOp(op=ast.Div() | ast.FloorDiv()) as division:
                return _Quotient(_plain_name(division.left), division.right, division)
        return None

    def _divided_in_place(self, name: ast.Name) -> _Quotient | None:
        """The statement `name /= …` before a use of a number to which a loop has added; None without such."""
        bindings = self._bindings.around(name, name.id)
        additions = additions_among(bindings)
        match [binding for binding in bindings if binding not in additions]:
            case [ast.Assign(value=ast.Constant()) as start, ast.AugAssign(op=ast.Div() | ast.FloorDiv()) as division]:
                is_in_order = start is bindings[0] and bindings[-1].lineno <= division.lineno < name.lineno
                if is_in_order and self._trees.parents[division] is self._trees.function_around(name):
                    return _Quotient(name.id, division.value, division)
        return None

    def _additions(self, quotient: _Quotient) -> list[ast.AugAssign]:
        """The statements `total += …` of the function that divides the total."""
        if quotient.total is None:
            return []
        function = self._trees.function_around(quotient.node)
        additions = additions_among(self._bindings.around(quotient.node, quotient.total))
        return [addition for addition in additions if self._trees.function_around(addition) is function]

    def _is_mean_loss(self, node: ast.expr) -> bool:
        """Whether an expression is certainly the mean loss of a batch."""
        value = self._bindings.only_value(unconverted(node))
        if not isinstance(value, ast.Call) or len(value.args) != 2 or value.keywords:
            return False
        name = called_name(value)
        is_object = LOSS_NAME.search(name) is not None and bool(self._trees.calls_of(*LOSS_CLASSES))
        is_known = name in LOSS_FUNCTIONS or is_object
        return is_known and name not in self._trees.defined and not self._may_change_losses

    @cached_property
    def _may_change_losses(self) -> bool:
        return any(map(_may_change_losses, self._trees.nodes_of(ast.keyword, ast.Assign, ast.Call)))

    def _loops(self, node: ast.AST) -> set[str]:
        """The source texts of what the loops around a node iterate over."""
        texts = set()
        for loop in self._trees.around(node):
            if isinstance(loop, ast.For):
                texts.add(iterated_by(loop))
            elif isinstance(loop, ast.FunctionDef):
                break
        return texts

    @cached_property
    def _batch_option(self) -> str | None:
        """The option, or other named value, that is the size of the batches of all loaders; None if there is none."""
        names = set(self._batch_sizes())
        return names.pop() if len(names) == 1 else None

    def _batch_sizes(self) -> Iterator[str | None]:
        """The names of what the loaders take the size of their batches from; None for a size without a name."""
        waiting = [argument_of(call, "batch_size", 1) for call in self._trees.calls_of(LOADER)]
        followed: set[tuple[ast.FunctionDef | None, str]] = set()
        while waiting:
            match waiting.pop():
                case ast.Attribute(attr=name):
                    yield name
                case ast.Subscript(slice=ast.Constant(value=key)):
                    yield str(key)
                case ast.Name(id=name) as size:
                    function = self._trees.function_around(size)
                    if (function, name) in followed:
                        continue
                    followed.add((function, name))
                    origins = self._origins(function, name) if len(followed) <= MAX_FOLLOWED else []
                    if origins is None:
                        yield name
                    elif not origins:
                        yield None
                    else:
                        waiting += origins
                case _:
                    yield None

    def _origins(self, function: ast.FunctionDef | None, name: str) -> list[ast.expr | None] | None:
        """What a name may stand for in a function: an argument of its calls, or what is assigned.

        None for a parameter of a function that is not called: a library passes an option of that name.
        """
        place = _parameter_place(function, name)
        if function is not None and place is not None:
            return [argument_of(call, name, place) for call in self._trees.calls_of(function.name)] or None
        assignments = [node for node in self._trees.nodes_of(ast.Assign) if _assigns(node, name)]
        return [node.value for node in assignments if self._trees.function_around(node) in (None, function)]


def _may_change_losses(node: ast.AST) -> bool:
    """Whether some loss of the script may be another than the mean of a batch: because of its class or an argument."""
    if isinstance(node, ast.keyword):
        return node.arg in REDUCTIONS
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return True
    if not isinstance(node, ast.Call) or not LOSS_CLASS.search(called_name(node)):
        return False
    return called_name(node) not in LOSS_CLASSES or any(keyword.arg is None for keyword in node.keywords)


def count_of_values(call: ast.Call) -> int:
    """How many values a call prints that are no literals."""
    return len(_printed_values(call))


def places_of_values(call: ast.Call) -> dict[ast.AST, int]:
    """The places of the values that a call prints and that are no literals, from 0."""
    return {shown.value: place for place, shown in enumerate(_printed_values(call))}


class _Shown(NamedTuple):
    """A value in a printed text, and its format, such as ``.2f``; empty if it has none, or it is not known.

    ``literal`` is the string that the format is written in.
    """

    value: ast.expr
    form: str = ""
    literal: ast.expr | None = None


def _printed_values(call: ast.Call) -> list[_Shown]:
    """The values in the text that a call prints, in their order there, without its constant parts."""
    values: list[_Shown] = []
    for argument in call.args:
        values += _values_of(argument)
    return values


def _values_of(node: ast.expr) -> Iterator[_Shown]:
    match node:
        case ast.JoinedStr(values=parts):
            for part in parts:
                if isinstance(part, ast.FormattedValue):
                    yield _Shown(part.value, _form_of(part), node)
        case ast.BinOp(op=ast.Mod(), left=left, right=right):
            yield from _with_forms(formatted_items(right), CONVERSION.findall(text_of(left) or ""), left)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from _values_of(left)
            yield from _values_of(right)
        case ast.Call(func=ast.Attribute(attr="format", value=template)):
            yield from _formatted_values(node, template)
        case ast.Call(args=[argument]) if called_name(node) == "str":
            yield _Shown(argument)
        case ast.Constant():
            return
        case _:
            yield _Shown(node)


def _form_of(part: ast.FormattedValue) -> str:
    """The format of a value in an f-string, such as ``.2f``; empty if it has none, or it is not known."""
    match part.format_spec:
        case ast.JoinedStr(values=[ast.Constant(value=str(form)), *_]):
            return form
    return ""


def _formatted_values(call: ast.Call, template: ast.expr) -> Iterable[_Shown]:
    """The values that ``template.format(…)`` prints; the call itself if their order may be another."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    forms = _forms_in_order(text_of(template) or "")
    if forms is None and len(values) > 1:
        return [_Shown(call)]
    return _with_forms(values, forms or [], template)


def _with_forms(values: Sequence[ast.expr], forms: Sequence[str], literal: ast.expr) -> Iterator[_Shown]:
    """Values with their formats in a string, if there are as many."""
    if len(forms) != len(values):
        yield from map(_Shown, values)
        return
    for value, form in zip(values, forms, strict=True):
        yield _Shown(value, form, literal)


def _forms_in_order(text: str) -> list[str] | None:
    """The formats of a format string's fields; None unless they take its arguments one after the other."""
    fields = [(name, form) for _, name, form, _ in format_fields(text) or () if name is not None]
    if not fields or any(name for name, _ in fields):
        return None
    return [form for _, form in fields]


def _length_of(node: ast.expr) -> str | None:
    """The source text of X in `len(X)`, for a loader; None for other expressions, and for a loader's dataset."""
    inner = argument_of_len(node)
    if inner is None or isinstance(inner, ast.Attribute):
        return None
    return source_text(inner)


def _plain_name(node: ast.expr) -> str | None:
    """The name of a number, without its conversions; None for other expressions."""
    number = unconverted(node)
    return number.id if isinstance(number, ast.Name) else None


def _adds_samples(node: ast.AugAssign) -> bool:
    """Whether a statement adds a value times the size of a batch."""
    match node.value:
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return _is_batch_size(left) or _is_batch_size(right)
    return False


def _is_batch_size(node: ast.expr) -> bool:
    """Whether an expression is `x.size(0)`, `x.shape[0]` or `len(x)`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=0)):
            return True
        case ast.Call(args=[ast.Constant(value=0)]):
            return called_name(node) == "size"
        case ast.Call(args=[ast.Name()]):
            return called_name(node) == "len"
    return False


def _parameter_place(function: ast.FunctionDef | None, name: str) -> int | None:
    if function is None:
        return None
    parameters = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
    return parameters.index(name) if name in parameters else None


def _assigns(node: ast.Assign, name: str) -> bool:
    """Whether a statement gives a value to a name alone."""
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)

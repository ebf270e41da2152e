"""Variables of a pipeline: what Python cannot do with them, and a launch that is no step of a pipeline.

A variable has no value before the pipeline runs. Source: sagemaker 2.132.0, 2.161.0, 2.245.0 and 2.257.7, run and read.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterable, Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Struct, Unknown, walk
from hpolint.model.observations import Observed, PipelineVariableCompared, PipelineVariableRead, PipelineVariableSent
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Value,
    is_foreign,
    text_of,
)
from hpolint.readers.python.sdk.nodes import PARAMETERS, arguments_of
from hpolint.readers.python.sdk.refused_calls import Seen

MODULES = ("sagemaker.workflow.", "sagemaker.core.workflow.")
FUNCTIONS = (".Join", ".JsonGet")
EXECUTION_VARIABLES = ".ExecutionVariables"
PROPERTIES = "properties"
"""The attribute of a step with its results, whose members are variables."""

MAX_NESTED_PROPERTIES = 20

MAKING_TEXT = frozenset({"str"})
COMPUTING = frozenset({"int", "float", "min", "max", "abs", "round", "range"})
"""Builtin functions that raise a TypeError for a variable. ``print`` is left out: it is in programs that ran with early
releases of version 2, where a parameter was a text."""

INDEX = lazy_regex(r"[0-9]{1,4}")
"""A field of a format string that is an argument's position."""

SHOWN_CONVERSIONS = (None, "s")
"""The conversions of a format string that turn a value into text; the others show its representation."""


def name_of(value: Value | None) -> str | None:
    """The name of a pipeline's variable; None for any other value."""
    if isinstance(value, Symbol):
        owner, _, variable = value.name.rpartition(".")
        is_variable = owner.startswith(MODULES) and owner.endswith(EXECUTION_VARIABLES)
        return variable if is_variable else None
    if isinstance(value, Method):
        return _name_of_property(value)
    if not is_foreign(value) or not value.cls.startswith(MODULES):
        return None
    if value.cls.endswith(FUNCTIONS):
        return value.class_name
    if not value.cls.endswith(PARAMETERS):
        return None
    name = text_of(arguments_of(value, ("name",)).get("name"))
    return name or value.class_name


def _name_of_property(value: Method) -> str | None:
    """``properties.BestTrainingJob.TrainingJobName`` of a step."""
    names = [value.name]
    owner = value.receiver
    while isinstance(owner, Method) and len(names) < MAX_NESTED_PROPERTIES:
        names.insert(0, owner.name)
        owner = owner.receiver
    if not is_foreign(owner) or not owner.cls.startswith(MODULES) or not owner.class_name.endswith("Step"):
        return None
    is_member = names[0] == PROPERTIES and all(name[:1].isupper() for name in names[1:])
    return ".".join(names) if is_member else None


def in_operation(operands: Iterable[Value], operator: ast.operator | ast.cmpop) -> Observed | None:
    """What is wrong with an operator on some values; None if nothing is known to be."""
    left, right = operands
    if isinstance(operator, ast.Mod) and text_of(left) is not None:
        return _in_percent(str(text_of(left)), right)
    name = name_of(left) or name_of(right)
    if name is None:
        return None
    if isinstance(operator, ast.cmpop):
        return _in_comparison(name, left, operator, right)
    symbol = SYMBOLS.get(type(operator))
    if symbol is None:
        return None
    is_text = isinstance(operator, ast.Add) and not _is_number(left) and not _is_number(right)
    return PipelineVariableRead(name, symbol, is_text)


SYMBOLS: dict[type[ast.operator] | type[ast.cmpop], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
"""The operators that raise a TypeError for a variable."""


def _is_number(value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, int | float)


def _in_percent(text: str, right: Value) -> Observed | None:
    values = right.items if isinstance(right, Sequence) and right.kind == "tuple" else [right]
    names = [name_of(value) for value in values]
    known = [name for name in names if name is not None]
    return PipelineVariableRead(known[0], "%", True) if known and "%r" not in text else None


def _in_comparison(name: str, left: Value, operator: ast.cmpop, right: Value) -> Observed | None:
    """An ordering of a variable, or its comparison with a constant."""
    symbol = SYMBOLS.get(type(operator))
    if symbol is not None:
        return PipelineVariableRead(name, symbol, False)
    others = [value for value in (left, right) if name_of(value) is None]
    is_with_constant = all(isinstance(value, Constant) and value.value is not None for value in others)
    if isinstance(operator, ast.Eq | ast.NotEq) and others and is_with_constant:
        return PipelineVariableCompared(name, isinstance(operator, ast.NotEq))
    return None


def in_call(function: Value, arguments: Arguments) -> Observed | None:
    """What is wrong with a call of a builtin function, or of a text's method; None if nothing is known to be."""
    if isinstance(function, Symbol):
        builtin = function.name.removeprefix("builtins.")
        if function.name != builtin and builtin in MAKING_TEXT | COMPUTING:
            return _read(arguments.positional, f"{builtin}()", is_text=builtin in MAKING_TEXT)
    elif isinstance(function, Method):
        text = text_of(function.receiver)
        if text is not None and function.name == "format":
            return _read(_formatted_by(text, arguments), "format()", is_text=True)
        if text is not None and function.name == "join":
            parts = arguments.at(0)
            return _read(parts.items, "join()", is_text=True) if isinstance(parts, Sequence) else None
    return None


def _read(values: Iterable[Value], use: str, *, is_text: bool) -> Observed | None:
    for value in values:
        name = name_of(value)
        if name is not None:
            return PipelineVariableRead(name, use, is_text)
    return None


def _formatted_by(text: str, arguments: Arguments) -> Iterator[Value]:
    """The arguments that a format string turns into text."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return
    number = 0
    for _, field, _, conversion in fields:
        if field == "":
            value = arguments.at(number)
            number += 1
        elif field is not None and INDEX.fullmatch(field):
            value = arguments.at(int(field))
        else:
            value = arguments.keywords.get(field or "")
        if value is not None and conversion in SHOWN_CONVERSIONS:
            yield value


def sent(values: Iterable[Value], request: Struct) -> Iterator[Seen]:
    """The variables among some values that a request has, by their places."""
    unknowns = {node.span for _, node in walk(request) if isinstance(node, Unknown)}
    for value in values:
        name = name_of(value)
        if name is not None and isinstance(value, Instance | Method | Symbol) and value.span in unknowns:
            yield value.span, PipelineVariableSent(name)


def below(value: Value) -> list[Value]:
    """The values that a value has: those of a dict, a list, or an object of a library."""
    if isinstance(value, Mapping):
        return list(value.entries.values())
    if isinstance(value, Sequence):
        return value.items
    if is_foreign(value) and name_of(value) is None:
        return [*value.attributes.values(), *value.arguments.values()]
    return []

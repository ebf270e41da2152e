"""Names of definitions in a source, found without interpreting it, for sources that cannot be interpreted."""

from __future__ import annotations

import ast
import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.walking import walk

DEFINES = lazy_regex(
    r"HyperparameterTuner\s*[.(]|create_hyper_parameter_tuning_job\s*\(|HyperParameterTuningJob\.create\s*\("
)
"""Code that names a definition, other than an import. A unit that does not parse is reported if it matches."""

RANGES = lazy_regex(r"\b(?:Continuous|Integer|Categorical)Parameter\s*\(")
"""Constructors of the SDK's ranges, which often have their own cell."""

RENAMED = lazy_regex(r"HyperparameterTuner[ \t]++as[ \t]++(\w++)")
"""An import of the class under another name."""

USED = lazy_regex(r"\b(\w++)\s*+[.(]")
"""A name that is called, or of which an attribute is read."""

CALLS = lazy_regex(r"(?:.*\.)?(?:HyperparameterTuner|create_hyper_parameter_tuning_job)\Z|Hyper\w+\.create\Z")
"""The dotted name of a call that defines a job."""

SET_AT_TOP = lazy_regex(
    r"""^(?:(?:async\s+)?def\s+(?P<function>[A-Za-z_]\w*)
    |class\s+(?P<class>[A-Za-z_]\w*)
    |(?P<name>[A-Za-z_]\w*)(?:\.\w+|\[[^\]\n]*\])*\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=))""",
    re.MULTILINE | re.VERBOSE,
)
"""An unindented statement that binds a name, or changes its value."""


IDENTIFIER = lazy_regex(r"[A-Za-z_]\w*")


def names_definition(text: str) -> bool:
    """Whether a unit's text constructs a job or a range, also under an imported alias."""
    if DEFINES.search(text) or RANGES.search(text):
        return True
    names = set(RENAMED.findall(text))  # a search for each of them would be quadratic
    return bool(names) and any(match[1] in names for match in USED.finditer(text))


def names_used(text: str) -> set[str]:
    """All possible names in a text that does not parse."""
    return set(IDENTIFIER.findall(text))


def names_set(text: str) -> list[str]:
    """The names that a text that does not parse would bind at its top level."""
    return [str(match[match.lastgroup]) for match in SET_AT_TOP.finditer(text) if match.lastgroup]


def first_definition(units: list[Unit]) -> Span | None:
    """The span of the first call that defines a job with arguments of its own; ``f(**given)`` is a wrapper's."""
    for unit in units:
        try:
            calls = [node for node in walk(unit.parse()) if isinstance(node, ast.Call) and _is_definition_call(node)]
        except Problem:
            continue
        if calls:
            return unit.span(min(calls, key=lambda call: (call.lineno, call.col_offset)).func)
    return None


def _is_definition_call(call: ast.Call) -> bool:
    has_arguments = bool(call.args) or any(keyword.arg is not None for keyword in call.keywords)
    return has_arguments and CALLS.match(_name(call.func)) is not None


def _name(function: ast.expr) -> str:
    """The last two parts of a function's dotted name. More are not needed, and nesting is unbounded."""
    if isinstance(function, ast.Attribute):
        return f"{last_name(function.value)}.{function.attr}"
    return last_name(function)

"""Where a source names a definition, told without following it: for what cannot be followed."""

from __future__ import annotations

import ast
import re

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.walking import walk

DEFINES = re.compile(
    r"HyperparameterTuner\s*[.(]|create_hyper_parameter_tuning_job\s*\(|HyperParameterTuningJob\.create\s*\("
)
"""What names a definition, and not only an import: a unit that does not parse is told if it has it."""

RANGES = re.compile(r"\b(?:Continuous|Integer|Categorical)Parameter\s*\(")
"""What makes the SDK's ranges, in a cell of their own as often as not."""

RENAMED = re.compile(r"HyperparameterTuner[ \t]++as[ \t]++(\w++)")
"""An import of the class under another name."""

CALLS = re.compile(r"(?:.*\.)?(?:HyperparameterTuner|create_hyper_parameter_tuning_job)\Z|Hyper\w+\.create\Z")
"""How a call that defines a job is named, with what stands before its last point."""

SET_AT_TOP = re.compile(
    r"""^(?:(?:async\s+)?def\s+(?P<function>[A-Za-z_]\w*)
    |class\s+(?P<class>[A-Za-z_]\w*)
    |(?P<name>[A-Za-z_]\w*)(?:\.\w+|\[[^\]\n]*\])*\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=))""",
    re.MULTILINE | re.VERBOSE,
)
"""A statement without indentation that sets, defines or changes what a name stands for."""


IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def names_definition(text: str) -> bool:
    """Whether a unit's text calls what defines a job, under whatever name it has imported it, or one of its ranges."""
    if DEFINES.search(text) or RANGES.search(text):
        return True
    return any(re.search(rf"\b{name}\s*+[.(]", text) is not None for name in set(RENAMED.findall(text)))


def names_used(text: str) -> set[str]:
    """All that may be a name in a text of no sound syntax."""
    return set(IDENTIFIER.findall(text))


def names_set(text: str) -> list[str]:
    """The names that a text of no sound syntax would set, were it mended."""
    return [str(match[match.lastgroup]) for match in SET_AT_TOP.finditer(text) if match.lastgroup]


def first_definition(units: list[Unit]) -> Span | None:
    """The first call that defines a job and says something itself: ``f(**given)`` is a wrapper's."""
    for unit in units:
        try:
            calls = [node for node in walk(unit.parse()) if isinstance(node, ast.Call) and _defines(node)]
        except Problem:
            continue
        if calls:
            return unit.span(min(calls, key=lambda call: (call.lineno, call.col_offset)).func)
    return None


def _defines(call: ast.Call) -> bool:
    says = bool(call.args) or any(keyword.arg is not None for keyword in call.keywords)
    return says and CALLS.match(_name(call.func)) is not None


def _name(function: ast.expr) -> str:
    """A function's last name, and the one before it; not gone through further, since it may be nested without end."""
    if isinstance(function, ast.Attribute):
        return f"{_last(function.value)}.{function.attr}"
    return _last(function)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

"""The patterns by which an expression judges one text, if it does nothing else with it.

The result for a text of which only parts are known then depends on these patterns alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hpolint.cel.syntax_tree import Call, Comprehension, Constant, Expr, ListDisplay, Name, Select

Path = tuple[str, ...]


def text_patterns(root: Expr, path: Path, values: Mapping[str, Any]) -> set[str] | None:
    """The RE2 patterns with which the text at a path is searched; None if the text is used in another way.

    ``values`` are those that a rule brings along, such as its options: a pattern may be one of them. A comparison with
    null does not count, since a text that is known in part is not null.
    """
    patterns: set[str] = set()
    waiting = [root]
    while waiting:
        expr = waiting.pop()
        if _path(expr) == path:
            return None  # used other than in a call below
        if isinstance(expr, Call) and path in map(_path, expr.arguments):
            if _is_null_check(expr):
                continue
            pattern = _pattern(expr, path, values)
            if pattern is None:
                return None
            patterns.add(pattern)
        else:
            waiting += _parts(expr)
    return patterns


def _parts(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Select):
        yield expr.operand
    elif isinstance(expr, Call):
        yield from expr.arguments
    elif isinstance(expr, ListDisplay):
        yield from expr.items
    elif isinstance(expr, Comprehension):
        yield from (expr.range, expr.start, expr.condition, expr.step, expr.result)


def _is_null_check(call: Call) -> bool:
    is_comparison = call.function in ("_==_", "_!=_")
    return is_comparison and any(isinstance(side, Constant) and side.value is None for side in call.arguments)


def _pattern(call: Call, path: Path, values: Mapping[str, Any]) -> str | None:
    """The pattern of a call with the text as its receiver or first operand; None for other calls."""
    if len(call.arguments) != 2 or _path(call.arguments[0]) != path:
        return None
    operand = _constant(call.arguments[1], values)
    if operand is None:
        return None
    text = re.escape(operand)
    patterns = {
        "matches": operand,
        "startsWith": f"^{text}",
        "endsWith": f"{text}$",
        "contains": text,
        "_==_": f"^{text}$",
        "_!=_": f"^{text}$",
    }
    return patterns.get(call.function)


def _constant(expr: Expr, values: Mapping[str, Any]) -> str | None:
    """The string that an operand is, or that is at its path in ``values``."""
    value: Any = expr.value if isinstance(expr, Constant) else values
    for step in _path(expr) or ():
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _path(expr: Expr) -> Path | None:
    """The path that an expression reads, such as ``job.name``; None for other expressions."""
    steps: list[str] = []
    while isinstance(expr, Select) and not expr.test:
        steps.append(expr.member)
        expr = expr.operand
    return (expr.name, *reversed(steps)) if isinstance(expr, Name) else None

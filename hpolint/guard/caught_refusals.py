"""Whether the code that caught a refusal meant it: for tests, in which a caught refusal would otherwise go unnoticed.

The traceback of a caught exception begins with the frame that caught it. Its source shows the statement.
"""

from __future__ import annotations

import ast
import builtins
import linecache
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from hpolint.guard.refusal import Refused

TEST_RUNNERS = ("_pytest", "pluggy", "unittest")
"""Packages whose frames report an exception, or compare it with the one that a test expects."""

EXPECTING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "RaisesGroup", "RaisesExc"})
"""Functions whose context managers expect an exception."""


def is_swallowed(refusal: Refused) -> bool:
    """Whether a refusal was caught by code that does not name it, such as ``except Exception``."""
    traceback = refusal.__traceback__
    if traceback is None:
        return False  # unittest removes it from an exception that a test expects
    frame = traceback.tb_frame
    if frame.f_globals.get("__name__", "").partition(".")[0] in TEST_RUNNERS:
        return False
    tree = _tree(frame)
    if tree is None:
        return True
    for statement in _around(tree, traceback.tb_lineno):
        is_named = _names_refusal(statement, frame)
        if is_named is not None:
            return not is_named
    return True


def _tree(frame: FrameType) -> ast.Module | None:
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None


def _around(tree: ast.Module, line: int) -> list[ast.Try | ast.With | ast.AsyncWith]:
    """The statements whose body contains a line, innermost first."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.With | ast.AsyncWith):
            last = node.body[-1].end_lineno or 0
            if node.body[0].lineno <= line <= last:
                found.append(node)
    return sorted(found, key=lambda node: node.body[0].lineno, reverse=True)


def _names_refusal(statement: ast.Try | ast.With | ast.AsyncWith, frame: FrameType) -> bool | None:
    """Whether a statement that catches the refusal names it; None if it does not catch it."""
    if isinstance(statement, ast.Try):
        for handler in statement.handlers:
            is_named = _is_named(_classes([handler.type], frame)) if handler.type is not None else False
            if is_named is not None:
                return is_named
        return None
    for item in reversed(statement.items):
        call = item.context_expr
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        is_named = True if name in EXPECTING else _is_named(_classes(call.args, frame))
        if is_named is not None:
            return is_named
    return None


def _is_named(classes: Iterable[type]) -> bool | None:
    """Whether classes that catch a refusal name it; None if they do not catch it."""
    catching = [each for each in classes if issubclass(Refused, each)]
    return Refused in catching if catching else None


def _classes(expressions: Iterable[ast.expr], frame: FrameType) -> Iterator[type]:
    """The exception classes that names in a frame stand for, also in tuples."""
    for expression in expressions:
        yield from _classes_of(_value(expression, frame))


def _classes_of(value: Any) -> Iterator[type]:
    if isinstance(value, type):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _classes_of(item)


def _value(expression: ast.expr, frame: FrameType) -> Any:
    """What a name, a member of a module or class, or a tuple of them is; None for other expressions."""
    if isinstance(expression, ast.Tuple):
        return tuple(_value(item, frame) for item in expression.elts)
    if isinstance(expression, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if expression.id in names:
                return names[expression.id]
    if isinstance(expression, ast.Attribute):
        return getattr(_value(expression.value, frame), expression.attr, None)
    return None

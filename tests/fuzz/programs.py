"""Mutations of Python: expressions and statements of its syntax tree, and values that grow."""

from __future__ import annotations

import ast
import json
import random
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.fuzz.snippets import AROUND, EXPRESSIONS, GROWING, STARTS, STATEMENTS


def notebook(data: bytes) -> bytes:
    """A program as a notebook, a cell for each few lines that make sense by themselves."""
    text = data.decode()
    lines = text.splitlines(keepends=True)
    starts = [node.lineno - 1 for node in ast.parse(text).body][::4]
    starts[:1] = [0]
    parts = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": part} for part in parts]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, indent=1).encode()


def _tree(data: bytes) -> ast.Module | None:
    """The syntax tree; None where a mutation before this one has broken it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError):
        return None


def _written(tree: ast.Module, otherwise: bytes) -> bytes:
    try:
        return ast.unparse(ast.fix_missing_locations(tree)).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return otherwise  # a tree that no text has


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _statements(text: str) -> list[ast.stmt]:
    """A list of its own, of statements that only this Python or a newer one reads."""
    try:
        return list(_parsed(text).body)
    except SyntaxError:  # `type X = int` before Python 3.12
        return []


def _slots(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Every expression with the field, and the place in it, that holds it."""
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                yield node, name, None, value
            elif isinstance(value, list):
                for at, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield node, name, at, item


def _bodies(tree: ast.AST) -> list[list[ast.stmt]]:
    """Every list of statements."""
    found = []
    for node in ast.walk(tree):
        found += [v for _, v in ast.iter_fields(node) if isinstance(v, list) and v and isinstance(v[0], ast.stmt)]
    return found


def _put(node: ast.AST, name: str, at: int | None, value: ast.expr) -> None:
    if at is None:
        setattr(node, name, value)
    else:
        getattr(node, name)[at] = value


def _named(draw: random.Random, tree: ast.AST) -> str:
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    return draw.choice(names) if names else "x"


def change_expression(draw: random.Random, data: bytes) -> bytes:
    """An expression becomes another one: of the program, or one that means something odd."""
    tree = _tree(data)
    slots = list(_slots(tree)) if tree is not None else []
    if tree is None or not slots:
        return data
    node, name, at, _ = draw.choice(slots)
    if draw.random() < 0.4:
        other = draw.choice(slots)[3]
    else:
        text = draw.choice(EXPRESSIONS)
        parsed = _statements(text.replace("x", _named(draw, tree)) if draw.random() < 0.5 else text)
        if not parsed or not isinstance(parsed[0], ast.Expr):
            return data
        other = parsed[0].value
    _put(node, name, at, other)
    return _written(tree, data)


def change_statement(draw: random.Random, data: bytes) -> bytes:
    """A statement is dropped, repeated, moved, or another one stands before it."""
    tree = _tree(data)
    bodies = _bodies(tree) if tree is not None else []
    if tree is None or not bodies:
        return data
    body = draw.choice(bodies)
    at = draw.randrange(len(body))
    how = draw.choice(("drop", "repeat", "move", "put", "put", "put"))
    if how == "drop":
        body[at : at + 1] = [] if len(body) > 1 else [ast.Pass()]
    elif how == "repeat":
        body[at:at] = [body[at]] * draw.choice((1, 3, 40))
    elif how == "move":
        body.insert(draw.randint(0, len(body)), body[at])
    else:
        text = draw.choice(STATEMENTS)
        if draw.random() < 0.7:
            text = text.replace("x", _named(draw, tree))
        try:
            body[at:at] = ast.parse(text).body
        except SyntaxError:
            return data
    return _written(tree, data)


def wrap_statement(draw: random.Random, data: bytes) -> bytes:
    """Put a statement into a loop, a branch, a function, a class or the like."""
    tree = _tree(data)
    bodies = _bodies(tree) if tree is not None else []
    if tree is None or not bodies:
        return data
    body = draw.choice(bodies)
    at = draw.randrange(len(body))
    name = _named(draw, tree)
    around = draw.choice(AROUND).replace("N", name)
    text = f"{around}\n    pass" + ("\nfinally:\n    pass" if around == "try:" else "")
    wrapper = ast.parse(text).body
    innermost = [found for found in _bodies(ast.Module(wrapper, [])) if isinstance(found[0], ast.Pass)][-1]
    innermost[:] = [body[at]]
    body[at : at + 1] = wrapper
    return _written(tree, data)


def change_constant(draw: random.Random, data: bytes) -> bytes:
    """A constant is of another kind or size."""
    tree = _tree(data)
    if tree is None:
        return data
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    if not constants:
        return data
    values: list[Any] = [
        None,
        True,
        0,
        -1,
        2**63,
        10**300,
        1e308,
        -0.0,
        "",
        "\ud800",
        "a\0b",
        "x" * 2000,
        b"x",
        3j,
        ...,
    ]
    draw.choice(constants).value = draw.choice(values)
    return _written(tree, data)


def change_call(draw: random.Random, data: bytes) -> bytes:
    """A call has an argument more, fewer, or under another name."""
    tree = _tree(data)
    if tree is None:
        return data
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if not calls:
        return data
    call = draw.choice(calls)
    value = ast.Name(_named(draw, tree), ast.Load())
    how = draw.choice(("star", "spread", "place", "name", "drop", "rename", "repeat"))
    if how in ("star", "place"):
        call.args.append(ast.Starred(value, ast.Load()) if how == "star" else value)
    elif how in ("spread", "name"):
        call.keywords.append(ast.keyword(None if how == "spread" else "max_jobs", value))
    elif how == "drop" and call.args:
        call.args.pop(draw.randrange(len(call.args)))
    elif call.keywords and how == "rename":
        draw.choice(call.keywords).arg = draw.choice(("strategy", "estimator", "tags", "nope", "self", None))
    elif call.keywords:
        call.keywords.append(draw.choice(call.keywords))
    return _written(tree, data)


def grow(draw: random.Random, data: bytes) -> bytes:
    """A value becomes twice as large at each step of a loop, and may be what the program needs."""
    loop = draw.choice(("for i in range(40):", "while True:", "for i in range(3):\n  for j in range(30):"))
    indent = "    " if "\n" not in loop else "     "
    text = f"s = {draw.choice(STARTS)}\n{loop}\n{indent}{draw.choice(GROWING)}\n".encode()
    numbers = list(re.finditer(rb"(?<![\w.])\d+(?![\w.])", data))
    if numbers and draw.random() < 0.6:
        number = draw.choice(numbers)
        data = data[: number.start()] + b"s" + data[number.end() :]
    return text + data


PYTHON = [
    *(change_expression, change_expression, change_expression, change_statement, change_statement),
    *(wrap_statement, wrap_statement, change_constant, change_call, change_call, grow),
]
"""Mutations that keep most programs programs."""

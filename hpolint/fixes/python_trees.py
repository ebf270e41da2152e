"""The syntax tree of a module or cell, with look-ups of expressions, calls and statements by offset."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from functools import cached_property

import msgspec

from hpolint.fixes.changes import NoEditError
from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import LINE_END, Problem, Unit
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.notebook import without_magics

MAX_DEPTH = 60
"""Nesting levels up to which a statement is passed to libcst."""

COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Entry(msgspec.Struct, frozen=True):
    """A named member of a call or dict: its name's node and its value."""

    holder: ast.Call | ast.Dict
    name: ast.keyword | ast.expr
    value: ast.expr


class PythonTree:
    """The parsed text of a module or cell. Raises NoEditError if it does not parse."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.root = _parsed(text)
        except Problem as problem:
            raise NoEditError(f"the source does not parse: {problem.reason}") from None

    def offsets(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias | ast.arg) -> tuple[int, int]:
        """The start and end offset of a node."""
        return (
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        text = self.text[start:end]
        if text.isascii():
            return start + column
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """The nodes with a span, and the root, level by level."""
        return list(walk(self.root))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of each node."""
        parents: dict[ast.AST, ast.AST] = {}
        for node in self.nodes:
            parents |= dict.fromkeys(ast.iter_child_nodes(node), node)
        return parents

    def expression(self, start: int, end: int) -> ast.expr:
        """The expression between two offsets."""
        expression = self._expressions.get((start, end))
        if expression is None:
            raise NoEditError("the value is not a separate expression")
        return expression

    def call(self, start: int, end: int) -> ast.Call:
        """The call whose function has its last name between two offsets."""
        call = self._calls.get((start, end))
        if call is None:
            raise NoEditError("there is no call at this place")
        return call

    def entry(self, start: int, end: int) -> Entry:
        """The argument of a call, or the entry of a dict, whose name is between two offsets."""
        entry = self._entries.get(start)
        if entry is None or start >= end:
            raise NoEditError("there is no argument or dict entry at this place")
        return entry

    @cached_property
    def _entries(self) -> dict[int, Entry]:
        entries: dict[int, Entry] = {}
        for node in self.nodes:
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg is not None:
                        entries[self.offsets(keyword)[0]] = Entry(node, keyword, keyword.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is not None:
                        entries[self.offsets(key)[0]] = Entry(node, key, value)
        return entries

    @cached_property
    def _expressions(self) -> dict[tuple[int, int], ast.expr]:
        """The outermost expression for each start and end offset."""
        expressions: dict[tuple[int, int], ast.expr] = {}
        for node in self.nodes:
            if isinstance(node, ast.expr):
                expressions.setdefault(self.offsets(node), node)
        return expressions

    @cached_property
    def _calls(self) -> dict[tuple[int, int], ast.Call]:
        """The calls by the start and end offset of the last name of their function."""
        calls: dict[tuple[int, int], ast.Call] = {}
        for node in self.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                begin, finish = self.offsets(node.func)
                if isinstance(node.func, ast.Attribute):
                    begin = finish - len(node.func.attr)
                calls.setdefault((begin, finish), node)
        return calls

    def statement(self, node: ast.AST) -> ast.stmt:
        """The simple statement that contains a node. Raises NoEditError for a compound or deeply nested statement."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        if isinstance(node, (*COMPOUND, *DEFINITIONS)):
            raise NoEditError("it is in the header of a block")
        if _depth(node) > MAX_DEPTH:
            raise NoEditError("it is nested too deeply")
        return node

    def ancestors(self, node: ast.AST) -> list[ast.AST]:
        """The ancestors of a node, the parent first."""
        ancestors = []
        while node in self.parents:
            node = self.parents[node]
            ancestors.append(node)
        return ancestors


def nodes_of(trees: Iterable[PythonTree]) -> list[tuple[PythonTree, ast.AST]]:
    """Every node of some trees, with its tree."""
    nodes: list[tuple[PythonTree, ast.AST]] = []
    for tree in trees:
        nodes += [(tree, node) for node in tree.nodes]
    return nodes


def last_name(callee: ast.expr) -> str:
    """The name of a called function, or of a method; empty for other callees."""
    if isinstance(callee, ast.Attribute):
        return callee.attr
    return callee.id if isinstance(callee, ast.Name) else ""


def _parsed(text: str) -> ast.Module:
    try:
        return _unit(text).parse()
    except Problem:
        return _unit(without_magics(text)).parse()


def _unit(text: str) -> Unit:
    return Unit(Source("", text), text, lambda offset: (offset, offset + 1))


def _depth(node: ast.AST) -> int:
    deepest, pending = 0, [(node, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest

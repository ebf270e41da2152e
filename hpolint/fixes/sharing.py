"""Who else uses what a fix of Python would change: other readers of a name, of a dict, of an estimator.

What the proof does not see is looked for here: it reads tuning jobs, and a name may be printed, imported, trained with.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

import msgspec

from hpolint.fixes.changes import NoEditError
from hpolint.fixes.python_trees import DEFINITIONS, PythonTree
from hpolint.io import disk
from hpolint.io.files import LEADS_OUT, TooLargeError, leads_out, read_file

MAGIC = re.compile(r"^[ \t]*(?:[%!?].*|[\w, ]+=\s*[%!].*)$", re.MULTILINE)
MOST_FILES, LARGEST = 200, 1024 * 1024
"""Other modules of a folder that are searched, and the bytes of one."""

HARMLESS_CALLS = frozenset({"print", "pprint", "display", "len", "dumps"})
HARMLESS_METHODS = frozenset({"update", "setdefault", "pop", "items", "keys", "values"})
"""What looks at a dict, or adds to it, and does not hand it on."""

TRAINS = frozenset({"fit", "train"})

LOOPS = (ast.For, ast.AsyncFor, ast.While, *DEFINITIONS)
"""What stands in them may have its turn again."""

Turn: TypeAlias = tuple[int, int, int]


class Pieces(msgspec.Struct, dict=True):
    """All Python of a source. ``unparsed`` are the texts that are none, as cells with shell lines."""

    name: str
    trees: list[PythonTree]
    unparsed: list[str] = msgspec.field(default_factory=list)

    @cached_property
    def nodes(self) -> list[tuple[PythonTree, ast.AST]]:
        """Every node, with its tree."""
        return [(tree, node) for tree in self.trees for node in ast.walk(tree.root)]


def check_value(pieces: Pieces, tree: PythonTree, value: ast.expr, readers: int = 1) -> None:
    """Raises NoEditError where a literal, or the dict that it stands in, has other readers than so many jobs."""
    below: ast.AST = value
    in_dict = is_dict(value)
    for node in tree.around(value):
        _check_place(node)
        if isinstance(node, ast.NamedExpr):
            check_name(pieces, node.target.id, reads=readers - 1)
            return
        if is_dict(node):
            in_dict = True
        elif isinstance(node, ast.Call) or (isinstance(node, ast.Subscript) and not in_dict):
            return
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name in _targets(node, below, in_dict=in_dict):
                in_class = any(isinstance(each, ast.ClassDef) for each in tree.around(node)[:1])
                check_name(pieces, name, reads=readers, in_dict=in_dict, in_class=in_class)
            return
        if isinstance(node, ast.stmt):
            return
        below = node


def is_dict(node: ast.AST) -> bool:
    """Whether a dict is written there, in braces or as a call."""
    return isinstance(node, ast.Dict) or (isinstance(node, ast.Call) and _is_named(node.func, "dict"))


def _check_place(node: ast.AST) -> None:
    if isinstance(node, ast.arguments):
        raise NoEditError("it is a parameter's default: other calls use it, too")
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        raise NoEditError("a loop goes through it")
    if isinstance(node, ast.IfExp):
        raise NoEditError("it is one branch of a choice")


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, below: ast.AST, *, in_dict: bool) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Name) and (in_dict or statement.value is below):
            yield target.id
        elif not isinstance(target, ast.Attribute | ast.Subscript):
            raise NoEditError("it is given to several names at once")


def check_name(pieces: Pieces, name: str, *, reads: int = 1, in_dict: bool = False, in_class: bool = False) -> None:
    """Raises NoEditError where a name is read more often than so, or bound more than once, here or in other files."""
    found = stored = 0
    for tree, node in pieces.nodes:
        if isinstance(node, ast.Name) and node.id == name:
            if not isinstance(node.ctx, ast.Load):
                stored += 1
            elif not (in_dict and _is_harmless(tree, node)):
                found += 1
        elif in_class and isinstance(node, ast.Attribute) and node.attr == name:
            found += 1
        elif _names_otherwise(node, name):
            stored += 1
    if found > reads or stored != 1 or _is_used_in_text(pieces, name):
        raise NoEditError(f"`{name}` is used elsewhere, too")


def _is_harmless(tree: PythonTree, node: ast.Name) -> bool:
    """Whether a dict is only looked at, or added to."""
    parent = tree.parents.get(node)
    if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
        return True
    if isinstance(parent, ast.Attribute):
        return parent.attr in HARMLESS_METHODS
    if isinstance(parent, ast.Call) and node in parent.args:
        called = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
        return called in HARMLESS_CALLS
    return False


def _names_otherwise(node: ast.AST, name: str) -> bool:
    """Whether a name is bound in another way: as a parameter, an import, for another scope, or for whoever imports."""
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name) == name
    if isinstance(node, ast.Constant):
        return node.value == name
    return isinstance(node, ast.Global | ast.Nonlocal) and name in node.names


def _is_used_in_text(pieces: Pieces, name: str) -> bool:
    """Whether shell lines and magics, a cell that does not parse, or another module of the folder have the name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    lines = (line for tree in pieces.trees for line in MAGIC.findall(tree.text))
    return any(word.search(text) for text in (*pieces.unparsed, *lines)) or _is_imported(pieces.name, word)


def _is_imported(source: str, word: re.Pattern[str]) -> bool:
    """Whether another module of the same folder speaks of this one and of the name.

    Raises NoEditError where that cannot be seen: a folder or a module that cannot be read, or too many of them.
    """
    folder, own = os.path.split(source)
    if not own.endswith(".py") or not disk.is_folder(folder or "."):
        return False
    stem = re.compile(rf"\b{re.escape(own.removesuffix('.py'))}\b")
    try:
        others = [each for each in disk.names(folder or ".") if each.endswith(".py") and each != own]
        if len(others) > MOST_FILES:
            raise NoEditError(f"its folder holds more than {MOST_FILES} other modules, which may import it")
        for other in others:
            if leads_out(os.path.join(folder, other), []):
                raise NoEditError(f"{other} is {LEADS_OUT}: it may import the value")
            text = read_file(os.path.join(folder, other), LARGEST).decode("utf-8", "replace")
            if stem.search(text) and word.search(text):
                return True
    except TooLargeError as error:
        raise NoEditError(f"{other} is {error.strerror}, too large to see whether it imports the value") from None
    except OSError as error:
        raise NoEditError(f"the other modules of the folder cannot be read: {error.strerror}") from None
    return False


def check_object(pieces: Pieces, tree: PythonTree, made: ast.Call, tuner: ast.Call | None = None) -> None:
    """Raises NoEditError where an object that a tuner is given trains by itself, too, or is made for others as well.

    What is made within the call of the ``tuner`` is its own.
    """
    for node in tree.around(made):
        if node is tuner:
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if _calls_of(pieces, node.name) > 1:
                raise NoEditError(f"`{node.name}` is called elsewhere, too")
            return
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and _trains(pieces, tree, node, target.id):
                    raise NoEditError(f"`{target.id}` also trains by itself, which would change, too")
        if isinstance(node, ast.ClassDef):
            return


def _calls_of(pieces: Pieces, name: str) -> int:
    return sum(isinstance(node, ast.Call) and _is_named(node.func, name) for _, node in pieces.nodes)


def _trains(pieces: Pieces, tree: PythonTree, made: ast.Assign, name: str) -> bool:
    """Whether what a statement gives a name trains by it, and not what the name was given before or afterwards."""
    trained = [
        (each, node)
        for each, node in pieces.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TRAINS
        and _is_named(node.func.value, name)
    ]
    if not trained or any(isinstance(each, LOOPS) for each in tree.around(made)):
        return bool(trained)
    start = _turn(pieces, tree, made)
    ends = [turn for each in pieces.trees for turn in _bound_anew(pieces, each, name) if turn > start]
    end = min(ends, default=(len(pieces.trees), 0, 0))
    return any(
        start < _turn(pieces, each, node) < end or any(isinstance(around, DEFINITIONS) for around in each.around(node))
        for each, node in trained
    )


def _turn(pieces: Pieces, tree: PythonTree, node: ast.stmt | ast.expr) -> Turn:
    """When a node's turn comes, from the source's first cell to its last; no matter for what stands in a function."""
    return pieces.trees.index(tree), node.lineno, node.col_offset


def _bound_anew(pieces: Pieces, tree: PythonTree, name: str) -> Iterator[Turn]:
    """Where a name is given what another call makes, whichever way the program goes."""
    for node in tree.root.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            is_own = any(_is_named(each, name) for each in ast.walk(node.value))
            if not is_own and any(_is_named(target, name) for target in node.targets):
                yield _turn(pieces, tree, node)


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name

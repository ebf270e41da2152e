"""Checks that no other code uses a value, dict or estimator that a fix of Python changes.

Verification compares only tuning jobs. A changed name may also be printed, imported or used for training.
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
from hpolint.fixes.other_files import names_beside, text_beside
from hpolint.fixes.python_trees import DEFINITIONS, PythonTree, last_name, nodes_of
from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.notebook import RUN_MAGIC

MAGIC = lazy_regex(r"^[ \t]*(?:[%!?].*|[\w, ]+=\s*[%!].*)$", re.MULTILINE)
MAX_FILES, MAX_FILE_BYTES = 200, 1024 * 1024
"""Number of other modules of a folder that are searched, and the size of each."""

HARMLESS_CALLS = frozenset({"print", "pprint", "display", "len", "dumps"})
HARMLESS_METHODS = frozenset({"update", "setdefault", "pop", "items", "keys", "values"})
"""Calls and methods that read or extend a dict without passing it on."""

TRAINS = frozenset({"fit", "train"})

REPEATED = (ast.For, ast.AsyncFor, ast.While, *DEFINITIONS)
"""Nodes whose content may run more than once."""

Position: TypeAlias = tuple[int, int, int]


class Pieces(msgspec.Struct, dict=True):
    """All Python of a source. ``unparsed`` are texts that do not parse, such as cells with shell lines."""

    name: str
    trees: list[PythonTree]
    unparsed: list[str] = msgspec.field(default_factory=list)

    @cached_property
    def nodes(self) -> list[tuple[PythonTree, ast.AST]]:
        """Every node, with its tree."""
        return nodes_of(self.trees)


def check_value(pieces: Pieces, tree: PythonTree, value: ast.expr, readers: int = 1) -> None:
    """Raise NoEditError if a literal, or the dict that contains it, is used by more than ``readers`` jobs."""
    child: ast.AST = value
    in_dict = is_dict(value)
    for node in tree.ancestors(value):
        _check_place(node)
        if isinstance(node, ast.NamedExpr):
            check_name(pieces, node.target.id, reads=readers - 1)
            return
        if is_dict(node):
            in_dict = True
        elif isinstance(node, ast.Call) or (isinstance(node, ast.Subscript) and not in_dict):
            return
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name in _targets(node, child, in_dict=in_dict):
                in_class = isinstance(tree.parents.get(node), ast.ClassDef)
                check_name(pieces, name, reads=readers, in_dict=in_dict, in_class=in_class)
            return
        if isinstance(node, ast.stmt):
            return
        child = node


def is_dict(node: ast.AST) -> bool:
    """Whether a node is a dict literal or a call of ``dict``."""
    return isinstance(node, ast.Dict) or (isinstance(node, ast.Call) and _is_named(node.func, "dict"))


def _check_place(node: ast.AST) -> None:
    if isinstance(node, ast.arguments):
        raise NoEditError("it is a parameter's default: other calls use it, too")
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        raise NoEditError("a loop iterates over it")
    if isinstance(node, ast.IfExp):
        raise NoEditError("it is one branch of a conditional expression")


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, child: ast.AST, *, in_dict: bool) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Name) and (in_dict or statement.value is child):
            yield target.id
        elif not isinstance(target, ast.Attribute | ast.Subscript):
            raise NoEditError("it is assigned to several names at once")


def check_name(pieces: Pieces, name: str, *, reads: int = 1, in_dict: bool = False, in_class: bool = False) -> None:
    """Raise NoEditError if a name is read more than ``reads`` times or bound more than once, here or elsewhere."""
    loads = stores = 0
    for tree, node in pieces.nodes:
        if isinstance(node, ast.Name) and node.id == name:
            if not isinstance(node.ctx, ast.Load):
                stores += 1
            elif not (in_dict and _is_harmless(tree, node)):
                loads += 1
        elif in_class and isinstance(node, ast.Attribute) and node.attr == name:
            loads += 1
        elif _binds_otherwise(node, name):
            stores += 1
    if loads > reads or stores != 1 or _is_used_in_text(pieces, name):
        raise NoEditError(f"`{name}` is used elsewhere, too")


def _is_harmless(tree: PythonTree, node: ast.Name) -> bool:
    """Whether a dict is only read or extended at a use of its name."""
    parent = tree.parents.get(node)
    if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
        return True
    if isinstance(parent, ast.Attribute):
        return parent.attr in HARMLESS_METHODS
    if isinstance(parent, ast.Call) and node in parent.args:
        return last_name(parent.func) in HARMLESS_CALLS
    return False


def _binds_otherwise(node: ast.AST, name: str) -> bool:
    """Whether a node binds a name as a parameter, import, global or nonlocal, or exports it in a string."""
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name) == name
    if isinstance(node, ast.Constant):
        return node.value == name
    return isinstance(node, ast.Global | ast.Nonlocal) and name in node.names


def _is_used_in_text(pieces: Pieces, name: str) -> bool:
    """Whether shell lines, magics, unparsed cells or other modules of the folder contain the name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    texts = list(pieces.unparsed)
    for tree in pieces.trees:
        texts += MAGIC.findall(tree.text)
    return any(word.search(text) for text in texts) or importing_module(pieces.name, word) is not None


def magic_lines(tree: PythonTree) -> list[str]:
    """The lines of a tree that IPython runs in its own way; all other lines are empty."""
    lines = tree.text.split("\n")
    return [line if MAGIC.match(line) and not RUN_MAGIC.match(line) else "" for line in lines]


def importing_module(source: str, word: re.Pattern[str]) -> str | None:
    """Another module of the same folder that contains both this module's name and the word; None if there is none.

    Raises NoEditError if the folder or a module cannot be read, or if there are too many modules.
    """
    name = os.path.basename(source)
    if not name.endswith(".py"):
        return None
    stem = re.compile(rf"\b{re.escape(name.removesuffix('.py'))}\b")
    try:
        others = names_beside(source, (".py",))
        if len(others) > MAX_FILES:
            raise NoEditError(f"its folder holds more than {MAX_FILES} other modules, which may import it")
        for other in others:
            text = text_beside(source, other, MAX_FILE_BYTES, "import")
            if stem.search(text) and word.search(text):
                return other
    except OSError as error:
        raise NoEditError(f"the other modules of the folder cannot be read: {error.strerror}") from None
    return None


def check_object(pieces: Pieces, tree: PythonTree, made: ast.Call, tuner: ast.Call | None = None) -> None:
    """Raise NoEditError if an object passed to a tuner also trains by itself, or is created for other uses, too.

    An object created within the call of the ``tuner`` has no other uses.
    """
    for node in tree.ancestors(made):
        if node is tuner:
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if _calls_of(pieces, node.name) > 1:
                raise NoEditError(f"`{node.name}` is called elsewhere, too")
            return
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and _trains(pieces, tree, node, target.id):
                    raise NoEditError(f"`{target.id}` also trains by itself, and that would change, too")
        if isinstance(node, ast.ClassDef):
            return


def _calls_of(pieces: Pieces, name: str) -> int:
    return sum(isinstance(node, ast.Call) and _is_named(node.func, name) for _, node in pieces.nodes)


def _trains(pieces: Pieces, tree: PythonTree, made: ast.Assign, name: str) -> bool:
    """Whether the object that a statement assigns to a name trains, not another object assigned to that name."""
    is_repeated = any(isinstance(ancestor, REPEATED) for ancestor in tree.ancestors(made))
    start = _position(pieces, tree, made)
    for training_tree, node in pieces.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in TRAINS:
            continue
        if not _is_named(node.func.value, name):
            continue
        if is_repeated or any(isinstance(ancestor, DEFINITIONS) for ancestor in training_tree.ancestors(node)):
            return True
        if start < _position(pieces, training_tree, node) < _next_rebinding(pieces, name, start):
            return True
    return False


def _next_rebinding(pieces: Pieces, name: str, start: Position) -> Position:
    """The position after ``start`` from which a name stands for another object; the end of the source if none does."""
    turns: list[Position] = []
    for tree in pieces.trees:
        turns += [turn for turn in _rebindings(pieces, tree, name) if turn > start]
    return min(turns, default=(len(pieces.trees), 0, 0))


def _position(pieces: Pieces, tree: PythonTree, node: ast.stmt | ast.expr) -> Position:
    """A node's position in execution order, from the first cell to the last; meaningless within functions."""
    return pieces.trees.index(tree), node.lineno, node.col_offset


def _rebindings(pieces: Pieces, tree: PythonTree, name: str) -> Iterator[Position]:
    """The positions of module-level statements that assign the result of another call to a name."""
    for node in tree.root.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            is_own = any(_is_named(part, name) for part in ast.walk(node.value))
            if not is_own and any(_is_named(target, name) for target in node.targets):
                yield _position(pieces, tree, node)


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name

"""The paths of files that a notebook's cells write, with the names that IPython expands in the line of a cell magic.

``%%writefile {FOLDER}/train.py`` and ``%%writefile $FOLDER/train.py`` write below the value of ``FOLDER``. It is known
if each statement that binds the name, in any cell, gives it the same text or path. Nothing is claimed about a notebook
whose names may be bound in other ways. Source: IPython 8.12, ``InteractiveShell.var_expand``.
"""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import WrittenFile
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.named_definitions import names_set
from hpolint.readers.python.notebook import without_magics
from hpolint.readers.python.training_script.script_trees import BINDING, bound_names

EXPANDED = lazy_regex(r"\{(?P<expression>[^{}!:]+)\}|\$(?P<name>[A-Za-z_]\w*)(?=/|\Z)|(?P<other>[{}$])")
"""What IPython replaces in a path: an expression, or a name. Other brackets and dollars are not analysed."""

MAX_PATH_CHARACTERS = 1_000
MAX_DEPTH = 20
"""Names whose values need each other, one after another."""

PATH_CLASSES = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})
JOINING = "os.path.join"
INDIRECT = frozenset({"exec", "eval", "setattr", "get_ipython", "__main__", "globals", "locals", "vars"})
"""Names through which variables may be bound in other ways, unless only a key is looked up."""

REBINDING_MAGICS = lazy_regex(r"^[ \t]*%{1,2}[ \t]*(?:run|store|load|aimport|capture|pylab|cd)\b|.*\bchdir\b")
"""Lines that may bind names, or change the folder in which files are written."""


def with_expanded_paths(files: Sequence[WrittenFile], units: Sequence[Unit]) -> list[WrittenFile]:
    """The files that the cells of a notebook write, with expanded paths where the names in them are known."""
    if not any(EXPANDED.search(file.path) for file in files):
        return list(files)
    bindings = _Bindings(units)
    return [replace(file, path=bindings.expanded(file.path, file.cell.number)) for file in files]


class _Bindings:
    """What the names of a notebook are bound to."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._counts: Counter[str] = Counter()
        self._values: dict[str, list[tuple[int, ast.expr]]] = {}
        self._imports: Counter[tuple[str, str]] = Counter()
        self._is_open = False
        self._texts: dict[str, str | None] = {}
        self._open_names: set[str] = set()
        for unit in units:
            self._add(unit)

    def expanded(self, path: str, cell: int) -> str:
        """A path in the line of a cell's magic; as it is written if a part of it is not known."""
        if self._is_open or len(path) > MAX_PATH_CHARACTERS:
            return path
        parts: list[str] = []
        at = 0
        for match in EXPANDED.finditer(path):
            text = self._replacement(match["expression"] or match["name"], cell)
            if text is None:
                return path
            parts += [path[at : match.start()], text]
            at = match.end()
        return "".join([*parts, path[at:]])

    def _replacement(self, expression: str | None, cell: int) -> str | None:
        try:
            tree = ast.parse((expression or "").strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return self._text(tree.body, cell)

    def _add(self, unit: Unit) -> None:
        self._is_open = self._is_open or any(map(REBINDING_MAGICS.match, unit.text.split("\n")))
        tree = _parsed(unit)
        if tree is None:
            self._counts.update(names_set(unit.text))
            return
        looked_up = _looked_up(tree)
        for node in walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._is_open |= node.id in INDIRECT and node not in looked_up
            elif type(node) in BINDING:
                self._counts.update(bound_names(node))
        self._is_open |= "*" in self._counts
        if not unit.is_for_parameters:
            self._add_values(tree, unit.number)

    def _add_values(self, tree: ast.Module, cell: int) -> None:
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._values.setdefault(name, []).append((cell, value))
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._values.setdefault(name, []).append((cell, value))
                case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                    module = getattr(statement, "module", None) or ""
                    for alias in aliases:
                        self._imports[alias.asname or alias.name.partition(".")[0], f"{module}.{alias.name}"] += 1

    def _value(self, name: str, cell: int) -> str | None:
        """The text of a name's value at a cell; None if it is not known."""
        bound = self._values.get(name, [])
        if not bound or len(bound) < self._counts[name] or bound[0][0] >= cell:  # the first: cells are in order
            return None
        if name not in self._texts and len(self._open_names) < MAX_DEPTH and name not in self._open_names:
            self._open_names.add(name)
            texts = {self._text(value, own_cell + 1) for own_cell, value in bound}
            self._open_names.remove(name)
            self._texts[name] = texts.pop() if len(texts) == 1 else None
        return self._texts.get(name)

    def _text(self, expression: ast.expr, cell: int) -> str | None:
        """The text of an expression that makes a text or path; None if it is not known."""
        match expression:
            case ast.Constant(value=str() as text):
                return text
            case ast.Name(id=name):
                return self._value(name, cell)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right], cell)
            case ast.Call(func=ast.Attribute(value=path, attr="as_posix"), args=[], keywords=[]):
                return self._text(path, cell)
            case ast.Call(func=ast.Name(id="str"), args=[path], keywords=[]) if not self._counts["str"]:
                return self._text(path, cell)
            case ast.Call(args=[_, *_] as parts, keywords=[]) if self._joins(expression.func):
                return self._joined(parts, cell)
        return None

    def _joined(self, parts: Iterable[ast.expr], cell: int) -> str | None:
        texts: list[str] = []
        for part in parts:
            text = self._text(part, cell)
            if text is None:
                return None
            texts.append(text)
        joined = posixpath.join(*texts)
        return joined if len(joined) <= MAX_PATH_CHARACTERS else None

    def _joins(self, function: ast.expr) -> bool:
        """Whether a function joins its arguments to a path: a class of pathlib, or ``os.path.join``."""
        if isinstance(function, ast.Name):
            full = f"pathlib.{function.id}"
            return function.id in PATH_CLASSES and self._is_only(function.id, full)
        text = ast.unparse(function)
        if text == JOINING:
            return self._is_only("os", ".os") or self._is_only("os", ".os.path")
        return text.removeprefix("pathlib.") in PATH_CLASSES and self._is_only("pathlib", ".pathlib")

    def _is_only(self, name: str, imported: str) -> bool:
        """Whether all statements that bind a name import the same."""
        return 0 < self._counts[name] == self._imports[name, imported]


def _looked_up(tree: ast.Module) -> set[ast.AST]:
    """The names of functions such as ``globals`` where only a key of what they return is looked up."""
    found: set[ast.AST] = set()
    for node in walk(tree):
        match node:
            case ast.Attribute(value=ast.Call(func=ast.Name() as function), attr="get"):
                found.add(function)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Call(func=ast.Name() as function)]):
                found.add(function)
    return found


def _parsed(unit: Unit) -> ast.Module | None:
    """The tree of a cell, without IPython's lines; None if it does not parse."""
    text = without_magics(unit.text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Unit(unit.source, text, unit.place, unit.cell, unit.number).parse()
        except Problem:
            return None

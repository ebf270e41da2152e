"""What a Python source declares about values that it leaves unknown, such as the choices of an option.

Such a value depends on who runs the program. Which values are possible is written in the source nevertheless: in a call
that declares an option (argparse, click), in a default, or in the annotation of a parameter or field.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from itertools import chain

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import PYTHON_SUFFIXES
from hpolint.model.source import Source, Span
from hpolint.readers.python.notebook import without_magics

NAME = lazy_regex(r"[A-Za-z_]\w*")
SETS_DEFAULTS = "set_defaults"
EXPLANATIONS = frozenset({"help", "metavar"})
"""Arguments of a declaration that are only shown."""

MAX_ROUNDS = 5
"""Names that are followed from a declaration: a constant that is made from another one, and so on."""


def value_declarations(source: Source, places: Iterable[Span]) -> list[str]:
    """The expressions at some places of a source and what it declares about them, without their layout.

    The place of an option may be that of its name, ``"--instance-type"``. The modules of the repository that the source
    imports count as well.
    """
    expressions = {source.read(place) for place in places}
    names = {name.lower() for name in NAME.findall("\n".join(expressions))}
    names |= {expression.strip("\"'").lstrip("-").replace("-", "_").lower() for expression in expressions}
    nodes = list(chain.from_iterable(map(ast.walk, _trees(source))))
    declarations: list[ast.AST] = []
    for node in nodes:
        declarations += _declarations(node, names)
    dumped = {*map(_without_layout, expressions), *map(ast.dump, declarations)}
    return sorted(dumped | _definitions(nodes, declarations))


def _trees(source: Source) -> Iterator[ast.Module]:
    texts = [cell.text.text for cell in source.cells] if source.cells else [source.text]
    for path, data in source.beside.values():
        if path.endswith(PYTHON_SUFFIXES[:2]):
            texts.append(data.decode("utf-8", "replace"))
    for text in texts:
        tree = _parsed(text) or _parsed(without_magics(text))
        if tree is not None:
            yield tree


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are not hpolint's to report
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _without_layout(expression: str) -> str:
    tree = _parsed(expression.strip())
    return ast.dump(tree) if tree is not None else " ".join(expression.split())


def _declarations(node: ast.AST, names: set[str]) -> Iterator[ast.AST]:
    """The parts of a node that declare the possible values of one of the names."""
    if isinstance(node, ast.Call) and _declares(node, names):
        kept = [keyword for keyword in node.keywords if keyword.arg not in EXPLANATIONS]
        yield ast.Call(node.func, node.args, kept)
    elif isinstance(node, ast.arguments):
        yield from _parameters(node, names)
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id.lower() in names:
        yield node


def _declares(call: ast.Call, names: set[str]) -> bool:
    """Whether a call names an option: as an argument, as its ``dest``, or as one whose default it sets."""
    values = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "dest")]
    if any(_option_name(value) in names for value in values):
        return True
    is_setting = isinstance(call.func, ast.Attribute) and call.func.attr == SETS_DEFAULTS
    return is_setting and any((keyword.arg or "").lower() in names for keyword in call.keywords)


def _option_name(value: ast.expr) -> str | None:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    return value.value.lstrip("-").replace("-", "_").lower()


def _parameters(node: ast.arguments, names: set[str]) -> Iterator[ast.AST]:
    positional = [*node.posonlyargs, *node.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.defaults)) + [*node.defaults]
    pairs = [*zip(positional, defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    for parameter, default in pairs:
        if parameter.arg.lower() not in names:
            continue
        yield parameter
        if default is not None:
            yield default


def _definitions(nodes: list[ast.AST], declarations: list[ast.AST]) -> set[str]:
    """The constants and classes that the declarations name, with those that these are made from."""
    by_name: dict[str, list[ast.AST]] = {}
    for node in nodes:
        for name in _defined(node):
            by_name.setdefault(name, []).append(node)
    dumped: set[str] = set()
    followed: set[str] = set()
    latest = declarations
    for _ in range(MAX_ROUNDS):
        names = set(chain.from_iterable(map(_loaded, latest))) - followed
        followed |= names
        latest = list(chain.from_iterable(by_name.get(name, ()) for name in names))
        dumped |= set(map(ast.dump, latest))
    return dumped


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign | ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _loaded(node: ast.AST) -> Iterator[str]:
    """The names and members that an expression uses: a constant may be a member of an imported module."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr

"""Small mistakes in hpolint's own source: another operator or constant, a function that returns nothing.

The operators are cosmic-ray's, used as a library: its own runs go through all places of a module in turn, while a
random sample over several modules is what a night has time for.
"""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

OPERATORS = re.compile(
    r"core/(?:AddNot|NumberReplacer|Replace(?:AndWithOr|OrWithAnd|TrueWithFalse|FalseWithTrue|BreakWithContinue"
    r"|ContinueWithBreak|BinaryOperator_\w+|UnaryOperator_\w+|ComparisonOperator_\w+)|ZeroIterationForLoop)\Z"
)

SAME = re.compile(r".*_(?:Is_Eq|Eq_Is|IsNot_NotEq|NotEq_IsNot)\Z")
"""Operators that nearly always leave a program as it is: None, true and small values are the same and equal."""

RETURN = "return nothing"

Position = tuple[int, int]
"""Line from 1, column from 0."""


@dataclass(frozen=True)
class Mutant:
    """One mistake: a module of hpolint with it, and its place."""

    module: str
    line: int
    operator: str
    before: str
    text: str

    def description(self) -> str:
        """The place, the operator, and the line before and after."""
        after = self.text.splitlines()[self.line - 1].strip()
        return f"{self.module}:{self.line}: {self.operator}\n    - {self.before}\n    + {after}"


def sample(package: Path, modules: Sequence[Path], count: int, seed: int) -> list[Mutant]:
    """So many mutants of some modules at random, or one of each place: each is as likely as any other.

    How many operators fit a place says nothing of it.
    """
    draw = random.Random(seed)
    places = [(path, at, fits) for path in modules for at, fits in sorted(_places(path).items())]
    draw.shuffle(places)
    found = (_mutant(package, path, at, *draw.choice(fits)) for path, at, fits in places)
    return list(islice((mutant for mutant in found if mutant is not None), count))


def _mutant(package: Path, path: Path, at: Position, operator: str, occurrence: int) -> Mutant | None:
    """The mutant; None where it is no Python, as a star of ``{**a}`` that is taken for an operator."""
    source = path.read_text(encoding="utf-8")
    text = _mutated(source, operator, occurrence)
    try:
        ast.parse(text)
    except SyntaxError:
        return None
    return Mutant(path.relative_to(package).as_posix(), at[0], operator, source.splitlines()[at[0] - 1].strip(), text)


def _places(path: Path) -> dict[Position, list[tuple[str, int]]]:
    """The places of a module that can be mutated, each with the operators and which of its occurrences that is."""
    source = path.read_text(encoding="utf-8")
    skipped, between = _skipped(source), _between_operands(source)
    found: dict[Position, list[tuple[str, int]]] = defaultdict(list)
    for name, occurrence, at in _occurrences(source):
        if not _is_in(at, skipped) and ("BinaryOperator" not in name or _is_in(at, between)):
            found[at].append((name, occurrence))
    return found


def _is_in(at: Position, stretches: Iterable[tuple[Position, Position]]) -> bool:
    return any(start <= at < end for start, end in stretches)


def _between_operands(source: str) -> list[tuple[Position, Position]]:
    """Where operators stand: a star before an argument or between them is none."""
    pairs = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp):
            pairs.append((node.left, node.right))
        elif isinstance(node, ast.AugAssign):
            pairs.append((node.target, node.value))
    return [((a.end_lineno or 0, a.end_col_offset or 0), (b.lineno, b.col_offset)) for a, b in pairs]


def _skipped(source: str) -> list[tuple[Position, Position]]:
    """Code without effect on verdicts: annotations, type imports, decorators, a class's options, ``strict=`` of zip."""
    nodes: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            nodes += node.decorator_list
        if isinstance(node, ast.ClassDef):
            nodes += [keyword.value for keyword in node.keywords]
        if isinstance(node, ast.FunctionDef):
            nodes += [node.returns] if node.returns else []
        if isinstance(node, ast.arg | ast.AnnAssign):
            nodes += [node.annotation] if node.annotation else []
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TYPE_CHECKING":
            nodes.append(node.value)
        if isinstance(node, ast.keyword) and node.arg == "strict":
            nodes.append(node.value)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            nodes.append(node.test)
    return [((n.lineno, n.col_offset), (n.end_lineno or 0, n.end_col_offset or 0)) for n in nodes]


@cache
def _operators() -> dict[str, Any]:
    from cosmic_ray import plugins

    names = [name for name in plugins.operator_names() if OPERATORS.match(name) and not SAME.match(name)]
    return {name: plugins.get_operator(name)() for name in sorted(names)}


def _occurrences(source: str) -> Iterator[tuple[str, int, Position]]:
    """Every operator with each of its places, numbered as cosmic-ray numbers them."""
    from cosmic_ray.ast import ast_nodes, get_ast

    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in _operators().items():
        starts = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        yield from ((name, occurrence, at) for occurrence, at in enumerate(starts))
    for occurrence, node in enumerate(_returns(source)):
        yield RETURN, occurrence, (node.lineno, node.col_offset)


def _returns(source: str) -> list[ast.Return]:
    """Statements that return something other than None or False, which a caller's test takes for the same."""
    returns = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Return) and node.value is not None]
    return [
        node
        for node in returns
        if not (isinstance(node.value, ast.Constant) and (node.value.value is None or node.value.value is False))
    ]


def _mutated(source: str, name: str, occurrence: int) -> str:
    if name == RETURN:
        return _without_value(source, _returns(source)[occurrence])
    from cosmic_ray.mutating import mutate_code

    text: str = mutate_code(source, _operators()[name], occurrence)
    return text


def _without_value(source: str, node: ast.Return) -> str:
    lines = source.splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    rest = lines[last].encode()[node.end_col_offset or 0 :].decode()
    return "".join(
        [*lines[:first], lines[first].encode()[: node.col_offset].decode(), "return None", rest, *lines[last + 1 :]]
    )

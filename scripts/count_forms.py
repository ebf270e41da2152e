"""Count what makes a function hard to read, for each folder of the package and in all.

Usage: ``python -m scripts.count_forms [FOLDER] [--shorten]``. The columns are conditional expressions (``if``/``else``
within an expression), those within another one, comprehensions with two or more ``for``, functions, functions of one
statement, functions with a cyclomatic complexity above 10, and tokens without comments and docstrings.
``--shorten`` only removes from the lists in ``tests/readability`` the functions that no longer belong there.
"""

from __future__ import annotations

import ast
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from radon.visitors import ComplexityVisitor

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hpolint"
LISTS = {name: ROOT / "tests" / "readability" / f"{name}.txt" for name in ("complex", "nested")}
"""Today's functions above ``MAX_COMPLEXITY``, and those with a conditional expression within another one."""
MAX_COMPLEXITY = 10
COLUMNS = ("conditional", "nested", "two-for", "functions", "one-statement", "complex", "tokens")

Function = ast.FunctionDef | ast.AsyncFunctionDef
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class Forms(NamedTuple):
    """What one module has: its counts, and the functions that belong on each list."""

    counts: Counter[str]
    listed: dict[str, list[str]]


class _Visitor(ast.NodeVisitor):
    """Counts the forms of a module, and knows the function that each stands in."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.listed: dict[str, list[str]] = {name: [] for name in LISTS}
        self.names: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_within(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.counts["conditional"] += 1
        conditionals = [inner for inner in ast.walk(node) if isinstance(inner, ast.IfExp)]
        if len(conditionals) > 1:
            self.counts["nested"] += 1
            self.listed["nested"].append(".".join(self.names))
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        if len(getattr(node, "generators", ())) > 1:
            self.counts["two-for"] += 1
        super().generic_visit(node)

    def _visit_function(self, node: Function) -> None:
        self.counts["functions"] += 1
        statements = [statement for statement in node.body if not _is_constant(statement)]
        self.counts["one-statement"] += len(statements) == 1
        if complexity(node) > MAX_COMPLEXITY:
            self.counts["complex"] += 1
            self.listed["complex"].append(".".join([*self.names, node.name]))
        self._visit_within(node)

    def _visit_within(self, node: Function | ast.ClassDef) -> None:
        self.names.append(node.name)
        self.generic_visit(node)
        self.names.pop()


def _is_constant(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or an ellipsis."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def complexity(function: Function) -> int:
    """The cyclomatic complexity by radon, which counts conditional expressions and comprehensions."""
    return int(ComplexityVisitor.from_ast(function).functions[0].complexity)


def forms(tree: ast.Module) -> Forms:
    """The forms of one module."""
    visitor = _Visitor()
    visitor.visit(tree)
    return Forms(visitor.counts, visitor.listed)


def tokens(path: Path, tree: ast.Module) -> int:
    """The number of tokens of a module without comments, docstrings and layout."""
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            docstrings.add(node.body[0].lineno)
    count = 0
    with path.open("rb") as lines:
        for token in tokenize.tokenize(lines.readline):
            is_docstring = token.type == tokenize.STRING and token.start[0] in docstrings
            if token.type not in LAYOUT and token.type != tokenize.ENCODING and not is_docstring:
                count += 1
    return count


def modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Each module below a folder with its syntax tree."""
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def listed(folder: Path = PACKAGE) -> dict[str, set[str]]:
    """For each list the functions that belong on it, each as ``path: name``."""
    functions: dict[str, set[str]] = {name: set() for name in LISTS}
    for path, tree in modules(folder):
        place = path.relative_to(folder).as_posix()
        for name, found in forms(tree).listed.items():
            functions[name] |= {f"{place}: {function}" for function in found}
    return functions


def shorten() -> None:
    """Remove from the lists what no longer belongs there. Nothing is ever added."""
    for name, functions in listed().items():
        lines = LISTS[name].read_text("utf-8").splitlines()
        LISTS[name].write_text("".join(f"{line}\n" for line in lines if line in functions), "utf-8")


def table(folder: Path) -> Iterator[str]:
    """The lines of the table: a line for each folder, and the sum."""
    by_folder: dict[str, Counter[str]] = {}
    for path, tree in modules(folder):
        counts = forms(tree).counts
        counts["tokens"] = tokens(path, tree)
        by_folder.setdefault(path.parent.relative_to(folder).as_posix(), Counter()).update(counts)
    total: Counter[str] = Counter()
    for counts in by_folder.values():
        total.update(counts)
    yield " ".join(f"{column:>13}" for column in COLUMNS)
    for name, counts in [*by_folder.items(), ("all", total)]:
        yield " ".join(f"{counts[column]:>13,}" for column in COLUMNS) + f"  {name}"


def main() -> None:
    arguments = sys.argv[1:]
    if "--shorten" in arguments:
        shorten()
        return
    folder = Path(arguments[0]) if arguments else PACKAGE
    for line in table(folder):
        print(line)


if __name__ == "__main__":
    main()

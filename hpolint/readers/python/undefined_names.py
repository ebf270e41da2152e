"""Names that a program reads before its launch and that it defines nowhere: it ends with a ``NameError``.

A name counts as defined if any statement binds it, in any cell, function or branch. Only reads at the top level that
certainly run are judged. Nothing is claimed about a source that may get names in another way.
"""

from __future__ import annotations

import ast
import builtins
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.observations import NameUndefined
from hpolint.model.source import Source, Span
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.placed_launches import launch_places
from hpolint.readers.python.sdk.mocks import is_test
from hpolint.readers.python.training_script.script_trees import BINDING, bound_names, called_name
from hpolint.readers.python.training_script.undefined import DEFINED_ELSEWHERE, DYNAMIC, EXIT_FUNCTIONS

INJECTED = frozenset(
    {"spark", "sc", "sqlContext", "sqlCtx", "dbutils", "displayHTML", "sql", "table", "udf", "getArgument"}
    | {"snakemake", "copyright", "credits", "license"}
)
"""Names that Spark's kernels, Databricks, Snakemake and the interactive interpreter define."""

COMMANDS = frozenset(
    {"ls", "ll", "lf", "lk", "lx", "ldir", "la", "pwd", "cd", "cat", "cp", "mv", "rm", "rmdir", "mkdir", "man"}
    | {"less", "more", "clear", "who", "whos", "hist", "history", "time", "env", "pip", "conda", "lsmagic", "magic"}
    | {"quickref", "reset", "matplotlib", "pylab", "dirs", "bookmark"}
)
"""What IPython runs without ``!`` or ``%`` if a statement begins with it.

Source: IPython 8.12, ``core/magics/osm.py`` and the documentation of built-in magic commands.
"""

MAGIC = lazy_regex(r"^[ \t]*+(?:[\w,][\w, ]*+=[ \t]*+)?%{1,2}[ \t]*+(?P<name>\w+)(?P<arguments>[^\n]*)")
HARMLESS = frozenset(
    {"matplotlib", "time", "timeit", "pip", "conda", "cd", "ls", "pwd", "env", "set_env", "config", "autoreload"}
    | {"prun", "memit", "mprun", "lprun", "load_ext", "reload_ext", "writefile", "file", "bash", "sh", "html"}
    | {"javascript", "js", "latex", "markdown", "svg", "mkdir", "cat", "who", "whos", "tensorboard"}
    | {"watermark", "precision", "xmode", "pprint", "lsmagic", "system", "sx"}
)
"""Magics that bind no names."""

BINDING_OPTION = lazy_regex(r"--(?:out|err|proc)\b|[ \t]-[or]\b")
"""Options of these magics that bind names."""

EXTENSIONS = lazy_regex(
    r"[ \t]*(?:autoreload|tensorboard|watermark|dotenv|nb_black|lab_black|memory_profiler|line_profiler|autotime"
    r"|tensorflow_model_analysis|jupyter_black|google\.cloud\.bigquery)?[ \t]*\Z"
)
"""Extensions that bind no names."""

ELSEWHERE = ("# MAGIC", "%run", "kernel.execute(", 'tags=["parameters', "{{", "injected-parameters")
"""Text of sources that get names from other notebooks, from templates, or from whoever runs them."""

PLACEHOLDER = lazy_regex(r"(?i)your|fill|todo|replace|insert|enter|change_?me|placeholder|xxx|_here\b|\bhere_")
"""Names that stand for what a reader of the source has to write."""

INDIRECT = DYNAMIC | {"get_ipython", "__main__"}
"""Names through which variables may be bound in ways that are not analysed."""

INDIRECT_MEMBERS = frozenset({"get_ipython", "modules"})
"""Members of modules that are such names: ``IPython.get_ipython``, ``sys.modules``."""

MAX_NAMES = 3
"""Names that a source may lack. With more it is a collection of snippets, which nobody runs as a whole."""

MIN_ILLUSTRATED = 2
"""Names defined nowhere from which on a cell that binds and launches nothing illustrates the text of its notebook."""

UNCERTAIN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""Expressions whose parts may not be evaluated, or bind their own names."""

Trees = Sequence[tuple[Unit, ast.Module]]


def observe_undefined(
    source: Source, units: Sequence[Unit], trees: Trees, jobs: Sequence[TuningJob], unbound_reads: Iterable[str]
) -> None:
    """Observe the names that are defined nowhere, each at its first read before a launch, for the first job.

    ``unbound_reads`` are the names that the interpreter found not bound where they are read, perhaps bound later. Most
    sources have none, and their trees are not searched.
    """
    launches = sorted(launch_places(jobs))
    if not launches or len(trees) < len(units) or is_test(source.name):
        return
    undefined = _undefined_names(source, units, trees, unbound_reads)
    if not undefined:
        return
    for unit, statement in _statements(_without_illustrations(trees, undefined, launches)):
        for name, node in _reads(statement):
            if name in undefined and unit.resolved(unit.span(statement)) <= launches[-1]:
                undefined.remove(name)
                jobs[0].observations.append(Observation((), unit.resolved(unit.span(node)), NameUndefined(name)))


def _without_illustrations(trees: Trees, undefined: set[str], launches: list[Span]) -> Trees:
    return [(unit, tree) for unit, tree in trees if not _is_illustration(unit, tree, undefined, launches)]


def _is_illustration(unit: Unit, tree: ast.Module, undefined: set[str], launches: list[Span]) -> bool:
    """Whether a notebook's cell only shows a value, or shows a piece of code of the text around it.

    Such a piece binds and launches nothing, and reads several of the names that are defined nowhere. ``launches`` are
    the places of all launches, in order.
    """
    if unit.cell is None:
        return False
    statements = [statement for statement in tree.body if not isinstance(statement, ast.Pass)]
    nodes = list(walk(tree))
    if len(statements) == 1 and isinstance(statements[0], ast.Expr):
        return not any(isinstance(node, ast.Call) for node in nodes)
    read: set[str] = set()
    bound: set[str] = set()
    _add_names(tree, read, bound)
    if bound or len(read & undefined) < MIN_ILLUSTRATED:
        return False
    first, last = unit.between(0, 1), unit.between(len(unit.text) - 1, len(unit.text))
    at = bisect_left(launches, first)
    return at == len(launches) or launches[at] > last


def _undefined_names(source: Source, units: Sequence[Unit], trees: Trees, unbound_reads: Iterable[str]) -> set[str]:
    """The names that a source reads and that it gets from nowhere."""
    if not any(map(_is_judged, unbound_reads)):
        return set()
    unbound = _unbound_names(trees)
    if not unbound or _may_get_names(source, units):
        return set()
    return unbound


def _unbound_names(trees: Trees) -> set[str]:
    """The names that are read and that no statement binds; none if names may be bound in another way."""
    read: set[str] = set()
    bound: set[str] = set()
    for _, tree in trees:
        _add_names(tree, read, bound)
    if "*" in bound or not read.isdisjoint(INDIRECT | INDIRECT_MEMBERS):
        return set()
    unbound = {name for name in read - bound if _is_judged(name)}
    return unbound if len(unbound) <= MAX_NAMES else set()


def _add_names(tree: ast.Module, read: set[str], bound: set[str]) -> None:
    for node in walk(tree):
        if isinstance(node, ast.Name):
            names = read if isinstance(node.ctx, ast.Load) else bound
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            if node.attr in INDIRECT_MEMBERS:
                read.add(node.attr)
        elif type(node) in BINDING:
            bound.update(bound_names(node))
            if isinstance(node, ast.alias) and node.name in INDIRECT:
                read.add(node.name)


def _statements(trees: Trees) -> Iterator[tuple[Unit, ast.stmt]]:
    """The statements that certainly run, up to the first that ends the program."""
    for unit, tree in trees:
        for statement in certain_statements(tree.body):
            if _ends_program(statement):
                return
            yield unit, statement


def _is_judged(name: str) -> bool:
    if name.startswith("_") or hasattr(builtins, name) or PLACEHOLDER.search(name):
        return False
    return name not in DEFINED_ELSEWHERE and name not in INJECTED


def certain_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body that run if it does, also those within ``with``."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With):
            yield from certain_statements(statement.body)


def _ends_program(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and called_name(call) in EXIT_FUNCTIONS


def _reads(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement certainly reads, each with the expression to show."""
    if isinstance(statement, ast.Expr) and _is_command(statement.value):
        return
    for expression in _evaluated(statement):
        yield from _reads_of(expression)


def _reads_of(expression: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    waiting: list[tuple[ast.AST, ast.expr | None]] = [(expression, None)]
    while waiting:
        node, shown = waiting.pop()
        if isinstance(node, ast.Name):
            yield node.id, shown or node
        elif isinstance(node, ast.JoinedStr):
            shown = shown or node  # Python 3.11 misplaces the parts of an f-string
        waiting += [(part, shown) for part in reversed(_certain_parts(node))]


def _evaluated(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that a statement certainly evaluates, but for those of the statements within it."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AugAssign(value=value):
            return [value]
        case ast.AnnAssign(value=ast.expr() as value):
            return [value]
        case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test):
            return [test]
        case ast.For(iter=iterable):
            return [iterable]
        case ast.With(items=items):
            return [item.context_expr for item in items]
        case ast.Match(subject=subject):
            return [subject]
    return []


def _certain_parts(node: ast.AST) -> list[ast.AST]:
    """The parts of an expression that are certainly evaluated with it."""
    match node:
        case ast.BoolOp(values=[part, *_]) | ast.IfExp(test=part):
            return [part]
        case ast.Compare(left=left, comparators=[right, *_]):
            return [left, right]
    if isinstance(node, UNCERTAIN):
        return []
    return list(ast.iter_child_nodes(node))


def _is_command(expression: ast.expr) -> bool:
    """Whether an expression may be a command for IPython: ``ls``, or ``ls -l``, which is a difference."""
    while isinstance(expression, ast.BinOp | ast.Attribute):
        expression = expression.left if isinstance(expression, ast.BinOp) else expression.value
    return isinstance(expression, ast.Name) and expression.id in COMMANDS


def _may_get_names(source: Source, units: Sequence[Unit]) -> bool:
    """Whether a source may get names from another one, from a magic or from whoever runs it."""
    if any(unit.is_for_parameters for unit in units):
        return True
    if any(text in source.text for text in ELSEWHERE):
        return True
    texts = [unit.text for unit in units]
    texts += [cell.text.text for cell in source.shells]
    return any(_has_binding_magic(text) for text in texts)


def _has_binding_magic(text: str) -> bool:
    magics = (MAGIC.match(line) for line in text.split("\n"))
    return any(magic is not None and _may_bind(magic["name"], magic["arguments"]) for magic in magics)


def _may_bind(magic: str, arguments: str) -> bool:
    """Whether a magic with some arguments may bind names."""
    if magic not in HARMLESS or BINDING_OPTION.search(arguments):
        return True
    return magic.endswith("load_ext") and EXTENSIONS.match(arguments) is None

"""Environment variables that a script reads by other names than those that the training toolkit sets."""

from __future__ import annotations

import ast

from hpolint.model.training_script import VariableRead
from hpolint.readers.python.interpreter.values import Constant
from hpolint.readers.python.training_script.argument_reads import other_reads
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, imported_packages

TOOLKITS_PREFIX = "SM_"
"""What the names of the toolkit's variables begin with.

Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``, ``to_env_vars``.
"""

SETTERS = frozenset({"dotenv", "decouple", "environs", "pydantic_settings", "dynaconf", "dotenv_linter", "prettyconf"})
"""Packages that take variables from files."""


def variable_reads(recorded: ScriptUses, trees: ScriptTrees) -> tuple[VariableRead, ...]:
    """The reads of variables that neither the toolkit nor the script sets.

    Empty if the script may set a variable, or reads its hyperparameters in any other way than with argparse.
    """
    reads: list[VariableRead] = []
    for span, read in recorded.environment.items():
        name = read.name.value if isinstance(read.name, Constant) else None
        if isinstance(name, str) and not name.startswith(TOOLKITS_PREFIX):
            reads.append(VariableRead(name, trees.site(span)))
    if not reads or other_reads(trees) is not None or _may_set_variables(trees):
        return ()
    return tuple(reads)


def _may_set_variables(trees: ScriptTrees) -> bool:
    """Whether a statement may give any variable a value."""
    return any(_may_set(trees, node) for node in trees.nodes())


def _may_set(trees: ScriptTrees, node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="environ") | ast.Name(id="environ"):
            return not _only_reads(trees, node)
        case ast.Attribute(attr="putenv" | "environb") | ast.Name(id="putenv" | "environb"):
            return True
        case ast.Import() | ast.ImportFrom():
            return not SETTERS.isdisjoint(imported_packages(node))
    return False


def _only_reads(trees: ScriptTrees, environ: ast.AST) -> bool:
    """Whether a use of ``os.environ`` only looks one variable up."""
    above = trees.parents[environ]
    match above:
        case ast.Subscript(ctx=ast.Load(), slice=ast.Constant()):
            return True
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[container]):
            return container is environ
        case ast.Attribute(attr="get"):
            called = trees.parents[above]
            return isinstance(called, ast.Call) and called.func is above
    return False

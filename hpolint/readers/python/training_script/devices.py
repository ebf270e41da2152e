"""Whether a PyTorch script leaves the GPU of its instance idle: it trains on the CPU unless it moves its model."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.training_script.print_calls import QUIET_PACKAGES
from hpolint.readers.python.training_script.script_trees import ScriptTrees, imported_packages

CPU_PACKAGES = QUIET_PACKAGES - {"apex", "smdistributed", "torchtext", "safetensors", "datasets"}
"""Packages that move no model to a GPU by themselves."""

DEVICE_NAME = lazy_regex(r"(?i)cuda|device|gpu|accelerat|xla|^mps$|parallel|^to$|^to_")
"""Names of what moves a tensor or a model, or chooses where it is."""

DEVICE_TEXT = lazy_regex(r"(?i)^(cuda|gpu|mps|xla|hpu|auto)\b")
"""Strings that name a device."""

DYNAMIC_FUNCTIONS = frozenset({"exec", "eval", "getattr", "__import__"})
LAUNCH_METHODS = frozenset({"import_module", "run_module", "run_path", "system", "Popen", "check_call"})
"""Functions through which something else may be called than what is written, by their names, and as methods."""


def stays_on_cpu(trees: ScriptTrees) -> bool:
    """Whether a script trains a model of PyTorch, and nothing in it or in its modules may move one to a GPU."""
    if not trees.is_imported("torch") or not trees.calls_of("backward"):
        return False
    known = CPU_PACKAGES | sys.stdlib_module_names | trees.modules
    return not any(_may_move(node, trees, known) for node in trees.nodes())


def _may_move(node: ast.AST, trees: ScriptTrees, known: frozenset[str] | set[str]) -> bool:
    """Whether a node may move a model to a GPU; ``known`` are the packages that do not."""
    match node:
        case ast.ImportFrom() if node.level:
            return (node.module or "").partition(".")[0] not in trees.modules
        case ast.Import() | ast.ImportFrom():
            return not known.issuperset(imported_packages(node))
        case ast.Name(id=name) if name in DYNAMIC_FUNCTIONS:
            return not trees.is_own_function(name)
        case ast.Constant(value=value):
            return isinstance(value, str) and DEVICE_TEXT.search(value) is not None
    return any(name in LAUNCH_METHODS or DEVICE_NAME.search(name) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a node itself writes."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.arg(arg=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.alias():
            yield from (node.name.rpartition(".")[2], node.asname or "")

"""Scripts that certainly read none of their hyperparameters, in whatever way."""

from __future__ import annotations

import ast
import sys

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.training_script.argument_reads import TOOLKITS, other_reads
from hpolint.readers.python.training_script.print_calls import LAUNCH_FUNCTIONS, METRIC_CALLS, QUIET_PACKAGES
from hpolint.readers.python.training_script.script_start import LeftBehind
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, imported_packages

READING_MODULES = frozenset(
    {"argparse", "optparse", "getopt", "fileinput", "subprocess", "runpy", "importlib", "imp", "pkgutil", "pty"}
    | {"ctypes", "code", "pdb", "unittest", "doctest", "cProfile", "trace", "tkinter"}
)
"""Modules of the standard library that read a command line, or start code that may do so."""

BOOSTING = frozenset({"xgboost", "lightgbm", "catboost"})
"""Further packages that train, and take all of their parameters as arguments."""

STANDARD_MODULES = sys.stdlib_module_names - READING_MODULES
KNOWN_PACKAGES = (QUIET_PACKAGES | METRIC_CALLS.keys() | BOOSTING | STANDARD_MODULES) - TOOLKITS
"""Packages that read no hyperparameter of a training job by themselves, but for the parts in ``READING_PARTS``."""

READING_PARTS = frozenset(
    {"flags", "FLAGS", "app", "HfArgumentParser", "parse_args", "environb"}
    | {"describe_training_job", "load_run", "Tracker"}
)
"""Parts of these packages that read a command line, or what a training job was started with."""

READING_TEXTS = lazy_regex(
    r"argv|cmdline|input/config|hyper_?param|HyperParameters|SM_(?:HP|TRAINING_ENV|USER|RESOURCE|INPUT)"
    r"|/opt/ml/?(?:input/?)?[\"']|/proc/"
)
"""Words of code that may read hyperparameters from the system's or the container's files, or list their folders."""

RUNNING = ("exec", "eval", "compile", "vars", "globals")
"""Built-in functions that may run other code, or read names by a text."""

ENVIRONMENT_METHODS = frozenset({"get", "setdefault", "pop"})


def reads_no_hyperparameters(trees: ScriptTrees, left_behind: LeftBehind) -> bool:
    """Whether nothing in a script and its modules may read a hyperparameter, wherever it comes from.

    A module that is not uploaded with the script is read where it is, as if it were.
    """
    if any(READING_TEXTS.search(unit.text) for unit in trees.units) or _may_run_code(trees):
        return False
    if other_reads(trees) is not None or not all(map(_reads_one_variable, trees.calls_of("getenv"))):
        return False
    attributes = {attribute.attr for attribute in trees.attributes}
    if not READING_PARTS.isdisjoint(attributes) or not _reads_single_variables(trees):
        return False
    imports: list[ast.Import | ast.ImportFrom] = [*trees.nodes_of(ast.Import), *trees.nodes_of(ast.ImportFrom)]
    return all(_is_known(node, trees, left_behind) for node in imports)


def _may_run_code(trees: ScriptTrees) -> bool:
    return any(map(trees.loads, RUNNING)) or bool(trees.calls_of(*LAUNCH_FUNCTIONS))


def _is_known(node: ast.Import | ast.ImportFrom, trees: ScriptTrees, left_behind: LeftBehind) -> bool:
    """Whether an import is of code that certainly reads no hyperparameter, or that is read itself."""
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.Import):
        parts = ".".join(names).split(".")
        return READING_PARTS.isdisjoint(parts) and _are_known(node, frozenset(), trees, left_behind)
    path = (node.module or "").split(".")
    if not READING_PARTS.isdisjoint([*names, *path]) or "environ" in names:
        return False
    if node.level:
        return path[0] in trees.modules
    return _are_known(node, frozenset(names), trees, left_behind)


def _are_known(node: ast.AST, names: frozenset[str], trees: ScriptTrees, left_behind: LeftBehind) -> bool:
    """Whether hpolint knows or reads all packages that a statement imports absolutely."""
    for package in imported_packages(node):
        if package not in trees.modules | KNOWN_PACKAGES:
            module = left_behind(package, names)
            if module is None or not _is_quiet(module):
                return False
    return True


def _is_quiet(module: Unit) -> bool:
    """Whether a module on its own reads no hyperparameter."""
    own = ScriptTrees()
    try:
        own.add(module, module.parse())
    except Problem:
        return False
    return reads_no_hyperparameters(own, lambda _name, _names: None)


def _reads_single_variables(trees: ScriptTrees) -> bool:
    """Whether each use of the environment is of one variable, with its name as a literal."""
    uses = [attribute for attribute in trees.attributes if attribute.attr == "environ"]
    return all(_is_of_one_variable(use, trees) for use in uses)


def _is_of_one_variable(environ: ast.Attribute, trees: ScriptTrees) -> bool:
    above = trees.parents[environ]
    match above:
        case ast.Subscript(slice=ast.Constant()) | ast.Compare(left=ast.Constant()):
            return True
        case ast.Attribute(attr=method) if method in ENVIRONMENT_METHODS:
            call = trees.parents[above]
            return isinstance(call, ast.Call) and _reads_one_variable(call)
    return False


def _reads_one_variable(call: ast.Call) -> bool:
    return isinstance(argument_of(call, "key", 0), ast.Constant)

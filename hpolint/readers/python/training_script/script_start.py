"""What a script does when a container starts it: whether it runs anything, and what it imports from its own folder."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from types import UnionType

from hpolint.model.training_script import Doubt, Missing, Site
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.training_script.harmless_calls import HarmlessCalls
from hpolint.readers.python.training_script.print_calls import METRIC_CALLS, QUIET_PACKAGES
from hpolint.readers.python.training_script.script_trees import ScriptTrees, imported_packages
from hpolint.worded_regex import WordedRegex

LEGACY_FUNCTIONS = frozenset(
    {"train", "model_fn", "estimator_fn", "keras_model_fn", "train_input_fn", "serving_input_fn", "save"}
)
"""Functions that the first containers of MXNet, Chainer and TensorFlow call themselves.

Source: sagemaker-python-sdk at v1.72.0, README files of the frameworks.
"""

INSTALLS = WordedRegex(
    ("pip", "easy_install", "sys.meta_path", "import_module", "sys.path"),
    r"\bpip3?\b|\beasy_install\b|sys\.meta_path|import_module|sys\.path.*(?:/opt/ml|environ|SM_)",
)
"""Code that may make a module available that is not uploaded."""

DISTRIBUTING = (
    *("SM_HOSTS", "SM_CURRENT_HOST", "SM_NUM_NODES", "resourceconfig", "current_host", "WORLD_SIZE", "MASTER_ADDR"),
    *("torch.distributed", "torchrun", "paddle", "init_process_group", "horovodrun", "mpirun", "mpi4py"),
    *("subprocess", "os.system", "smdistributed", "herring", "tf.distribute", "distribute.", "MultiWorkerMirrored"),
    *("ParameterServer", "TF_CONFIG", "deepspeed", "accelerate", "Accelerator", "lightning", "transformers"),
    *("Trainer(", "fairscale", "rabit", "pyspark", "kvstore", "dist_sync", "dist_async", "byteps", "colossalai"),
    *("megatron", "composer", "dglke"),
)
"""Words of scripts that may share the work between hosts.

Horovod is not among them: without ``mpirun`` or ``horovodrun``, each process is alone. Source:
https://horovod.readthedocs.io/en/stable/mpi_include.html. Nor is PyTorch's ``DataParallel``, for the GPUs of one
machine: https://docs.pytorch.org/docs/stable/generated/torch.nn.DataParallel.html. Paddle's is for several machines.
"""

DISTRIBUTING_WORDS = WordedRegex(
    ("hosts", "world_size", "MPI", "ray", "dask", "dgl", "DataParallel"),
    r"\b(?:hosts|world_size|MPI|ray|dask|dgl)\b|(?<=\w)DataParallel|DataParallel(?=\w)",
)
"""Such words that are also parts of others, and ``DataParallel`` as a part of a longer name."""

QUIET_IMPORTS = QUIET_PACKAGES | METRIC_CALLS.keys() | sys.stdlib_module_names
"""Packages whose import trains nothing."""

INERT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)


def runs_nothing(trees: ScriptTrees) -> bool:
    """Whether the script only defines functions and classes: it ends without having trained anything.

    What sets up a logger or reads the environment is no training. A script whose imports may run something is not
    reported.
    """
    root = trees.roots[0]
    if len(trees.roots) > 1 or not any(isinstance(statement, ast.FunctionDef) for statement in root.body):
        return False
    calls = HarmlessCalls(trees)
    return all(_is_inert(statement, calls) for statement in root.body)


def is_empty(trees: ScriptTrees) -> bool:
    """Whether the script has no statement, but for imports of packages that run nothing by themselves, and comments."""
    return len(trees.roots) == 1 and all(map(_does_nothing, trees.roots[0].body))


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom(level=0):
            return QUIET_IMPORTS.issuperset(imported_packages(node))
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
    return False


def legacy_doubt(trees: ScriptTrees, start: Site) -> Doubt | None:
    """Why more may be printed than the script prints itself: a legacy container calls its functions and logs."""
    names = sorted(trees.defined & {"estimator_fn", "keras_model_fn", "train_input_fn"})
    return Doubt(f"defines `{names[0]}`, which a legacy container calls", start) if names else None


def legacy_functions(trees: ScriptTrees) -> tuple[str, ...]:
    """The names of the script's functions that a legacy container calls."""
    names = {statement.name for statement in trees.roots[0].body if isinstance(statement, ast.FunctionDef)}
    return tuple(sorted(names & LEGACY_FUNCTIONS))


def _is_inert(node: ast.stmt, calls: HarmlessCalls) -> bool:
    match node:
        case ast.FunctionDef(decorator_list=decorators):
            return not decorators
        case ast.ClassDef(decorator_list=decorators, body=statements):
            plain = [statement for statement in statements if not isinstance(statement, ast.FunctionDef)]
            return not decorators and not any(_contains(statement, ast.Call) for statement in plain)
        case ast.ImportFrom(level=level):
            return not level
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call()) | ast.Assign() | ast.AnnAssign():
            return not calls.has_others(node)
    return isinstance(node, INERT)


def _contains(node: ast.AST, kind: type[ast.AST] | UnionType) -> bool:
    return any(isinstance(inner, kind) for inner in ast.walk(node))


def may_distribute(trees: ScriptTrees) -> bool:
    """Whether the script has a word by which it may share the work between several hosts."""
    return any(_distributes(unit.text) for unit in trees.units)


def _distributes(text: str) -> bool:
    return any(word in text for word in DISTRIBUTING) or DISTRIBUTING_WORDS.is_in(text)


LeftBehind = Callable[[str, frozenset[str]], Unit | None]
"""The module of a name, with some names that are imported from it, that is known locally and is not uploaded."""


def not_uploaded(trees: ScriptTrees, left_behind: LeftBehind) -> Iterator[Missing]:
    """The local modules that a script imports whatever happens, although they are not uploaded."""
    reported: set[str] = set()
    for node, module in _certain_imports(trees):
        names = frozenset(alias.name for alias in node.names if isinstance(node, ast.ImportFrom))
        top = module.partition(".")[0]
        if top in reported or top in sys.stdlib_module_names or left_behind(module, names) is None:
            continue
        reported.add(top)
        yield Missing(top, trees.site(trees.units[0].span(node)))


def imported_whatever_happens(trees: ScriptTrees) -> Iterator[str]:
    """The names of the modules that the script certainly imports, but for those of the standard library.

    Python may have loaded one of these before, so that a file of its name beside the script is not read.
    """
    names = (module for _, module in _certain_imports(trees))
    return (name for name in names if name.partition(".")[0] not in sys.stdlib_module_names)


def _certain_imports(trees: ScriptTrees) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """The imports of the script's own statements; none if its code may make a module available that is not uploaded."""
    if any(INSTALLS.is_in(unit.text) for unit in trees.units):
        return
    for node in trees.roots[0].body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in _imported_modules(node):
                yield node, module


def _imported_modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module is not None and not node.level else []

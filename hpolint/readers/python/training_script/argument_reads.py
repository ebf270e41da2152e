"""In which other ways than by a parser a script may come by its hyperparameters."""

from __future__ import annotations

import ast
import re

from hpolint.model.training_script import Doubt
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, imported

VARIABLES = re.compile(r"SM_HPS?\b|SM_HP_|SM_USER_ARGS|SM_TRAINING_ENV|hyperparameters\.json")
"""What the training toolkit gives a script beside its command line.

Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``, ``params.py``.
"""

CHECKPOINTS = "/opt/ml/checkpoints"
"""The folder that the service copies to S3 while a trial runs, unless CheckpointConfig names another.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

SAVES = re.compile(r"check_?point|ckpt", re.IGNORECASE)

TOOLKITS = frozenset({"sagemaker_training", "sagemaker_containers", "container_support"})
READERS = frozenset(
    {"Environment", "TrainingEnv", "TrainingEnvironment", "training_env", "environment", "env", "params", "mapping"}
    | {"hyperparameters", "read_hyperparameters", "argument_parser"}
)
"""What of the toolkit gives a script its hyperparameters."""

PARSING = frozenset(
    {"click", "typer", "fire", "absl", "hydra", "omegaconf", "configargparse", "jsonargparse", "simple_parsing", "tyro"}
    | {"docopt", "plac", "tap", "sacred", "gin", "clize", "defopt", "traitlets"}
)
"""Libraries that read a command line, too."""


def elsewhere(trees: ScriptTrees) -> Doubt | None:
    """Why hyperparameters may be read in another way than by a parser of argparse."""
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            reason = _reads(trees, node)
            if reason is not None:
                return Doubt(reason, trees.site(unit.span(node)))  # type: ignore[arg-type]
    return None


def only_read(trees: ScriptTrees, name: str) -> bool:
    """Whether a variable of the environment is read and nothing else: nobody sets it, or asks whether it is there."""
    return not any(_may_set(node, name, trees) for node in trees.nodes())


def _may_set(node: ast.AST, name: str, trees: ScriptTrees) -> bool:
    """Whether a node sets a variable, asks for it without failing, or may do so."""
    if isinstance(node, ast.Constant) and node.value == name:
        parent = trees.parents.get(node)
        return not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load) and parent.slice is node)
    if isinstance(node, ast.Attribute) and node.attr in ("update", "setdefault"):
        return "environ" in source_text(node.value)
    if isinstance(node, ast.alias):
        return node.name.partition(".")[0] in ("dotenv", "load_dotenv", "mock") or node.name == "unittest.mock"
    is_set = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    return is_set and "environ" in source_text(node.value) and not isinstance(node.slice, ast.Constant)  # type: ignore[attr-defined]


def checkpoints(trees: ScriptTrees) -> bool | Doubt:
    """Whether a script names the folder of checkpoints; a doubt where it speaks of checkpoints and names no folder."""
    words = None
    for node in trees.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHECKPOINTS in node.value:
            return True
    for unit in trees.units:
        words = words or SAVES.search(unit.text)
        if words is not None:
            return Doubt("speaks of checkpoints, and it cannot be told where they go", trees.site(unit.start))
    return False


def _reads(trees: ScriptTrees, node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        named = VARIABLES.search(node.value)
        is_doc = isinstance(trees.parents.get(node), ast.Expr)
        return f"may be read from `{named[0]}`" if named is not None and not is_doc else None
    if isinstance(node, ast.Attribute) and node.attr == "argv" and isinstance(node.value, ast.Name):
        return None if _is_harmless(trees, node) else "may be read from `sys.argv`"
    if isinstance(node, ast.ImportFrom) and node.module == "sys" and any(each.name == "argv" for each in node.names):
        return "may be read from `sys.argv`"
    for name in imported(node):
        if name in TOOLKITS and _gives(node):
            return f"may be read through `{name}`"
        if name in PARSING and not trees.has_commands:
            return f"may be read by `{name}`"
    return None


def _gives(node: ast.AST) -> bool:
    """Whether an import of the toolkit has what gives the hyperparameters in it; a whole module does."""
    if not isinstance(node, ast.ImportFrom):
        return True
    parts = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    return not parts.isdisjoint(READERS | {"*"})


def _is_harmless(trees: ScriptTrees, node: ast.Attribute) -> bool:
    """Whether ``sys.argv`` is only shown, given to a parser, or asked for the script's own name."""
    for above in trees.around(node):
        if isinstance(above, ast.Subscript) and isinstance(above.slice, ast.Constant) and above.slice.value == 0:
            return True
        if isinstance(above, ast.Call):
            called = above.func.attr if isinstance(above.func, ast.Attribute) else getattr(above.func, "id", "")
            return called.startswith("parse_") or called in ("print", "info", "debug", "len")
        if isinstance(above, ast.stmt):
            return False
    return False

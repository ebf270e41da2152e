"""The ways in which a script may read its hyperparameters without an argparse parser."""

from __future__ import annotations

import ast
import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Doubt
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    called_name,
    imported_packages,
)

VARIABLES = lazy_regex(r"SM_HPS?\b|SM_HP_|SM_USER_ARGS|SM_TRAINING_ENV|hyperparameters\.json")
"""What the training toolkit provides to a script besides its command line.

Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``, ``params.py``.
"""

ENVIRONMENT = "SM_TRAINING_ENV"
HYPERPARAMETER_KEYS = frozenset({"hyperparameters", "additional_framework_parameters"})
"""The keys of ``SM_TRAINING_ENV`` under which hyperparameters are.

Source: aws/sagemaker-training-toolkit at 33839372, ``environment.py``, ``Environment.to_env_vars``.
"""

CHECKPOINTS = "/opt/ml/checkpoints"
"""The folder that the service copies to S3 while a trial runs, unless CheckpointConfig sets another.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

SAVE_FUNCTIONS = ("save", "save_model", "save_weights", "save_pretrained", "save_state")
"""Functions and methods that save a model."""

CHECKPOINT_WORDS = lazy_regex(r"check_?point|ckpt", re.IGNORECASE)

TOOLKITS = frozenset({"sagemaker_training", "sagemaker_containers", "container_support"})
TOOLKIT_READERS = frozenset(
    {"Environment", "TrainingEnv", "TrainingEnvironment", "training_env", "environment", "env", "params", "mapping"}
    | {"hyperparameters", "read_hyperparameters", "argument_parser"}
)
"""The parts of the toolkit that return the hyperparameters."""

PARSING_LIBRARIES = frozenset(
    {"click", "typer", "fire", "absl", "hydra", "omegaconf", "configargparse", "jsonargparse", "simple_parsing", "tyro"}
    | {"docopt", "plac", "tap", "sacred", "gin", "clize", "defopt", "traitlets"}
)
"""Other libraries that read a command line."""


def other_reads(trees: ScriptTrees) -> Doubt | None:
    """Why hyperparameters may be read without an argparse parser; None if they are not."""
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            reason = _read_reason(trees, node)
            if reason is not None:
                return Doubt(reason, trees.site(unit.span(node)))  # type: ignore[arg-type]
    return None


def is_only_read(trees: ScriptTrees, name: str) -> bool:
    """Whether an environment variable is only read: the script does not set it or test whether it exists."""
    return not any(_may_set(node, name, trees) for node in trees.nodes())


def _may_set(node: ast.AST, name: str, trees: ScriptTrees) -> bool:
    """Whether a node sets a variable or reads it without failing, or may do so."""
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
    """Whether a script names the checkpoint folder; a doubt if it mentions checkpoints without the folder."""
    words = None
    for node in trees.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHECKPOINTS in node.value:
            return True
    for unit in trees.units:
        words = words or CHECKPOINT_WORDS.search(unit.text)
        if words is not None:
            return Doubt("mentions checkpoints, but not the folder that the service copies", trees.site(unit.start))
    return False


def saves_in_loop(trees: ScriptTrees) -> bool:
    """Whether a script saves a model within a loop."""
    calls = (call for name in SAVE_FUNCTIONS for call in trees.calls_of(name))
    return any(isinstance(each, ast.For | ast.While) for call in calls for each in trees.around(call))


def _read_reason(trees: ScriptTrees, node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        named = VARIABLES.search(node.value)
        is_doc = isinstance(trees.parents.get(node), ast.Expr)
        if named is not None and node.value == ENVIRONMENT and _reads_other_keys(trees, node):
            return None
        return f"may read hyperparameters from `{named[0]}`" if named is not None and not is_doc else None
    if isinstance(node, ast.Attribute) and node.attr == "argv" and isinstance(node.value, ast.Name):
        return None if _is_harmless(trees, node) else "may read hyperparameters from `sys.argv`"
    if isinstance(node, ast.ImportFrom) and node.module == "sys" and any(each.name == "argv" for each in node.names):
        return "may read hyperparameters from `sys.argv`"
    for name in imported_packages(node):
        if name in TOOLKITS and _imports_reader(node):
            return f"may read hyperparameters through `{name}`"
        if name in PARSING_LIBRARIES and not trees.has_commands:
            return f"may read hyperparameters with `{name}`"
    return None


def _reads_other_keys(trees: ScriptTrees, node: ast.AST) -> bool:
    """Whether the toolkit's environment is only printed, or only read under literal keys without hyperparameters."""
    for above in trees.around(node):
        if isinstance(above, ast.Call) and called_name(above) in DISPLAY_FUNCTIONS:
            return True
        if isinstance(above, ast.Call) and called_name(above) == "loads":
            return _is_key_read(trees, above) or _has_only_key_reads(trees, above)
        if isinstance(above, ast.stmt):
            return False
    return False


def _has_only_key_reads(trees: ScriptTrees, call: ast.Call) -> bool:
    """Whether a call's result gets a name, of which only values under harmless keys are read."""
    statement = trees.parents.get(call)
    if not isinstance(statement, ast.Assign) or not all(isinstance(each, ast.Name) for each in statement.targets):
        return False
    names = {each.id for each in statement.targets if isinstance(each, ast.Name)}
    uses = [each for each in trees.nodes() if isinstance(each, ast.Name) and each.id in names]
    exported = {each.name for node in trees.nodes() if isinstance(node, ast.ImportFrom) for each in node.names}
    reads = [each for each in uses if each not in statement.targets]
    return not names & exported and all(
        _is_key_read(trees, each) or _is_printed(trees, each) or _is_test(trees, each) for each in reads
    )


def _is_key_read(trees: ScriptTrees, node: ast.AST) -> bool:
    """Whether a value is only subscripted, or asked by ``get``, with a literal key of something else."""
    above = trees.parents.get(node)
    if isinstance(above, ast.Attribute) and above.attr == "get":
        call = trees.parents.get(above)
        key = call.args[0] if isinstance(call, ast.Call) and call.args else None
    else:
        key = above.slice if isinstance(above, ast.Subscript) and above.value is node else None
    return isinstance(key, ast.Constant) and key.value not in HYPERPARAMETER_KEYS


def _is_test(trees: ScriptTrees, node: ast.AST) -> bool:
    """Whether only the truth of a value is tested: `if x`, `… if x else …`."""
    above = trees.parents.get(node)
    return isinstance(above, ast.If | ast.IfExp) and above.test is node


def _is_printed(trees: ScriptTrees, node: ast.AST) -> bool:
    call = trees.parents.get(node)
    return isinstance(call, ast.Call) and called_name(call) in DISPLAY_FUNCTIONS


def _imports_reader(node: ast.AST) -> bool:
    """Whether an import of the toolkit includes a part that returns the hyperparameters; a whole module does."""
    if not isinstance(node, ast.ImportFrom):
        return True
    parts = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    return not parts.isdisjoint(TOOLKIT_READERS | {"*"})


def _is_harmless(trees: ScriptTrees, node: ast.Attribute) -> bool:
    """Whether ``sys.argv`` is only printed, passed to a parser, or read for the script's own name."""
    for above in trees.around(node):
        if isinstance(above, ast.Subscript) and isinstance(above.slice, ast.Constant) and above.slice.value == 0:
            return True
        if isinstance(above, ast.Call):
            called = called_name(above)
            return called.startswith("parse_") or called in DISPLAY_FUNCTIONS | {"len"}
        if isinstance(above, ast.stmt):
            return False
    return False

"""The ways in which a script may read its hyperparameters without an argparse parser."""

from __future__ import annotations

import ast
import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Doubt, KeyRead
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.key_reads import KeyReads
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    called_name,
    imported_packages,
    is_first_item,
)

VARIABLES = lazy_regex(r"SM_HPS?\b|SM_HP_|SM_USER_ARGS|SM_TRAINING_ENV|hyperparameters\.json")
"""What the training toolkit provides to a script besides its command line.

Source: aws/sagemaker-training-toolkit at 33839372, ``mapping.py``, ``params.py``.
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


READING = (ast.Constant, ast.Attribute, ast.Import, ast.ImportFrom)
"""The classes of nodes by which a script may read its hyperparameters otherwise."""


def other_reads(trees: ScriptTrees) -> Doubt | None:
    """Why hyperparameters may be read without an argparse parser; None if they are not."""
    return trees.first_doubt(READING, lambda node, _: _read_reason(trees, node))


def key_reads(trees: ScriptTrees) -> tuple[KeyRead, ...]:
    """The hyperparameters that are read by their names, for a script without ``other_reads``."""
    key_reads = KeyReads(trees)
    reads: list[KeyRead] = []
    for constant, text in trees.texts.items():
        reads += key_reads.of(constant, text) or []
    return tuple(reads)


SETTING = (ast.Constant, ast.Attribute, ast.alias, ast.Subscript)
"""The classes of nodes by which a script may set a variable."""


def is_only_read(trees: ScriptTrees, name: str) -> bool:
    """Whether an environment variable is only read: the script does not set it or test whether it exists."""
    return not any(_may_set(node, name, trees) for node in trees.nodes_of(*SETTING))


def _may_set(node: ast.AST, name: str, trees: ScriptTrees) -> bool:
    """Whether a node sets a variable or reads it without failing, or may do so."""
    match node:
        case ast.Constant(value=value) if value == name:
            parent = trees.parents.get(node)
            return not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load) and parent.slice is node)
        case ast.Attribute(attr="update" | "setdefault", value=owner):
            return "environ" in source_text(owner)
        case ast.alias(name=module):
            return module.partition(".")[0] in ("dotenv", "load_dotenv", "mock") or module == "unittest.mock"
        case ast.Subscript(ctx=ast.Store(), value=owner, slice=key):
            return "environ" in source_text(owner) and not isinstance(key, ast.Constant)
    return False


def checkpoints(trees: ScriptTrees) -> bool | Doubt:
    """Whether a script names the checkpoint folder; a doubt if it mentions checkpoints without the folder."""
    if any(CHECKPOINTS in text for text in trees.texts.values()):
        return True
    for unit in trees.units:
        if CHECKPOINT_WORDS.search(unit.text):
            return Doubt("mentions checkpoints, but not the folder that the service copies", trees.site(unit.start))
    return False


def saves_in_loop(trees: ScriptTrees) -> bool:
    """Whether a script saves a model within a loop."""
    return any(trees.closest(call, ast.For, ast.While) for call in trees.calls_of(*SAVE_FUNCTIONS))


def _read_reason(trees: ScriptTrees, node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return _text_reason(trees, node, text)
        case ast.Attribute(attr="argv", value=ast.Name()) if not _is_harmless(trees, node):
            return "may read hyperparameters from `sys.argv`"
        case ast.ImportFrom(module="sys", names=aliases) if any(alias.name == "argv" for alias in aliases):
            return "may read hyperparameters from `sys.argv`"
    for name in imported_packages(node):
        if name in TOOLKITS and _imports_reader(node):
            return f"may read hyperparameters through `{name}`"
        if name in PARSING_LIBRARIES and not trees.has_commands:
            return f"may read hyperparameters with `{name}`"
    return None


def _text_reason(trees: ScriptTrees, node: ast.Constant, text: str) -> str | None:
    variable = VARIABLES.search(text)
    if variable is None or isinstance(trees.parents.get(node), ast.Expr):
        return None
    if KeyReads(trees).of(node, text) is not None:
        return None
    return f"may read hyperparameters from `{variable[0]}`"


def _imports_reader(node: ast.AST) -> bool:
    """Whether an import of the toolkit includes a part that returns the hyperparameters; a whole module does."""
    if not isinstance(node, ast.ImportFrom):
        return True
    parts = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    return not parts.isdisjoint(TOOLKIT_READERS | {"*"})


def _is_harmless(trees: ScriptTrees, node: ast.Attribute) -> bool:
    """Whether ``sys.argv`` is only printed, passed to a parser, or read for the script's own name."""
    for above in trees.around(node):
        if is_first_item(above):
            return True
        if isinstance(above, ast.Call):
            called = called_name(above)
            return called.startswith("parse_") or called in DISPLAY_FUNCTIONS | {"len"}
        if isinstance(above, ast.stmt):
            return False
    return False

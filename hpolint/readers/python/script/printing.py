"""What a script and its modules print, and why they may print more than can be told."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from hpolint.readers.python.following.tree import spelt
from hpolint.readers.python.script.trees import ScriptTrees, imported
from hpolint.readers.python.script.world import Seen
from hpolint.script import Doubt, Print

QUIET = frozenset(
    {"numpy", "pandas", "scipy", "sklearn", "torch", "torchvision", "torchtext", "torchaudio", "PIL", "cv2", "joblib"}
    | {"boto3", "botocore", "sagemaker", "sagemaker_training", "sagemaker_containers", "sagemaker_inference", "smdebug"}
    | {"matplotlib", "seaborn", "nltk", "s3fs", "pyarrow", "requests", "yaml", "tqdm", "dill", "cloudpickle", "h5py"}
    | {"sentencepiece", "tokenizers", "regex", "networkx", "imblearn", "psutil", "six", "dateutil", "pytz", "einops"}
    | {"category_encoders", "smexperiments", "sagemaker_sklearn_extension", "model_archiver", "smdistributed", "apex"}
    | {"datasets", "mlflow", "safetensors", "huggingface_hub", "albumentations", "skimage", "tensorboardX", "botocore"}
    | {"sagemaker_experiments", "librosa", "soundfile", "pickle5", "simplejson", "ujson", "awswrangler", "fsspec"}
)
"""Packages that print no metric by themselves, as long as nothing asks them to be verbose."""

FITTING = {
    "tensorflow": frozenset({"fit", "fit_generator", "evaluate", "evaluate_generator", "train", "train_and_evaluate"}),
    "mxnet": frozenset({"fit", "score", "Speedometer"}),
    "transformers": frozenset({"train", "evaluate", "predict", "Trainer", "Seq2SeqTrainer"}),
}
FITTING["keras"] = FITTING["tensorflow"]
"""Packages that print metrics, and the calls that do it."""

SHOWING = frozenset({"info", "warning", "warn", "error", "critical", "exception", "print", "pprint", "echo", "secho"})
"""Names of functions and methods that show what they are given, whoever they belong to."""

RUNNING = frozenset(
    {"system", "popen", "Popen", "check_call", "import_module", "run_path", "run_module", "__import__", "reload"}
    | {"execv", "execvp", "execve", "execl", "execlp", "spawnv", "spawnvp"}
)
"""Names of functions that start another program, or what is named by a text, which may print."""

STREAMS = frozenset({"writelines", "__stdout__", "__stderr__", "buffer"})
"""Members of streams through which text reaches the log, too."""

DEVICES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/1/fd")

HARMLESS = frozenset({"print_help", "print_usage", "set_printoptions"})
"""What prints no metric, whatever its name says."""

LOGGER = re.compile(r"(?:\A|[._])log(?:ger|ging)?\Z", re.IGNORECASE)

POSTFIX = frozenset({"set_postfix", "set_postfix_str", "set_description", "set_description_str", "summary"})
"""Methods of tqdm's bars and of Keras's models that show text."""


def printed(seen: Seen, trees: ScriptTrees) -> Iterator[Print]:
    """The lines that may be printed, each with its place."""
    for shown in seen.shown.values():
        for line in shown.lines:
            is_sure = shown.is_sure and shown.is_whole and len(shown.lines) == 1
            yield Print(line, trees.site(shown.span), shown.in_loop, is_sure)


def other_prints(seen: Seen, trees: ScriptTrees) -> Doubt | None:
    """Why more may be printed than was seen."""
    pieces = next((shown for shown in seen.shown.values() if not shown.is_whole), None)
    if pieces is not None:
        return Doubt("prints lines in pieces", trees.site(pieces.span))
    fitting = frozenset[str]().union(*(FITTING.get(name, ()) for node in trees.nodes() for name in imported(node)))
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            reason = _brings(node, trees) or _hands_on(node, trees)
            if isinstance(node, ast.Call) and unit.span(node) not in seen.shown:
                reason = _calls(node, fitting)
            if reason is not None:
                return Doubt(reason, trees.site(unit.span(node)))  # type: ignore[arg-type]
    return None


def _brings(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why an import may bring prints of its own."""
    for name in imported(node):
        if name not in QUIET | sys.stdlib_module_names | FITTING.keys() | trees.modules:
            return f"uses `{name}`, which may print by itself"
    return None


def _hands_on(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why text may reach the log through something else than a call of ``print`` or of a logger."""
    if isinstance(node, ast.Name) and node.id == "print" and isinstance(node.ctx, ast.Load):
        parent = trees.parents.get(node)
        return None if isinstance(parent, ast.Call) and parent.func is node else "hands `print` on"
    if isinstance(node, ast.alias) and node.asname == "print":
        return "has a `print` of its own"
    if isinstance(node, ast.Attribute):
        is_stream = node.attr in ("stdout", "stderr") and isinstance(node.ctx, ast.Store)
        is_written = node.attr == "write" and isinstance(node.value, ast.Name) and node.value.id == "os"
        return f"writes through `{node.attr}`" if node.attr in STREAMS or is_stream or is_written else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(DEVICES):
        return f"writes to `{node.value}`"
    return None


def _calls(node: ast.Call, fitting: frozenset[str]) -> str | None:
    """Why a call that is not known to print may do so."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = spelt(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    is_log = called == "log" and LOGGER.search(owner) is not None
    if called in SHOWING | POSTFIX | fitting or is_log or ("print" in called.lower() and called not in HARMLESS):
        return f"calls `{called}()`, which may show anything"
    if called in RUNNING or owner == "subprocess" or (called in ("exec", "eval") and not owner):
        return f"calls `{called}()`, which may run what prints"
    verbose = next((each for each in node.keywords if each.arg in ("verbose", "verbosity", "progress")), None)
    if verbose is not None and not (isinstance(verbose.value, ast.Constant) and not verbose.value.value):
        return f"calls {f'`{called}()`' if called else 'what another expression gives'} with `{verbose.arg}`"
    return None

"""What a script and its modules print, and why they may print more than can be told."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from hpolint.model.training_script import Doubt, Print
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called, imported

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

LEVELS = frozenset({"info", "warning", "warn", "error", "critical", "exception", "fatal"})
SHOWING = (
    LEVELS
    | {"print", "pprint", "echo", "secho", "_log", "handle", "emit", "help", "excepthook"}
    | {"showwarning", "warn_explicit", "captureWarnings"}
)
"""Names of functions and methods that show what they are given, whoever they belong to."""

RUNNING = frozenset(
    {"system", "popen", "Popen", "check_call", "import_module", "run_path", "run_module", "__import__", "reload"}
    | {"execv", "execvp", "execve", "execl", "execlp", "spawnv", "spawnvp", "fdopen", "finalize"}
)
"""Names of functions that start another program, or what is named by a text, which may print."""

PROGRAMS = frozenset({"subprocess", "pty", "runpy", "code", "timeit", "atexit", "pdb"})
"""Packages that run programs, or functions when the script is over."""

STREAMS = frozenset({"writelines", "__stdout__", "__stderr__", "buffer", "fileno"})
"""Members of streams through which text reaches the log, too."""

DEVICES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/1/fd")

HARMLESS = frozenset({"print_help", "print_usage", "set_printoptions"})
"""What prints no metric, whatever its name says."""

LOGARITHMS = frozenset({"math", "cmath", "np", "numpy", "torch", "tf", "jnp", "K"})
"""What has a ``log`` that shows nothing."""

BAR = re.compile(r"bar|tqdm|prog|trange", re.IGNORECASE)
HANDING = frozenset({"file", "stream"})
"""The arguments by which print and a handler are given a stream."""

TAKEN = {
    "os": RUNNING | {"write"},
    "sys": frozenset({"stdout", "stderr", "excepthook"}),
}
"""What of these packages prints, or runs what prints, under whatever name it is imported."""

POSTFIX = frozenset({"set_postfix", "set_postfix_str", "set_description", "set_description_str", "summary"})
"""Methods of tqdm's bars and of Keras's models that show text."""


def printed(seen: ScriptUses, trees: ScriptTrees) -> Iterator[Print]:
    """The lines that may be printed, each with its place."""
    for shown in seen.printed.values():
        for line in shown.lines:
            is_sure = shown.is_sure and shown.is_whole and len(shown.lines) == 1
            yield Print(line, trees.site(shown.span), shown.in_loop, is_sure)


def other_prints(seen: ScriptUses, trees: ScriptTrees) -> Doubt | None:
    """Why more may be printed than was seen."""
    pieces = next((shown for shown in seen.printed.values() if not shown.is_whole), None)
    if pieces is not None:
        return Doubt("prints lines in pieces", trees.site(pieces.span))
    fitting = frozenset[str]().union(*(FITTING.get(name, ()) for node in trees.nodes() for name in imported(node)))
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            reason = _brings(node, trees) or _hands_on(node, trees)
            if isinstance(node, ast.Call) and unit.span(node) not in seen.printed:
                reason = _calls(node, fitting)
            if reason is not None:
                return Doubt(reason, trees.site(unit.span(node)))  # type: ignore[arg-type]
    return None


def _brings(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why an import may bring prints of its own."""
    for name in imported(node):
        if name not in QUIET | sys.stdlib_module_names | FITTING.keys() | trees.modules:
            return f"uses `{name}`, which may print by itself"
        if name in PROGRAMS:
            return f"uses `{name}`, which may run what prints"
    if isinstance(node, ast.ImportFrom) and (taken := TAKEN.get(node.module or "")) is not None:
        own = next((each.name for each in node.names if each.name in taken), None)
        return None if own is None else f"uses `{node.module}.{own}` as a name of its own"
    return None


def _hands_on(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why text may reach the log through something else than a call of ``print`` or of a logger."""
    if isinstance(node, ast.Name) and node.id == "print" and isinstance(node.ctx, ast.Load):
        parent = trees.parents.get(node)
        return None if isinstance(parent, ast.Call) and parent.func is node else "hands `print` on"
    if isinstance(node, ast.alias) and node.asname == "print":
        return "has a `print` of its own"
    if isinstance(node, ast.Attribute):
        return _reaches(node, trees)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(DEVICES):
        return f"writes to `{node.value}`"
    return None


def _reaches(node: ast.Attribute, trees: ScriptTrees) -> str | None:
    """Why text may reach the log by a member of something."""
    parent = trees.parents.get(node)
    is_loaded = isinstance(node.ctx, ast.Load)
    is_log = node.attr == "log" and source_text(node.value).partition(".")[0] not in LOGARITHMS
    if is_loaded and (is_log or node.attr in LEVELS) and not (isinstance(parent, ast.Call) and parent.func is node):
        return f"hands `{node.attr}` on"
    if node.attr == "stream" and isinstance(parent, ast.Attribute):
        return "writes through `stream`"
    if not is_loaded and isinstance(node.value, ast.Name) and node.value.id in trees.modules:
        return f"sets `{node.attr}` of another module"
    if not is_loaded and node.attr in ("desc", "postfix", "terminator", "excepthook", "showwarning", "formatwarning"):
        return f"sets `{node.attr}`"
    is_stream = node.attr in ("stdout", "stderr") and (not is_loaded or _is_handed_on(node, parent))
    is_written = node.attr == "write" and isinstance(node.value, ast.Name) and node.value.id == "os"
    return f"writes through `{node.attr}`" if node.attr in STREAMS or is_stream or is_written else None


def _is_handed_on(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Whether a stream of Python's is used in another way than by a method, or as print's or a handler's."""
    if not (isinstance(node.value, ast.Name) and node.value.id == "sys"):
        return False
    if isinstance(parent, ast.Call):
        return parent.func is not node and called(parent) != "StreamHandler"
    return not isinstance(parent, ast.Attribute) and not (isinstance(parent, ast.keyword) and parent.arg in HANDING)


def _is_code(node: ast.expr) -> bool:
    """Whether what ends a script is a code, or what a function gives, and no text."""
    return isinstance(node, ast.Call) or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _calls(node: ast.Call, fitting: frozenset[str]) -> str | None:
    """Why a call that is not known to print may do so."""
    name = called(node)
    owner = source_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Call) and called(node.func) == "getattr":
        return "calls what `getattr()` gives"
    if name in ("exit", "SystemExit") and any(not _is_code(each) for each in node.args):
        return f"calls `{name}()` with what may be a text"
    if name in SHOWING | POSTFIX | fitting or ("print" in name.lower() and name not in HARMLESS):
        return f"calls `{name}()`, which may show anything"
    if _shows(node, name, owner):
        return f"calls `{name}()`, which may show anything"
    if name in RUNNING or owner == "subprocess" or (name in ("exec", "eval") and not owner):
        return f"calls `{name}()`, which may run what prints"
    verbose = next((each for each in node.keywords if each.arg in ("verbose", "verbosity", "progress")), None)
    if verbose is not None and not (isinstance(verbose.value, ast.Constant) and not verbose.value.value):
        return f"calls {f'`{name}()`' if name else 'what another expression gives'} with `{verbose.arg}`"
    return None


def _shows(node: ast.Call, name: str, owner: str) -> bool:
    """Whether what a call is given may be shown."""
    first = node.args[0] if node.args else None
    if name == "log":
        return first is not None and owner.partition(".")[0] not in LOGARITHMS
    if name == "open":
        return isinstance(first, ast.Constant) and isinstance(first.value, int)
    if name in ("tqdm", "trange"):
        return any(each.arg in ("desc", "postfix") for each in node.keywords)
    return (name == "input" and first is not None) or (name == "write" and BAR.search(owner) is not None)

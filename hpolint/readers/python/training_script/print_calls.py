"""The lines that a script and its modules print, and the reasons why they may print others."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Doubt, Print
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.averages import Averages, count_of_values
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name, imported_packages

QUIET_PACKAGES = frozenset(
    {"numpy", "pandas", "scipy", "sklearn", "torch", "torchvision", "torchtext", "torchaudio", "PIL", "cv2", "joblib"}
    | {"boto3", "botocore", "sagemaker", "sagemaker_training", "sagemaker_containers", "sagemaker_inference", "smdebug"}
    | {"matplotlib", "seaborn", "nltk", "s3fs", "pyarrow", "requests", "yaml", "tqdm", "dill", "cloudpickle", "h5py"}
    | {"sentencepiece", "tokenizers", "regex", "networkx", "imblearn", "psutil", "six", "dateutil", "pytz", "einops"}
    | {"category_encoders", "smexperiments", "sagemaker_sklearn_extension", "model_archiver", "smdistributed", "apex"}
    | {"datasets", "mlflow", "safetensors", "huggingface_hub", "albumentations", "skimage", "tensorboardX", "botocore"}
    | {"sagemaker_experiments", "librosa", "soundfile", "pickle5", "simplejson", "ujson", "awswrangler", "fsspec"}
)
"""Packages that print no metric by themselves unless they are set to be verbose."""

METRIC_CALLS = {
    "tensorflow": frozenset({"fit", "fit_generator", "evaluate", "evaluate_generator", "train", "train_and_evaluate"}),
    "mxnet": frozenset({"fit", "score", "Speedometer"}),
    "transformers": frozenset({"train", "evaluate", "predict", "Trainer", "Seq2SeqTrainer"}),
}
METRIC_CALLS["keras"] = METRIC_CALLS["tensorflow"]
"""Packages that print metrics, with the calls that do so."""

LEVELS = frozenset({"info", "warning", "warn", "error", "critical", "exception", "fatal"})
DISPLAY_FUNCTIONS = (
    LEVELS
    | {"print", "pprint", "echo", "secho", "_log", "handle", "emit", "help", "excepthook"}
    | {"showwarning", "warn_explicit", "captureWarnings"}
)
"""Names of functions and methods that print their arguments, of any object."""

LAUNCH_FUNCTIONS = frozenset(
    {"system", "popen", "Popen", "check_call", "import_module", "run_path", "run_module", "__import__", "reload"}
    | {"execv", "execvp", "execve", "execl", "execlp", "spawnv", "spawnvp", "fdopen", "finalize"}
)
"""Names of functions that start another program or import a module by name, which may print."""

LAUNCH_PACKAGES = frozenset({"subprocess", "pty", "runpy", "code", "timeit", "atexit", "pdb"})
"""Packages that run programs, or functions at the script's end."""

STREAM_MEMBERS = frozenset({"writelines", "__stdout__", "__stderr__", "buffer", "fileno"})
"""Further members of streams through which text reaches the log."""

DEVICES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/1/fd")

FUNCTIONS_WITHOUT_METRICS = frozenset({"print_help", "print_usage", "set_printoptions"})
"""Functions that print no metric in spite of their names."""

LOGARITHMS = frozenset({"math", "cmath", "np", "numpy", "torch", "tf", "jnp", "K"})
"""Modules whose ``log`` is the logarithm."""

BAR = lazy_regex(r"bar|tqdm|prog|trange", re.IGNORECASE)
STREAM_ARGUMENTS = frozenset({"file", "stream"})
"""The keywords for a stream, of print and of a handler."""

PRINTING_NAMES = {
    "os": LAUNCH_FUNCTIONS | {"write"},
    "sys": frozenset({"stdout", "stderr", "excepthook"}),
}
"""Members of these packages that print or run code that prints, also if they are imported by name."""

DISPLAY_METHODS = frozenset({"set_postfix", "set_postfix_str", "set_description", "set_description_str", "summary"})
"""Methods of tqdm's bars and of Keras's models that print text."""


def printed(seen: ScriptUses, trees: ScriptTrees) -> Iterator[Print]:
    """The lines that may be printed, with their sites."""
    averages = Averages(trees)
    for shown in seen.printed.values():
        call = trees.calls.get(shown.span)
        faults = tuple(averages.of(call))
        for line in shown.lines:
            is_sure = shown.is_sure and shown.is_whole and len(shown.lines) == 1
            yield Print(line, trees.site(shown.span), shown.in_loop, is_sure, faults, count_of_values(call))


def other_prints(seen: ScriptUses, trees: ScriptTrees) -> Doubt | None:
    """Why further lines may be printed; None if there are none."""
    pieces = next((shown for shown in seen.printed.values() if not shown.is_whole), None)
    if pieces is not None:
        return Doubt("prints lines in pieces", trees.site(pieces.span))
    metric_calls = frozenset[str]().union(
        *(METRIC_CALLS.get(name, ()) for node in trees.nodes() for name in imported_packages(node))
    )
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            reason = _import_reason(node, trees) or _output_reason(node, trees)
            if isinstance(node, ast.Call) and unit.span(node) not in seen.printed:
                reason = None if _is_own(node, trees) else _call_reason(node, metric_calls)
            if reason is not None:
                return Doubt(reason, trees.site(unit.span(node)))  # type: ignore[arg-type]
    return None


def _import_reason(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why an imported package may print."""
    for name in imported_packages(node):
        if name not in QUIET_PACKAGES | sys.stdlib_module_names | METRIC_CALLS.keys() | trees.modules:
            return f"uses `{name}`, which may print by itself"
        if name in LAUNCH_PACKAGES:
            return f"uses `{name}`, which may run code that prints"
    if isinstance(node, ast.ImportFrom) and (taken := PRINTING_NAMES.get(node.module or "")) is not None:
        own = next((each.name for each in node.names if each.name in taken), None)
        return None if own is None else f"imports `{node.module}.{own}` by name"
    return None


def _output_reason(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why text may reach the log by other means than a call of ``print`` or of a logger."""
    if isinstance(node, ast.Name) and node.id == "print" and isinstance(node.ctx, ast.Load):
        parent = trees.parents.get(node)
        return None if isinstance(parent, ast.Call) and parent.func is node else "passes `print` on"
    if isinstance(node, ast.alias) and node.asname == "print":
        return "imports its own `print`"
    if isinstance(node, ast.Attribute):
        return _attribute_reason(node, trees)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(DEVICES):
        return f"writes to `{node.value}`"
    return None


def _attribute_reason(node: ast.Attribute, trees: ScriptTrees) -> str | None:
    """Why text may reach the log through an attribute."""
    parent = trees.parents.get(node)
    is_loaded = isinstance(node.ctx, ast.Load)
    is_log = node.attr == "log" and source_text(node.value).partition(".")[0] not in LOGARITHMS
    if is_loaded and (is_log or node.attr in LEVELS) and not (isinstance(parent, ast.Call) and parent.func is node):
        return f"passes `{node.attr}` on"
    if node.attr == "stream" and isinstance(parent, ast.Attribute):
        return "writes through `stream`"
    if not is_loaded and isinstance(node.value, ast.Name) and node.value.id in trees.modules:
        return f"sets `{node.attr}` of another module"
    if not is_loaded and node.attr in ("desc", "postfix", "terminator", "excepthook", "showwarning", "formatwarning"):
        return f"sets `{node.attr}`"
    is_stream = node.attr in ("stdout", "stderr") and (not is_loaded or _is_stream_passed_on(node, parent))
    is_written = node.attr == "write" and isinstance(node.value, ast.Name) and node.value.id == "os"
    return f"writes through `{node.attr}`" if node.attr in STREAM_MEMBERS or is_stream or is_written else None


def _is_stream_passed_on(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Whether a standard stream is used otherwise than by its methods, or as the stream of print or a handler."""
    if not (isinstance(node.value, ast.Name) and node.value.id == "sys"):
        return False
    if isinstance(parent, ast.Call):
        return parent.func is not node and called_name(parent) != "StreamHandler"
    return not isinstance(parent, ast.Attribute) and not (
        isinstance(parent, ast.keyword) and parent.arg in STREAM_ARGUMENTS
    )


def _is_code(node: ast.expr) -> bool:
    """Whether the argument of ``exit`` is a status code or the result of a call, not text."""
    return isinstance(node, ast.Call) or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _is_own(node: ast.Call, trees: ScriptTrees) -> bool:
    """Whether a call runs a function or method of the script, whose prints are recorded themselves."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id != "print" and trees.is_own_function(function.id)
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    around = next((each for each in trees.around(node) if isinstance(each, ast.ClassDef)), None)
    if function.value.id != "self" or around is None or not all(map(_is_object, around.bases)) or around.keywords:
        return False
    return any(isinstance(each, ast.FunctionDef) and each.name == function.attr for each in around.body)


def _is_object(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "object"


def _call_reason(node: ast.Call, metric_calls: frozenset[str]) -> str | None:
    """Why a call that is not recorded as a print may print."""
    name = called_name(node)
    owner = source_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Call) and called_name(node.func) == "getattr":
        return "calls the result of `getattr()`"
    if name in ("exit", "SystemExit") and any(not _is_code(each) for each in node.args):
        return f"calls `{name}()` with an argument that may be text"
    if name in DISPLAY_FUNCTIONS | DISPLAY_METHODS | metric_calls or (
        "print" in name.lower() and name not in FUNCTIONS_WITHOUT_METRICS
    ):
        return f"calls `{name}()`, which may print anything"
    if _may_print(node, name, owner):
        return f"calls `{name}()`, which may print anything"
    if name in LAUNCH_FUNCTIONS or owner == "subprocess" or (name in ("exec", "eval") and not owner):
        return f"calls `{name}()`, which may run code that prints"
    verbose = next((each for each in node.keywords if each.arg in ("verbose", "verbosity", "progress")), None)
    if verbose is not None and not (isinstance(verbose.value, ast.Constant) and not verbose.value.value):
        return f"calls {f'`{name}()`' if name else 'the result of an expression'} with `{verbose.arg}`"
    return None


def _may_print(node: ast.Call, name: str, owner: str) -> bool:
    """Whether a call may print its arguments."""
    first = node.args[0] if node.args else None
    if name == "log":
        return first is not None and owner.partition(".")[0] not in LOGARITHMS
    if name == "open":
        return isinstance(first, ast.Constant) and isinstance(first.value, int)
    if name in ("tqdm", "trange"):
        return any(each.arg in ("desc", "postfix") for each in node.keywords)
    return (name == "input" and first is not None) or (name == "write" and BAR.search(owner) is not None)

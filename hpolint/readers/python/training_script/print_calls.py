"""The lines that a script and its modules print, and the reasons why they may print others."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import chain

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import Doubt, Print
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.training_script.averages import Averages, count_of_values
from hpolint.readers.python.training_script.printed_lines import written_text
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name, imported_packages

QUIET_PACKAGES = frozenset(
    {"numpy", "pandas", "scipy", "sklearn", "torch", "torchvision", "torchtext", "torchaudio", "PIL", "cv2", "joblib"}
    | {"boto3", "botocore", "sagemaker", "sagemaker_training", "sagemaker_containers", "sagemaker_inference", "smdebug"}
    | {"matplotlib", "seaborn", "nltk", "s3fs", "pyarrow", "requests", "yaml", "tqdm", "dill", "cloudpickle", "h5py"}
    | {"sentencepiece", "tokenizers", "regex", "networkx", "imblearn", "psutil", "six", "dateutil", "pytz", "einops"}
    | {"category_encoders", "smexperiments", "sagemaker_sklearn_extension", "model_archiver", "smdistributed", "apex"}
    | {"datasets", "mlflow", "safetensors", "huggingface_hub", "albumentations", "skimage", "tensorboardX"}
    | {"sagemaker_experiments", "librosa", "soundfile", "pickle5", "simplejson", "ujson", "awswrangler", "fsspec"}
    | {"keras_metrics", "torchmetrics", "packaging"}
)
"""Packages that print no metric by themselves unless they are set to be verbose.

keras-metrics 1.1.0 prints and logs nothing. torchmetrics 0.11.4, 1.2.0 and 1.9.0 warn, and keep what pycocotools prints
from the log; only ``check_forward_full_state_property`` prints, which shows how long it took.
"""

METRIC_CALLS = {
    "tensorflow": frozenset({"fit", "fit_generator", "evaluate", "evaluate_generator", "train", "train_and_evaluate"}),
    "mxnet": frozenset({"fit", "score", "Speedometer"}),
    "transformers": frozenset({"train", "evaluate", "predict", "Trainer", "Seq2SeqTrainer"}),
}
METRIC_CALLS["keras"] = METRIC_CALLS["tensorflow"]
"""Packages that print metrics, with the calls that do so."""

TRAINER = "Trainer"
"""The end of the names of Transformers' classes whose methods print metrics."""

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

SUBPROCESS = "subprocess"
QUIET_COMMAND = lazy_regex(
    r"(?:(?:(?:python[\d.]*\s+)?-m\s+)?(?:pip[\d.]*|conda|mamba|apt(?:-get)?)\s+install"
    r"|aws\s+s3\s+(?:cp|sync|mv|ls)|unzip|tar|gunzip|mkdir|wget|curl|cp|mv|rm|chmod|nvidia-smi)\b[^;&|`$\n]*\Z"
)
"""A command that installs packages, or copies or unpacks files, and nothing else: its output has no metric."""

LAUNCH_PACKAGES = frozenset({"subprocess", "pty", "runpy", "code", "timeit", "atexit", "pdb"})
"""Packages that run programs, or functions at the script's end."""

STREAM_MEMBERS = frozenset({"writelines", "__stdout__", "__stderr__", "buffer", "fileno"})
"""Further members of streams through which text reaches the log."""

STREAMS = ("stdout", "stderr")
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


OUTPUT = (ast.Call, ast.Import, ast.ImportFrom, ast.Name, ast.alias, ast.Attribute, ast.Constant)
"""The classes of nodes by which text may reach the log."""


def printed(recorded: ScriptUses, trees: ScriptTrees) -> Iterator[Print]:
    """The lines that may be printed, with their sites."""
    averages = Averages(trees)
    for span, shown in recorded.printed.items():
        call = trees.calls[span]
        faults = tuple(averages.of(call))
        for line, is_sure in shown.lines.items():
            yield Print(
                line, trees.site(span), shown.in_loop, is_sure and shown.is_whole, faults, count_of_values(call)
            )


def has_trainer(trees: ScriptTrees) -> bool:
    """Whether transformers' Trainer prints metrics only as the text of a dict, and not as ``log_metrics`` does.

    Source: transformers 4.6.0, ``ProgressCallback.on_log`` and ``trainer_pt_utils.log_metrics``, whose lines are
    ``{'eval_accuracy': 0.9}`` and ``eval_accuracy = 0.9``.
    """
    if not trees.is_imported("transformers") or trees.calls_of("log_metrics"):
        return False
    trained = {called_name(call) for call in trees.calls_of("Trainer", "Seq2SeqTrainer")}
    return bool(trained) and not any(trees.is_own_function(name) for name in trained)


def other_prints(recorded: ScriptUses, trees: ScriptTrees) -> Doubt | None:
    """Why further lines may be printed; None if there are none."""
    for span, shown in recorded.printed.items():
        if not shown.is_whole:
            return Doubt("prints lines in pieces", trees.site(span))
    metric_calls = _metric_calls(trees)
    runners = _names_of_subprocess(trees)

    def reason_of(node: ast.AST, unit: Unit) -> str | None:
        if isinstance(node, ast.Call) and unit.span(node) not in recorded.printed:
            is_own = recorded.own_calls.get(unit.span(node), False) and called_name(node) != "print"
            return None if is_own or _is_own(node, trees) else _call_reason(node, metric_calls, runners)
        return _import_reason(node, trees) or _runner_reason(node, trees, runners) or _output_reason(node, trees)

    return trees.first_doubt(OUTPUT, reason_of)


def _metric_calls(trees: ScriptTrees) -> frozenset[str]:
    """The names of the calls by which the imported packages print metrics."""
    packages = [package for package in METRIC_CALLS if trees.is_imported(package)]
    if "transformers" in packages and not _may_make_trainer(trees):
        packages.remove("transformers")
    return frozenset[str]().union(*(METRIC_CALLS[package] for package in packages))


def _may_make_trainer(trees: ScriptTrees) -> bool:
    """Whether a script may make one of Transformers' trainers, or imports all of its names."""
    imported = [alias.name for alias in trees.nodes_of(ast.alias)]
    names = [*imported, *(attribute.attr for attribute in trees.attributes)]
    return any(name == "*" or name.endswith(TRAINER) for name in names)


def _names_of_subprocess(trees: ScriptTrees) -> frozenset[str]:
    """``subprocess``, and the names that imports bind to it."""
    aliases = chain.from_iterable(statement.names for statement in trees.nodes_of(ast.Import))
    return frozenset([SUBPROCESS, *(alias.asname or alias.name for alias in aliases if alias.name == SUBPROCESS)])


def _import_reason(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why an imported package may print."""
    for name in imported_packages(node):
        if name not in QUIET_PACKAGES | sys.stdlib_module_names | METRIC_CALLS.keys() | trees.modules:
            return f"uses `{name}`, which may print by itself"
        if name in LAUNCH_PACKAGES and not (isinstance(node, ast.Import) and name == SUBPROCESS):
            return f"uses `{name}`, which may run code that prints"
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if alias.name in PRINTING_NAMES.get(node.module or "", ()):
                return f"imports `{node.module}.{alias.name}` by name"
    return None


def _runner_reason(node: ast.AST, trees: ScriptTrees, runners: frozenset[str]) -> str | None:
    """Why another program may be run by other means than a call of a function of ``subprocess``."""
    match node:
        case ast.Name(id=name) if name in runners and not isinstance(trees.parents.get(node), ast.Attribute):
            return f"passes `{name}` on"
        case ast.Attribute(attr=name, value=ast.Name(id=owner)) if owner in runners and name.islower():
            return None if _is_called(node, trees) else f"passes `{name}` on"
    return None


def _output_reason(node: ast.AST, trees: ScriptTrees) -> str | None:
    """Why text may reach the log by other means than a call of ``print`` or of a logger."""
    match node:
        case ast.Name(id="print", ctx=ast.Load()) if not _is_called(node, trees):
            return "passes `print` on"
        case ast.alias(asname="print"):
            return "imports its own `print`"
        case ast.Attribute(ctx=ast.Load()):
            return _read_reason(node, trees)
        case ast.Attribute():
            return _set_reason(node, trees)
        case ast.Constant(value=str(text)) if text.startswith(DEVICES):
            return f"writes to `{text}`"
    return None


def _is_called(node: ast.expr, trees: ScriptTrees) -> bool:
    parent = trees.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def _read_reason(node: ast.Attribute, trees: ScriptTrees) -> str | None:
    """Why text may reach the log through an attribute that is read."""
    name, parent = node.attr, trees.parents.get(node)
    is_log = name == "log" and source_text(node.value).partition(".")[0] not in LOGARITHMS
    if (is_log or name in LEVELS) and not _is_called(node, trees):
        return f"passes `{name}` on"
    if name == "stream" and isinstance(parent, ast.Attribute):
        return "writes through `stream`"
    is_passed_on = name in STREAMS and _is_stream_passed_on(node, parent)
    return f"writes through `{name}`" if is_passed_on or _is_written(node) else None


def _set_reason(node: ast.Attribute, trees: ScriptTrees) -> str | None:
    """Why text may reach the log through an attribute that is set."""
    name = node.attr
    if isinstance(node.value, ast.Name) and node.value.id in trees.modules:
        return f"sets `{name}` of another module"
    if name in ("desc", "postfix", "terminator", "excepthook", "showwarning", "formatwarning"):
        return f"sets `{name}`"
    return f"writes through `{name}`" if name in STREAMS or _is_written(node) else None


def _is_written(node: ast.Attribute) -> bool:
    """Whether an attribute is a way to write to a stream."""
    is_write = node.attr == "write" and isinstance(node.value, ast.Name) and node.value.id == "os"
    return is_write or node.attr in STREAM_MEMBERS


def _is_stream_passed_on(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Whether a standard stream is used otherwise than by its methods, or as the stream of print or a handler."""
    if not (isinstance(node.value, ast.Name) and node.value.id == "sys"):
        return False
    match parent:
        case ast.Call(func=function):
            return function is not node and called_name(parent) != "StreamHandler"
        case ast.keyword(arg=name):
            return name not in STREAM_ARGUMENTS
    return not isinstance(parent, ast.Attribute)


def _is_code(node: ast.expr) -> bool:
    """Whether the argument of ``exit`` is a status code or the result of a call, not text."""
    return isinstance(node, ast.Call) or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _is_own(node: ast.Call, trees: ScriptTrees) -> bool:
    """Whether a call runs a function or method of the script, whose prints are recorded themselves."""
    match node.func:
        case ast.Name(id=name):
            return name != "print" and trees.is_own_function(name)
        case ast.Attribute(attr=name, value=ast.Name(id="self")):
            cls = trees.closest(node, ast.ClassDef)
            if cls is None or cls.keywords or not all(map(_is_object, cls.bases)):
                return False
            return any(isinstance(statement, ast.FunctionDef) and statement.name == name for statement in cls.body)
    return False


def _is_object(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "object"


def _call_reason(node: ast.Call, metric_calls: frozenset[str], runners: frozenset[str]) -> str | None:
    """Why a call that is not recorded as a print may print."""
    name = called_name(node)
    owner = source_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Call) and called_name(node.func) == "getattr":
        return "calls the result of `getattr()`"
    if name in ("exit", "SystemExit") and not all(map(_is_code, node.args)):
        return f"calls `{name}()` with an argument that may be text"
    if name in DISPLAY_FUNCTIONS | DISPLAY_METHODS | metric_calls or _may_print(node, name, owner):
        return f"calls `{name}()`, which may print anything"
    if _may_run_code(name, owner, runners) and not _is_quiet_command(node):
        return f"calls `{name}()`, which may run code that prints"
    return _verbose_reason(node, name)


def _may_run_code(name: str, owner: str, runners: frozenset[str]) -> bool:
    return name in LAUNCH_FUNCTIONS or owner in runners or (name in ("exec", "eval") and not owner)


def _is_quiet_command(node: ast.Call) -> bool:
    """Whether a call only runs a command whose output has no metric: words without a shell's signs."""
    command = next(iter(node.args), None)
    if isinstance(command, ast.List | ast.Tuple):
        words = [word.value if isinstance(word, ast.Constant) else "" for word in command.elts]
        return QUIET_COMMAND.match(" ".join([str(word) for word in words]).strip()) is not None
    text = written_text(command)
    return text is not None and QUIET_COMMAND.match(text.strip()) is not None


def _verbose_reason(node: ast.Call, name: str) -> str | None:
    """Why a call may print because an argument asks for it."""
    verbose = next((keyword for keyword in node.keywords if keyword.arg in ("verbose", "verbosity", "progress")), None)
    if verbose is None or (isinstance(verbose.value, ast.Constant) and not verbose.value.value):
        return None
    callee = f"`{name}()`" if name else "the result of an expression"
    return f"calls {callee} with `{verbose.arg}`"


def _may_print(node: ast.Call, name: str, owner: str) -> bool:
    """Whether a call may print its arguments."""
    match name:
        case "log":
            return bool(node.args) and owner.partition(".")[0] not in LOGARITHMS
        case "open":
            first = next(iter(node.args), None)
            return isinstance(first, ast.Constant) and isinstance(first.value, int)
        case "tqdm" | "trange":
            return any(keyword.arg in ("desc", "postfix") for keyword in node.keywords)
        case "input":
            return bool(node.args)
        case "write":
            return BAR.search(owner) is not None
    return "print" in name.lower() and name not in FUNCTIONS_WITHOUT_METRICS

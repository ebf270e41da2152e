"""Models that a script saves only in the folder in which it runs: the service uploads another one."""

from __future__ import annotations

import ast
import posixpath
import sys
from collections.abc import Iterator
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import ScriptChange, UnkeptModel
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.kept_models import keeping_changes
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.print_calls import QUIET_PACKAGES
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    imported_packages,
    text_of,
)

STORES = frozenset(
    {"boto3", "botocore", "s3fs", "fsspec", "awswrangler", "requests", "mlflow", "huggingface_hub", "datasets"}
    | {"sagemaker", "sagemaker_training", "sagemaker_containers", "sagemaker_inference", "sagemaker_experiments"}
    | {"smexperiments", "sagemaker_sklearn_extension", "smdistributed", "apex", "model_archiver"}
)
"""Packages that may store a model somewhere, or that know the folder of the model."""

COPYING_MODULES = frozenset(
    {"shutil", "subprocess", "zipfile", "tarfile", "urllib", "http", "ftplib", "socket", "runpy", "importlib", "pty"}
    | {"ctypes", "atexit", "sqlite3", "shelve", "dbm", "asyncio", "smtplib", "tempfile", "multiprocessing"}
)
"""Modules of the standard library that may copy a file, send it, or run other code."""

LOCAL_PACKAGES = (
    (QUIET_PACKAGES - STORES)
    | {"tensorflow", "keras", "xgboost", "lightgbm", "catboost"}
    | (sys.stdlib_module_names - COPYING_MODULES)
)
"""Packages that write a model only where they are told to."""

OTHER_PLACE = lazy_regex(
    r"(?i)SM_MODEL|SM_OUTPUT|SM_TRAINING_ENV|/opt/ml/(?!input\b|code\b)|s3://|check_?point|ckpt|mlflow"
)
"""Texts that name another place for a model."""

OTHER_WAY = lazy_regex(
    r"(?i)check_?point|ckpt|upload|put_object|callback|mlflow|autolog|log_model|push_to|trainer|symlink|link_to|gfile"
    r"|^(?:chdir|system|popen|link|exec[lv]\w*|spawn\w*|fork|import_module|renames|move|copyfile|copytree"
    r"|Saver|train_and_evaluate|SavedModelBuilder|EstimatorSpec)$"
)
"""Names of what may save a model unseen, moves it, or changes the folder in which the script runs."""

DYNAMIC_FUNCTIONS = frozenset({"exec", "eval", "getattr", "__import__"})
"""Functions through which something else may be called than what is written."""

SAVING = lazy_regex(
    r"(?i)(?:^|_)(?:save|dump|export|store|persist|serialize|publish|archive|push|write_(?:bytes|text)"
    r"|to_(?:pickle|onnx|hdf))"
)
"""Names of functions and methods that save something."""

HARMLESS_SAVES = frozenset({"dumps", "save_for_backward", "save_scalar", "save_hyperparameters", "savefig"})
"""Functions with such names that save no model."""

BEHIND_THE_MODEL = frozenset(
    {"torch.save", "torch.jit.save", "joblib.dump", "pickle.dump", "cloudpickle.dump", "dill.dump", "dump"}
    | {"tf.saved_model.save", "tf.keras.models.save_model", "keras.models.save_model", "json.dump", "yaml.dump"}
)
"""Functions whose second argument is the path, or an open file."""

MODEL_METHODS = ("save", "save_model", "save_weights", "save_pretrained", "export")
"""Methods of a model whose first argument is the path."""

ARRAY_FUNCTIONS = frozenset({"np.save", "numpy.save", "np.savez", "numpy.savez"})
PATH_KEYWORDS = ("f", "filename", "file", "filepath", "path", "export_dir", "fname", "save_directory", "fp")
OTHER_OWNERS = frozenset({"json", "yaml", "np", "numpy"})
"""Modules whose functions save no model."""

PATH_FUNCTIONS = frozenset({"os.path.join", "Path", "pathlib.Path", "str", "open"})
WRITING_MODE = lazy_regex(r"[rbt]*[wax+][wxarbt+]*\Z")
"""The mode of a file that is written."""

LEGACY_FUNCTIONS = frozenset({"estimator_fn", "keras_model_fn", "train_input_fn"})
"""Functions that TensorFlow's legacy containers call, which save the model themselves."""

MAX_DEPTH = 5


class UnkeptModels:
    """Tells whether nothing keeps the model that a script saves."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._parsed = ParsedOptions(trees)
        self._named_paths: dict[tuple[str, int], str | None] = {}

    def first(self) -> UnkeptModel | None:
        """The first model that is saved in the working folder; None if a model may be kept, or none is saved."""
        if not self._trees.calls_of("dump", *MODEL_METHODS) or self._trees.defined & LEGACY_FUNCTIONS:
            return None
        calls = list(self._saving_calls())
        models = [call for call in calls if _saves_model(call)]
        if not models or not all(map(self._is_below_working_folder, calls)) or not all(map(self._is_meant, models)):
            return None
        path = self._path(models[0])
        if path is None or any(map(self._may_keep, self._trees.nodes())):
            return None
        return UnkeptModel(path, self._trees.site_of(models[0]), self._changes(models))

    def _changes(self, models: list[ast.Call]) -> tuple[ScriptChange, ...]:
        """The changes by which the models that some calls save are kept."""
        paths: list[ast.expr] = []
        for call in models:
            argument = _argument(call)
            opened = self._opened(argument.id, call) if isinstance(argument, ast.Name) else None
            if isinstance(opened, ast.Call) and called_name(opened) == "open" and opened.args:
                argument = opened.args[0]
            if argument is None:
                return ()
            paths.append(argument)
        return keeping_changes(paths, self._trees, self._bindings)

    def _is_below_working_folder(self, call: ast.Call) -> bool:
        """Whether a call certainly saves to a literal path in the folder in which the script runs."""
        path = self._path(call)
        if not path or path.startswith(("/", "~", "\\")):
            return False
        return ".." not in path.split("/") and ":" not in path and "$" not in path

    def _saving_calls(self) -> Iterator[ast.Call]:
        """The calls that may save something, without those of the script's own functions."""
        for call in self._trees.nodes_of(ast.Call):
            name = called_name(call)
            is_own = isinstance(call.func, ast.Name) and self._trees.is_own_function(name)
            if name == "open" and not is_own:
                if _may_write(call):
                    yield call
            elif SAVING.search(name) and name not in HARMLESS_SAVES and not is_own:
                yield call

    def _path(self, call: ast.Call) -> str | None:
        """The literal path to which a call saves; None if it is not known."""
        argument = _argument(call) if called_name(call) not in self._trees.defined else None
        return self._text(argument, call, MAX_DEPTH) if argument is not None else None

    def _text(self, node: ast.expr, call: ast.AST, depth: int) -> str | None:
        """The text of a path, or of the path of an open file; None if it is not literal."""
        text = text_of(node)
        if text is not None or depth == 0:
            return text
        match node:
            case ast.Name(id=name):
                opened = self._opened(name, call)
                if opened is not None:
                    return self._text(opened, call, depth - 1)
                return self._named_path(name, depth - 1)
            case ast.Call(func=function, args=[first, *others]) if source_text(function) in PATH_FUNCTIONS:
                parts = others if called_name(node) == "join" else []
                return self._joined([first, *parts], call, depth - 1)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right], call, depth - 1)
        return None

    def _joined(self, parts: list[ast.expr], call: ast.AST, depth: int) -> str | None:
        texts = [self._text(part, call, depth) for part in parts]
        known = [text for text in texts if text is not None]
        return posixpath.join(*known) if len(known) == len(texts) else None

    def _named_path(self, name: str, depth: int) -> str | None:
        """The literal path that a name is always bound to; None if there are several."""
        key = (name, depth)
        if key not in self._named_paths:
            values = self._bindings.of(name)
            texts = {self._text(value, value, depth) if value is not None else None for value in values}
            self._named_paths[key] = texts.pop() if len(texts) == 1 else None
        return self._named_paths[key]

    def _opened(self, name: str, node: ast.AST) -> ast.expr | None:
        """What a statement ``with`` around a node opens under a name; None if there is none."""
        for above in self._trees.around(node):
            for item in above.items if isinstance(above, ast.With) else ():
                if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name:
                    return item.context_expr
        return None

    def _is_meant(self, call: ast.Call) -> bool:
        """Whether a script may come to a call, and not because of an option."""
        for above in self._trees.around(call):
            if isinstance(above, ast.FunctionDef) and above.name not in self._used_names:
                return False
            if isinstance(above, ast.If | ast.While) and self._asks_option(above.test):
                return False
        return True

    @cached_property
    def _used_names(self) -> set[str]:
        """The names that the script reads, also as attributes."""
        names = {node.id for node in self._trees.nodes_of(ast.Name) if isinstance(node.ctx, ast.Load)}
        return names.union(attribute.attr for attribute in self._trees.attributes)

    def _asks_option(self, test: ast.expr) -> bool:
        for node in walk(test):
            if isinstance(node, ast.Attribute) and self._parsed.is_namespace(node.value, self._parsed.names):
                return True
        return False

    def _may_keep(self, node: ast.AST) -> bool:
        """Whether a node names another place for a model, or something that may bring it there."""
        match node:
            case ast.ImportFrom() if node.level:
                return (node.module or "").partition(".")[0] not in self._trees.modules
            case ast.Import() | ast.ImportFrom():
                return not LOCAL_PACKAGES.union(self._trees.modules).issuperset(imported_packages(node))
            case ast.Constant(value=str(text)):
                return OTHER_PLACE.search(text) is not None
            case ast.Call(func=ast.Attribute(attr="replace" | "rename"), args=[_], keywords=[]):
                return True  # of a path: a text's method takes two arguments
            case ast.Call(func=ast.Attribute(attr="replace" | "rename", value=ast.Name(id="os"))):
                return True
            case ast.Attribute(attr="environ" | "getenv") | ast.Name(id="environ" | "getenv"):
                return not self._is_literal_read(node)
            case ast.Name(id=name) if name in DYNAMIC_FUNCTIONS:
                return not self._trees.is_own_function(name)
        return any(OTHER_WAY.search(name) for name in _names(node))

    def _is_literal_read(self, node: ast.AST) -> bool:
        """Whether a use of ``os.environ`` or ``os.getenv`` reads or sets a variable whose name is written."""
        above = self._trees.parents.get(node)
        if isinstance(above, ast.Subscript):
            return isinstance(above.slice, ast.Constant)
        if isinstance(above, ast.Attribute):
            above = self._trees.parents.get(above)
        return isinstance(above, ast.Call) and bool(above.args) and isinstance(above.args[0], ast.Constant)


def _argument(call: ast.Call) -> ast.expr | None:
    """The argument of a call that is the path, or the open file, to which it saves; None if it is not known."""
    place = _place_of_path(call)
    if place is None:
        return None
    for keyword in PATH_KEYWORDS:
        argument = argument_of(call, keyword)
        if argument is not None:
            return argument
    return call.args[place] if place < len(call.args) else None


def _place_of_path(call: ast.Call) -> int | None:
    """The place of the path among the positional arguments of a call; None for a call that is not known."""
    function = source_text(call.func)
    if function in BEHIND_THE_MODEL:
        return 1
    if function == "torch.onnx.export":
        return 2
    if function == "open" or function in ARRAY_FUNCTIONS:
        return 0
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr in MODEL_METHODS
    return 0 if is_method else None


def _saves_model(call: ast.Call) -> bool:
    function = source_text(call.func)
    return function != "open" and function.partition(".")[0] not in OTHER_OWNERS


def _may_write(call: ast.Call) -> bool:
    """Whether a call of a function or method ``open`` may write."""
    mode = argument_of(call, "mode", 1)
    if isinstance(call.func, ast.Name) and mode is not None and text_of(mode) is None:
        return True
    texts = [text_of(mode), *map(text_of, call.args)]
    return any(text is not None and WRITING_MODE.match(text) for text in texts)


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a node itself writes."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.alias():
            yield from (node.name.rpartition(".")[2], node.asname or "")

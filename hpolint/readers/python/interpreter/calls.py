"""Calls: into this source's own functions, of what Python and the SDK are known to do, and unknown ones."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import (
    bounds,
    builtin_functions,
    callbacks,
    classes,
    expressions,
    methods,
    operators,
    paths,
    reflection,
)
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

READ_ONLY_MODULES = frozenset(
    {"builtins", "json", "pprint", "os", "sys", "math", "time", "datetime", "logging", "IPython", "numpy", "pandas"}
    | {
        "matplotlib",
        "re",
        "random",
        "string",
        "uuid",
        "tempfile",
        "pathlib",
        "io",
        "argparse",
        "warnings",
        "itertools",
        "copy",
    }
    | {"typing", "functools", "collections", "dataclasses", "contextlib", "enum", "abc"}
)
"""Modules whose functions do not change the dicts and lists that they are given."""

SHOWING = frozenset({"logging", "loguru", "structlog", "rich", "pprint", "mlflow", "wandb", "comet_ml"})
"""Modules whose functions and objects only show or record what they are given."""

PASSING = frozenset({"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "rich.progress.track"})
"""Functions that give what they are given, item by item, and show how far it is."""

STORING = frozenset(
    f"{module}.{name}"
    for module in ("joblib", "pickle", "cloudpickle", "dill", "json", "yaml")
    for name in ("dump", "dumps", "safe_dump")
) | {"torch.save", "numpy.save", "numpy.savez"}
"""Functions that only write what they are given."""

LOGGING = re.compile(r"log_(?:param(?:eter)?|metric|hyperparam|input|output|artifact|dict|text)s?\Z")
LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "success", "trace"})
LOGGER = re.compile(r"(?:\A|[._])_*log(?:ger)?\Z", re.IGNORECASE)
"""Methods by which trackers and loggers keep what they are given, whoever made them, and what loggers are called."""

CHANGING = frozenset({"random.shuffle", "numpy.random.shuffle"})
"""Functions of those modules that do."""

GIVING_BACK = frozenset(
    {"builtins", "random", "itertools", "copy", "typing", "functools", "operator", "collections"}
    | {"contextlib", "dataclasses"}
)
"""Modules whose functions may give back what they are given, or a part of it."""

PARTIAL = "functools.partial"


class Site(msgspec.Struct, frozen=True):
    """Where a call stands: the called name or member, the whole function, the whole call."""

    node: ast.Call
    callee: Span
    function: Span
    span: Span

    @property
    def text(self) -> str:
        """What is called, as it is written."""
        return source_text(self.node.func)[:60]


def call(interpreter: Interpreter, node: ast.Call) -> Value:
    """The value of a call, and what it does to its receiver and arguments."""
    interpreter.step()
    function = expressions.evaluate(interpreter, node.func)
    arguments = read_arguments(interpreter, node)
    callee = interpreter.unit.tail(node.func) if isinstance(node.func, ast.Attribute) else interpreter.span(node.func)
    site = Site(node, callee, interpreter.span(node.func), interpreter.span(node))
    return apply(interpreter, function, arguments, site)


def apply(interpreter: Interpreter, function: Value, arguments: Arguments, site: Site) -> Value:
    """What a call of a value does and gives."""
    span = site.span
    if isinstance(function, Function):
        return interpreter.call_function(function, arguments, span)
    if isinstance(function, UserClass):
        return classes.instantiate(interpreter, function, arguments, site.function)
    if isinstance(function, Instance) and function.user_class is not None:
        caller = classes.attribute(function, "__call__")
        if isinstance(caller, Function):
            return interpreter.call_function(caller, arguments, span)
    if isinstance(function, Instance) and function.cls == PARTIAL and function.arguments.positional:
        return _partial(interpreter, function.arguments, arguments, site)
    if isinstance(function, Method | Symbol) and _only_keeps(function, site):
        interpreter.libraries.logged(site.text, arguments, span)
        found: Value = unknown(is_a(f"what `{site.text}()` returns"), span)
    elif isinstance(function, Method):
        found = _method(interpreter, function, arguments, site.callee, span)
    elif isinstance(function, Symbol):
        found = _symbol(interpreter, function, arguments, site.callee, span)
    else:
        callbacks.follow(interpreter, [function], arguments, span)
        found = _unknown_call(site.text, arguments, span, function)
    callbacks.follow(interpreter, arguments.values(), arguments, span)
    return found


def _only_keeps(method: Method | Symbol, site: Site) -> bool:
    """Whether a method is one of a logger or a tracker, by its own name and that of what it is called on."""
    if isinstance(method, Method) and isinstance(method.receiver, Mapping | Sequence | Instance):
        return False
    called = site.node.func
    if isinstance(called, ast.Attribute) and called.attr not in LEVELS and LOGGING.match(called.attr) is None:
        return False  # as nearly all: what they are called on need not be spelt
    holder, _, name = site.text.rpartition(".")
    keeps = LOGGING.match(name) if name not in LEVELS else LOGGER.search(holder)
    return bool(holder) and keeps is not None


def _partial(interpreter: Interpreter, fixed: Arguments, arguments: Arguments, site: Site) -> Value:
    """A call of what ``functools.partial`` has made."""
    both = Arguments([*fixed.positional[1:], *arguments.positional], {**fixed.keywords, **arguments.keywords})
    both.places, both.open = {**fixed.places, **arguments.places}, fixed.open or arguments.open
    return apply(interpreter, fixed.positional[0], both, site)


def read_arguments(interpreter: Interpreter, node: ast.Call) -> Arguments:
    """A call's arguments, spreads resolved where they are known."""
    arguments = Arguments()
    for item in node.args:
        if isinstance(item, ast.Starred):
            values = operators.iterated(expressions.evaluate_now(interpreter, item.value))
            if values is None:  # nobody can tell the places of those that follow
                arguments.open = unknown("may come from spread arguments", interpreter.span(item))
                break
            if not bounds.has_room(arguments.positional, values):
                arguments.open = operators.aliases(values, unknown(bounds.TOO_LARGE, interpreter.span(item)))
                break
            arguments.positional += values
        elif _is_all_names(item):  # who is given them all reads them
            arguments.positional.append(unknown(is_a("a dict of all names"), interpreter.span(item)))
        else:
            arguments.positional.append(expressions.evaluate_now(interpreter, item))
    for keyword in node.keywords:
        value = expressions.evaluate(interpreter, keyword.value)
        if keyword.arg is not None:
            arguments.keywords[keyword.arg] = value
            arguments.places[keyword.arg] = interpreter.unit.head(keyword, keyword.arg)
        else:
            arguments.spread.append(value)
            _spread(arguments, value, interpreter.span(keyword))
    return arguments


def _is_all_names(node: ast.expr) -> bool:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args
    return named and node.func.id in ("globals", "locals", "vars")  # type: ignore[attr-defined]


def _spread(arguments: Arguments, value: Value, span: Span) -> None:
    if not isinstance(value, Mapping):
        arguments.open = unknown("may come from spread arguments", span)
        return
    if not bounds.has_room(arguments.keywords, value.entries):
        arguments.open = unknown(bounds.TOO_LARGE, span)
        return
    for key, entry in value.entries.items():
        arguments.keywords[str(key)] = entry
        arguments.places[str(key)] = value.keys.get(key, span)
    if value.open is not None:
        arguments.open = value.open


def _sharing_copy(interpreter: Interpreter, name: str, arguments: Arguments, span: Span) -> Value | None:
    """A shallow copy of an object that shares what it holds with the first; None for anything else."""
    first = arguments.positional[0] if len(arguments.positional) == 1 else None
    if name != "copy.copy" or not isinstance(first, Instance) or interpreter.libraries.copied(first):
        return None
    return operators.aliases([first], unknown(is_a("a copy"), span))


def _symbol(interpreter: Interpreter, symbol: Symbol, arguments: Arguments, callee: Span, span: Span) -> Value:
    """A call of something imported, or of a builtin."""
    package, _, name = symbol.name.rpartition(".")
    if symbol.name == PARTIAL:
        return Instance(PARTIAL, arguments, callee)
    known = reflection.call(interpreter, name, arguments, span) if package == "builtins" else None
    known = known or _sharing_copy(interpreter, symbol.name, arguments, span)
    known = known or builtin_functions.function(symbol.name, arguments, span)
    if known is not None:
        return known
    made = interpreter.libraries.call(symbol.name, arguments, callee, span)
    if made is not None:
        return made
    top = symbol.name.partition(".")[0]
    if symbol.name in PASSING and arguments.positional:
        return arguments.positional[0]
    if (top in SHOWING and not symbol.name.startswith("rich.progress")) or symbol.name in STORING:
        return Symbol(f"{symbol.name}()", span)  # an object of the module is as harmless as its functions
    if not _is_read_only(interpreter, top) or symbol.name in CHANGING:
        return _unknown_call(symbol.name, arguments, span)
    found = unknown(is_a(f"what `{name}()` returns"), span)
    if top not in GIVING_BACK:
        return found
    given = list(arguments.values())
    return operators.aliases([*given, *(part for value in given for part in operators.parts(value))], found)


def _method(interpreter: Interpreter, method: Method, arguments: Arguments, callee: Span, span: Span) -> Value:
    receiver, name = method.receiver, method.name
    made = interpreter.libraries.method(receiver, name, arguments, callee, span)
    if made is not None:
        return made
    if isinstance(receiver, Mapping):
        return methods.of_mapping(receiver, name, arguments, span)
    if isinstance(receiver, Sequence):
        return methods.of_sequence(receiver, name, arguments, span)
    if isinstance(receiver, Constant) and isinstance(receiver.value, str):
        return methods.of_text(receiver.value, name, arguments, span)
    if isinstance(receiver, Instance) and receiver.cls == paths.PATH:
        found = paths.method(receiver, name, arguments, span)
        if found is not None:
            return found
    if isinstance(receiver, Instance) and _is_read_only(interpreter, receiver.cls.partition(".")[0]):
        return unknown(is_a(f"what `{name}()` returns"), span)
    return _unknown_call(name, arguments, span, receiver)


def _is_read_only(interpreter: Interpreter, module: str) -> bool:
    return module in READ_ONLY_MODULES or interpreter.libraries.is_read_only(module)


def _unknown_call(name: str, arguments: Arguments, span: Span, receiver: Value | None = None) -> Unknown:
    """Something that is not known may change the dicts, lists and objects that it is given, and give them back."""
    for value in arguments.values():
        operators.forget(value, unknown(f"was passed to `{name}()`, which may change it", span))
    if isinstance(receiver, Instance) and receiver.user_class is None:
        receiver.escaped = unknown(f"may be changed by `{name}()`", span)
    given = [*arguments.values(), *([receiver] if receiver is not None else [])]
    return operators.aliases(given, unknown(is_a(f"what `{name}()` returns"), span))

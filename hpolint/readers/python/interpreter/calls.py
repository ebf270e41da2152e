"""Calls: of this source's own functions, of known functions of Python and libraries, and of unknown ones."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING, TypeGuard

import msgspec
from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import (
    bounds,
    builtin_functions,
    callbacks,
    classes,
    command_options,
    environment,
    expressions,
    iteration,
    methods,
    operators,
    paths,
    reflection,
)
from hpolint.readers.python.interpreter.syntax_facts import last_name, source_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Either,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    is_foreign,
    present,
    returned_by,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

READ_ONLY_MODULES = frozenset(
    {"builtins", "json", "pprint", "os", "sys", "math", "time", "datetime", "logging", "IPython", "numpy", "pandas"}
    | {"matplotlib", "re", "random", "string", "uuid", "tempfile", "pathlib", "io", "argparse", "warnings", "copy"}
    | {"typing", "functools", "itertools", "collections", "dataclasses", "contextlib", "enum", "abc", "jsonschema"}
)
"""Modules whose functions do not change the dicts and lists in their arguments."""

DISPLAY_MODULES = frozenset({"logging", "loguru", "structlog", "rich", "pprint", "mlflow", "wandb", "comet_ml"})
"""Modules whose functions and objects only show or record their arguments."""

DISPLAY_FUNCTIONS = frozenset({"print", "display"})
"""Functions of Python and of notebooks that only show their arguments."""

PASS_THROUGH_FUNCTIONS = frozenset({"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "rich.progress.track"})
"""Functions that yield the items of their first argument and show the progress."""

WRITE_FUNCTIONS = frozenset(
    f"{module}.{name}"
    for module in ("joblib", "pickle", "cloudpickle", "dill", "json", "yaml")
    for name in ("dump", "dumps", "safe_dump")
) | {"torch.save", "numpy.save", "numpy.savez"}
"""Functions that only write their arguments."""

LOGGING_METHOD = lazy_regex(r"log_(?:param(?:eter)?|metric|hyperparam|input|output|artifact|dict|text)s?\Z")
LEVEL_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "success", "trace"})
LOGGER_NAME = lazy_regex(r"(?:\A|[._])_*log(?:ger)?\Z", re.IGNORECASE)
"""Methods of trackers and of loggers that record their arguments, and the usual names of loggers."""

MUTATING_FUNCTIONS = frozenset({"random.shuffle", "numpy.random.shuffle"})
"""The exceptions among the functions of ``READ_ONLY_MODULES``."""

MODULES_RETURNING_ARGUMENTS = frozenset(
    {"builtins", "random", "itertools", "copy", "typing", "functools", "operator", "collections"}
    | {"contextlib", "dataclasses"}
)
"""Modules whose functions may return an argument or a part of one."""


EVENT_LOOP_RUNNERS = frozenset({"run", "run_until_complete"})
"""Functions that run a coroutine to its end."""

AWAITING_FUNCTIONS = frozenset({"gather", "wait_for", "shield"})
"""Functions whose first argument has run to its end once their result is awaited."""


class Site(msgspec.Struct, frozen=True):
    """A call and its spans: the called name or attribute, the whole callee, the whole call.

    ``name`` is that of the callee, without its owner. ``only_shows``: the call only prints or logs its arguments.
    ``is_shown``: the result is only shown or compared. ``is_awaited``: the caller waits for the end of a
    coroutine, or iterates over a generator at once.
    """

    node: ast.Call
    callee: Span
    function: Span
    span: Span
    name: str
    only_shows: bool = False
    is_shown: bool = False
    is_awaited: bool = False

    @property
    def text(self) -> str:
        """The callee as written."""
        return _text_of(self.node)


def _text_of(node: ast.Call) -> str:
    return source_text(node.func)[:60]


def call(interpreter: Interpreter, node: ast.Call) -> Value:
    """Evaluate a call, with its side effects on the receiver and the arguments. Returns its result."""
    interpreter.step()
    function = expressions.evaluate(interpreter, node.func)
    whole = interpreter.span(node.func)
    callee = interpreter.unit.tail(node.func) if isinstance(node.func, ast.Attribute) else whole
    name = last_name(node.func)
    site = Site(
        node,
        callee=callee,
        function=whole,
        span=interpreter.span(node),
        name=name,
        only_shows=_only_shows(function, node, name),
        is_shown=interpreter.imports.is_looked_at,
        is_awaited=node in interpreter.awaited,
    )
    _note_awaited(interpreter, function, site)
    with interpreter.imports.looking(site.only_shows):
        arguments = read_arguments(interpreter, node)
        return interpreter.apply(function, arguments, site)


def _note_awaited(interpreter: Interpreter, function: Value, site: Site) -> None:
    """Note what a call of a library uses up: the coroutine of `asyncio.run(main())`, the items of `list(items())`."""
    if isinstance(function, Function | UserClass | Instance):
        return
    waits = site.name in EVENT_LOOP_RUNNERS or (site.is_awaited and site.name in AWAITING_FUNCTIONS)
    if isinstance(function, Symbol):
        waits |= function.name in (iteration.ITERATING if site.is_awaited else iteration.EXHAUSTING)
    if waits and (site.name != "gather" or len(site.node.args) == 1):
        interpreter.awaited.update(site.node.args[:1])


def apply(interpreter: Interpreter, function: Value, arguments: Arguments, site: Site) -> Value:
    """Call a value, with the side effects of the call. Returns its result."""
    interpreter.libraries.applied(function, site.span)
    if isinstance(function, Function):
        return interpreter.call_function(function, arguments, site.span, is_awaited=site.is_awaited)
    if isinstance(function, UserClass):
        return classes.instantiate(interpreter, function, arguments, site.function)
    if _is_one_of_functions(function):
        return _one_of(interpreter, function.candidates, arguments, site)
    caller = classes.own_method(function, "__call__")
    if caller is not None:
        return interpreter.call_function(caller, arguments, site.span, is_awaited=site.is_awaited)
    if callbacks.is_partial(function) and function.arguments.positional:
        return _partial(interpreter, function.arguments, arguments, site)
    passed = callbacks.with_items(arguments.values())
    passed_on = callbacks.passed_on(site.name, arguments)
    result = _result(interpreter, function, arguments, site)
    interpreter.suspended.resume()
    if command_options.keeps_function(function):
        return result
    if not isinstance(function, Symbol) or not callbacks.is_partial(result):
        # what an object of `partial` holds is called where the object is called or passed on
        callbacks.interpret(interpreter, passed, arguments, site.span, passed_on)
    return result


def _is_one_of_functions(value: Value) -> TypeGuard[Either]:
    """Whether a value is certainly one of several functions of this source."""
    if not isinstance(value, Either) or not value.complete:
        return False
    return all(isinstance(candidate, Function) for candidate in value.candidates)


def _one_of(interpreter: Interpreter, functions: list[Value], arguments: Arguments, site: Site) -> Value:
    """Call one of several functions of this source. Returns the join of their results."""
    if len(functions) == 1:
        return apply(interpreter, functions[0], arguments, site)
    paths = [partial(apply, interpreter, function, arguments, site) for function in functions]
    return expressions.join_paths(interpreter, [*paths], site.span)


def _result(interpreter: Interpreter, function: Value, arguments: Arguments, site: Site) -> Value:
    """The result of a call of what this source does not define."""
    interpreter.libraries.handed(function, arguments, site)
    result = _known_result(interpreter, function, arguments, site)
    interpreter.libraries.result_known(function, arguments, result)
    return result


def _known_result(interpreter: Interpreter, function: Value, arguments: Arguments, site: Site) -> Value:
    """The same, without a word to the model of the libraries."""
    span = site.span
    patcher = interpreter.replaced_members.call(interpreter, function, arguments, span)
    if patcher is not None:
        return patcher
    if not isinstance(function, Method | Symbol):
        callbacks.interpret(interpreter, [function], arguments, span)
        return _unknown_call(site.text, arguments, span, function)
    if site.only_shows and _is_logging_call(function, site.node, site.name):
        interpreter.libraries.logged(site.text, arguments, span)
        return returned_by(site.text, span)
    if isinstance(function, Method):
        return _method(interpreter, function, arguments, site.callee, span)
    iteration.start_arguments(interpreter, function, arguments, span)
    result = _symbol(interpreter, function, arguments, site.callee, span)
    iteration.finish_arguments(interpreter, function, arguments, site.node.args)
    return result


def _only_shows(function: Value, node: ast.Call, name: str) -> bool:
    """Whether a call of a function by some name only prints or logs its arguments."""
    if isinstance(function, Function | UserClass):
        return False
    if isinstance(function, Symbol) and _is_of_display_module(function):
        return True
    if isinstance(function, Method | Symbol) and _is_logging_call(function, node, name):
        return True
    return name in DISPLAY_FUNCTIONS and isinstance(node.func, ast.Name)


def _is_of_display_module(symbol: Symbol) -> bool:
    """Whether a symbol belongs to a module whose functions only show or record their arguments."""
    return symbol.name.partition(".")[0] in DISPLAY_MODULES and not symbol.name.startswith("rich.progress")


def _is_logging_call(method: Method | Symbol, node: ast.Call, name: str) -> bool:
    """Whether a call is one of a logger or a tracker, by the names of the method and its receiver."""
    if name not in LEVEL_METHODS and not name.startswith("log_"):
        return False  # the common case: neither the receiver nor its text is needed
    if isinstance(method, Method) and isinstance(method.receiver, Mapping | Sequence | Instance):
        return False
    receiver, _, name = _text_of(node).rpartition(".")
    if name in LEVEL_METHODS:
        return LOGGER_NAME.search(receiver) is not None
    return receiver != "" and LOGGING_METHOD.match(name) is not None


def _partial(interpreter: Interpreter, fixed: Arguments, arguments: Arguments, site: Site) -> Value:
    """Call an object made by ``functools.partial``."""
    both = Arguments([*fixed.positional[1:], *arguments.positional], {**fixed.keywords, **arguments.keywords})
    both.places, both.open = {**fixed.places, **arguments.places}, fixed.open or arguments.open
    function = fixed.positional[0]
    shows = _only_shows(function, site.node, site.name)
    return apply(interpreter, function, both, replace(site, only_shows=shows))


def read_arguments(interpreter: Interpreter, node: ast.Call) -> Arguments:
    """A call's arguments, with known spreads expanded."""
    arguments = Arguments()
    for item in node.args:
        if isinstance(item, ast.Starred):
            values = iteration.items(interpreter, item.value, expressions.evaluate_now(interpreter, item.value))
            if values is None:  # the positions of the following arguments are unknown
                arguments.open = unknown("may come from spread arguments", interpreter.span(item))
                break
            if not bounds.has_room(arguments.positional, values):
                arguments.open = operators.aliases(values, unknown(bounds.TOO_LARGE, interpreter.span(item)))
                break
            arguments.positional += values
        elif _is_all_names(item):  # the callee may read any of them
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
            spread(arguments, value, interpreter.span(keyword))
    return arguments


def _is_all_names(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        return False
    return node.func.id in ("globals", "locals", "vars")


def spread(arguments: Arguments, value: Value, span: Span) -> None:
    """Add the entries of a mapping to a call's keywords, as ``**`` does; unknown ones if it is not known."""
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
    """An alias for a shallow copy that shares state with the original; None for any other call."""
    if name != "copy.copy" or len(arguments.positional) != 1:
        return None
    original = arguments.positional[0]
    if not isinstance(original, Instance) or interpreter.libraries.is_copied(original):
        return None
    return operators.aliases([original], unknown(is_a("a copy"), span))


def _symbol(interpreter: Interpreter, symbol: Symbol, arguments: Arguments, callee: Span, span: Span) -> Value:
    """Call an imported object or a builtin. Returns its result."""
    if symbol.name == callbacks.PARTIAL:
        return Instance(symbol.name, arguments, callee)
    result: Value | None = None
    if symbol.name.startswith("builtins."):
        result = reflection.call(interpreter, symbol.name.removeprefix("builtins."), arguments, span)
    return (
        result
        or _variable(interpreter, symbol, arguments, span)
        or _sharing_copy(interpreter, symbol.name, arguments, span)
        or builtin_functions.function(symbol.name, arguments, span)
        or interpreter.libraries.call(symbol.name, arguments, callee, span)
        or _unmodelled(interpreter, symbol, arguments, span)
    )


def _variable(interpreter: Interpreter, symbol: Symbol, arguments: Arguments, span: Span) -> Value | None:
    """The environment variable that a function of `os` reads; None for other functions."""
    value = environment.read_variable(symbol.name, arguments, span, interpreter.texts())
    name = arguments.at(0)
    if value is not None and name is not None:
        interpreter.libraries.variable_read(name, span)
    return value


def _unmodelled(interpreter: Interpreter, symbol: Symbol, arguments: Arguments, span: Span) -> Value:
    """The result of an imported function that no model knows, by what its module's functions do to their arguments."""
    name = symbol.name.rpartition(".")[2]
    top = symbol.name.partition(".")[0]
    if symbol.name in PASS_THROUGH_FUNCTIONS and arguments.positional:
        return arguments.positional[0]
    if _is_of_display_module(symbol) or symbol.name in WRITE_FUNCTIONS:
        return Symbol(f"{symbol.name}()", span)  # an object of the module has no side effects either
    if not _is_read_only(interpreter, top) or symbol.name in MUTATING_FUNCTIONS:
        return _unknown_call(symbol.name, arguments, span)
    result = returned_by(name, span)
    if top not in MODULES_RETURNING_ARGUMENTS:
        return result
    return operators.aliases(operators.with_parts(list(arguments.values())), result)


def _method(interpreter: Interpreter, method: Method, arguments: Arguments, callee: Span, span: Span) -> Value:
    receiver, name = method.receiver, method.name
    if name == "__setattr__":
        reflection.set_attribute(interpreter, [receiver, *arguments.positional], span)
    result = interpreter.libraries.method(receiver, name, arguments, callee, span)
    if result is None:
        result = methods.of_value(receiver, name, arguments, span)
    if result is not None:
        return result
    if isinstance(receiver, Instance):
        if receiver.cls == paths.PATH:
            path = paths.method(receiver, name, arguments, span)
            if path is not None:
                return path
        if _is_read_only(interpreter, receiver.cls.partition(".")[0]):
            return returned_by(name, span)
    return _unknown_call(name, arguments, span, receiver)


def _is_read_only(interpreter: Interpreter, module: str) -> bool:
    return module in READ_ONLY_MODULES or interpreter.libraries.is_read_only(module)


def _unknown_call(name: str, arguments: Arguments, span: Span, receiver: Value | None = None) -> Unknown:
    """The result of an unknown call: it may change the dicts, lists and objects in its arguments, and return them."""
    for value in arguments.values():
        operators.forget(value, unknown(f"was passed to `{name}()`, which may change it", span))
    if is_foreign(receiver):
        receiver.escaped = unknown(f"may be changed by `{name}()`", span)
    return operators.aliases(present([*arguments.values(), receiver]), returned_by(name, span))

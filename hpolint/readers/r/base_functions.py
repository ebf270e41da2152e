"""The functions and operators of R itself that are read. What one of them does not know exactly is unknown."""

from __future__ import annotations

from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, environment
from hpolint.readers.python.interpreter.values import (
    Constant,
    Key,
    Mapping,
    Sequence,
    Symbol,
    Value,
    is_text,
    returned_by,
    text_of,
    unknown,
)
from hpolint.readers.r import list_functions, number_functions, text_functions
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Handler
from hpolint.readers.r.number_functions import OPERATORS
from hpolint.readers.r.r_values import LIST, opaque, vector

MAX_CALLS = 200
"""Calls of a function that ``lapply`` makes and that are interpreted one by one."""


def call(name: str, given: Given) -> Value:
    """The result of a function of R itself."""
    result: Value | None = None
    is_own = given.interpreter.is_open and name not in ALWAYS_MEANT
    if not is_own and not any(each.is_open for each in given.passed):
        result = FUNCTIONS[name](given)
    if result is not None and bounds.is_within_bounds(result):
        return result
    return opaque(returned_by(name, given.span).reason, given.span, [each.value for each in given.passed])


ALWAYS_MEANT = frozenset({"list", "import"})
"""Functions that code which may set any name is not taken to replace: without them no job is found."""


def _same(given: Given) -> Value | None:
    """A function that returns its argument."""
    return given.passed[0].value if given.passed else Constant(None, given.span)


def _shown(given: Given) -> Value | None:
    """A function that only shows its arguments, or looks at them."""
    return unknown(is_a("the result of a function that shows or describes a value"), given.span)


def _import(given: Given) -> Value | None:
    """reticulate's ``import``."""
    named = {each.name: each.value for each in given.passed}
    module = text_of(named.get(None) or named.get("module"))
    return None if module is None else Symbol(module, given.span)


def _variable(given: Given) -> Value | None:
    """``Sys.getenv``: a variable that is not set is an empty text."""
    bound = given.bound("x", "unset", "names") or {}
    name = bound.get("x")
    if name is None or (isinstance(name, Constant) and not isinstance(name.value, str)):
        return None
    default = bound.get("unset", Constant("", given.span))
    if "Sys.setenv" in given.interpreter.unit.source.text or not isinstance(default, Constant):
        return environment.variable(name, given.span)
    return environment.variable(name, given.span, default)


def applied(name: str, value: Value, results: list[Value], span: Span) -> Value:
    """What ``lapply`` and its kin make of the results of the calls for each element."""
    if name == "lapply":
        return _listed(value, results, span)
    made: Value | None = None
    if not isinstance(value, Mapping):
        made = _simplified(name, value, results, span)
    return opaque(returned_by(name, span).reason, span, results) if made is None else made


def _listed(value: Value, results: list[Value], span: Span) -> Value:
    """The list of the results for each element of a value, with its names."""
    if not isinstance(value, Mapping):
        return Sequence(LIST, results, span)
    entries: dict[Key, Value] = dict(zip(value.entries, results, strict=True))
    return Mapping(entries, span, dict(value.keys))


def _simplified(name: str, value: Value, results: list[Value], span: Span) -> Value | None:
    """The vector that ``sapply`` or ``vapply`` makes of the results; None if it is not known."""
    rank = _common_rank(results)
    if rank is None:
        return None
    if name == "vapply" and rank in (1, 2):
        return None  # it converts integers to the type of its example
    if any(map(is_text, values.list_items(value) or [])):  # the texts are the names
        return Sequence(values.NAMED_VECTOR, results, span)
    return vector(results, span)


def _common_rank(results: list[Value]) -> int | None:
    """The rank of the type of all results; None if one is no scalar, or they have different types."""
    constants = [result for result in results if isinstance(result, Constant) and result.value is not None]
    ranks = set(map(values.rank, constants))
    if len(constants) < len(results) or len(ranks) != 1:
        return None
    return ranks.pop()


SHOWING = (
    *("print", "cat", "message", "str", "summary", "class", "typeof", "mode", "inherits", "nrow", "ncol", "dim"),
    *("warning", "object.size", "writeLines", "stopifnot", "gc", "Sys.sleep", "set.seed", "View", "display", "options"),
    *("use_python", "use_virtualenv", "use_condaenv", "py_config", "py_install", "py_available", "py_has_attr"),
    *("py_module_available", "is.list", "is.function", "is.environment", "Sys.time", "Sys.Date", "date", "is.vector"),
    *("is.atomic", "exists", "nargs", "interactive", "file.exists", "is.data.frame", "Sys.setenv"),
)
"""Functions that only show or describe their arguments, or set something that is not read."""

FUNCTIONS: dict[str, Handler] = {
    **list_functions.FUNCTIONS,
    **text_functions.FUNCTIONS,
    **number_functions.FUNCTIONS,
    **dict.fromkeys(("invisible", "identity", "force"), _same),
    **dict.fromkeys(SHOWING, _shown),
    "import": _import,
    "Sys.getenv": _variable,
}
"""The functions that are read, by their names."""

EAGER = OPERATORS | frozenset(
    {"c", "list", "paste", "paste0", "invisible", "print", "cat", "message", "sum", "max", "min", "length", "identity"}
    | {"as.integer", "as.numeric", "as.character", "is.null", "isTRUE", "round", "floor", "ceiling", "force", "dict"}
    | {"[[", "[", "%in%", ":"}
)
"""Functions that evaluate all their arguments in their order, so that an assignment in one happens then."""

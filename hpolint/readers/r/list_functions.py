"""Functions of R that make vectors and lists, take parts of them, and ask about them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain

from hpolint.model.source import Span
from hpolint.readers.python.interpreter.operators import is_closed
from hpolint.readers.python.interpreter.values import (
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Value,
)
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Handler, Passed, number_of
from hpolint.readers.r.r_values import LIST, PYTHON, VECTOR, all_known, combined, elements, list_items, vector


def _c(given: Given) -> Value | None:
    """``c``: a vector, or a list if one of the arguments is a list."""
    if any(values.is_list(argument.value) for argument in given.passed):
        return _joined_lists(given)
    columns = all_known([_column(argument.value) for argument in given.passed])
    if columns is None:
        return None
    items = combined(list(chain.from_iterable(columns)), given.span)
    is_named = any(map(_has_names, given.passed))
    return _with_names(items) if is_named and items is not None else items


def _has_names(argument: Passed) -> bool:
    """Whether an argument gives its elements names: by its own name, or as a vector with names."""
    if argument.name is not None:
        return True
    return isinstance(argument.value, Sequence) and argument.value.kind == values.NAMED_VECTOR


def _column(value: Value) -> list[Constant] | None:
    """The elements of an atomic vector, with or without names; None if one is not known."""
    if isinstance(value, Sequence) and value.kind == values.NAMED_VECTOR and value.open is None:
        return elements(Sequence(VECTOR, value.items, value.span))
    return elements(value)


def _with_names(items: Value) -> Value | None:
    """A vector with names, which are not kept; nothing has none."""
    if isinstance(items, Constant):
        return items if items.value is None else Sequence(values.NAMED_VECTOR, [items], items.span)
    assert isinstance(items, Sequence)
    return Sequence(values.NAMED_VECTOR, items.items, items.span)


def _joined_lists(given: Given) -> Value | None:
    names: list[str] = []
    items: list[Value] = []
    places: list[Span] = []
    for argument in given.passed:
        value = argument.value
        if isinstance(value, Mapping) and is_closed(value) and argument.name is None:
            names += map(str, value.entries)
            items += value.entries.values()
            places += map(value.place, value.entries)
            continue
        own = list_items(value)
        if own is None or (argument.name is not None and (values.is_list(value) or len(own) != 1)):
            return None
        names += [argument.name or ""] * len(own)
        items += own
        places += [argument.place] * len(own)
    return values.named_list(names, items, given.span, places)


def _list(given: Given) -> Value | None:
    names = [each.name or "" for each in given.passed]
    items = [each.value for each in given.passed]
    return values.named_list(names, items, given.span, [each.place for each in given.passed])


def _dict(given: Given) -> Value | None:
    """reticulate's ``dict``: an object of Python."""
    if any(each.name is None for each in given.passed):
        return None
    made = values.named_list(
        [each.name or "" for each in given.passed],
        [values.to_python(each.value) for each in given.passed],
        given.span,
        [each.place for each in given.passed],
    )
    if isinstance(made, Sequence):
        made = Mapping({}, given.span)
    return Sequence(PYTHON, [made], given.span) if isinstance(made, Mapping) else None


def _colon(given: Given) -> Value | None:
    return _sequence([each.value for each in given.passed], given.span)


def _sequence(limits: list[Value], span: Span) -> Value | None:
    """The whole numbers from one to another, upwards or downwards."""
    whole = _whole_numbers(limits)
    if whole is None or len(whole) != 2:
        return None
    start, end = whole
    if abs(end - start) >= values.MAX_ELEMENTS or max(map(abs, whole)) > values.LARGEST_INTEGER:
        return None
    step = 1 if end >= start else -1
    return vector([Constant(number, span) for number in range(start, end + step, step)], span)


def _whole_numbers(scalars: list[Value]) -> list[int] | None:
    """Some scalars as integers; None if one is no whole number."""
    numbers = all_known([number_of(scalar) for scalar in scalars])
    if numbers is None or not all(float(number).is_integer() for number in numbers):
        return None
    return [int(number) for number in numbers]


def _seq_len(given: Given) -> Value | None:
    return _up_to(number_of(given.only()), given.span)


def _up_to(count: float | None, span: Span) -> Value | None:
    """The whole numbers from 1 to a count."""
    if count is None or not 0 <= count <= values.MAX_ELEMENTS:
        return None
    return vector([Constant(number, span) for number in range(1, int(count) + 1)], span)


def _seq(given: Given) -> Value | None:
    """``seq(from, to, by)`` of whole numbers."""
    bound = given.bound("from", "to", "by") or {}
    if set(bound) == {"from", "to"}:
        return _sequence([bound["from"], bound["to"]], given.span)
    if set(bound) != {"from", "to", "by"}:
        return None
    whole = _whole_numbers([bound["from"], bound["to"], bound["by"]])
    if whole is None:
        return None
    start, end, by = whole
    if by == 0 or not 0 <= (end - start) / by <= values.MAX_ELEMENTS:
        return None
    has_integers = isinstance(number_of(bound["from"]), int) and isinstance(number_of(bound["by"]), int)
    convert = int if has_integers else float
    steps = range((end - start) // by + 1)
    return vector([Constant(convert(start + step * by), given.span) for step in steps], given.span)


def _rep(given: Given) -> Value | None:
    bound = given.bound("x", "times") or {}
    items = elements(bound["x"]) if "x" in bound else None
    times = number_of(bound.get("times"))
    if items is None or times is None or not 0 <= int(times) * len(items) <= values.MAX_ELEMENTS:
        return None
    return vector(items * int(times), given.span)


def _rev(given: Given) -> Value | None:
    value = given.only()
    if isinstance(value, Mapping):
        return None
    items = list_items(value) if value is not None else None
    if items is None:
        return None
    assert value is not None
    return Sequence(LIST, items[::-1], given.span) if values.is_list(value) else vector(items[::-1], given.span)


def _vector_of(given: Given) -> Value | None:
    """``character()``, ``integer()`` and the like without an argument."""
    return Sequence(VECTOR, [], given.span) if not given.passed else None


def _is_null(given: Given) -> Value | None:
    value = given.only()
    if isinstance(value, Constant):
        return Constant(value.value is None, given.span)
    if isinstance(value, Mapping | Sequence | Instance | Function):
        return Constant(False, given.span)
    return None


def _is_type(given: Given, types: tuple[type, ...]) -> Value | None:
    items = given.elements()
    if not items:
        return None
    kinds = {type(item.value) for item in items}
    return Constant(kinds <= set(types), given.span)


def _is_true_function(given: Given, *, truth: bool) -> Value | None:
    value = given.only()
    if isinstance(value, Constant):
        return Constant(value.value is truth, given.span)
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and value.kind in (LIST, VECTOR)):
        return Constant(False, given.span)
    return None


def _length(given: Given) -> Value | None:
    value = given.only()
    if value is None:
        return None
    items = list_items(value)
    if items is None:
        return None
    return Constant(len(items), given.span)


def _seq_along(given: Given) -> Value | None:
    length = _length(given)
    return (
        None if length is None else _seq_len(Given(given.interpreter, [Passed(None, length, given.span)], given.span))
    )


def _names(given: Given) -> Value | None:
    value = given.only()
    if isinstance(value, Mapping) and is_closed(value):
        return vector([Constant(str(key), value.place(key)) for key in value.entries], given.span)
    if isinstance(value, Constant):
        return Constant(None, given.span)
    if isinstance(value, Sequence) and value.kind in (LIST, VECTOR):
        return Constant(None, given.span)
    return None


def _quantified(given: Given, decide: Callable[[list[bool]], bool]) -> Value | None:
    items = given.elements()
    if items is None or not all(isinstance(item.value, bool) for item in items):
        return None
    return Constant(decide([bool(item.value) for item in items]), given.span)


def _identical(given: Given) -> Value | None:
    pair = given.pair()
    if pair is None:
        return None
    first, second = pair
    if not isinstance(first, Constant) or not isinstance(second, Constant):
        return None
    return Constant(type(first.value) is type(second.value) and first.value == second.value, given.span)


def _if_else(given: Given) -> Value | None:
    bound = given.bound("test", "yes", "no") or {}
    test = bound.get("test")
    if not isinstance(test, Constant) or not isinstance(test.value, bool):
        return None
    chosen = bound.get("yes" if test.value else "no")
    return chosen if isinstance(chosen, Constant) and chosen.value is not None else None


def _double_bracket(given: Given) -> Value | None:
    pair = given.pair()
    if pair is None or not values.is_plain(pair[0]):
        return None
    return values.element(*pair, given.span)


def _bracket(given: Given) -> Value | None:
    pair = given.pair()
    if pair is None or not values.is_plain(pair[0]):
        return None
    return values.part(*pair, given.span)


def _modify_list(given: Given) -> Value | None:
    bound = given.bound("x", "val") or {}
    old, new = bound.get("x"), bound.get("val")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or not is_closed(old) or not is_closed(new):
        return None
    result: Value = old
    for key, entry in new.entries.items():
        if isinstance(entry, Mapping) and isinstance(old.entries.get(key), Mapping):
            return None
        result = values.with_member(result, str(key), entry, new.place(key))
    return result


def _set_names(given: Given) -> Value | None:
    bound = given.bound("object", "nm") or {}
    if set(bound) != {"object", "nm"}:
        return None
    items, names = list_items(bound["object"]), elements(bound["nm"])
    if not items or names is None or len(items) != len(names):
        return None
    texts = values.nonempty_texts(names)
    if texts is None:
        return None
    if not values.is_list(bound["object"]):
        return Sequence(values.NAMED_VECTOR, items, given.span)
    return values.named_list(texts, items, given.span, [name.span for name in names])


def _as_list(given: Given) -> Value | None:
    value = given.only()
    if isinstance(value, Mapping):
        return value
    items = list_items(value) if value is not None else None
    return None if items is None else Sequence(LIST, items, given.span)


def _unlist(given: Given) -> Value | None:
    bound = given.bound("x", "use.names") or {}
    value, names = bound.get("x"), bound.get("use.names")
    scalars = None if value is None else _scalars(value)
    if scalars is None:
        return None
    if names is not None and not (isinstance(names, Constant) and names.value is False):
        return None
    flat = combined(scalars, given.span)
    is_named = isinstance(value, Mapping) and names is None
    return _with_names(flat) if is_named and flat is not None else flat


def _scalars(value: Value) -> list[Constant] | None:
    """The elements of a list or vector; None if one is no scalar, or not known."""
    items = list_items(value)
    if items is None:
        return None
    scalars = [item for item in items if isinstance(item, Constant) and item.value is not None]
    return scalars if len(scalars) == len(items) else None


def _unname(given: Given) -> Value | None:
    value = given.only()
    if isinstance(value, Mapping) and is_closed(value):
        return Sequence(LIST, list(value.entries.values()), given.span)
    if isinstance(value, Sequence) and value.kind == values.NAMED_VECTOR and value.open is None:
        return vector(value.items, given.span)
    if isinstance(value, Constant) or (isinstance(value, Sequence) and value.kind in (LIST, VECTOR)):
        return value
    return None


def _append(given: Given) -> Value | None:
    bound = given.bound("x", "values") or {}
    if set(bound) != {"x", "values"}:
        return None
    return _c(given.of(bound["x"], bound["values"]))


def _first(given: Given, *, is_last: bool) -> Value | None:
    """``head`` and ``tail`` of a vector or unnamed list, with a positive number of elements."""
    bound = given.bound("x", "n") or {}
    value, count = bound.get("x"), number_of(bound.get("n", Constant(6, given.span)))
    if value is None or isinstance(value, Mapping) or count is None:
        return None
    items, number = list_items(value), int(count)
    if items is None or number <= 0 or values.is_null(value):
        return None
    taken = items[-number:] if is_last else items[:number]
    return Sequence(LIST, taken, given.span) if values.is_list(value) else vector(taken, given.span)


def _plain_vector(given: Given) -> Value | None:
    value = given.only()
    return value if value is not None and elements(value) is not None else None


def _or_if_null(given: Given) -> Value | None:
    pair = given.pair()
    if pair is None:
        return None
    left, right = pair
    if isinstance(left, Constant):
        return right if left.value is None else left
    return left if isinstance(left, Mapping | Sequence | Instance | Method) else None


FUNCTIONS: dict[str, Handler] = {
    "c": _c,
    "list": _list,
    "dict": _dict,
    ":": _colon,
    "seq_len": _seq_len,
    "seq": _seq,
    "seq.int": _seq,
    "seq_along": _seq_along,
    "rep": _rep,
    "rev": _rev,
    "character": _vector_of,
    "integer": _vector_of,
    "numeric": _vector_of,
    "logical": _vector_of,
    "is.null": _is_null,
    "is.character": partial(_is_type, types=(str,)),
    "is.numeric": partial(_is_type, types=(int, float)),
    "is.integer": partial(_is_type, types=(int,)),
    "is.logical": partial(_is_type, types=(bool,)),
    "isTRUE": partial(_is_true_function, truth=True),
    "isFALSE": partial(_is_true_function, truth=False),
    "length": _length,
    "names": _names,
    "any": partial(_quantified, decide=any),
    "all": partial(_quantified, decide=all),
    "identical": _identical,
    "ifelse": _if_else,
    "[[": _double_bracket,
    "[": _bracket,
    "modifyList": _modify_list,
    "setNames": _set_names,
    "as.list": _as_list,
    "unlist": _unlist,
    "unname": _unname,
    "append": _append,
    "head": partial(_first, is_last=False),
    "tail": partial(_first, is_last=True),
    "as.vector": _plain_vector,
    "%||%": _or_if_null,
}

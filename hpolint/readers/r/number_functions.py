"""Functions and operators of R that compute with numbers and truths."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Constant, Value
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Handler, number_of
from hpolint.readers.r.r_values import elements, vector


def _arithmetic(given: Given, *, sign: str) -> Value | None:
    operands = [elements(each.value) for each in given.passed]
    known = [operand for operand in operands if operand]
    if len(known) < len(operands):
        return None
    if len(known) == 1:
        return _per_element(partial(_signed, sign), known[0], given.span)
    left, right = known
    if len(left) != len(right) and 1 not in (len(left), len(right)):
        return None
    length = max(len(left), len(right))
    pairs = [(left[at % len(left)], right[at % len(right)]) for at in range(length)]
    compute = LOGICAL.get(sign) or COMPARISONS.get(sign) or _calculated
    results = [compute(sign, *pair) for pair in pairs]
    return _known_vector(results, given.span)


def _known_vector(results: list[Any], span: Span) -> Value | None:
    if any(result is None for result in results):
        return None
    return vector([Constant(result, span) for result in results], span)


def _per_element(compute: Callable[[Constant], Any], items: list[Constant], span: Span) -> Value | None:
    return _known_vector([compute(item) for item in items], span)


def _signed(sign: str, value: Constant) -> Any:
    scalar = value.value
    if isinstance(scalar, str) or scalar is None:
        return None
    if sign == "!":
        return not scalar
    return _finite(-scalar if sign == "-" else +scalar)


def _finite(number: Any) -> Any:
    """A number; None for what R gives as NA, infinity or an imprecise integer."""
    if isinstance(number, float):
        return number if math.isfinite(number) else None
    return int(number) if abs(number) <= values.LARGEST_INTEGER else None


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: float(a) / float(b),
    "^": lambda a, b: math.pow(a, b),
    "**": lambda a, b: math.pow(a, b),
    "%%": operator.mod,
    "%/%": operator.floordiv,
}


def _calculated(sign: str, left: Constant, right: Constant) -> Any:
    a, b = left.value, right.value
    if isinstance(a, str | None) or isinstance(b, str | None):
        return None
    try:
        return _finite(ARITHMETIC[sign](a, b))
    except (ArithmeticError, ValueError):
        return None


def _compared(sign: str, left: Constant, right: Constant) -> Any:
    a, b = left.value, right.value
    if a is None or b is None:
        return None
    if isinstance(a, str) or isinstance(b, str):
        if sign not in ("==", "!="):
            return None  # the order of texts is the locale's
        a, b = values.text_of_scalar(left), values.text_of_scalar(right)
        if a is None or b is None:
            return None
    return bool(COMPARING[sign](a, b))


COMPARING: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = dict.fromkeys(COMPARING, _compared)


def _combined_truth(sign: str, left: Constant, right: Constant) -> Any:
    a, b = left.value, right.value
    if isinstance(a, str | None) or isinstance(b, str | None):
        return None
    return (bool(a) and bool(b)) if sign == "&" else (bool(a) or bool(b))


LOGICAL = dict.fromkeys(("&", "|"), _combined_truth)


def _is_in(given: Given) -> Value | None:
    left, right = (elements(each.value) for each in given.passed)
    if left is None or right is None:
        return None
    kinds = {values.rank(item) == 3 for item in (*left, *right)}
    if len(kinds) > 1:
        return None
    held = {item.value for item in right}
    return vector([Constant(item.value in held, given.span) for item in left], given.span)


def _as_integer(given: Given) -> Value | None:
    items = given.elements()
    if not items:
        return None
    return _per_element(_integer, items, given.span)


def _integer(value: Constant) -> int | None:
    number = _number(value)
    if number is None or abs(number) > values.LARGEST_INTEGER:
        return None
    return int(number)


NUMERAL = lazy_regex(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*\Z")


def _number(value: Constant) -> float | None:
    """A scalar as a number; None for a text that is none."""
    scalar = value.value
    if isinstance(scalar, str):
        return float(scalar) if NUMERAL.match(scalar) else None
    return None if scalar is None else float(scalar)


def _as_numeric(given: Given) -> Value | None:
    items = given.elements()
    return _per_element(_number, items, given.span) if items else None


def _as_logical(given: Given) -> Value | None:
    value = given.only()
    if not isinstance(value, Constant) or isinstance(value.value, str | None):
        return None
    return Constant(bool(value.value), given.span)


def _rounded(given: Given) -> Value | None:
    """``round``: half to even without digits; with digits, numbers that are not in the middle."""
    bound = given.bound("x", "digits") or {}
    number, digits = number_of(bound.get("x")), number_of(bound.get("digits", Constant(0, given.span)))
    if number is None or digits is None or not -300 < digits < 300:
        return None
    places = int(digits)
    if isinstance(number, int):
        return Constant(number, given.span) if places >= 0 else None
    if places == 0:
        return Constant(float(round(number)), given.span)
    scaled = abs(number) * 10.0**places
    if not math.isfinite(scaled) or abs(scaled - math.floor(scaled) - 0.5) < 1e-6 or scaled > 1e14:
        return None
    return Constant(float(round(number, places)), given.span)


def _mathematical(given: Given, function: Callable[[float], float]) -> Value | None:
    try:
        return _of_each(given, lambda number: _finite(function(float(number))))
    except (ArithmeticError, ValueError):
        return None


def _of_each(given: Given, function: Callable[[float], Any]) -> Value | None:
    """A function of each number of a vector."""
    items = given.elements()
    numbers = [number_of(item) for item in items] if items else [None]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    return _known_vector([function(number) for number in known], given.span)


def _floor(given: Given, function: Callable[[float], int]) -> Value | None:
    return _of_each(given, lambda number: float(function(float(number))))


def _numbers(given: Given) -> list[Any] | None:
    """The numbers of all arguments of a function such as ``max``: of one type."""
    unnamed = given.unnamed()
    columns = [elements(value) for value in unnamed] if unnamed else [None]
    if any(column is None for column in columns):
        return None
    constants = [item for column in columns if column is not None for item in column]
    numbers = [number for number in map(number_of, constants) if number is not None]
    return numbers if numbers and len(numbers) == len(constants) else None


def _extreme(given: Given, choose: Callable[[list[Any]], Any]) -> Value | None:
    numbers = _numbers(given)
    if numbers is None:
        return None
    chosen = choose(numbers)
    has_double = any(isinstance(number, float) for number in numbers)
    return Constant(float(chosen) if has_double else chosen, given.span)


def _sum(given: Given) -> Value | None:
    numbers = _numbers(given)
    if numbers is None:
        return None
    if not all(isinstance(number, int) for number in numbers) and not _is_sum_exact(numbers):
        return None
    total = _finite(sum(numbers))
    return None if total is None else Constant(total, given.span)


MAX_SUM_BITS = 53


def _is_sum_exact(numbers: list[Any]) -> bool:
    """Whether each partial sum is exact, so that it does not matter that R adds with more bits on some machines."""
    total = Fraction(0)
    for number in numbers:
        total += Fraction(number)
        if total.numerator.bit_length() > MAX_SUM_BITS:
            return False
    return True


FUNCTIONS: dict[str, Handler] = {
    **{sign: partial(_arithmetic, sign=sign) for sign in (*ARITHMETIC, *COMPARING, *LOGICAL, "!")},
    "%in%": _is_in,
    "as.integer": _as_integer,
    "as.numeric": _as_numeric,
    "as.double": _as_numeric,
    "as.logical": _as_logical,
    "round": _rounded,
    "floor": partial(_floor, function=math.floor),
    "ceiling": partial(_floor, function=math.ceil),
    "trunc": partial(_floor, function=math.trunc),
    "sqrt": partial(_mathematical, function=math.sqrt),
    "abs": partial(_of_each, function=abs),
    "max": partial(_extreme, choose=max),
    "min": partial(_extreme, choose=min),
    "sum": _sum,
}

OPERATORS = frozenset({*ARITHMETIC, *COMPARING, *LOGICAL, "!"})

"""Functions and operators of R that compute with numbers and truths."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Constant, Value
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Handler, number_of
from hpolint.readers.r.r_values import all_known, elements, vector


def _arithmetic(given: Given, *, sign: str) -> Value | None:
    operands = all_known([elements(argument.value) for argument in given.passed])
    if operands is None or [] in operands:
        return None
    if len(operands) == 1:
        return _per_element(partial(_signed, sign), operands[0], given.span)
    compute = COMPUTING.get(sign)
    if len(operands) != 2 or compute is None:
        return None
    pairs = _pairs(*operands)
    if pairs is None:
        return None
    return _known_vector([compute(sign, *pair) for pair in pairs], given.span)


def _pairs(left: list[Constant], right: list[Constant]) -> list[tuple[Constant, Constant]] | None:
    """The elements of two vectors beside each other; a single one is repeated. None for other lengths."""
    if len(left) == 1:
        left = left * len(right)
    if len(right) == 1:
        right = right * len(left)
    return list(zip(left, right, strict=True)) if len(left) == len(right) else None


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
    match sign:
        case "!":
            return not scalar
        case "-":
            return _finite(-scalar)
        case "+":
            return _finite(+scalar)
    return None


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
COMPUTING: dict[str, Callable[[str, Constant, Constant], Any]] = {
    **dict.fromkeys(ARITHMETIC, _calculated),
    **COMPARISONS,
    **LOGICAL,
}
"""The functions of two scalars, by the signs of the operators."""


def _is_in(given: Given) -> Value | None:
    pair = given.pair()
    operands = None if pair is None else all_known([elements(value) for value in pair])
    if operands is None:
        return None
    left, right = operands
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
    if not _is_rounding_certain(number, places):
        return None
    return Constant(float(round(number, places)), given.span)


def _is_rounding_certain(number: float, places: int) -> bool:
    """Whether a number is not too large for its digits, and not in the middle between two results."""
    scaled = abs(number) * 10.0**places
    if not math.isfinite(scaled) or scaled > 1e14:
        return False
    return abs(scaled - math.floor(scaled) - 0.5) >= 1e-6


def _mathematical(given: Given, function: Callable[[float], float]) -> Value | None:
    try:
        return _of_each(given, lambda number: _finite(function(float(number))))
    except (ArithmeticError, ValueError):
        return None


def _of_each(given: Given, function: Callable[[float], Any]) -> Value | None:
    """A function of each number of a vector."""
    items = given.elements()
    if not items:
        return None
    numbers = all_known([number_of(item) for item in items])
    if numbers is None:
        return None
    return _known_vector([function(number) for number in numbers], given.span)


def _floor(given: Given, function: Callable[[float], int]) -> Value | None:
    return _of_each(given, lambda number: float(function(float(number))))


def _numbers(given: Given) -> list[Any] | None:
    """The numbers of all arguments of a function such as ``max``: of one type."""
    unnamed = given.unnamed()
    if not unnamed:
        return None
    columns = all_known([elements(value) for value in unnamed])
    if columns is None:
        return None
    numbers = all_known([number_of(constant) for constant in chain.from_iterable(columns)])
    return numbers if numbers else None


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

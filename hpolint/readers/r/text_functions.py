"""Functions of R that make text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.operators import pieces_of
from hpolint.readers.python.interpreter.values import Constant, Mapping, Sequence, Value, text_of, unknown
from hpolint.readers.r import r_values as values
from hpolint.readers.r.base_calls import Given, Handler, Passed
from hpolint.readers.r.r_values import all_known, elements, vector


def _paste(given: Given, *, separator: str) -> Value | None:
    options = _paste_options(given, separator)
    if options is None:
        return None
    parts = [argument.value for argument in given.passed if argument.name not in PASTE_OPTIONS]
    columns = all_known([_texts(given, part) for part in parts])
    if columns is None:
        return _partly_known(parts, options.separator, given) if options.collapse is None else None
    rows = _rows(columns, options.separator)
    if options.collapse is not None:
        rows = [options.collapse.join(rows)]
    if not bounds.is_text_within_bounds(sum(map(len, rows))):
        return None
    return vector([Constant(row, given.span) for row in rows], given.span)


class _PasteOptions(NamedTuple):
    """What ``paste`` writes between the parts, and between the rows; without ``collapse`` the rows are a vector."""

    separator: str
    collapse: str | None


def _paste_options(given: Given, separator: str) -> _PasteOptions | None:
    """The options of ``paste``; None if one is not known."""
    options = {argument.name: argument.value for argument in given.passed if argument.name in PASTE_OPTIONS}
    between = text_of(options.get("sep", Constant(separator, given.span)))
    if between is None or "recycle0" in options:
        return None
    collapse = options.get("collapse", Constant(None, given.span))
    if not isinstance(collapse, Constant) or not isinstance(collapse.value, str | None):
        return None
    return _PasteOptions(between, collapse.value)


PASTE_OPTIONS = frozenset({"sep", "collapse", "recycle0"})


def _rows(columns: list[list[str]], separator: str) -> list[str]:
    """The texts of all columns, which are repeated as often as the longest needs; an empty one is an empty text."""
    length = max(map(len, columns), default=0)
    filled = [column or [""] for column in columns]
    texts: list[str] = []
    for row in range(length):
        parts = [column[row % len(column)] for column in filled]
        texts.append(separator.join(parts))
    return texts


def _texts(given: Given, value: Value) -> list[str] | None:
    """The elements of a vector as text; None if one is not known."""
    constants = elements(value)
    if constants is None:
        return None
    return all_known([_text(given, constant) for constant in constants])


def _text(given: Given, value: Constant) -> str | None:
    """A scalar as text; a double has none where the program changes how numbers are written."""
    if isinstance(value.value, float) and given.interpreter.facts.has_other_notation:
        return None
    return values.text_of_scalar(value)


def _partly_known(parts: list[Value], separator: str, given: Given) -> Value | None:
    """A text of which some parts are not known."""
    pieces: list[str | None] = []
    for number, value in enumerate(parts):
        if number and separator:
            pieces.append(separator)
        if isinstance(value, Constant):
            text = _text(given, value)
            if text is None:
                return None
            pieces.append(text)
        elif isinstance(value, Sequence | Mapping):
            return None
        else:
            pieces += pieces_of(value)
    return unknown("is built from unknown parts", given.span, tuple(pieces))


FIELD = lazy_regex(r"%(?:%|(?P<flags>[-0+ ]*)(?P<width>[0-9]{0,3})(?:\.(?P<digits>[0-9]{1,2}))?(?P<kind>[dsfieEgG]))")


def _sprintf(given: Given) -> Value | None:
    passed = given.unnamed()
    template = text_of(passed[0]) if passed else None
    if passed is None or template is None:
        return None
    fields = list(FIELD.finditer(template))
    wanted = [field for field in fields if field[0] != "%%"]
    if len(wanted) != len(passed) - 1 or not _is_each_percent_read(template, fields):
        return None
    texts = [_field(given, field, value) for field, value in zip(wanted, passed[1:], strict=True)]
    pieces = _filled(template, fields, texts)
    known = all_known(pieces)
    if known is None:
        return unknown("is built from unknown parts", given.span, tuple(pieces))
    return Constant("".join(known), given.span)


def _is_each_percent_read(template: str, fields: list[re.Match[str]]) -> bool:
    """Whether each percent sign of a template is one of its fields."""
    return template.count("%") == sum(field[0].count("%") for field in fields)


def _filled(template: str, fields: list[re.Match[str]], texts: Iterable[str | None]) -> list[str | None]:
    """The pieces of a template with a text in each field but ``%%``; None stands for one that is not known."""
    waiting = iter(texts)
    pieces: list[str | None] = []
    end = 0
    for field in fields:
        pieces.append(template[end : field.start()])
        pieces.append("%" if field[0] == "%%" else next(waiting))
        end = field.end()
    pieces.append(template[end:])
    return pieces


def _field(given: Given, field: re.Match[str], value: Value) -> str | None:
    """A value in a field of ``sprintf``; None if it is not known, or of a kind that R refuses or converts."""
    if not isinstance(value, Constant) or value.value is None:
        return None
    kind, scalar = field["kind"], value.value
    if kind == "s":
        text = _text(given, value)
        return None if text is None else field[0] % text
    if isinstance(scalar, bool | str):
        return None
    if kind in "di":
        return field[0] % int(scalar) if float(scalar).is_integer() else None
    return field[0] % float(scalar) if math.isfinite(scalar) else None


def _on_text(given: Given, change: Callable[[str], str | int | bool | None]) -> Value | None:
    """A function of each text of a vector of strings."""
    items = given.elements()
    if items is None or not all(isinstance(item.value, str) for item in items):
        return None
    results = [change(str(item.value)) for item in items]
    if None in results:
        return None
    return vector([Constant(result, given.span) for result in results], given.span)


def _as_character(given: Given) -> Value | None:
    value = given.only()
    texts = _texts(given, value) if value is not None else None
    return None if texts is None else vector([Constant(text, given.span) for text in texts], given.span)


def _replaced(given: Given, *, is_global: bool) -> Value | None:
    """``sub`` and ``gsub`` of a fixed text."""
    bound = given.bound("pattern", "replacement", "x", "fixed") or {}
    old, new, text = (text_of(bound.get(name)) for name in ("pattern", "replacement", "x"))
    if not old or new is None or text is None:
        return None
    if not _is_true(bound.get("fixed")) and not _means_itself(old, new):
        return None
    return Constant(text.replace(old, new, -1 if is_global else 1), given.span)


def _means_itself(pattern: str, replacement: str) -> bool:
    """Whether a regular expression and what replaces its matches have no character with a meaning."""
    if not pattern.isascii() or re.search(r"[^\w /:-]", pattern):
        return False
    return "\\" not in replacement


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Constant) and value.value is True


def _file_path(given: Given) -> Value | None:
    if any(each.name is not None for each in given.passed):
        return None
    if any(isinstance(each.value, Sequence | Mapping) for each in given.passed):
        return None
    return _paste(given, separator="/")


def _basename(given: Given) -> Value | None:
    return _on_text(given, lambda text: text.rstrip("/").rpartition("/")[2])


def _to_string(given: Given) -> Value | None:
    if given.only() is None:
        return None
    collapse = Passed("collapse", Constant(", ", given.span), given.span)
    return _paste(Given(given.interpreter, [*given.passed, collapse], given.span), separator=" ")


def _cased(text: str, change: Callable[[str], str]) -> str | None:
    """A text in another case; None for one that locales change in different ways."""
    return change(text) if text.isascii() else None


FUNCTIONS: dict[str, Handler] = {
    "paste": partial(_paste, separator=" "),
    "paste0": partial(_paste, separator=""),
    "file.path": _file_path,
    "basename": _basename,
    "sprintf": _sprintf,
    "toupper": partial(_on_text, change=partial(_cased, change=str.upper)),
    "tolower": partial(_on_text, change=partial(_cased, change=str.lower)),
    "trimws": partial(_on_text, change=lambda text: text.strip(" \t\r\n")),
    "nchar": partial(_on_text, change=len),
    "nzchar": partial(_on_text, change=bool),
    "as.character": _as_character,
    "toString": _to_string,
    "sub": partial(_replaced, is_global=False),
    "gsub": partial(_replaced, is_global=True),
}

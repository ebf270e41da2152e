"""File paths of ``os.path`` and ``pathlib``.

The text of a path that Python makes absolute, or that begins at ``__file__``, is unknown, but its target relative to
the folder in which the program starts, or to the source's folder, is known: it is an instance of ``PATH`` with the
relative text. A path with an unknown beginning keeps its known rest.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Sequence,
    Value,
    present,
    text_of,
    unknown,
)

PATH = "pathlib.Path"
CLASSES = frozenset({PATH, "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath"})
MODULES = frozenset({"os", "os.path", "pathlib", PATH})
WORKING_FOLDER_FUNCTIONS = frozenset({"os.getcwd", f"{PATH}.cwd"})
ABSOLUTE_FUNCTIONS = frozenset({"os.path.abspath", "os.path.realpath"})
ABSOLUTE_METHODS = frozenset({"resolve", "absolute"})
IDENTITY_FUNCTIONS = ABSOLUTE_FUNCTIONS | {"os.path.expanduser", "os.fspath"}
IDENTITY_METHODS = frozenset({"expanduser", "as_posix", "__str__"})
UNKNOWN_PREFIX = "\0"
"""A placeholder for a path's unknown beginning."""

HERE = "\1/"
"""A placeholder for the source's folder at the beginning of an absolute path. Its parent has ``..`` behind it."""

START = "\2/"
"""The same for the folder in which the program starts."""

PLACES = (HERE, START)

MAX_PARENTS = 12
"""Folders above a path that ``parents`` has."""


def path(text: str, span: Span) -> Instance:
    """A path by its text relative to the source's folder."""
    return Instance(PATH, Arguments([_value(text, span, "a path")]), span)


def path_text(value: Value | None) -> str | None:
    """The text of a path or a string, without an unknown beginning; None for other values and unknown texts."""
    text = _text(value)
    if text is None or text == UNKNOWN_PREFIX:
        return None
    if text.startswith(PLACES):
        return _from_place(text)
    if text.startswith(UNKNOWN_PREFIX):
        return text.removeprefix(UNKNOWN_PREFIX).lstrip("/")
    return text


def is_from_here(value: Value | None) -> bool:
    """Whether a path begins at the source's folder, wherever the program starts."""
    text = _text(value)
    return text is not None and text.startswith(HERE)


def known_path_text(value: Value | None) -> str | None:
    """The text of a path or a string; None for other values and for a text that is not wholly known."""
    text = beginning_of_path(value)
    if text is not None and text.startswith(PLACES):
        return _from_place(text)
    return text


def beginning_of_path(value: Value | None) -> str | None:
    """The same with its placeholder, to which more text is added to make another path."""
    text = _text(value)
    if text is not None and text.startswith(UNKNOWN_PREFIX):
        return None
    return text


def function(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a function that makes paths; None for other functions and unknown results."""
    if name in WORKING_FOLDER_FUNCTIONS:
        return path(START, span)
    result = _result_text(name, arguments)
    if result is None or result == UNKNOWN_PREFIX:
        return None
    if name in CLASSES | IDENTITY_FUNCTIONS:
        return path(result, span)
    if name != "os.path.basename" and any(isinstance(value, Instance) for value in arguments.positional):
        return path(result, span)
    return None if name == "builtins.str" else _value(result, span, f"what `{name.rpartition('.')[2]}()` returns")


def _result_text(name: str, arguments: Arguments) -> str | None:
    """The text of a function's result; None for other functions and unknown results."""
    texts = _texts(arguments)
    if not texts:
        return None
    if name in CLASSES or name == "os.path.join":
        return _joined_text(texts)
    if name in IDENTITY_FUNCTIONS - ABSOLUTE_FUNCTIONS or name == "builtins.str":
        return texts[0]
    change = CHANGES.get(name)
    return None if change is None else change(texts[0])


def _joined_text(texts: list[str]) -> str | None:
    """Some texts joined to a path; None if it is longer than hpolint follows."""
    length = sum(map(len, texts))
    return posixpath.join(*texts) if bounds.is_text_within_bounds(length) else None


def _texts(arguments: Arguments) -> list[str]:
    """The texts of a call's arguments, of which only the first may have an unknown beginning; empty for any others."""
    texts = present(_text(value) for value in arguments.positional)
    if arguments.open is not None or len(texts) < len(arguments.positional) or UNKNOWN_PREFIX in texts[1:]:
        return []
    return texts


def _normal(text: str) -> str:
    return text if text.startswith((UNKNOWN_PREFIX, *PLACES)) else posixpath.normpath(text)


def _from_place(text: str) -> str:
    """A path that begins with one of ``PLACES``, as one relative to that folder."""
    return posixpath.normpath(text[len(HERE) :].lstrip("/") or ".")


def _absolute(text: str) -> str:
    """A path from where the program starts; one that is absolute, or has an unknown beginning, as it is."""
    if text.startswith(("/", "~", UNKNOWN_PREFIX, *PLACES)):
        return text
    return START if text == "." else START + text


def _parent(text: str) -> str:
    """The folder of a path."""
    if text == UNKNOWN_PREFIX:
        return text
    if not text.startswith(PLACES):
        return posixpath.dirname(text)
    start = text[: len(HERE)]
    rest = _from_place(text)
    if rest == "." or posixpath.basename(rest) == "..":
        return start + posixpath.normpath(posixpath.join(rest, ".."))
    return start + posixpath.dirname(rest)


def _name(text: str) -> str | None:
    """The last part of a path; None if that is a folder whose name is not known."""
    name = posixpath.basename(text)
    if text.startswith(PLACES) and name in ("", ".."):
        return None
    return name


CHANGES: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(ABSOLUTE_FUNCTIONS, _absolute),
    "os.path.normpath": _normal,
    "os.path.dirname": _parent,
    "os.path.basename": _name,
}
"""What the functions of one path do to its text."""


def method(receiver: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a path's method; None if it is not known."""
    own = _text(receiver)
    if own is None:
        return None
    if name in ABSOLUTE_METHODS:
        return path(_absolute(own), span)
    if name in IDENTITY_METHODS:
        return path(own, span)
    texts = present(beginning_of_path(value) for value in arguments.positional)
    if name != "joinpath" or len(texts) < len(arguments.positional):
        return None
    joined_text = _joined_text([own, *texts])
    return None if joined_text is None else path(joined_text, span)


def attribute(receiver: Instance, name: str, span: Span) -> Value | None:
    """A path's attribute; None if it is not known."""
    own = _text(receiver)
    if own is None or own == UNKNOWN_PREFIX:
        return None
    if name == "parent":
        return path(_parent(own) or ".", span)
    if name == "parents" and own.startswith(PLACES):
        return _parents(own, span)
    own_name = _name(own) if name == "name" else None
    if own_name is None:
        return None
    return _value(own_name, span, "a file's name")


def _parents(text: str, span: Span) -> Sequence:
    above = [_parent(text)]
    while len(above) < MAX_PARENTS:
        above.append(_parent(above[-1]))
    more = unknown("is a folder far above", span)
    return Sequence("tuple", [path(folder, span) for folder in above], span, open=more)


def joined(left: Value, right: Value, span: Span) -> Value | None:
    """``left / right``; None if neither is a path or the result is not known."""
    if not any(isinstance(side, Instance) and side.cls == PATH for side in (left, right)):
        return None
    first, second = _text(left), beginning_of_path(right)
    if first is None or second is None:
        return None
    text = _joined_text([first, second])
    return None if text is None else path(text, span)


def _text(value: Value | None) -> str | None:
    """A path's or string's text, with ``UNKNOWN_PREFIX`` for an unknown beginning; None for other values."""
    if isinstance(value, Instance) and value.cls == PATH:
        value = value.arguments.positional[0]
    if not isinstance(value, Unknown):
        return text_of(value)
    first, *rest = value.pieces or (None,)
    known = "".join(present(rest))
    if first is None and None not in rest and known.startswith("/"):
        return UNKNOWN_PREFIX + known
    return UNKNOWN_PREFIX


def _value(text: str, span: Span, thing: str) -> Constant | Unknown:
    """The value with a text; an unknown value with the known rest if its beginning is unknown."""
    if not text.startswith(UNKNOWN_PREFIX):
        return Constant(text, span)
    rest = text.removeprefix(UNKNOWN_PREFIX)
    return unknown(is_a(thing), span, (None, rest) if rest else ())

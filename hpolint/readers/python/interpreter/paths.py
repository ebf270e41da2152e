"""File paths of ``os.path`` and ``pathlib``.

The text of a path that Python makes absolute, or that begins at ``__file__``, is unknown, but its target relative to
the source's folder is known: it is an instance of ``PATH`` with the relative text. A path with an unknown beginning
keeps its known rest.
"""

from __future__ import annotations

import posixpath

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Sequence, Value, unknown

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
    if text.startswith(HERE):
        return _from_here(text)
    return text.removeprefix(UNKNOWN_PREFIX).lstrip("/") if text.startswith(UNKNOWN_PREFIX) else text


def is_from_here(value: Value | None) -> bool:
    """Whether a path begins at the source's folder, wherever the program starts."""
    text = _text(value)
    return text is not None and text.startswith(HERE)


def known_path_text(value: Value | None) -> str | None:
    """The text of a path or a string; None for other values and for a text that is not wholly known."""
    text = beginning_of_path(value)
    return _from_here(text) if text is not None and text.startswith(HERE) else text


def beginning_of_path(value: Value | None) -> str | None:
    """The same with its placeholder, to which more text is added to make another path."""
    text = _text(value)
    return None if text is None or text.startswith(UNKNOWN_PREFIX) else text


def function(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a function that makes paths; None for other functions and unknown results."""
    if name in WORKING_FOLDER_FUNCTIONS:
        return path(HERE, span)
    texts = [result for value in arguments.positional if (result := _text(value)) is not None]
    if len(texts) < len(arguments.positional) or not texts or arguments.open is not None or UNKNOWN_PREFIX in texts[1:]:
        return None
    is_path = any(isinstance(value, Instance) for value in arguments.positional)
    result = _result_text(name, texts)
    if result is None or result == UNKNOWN_PREFIX:
        return None
    if name in CLASSES | IDENTITY_FUNCTIONS or (is_path and name != "os.path.basename"):
        return path(result, span)
    return _value(result, span, f"what `{name.rpartition('.')[2]}()` returns") if name != "builtins.str" else None


def _result_text(name: str, texts: list[str]) -> str | None:
    """The text of a function's result."""
    first = texts[0]
    if name in CLASSES or name == "os.path.join":
        return posixpath.join(*texts)
    if name in ABSOLUTE_FUNCTIONS:
        return _absolute(first)
    if name in IDENTITY_FUNCTIONS or name == "builtins.str":
        return first
    if name == "os.path.normpath":
        is_kept = first.startswith((UNKNOWN_PREFIX, HERE))
        return first if is_kept else posixpath.normpath(first)
    if name == "os.path.dirname":
        return _parent(first)
    return _name(first) if name == "os.path.basename" else None


def _from_here(text: str) -> str:
    """An absolute path, which begins with ``HERE``, as one relative to the source's folder."""
    return posixpath.normpath(text.removeprefix(HERE).lstrip("/") or ".")


def _absolute(text: str) -> str:
    """A path from the source's folder; one that is absolute, or has an unknown beginning, as it is."""
    return text if text.startswith(("/", "~", UNKNOWN_PREFIX, HERE)) else HERE + ("" if text == "." else text)


def _parent(text: str) -> str:
    """The folder of a path."""
    if not text.startswith(HERE):
        return posixpath.dirname(text)
    rest = _from_here(text)
    if rest == "." or posixpath.basename(rest) == "..":
        return HERE + posixpath.normpath(posixpath.join(rest, ".."))
    return HERE + posixpath.dirname(rest)


def _name(text: str) -> str | None:
    """The last part of a path; None if that is a folder whose name is not known."""
    name = posixpath.basename(text)
    return None if text.startswith(HERE) and name in ("", "..") else name


def method(receiver: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a path's method; None if it is not known."""
    own = _text(receiver)
    if own is None:
        return None
    if name in ABSOLUTE_METHODS:
        return path(_absolute(own), span)
    if name in IDENTITY_METHODS:
        return path(own, span)
    texts = [_text(value) for value in arguments.positional]
    known = [text for text in texts if text is not None and not text.startswith(UNKNOWN_PREFIX)]
    if name == "joinpath" and len(known) == len(texts):
        return path(posixpath.join(own, *known), span)
    return None


def attribute(receiver: Instance, name: str, span: Span) -> Value | None:
    """A path's attribute; None if it is not known."""
    own = _text(receiver)
    if own is None or own == UNKNOWN_PREFIX:
        return None
    if name == "parent":
        return path(_parent(own) or ".", span)
    if name == "parents" and own.startswith(HERE):
        above = [_parent(own)]
        while len(above) < MAX_PARENTS:
            above.append(_parent(above[-1]))
        more = unknown("is a folder far above", span)
        return Sequence("tuple", [path(each, span) for each in above], span, open=more)
    own_name = _name(own) if name == "name" else None
    return _value(own_name, span, "a file's name") if own_name is not None else None


def joined(left: Value, right: Value, span: Span) -> Value | None:
    """``left / right``; None if neither is a path or the result is not known."""
    if not any(isinstance(each, Instance) and each.cls == PATH for each in (left, right)):
        return None
    first, second = _text(left), _text(right)
    if first is None or second is None or second.startswith(UNKNOWN_PREFIX):
        return None
    return path(posixpath.join(first, second), span)


def _text(value: Value | None) -> str | None:
    """A path's or string's text, with ``UNKNOWN_PREFIX`` for an unknown beginning; None for other values."""
    if isinstance(value, Instance) and value.cls == PATH:
        value = value.arguments.positional[0]
    if isinstance(value, Constant):
        return value.value if isinstance(value.value, str) else None
    if not isinstance(value, Unknown):
        return None
    first, *rest = value.pieces or (None,)
    known = [piece for piece in rest if piece is not None]
    if first is not None or len(known) < len(rest) or not "".join(known).startswith("/"):
        return UNKNOWN_PREFIX
    return UNKNOWN_PREFIX + "".join(known)


def _value(text: str, span: Span, thing: str) -> Constant | Unknown:
    """The value with a text; an unknown value with the known rest if its beginning is unknown."""
    if not text.startswith(UNKNOWN_PREFIX):
        return Constant(text, span)
    return unknown(is_a(thing), span, (None, text.removeprefix(UNKNOWN_PREFIX)) if text != UNKNOWN_PREFIX else ())

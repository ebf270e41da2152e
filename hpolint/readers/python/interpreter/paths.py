"""Paths of files, as far as their text tells them: ``os.path`` and ``pathlib``.

A path that Python makes absolute, or that begins at ``__file__``, is no text that the source tells, but it is known
where it leads to from the source's own folder: it is an object of the class ``PATH`` with that text. Of one that begins
at what cannot be told the rest is known.
"""

from __future__ import annotations

import posixpath

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Value, unknown

PATH = "pathlib.Path"
CLASSES = frozenset({PATH, "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath"})
MODULES = frozenset({"os", "os.path", "pathlib", PATH})
HERE = frozenset({"os.getcwd", f"{PATH}.cwd"})
WHOLE = frozenset({"os.path.abspath", "os.path.realpath", "os.path.expanduser", "os.fspath"})
SAME = frozenset({"resolve", "absolute", "expanduser", "as_posix", "__str__"})
LOST = "\0"
"""Stands for the beginning of a path that cannot be told."""


def path(text: str, span: Span) -> Instance:
    """A path by where it leads to from the source's folder."""
    return Instance(PATH, Arguments([_value(text, span, "a path")]), span)


def path_text(value: Value | None) -> str | None:
    """The text of a path, or of a string; of one whose beginning cannot be told the rest. None for all else."""
    text = _text(value)
    if text is None or text == LOST:
        return None
    return text.removeprefix(LOST).lstrip("/") if text.startswith(LOST) else text


def function(name: str, arguments: Arguments, span: Span) -> Value | None:
    """What a function that makes paths gives; None for all others, and where nothing can be told."""
    if name in HERE:
        return path(".", span)
    texts = [text for value in arguments.positional if (text := _text(value)) is not None]
    if len(texts) < len(arguments.positional) or not texts or arguments.open is not None or LOST in texts[1:]:
        return None
    is_path = any(isinstance(value, Instance) for value in arguments.positional)
    made = _made(name, texts)
    if made is None or made == LOST:
        return None
    if name in CLASSES | WHOLE or (is_path and name != "os.path.basename"):
        return path(made, span)
    return _value(made, span, f"what `{name.rpartition('.')[2]}()` returns") if name != "builtins.str" else None


def _made(name: str, texts: list[str]) -> str | None:
    """The text of what a function gives."""
    first = texts[0]
    if name in CLASSES or name == "os.path.join":
        return posixpath.join(*texts)
    if name in WHOLE or name == "builtins.str":
        return first
    if name == "os.path.normpath":
        return first if first.startswith(LOST) else posixpath.normpath(first)
    if name == "os.path.dirname":
        return posixpath.dirname(first)
    return posixpath.basename(first) if name == "os.path.basename" else None


def method(receiver: Instance, name: str, arguments: Arguments, span: Span) -> Value | None:
    """What a method of a path gives."""
    own = _text(receiver)
    if own is None:
        return None
    if name in SAME:
        return path(own, span)
    texts = [_text(value) for value in arguments.positional]
    known = [text for text in texts if text is not None and not text.startswith(LOST)]
    if name == "joinpath" and len(known) == len(texts):
        return path(posixpath.join(own, *known), span)
    return None


def attribute(receiver: Instance, name: str, span: Span) -> Value | None:
    """A member of a path."""
    own = _text(receiver)
    if own is None or own == LOST:
        return None
    if name == "parent":
        return path(posixpath.dirname(own) or ".", span)
    return _value(posixpath.basename(own), span, "a file's name") if name == "name" else None


def joined(left: Value, right: Value, span: Span) -> Value | None:
    """``left / right``, where one of them is a path."""
    if not any(isinstance(each, Instance) and each.cls == PATH for each in (left, right)):
        return None
    first, second = _text(left), _text(right)
    if first is None or second is None or second.startswith(LOST):
        return None
    return path(posixpath.join(first, second), span)


def _text(value: Value | None) -> str | None:
    """A path's or string's text, with ``LOST`` for a beginning that cannot be told; None for what is neither."""
    if isinstance(value, Instance) and value.cls == PATH:
        value = value.arguments.positional[0]
    if isinstance(value, Constant):
        return value.value if isinstance(value.value, str) else None
    if not isinstance(value, Unknown):
        return None
    first, *rest = value.pieces or (None,)
    known = [piece for piece in rest if piece is not None]
    if first is not None or len(known) < len(rest) or not "".join(known).startswith("/"):
        return LOST
    return LOST + "".join(known)


def _value(text: str, span: Span, thing: str) -> Constant | Unknown:
    """The value that has a text, or all of it but its beginning."""
    if not text.startswith(LOST):
        return Constant(text, span)
    return unknown(is_a(thing), span, (None, text.removeprefix(LOST)) if text != LOST else ())

"""The addresses of CSV files that a program writes and uploads.

Source: sagemaker 1.72.1, 2.257.7 and sagemaker-core 2.27.0, ``Session.upload_data`` and ``S3Uploader.upload``, read: a
file's address ends in its name, a folder's does not.
"""

from __future__ import annotations

import posixpath

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import paths
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Value,
    is_own,
    is_text,
    text_of,
    unknown,
)
from hpolint.readers.python.sdk import carriers
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none

WRITER = "to_csv"
CSV_PARAMETERS = ("path_or_buf", "sep")
"""The first parameters of ``DataFrame.to_csv``; pandas 1 takes both by position."""

CSV_OPTIONS = frozenset({*CSV_PARAMETERS, "header", "index", "index_label", "columns", "na_rep", "float_format"})
"""The keywords with which ``to_csv`` certainly writes a whole file of CSV; ``mode``, for example, may append to one."""

UPLOAD = "upload_data"
UPLOADER = "S3Uploader.upload"
CHANGING_ANY = carriers.COMMANDS | {"os.chdir"}
"""What may change any file, or what a relative path means."""

IPYTHON_COMMANDS = frozenset({"system", "getoutput", "run_line_magic", "run_cell_magic", "magic"})
"""Methods of ``get_ipython()`` that a notebook's commands become when it is exported as a script."""

KEEPING_MODULES = ("builtins.", "os.path.", "pathlib.", "sagemaker.")
KEEPING_METHODS = frozenset(
    {UPLOAD, "upload_file", "Object", "read_csv"}
    | {"exists", "is_file", "stat", "absolute", "resolve", "as_posix", "joinpath"}
)
"""What leaves a file as it is, although it gets the file's path; ``open`` does not."""


class CsvFiles:
    """The paths of the files that a program certainly wrote as CSV and has given to nothing since that may change them.

    A file that is written by a path that hpolint does not know at all is left aside. ``is_complete``: nothing but the
    calls that are noted may change a file; without it no file counts as written.
    """

    def __init__(self, *, is_complete: bool) -> None:
        self._is_complete = is_complete
        self._paths: list[Value] = []

    def may_change(self, function: Value) -> bool:
        """Whether a call may write such a file, or change one."""
        return self._is_complete and (bool(self._paths) or _is_writer(function))

    def called(self, function: Value, arguments: Arguments, *, is_certain: bool) -> None:
        """Note a call of a function that the source does not define. ``is_certain``: it is certainly made."""
        if _may_change_any(function):
            self._paths = []
        elif _is_writer(function):
            self._written(arguments, is_certain=is_certain)
        elif self._paths and not _keeps_files(function):
            self._forget(_passed(function, arguments))

    def _written(self, arguments: Arguments, *, is_certain: bool) -> None:
        """Note a call of ``to_csv``."""
        path = _written_path(arguments)
        if path is None:
            self._forget(list(arguments.values()))
        elif is_certain:
            self._paths.append(path)

    def _forget(self, values: list[Value]) -> None:
        """Forget the files that a call may change which gets some values."""
        self._paths = [path for path in self._paths if not _may_get(values, path)]

    def address_by_session(self, receiver: Value, name: str, arguments: Arguments, span: Span) -> Unknown | None:
        """The address that ``session.upload_data(path)`` returns for such a file; None for any other call."""
        if name != UPLOAD or not isinstance(receiver, Instance):
            return None
        if not receiver.cls.startswith("sagemaker.") or not receiver.cls.endswith("Session"):
            return None
        return self._address(BoundArguments(arguments, ("path",)).get("path"), span)

    def address_by_uploader(self, name: str, arguments: Arguments, span: Span) -> Unknown | None:
        """The address that ``S3Uploader.upload(path, folder)`` returns for such a file; None for any other call."""
        if not name.startswith("sagemaker.") or not name.endswith(f".{UPLOADER}"):
            return None
        return self._address(BoundArguments(arguments, ("local_path",)).get("local_path"), span)

    def _address(self, path: Value | None, span: Span) -> Unknown | None:
        if path is None or not any(_is_same(path, written) for written in self._paths):
            return None
        return unknown(is_a("the address of an uploaded file"), span, ("s3://", None, _end_of(path)))


def _is_writer(function: Value) -> bool:
    return isinstance(function, Method) and function.name == WRITER and not is_own(function.receiver)


def _may_change_any(function: Value) -> bool:
    """Whether a call may change any file, whatever it gets."""
    if isinstance(function, Method):
        return function.name in IPYTHON_COMMANDS and not is_own(function.receiver)
    return isinstance(function, Symbol) and function.name in CHANGING_ANY


def _written_path(arguments: Arguments) -> Value | None:
    """The path under which ``to_csv`` writes a file with commas whose name ends in ``.csv``; None for any other call.

    LIBSVM, too, can be written by ``to_csv``, as one column of lines. Nobody would then call the file CSV.
    """
    if arguments.open is not None or not arguments.keywords.keys() <= CSV_OPTIONS or len(arguments.positional) > 2:
        return None
    bound = BoundArguments(arguments, CSV_PARAMETERS)
    path, separator = bound.get("path_or_buf"), bound.get("sep")
    is_comma = is_none(separator) or text_of(separator) == ","
    return path if path is not None and is_comma and _end_of(path).endswith(".csv") else None


def _keeps_files(function: Value) -> bool:
    """Whether a call leaves a file as it is whose path it gets."""
    if isinstance(function, Method):
        is_of_text = is_text(function.receiver) or isinstance(function.receiver, Mapping | Sequence)
        return is_of_text or function.name in KEEPING_METHODS
    if not isinstance(function, Symbol) or function.name == "builtins.open":
        return False
    return function.name.startswith(KEEPING_MODULES) or function.name.rpartition(".")[2] in KEEPING_METHODS


def _passed(function: Value, arguments: Arguments) -> list[Value]:
    """What a call may change: its arguments, the items of lists among them, and a path whose method it is."""
    values = list(arguments.values())
    for argument in arguments.values():
        if isinstance(argument, Sequence):
            values += argument.items
    if isinstance(function, Method):
        values.append(function.receiver)
    return values


def _may_get(values: list[Value], path: Value) -> bool:
    """Whether one of some values may be the path, or a command with it."""
    name = _end_of(path).rpartition("/")[2]
    return any(_may_name(value, name) for value in values)


def _may_name(value: Value, file_name: str) -> bool:
    text = paths.known_path_text(value)
    if text is not None:
        return file_name in text
    if not isinstance(value, Unknown) or not value.pieces:
        return False
    last = value.pieces[-1]
    return last is None or file_name.endswith(last) or file_name in last


def _is_same(path: Value, other: Value) -> bool:
    """Whether two paths are certainly equal. Those that are not wholly known are if they are one value."""
    text, other_text = paths.known_path_text(path), paths.known_path_text(other)
    if text is None or other_text is None:
        return path is other
    return posixpath.normpath(text) == posixpath.normpath(other_text)


def _end_of(path: Value) -> str:
    """The known end of a path, with a slash before the file's name if all of the name is known; empty for others."""
    text = paths.known_path_text(path)
    if text is not None:
        return f"/{posixpath.basename(text)}"
    end = path.pieces[-1] if isinstance(path, Unknown) and path.pieces else None
    if end is None:
        return ""
    _, slash, name = end.rpartition("/")
    return slash + name

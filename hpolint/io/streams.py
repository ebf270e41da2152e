"""Output that is written whole or reported as failed.

A write to a pipe or a full disk may be partial, and Python's own streams ignore that in some settings
(``PYTHONUNBUFFERED``, a non-blocking pipe). Standard output is written completely or raises; standard error is written
as far as possible, because its errors do not affect the result.
"""

from __future__ import annotations

import io
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from hpolint.io import signals, workflow_commands

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any, TextIO


class OutputError(Exception):
    """Output could not be written. The message is the reason."""


class ReaderGoneError(OutputError):
    """The reader of standard output has closed the pipe, such as ``head``."""


READER_GONE, UNWRITTEN = 141, 2
"""The exit codes for a closed pipe, as in a shell after SIGPIPE, and for other errors of standard output."""


def exit_code_of(error: OutputError) -> int:
    """The exit code for an output error. Reports the error on standard error, unless the reader has closed the pipe."""
    if isinstance(error, ReaderGoneError):
        return READER_GONE
    write_line(f"hpolint: standard output: cannot be written: {error}")
    return UNWRITTEN


class _BlockingStream(io.RawIOBase):
    """A raw stream whose writes are complete or raise OutputError."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def write(self, data: Any) -> int:
        """Write all data. Raises OutputError."""
        signals.ignore_sigpipe()
        rest = memoryview(data).cast("B")
        total = len(rest)
        try:
            while rest:
                rest = rest[self._raw.write(rest) or self._wait() :]
        except BrokenPipeError as error:
            raise ReaderGoneError(reason(error)) from None
        except OSError as error:
            raise OutputError(reason(error)) from None
        return total

    def _wait(self) -> int:
        """Wait until a non-blocking pipe accepts data again, and return 0 bytes written."""
        if os.name == "posix":
            select.select([], [self._raw], [])
        else:  # Windows can only wait for sockets
            time.sleep(0.01)
        return 0


class _Lenient(_BlockingStream):
    """A raw stream that ignores errors."""

    def write(self, data: Any) -> int:
        """Write as much as possible."""
        try:
            return super().write(data)
        except (OutputError, ValueError):
            return len(data)


class OutputCopy:
    """A copy of the text on standard output and the lines on standard error."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.lines: list[str] = []


_copies: list[OutputCopy] = []


@contextmanager
def copied_output() -> Iterator[OutputCopy]:
    """Copy all output within the context."""
    copy = OutputCopy()
    _copies.append(copy)
    try:
        yield copy
    finally:
        _copies.remove(copy)


def install_streams() -> None:
    """Replace this process's standard streams by complete and lenient ones. A closed stream stays None."""
    sys.stdout = _text_stream(sys.stdout, _BlockingStream)
    sys.stderr = _text_stream(sys.stderr, _Lenient)


def _text_stream(stream: Any, kind: type[_BlockingStream]) -> Any:
    """A text stream in UTF-8, regardless of the locale. A lone surrogate from a JSON escape is printed as an escape."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:  # closed, or not a stream of the system
        return stream
    whole = kind(getattr(buffer, "raw", buffer))
    return io.TextIOWrapper(whole, "utf-8", "backslashreplace", newline="\n", write_through=True)


def read_stdin(most: int) -> bytes | None:
    """All of standard input, also from a non-blocking pipe; None if it has more than ``most`` bytes."""
    buffer = getattr(sys.stdin, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    pieces: list[bytes] = []
    left = most
    while raw is not None:
        piece = raw.read(1 << 20)
        if piece is None:
            select.select([raw], [], [])
        elif piece:
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                return None
        else:
            break
    return b"".join(pieces)


NEUTRAL: dict[str, Callable[[str], str]] = {
    "text": workflow_commands.without_commands,
    "json": workflow_commands.json_without_commands,
    "xml": workflow_commands.xml_without_commands,
    "patch": workflow_commands.patch_without_commands,
    "commands": str,
}
"""How the text of each syntax is made free of commands to GitHub Actions."""


def write(text: str, syntax: str = "text") -> None:
    """Print on standard output. Raises OutputError.

    ``syntax`` says how the text may be changed where GitHub Actions would take a part of it for a command: ``text``,
    ``json``, ``xml``, ``patch``, or ``commands`` for a text of commands, which is not changed.
    """
    if workflow_commands.is_read_by_actions():
        text = NEUTRAL[syntax](text)
    for copy in _copies:
        copy.text.append(text)
    stream: TextIO | None = sys.stdout
    if stream is None:
        raise OutputError("it is closed")
    try:
        stream.write(text)
        stream.flush()
    except ValueError:  # closed by other code
        raise OutputError("it is closed") from None


def write_bytes(data: bytes) -> None:
    """Print a file's own bytes on standard output. Raises OutputError."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        raise OutputError("it is closed")
    sys.stdout.flush()
    buffer.write(data)
    buffer.flush()


def write_line(line: str) -> None:
    """Print a line on standard error. Errors are ignored."""
    if workflow_commands.is_read_by_actions():
        line = workflow_commands.without_commands(line)
    for copy in _copies:
        copy.lines.append(line)
    stream: TextIO | None = sys.stderr
    if stream is not None:
        stream.write(f"{line}\n")
        stream.flush()


def write_file(name: str, text: str) -> None:
    """Write the whole file, or leave the existing one unchanged. Raises OutputError.

    Links are followed, except those by which a repository would decide what is written (``written_paths.py``). Devices
    and pipes are written to directly.
    """
    from hpolint.io.written_paths import reason_not_to_write

    data = text.encode("utf-8", "backslashreplace")
    refusal = reason_not_to_write(name)
    if refusal is not None:
        raise OutputError(refusal)
    try:
        if os.path.exists(name) and not os.path.isfile(name):  # /dev/stdout has no real path
            with open(name, "wb", buffering=0) as file:
                _BlockingStream(file).write(data)
        else:
            replace_file(os.path.realpath(name), data)
    except OSError as error:
        raise OutputError(reason(error)) from None


def append_file(name: str, text: str) -> None:
    """Append to a file that other processes may append to as well. Raises OutputError."""
    try:
        with open(name, "ab", buffering=0) as file:
            _BlockingStream(file).write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(reason(error)) from None


def replace_file(target: str, data: bytes, check: Callable[[], None] | None = None) -> None:
    """Replace a file atomically: write a new file beside it, then rename that. Raises OSError.

    Keeps the mode, and the owner if the system permits it. ``check`` is called right before the file is replaced; what
    it raises leaves the file as it is.
    """
    part = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:100]}.{os.urandom(6).hex()}")
    mode = os.stat(target).st_mode & 0o777 if os.path.exists(target) else 0o666
    with signals.unfinished_file(part):
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
            with open(descriptor, "wb", buffering=0) as file:
                _BlockingStream(file).write(data)
                with suppress(OSError):  # some file systems do not support it
                    os.fsync(file.fileno())
            if os.path.exists(target):
                _copy_mode_and_owner(part, target)
            if check is not None:
                check()
            os.replace(part, target)
        except BaseException:
            if os.path.exists(part):
                os.unlink(part)
            raise


def _copy_mode_and_owner(part: str, target: str) -> None:
    """Give a new file the mode and owner of the file that it replaces."""
    status = os.stat(target)
    with suppress(OSError, AttributeError):
        os.chown(part, status.st_uid, status.st_gid)
    os.chmod(part, status.st_mode & 0o7777)  # os.open applied the process's umask


def reason(error: OSError) -> str:
    """The system's message for an error, without the file's name."""
    return error.strerror or str(error)

"""Where output goes: whole, or not without a word.

A write to a pipe or a full disk may take a part of what it is given, and Python's own streams then keep silent in some
settings (``PYTHONUNBUFFERED``, a pipe that does not block). Standard output is written until all of it is out; standard
error is written as far as it goes, since trouble with it changes nothing.
"""

from __future__ import annotations

import io
import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hpolint.io import signals

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any, TextIO


class OutputError(Exception):
    """Something that was to be written could not be; the reason."""


class ReaderGoneError(OutputError):
    """Nobody reads standard output any more, as behind ``head``."""


READER_GONE, UNWRITTEN = 141, 2
"""The exit codes for trouble with standard output: as a shell tells of what SIGPIPE has ended, and any other."""


def exit_code_of(error: OutputError) -> int:
    """The exit code of a command whose output could not be written, which is told, unless nobody wants it."""
    if isinstance(error, ReaderGoneError):
        return READER_GONE
    write_line(f"hpolint: standard output: cannot be written: {error}")
    return UNWRITTEN


class _BlockingStream(io.RawIOBase):
    """A stream that takes all that it is given, or raises OutputError."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def write(self, data: Any) -> int:
        """Write all of it. Raises OutputError."""
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
        """Until a pipe that does not block takes something again."""
        if os.name == "posix":
            select.select([], [self._raw], [])
        else:  # only sockets can be waited for there
            time.sleep(0.01)
        return 0


class _Lenient(_BlockingStream):
    """A stream whose trouble is nobody's."""

    def write(self, data: Any) -> int:
        """Write what can be written."""
        try:
            return super().write(data)
        except (OutputError, ValueError):
            return len(data)


class OutputCopy:
    """What was printed: on standard output, and the lines on standard error."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.lines: list[str] = []


_copies: list[OutputCopy] = []


@contextmanager
def copied_output() -> Iterator[OutputCopy]:
    """A copy of all that is printed from now on."""
    copy = OutputCopy()
    _copies.append(copy)
    try:
        yield copy
    finally:
        _copies.remove(copy)


def install_streams() -> None:
    """Let this process's standard streams be written as above; one that is closed stays None."""
    sys.stdout = _text_stream(sys.stdout, _BlockingStream)
    sys.stderr = _text_stream(sys.stderr, _Lenient)


def _text_stream(stream: Any, kind: type[_BlockingStream]) -> Any:
    """As UTF-8 whatever the locale; a lone surrogate from a JSON escape is printed as that escape."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:  # closed, or no stream of the system's
        return stream
    whole = kind(getattr(buffer, "raw", buffer))
    return io.TextIOWrapper(whole, "utf-8", "backslashreplace", newline="\n", write_through=True)


def read_stdin(most: int) -> bytes | None:
    """All of standard input, also from a pipe that does not block; None if it is more than so many bytes."""
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


def write(text: str) -> None:
    """Print on standard output. Raises OutputError."""
    for copy in _copies:
        copy.text.append(text)
    stream: TextIO | None = sys.stdout
    if stream is None:
        raise OutputError("it is closed")
    try:
        stream.write(text)
        stream.flush()
    except ValueError:  # closed by somebody else
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
    """A line on standard error, as far as it can be written."""
    for copy in _copies:
        copy.lines.append(line)
    stream: TextIO | None = sys.stderr
    if stream is not None:
        stream.write(f"{line}\n")
        stream.flush()


def write_file(name: str, text: str) -> None:
    """Write the whole file or leave what is there. Raises OutputError.

    A device or pipe is written to, a link followed.
    """
    data = text.encode("utf-8", "backslashreplace")
    target = os.path.realpath(name)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb", buffering=0) as file:
                _BlockingStream(file).write(data)
        else:
            replace_file(target, data)
    except OSError as error:
        raise OutputError(reason(error)) from None


def append_file(name: str, text: str) -> None:
    """Add to a file that others add to as well. Raises OutputError."""
    try:
        with open(name, "ab", buffering=0) as file:
            _BlockingStream(file).write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(reason(error)) from None


def replace_file(target: str, data: bytes) -> None:
    """Write beside the target, then take its place: there is the old file or the new one, never a part.

    Raises OSError. The mode stays, and the owner where the system lets us.
    """
    part = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:100]}.{os.urandom(6).hex()}")
    mode = os.stat(target).st_mode & 0o777 if os.path.exists(target) else 0o666
    with signals.unfinished_file(part):
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
            with open(descriptor, "wb", buffering=0) as file:
                _BlockingStream(file).write(data)
                with suppress(OSError):  # not every file system has it
                    os.fsync(file.fileno())
            if os.path.exists(target):
                _copy_mode_and_owner(part, target)
            os.replace(part, target)
        except BaseException:
            if os.path.exists(part):
                os.unlink(part)
            raise


def _copy_mode_and_owner(part: str, target: str) -> None:
    """Give a new file the mode and owner of the one whose place it takes."""
    status = os.stat(target)
    with suppress(OSError, AttributeError):
        os.chown(part, status.st_uid, status.st_gid)
    os.chmod(part, status.st_mode & 0o7777)  # the process's mask is for new files


def reason(error: OSError) -> str:
    """What the system says, without the name that the caller tells."""
    return error.strerror or str(error)

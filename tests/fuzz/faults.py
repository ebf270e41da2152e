"""What counts as a fault, and how faults are distinguished."""

from __future__ import annotations

import os
import re
import traceback
from dataclasses import dataclass

import hpolint

PACKAGE = os.path.dirname(os.path.abspath(hpolint.__file__))


@dataclass(frozen=True, order=True)
class Fault:
    """Something that must not happen. Two inputs have the same fault if ``kind`` and ``where`` are the same.

    ``where`` is the innermost place in hpolint's own source, or the rule; ``text`` is the whole message.
    """

    kind: str
    where: str
    text: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What one and the same mistake has in common."""
        return self.kind, self.where


def of_error(error: BaseException, during: str) -> Fault:
    """The fault that an exception is: its type, and where in the package it came from."""
    text = f"{during}: {type(error).__name__}: {error}"[:2000]
    if isinstance(error, RecursionError):  # the innermost place is wherever the stack happened to end
        return Fault("RecursionError", during, text)
    own = [f for f in traceback.extract_tb(error.__traceback__) if os.path.abspath(f.filename).startswith(PACKAGE)]
    where = f"{os.path.relpath(own[-1].filename, PACKAGE)}:{own[-1].name}" if own else during
    return Fault(type(error).__name__, where, text)


def of_line(line: str, during: str) -> Fault:
    """The fault that a line on standard error reports, without the parts that differ between inputs."""
    plain = re.sub(r"mutant-\d+\.\w+|\d+|`[^`]*`|'[^']*'", "…", line)
    return Fault("reported", f"{during}: {plain[:120]}", line[:2000])

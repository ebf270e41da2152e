"""Syntax of a later Python than the one that runs hpolint: no mistake of who wrote it.

Source: the "What's New" pages of Python 3.12 to 3.14 (PEP 695, 701, 758, 750).
"""

from __future__ import annotations

import re
import sys

SURE = (
    ((3, 12), re.compile(r"^\s*+type\s++\w++\s*+(?:\[[^\]]*+\]\s*+)?=(?!=)")),
    ((3, 12), re.compile(r"^\s*+(?:async\s++)?def\s++\w++\s*+\[")),
    ((3, 12), re.compile(r"^\s*+class\s++\w++\s*+\[")),
    ((3, 13), re.compile(r"^\s*+(?:def|class)\s++\w++\s*+\[[^\]]*=")),
    ((3, 14), re.compile(r"^\s*+except\*?\s++[\w.]++\s*+,\s*+[\w.]++(?:\s*+,\s*+[\w.]++)*+\s*+:")),
)
"""Lines that no earlier Python reads, each with the first one that does."""

LIKELY = (
    ((3, 12), re.compile(r"""(?<!["'\w])[rR]?[fF][rR]?["'][^{]*+\{[^{]""")),
    ((3, 14), re.compile(r"""(?<!["'\w])[rR]?[tT][rR]?["'][^{]*+\{[^{]""")),
)
"""What stands in a line where a later Python may read what an earlier one refuses: quotes within an f-string."""


def later_python(line: str, reason: str, running: tuple[int, int] | None = None) -> str | None:
    """Why a line that does not parse may do so later, after its number; None if it is wrong for every Python.

    ``reason`` is the running parser's own.
    """
    running = running or sys.version_info[:2]
    own = f"hpolint runs on Python {running[0]}.{running[1]}"
    for version, pattern in reversed(SURE):
        if running < version and pattern.search(line):
            return f"is written for Python {version[0]}.{version[1]} or later, and {own}"
    if any(running < version and pattern.search(line) for version, pattern in LIKELY):
        return f"may be written for a later Python: {own}, which does not read it ({reason})"
    return None

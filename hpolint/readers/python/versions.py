"""Syntax of another Python than the one that runs hpolint, which is not an error of the source.

Source: the "What's New" pages of Python 3.0 and of Python 3.12 to 3.14 (PEP 695, 701, 758, 750).
"""

from __future__ import annotations

import sys

from hpolint.lazy_regex import lazy_regex

CERTAIN_SYNTAX = (
    ((3, 12), lazy_regex(r"^\s*+type\s++\w++\s*+(?:\[[^\]]*+\]\s*+)?=(?!=)")),
    ((3, 12), lazy_regex(r"^\s*+(?:async\s++)?def\s++\w++\s*+\[")),
    ((3, 12), lazy_regex(r"^\s*+class\s++\w++\s*+\[")),
    ((3, 13), lazy_regex(r"^\s*+(?:def|class)\s++\w++\s*+\[[^\]]*=")),
    ((3, 14), lazy_regex(r"^\s*+except\*?\s++[\w.]++\s*+,\s*+[\w.]++(?:\s*+,\s*+[\w.]++)*+\s*+:")),
)
"""Patterns of lines that only a version and later ones parse."""

LIKELY_SYNTAX = (
    ((3, 12), lazy_regex(r"""(?<!["'\w])[rR]?[fF][rR]?["'][^{]*+\{[^{]""")),
    ((3, 14), lazy_regex(r"""(?<!["'\w])[rR]?[tT][rR]?["'][^{]*+\{[^{]""")),
)
"""Patterns of lines that a version and later ones may parse: quotes nested in an f-string."""


PYTHON_2_REASON = lazy_regex(
    r"Missing parentheses in call to|multiple exception types must be parenthesized|leading zeros in decimal integer"
    r"|invalid decimal literal|inconsistent use of tabs|invalid hexadecimal literal"
)
PYTHON_2_LINE = lazy_regex(
    r"""`|<>|^\s*+(?:print|exec)\b(?!\s*+[(=.])|^\s*+raise\s++\w++\s*+,|\b[uU][rR]["']|\blambda\s*+\("""
)
"""What the parser says of Python 2, and what lines of it contain."""


MAX_LINE_CHARACTERS = 2_000
"""Characters of a line that are searched: the patterns of likely syntax take the square of a line's length."""


def may_be_other_python(line: str, reason: str) -> bool:
    """Whether a line that the running Python does not parse may be valid in a later one, or in Python 2."""
    line = line[:MAX_LINE_CHARACTERS]
    is_old = PYTHON_2_REASON.search(reason) or PYTHON_2_LINE.search(line)
    return bool(is_old) or later_python(line, reason) is not None


def later_python(line: str, reason: str, running: tuple[int, int] | None = None) -> str | None:
    """Why a line may parse in a later Python, to continue "line N …"; None if it is invalid in every version.

    ``reason`` is the running parser's message.
    """
    line = line[:MAX_LINE_CHARACTERS]
    running = running or sys.version_info[:2]
    runtime = f"hpolint runs on Python {running[0]}.{running[1]}"
    for version, pattern in reversed(CERTAIN_SYNTAX):
        if running < version and pattern.search(line):
            return f"is written for Python {version[0]}.{version[1]} or later, and {runtime}"
    if any(running < version and pattern.search(line) for version, pattern in LIKELY_SYNTAX):
        return f"may be written for a later Python: {runtime}, which does not parse it ({reason})"
    return None

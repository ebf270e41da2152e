"""TOML as plain values, within hpolint's limits, so that no document causes an internal error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hpolint.config.keys import KeyPath, Problem
from hpolint.lazy_regex import lazy_regex

POSITION = lazy_regex(r" \(at line (\d+), column \d+\)\Z")
MAX_DEPTH = 100
"""Largest depth of nested tables and lists."""

INT64_LIMIT = 2**63
"""TOML's integers have 64 bits: at least ``-INT64_LIMIT``, below ``INT64_LIMIT``."""

TOKEN = lazy_regex(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+|[\[\]{}\n]|\d[\d_]{999,}',
    re.DOTALL,
)
"""Brackets and line breaks, for depth and lines; strings and comments, to skip; numerals of 1,000 digits or more."""

TOO_LONG = "an integer of more than 64 bits"


class TomlError(ValueError):
    """Invalid TOML, or TOML beyond hpolint's limits. ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse_toml(text: str) -> dict[str, Any]:
    """The values of a document. Raises TomlError."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        position = POSITION.search(str(error))
        line = int(position[1]) if position else text.count("\n") + 1
        raise TomlError(line, POSITION.sub("", str(error))) from None
    except RecursionError:
        raise TomlError(_deep_line(text), f"nested more than {MAX_DEPTH} levels deep") from None
    except ValueError:  # Python refuses integers of more than 4,300 digits
        raise TomlError(_long_line(text), TOO_LONG) from None


def _deep_line(text: str) -> int:
    """The line where brackets exceed the depth limit."""
    line, depth = 1, 0
    for match in TOKEN.finditer(text):
        token = match[0]
        depth += (token in "[{") - (token in "]}")
        if depth > MAX_DEPTH:
            return line
        line += token.count("\n")
    return 1


def _long_line(text: str) -> int:
    """The line of the first numeral that is too long."""
    line = 1
    for match in TOKEN.finditer(text):
        if match[0][0].isdecimal():
            return line
        line += match[0].count("\n")
    return 1


def unsupported_values(table: Any) -> Iterator[Problem]:
    """A problem for each integer beyond 64 bits and each value that is nested too deep. Not recursive."""
    waiting: list[tuple[KeyPath, Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, int) and not isinstance(value, bool) and not -INT64_LIMIT <= value < INT64_LIMIT:
            yield Problem(path, TOO_LONG)
        elif isinstance(value, Mapping | list | tuple):
            if len(path) > MAX_DEPTH:
                yield Problem(path, f"nested more than {MAX_DEPTH} levels deep")
                continue
            items = value.items() if isinstance(value, Mapping) else enumerate(value)
            waiting += reversed([((*path, step), item) for step, item in items])

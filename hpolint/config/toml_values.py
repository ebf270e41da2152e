"""TOML as plain values, held to what hpolint takes: no text of it is an internal error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hpolint.config.keys import KeyPath, Wrong

AT = re.compile(r" \(at line (\d+), column \d+\)\Z")
DEEPEST = 100
"""Levels of tables and lists in each other."""

LARGEST = 2**63
"""Below it, and not below its negative, is every integer of TOML."""

TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+|[\[\]{}\n]|\d[\d_]{999,}',
    re.DOTALL,
)
"""What tells how deep a place is, and what is passed over for that; a numeral of 1,000 digits."""

TOO_LONG = "an integer of more than 64 bits"


class TomlError(ValueError):
    """A text that is not TOML, or beyond what hpolint takes. ``line`` counts from 1."""

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
        found = AT.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise TomlError(line, AT.sub("", str(error))) from None
    except RecursionError:
        raise TomlError(_deep_line(text), f"nested more than {DEEPEST} levels deep") from None
    except ValueError:  # Python makes no integer of some thousand digits
        raise TomlError(_long_line(text), TOO_LONG) from None


def _deep_line(text: str) -> int:
    """The line in which brackets are nested too deep."""
    line, depth = 1, 0
    for match in TOKEN.finditer(text):
        token = match[0]
        depth += (token in "[{") - (token in "]}")
        if depth > DEEPEST:
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


def unfit(table: Any) -> Iterator[Wrong]:
    """What no setting can be: integers that TOML has not, and values that are nested too deep. Never recursive."""
    waiting: list[tuple[KeyPath, Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, int) and not isinstance(value, bool) and not -LARGEST <= value < LARGEST:
            yield Wrong(path, TOO_LONG)
        elif isinstance(value, Mapping | list | tuple):
            if len(path) > DEEPEST:
                yield Wrong(path, f"nested more than {DEEPEST} levels deep")
                continue
            items = value.items() if isinstance(value, Mapping) else enumerate(value)
            waiting += reversed([((*path, step), item) for step, item in items])

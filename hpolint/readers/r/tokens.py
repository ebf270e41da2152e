"""The tokens of R, by the language's own scanner (R Language Definition, "Parser")."""

from __future__ import annotations

import re
from enum import Enum

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.units import Problem

MAX_TOKENS = 400_000
"""Tokens of one text: more are more statements than are interpreted."""


class Kind(Enum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    QUOTED_NAME = "name in backticks"
    SIGN = "sign"
    LINE_END = "end of a line"
    END = "end of the text"


class Token(msgspec.Struct, frozen=True):
    """A token and its place in the text."""

    kind: Kind
    text: str
    start: int
    end: int


SKIPPED = lazy_regex(r"(?:[^\S\n]++|#[^\n]*+)++")
RAW_STRING = lazy_regex(r"[rR](?P<quote>[\"'])(?P<dashes>-*)(?P<bracket>[(\[{])")
NUMBER = lazy_regex(
    r"(?:0[xX][0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?(?:[pP][+-]?[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[Li]?"
)
NAME = lazy_regex(r"(?:[^\W\d_]|\.(?![0-9]))[\w.]*+|_(?!\w)")
QUOTED = {
    '"': lazy_regex(r'"(?:[^"\\]|\\.)*+"', re.DOTALL),
    "'": lazy_regex(r"'(?:[^'\\]|\\.)*+'", re.DOTALL),
    "`": lazy_regex(r"`(?:[^`\\]|\\.)*+`", re.DOTALL),
}
SIGN = lazy_regex(r"<<-|->>|:::|\|>|<-|->|<=|>=|==|!=|&&|\|\||::|:=|\*\*|\[\[|%[^%\n]*%|[-+*/^<>=!&|~?:$@\\(){}\[\],;]")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def tokens_of(text: str) -> list[Token]:
    """All tokens of a text, with a last one of the kind ``END``. Raises Problem."""
    tokens: list[Token] = []
    at = 0
    while True:
        skipped = SKIPPED.match(text, at)
        if skipped is not None:
            at = skipped.end()
        if at >= len(text):
            tokens.append(Token(Kind.END, "", at, at))
            return tokens
        token = _token(text, at)
        tokens.append(token)
        at = token.end
        if len(tokens) > MAX_TOKENS:
            raise Problem(f"has more than {MAX_TOKENS:,} names, numbers and signs, so it was not parsed", 0)


def _token(text: str, at: int) -> Token:
    first = text[at]
    if first == "\n":
        return Token(Kind.LINE_END, first, at, at + 1)
    if first in "rR":
        raw = RAW_STRING.match(text, at)
        if raw is not None:
            return _raw_string(text, raw)
    if first in QUOTED:
        return _quoted(text, at)
    for kind, pattern in ((Kind.NUMBER, NUMBER), (Kind.NAME, NAME), (Kind.SIGN, SIGN)):
        match = pattern.match(text, at)
        if match is not None:
            return Token(kind, match[0], at, match.end())
    raise Problem(f"the character {first!r} is not part of R", at, is_syntax_error=True)


def _raw_string(text: str, opening: re.Match[str]) -> Token:
    closing = CLOSING[opening["bracket"]] + opening["dashes"] + opening["quote"]
    end = text.find(closing, opening.end())
    if end < 0:
        raise Problem("a string does not end", opening.start(), is_syntax_error=True)
    return Token(Kind.STRING, text[opening.start() : end + len(closing)], opening.start(), end + len(closing))


def _quoted(text: str, at: int) -> Token:
    match = QUOTED[text[at]].match(text, at)
    if match is None:
        raise Problem("a string does not end", at, is_syntax_error=True)
    kind = Kind.QUOTED_NAME if text[at] == "`" else Kind.STRING
    return Token(kind, match[0], at, match.end())


ESCAPE = lazy_regex(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{1,2})|u\{?(?P<short>[0-9a-fA-F]{1,4})\}?"
    r"|U\{?(?P<long>[0-9a-fA-F]{1,8})\}?|(?P<other>.))",
    re.DOTALL,
)
ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "`": "`",
    " ": " ",
    "\n": "\n",
}


def string_value(text: str) -> str | None:
    """The characters that a string stands for; None if it has an escape that R refuses, or a byte beyond ASCII."""
    if text[0] in "rR":
        opening = RAW_STRING.match(text)
        assert opening is not None
        return text[opening.end() : len(text) - len(opening["dashes"]) - 2]
    parts: list[str] = []
    at = 1
    for escape in ESCAPE.finditer(text, 1, len(text) - 1):
        character = _character(escape)
        if character is None:
            return None
        parts += (text[at : escape.start()], character)
        at = escape.end()
    return "".join((*parts, text[at:-1]))


def _character(escape: re.Match[str]) -> str | None:
    """The character of an escape; None if it is not read."""
    if escape["other"] is not None:
        return ESCAPED.get(escape["other"])
    if escape["octal"] is not None:
        code = int(escape["octal"], 8)
    elif escape["hex"] is not None:
        code = int(escape["hex"], 16)
    else:
        return _wide_character(int(escape["short"] or escape["long"], 16))
    return chr(code) if 0 < code < 0x80 else None


def _wide_character(code: int) -> str | None:
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return None
    return chr(code)


def number_value(text: str) -> int | float | None:
    """The value of a number: an int with ``L``, else a float; None for an imaginary one and for infinity."""
    if text.endswith("i"):
        return None
    digits = text.removesuffix("L")
    try:
        value = float.fromhex(digits) if digits[:2] in ("0x", "0X") else float(digits)
    except OverflowError:
        return None
    if value in (float("inf"), float("-inf")):
        return None
    is_integer = text.endswith("L") and value.is_integer() and abs(value) < 2**31
    return int(value) if is_integer else value

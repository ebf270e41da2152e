"""The lines that a call of ``print`` or of a logger may print, as known text and wildcards."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterable
from itertools import count
from typing import TypeAlias

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.training_script import (
    BEFORE,
    BEHIND,
    FIGURES,
    GIVEN,
    NUMBER,
    SCIENTIFIC,
    TEXT,
    WHOLE,
    WORD,
    Template,
    Wildcard,
)
from hpolint.readers.python.interpreter.values import Constant, Value
from hpolint.readers.python.training_script.script_trees import argument_of, called_name, formatted_items
from hpolint.readers.python.training_script.wildcards import Wildcards
from hpolint.syntax.numbers import index_of

NUMERIC_SPEC = lazy_regex(r"[<>=^]?[+\- ]?z?0?\d*[,_]?(?:\.\d+)?[deEfFgGn%]\Z")
PERCENT = lazy_regex(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)
WHOLE_FORM = lazy_regex(r"\.0[fF]\Z|[diu]\Z")
"""The end of a format that shows no decimals."""

NUMERIC_KINDS = frozenset("dioueEfFgG")
DIRECTIVE = lazy_regex(r"%[-_0^#]?(.)", re.DOTALL)
DATE_WILDCARDS = dict.fromkeys("dfHIjmMSUuVwWyYGz%", NUMBER) | dict.fromkeys("aAbBpZ", WORD)
"""What a directive of a date's format produces: digits and a sign, or a word."""

TEXT_METHODS = frozenset({"capitalize", "lower", "strip", "title", "upper"})
"""Methods of strings whose result is known without arguments."""

ASCTIME = "%a %b %d %H:%M:%S %Y"
FORMATTER = string.Formatter()
MAX_PIECES = 200


Pieces: TypeAlias = list[str | Wildcard]
Find: TypeAlias = Callable[[str], Value | None]


class Lines:
    """Reads printed texts. ``find`` returns a name's current value, ``wildcards`` an expression's wildcard."""

    def __init__(self, find: Find, wildcards: Wildcards) -> None:
        self._find = find
        self._wildcards = wildcards

    def printed(self, arguments: Iterable[ast.expr], separator: str) -> list[Template]:
        """The lines of ``print(…)``."""
        pieces: Pieces = []
        for number, argument in enumerate(arguments):
            if number:
                pieces.append(separator)
            pieces += self.template(argument)
        return split_lines(pieces)

    def ends_line(self, node: ast.expr) -> bool:
        """Whether a text ends with a line end."""
        *_, last = self.template(node)
        return isinstance(last, str) and last.endswith("\n")

    def logged(self, arguments: list[ast.expr]) -> list[Template]:
        """The lines of ``logger.info(message, …)``, with wildcards for the logger's text before and after them."""
        if not arguments or _has_starred(arguments):
            return [(TEXT,)]
        first, *rest = arguments
        text = written_text(first, self._find)
        message = self._percent(text, rest) if rest and text is not None else self.template(first)
        return split_lines([BEFORE, *message, BEHIND])

    def template(self, node: ast.expr) -> Pieces:
        """The pieces of an expression's text."""
        match node:
            case ast.Constant(value=value):
                return [str(value)]
            case ast.Starred():
                return [TEXT]
            case ast.JoinedStr(values=parts):
                return self._joined(parts)
            case ast.FormattedValue():
                return self._formatted(node)
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                text = written_text(left, self._find)
                if text is not None:
                    return self._percent(text, formatted_items(right))
            case ast.BinOp(op=ast.Add(), left=left, right=right) if self._is_text(node):
                return self._joined([left, right])
            case ast.Call():
                return self._call(node)
        return self._wildcard(node)

    def _joined(self, parts: list[ast.expr]) -> Pieces:
        pieces: Pieces = []
        for part in parts:
            pieces += self.template(part)
        return pieces

    def _call(self, node: ast.Call) -> Pieces:
        match node.func:
            case ast.Attribute(attr="format", value=template) if not _has_starred(node.args):
                text = written_text(template, self._find)
                if text is not None:
                    return self._braces(text, node)
        if _is_str(node) and "str" not in self._wildcards.defined:
            return self.template(node.args[0])
        text = written_text(node, self._find)
        if text is not None:
            return [text]
        return self._clock(node) or self._wildcard(node)

    def _clock(self, node: ast.Call) -> Pieces:
        """The pieces of a time's text, by ``asctime()`` or ``strftime`` with a known format; empty for other calls."""
        name = called_name(node)
        if name in self._wildcards.defined:
            return []
        if name in ("asctime", "ctime"):
            return date_pieces(ASCTIME)
        if name == "strftime":
            for argument in node.args:
                text = written_text(argument, self._find)
                if text is not None:
                    return date_pieces(text)
        return []

    def _wildcard(self, node: ast.expr) -> Pieces:
        """The pieces of an expression that is not text itself: its known value, or a wildcard."""
        value = self._value(node)
        if isinstance(value, Constant):
            return [str(value.value)]
        wildcard = self._wildcards.of(node)
        if isinstance(value, Unknown) and value.pieces:
            unknown_part = GIVEN if wildcard is GIVEN else TEXT
            return [unknown_part if piece is None else piece for piece in value.pieces]
        is_other = wildcard is GIVEN and value is not None and not isinstance(value, Unknown)
        return [TEXT if is_other else wildcard]

    def _value(self, node: ast.expr) -> Value | None:
        return self._find(node.id) if isinstance(node, ast.Name) else None

    def _is_text(self, node: ast.expr) -> bool:
        """Whether an expression is a string, so that ``+`` concatenates."""
        match node:
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._is_text(left) or self._is_text(right)
            case ast.BinOp(op=ast.Mod(), left=left):
                return self._is_text(left)
            case ast.JoinedStr() | ast.Call(func=ast.Attribute(attr="format" | "join")):
                return True
            case ast.Call():
                return _is_str(node)
        value = self._value(node)
        is_partly_known = isinstance(value, Unknown) and bool(value.pieces)
        return is_partly_known or written_text(node, self._find) is not None

    def _formatted(self, part: ast.FormattedValue) -> Pieces:
        if part.format_spec is not None:
            spec = [piece if isinstance(piece, str) else "1" for piece in self.template(part.format_spec)]
            return [self._specified("".join(spec))]
        if part.conversion == -1:
            return self._shown_by_format(part.value)
        return self.template(part.value) if part.conversion == ord("s") else [TEXT]

    def _shown_by_format(self, node: ast.expr) -> Pieces:
        """The pieces of an expression's text that ``format()`` makes."""
        pieces = self.template(node)
        is_open = pieces in ([TEXT], [FIGURES])
        return [NUMBER] if is_open and self._wildcards.is_formatted_as_number(node) else pieces

    def _specified(self, spec: str) -> Wildcard:
        """The wildcard of a formatted value: a number for numeric formats, unless the script defines ``__format__``."""
        if not NUMERIC_SPEC.match(spec) or "__format__" in self._wildcards.defined:
            return TEXT
        return _number(spec)

    def _percent(self, text: str, values: list[ast.expr]) -> Pieces:
        """The pieces of ``text % values``."""
        if _has_starred(values):
            return [TEXT]
        pieces: Pieces = []
        at, waiting = 0, iter(values)
        for match in PERCENT.finditer(text):
            pieces.append(text[at : match.start()])
            at = match.end()
            if "*" in match[0] or "#" in match[0]:
                return [TEXT]
            if match["kind"] == "%":
                pieces.append("%")
                continue
            value = next(waiting, None)
            if match["kind"] in NUMERIC_KINDS:
                pieces.append(_number(match[0]))
            elif match[0] == "%s" and value is not None:
                pieces += self.template(value)
            else:
                pieces.append(TEXT)
        return [*pieces, text[at:]]

    def _braces(self, text: str, node: ast.Call) -> Pieces:
        """The pieces of ``text.format(…)``."""
        pieces: Pieces = []
        numbers = count()
        fields = format_fields(text)
        if fields is None:
            return [TEXT]
        for literal, name, form, conversion in fields:
            pieces.append(literal)
            if name is None:
                continue
            value = argument_of(node, name, index_of(name) if name else next(numbers))
            if "{" in form:
                return [TEXT]
            if value is None or form or conversion:
                pieces.append(self._specified(form))
            else:
                pieces += self._shown_by_format(value)
        return pieces


def written_text(node: ast.expr | None, find: Find = lambda _: None) -> str | None:
    """The value of a string, of strings that are added, or of a name that ``find`` knows; None for others.

    A method of such a text counts if it needs no arguments, as ``phase.capitalize()``.
    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            first, second = written_text(left, find), written_text(right, find)
            if first is not None and second is not None:
                return first + second
        case ast.Call(func=ast.Attribute(attr=method, value=owner), args=[], keywords=[]) if method in TEXT_METHODS:
            owner_text = written_text(owner, find)
            if owner_text is not None:
                return str(getattr(owner_text, method)())
        case ast.Name(id=name):
            value = find(name)
            if isinstance(value, Constant) and isinstance(value.value, str):
                return value.value
    return None


def format_fields(text: str) -> list[tuple[str, str | None, str, str | None]] | None:
    """The fields of a format string: text before, name, format and conversion; None if it is invalid."""
    try:
        return [(before, name, form or "", conversion) for before, name, form, conversion in FORMATTER.parse(text)]
    except ValueError:
        return None


def _has_starred(nodes: Iterable[ast.expr]) -> bool:
    return any(isinstance(node, ast.Starred) for node in nodes)


def _is_str(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1


def _number(form: str) -> Wildcard:
    """The wildcard of a number, by its format."""
    if WHOLE_FORM.search(form):
        return WHOLE
    return SCIENTIFIC if form[-1] in "eE" else NUMBER


def date_pieces(text: str) -> Pieces:
    """The pieces that a date's format produces."""
    pieces: Pieces = []
    at = 0
    for match in DIRECTIVE.finditer(text):
        pieces += [text[at : match.start()], DATE_WILDCARDS.get(match[1], TEXT)]
        at = match.end()
    return [*pieces, text[at:]]


def split_lines(pieces: Pieces) -> list[Template]:
    """Pieces split into lines, without empty lines, with adjacent text joined."""
    lines: list[Pieces] = [[]]
    for piece in pieces[:MAX_PIECES]:
        line = lines[-1]
        if not isinstance(piece, str):
            line.append(piece)
        elif "\r" in piece:
            line.append(TEXT)  # the service decides how the log shows it
        else:
            first, *following = piece.split("\n")
            _add_text(line, first)
            lines += [[part] if part else [] for part in following]
    if len(pieces) > MAX_PIECES:
        lines[-1].append(TEXT)
    return [tuple(line) for line in lines if line]


def _add_text(line: Pieces, text: str) -> None:
    if line and isinstance(line[-1], str):
        line[-1] += text
    elif text:
        line.append(text)

"""The lines that a call of ``print`` or of a logger may print, as known text and wildcards."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterable
from itertools import count

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.training_script import BEFORE, BEHIND, GIVEN, NUMBER, SCIENTIFIC, TEXT, WORD, Template, Wildcard
from hpolint.readers.python.interpreter.values import Constant, Value
from hpolint.readers.python.training_script.script_trees import called_name
from hpolint.readers.python.training_script.wildcards import Wildcards
from hpolint.syntax.numbers import index_of

NUMERIC_SPEC = lazy_regex(r"[<>=^]?[+\- ]?z?0?\d*[,_]?(?:\.\d+)?[deEfFgGn%]\Z")
PERCENT = lazy_regex(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)
NUMERIC_KINDS = frozenset("dioueEfFgG")
DIRECTIVE = lazy_regex(r"%[-_0^#]?(.)", re.DOTALL)
DIGITS, LETTERS = frozenset("dfHIjmMSUuVwWyYGz%"), frozenset("aAbBpZ")
"""Directives of a date's format that produce digits and a sign, and those that produce a word."""

ASCTIME = "%a %b %d %H:%M:%S %Y"
MAX_PIECES = 200


class Lines:
    """Reads printed texts. ``find`` returns a name's current value, ``wildcards`` an expression's wildcard."""

    def __init__(self, find: Callable[[str], Value | None], wildcards: Wildcards) -> None:
        self._find = find
        self._wildcards = wildcards

    def printed(self, arguments: Iterable[ast.expr], separator: str) -> list[Template]:
        """The lines of ``print(…)``."""
        pieces: list[str | Wildcard] = []
        for number, argument in enumerate(arguments):
            if number:
                pieces.append(separator)
            if isinstance(argument, ast.Starred):
                pieces.append(TEXT)
            else:
                pieces += self.template(argument)
        return split_lines(pieces)

    def ends_line(self, node: ast.expr) -> bool:
        """Whether a text ends with a line end."""
        *_, last = self.template(node)
        return isinstance(last, str) and last.endswith("\n")

    def logged(self, arguments: list[ast.expr]) -> list[Template]:
        """The lines of ``logger.info(message, …)``, with wildcards for the logger's text before and after them."""
        if not arguments or any(isinstance(each, ast.Starred) for each in arguments):
            return [(TEXT,)]
        first, *rest = arguments
        text = self._text(first)
        message = self._percent(text, rest) if rest and text is not None else self.template(first)
        return split_lines([BEFORE, *message, BEHIND])

    def template(self, node: ast.expr) -> list[str | Wildcard]:
        """The pieces of an expression's text."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.JoinedStr):
            return [piece for part in node.values for piece in self._formatted(part)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            text = self._text(node.left)
            if text is not None:
                right = node.right
                values = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._percent(text, values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and self._is_text(node):
            return [*self.template(node.left), *self.template(node.right)]
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._wildcard(node)

    def _call(self, node: ast.Call) -> list[str | Wildcard]:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            text = self._text(node.func.value)
            if text is not None and not any(isinstance(each, ast.Starred) for each in node.args):
                return self._braces(text, node)
        if _is_str(node) and not self._wildcards.is_defined_in_script("str"):
            return self.template(node.args[0])
        return self._clock(node) or self._wildcard(node)

    def _clock(self, node: ast.Call) -> list[str | Wildcard]:
        """The pieces of a time's text, by ``asctime()`` or ``strftime`` with a known format; empty for other calls."""
        name = called_name(node)
        if self._wildcards.is_defined_in_script(name):
            return []
        if name in ("asctime", "ctime"):
            return date_pieces(ASCTIME)
        texts = [self._text(each) for each in node.args] if name == "strftime" else []
        return next((date_pieces(each) for each in texts if each is not None), [])

    def _wildcard(self, node: ast.expr) -> list[str | Wildcard]:
        """The pieces of an expression that is not text itself: its known value, or a wildcard."""
        value = self._find(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, Constant):
            return [str(value.value)]
        if isinstance(value, Unknown) and value.pieces:
            return [TEXT if piece is None else piece for piece in value.pieces]
        wildcard = self._wildcards.of(node)
        is_other = wildcard is GIVEN and value is not None and not isinstance(value, Unknown)
        return [TEXT if is_other else wildcard]

    def _is_text(self, node: ast.expr) -> bool:
        """Whether an expression is a string, so that ``+`` concatenates."""
        if isinstance(node, ast.BinOp):
            sides = (node.left, node.right) if isinstance(node.op, ast.Add) else (node.left,)
            return isinstance(node.op, ast.Add | ast.Mod) and any(map(self._is_text, sides))
        if isinstance(node, ast.Call):
            return _is_str(node) or (isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"))
        value = self._find(node.id) if isinstance(node, ast.Name) else None
        is_known = isinstance(value, Constant) and isinstance(value.value, str)
        is_partly = isinstance(value, Unknown) and bool(value.pieces)
        return is_known or is_partly or isinstance(node, ast.JoinedStr) or self._text(node) is not None

    def _text(self, node: ast.expr) -> str | None:
        """The value of a known string; None for other expressions."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._text(node.left), self._text(node.right)
            return None if left is None or right is None else left + right
        value = self._find(node.id) if isinstance(node, ast.Name) else None
        return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None

    def _formatted(self, part: ast.expr) -> list[str | Wildcard]:
        if isinstance(part, ast.Constant):
            return [str(part.value)]
        if not isinstance(part, ast.FormattedValue):
            return [TEXT]
        if part.format_spec is not None:
            spec = "".join(each if isinstance(each, str) else "1" for each in self.template(part.format_spec))
            return [self._specified(spec)]
        return self.template(part.value) if part.conversion in (-1, ord("s")) else [TEXT]

    def _specified(self, spec: str) -> Wildcard:
        """The wildcard of a formatted value: a number for numeric formats, unless the script defines ``__format__``."""
        if not NUMERIC_SPEC.match(spec) or self._wildcards.is_defined_in_script("__format__"):
            return TEXT
        return SCIENTIFIC if spec[-1] in "eE" else NUMBER

    def _percent(self, text: str, values: list[ast.expr]) -> list[str | Wildcard]:
        """The pieces of ``text % values``."""
        found: list[str | Wildcard] = []
        if any(isinstance(each, ast.Starred) for each in values):
            return [TEXT]
        at, numbers = 0, count()
        for match in PERCENT.finditer(text):
            found.append(text[at : match.start()])
            at = match.end()
            if "*" in match[0] or "#" in match[0]:
                return [TEXT]
            if match["kind"] == "%":
                found.append("%")
                continue
            index = next(numbers)
            if match["kind"] in NUMERIC_KINDS:
                found.append(SCIENTIFIC if match["kind"] in "eE" else NUMBER)
            elif match[0] == "%s" and index < len(values):
                found += self.template(values[index])
            else:
                found.append(TEXT)
        return [*found, text[at:]]

    def _braces(self, text: str, node: ast.Call) -> list[str | Wildcard]:
        """The pieces of ``text.format(…)``."""
        named = {each.arg: each.value for each in node.keywords if each.arg is not None}
        found: list[str | Wildcard] = []
        numbers = count()
        try:
            fields = list(string.Formatter().parse(text))
        except ValueError:
            return [TEXT]
        for literal, name, spec, conversion in fields:
            found.append(literal)
            if name is None:
                continue
            index = next(numbers) if name == "" else index_of(name)
            value = named.get(name) if index is None else node.args[index] if index < len(node.args) else None
            if spec and "{" in spec:
                return [TEXT]
            if value is None or spec or conversion:
                found.append(self._specified(spec or ""))
            else:
                found += self.template(value)
        return found


def _is_str(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1


def date_pieces(text: str) -> list[str | Wildcard]:
    """The pieces that a date's format produces."""
    found: list[str | Wildcard] = []
    at = 0
    for match in DIRECTIVE.finditer(text):
        kind = match[1]
        found += [text[at : match.start()], NUMBER if kind in DIGITS else WORD if kind in LETTERS else TEXT]
        at = match.end()
    return [*found, text[at:]]


def split_lines(pieces: list[str | Wildcard]) -> list[Template]:
    """Pieces split into lines, without empty lines, with adjacent text joined."""
    lines: list[list[str | Wildcard]] = [[]]
    for piece in pieces[:MAX_PIECES]:
        parts: list[str | Wildcard] = [*piece.split("\n")] if isinstance(piece, str) else [piece]
        if isinstance(piece, str) and "\r" in piece:  # the service decides how the log shows it
            parts = [TEXT]
        for number, part in enumerate(parts):
            if number:
                lines.append([])
            line = lines[-1]
            last = line[-1] if line else None
            if isinstance(part, str) and isinstance(last, str):
                line[-1] = last + part
            elif part != "":
                line.append(part)
    if len(pieces) > MAX_PIECES:
        lines[-1].append(TEXT)
    return [tuple(line) for line in lines if line]

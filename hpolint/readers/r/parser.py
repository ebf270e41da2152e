"""The parser of R: precedences and the meaning of line ends are those of R's grammar (``gram.y``, ``?Syntax``)."""

from __future__ import annotations

from hpolint.readers.python.interpreter.units import Problem
from hpolint.readers.r.syntax import (
    Argument,
    Block,
    Call,
    For,
    Function,
    If,
    Index,
    Jump,
    Name,
    Node,
    Number,
    Operation,
    Parameter,
    Parenthesis,
    String,
    While,
    Word,
)
from hpolint.readers.r.tokens import Kind, Token, number_value, string_value, tokens_of

WORDS = frozenset(
    {"TRUE", "FALSE", "NULL", "NA", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_", "Inf", "NaN"}
)
KEYWORDS = frozenset({"if", "else", "for", "while", "repeat", "function", "break", "next", "in"})

BINARY = {
    "?": (1, 1),
    "=": (5, 4),
    "<-": (10, 9),
    "<<-": (10, 9),
    ":=": (10, 9),
    "->": (12, 12),
    "->>": (12, 12),
    "~": (15, 15),
    "||": (20, 20),
    "|": (20, 20),
    "&&": (25, 25),
    "&": (25, 25),
    **dict.fromkeys(("<", ">", "<=", ">=", "==", "!="), (35, 35)),
    "+": (40, 40),
    "-": (40, 40),
    "*": (45, 45),
    "/": (45, 45),
    "|>": (50, 50),
    ":": (55, 55),
    "^": (65, 64),
    "**": (65, 64),
    "$": (75, 75),
    "@": (75, 75),
    "::": (80, 80),
    ":::": (80, 80),
}
"""The binding of each binary operator, and that of its right operand. A right operand with less groups to the right."""

SPECIAL = (50, 50)
"""The bindings of ``%any%``."""

PREFIX = {"-": 60, "+": 60, "!": 30, "~": 15, "?": 1}
POSTFIX_BINDING = 75
STATEMENT = 2
"""The least binding of what may be a statement: ``=`` assigns there."""

EXPRESSION = 6
"""The least binding of an argument, where ``=`` names it."""

COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})


def parse(text: str) -> list[Node]:
    """The expressions of a text. Raises Problem for a syntax error, and for nesting that is too deep."""
    try:
        return _Parser(text).program()
    except RecursionError:
        raise Problem("nested too deep to be read", 0) from None


class _Parser:
    """A parser of one text. ``_skips`` says for each open bracket whether line ends within it have no meaning."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._at = 0
        self._skips = [False]
        self._may_else_follow_lines = [False]

    def program(self) -> list[Node]:
        statements: list[Node] = []
        self._skip_separators()
        while self._token.kind is not Kind.END:
            statements.append(self._expression(STATEMENT))
            self._end_of_statement()
        return statements

    @property
    def _token(self) -> Token:
        """The next token that has a meaning here."""
        if self._skips[-1]:
            self._skip_lines()
        return self._tokens[self._at]

    def _skip_lines(self) -> None:
        while self._tokens[self._at].kind is Kind.LINE_END:
            self._at += 1

    def _next(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _is_sign(self, *signs: str) -> bool:
        token = self._token
        return token.kind is Kind.SIGN and token.text in signs

    def _is_word(self, word: str) -> bool:
        token = self._token
        return token.kind is Kind.NAME and token.text == word

    def _expect(self, sign: str) -> Token:
        if not self._is_sign(sign):
            raise self._unexpected(f"`{sign}`")
        return self._next()

    def _unexpected(self, wanted: str) -> Problem:
        token = self._token
        shown = {Kind.LINE_END: "the end of the line", Kind.END: "the end"}.get(token.kind, f"`{token.text[:40]}`")
        return Problem(f"{wanted} is expected in place of {shown}", token.start, is_syntax_error=True)

    def _skip_separators(self) -> None:
        while self._tokens[self._at].kind is Kind.LINE_END or self._is_sign(";"):
            self._at += 1

    def _end_of_statement(self) -> None:
        token = self._token
        if token.kind not in (Kind.LINE_END, Kind.END) and token.text not in (";", "}"):
            raise self._unexpected("the end of the statement")
        if token.text == "}" and len(self._skips) == 1:
            raise self._unexpected("a statement")
        self._skip_separators()

    def _expression(self, least: int) -> Node:
        left = self._prefix()
        while True:
            token = self._token
            if token.kind is not Kind.SIGN:
                return left
            if token.text in ("(", "[", "[[") and least < POSTFIX_BINDING:
                left = self._postfix(left)
                continue
            own, right = BINARY.get(token.text, SPECIAL if token.text[0] == "%" else (0, 0))
            if own == 0 or own <= least:
                return left
            self._next()
            self._skip_lines()
            operand = self._expression(right)
            left = Operation(left.start, operand.end, token.text, [left, operand])
            if token.text in COMPARISONS and self._is_sign(*COMPARISONS):
                raise self._unexpected("another operator")

    def _postfix(self, function: Node) -> Node:
        opening = self._next().text
        arguments = self._arguments(")" if opening == "(" else "]")
        end = self._next().end
        if opening == "[[":
            end = self._expect("]").end
        if opening == "(":
            return Call(function.start, end, function, arguments)
        return Index(function.start, end, function, arguments, opening == "[[")

    def _arguments(self, closing: str) -> list[Argument]:
        """The arguments up to the closing bracket, which is the next token then."""
        self._skips.append(True)
        arguments: list[Argument] = []
        while not self._is_sign(closing):
            arguments.append(self._argument(closing))
            if not self._is_sign(closing):
                self._expect(",")
                if self._is_sign(closing):
                    at = self._token.start
                    arguments.append(Argument(at, at, None, None))
        self._token  # noqa: B018 - line ends before the bracket are skipped here, where they have no meaning
        self._skips.pop()
        return arguments

    def _argument(self, closing: str) -> Argument:
        first = self._token
        if self._is_sign(","):
            return Argument(first.start, first.start, None, None)
        following = self._following_sign()
        if following == "=" and first.kind in (Kind.NAME, Kind.QUOTED_NAME, Kind.STRING):
            self._next()
            self._next()
            name = first.text if first.kind is Kind.NAME else string_value(first.text)
            if self._is_sign(",", closing):
                return Argument(first.start, first.end, name, None, first.end)
            value = self._expression(EXPRESSION)
            return Argument(first.start, value.end, name, value, first.end)
        value = self._expression(EXPRESSION)
        return Argument(value.start, value.end, None, value)

    def _following_sign(self) -> str:
        """The text of the token behind the next one, past line ends."""
        at = self._at + 1
        while at < len(self._tokens) and self._tokens[at].kind is Kind.LINE_END:
            at += 1
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _prefix(self) -> Node:
        token = self._next()
        if token.kind is Kind.NUMBER:
            return Number(token.start, token.end, number_value(token.text))
        if token.kind is Kind.STRING:
            return String(token.start, token.end, string_value(token.text))
        if token.kind is Kind.QUOTED_NAME:
            return Name(token.start, token.end, string_value(token.text) or token.text)
        if token.kind is Kind.NAME:
            return self._named(token)
        if token.kind is Kind.SIGN:
            return self._signed(token)
        self._at -= 1
        raise self._unexpected("an expression")

    def _named(self, token: Token) -> Node:
        if token.text in WORDS:
            return Word(token.start, token.end, token.text)
        if token.text in ("break", "next"):
            return Jump(token.start, token.end, token.text)
        if token.text == "function":
            return self._function(token)
        if token.text == "if":
            return self._if(token)
        if token.text == "for":
            return self._for(token)
        if token.text == "while":
            test = self._condition()
            body = self._body()
            return While(token.start, body.end, test, body)
        if token.text == "repeat":
            body = self._body()
            return While(token.start, body.end, None, body)
        if token.text in KEYWORDS:
            self._at -= 1
            raise self._unexpected("an expression")
        return Name(token.start, token.end, token.text)

    def _signed(self, token: Token) -> Node:
        if token.text == "(":
            self._skips.append(True)
            value = self._expression(STATEMENT)
            end = self._expect(")").end
            self._skips.pop()
            return Parenthesis(token.start, end, value)
        if token.text == "{":
            return self._block(token)
        if token.text == "\\":
            return self._function(token)
        if token.text in PREFIX:
            self._skip_lines()
            operand = self._expression(PREFIX[token.text])
            return Operation(token.start, operand.end, token.text, [operand])
        self._at -= 1
        raise self._unexpected("an expression")

    def _block(self, opening: Token) -> Block:
        self._skips.append(False)
        statements: list[Node] = []
        self._skip_separators()
        while not self._is_sign("}"):
            statements.append(self._expression(STATEMENT))
            self._end_of_statement()
        end = self._next().end
        self._skips.pop()
        return Block(opening.start, end, statements)

    def _condition(self) -> Node:
        """What stands in parentheses behind a keyword."""
        self._expect("(")
        self._skips.append(True)
        test = self._expression(STATEMENT)
        self._expect(")")
        self._skips.pop()
        return test

    def _body(self) -> Node:
        self._skip_lines()
        return self._expression(STATEMENT)

    def _if(self, token: Token) -> If:
        test = self._condition()
        then = self._body()
        at = self._at
        if len(self._skips) > 1:  # within brackets the branch may continue in another line
            self._skip_lines()
        if not self._is_word("else"):
            self._at = at
            return If(token.start, then.end, test, then, None)
        self._next()
        otherwise = self._body()
        return If(token.start, otherwise.end, test, then, otherwise)

    def _for(self, token: Token) -> For:
        self._expect("(")
        self._skips.append(True)
        variable = self._next()
        if variable.kind not in (Kind.NAME, Kind.QUOTED_NAME) or not self._is_word("in"):
            raise self._unexpected("`in`")
        self._next()
        values = self._expression(STATEMENT)
        self._expect(")")
        self._skips.pop()
        body = self._body()
        name = variable.text if variable.kind is Kind.NAME else string_value(variable.text) or ""
        return For(token.start, body.end, Name(variable.start, variable.end, name), values, body)

    def _function(self, token: Token) -> Function:
        self._expect("(")
        self._skips.append(True)
        parameters: list[Parameter] = []
        while not self._is_sign(")"):
            parameters.append(self._parameter())
            if not self._is_sign(")"):
                self._expect(",")
        self._next()
        self._skips.pop()
        body = self._body()
        return Function(token.start, body.end, parameters, body)

    def _parameter(self) -> Parameter:
        name = self._next()
        if name.kind not in (Kind.NAME, Kind.QUOTED_NAME):
            self._at -= 1
            raise self._unexpected("a parameter")
        text = name.text if name.kind is Kind.NAME else string_value(name.text) or ""
        if not self._is_sign("="):
            return Parameter(name.start, name.end, text, None)
        self._next()
        default = self._expression(EXPRESSION)
        return Parameter(name.start, default.end, text, default)

"""R's text is parsed as R parses it, or a problem with its place is named."""

from __future__ import annotations

import pytest

from hpolint.readers.python.interpreter.units import Problem
from hpolint.readers.r.parser import parse
from hpolint.readers.r.syntax import (
    Block,
    Call,
    For,
    Function,
    If,
    Index,
    Located,
    Name,
    Number,
    Operation,
    Parenthesis,
    String,
    While,
)


def shown(node: Located | None) -> str:  # noqa: C901 - one case for each kind of node
    """A tree with brackets around each operator."""
    match node:
        case None:
            return "_"
        case Number() | String():
            return repr(node.value)
        case Name():
            return node.id
        case Call():
            return f"{shown(node.function)}({', '.join(_argument(each) for each in node.arguments)})"
        case Operation(operands=[operand]):
            return f"({node.operator}{shown(operand)})"
        case Operation(operands=[left, right]):
            return f"({shown(left)} {node.operator} {shown(right)})"
        case Index():
            inner = ", ".join(_argument(each) for each in node.arguments)
            return f"{shown(node.target)}[[{inner}]]" if node.is_double else f"{shown(node.target)}[{inner}]"
        case Function():
            return f"function({', '.join(each.name for each in node.parameters)}) {shown(node.body)}"
        case Block():
            return "{" + "; ".join(map(shown, node.statements)) + "}"
        case Parenthesis():
            return shown(node.value)
        case If():
            return f"if {shown(node.test)} {shown(node.then)} else {shown(node.otherwise)}"
        case For():
            return f"for {node.variable.id} {shown(node.values)} {shown(node.body)}"
        case While():
            return f"while {shown(node.test)} {shown(node.body)}"
    return getattr(node, "word", "?")


def _argument(node: Located) -> str:
    name, value = getattr(node, "name", None), shown(getattr(node, "value", None))
    return f"{name} = {value}" if name is not None else value


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-2^2", "(-(2.0 ^ 2.0))"),
        ("-1:3", "((-1.0) : 3.0)"),
        ("2^-1 * 3", "((2.0 ^ (-1.0)) * 3.0)"),
        ("2^3^2", "(2.0 ^ (3.0 ^ 2.0))"),
        ("!a %in% b", "(!(a %in% b))"),
        ("a && !b || c", "((a && (!b)) || c)"),
        ("a <- b <- 5L", "(a <- (b <- 5))"),
        ("a = b <- 1", "(a = (b <- 1.0))"),
        ("5 -> x", "(5.0 -> x)"),
        ("x<-3", "(x <- 3.0)"),
        ("x$a$b[[1]][2]", "((x $ a) $ b)[[1.0]][2.0]"),
        ("m$f(a)$g()", "((m $ f)(a) $ g)()"),
        ("a[b[1]]", "a[b[1.0]]"),
        ("a[[b[[1]]]]", "a[[b[[1.0]]]]"),
        ("f(a, , b = 2, 'c' = 3)", "f(a, _, b = 2.0, c = 3.0)"),
        ("x |> f(y) |> g()", "((x |> f(y)) |> g())"),
        ("x %>%\n  f(y = 3) %>%\n  g", "((x %>% f(y = 3.0)) %>% g)"),
        ("function(x, y = 2) x + y", "function(x, y) (x + y)"),
        ("\\(x) x^2", "function(x) (x ^ 2.0)"),
        ("{ if (a) 1\nelse 2 }", "{if a 1.0 else 2.0}"),
        ("x <- if (a) 1 else 2", "(x <- if a 1.0 else 2.0)"),
        ("for (i in 1:2) { next }", "for i (1.0 : 2.0) {next}"),
        ("repeat break", "while _ break"),
        ("f(a,\n  b\n)", "f(a, b)"),
        ("`my name` <- .5", "(my name <- 0.5)"),
        ("pkg::f(x)", "(pkg :: f)(x)"),
        ("y ~ x + z", "(y ~ (x + z))"),
        ('r"---(a\\)b)---"', r"'a\\)b'"),
        (r"'a\'b\n\u00e9\x41'", '"a\'b\\néA"'),
        ("c(0x10L, 1e5L, 1e3, 100)", "c(16, 100000, 1000.0, 100.0)"),
        ("f() # a comment\n", "f()"),
    ],
)
def test_an_expression_has_the_tree_that_r_gives_it(text: str, tree: str) -> None:
    """Precedences, line ends, numbers and strings are those of R's grammar."""
    assert [shown(node) for node in parse(text)] == [tree]


def test_line_ends_and_semicolons_end_expressions() -> None:
    """But not within parentheses, and not behind an operator."""
    assert [shown(node) for node in parse("a; b\nc +\n d\n\n(e\n + f)")] == ["a", "b", "(c + d)", "(e + f)"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("x <- (1\n", 2), ("a b", 1), ("f(a\n  b)", 2), ("x <- 'open", 1), ("}", 1), ("if (a) b\nelse c", 2), ("a\n€", 2)],
)
def test_text_that_r_refuses_is_a_problem_with_its_place(text: str, line: int) -> None:
    """The problem names the line, and no tree is guessed."""
    with pytest.raises(Problem) as raised:
        parse(text)
    assert text.count("\n", 0, raised.value.offset) + 1 == line


def test_deep_nesting_is_a_problem() -> None:
    """A file cannot end the process by nesting."""
    with pytest.raises(Problem, match="nested too deep"):
        parse("(" * 100_000)

"""The syntax tree of R. Each node has the offsets of its text."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Located(msgspec.Struct, eq=False):
    """A part of a text, by the offsets of its first character and behind its last."""

    start: int
    end: int


class Number(Located):
    """A number: an int with ``L``, else a float; None for a complex one and for a value that is none in JSON."""

    value: int | float | None


class String(Located):
    """A string without its quotes; None if an escape in it is not read."""

    value: str | None


class Word(Located):
    """A constant of the language: ``TRUE``, ``FALSE``, ``NULL``, ``NA``, ``Inf``, ``NaN`` and the other kinds of NA."""

    word: str


class Name(Located):
    """A name, without backticks."""

    id: str


class Argument(Located):
    """An argument of a call or index. ``value`` is None for an empty one; ``name_end`` is behind a name."""

    name: str | None
    value: Node | None
    name_end: int = 0


class Call(Located):
    """A call."""

    function: Node
    arguments: list[Argument]


class Operation(Located):
    """An operator with its operands; assignments and ``$``, ``@`` and ``::`` are operators, too."""

    operator: str
    operands: list[Node]


class Index(Located):
    """``x[…]``, or ``x[[…]]`` if ``is_double``."""

    target: Node
    arguments: list[Argument]
    is_double: bool


class Parameter(Located):
    """A parameter of a function, with its default if it has one."""

    name: str
    default: Node | None


class Function(Located):
    """A function."""

    parameters: list[Parameter]
    body: Node


class Block(Located):
    """Expressions in braces."""

    statements: list[Node]


class Parenthesis(Located):
    """An expression in parentheses."""

    value: Node


class If(Located):
    """A branch; ``otherwise`` is None without ``else``."""

    test: Node
    then: Node
    otherwise: Node | None


class For(Located):
    """A loop over the elements of a vector or list."""

    variable: Name
    values: Node
    body: Node


class While(Located):
    """A loop with a test; None for ``repeat``."""

    test: Node | None
    body: Node


class Jump(Located):
    """``break`` or ``next``."""

    word: str


Node: TypeAlias = (
    Number | String | Word | Name | Call | Operation | Index | Function | Block | Parenthesis | If | For | While | Jump
)


def below(node: Located) -> list[Located]:
    """The direct children of a node."""
    children: list[Located] = []
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Located):
            children.append(value)
        elif isinstance(value, list):
            children += value
    return children


def walk(*roots: Located) -> list[Located]:
    """Some nodes and all their descendants."""
    nodes = list(roots)
    for node in nodes:
        nodes += below(node)
    return nodes

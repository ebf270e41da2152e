"""Comparisons and logic of HCL expressions, as far as their operands are known.

Source: the HCL native syntax specification, "Operations"; Terraform's language reference, "Arithmetic and Logical
Operators".
"""

from __future__ import annotations

import msgspec
from tree_sitter import Node as Tree

from hpolint.model.node import Array, Node, Scalar, Struct, is_null
from hpolint.syntax.hcl_syntax import Hcl

OPERATORS = frozenset({"==", "!=", "&&", "||", "!"})
TRUTHS = {"true": True, "false": False}


class Operation(msgspec.Struct, frozen=True):
    """An operator and its operands, each as the parts of an expression."""

    operator: str
    operands: list[list[Tree]]


def operation_of(file: Hcl, tree: Tree) -> Operation | None:
    """The comparison or logic of an operation; None for arithmetic."""
    operator = ""
    operands: list[list[Tree]] = [[]]
    for part in tree.named_children[0].children:
        if part.is_named:
            operands[-1].append(part)
        elif file.text(part) in OPERATORS:
            operator = file.text(part)
            operands.append([])
    operands = [operand for operand in operands if operand]
    wanted = 1 if operator == "!" else 2
    if not operator or len(operands) != wanted:
        return None
    return Operation(operator, operands)


def result_of(operator: str, values: list[Node]) -> bool | None:
    """The result of an operation; None if it is not known."""
    if operator in ("==", "!="):
        equal = _are_equal(*values)
        return equal if equal is None or operator == "==" else not equal
    truths = [truth_of(value) for value in values]
    if operator == "!":
        return None if truths[0] is None else not truths[0]
    decisive = operator == "||"
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def truth_of(node: Node) -> bool | None:
    """The boolean that a value is, or is converted to; None if it is not known, or none."""
    if not isinstance(node, Scalar):
        return None
    if isinstance(node.value, bool):
        return node.value
    return TRUTHS.get(node.value) if isinstance(node.value, str) else None


def _are_equal(one: Node, other: Node) -> bool | None:
    """Whether two values are equal; None if it is not known."""
    if is_null(one) or is_null(other):
        is_known = isinstance(one, Scalar | Struct | Array) and isinstance(other, Scalar | Struct | Array)
        return is_null(one) and is_null(other) if is_known else None
    if not isinstance(one, Scalar) or not isinstance(other, Scalar) or type(one.value) is not type(other.value):
        return None
    return one.value == other.value

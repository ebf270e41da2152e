"""Terraform variables: the reasons of their values, and the values that their validation allows."""

from __future__ import annotations

import json
from collections.abc import Callable

from tree_sitter import Node as Tree

from hpolint.model.node import MAX_CHOICES, Array, Node, Scalar, ScalarValue
from hpolint.model.reasons import is_parameter
from hpolint.readers.terraform.hcl_trees import function_call, unwrapped
from hpolint.syntax.hcl_syntax import Body, Hcl

Evaluate = Callable[[Tree], Node]


def variable_reason(name: str, body: Body | None, evaluate: Evaluate) -> str:
    """The reason of a variable's unknown value: `is the variable …`."""
    default = body.attributes.get("default") if body is not None else None
    value = evaluate(default[1]) if default is not None else None
    if isinstance(value, Scalar) and value.value is not None:
        return is_parameter(f"the variable `{name}`, by default `{_shown(value.value)}`", "terraform")
    return is_parameter(f"the variable `{name}`", "terraform")


def allowed_values(name: str, body: Body | None, file: Hcl, evaluate: Evaluate) -> tuple[Scalar | None, ...]:
    """The values that a validation of the form ``contains([…], var.NAME)`` allows; empty if there is none."""
    for block in body.blocks if body is not None else []:
        condition = block.body.attributes.get("condition") if block.kind == "validation" else None
        call = function_call(file, unwrapped(condition[1])) if condition is not None else None
        if call is None or call.name != "contains" or len(call.arguments) != 2 or call.spread:
            continue
        if "".join(file.text(call.arguments[1]).split()) != f"var.{name}":
            continue
        values = evaluate(call.arguments[0])
        known = [item for item in values.items if isinstance(item, Scalar)] if isinstance(values, Array) else []
        if isinstance(values, Array) and values.open is None and len(known) == len(values.items) <= MAX_CHOICES:
            return tuple(known)
    return ()


def _shown(value: ScalarValue) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)

"""Where a script saves its model, if that is the folder of its option ``--model_dir`` and no other."""

from __future__ import annotations

import ast

from hpolint.model.training_script import Site
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import PARSES
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

OPTION, FLAG = "model_dir", "--model_dir"
SAVE_FUNCTIONS = frozenset({"save", "save_model", "export", "export_saved_model", "save_weights"})
OTHER_PLACES = ("SM_MODEL_DIR", "/opt/ml/model", "s3://", "SM_OUTPUT", "/opt/ml/output")
"""Texts of scripts that know another place for a model, or the two kinds of places."""

MAX_DEPTH = 4


def model_save(trees: ScriptTrees, bindings: Bindings) -> Site | None:
    """The first call that saves to the value of ``--model_dir``; None if there is none, or there is another place."""
    options = [call for call in trees.calls_of("add_argument") if _flags(call) == {FLAG}]
    if len(options) != 1 or any(each.arg in ("dest", "type", None) for each in _unusual(options[0])):
        return None
    inside = set(ast.walk(options[0]))
    for node in trees.nodes():
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if node not in inside and any(each in text for each in OTHER_PLACES):
            return None
        if isinstance(node, ast.Attribute) and node.attr == OPTION and not isinstance(node.ctx, ast.Load):
            return None
    for name in sorted(SAVE_FUNCTIONS):
        for call in trees.calls_of(name):
            values = [*call.args, *(each.value for each in call.keywords)]
            if any(_has_option(each, bindings, MAX_DEPTH) for each in values):
                return trees.site_of(call)
    return None


def _flags(call: ast.Call) -> set[object]:
    return {each.value for each in call.args if isinstance(each, ast.Constant)}


def _unusual(call: ast.Call) -> list[ast.keyword]:
    """The keywords by which an option's value may be another than its text."""
    return [each for each in call.keywords if not (each.arg == "type" and getattr(each.value, "id", "") == "str")]


def _has_option(node: ast.expr, bindings: Bindings, depth: int) -> bool:
    """Whether a path is made of the option's value."""
    if isinstance(node, ast.Attribute):
        return node.attr == OPTION and isinstance(node.value, ast.Name) and _is_parsed(node.value.id, bindings, depth)
    if isinstance(node, ast.Name):
        bound = bindings.of(node.id) if depth else []
        return bool(bound) and all(each is not None and _has_option(each, bindings, depth - 1) for each in bound)
    if isinstance(node, ast.Call):
        is_join = called_name(node) in ("join", "str", "Path", "format")
        return is_join and any(_has_option(each, bindings, depth) for each in node.args)
    if isinstance(node, ast.BinOp):
        return any(_has_option(each, bindings, depth) for each in (node.left, node.right))
    if isinstance(node, ast.JoinedStr):
        return any(
            isinstance(each, ast.FormattedValue) and _has_option(each.value, bindings, depth) for each in node.values
        )
    return False


def _is_parsed(name: str, bindings: Bindings, depth: int) -> bool:
    """Whether a name is always a parser's result."""
    bound = bindings.of(name) if depth else []
    return bool(bound) and all(each is not None and _is_result(each, bindings, depth - 1) for each in bound)


def _is_result(node: ast.expr, bindings: Bindings, depth: int) -> bool:
    if isinstance(node, ast.Subscript):
        return (
            isinstance(node.slice, ast.Constant) and node.slice.value == 0 and _is_result(node.value, bindings, depth)
        )
    if isinstance(node, ast.Name):
        return _is_parsed(node.id, bindings, depth)
    return isinstance(node, ast.Call) and called_name(node) in PARSES

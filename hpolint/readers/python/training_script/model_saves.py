"""Where a script saves its model, if that is the folder of its option ``--model_dir`` and no other."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpolint.model.training_script import Site
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import PARSES
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name, is_first_item

OPTION, FLAG = "model_dir", "--model_dir"
SAVE_FUNCTIONS = frozenset({"save", "save_model", "export", "export_saved_model", "save_weights"})
OTHER_PLACES = ("SM_MODEL_DIR", "/opt/ml/model", "s3://", "SM_OUTPUT", "/opt/ml/output")
"""Texts of scripts that know another place for a model, or the two kinds of places."""

MAX_DEPTH = 4


def model_save(trees: ScriptTrees, bindings: Bindings) -> Site | None:
    """The first call that saves to the value of ``--model_dir``; None if there is none, or there is another place."""
    options = [call for call in trees.calls_of("add_argument") if _flags(call) == {FLAG}]
    if len(options) != 1 or any(map(_changes_value, options[0].keywords)) or _has_other_place(trees, options[0]):
        return None
    for call in trees.calls_of(*sorted(SAVE_FUNCTIONS)):
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(_has_option(value, bindings, MAX_DEPTH) for value in values):
            return trees.site_of(call)
    return None


def _flags(call: ast.Call) -> set[object]:
    return {argument.value for argument in call.args if isinstance(argument, ast.Constant)}


def _changes_value(keyword: ast.keyword) -> bool:
    """Whether an option's value may be another than its text because of an argument of its declaration."""
    if keyword.arg == "type":
        return not isinstance(keyword.value, ast.Name) or keyword.value.id != "str"
    return keyword.arg in ("dest", None)


def _has_other_place(trees: ScriptTrees, option: ast.Call) -> bool:
    """Whether a script knows another place for its model, or sets the option itself."""
    inside = set(ast.walk(option))
    texts = "\n".join(text for node, text in trees.texts.items() if node not in inside)
    if any(place in texts for place in OTHER_PLACES):
        return True
    return any(node.attr == OPTION and not isinstance(node.ctx, ast.Load) for node in trees.attributes)


def _has_option(node: ast.expr, bindings: Bindings, depth: int) -> bool:
    """Whether a path is made of the option's value."""
    match node:
        case ast.Attribute(attr=name, value=ast.Name(id=owner)):
            return name == OPTION and _is_always(_is_result, owner, bindings, depth)
        case ast.Name(id=name):
            return _is_always(_has_option, name, bindings, depth)
        case ast.FormattedValue(value=value):
            return _has_option(value, bindings, depth)
        case ast.Call(args=parts) if called_name(node) in ("join", "str", "Path", "format"):
            pass
        case ast.JoinedStr(values=parts):
            pass
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case _:
            return False
    return any(_has_option(part, bindings, depth) for part in parts)


def _is_always(test: Callable[[ast.expr, Bindings, int], bool], name: str, bindings: Bindings, depth: int) -> bool:
    """Whether everything that a name is bound to passes a test."""
    values = bindings.of(name) if depth else []
    return bool(values) and all(value is not None and test(value, bindings, depth - 1) for value in values)


def _is_result(node: ast.expr, bindings: Bindings, depth: int) -> bool:
    """Whether an expression is a parser's result."""
    match node:
        case ast.Subscript(value=value):
            return is_first_item(node) and _is_result(value, bindings, depth)
        case ast.Name(id=name):
            return _is_always(_is_result, name, bindings, depth)
        case ast.Call():
            return called_name(node) in PARSES
    return False

"""Options without a default whose value a script certainly uses so that None ends it with an error."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpolint.model.source import Span
from hpolint.model.training_script import Site
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import ParsedOptions, option_member
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of
from hpolint.readers.python.training_script.undeclared_options import are_all_seen, names_set_elsewhere

REFUSING_BUILTINS = frozenset(
    {"int", "float", "len", "range", "open", "list", "tuple", "set", "sorted", "enumerate", "abs", "sum", "iter"}
)
"""Functions that raise a TypeError if their first argument is None."""

REFUSING_PATH_FUNCTIONS = frozenset({"os.path.join", "os.path.basename", "os.path.dirname", "os.path.splitext"})
"""Functions of ``os.path`` that raise a TypeError if a part is None."""

NUMERIC_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
NONE_MEMBERS = frozenset(dir(None))


def failing_uses(recorded: ScriptUses, trees: ScriptTrees, bindings: Bindings) -> dict[str, Site]:
    """Where the script certainly fails if an option is None, by the name of the option's attribute.

    Only options that have no default, and that nothing sets but the command line, are named.
    """
    members = set(_members_without_default(trees)).intersection(recorded.unrepeated_option_reads.values())
    if not members or len(recorded.uses) != 1:
        return {}
    sites: dict[str, Site] = {}
    for node, span in _reads(recorded, trees):
        if node.attr in members and _refuses_none(node, trees, bindings):
            sites.setdefault(node.attr, trees.site(span))
    # Few scripts have such a use: whether all uses are seen takes longer to find out.
    if not sites or not are_all_seen(recorded, trees):
        return {}
    return _without_changed(sites, trees)


def _without_changed(sites: dict[str, Site], trees: ScriptTrees) -> dict[str, Site]:
    """The sites of the options that nothing but the command line may set."""
    parsed = ParsedOptions(trees)
    set_elsewhere = names_set_elsewhere(trees)
    changed = {member for member in sites if member in set_elsewhere or parsed.is_changed(member)}
    return {member: site for member, site in sites.items() if member not in changed}


def _members_without_default(trees: ScriptTrees) -> Iterator[str]:
    """The attributes that are None unless the command line sets them."""
    if trees.calls_of("set_defaults") or any(node.arg == "argument_default" for node in trees.nodes_of(ast.keyword)):
        return
    declarations: dict[str, list[ast.Call]] = {}
    for call in trees.calls_of("add_argument"):
        declarations.setdefault(option_member(call), []).append(call)
    for member, calls in declarations.items():
        if len(calls) == 1 and _has_no_default(calls[0]):
            yield member


def _has_no_default(declaration: ast.Call) -> bool:
    """Whether an option certainly is None if it is not on the command line."""
    if any(keyword.arg in (None, "action", "required") for keyword in declaration.keywords):
        return False
    default = argument_of(declaration, "default")
    is_none = isinstance(default, ast.Constant) and default.value is None
    flags = [flag.value for flag in declaration.args if isinstance(flag, ast.Constant)]
    is_option = len(flags) == len(declaration.args) and all(str(flag).startswith("-") for flag in flags)
    return is_option and (default is None or is_none)


def _reads(recorded: ScriptUses, trees: ScriptTrees) -> Iterator[tuple[ast.Attribute, Span]]:
    """The reads of the parsed arguments that the script certainly comes to."""
    for unit, root in zip(trees.units, trees.roots, strict=True):
        for node in trees.of(root):
            if isinstance(node, ast.Attribute) and unit.span(node) in recorded.unrepeated_option_reads:
                yield node, unit.span(node)


def _refuses_none(node: ast.Attribute, trees: ScriptTrees, bindings: Bindings) -> bool:
    """Whether what uses a value raises an error if it is None."""
    match trees.parents.get(node):
        case ast.Attribute(attr=name):
            return name not in NONE_MEMBERS
        case ast.Subscript(value=value, ctx=ast.Load()):
            return value is node
        case ast.For(iter=iterated):
            return iterated is node
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in REFUSING_BUILTINS:
            return first is node and not bindings.of(name) and name not in trees.defined
        case ast.Call(func=function, args=parts):
            is_path_function = source_text(function) in REFUSING_PATH_FUNCTIONS and trees.is_imported("os")
            return is_path_function and node in parts
        case calculation:
            return _calculates_with_number(calculation)


def _calculates_with_number(node: ast.AST | None) -> bool:
    """Whether an expression changes the sign of a value, or calculates or compares it with a written number."""
    match node:
        case ast.UnaryOp(op=ast.USub()):
            return True
        case ast.BinOp(op=operator, left=left, right=right) if isinstance(operator, NUMERIC_OPERATORS):
            return _is_number(left) or _is_number(right)
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if isinstance(operator, ORDER):
            return _is_number(left) or _is_number(right)
    return False


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)

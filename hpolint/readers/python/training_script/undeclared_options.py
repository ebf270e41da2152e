"""Attributes of the parsed arguments that no option declares: reading one ends the script with an AttributeError."""

from __future__ import annotations

import ast

from hpolint.model.training_script import Site, UndeclaredOption
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.training_script.parsed_options import PARSES, ParsedOptions, option_member
from hpolint.readers.python.training_script.script_libraries import ScriptUses
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of
from hpolint.readers.python.training_script.unused_options import UnusedOptions

OTHER_MAKERS = ("HfArgumentParser", "Namespace", "SimpleNamespace")
"""Functions that make a parser or its result otherwise."""

SUBCLASSED = frozenset({"ArgumentParser", "Namespace", "Action"})
"""Classes of argparse of which a subclass may set attributes itself."""

MIN_SIMILARITY = 0.7
"""Similarity (0 to 1) from which a declared option is suggested."""


def undeclared_option(recorded: ScriptUses, trees: ScriptTrees) -> UndeclaredOption | None:
    """The first undeclared attribute that the script certainly reads, if every use of the result is seen."""
    if not recorded.option_reads or not are_all_seen(recorded, trees):
        return None
    declared = _declared(trees)
    if declared is None:
        return None
    parsed = ParsedOptions(trees)
    other_names = names_set_elsewhere(trees)
    for span, name in recorded.option_reads.items():
        is_set = name in declared or name in other_names or parsed.is_changed(name)
        if not is_set and not name.startswith("_"):
            from difflib import get_close_matches

            near = get_close_matches(name, declared, n=1, cutoff=MIN_SIMILARITY)
            return UndeclaredOption(name, next(iter(near), None), trees.site(span), _last_declaration(recorded, trees))
    return None


def _last_declaration(recorded: ScriptUses, trees: ScriptTrees) -> Site | None:
    """The statement that declares the last option of the only parser; None unless all have the same form."""
    owners: set[str] = set()
    statements: list[ast.Expr] = []
    for call in trees.calls_of("add_argument"):
        statement = trees.parents.get(call)
        match call.func, statement:
            case ast.Attribute(value=ast.Name(id=owner)), ast.Expr():
                owners.add(owner)
                statements.append(statement)
            case _:
                return None
    blocks = {trees.parents.get(statement) for statement in statements}
    if len(recorded.uses) != 1 or len(owners) != 1 or len(blocks) != 1:
        return None
    return trees.site_of(max(statements, key=lambda statement: statement.lineno))


def are_all_seen(recorded: ScriptUses, trees: ScriptTrees) -> bool:
    """Whether all options of all parsers are known, and every use of what they return."""
    is_open = any(use.open is not None for use in recorded.uses.values())
    return not is_open and not _is_customized(trees) and not UnusedOptions(trees).may_be_read_as_a_whole


def names_set_elsewhere(trees: ScriptTrees) -> set[str]:
    """The names of attributes that the script sets, and its strings: an attribute may be set by its name."""
    assigned = {attribute.attr for attribute in trees.attributes if not isinstance(attribute.ctx, ast.Load)}
    return assigned.union(trees.texts.values())


def _is_customized(trees: ScriptTrees) -> bool:
    """Whether the parser or its result may be of a class of the script's own."""
    if trees.calls_of(*OTHER_MAKERS) or trees.changes_parsers or _is_passed_on(trees):
        return True
    for cls in trees.nodes_of(ast.ClassDef):
        if any(last_name(base) in SUBCLASSED for base in cls.bases):
            return True
    return any(argument_of(call, "namespace", 1) is not None for call in trees.calls_of(*PARSES))


def _is_passed_on(trees: ScriptTrees) -> bool:
    """Whether a parser's ``add_argument`` gets another name, by which options may be declared unseen."""
    methods = [attribute for attribute in trees.attributes if attribute.attr == "add_argument"]
    return len(methods) > len(trees.calls_of("add_argument"))


def _declared(trees: ScriptTrees) -> set[str] | None:
    """The attributes that all parsers of the script set; None if they are not all known."""
    options, defaults = trees.calls_of("add_argument"), trees.calls_of("set_defaults")
    if not all(map(_is_plain, (*options, *defaults))):
        return None
    declared = {option_member(call) for call in options}
    for call in defaults:
        declared.update(str(keyword.arg) for keyword in call.keywords)
    for call in trees.calls_of("add_subparsers"):
        dest = argument_of(call, "dest")
        if isinstance(dest, ast.Constant):
            declared.add(str(dest.value))
    return declared


def _is_plain(call: ast.Call) -> bool:
    """Whether a declaration has its arguments written one by one, and known names."""
    if any(keyword.arg is None for keyword in call.keywords):
        return False
    names = [*call.args, argument_of(call, "dest")]
    return all(isinstance(name, ast.Constant | None) for name in names)

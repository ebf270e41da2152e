"""The argparse parsers of a training script, in their state when they read the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from hpolint.model.node import Unknown
from hpolint.model.training_script import Default, Option, Parser, Receiver, ScriptChange, Shown, Site
from hpolint.readers.python.interpreter.operators import iterated
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Sequence, Symbol, Value, unknown
from hpolint.readers.python.training_script.optimizer_arguments import OptimizerArguments
from hpolint.readers.python.training_script.option_uses import OptionUses
from hpolint.readers.python.training_script.parsed_options import option_member
from hpolint.readers.python.training_script.script_libraries import FIELD, Use
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    called_name,
    is_first_item,
)
from hpolint.readers.python.training_script.unused_options import UnusedOptions

TYPES = {f"builtins.{name}": name for name in ("int", "float", "bool", "str")}
ACTIONS = frozenset({"store", "store_true", "store_false", "store_const", "append", "append_const", "count", "extend"})
OPTIONAL_ACTION = "argparse.BooleanOptionalAction"
SETTINGS = ("allow_abbrev", "add_help", "prefix_chars", "fromfile_prefix_chars", "conflict_handler")
"""Arguments of a parser that change how it reads the command line."""

MAX_RETURN_STEPS = 4
"""Functions through which a parser's result is returned, and is tracked."""


def parser_of(
    use: Use,
    trees: ScriptTrees,
    receivers: Mapping[str, list[Receiver]],
    failing: Mapping[str, Site],
    uses: OptionUses,
) -> Parser:
    """The parser at one call that parses the command line.

    By the name of an option's attribute in the parser's result, ``receivers`` are the constructors that get the option,
    and ``failing`` are the places where the script fails without it.
    """
    options = tuple(_option(made, trees, receivers, failing, uses) for made in use.options if _flags(made))
    keywords = use.parser.arguments.keywords
    open_ = use.open or next(_doubts(use, options, trees), None)
    return Parser(
        options=options,
        site=trees.site(use.span),
        is_strict=use.is_strict
        or use.commands is not None,  # argparse would parse an unknown option's value as a command
        open=trees.doubt(open_) if open_ is not None else None,
        abbreviates=_is_on(keywords.get("allow_abbrev")),
        drops_rest=use.is_strict or _is_rest_dropped(trees, use),
        has_help=_is_on(keywords.get("add_help")),
        commands=use.commands,
    )


def _doubts(use: Use, options: tuple[Option, ...], trees: ScriptTrees) -> Iterator[Unknown]:
    """Why a parser may read the command line otherwise than by its known options."""
    for made in use.options:
        if not _flags(made):
            yield unknown("has an option whose name is unknown", made.span)
    arguments = use.parser.arguments
    if not _are_constants(arguments, SETTINGS):
        yield unknown("has an unknown setting", use.span)
    if not all(option.flags[0].startswith("-") for option in options):
        yield unknown("has positional arguments, which take the remaining values", use.span)
    if trees.changes_parsers:
        yield unknown("accesses a parser's internals", use.span)
    if arguments.keywords.keys() & {"prefix_chars", "conflict_handler"} or arguments.open is not None:
        yield unknown("has a parser with custom settings", use.span)


def _are_constants(arguments: Arguments, names: tuple[str, ...]) -> bool:
    """Whether the values of some arguments are known, as far as they are given."""
    return all(isinstance(arguments.keywords.get(name), Constant | None) for name in names)


def _is_on(value: Value | None) -> bool:
    return not isinstance(value, Constant) or bool(value.value)


def _flags(made: Instance) -> list[str]:
    """The names of an option; empty if they are not all known."""
    names = made.arguments.positional
    flags = [name.value for name in names if isinstance(name, Constant) and isinstance(name.value, str)]
    return flags if len(flags) == len(names) else []


def _option(
    made: Instance,
    trees: ScriptTrees,
    receivers: Mapping[str, list[Receiver]],
    failing: Mapping[str, Site],
    uses: OptionUses,
) -> Option:
    flags, keywords = _flags(made), made.arguments.keywords
    action, is_known = _action(keywords.get("action"))
    if action == OPTIONAL_ACTION:
        flags += _negations(flags)
        action = "store_true"
    call = trees.calls_of_methods.get(made.span) if made.cls != FIELD else None
    is_known = is_known and made.arguments.open is None and not _is_kept(call, trees)
    choices = _choices(keywords.get("choices"))
    has_unknown_choices = choices is None and "choices" in keywords
    shown = uses.unused.shown(call)
    member = _member(call)
    off_uses, shown_uses = uses.of(member, shown)
    return Option(
        flags=tuple(flags),
        site=trees.site(made.span),
        action=action,
        nargs=_count(keywords.get("nargs")),
        type=_type(keywords.get("type")),
        choices=choices,
        required=_is_required(keywords.get("required")) if is_known else None,
        is_open=not is_known or has_unknown_choices or not _are_constants(made.arguments, ("nargs", "required")),
        is_unused=shown is not None,
        shown=shown_uses,
        receivers=tuple(receivers.get(member, [])),
        fails_at=failing.get(member),
        changes=_corrections(shown, member, _type(keywords.get("type")), trees),
        member=member,
        default=_default(made, uses.unused),
        uses=off_uses,
    )


def _default(made: Instance, unused: UnusedOptions) -> Default | None:
    """The default with which an option is declared; None if it is not known."""
    if unused.has_other_defaults or made.arguments.open is not None or made.cls == FIELD:
        return None
    match made.arguments.keywords.get("default", Constant(None, made.span)):
        case Constant(value=str() | int() | float() | None as value):
            return Default(value)
    return None


def _corrections(
    shown: tuple[Shown, ...] | None, member: str, type_: str, trees: ScriptTrees
) -> tuple[ScriptChange, ...]:
    """The changes by which an option that nothing reads reaches what it is meant for."""
    return () if shown is None else OptimizerArguments(trees).changes(member, type_)


def _member(call: ast.Call | None) -> str:
    """The name of an option's attribute in the parser's result; empty for an option that no call declares."""
    return option_member(call) if call is not None else ""


def _negations(flags: list[str]) -> list[str]:
    return [f"--no-{flag[2:]}" for flag in flags if flag.startswith("--")]


def _is_kept(call: ast.Call | None, trees: ScriptTrees) -> bool:
    """Whether the script keeps an option, and may change it later."""
    return call is not None and not isinstance(trees.parents.get(call), ast.Expr)


def _is_required(value: Value | None) -> bool | None:
    """Whether an option has to be given; None if that is unknown."""
    if value is None:
        return False
    return bool(value.value) if isinstance(value, Constant) else None


def _count(nargs: Value | None) -> int | str | None:
    match nargs:
        case Constant(value=int() | str() as count):
            return count
    return None


def _action(value: Value | None) -> tuple[str, bool]:
    """An option's action, and whether it is known."""
    match value:
        case None:
            return "store", True
        case Constant(value=str(action)) if action in ACTIONS:
            return action, True
        case Symbol(name=name) if name == OPTIONAL_ACTION:
            return OPTIONAL_ACTION, True
    return "store", False


def _type(value: Value | None) -> str:
    match value:
        case None | Constant(value=None):
            return "str"
        case Symbol(name=name):
            return TYPES.get(name, "other")
    return "other"


def _choices(value: Value | None) -> tuple[str | int | float | bool | None, ...] | None:
    """The values of a list of choices; None if there is none, or they are not all known."""
    if not isinstance(value, Sequence):
        return None
    items = iterated(value)
    if items is None and value.kind == "set" and value.open is None:
        items = value.items
    known = [item.value for item in items or () if isinstance(item, Constant)]
    return tuple(known) if items is not None and len(known) == len(items) else None


def _is_rest_dropped(trees: ScriptTrees, use: Use) -> bool:
    """Whether the unknown arguments that ``parse_known_args`` returns are never read. Printing them does not count."""
    call = trees.calls.get(use.span)
    return call is not None and _is_dropped(trees, call, MAX_RETURN_STEPS)


def _is_dropped(trees: ScriptTrees, call: ast.expr, steps: int) -> bool:
    match trees.parents.get(call):
        case ast.Expr():
            return True
        case ast.Subscript() as item:
            return is_first_item(item)
        case ast.Assign(targets=[target]):
            return _is_unread(trees, target)
        case ast.Return() as statement if steps:
            function = trees.function_around(statement)
            callers = trees.calls_of(function.name) if function is not None else []
            return bool(callers) and all(_is_dropped(trees, caller, steps - 1) for caller in callers)
    return False


def _is_unread(trees: ScriptTrees, target: ast.expr) -> bool:
    match target:
        case ast.Tuple(elts=[_, ast.Name(id=rest)]):
            return all(_is_shown(trees, use) for use in trees.loads(rest))
        case ast.Name(id=both):
            return all(is_first_item(trees.parents.get(use)) for use in trees.loads(both))
    return False


def _is_shown(trees: ScriptTrees, name: ast.Name) -> bool:
    """Whether a name is only printed or logged, or tested before it is printed or logged."""
    for node in trees.around(name):
        match node:
            case ast.Call():
                called = called_name(node)
                if called in DISPLAY_FUNCTIONS:
                    return True
                if called not in ("len", "str", "format", "join"):
                    return False
            case ast.If(body=statements, orelse=[]):
                return all(map(_is_call_to_show, statements))
            case ast.stmt():
                return False
    return False


def _is_call_to_show(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call() as call):
            return called_name(call) in DISPLAY_FUNCTIONS
    return isinstance(node, ast.Pass)

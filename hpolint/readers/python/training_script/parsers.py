"""The argparse parsers of a training script, in their state when they read the command line."""

from __future__ import annotations

import ast

from hpolint.model.training_script import Option, Parser
from hpolint.readers.python.interpreter.operators import iterated
from hpolint.readers.python.interpreter.values import Constant, Function, Instance, Sequence, Symbol, Value, unknown
from hpolint.readers.python.training_script.parsed_options import option_member
from hpolint.readers.python.training_script.script_libraries import FIELD, Use
from hpolint.readers.python.training_script.script_trees import DISPLAY_FUNCTIONS, ScriptTrees
from hpolint.readers.python.training_script.unused_options import UnusedOptions

TYPES = {f"builtins.{name}": name for name in ("int", "float", "bool", "str")}
ACTIONS = frozenset({"store", "store_true", "store_false", "store_const", "append", "append_const", "count", "extend"})
OPTIONAL_ACTION = "argparse.BooleanOptionalAction"
MAX_RETURN_STEPS = 4
"""Functions through which a parser's result is returned, and is tracked."""


def parser_of(use: Use, trees: ScriptTrees) -> Parser:
    """The parser at one call that parses the command line."""
    options: list[Option] = []
    unused = UnusedOptions(trees)
    open_ = use.open
    for made in use.options:
        option = _option(made, trees, unused)
        if option is None:
            open_ = open_ or unknown("has an option whose name is unknown", made.span)
        else:
            options.append(option)
    keywords = use.parser.arguments.keywords
    names = ("allow_abbrev", "add_help", "prefix_chars", "fromfile_prefix_chars", "conflict_handler")
    settings = {name: keywords.get(name) for name in names}
    if any(value is not None and not isinstance(value, Constant) for value in settings.values()):
        open_ = open_ or unknown("has an unknown setting", use.span)
    if any(not option.flags[0].startswith("-") for option in options):
        open_ = open_ or unknown("has positional arguments, which take the remaining values", use.span)
    if trees.changes_parsers:
        open_ = open_ or unknown("accesses a parser's internals", use.span)
    is_custom = settings["prefix_chars"] is not None or settings["conflict_handler"] is not None
    if is_custom or use.parser.arguments.open is not None:
        open_ = open_ or unknown("has a parser with custom settings", use.span)
    return Parser(
        tuple(options),
        trees.site(use.span),
        use.is_strict or use.commands is not None,  # argparse would parse an unknown option's value as a command
        trees.doubt(open_) if open_ is not None else None,
        abbreviates=_is_on(settings["allow_abbrev"]),
        drops_rest=use.is_strict or is_rest_dropped(trees, use.span),
        has_help=_is_on(settings["add_help"]),
        commands=use.commands,
    )


def _is_on(value: Value | None) -> bool:
    return not isinstance(value, Constant) or bool(value.value)


def _option(made: Instance, trees: ScriptTrees, unused: UnusedOptions) -> Option | None:
    """An option; None if its name is unknown."""
    arguments = made.arguments
    flags = [
        value.value for value in arguments.positional if isinstance(value, Constant) and isinstance(value.value, str)
    ]
    if len(flags) < len(arguments.positional) or not flags:
        return None
    keywords = arguments.keywords
    action, is_known = _action(keywords.get("action"))
    nargs, choices, kind = keywords.get("nargs"), keywords.get("choices"), keywords.get("type")
    required = keywords.get("required")
    if action == OPTIONAL_ACTION:
        flags += [f"--no-{flag[2:]}" for flag in flags if flag.startswith("--")]
        action = "store_true"
    values = _choices(choices)
    known = [value is None or isinstance(value, Constant) for value in (nargs, required)]
    call = trees.calls.get(trees.call_around(made.span))
    # an option that the script keeps may be changed later
    is_kept = made.cls != FIELD and call is not None and not isinstance(trees.parents.get(call), ast.Expr)
    is_known = is_known and not is_kept
    is_open = arguments.open is not None or not is_known or not all(known) or (choices is not None and values is None)
    default = Constant(False, made.span) if required is None else required
    member = option_member(call) if made.cls != FIELD and call is not None else None
    shown = unused.shown(member) if member is not None and unused.has(member) else None
    return Option(
        tuple(flags),
        trees.site(made.span),
        action,
        nargs.value if isinstance(nargs, Constant) and isinstance(nargs.value, int | str) else None,
        _type(kind),
        values,
        bool(default.value) if isinstance(default, Constant) and arguments.open is None and is_known else None,
        is_open,
        shown is not None,
        shown or (),
    )


def _action(value: Value | None) -> tuple[str, bool]:
    """An option's action, and whether it is known."""
    if value is None:
        return "store", True
    if isinstance(value, Constant) and value.value in ACTIONS:
        return str(value.value), True
    if isinstance(value, Symbol) and value.name == OPTIONAL_ACTION:
        return OPTIONAL_ACTION, True
    return "store", False


def _type(value: Value | None) -> str:
    if value is None or (isinstance(value, Constant) and value.value is None):
        return "str"
    return TYPES.get(value.name, "other") if isinstance(value, Symbol) and not isinstance(value, Function) else "other"


def _choices(value: Value | None) -> tuple[str | int | float | bool | None, ...] | None:
    """The values of a list of choices; None if there is none, or they are not all known."""
    items = iterated(value) if isinstance(value, Sequence) else None
    if items is None and isinstance(value, Sequence) and value.kind == "set" and value.open is None:
        items = value.items
    if items is None or not all(isinstance(item, Constant) for item in items):
        return None
    return tuple(item.value for item in items if isinstance(item, Constant))


def is_rest_dropped(trees: ScriptTrees, span: object) -> bool:
    """Whether the unknown arguments that ``parse_known_args`` returns are never read. Printing them does not count."""
    call = trees.calls.get(span)  # type: ignore[call-overload]
    return call is not None and _is_dropped(trees, call, MAX_RETURN_STEPS)


def _is_dropped(trees: ScriptTrees, call: ast.expr, steps: int) -> bool:
    parent = trees.parents.get(call)
    if isinstance(parent, ast.Subscript) and parent.value is call:
        return isinstance(parent.slice, ast.Constant) and parent.slice.value == 0
    if isinstance(parent, ast.Expr):
        return True
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return _is_unread(trees, parent.targets[0])
    if isinstance(parent, ast.Return) and steps:
        function = trees.function_around(parent)
        callers = trees.calls_of(function.name) if function is not None else []
        return bool(callers) and all(_is_dropped(trees, each, steps - 1) for each in callers)
    return False


def _is_unread(trees: ScriptTrees, target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple) and len(target.elts) == 2:
        rest = target.elts[1]
        return isinstance(rest, ast.Name) and all(_is_shown(trees, each) for each in trees.loads(rest.id))
    if isinstance(target, ast.Name):
        return all(_is_first(trees, each) for each in trees.loads(target.id))
    return False


def _is_first(trees: ScriptTrees, name: ast.Name) -> bool:
    parent = trees.parents.get(name)
    is_item = isinstance(parent, ast.Subscript) and parent.value is name
    return is_item and isinstance(parent.slice, ast.Constant) and parent.slice.value == 0  # type: ignore[union-attr]


def _is_shown(trees: ScriptTrees, name: ast.Name) -> bool:
    """Whether a name is only printed or logged, or tested before it is printed or logged."""
    for node in trees.around(name):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in DISPLAY_FUNCTIONS:
                return True
            if called not in ("len", "str", "format", "join"):
                return False
        if isinstance(node, ast.If):
            return all(_is_call_to_show(each) for each in node.body) and not node.orelse
        if isinstance(node, ast.stmt):
            return False
    return False


def _is_call_to_show(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return isinstance(node, ast.Pass)
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return called in DISPLAY_FUNCTIONS

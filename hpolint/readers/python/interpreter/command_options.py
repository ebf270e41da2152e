"""Options of a command line, which argparse, click and typer declare: each is unknown, with its default and choices."""

from __future__ import annotations

import ast
from collections.abc import Callable
from collections.abc import Mapping as Mapping_
from typing import TYPE_CHECKING, Any, TypeGuard

from msgspec.structs import replace

from hpolint.io.escaping import brief
from hpolint.model.node import MAX_CHOICES, Scalar, Unknown
from hpolint.model.reasons import Kind, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.deployed_values import Choices, deployed
from hpolint.readers.python.interpreter.operators import forget_all, iterated
from hpolint.readers.python.interpreter.plain import known
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Function,
    Instance,
    Method,
    Sequence,
    Symbol,
    Value,
    is_false,
    present,
    returned_by,
    text_of,
    unknown,
    without_values,
)
from hpolint.readers.python.interpreter.walking import walk

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

PARSER, NAMESPACE = "argparse.ArgumentParser", "argparse.Namespace"
GROUPS = frozenset({"add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser"})
"""Methods that return an object whose options are options of the parser: here it is the parser itself."""

PARSING = ("parse_args", "parse_known_args")
OPTION = "option "
"""The beginning of the names of a parser's attributes that hold its options, which no program can bind."""

ANY_DEFAULT = "argument_default"
CLICK_MODULES = ("click", "rich_click", "asyncclick")
CLICK = frozenset(f"{module}.{name}" for module in CLICK_MODULES for name in ("option", "argument"))
CLICK_CHOICES = frozenset(f"{module}.Choice" for module in CLICK_MODULES)
CLICK_TYPES = {
    "STRING": "str",
    "INT": "int",
    "FLOAT": "float",
    "IntRange": "int",
    "FloatRange": "float",
}
TYPER = frozenset({"typer.Option", "typer.Argument"})
CONSTRUCTORS = CLICK | CLICK_CHOICES | TYPER | {PARSER}
NOT_ONE_VALUE = ("multiple", "nargs", "callback", "cls", "flag_value")
"""Arguments of click's options with which an option has not one value as it is given."""

SWITCHES = ("store_true", "store_false")
"""Actions of argparse for options without a value."""

ENTRY_POINTS = frozenset({"typer.run", "fire.Fire"})
"""Functions that call a function of the source with the options of the command line."""

RUNNERS = frozenset({"run", "Fire", "command", "add_command"})
"""The last names of functions that let a command line call the function that they get."""

CONVERSIONS: dict[str, Callable[[Any], Any]] = {"str": str, "int": int, "float": float}


def call(name: str, arguments: Arguments, callee: Span) -> Instance | None:
    """A parser, or what declares an option; None for other calls."""
    if name not in CONSTRUCTORS:
        return None
    made = Instance(name, arguments, callee)
    _inherit(made, arguments)
    return made


def _inherit(parser: Instance, arguments: Arguments) -> None:
    """Add the options of the parsers that a call names as parents."""
    parents = arguments.keywords.get("parents")
    for parent in parents.items if isinstance(parents, Sequence) else ():
        if isinstance(parent, Instance) and parent.cls == PARSER:
            for name, option in parent.attributes.items():
                _add(parser, name, option)


def _add(parser: Instance, name: str, option: Value) -> None:
    """Add an option. One of this name is that of another subcommand, or another switch of the same value."""
    if name in parser.attributes and isinstance(option, Unknown):
        option = without_values(option)
    parser.attributes[name] = option


def is_parser(value: Value) -> TypeGuard[Instance]:
    """Whether a value is a parser of argparse."""
    return isinstance(value, Instance) and value.cls == PARSER


def method(parser: Instance, name: str, arguments: Arguments, span: Span) -> Value:
    """The result of a parser's method. Those that are not modelled may change their arguments."""
    if name in GROUPS:
        _inherit(parser, arguments)
        return parser
    if name == "add_argument":
        _add_argument(parser, arguments)
    elif name == "set_defaults":
        _forget_defaults(parser, arguments)
    elif name in PARSING and not _has_namespace(arguments):
        namespace = _namespace(parser, arguments, span)
        rest = unknown(is_a("the rest of a command line"), span)
        return namespace if name == "parse_args" else Sequence("tuple", [namespace, rest], span)
    else:
        forget_all(arguments.values(), unknown(f"was passed to `{name}()`, which may change it", span))
    return returned_by(name, span)


def _has_namespace(arguments: Arguments) -> bool:
    """Whether a call passes an object that gets the options as its attributes."""
    return "namespace" in arguments.keywords or len(arguments.positional) > 1 or arguments.open is not None


def attribute(receiver: Instance, name: str, span: Span) -> Value | None:
    """An option's value, read from what a parser returns; None for a special member."""
    if name.startswith("__"):
        return None
    if receiver.escaped is not None:
        return receiver.escaped
    value = receiver.attributes.get(name)
    if value is None:
        return unknown(is_a(f"`{name}` of what `parse_args()` returns"), span)
    if isinstance(value, Unknown) and value.kind is Kind.COMMAND_LINE_OPTION:
        return replace(value, span=span)
    return value


def _add_argument(parser: Instance, arguments: Arguments) -> None:
    names = [name for name in arguments.positional if isinstance(name, Constant) and isinstance(name.value, str)]
    if not names or len(names) < len(arguments.positional):
        return
    destination = text_of(arguments.keywords.get("dest")) or _destination([str(name.value) for name in names])
    _add(parser, OPTION + destination, _argparse_option(parser, names[0], arguments))


def _destination(names: list[str]) -> str:
    """The attribute of an option: its first long name, else its first name."""
    chosen = next((name for name in names if name.startswith("--")), names[0])
    return chosen.lstrip("-").replace("-", "_")


def _argparse_option(parser: Instance, name: Constant, arguments: Arguments) -> Unknown:
    given = arguments.keywords
    action = given.get("action", Constant("store", name.span))
    is_open = arguments.open is not None or parser.escaped is not None
    if is_open or not _has_one_value(given.get("nargs")):
        return _option(name)
    if isinstance(action, Symbol) and action.name == "argparse.BooleanOptionalAction":
        return _option(name, given.get("default"), _bools(name.span) if "default" in given else ())
    if not isinstance(action, Constant):
        parser.escaped = unknown("may be set by the action of another option", name.span)
    if text_of(action) in SWITCHES:
        default = given.get("default", Constant(text_of(action) == "store_false", name.span))
        return _option(name, default, _bools(name.span))
    return _stored_option(parser, name, given) if text_of(action) == "store" else _option(name)


def _stored_option(parser: Instance, name: Constant, given: Mapping_[str, Value]) -> Unknown:
    """An option that takes a value. argparse converts a default that is a string by the option's type."""
    choices = _choices(given.get("choices"))
    if _is_required(name, given):
        return _option(name, choices=choices)
    default = given.get("default")
    if default is None and ANY_DEFAULT not in parser.arguments.keywords:
        default = Constant(None, name.span)
    if default is not None and text_of(default) is not None:
        default = _converted(default, given.get("type"))
    if "nargs" in given:  # `?`: without a value the option has that of `const`
        return _option(name, default)
    return _option(name, default, _with_default(choices, default))


def _is_required(name: Constant, given: Mapping_[str, Value]) -> bool:
    """Whether argparse has a value for an option from each command line."""
    required = given.get("required")
    if isinstance(required, Constant):
        return bool(required.value)
    return not str(name.value).startswith("-") and "nargs" not in given


def _has_one_value(count: Value | None) -> bool:
    """Whether an option has one value, by argparse's `nargs`."""
    return count is None or (isinstance(count, Constant) and count.value in (None, "?"))


def _forget_defaults(parser: Instance, arguments: Arguments) -> None:
    """Leave open the defaults that ``set_defaults`` replaces, of options that are there or come later.

    Functions are those of subcommands: the command line chooses one of them.
    """
    for name, value in arguments.keywords.items():
        before = parser.attributes.get(OPTION + name)
        if isinstance(value, Function):
            parser.attributes[OPTION + name] = _one_more_function(before, value, parser.span)
            continue
        if isinstance(before, Either):
            before = replace(before, complete=False)
        if not isinstance(before, Unknown):
            thing = f"`{name}` of what `parse_args()` returns"
            before = unknown(is_a(thing, Kind.COMMAND_LINE_OPTION), parser.span)
        parser.attributes[OPTION + name] = without_values(before)
    if arguments.open is not None:
        parser.escaped = arguments.open


def _one_more_function(before: Value | None, function: Function, span: Span) -> Either:
    """One of the functions of several subcommands."""
    others = before.candidates if isinstance(before, Either) else []
    is_complete = before is None or (isinstance(before, Either) and before.complete)
    reason = is_a("the function of a subcommand")
    return Either(reason, span, candidates=[*others, function], complete=is_complete)


def keeps_function(value: Value) -> bool:
    """Whether what is called calls a function that it gets with the options of a command line, if at all.

    This source calls the function of a subcommand later, and that of an entry point never.
    """
    if isinstance(value, Symbol):
        return value.name in ENTRY_POINTS
    return isinstance(value, Method) and value.name == "set_defaults" and is_parser(value.receiver)


def _namespace(parser: Instance, arguments: Arguments, span: Span) -> Instance:
    """The options of a parser as an object, with the values that a command line gives them."""
    words = arguments.at(0) or arguments.keywords.get("args") or Constant(None, span)
    namespace = Instance(NAMESPACE, Arguments(), span)
    for name, option in parser.attributes.items():
        if name.startswith(OPTION):
            namespace.attributes[name.removeprefix(OPTION)] = _parsed(option, words, parser)
    return namespace


def _parsed(option: Value, words: Value, parser: Instance) -> Value:
    """An option's value: its default if the command line is known to be empty, unknown otherwise."""
    if not isinstance(option, Unknown):
        return option
    if parser.escaped is not None:
        return without_values(option)
    if not isinstance(words, Sequence) and text_of(words) is None:
        return option
    is_empty = text_of(words) == "" or (isinstance(words, Sequence) and not words.items and words.open is None)
    if not is_empty or option.default is None:
        return without_values(option)
    return Constant(option.default.value, option.default.span)


def declare(maker: Value, function: Value) -> bool:
    """Add the option that a decorator of click declares to a function. Returns whether the decorator does so."""
    if not isinstance(maker, Instance) or maker.cls not in CLICK:
        return False
    names = [str(name.value) for name in maker.arguments.positional if isinstance(name, Constant)]
    if isinstance(function, Function) and names and len(names) == len(maker.arguments.positional):
        function.options[_click_name(names)] = _click_option(names, maker)
    return True


def _click_name(names: list[str]) -> str:
    """The parameter of an option: a name without dashes, else the first one with most dashes."""
    plain = [name for name in names if name.isidentifier()]
    if plain:
        return plain[0].lower() if len(names) == 1 else plain[0]
    longest = max(names, key=lambda name: len(name) - len(name.lstrip("-")))
    return longest.partition("/")[0].strip().lstrip("-").replace("-", "_").lower()


def _click_option(names: list[str], maker: Instance) -> Unknown:
    given, span = maker.arguments.keywords, maker.span
    shown = next((name for name in names if name.startswith("-")), names[0]).partition("/")[0]
    name = Constant(shown, span)
    default = given.get("default")
    is_open = maker.arguments.open is not None or not given.keys().isdisjoint(NOT_ONE_VALUE)
    if is_open or isinstance(default, Function):
        return _option(name)
    if not is_false(given.get("is_flag", Constant(any("/" in name for name in names), span))):
        return _option(name, default or Constant(False, span), _bools(span))
    return _click_value(name, maker, default)


def _click_value(name: Constant, maker: Instance, default: Value | None) -> Unknown:
    """An option or argument of click that takes a value."""
    given, span = maker.arguments.keywords, maker.span
    kind = given.get("type")
    choices = _click_choices(kind)
    if default is None:
        is_required = given.get("required", Constant(maker.cls.endswith(".argument"), span))
        return _option(name, Constant(None, span)) if is_false(is_required) else _option(name, choices=choices)
    if not choices and kind is not None:
        default = _converted(default, kind)
    return _option(name, default, _with_default(choices, default))


def _click_choices(kind: Value | None) -> Choices:
    """The values that click's `Choice` accepts; empty for any other type."""
    if not isinstance(kind, Instance) or kind.cls not in CLICK_CHOICES:
        return ()
    return _choices(kind.arguments.at(0) or kind.arguments.keywords.get("choices"))


def typer_option(interpreter: Interpreter, parameter: ast.arg, default: Value | None) -> Unknown | None:
    """The option that typer makes of a parameter; None if it is not declared as one."""
    name = Constant(f"--{parameter.arg.replace('_', '-')}", interpreter.span(parameter))
    if isinstance(default, Instance) and default.cls in TYPER:
        names = present(text_of(argument) for argument in default.arguments.positional[1:])
        declared = default.arguments.at(0) or default.arguments.keywords.get("default")
        return _option(Constant(names[0], name.span) if names else name, declared)
    return _option(name, default) if _is_annotated(parameter.annotation) else None


def _is_annotated(annotation: ast.expr | None) -> bool:
    """Whether a parameter's annotation has an option of typer: ``Annotated[str, typer.Option()]``."""
    if not isinstance(annotation, ast.Subscript) or last_name(annotation.value) != "Annotated":
        return False
    details = [detail.func for detail in walk(annotation.slice) if isinstance(detail, ast.Call)]
    return any(last_name(detail) in ("Option", "Argument") for detail in details)


def _option(name: Constant, default: Value | None = None, choices: Choices = ()) -> Unknown:
    """An option with the name that a command line has for it."""
    thing = f"the option `{brief(str(name.value))}`"
    return deployed(thing, Kind.COMMAND_LINE_OPTION, name.span, default, choices)


def _bools(span: Span) -> Choices:
    return Scalar(False, span), Scalar(True, span)


def _choices(value: Value | None) -> Choices:
    """The values that an option accepts; empty if they are not known, or too many."""
    items = iterated(value)
    if items is None or len(items) > MAX_CHOICES:
        return ()
    constants = [item for item in items if isinstance(item, Constant)]
    if len(constants) < len(items):
        return ()
    return tuple(Scalar(constant.value, constant.span) for constant in constants)


def _with_default(choices: Choices, default: Value | None) -> Choices:
    """The possible values of an option that may also have its default; none if that is not known, or None."""
    if not choices or not isinstance(default, Constant) or default.value is None:
        return ()
    if any(choice.value == default.value for choice in present(choices)):
        return choices
    return (*choices, Scalar(default.value, default.span))


def _type_name(value: Value | None) -> str:
    """The name of a type that an option has; `str` without one."""
    if isinstance(value, Symbol):
        name = value.name.rpartition(".")[2]
        return CLICK_TYPES.get(name, name)
    if isinstance(value, Instance):
        return CLICK_TYPES.get(value.class_name, "")
    return "str" if value is None else ""


def _converted(value: Value, kind: Value | None) -> Value | None:
    """A default as its option's type converts it; None if that is not known."""
    convert = CONVERSIONS.get(_type_name(kind))
    if not isinstance(value, Constant) or convert is None:
        return None
    try:
        return known(convert(value.value), value.span)
    except (TypeError, ValueError, OverflowError):
        return None

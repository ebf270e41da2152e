"""What a training script does with the libraries that read its command line and show its progress."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.model.training_script import TEXT, Template
from hpolint.readers.python.interpreter.library_model import NoLibraries
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Instance,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES
from hpolint.readers.python.training_script.printed_lines import Lines
from hpolint.readers.python.training_script.wildcards import Wildcards

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

PARSER, GROUP, COMMANDS, OPTION = "argparse.ArgumentParser", "argparse.Group", "argparse.Commands", "argparse.Option"
OPTIONS, OF, NAMES = "options", "of", "commands"
STRICT = frozenset({"parse_args", "parse_intermixed_args"})
INTO_DATACLASSES = "parse_args_into_dataclasses"
LENIENT = frozenset({"parse_known_args", "parse_known_intermixed_args"})
PRINTS = frozenset({"builtins.print", "pprint.pprint"})
WRITES = ("sys.stdout.write", "sys.stderr.write", "tqdm.write")
PIECES = WRITES[:2]
"""What ends no line by itself."""

WARNS = "warnings.warn"
"""It shows a message behind a place, and a line of the source below it."""

LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "exception")
LOGS = frozenset(f"{logger}.{level}" for logger in ("logging", "logging.getLogger()") for level in LEVELS)
MOST_LINES = 20
"""Of one call, with the values that names have; past it whatever they are ever bound to."""

ENVIRONMENT = "os.environ"
GETS = frozenset({"os.environ.get", "os.getenv"})


class Use(msgspec.Struct):
    """A parser that is given the command line: its options then, and what is not told of them."""

    parser: Instance
    options: list[Instance]
    span: Span
    is_strict: bool
    open: Unknown | None
    commands: tuple[str, ...] | None


class PrintedLines(msgspec.Struct):
    """A call that prints or logs, and the lines that it may print."""

    lines: dict[Template, None]
    span: Span
    in_loop: bool
    is_sure: bool
    kind: str
    is_whole: bool = True
    """Whether each line that it prints is one by itself: ``end`` may join it with what is printed next."""


class EnvironmentRead(msgspec.Struct):
    """A variable of the environment that is asked for."""

    name: Value
    span: Span
    is_required: bool


class ScriptUses(msgspec.Struct):
    """What was seen while a script was followed; each call counts once however often it is followed."""

    uses: dict[Span, Use] = msgspec.field(default_factory=dict)
    printed: dict[Span, PrintedLines] = msgspec.field(default_factory=dict)
    environment: dict[Span, EnvironmentRead] = msgspec.field(default_factory=dict)
    missing: dict[Span, str] = msgspec.field(default_factory=dict)


class ScriptLibraries(NoLibraries):
    """The libraries of a training script. ``calls`` are the calls of its syntax trees, by their place."""

    def __init__(self, holes: Wildcards) -> None:
        self.seen = ScriptUses()
        self.calls: dict[Span, ast.Call] = {}
        self.interpreter: Interpreter
        self._lines = Lines(lambda name: self.interpreter.scope.find(name), holes)
        self._lines_at_all = Lines(lambda _: None, holes)

    def is_read_only(self, module: str) -> bool:
        """Whether the functions of a top-level module change none of the dicts and lists that they are given."""
        return module in LAUNCH_LIBRARIES

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A call of something imported."""
        if name == PARSER:
            return self._parser(arguments, callee)
        if name.startswith("transformers.") and name.endswith(".HfArgumentParser"):
            return self._of_dataclasses(arguments, callee, span)
        if name in LOGS:
            self._show("log", span)
        elif name == WARNS:
            self._show("warning", span)
        elif name in PRINTS or name.endswith(WRITES):
            self._show("piece" if name.endswith(PIECES) else "print", span)
        elif name in GETS and arguments.positional:
            self._ask(arguments.positional[0], span, is_required=False)
        return None

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:  # noqa: ARG002
        """A logger is given a line."""
        self._show("log", span)

    def undefined_name_read(self, name: str, span: Span) -> None:
        """A name is read that nothing before it has bound: noted where it is sure to be read."""
        if not (self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional):
            self.seen.missing.setdefault(span, name)

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:
        """A variable of the environment is asked for."""
        if isinstance(value, Symbol) and value.name == ENVIRONMENT and index is not None:
            self._ask(index, span, is_required=not self.interpreter.is_conditional)

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """A method of a parser, of a group of its options, or of its subparsers."""
        if isinstance(receiver, Either) and name in STRICT | LENIENT:
            return self._lost(receiver, name, span)
        if not isinstance(receiver, Instance) or receiver.user_class is not None:
            return None
        if receiver.cls == COMMANDS and name == "add_parser":
            return self._command(receiver, arguments, callee)
        parser = _parser_of(receiver)
        if parser is None:
            return None
        if name == "add_argument":
            _options(parser).items.append(Instance(OPTION, arguments, callee))
            return unknown(is_a("an option of a parser"), span)
        if name in ("add_argument_group", "add_mutually_exclusive_group"):
            return Instance(GROUP, arguments, callee, {OF: parser})
        if name == "add_subparsers":
            parser.attributes[NAMES] = names = Sequence("list", [], span)
            return Instance(COMMANDS, arguments, callee, {OF: parser, NAMES: names})
        if name == INTO_DATACLASSES:
            rest = arguments.keywords.get("return_remaining_strings")
            lenient = rest is not None and not (isinstance(rest, Constant) and not rest.value)
            self._parsed(parser, "parse_known_args" if lenient else "parse_args", Arguments(), span)
            return unknown(is_a(f"what `{name}()` returns"), span)
        if name in STRICT | LENIENT and receiver is parser:
            return self._parsed(parser, name, arguments, span)
        return Constant(None, span)

    def _lost(self, receiver: Either, name: str, span: Span) -> Value | None:
        """One of several parsers, or one that something else has had its hands on, reads the command line."""
        for candidate in receiver.candidates:
            parser = _parser_of(candidate) if isinstance(candidate, Instance) else None
            if parser is not None:
                return self._parsed(parser, name, Arguments(open=unknown("may be read by another parser", span)), span)
        return None

    def _parser(self, arguments: Arguments, callee: Span) -> Instance:
        """A new parser, with its parents' options."""
        options = Sequence("list", [], callee)
        parents = arguments.keywords.get("parents")
        if isinstance(parents, Sequence):
            for parent in parents.items:
                if isinstance(parent, Instance) and parent.cls == PARSER:
                    options.items += _options(parent).items
                    options.open = options.open or _options(parent).open or parent.escaped
                else:
                    options.open = unknown("may have the options of a parent that cannot be told", callee)
            options.open = options.open or parents.open
        elif parents is not None:
            options.open = unknown("may have the options of parents that cannot be told", callee)
        return Instance(PARSER, arguments, callee, {OPTIONS: options})

    def _of_dataclasses(self, arguments: Arguments, callee: Span, span: Span) -> Instance:
        """Transformers' parser: an option for each field of some dataclasses.

        Source: transformers, ``hf_argparser.py``; a name with underscores may be written with dashes, too.
        """
        parser = self._parser(Arguments(), callee)
        given = next(iter(arguments.positional), None)
        classes = given.items if isinstance(given, Sequence) else [given] if given is not None else []
        options = _options(parser)
        if isinstance(given, Sequence):
            options.open = given.open
        for each in classes:
            if not isinstance(each, UserClass) or each.fields is None or each.foreign is not None:
                options.open = options.open or unknown("has the options of a class that is not of this source", span)
            for name in each.fields or () if isinstance(each, UserClass) else ():
                names = dict.fromkeys([name, name.replace("_", "-")])
                flags: list[Value] = [Constant(f"--{each}", span) for each in names]
                options.items.append(Instance(OPTION, Arguments(flags, open=unknown("is a field", span)), callee))
        return parser

    def _command(self, commands: Instance, arguments: Arguments, callee: Span) -> Instance:
        names = commands.attributes.get(NAMES)
        if isinstance(names, Sequence) and arguments.positional:
            names.items.append(arguments.positional[0])
        return Instance(PARSER, arguments, callee, {OPTIONS: Sequence("list", [], callee)})

    def _parsed(self, parser: Instance, name: str, arguments: Arguments, span: Span) -> Value:
        """A parser reads the command line, or something else."""
        given = arguments.positional[0] if arguments.positional else arguments.keywords.get("args")
        other = arguments.open
        if given is not None and not _is_command_line(given):
            other = unknown("reads something else than the command line, perhaps", span)
        if self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional:
            other = unknown("reads the command line where nobody here can tell whether it does", span)
        options = _options(parser)
        items = [item for item in options.items if isinstance(item, Instance)]
        open_ = other or parser.escaped or options.open
        names = parser.attributes.get(NAMES)
        commands = None
        if isinstance(names, Sequence):
            commands = tuple(str(each.value) for each in names.items if isinstance(each, Constant))
            if names.open is not None or len(commands) < len(names.items):
                open_ = open_ or unknown("has subcommands that cannot be told", span)
        elif names is not None:
            open_ = open_ or unknown("may have subcommands", span)
        use = Use(parser, items, span, name in STRICT, open_, commands)
        earlier = self.seen.uses.get(span)
        if earlier is not None and (earlier.options != items or earlier.open is not None):
            use.open = use.open or earlier.open or unknown("has other options from time to time", span)
        if not (self.uncalled_depth and earlier is not None):
            self.seen.uses[span] = use
        namespace = unknown(is_a(f"what `{name}()` returns"), span)
        if name in STRICT:
            return namespace
        return Sequence("tuple", [namespace, unknown(is_a("what a parser does not know"), span)], span)

    def _show(self, kind: str, span: Span) -> None:
        """A call prints or logs; the same one may print other lines each time that it is followed."""
        call = self.calls.get(span)
        if call is None:
            return
        named = {each.arg for each in call.keywords}
        is_whole = kind in ("log", "warning") or ("end" not in named and None not in named)
        shown = self.seen.printed.setdefault(span, PrintedLines({}, span, False, False, kind, is_whole))
        reader = self._lines if len(shown.lines) < MOST_LINES else self._lines_at_all
        shown.lines |= dict.fromkeys(_read(call, kind, reader))
        if kind == "piece":
            shown.is_whole &= len(call.args) == 1 and reader.ends_line(call.args[0])
        shown.in_loop |= self.interpreter.loop_depth > 0
        shown.is_sure |= not self.interpreter.is_conditional

    def generalize(self) -> None:
        """Where calls were not followed, each print may show whatever its names are ever bound to."""
        for span, shown in self.seen.printed.items():
            shown.lines |= dict.fromkeys(_read(self.calls[span], shown.kind, self._lines_at_all))

    def _ask(self, name: Value, span: Span, *, is_required: bool) -> None:
        earlier = self.seen.environment.get(span)
        self.seen.environment[span] = EnvironmentRead(
            name, span, is_required or (earlier is not None and earlier.is_required)
        )


def _read(call: ast.Call, kind: str, reader: Lines) -> list[Template]:
    """The lines of a call that prints or logs."""
    if kind == "warning":
        return [(TEXT,)]
    if kind == "log":
        more = any(each.arg in ("exc_info", "stack_info", None) for each in call.keywords)
        message = next(([each.value] for each in call.keywords if each.arg == "msg"), [])
        return [*reader.logged([*message, *call.args]), *([(TEXT,)] if more or _is_exception(call) else [])]
    separator = next((each.value for each in call.keywords if each.arg == "sep"), None)
    if separator is not None and not isinstance(separator, ast.Constant):
        return [(TEXT,)]
    is_own = separator is not None and separator.value is not None
    return reader.printed(call.args, str(separator.value) if is_own and separator is not None else " ")


def _is_exception(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "exception"


def _is_command_line(given: Value) -> bool:
    """Whether a parser is given what it would take by itself: None, or ``sys.argv[1:]``."""
    if isinstance(given, Constant):
        return given.value is None
    return isinstance(given, Symbol) and given.name == "sys.argv[1:]"


def _parser_of(receiver: Instance) -> Instance | None:
    """The parser that an object is, or is a part of."""
    for _ in range(10):
        if receiver.cls == PARSER:
            return receiver
        above = receiver.attributes.get(OF) if receiver.cls == GROUP else None
        if not isinstance(above, Instance):
            return None
        receiver = above
    return None


def _options(parser: Instance) -> Sequence:
    """The options that a parser has so far."""
    found = parser.attributes.get(OPTIONS)
    if not isinstance(found, Sequence):
        found = Sequence("list", [], parser.span, unknown("has options that cannot be told", parser.span))
        parser.attributes[OPTIONS] = found
    return found

"""The model of the libraries with which a training script reads its command line and shows its progress."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from hpolint.data import generated
from hpolint.lazy_regex import lazy_regex
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
OPTIONS, PARENT, NAMES = "options", "of", "commands"
STRICT_METHODS = frozenset({"parse_args", "parse_intermixed_args"})
FIELD = "transformers.Field"
INTO_DATACLASSES = "parse_args_into_dataclasses"
LENIENT_METHODS = frozenset({"parse_known_args", "parse_known_intermixed_args"})
PRINT_FUNCTIONS = frozenset({"builtins.print", "pprint.pprint"})
WRITE_FUNCTIONS = ("sys.stdout.write", "sys.stderr.write", "tqdm.write")
PARTIAL_LINE_FUNCTIONS = WRITE_FUNCTIONS[:2]
"""Functions that do not end the line themselves."""

WARN_FUNCTION = "warnings.warn"
"""It prints a message after its source location, and the source line below."""

LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "exception")
LOG_FUNCTIONS = frozenset(f"{logger}.{level}" for logger in ("logging", "logging.getLogger()") for level in LEVELS)
INPUT = "/opt/ml/input/data/"
"""The folder with a folder for each channel."""

PIPE = lazy_regex(r"_\d+$")
"""The end of the path of a channel's pipe."""

FOLDER_READERS = frozenset(
    {"os.listdir", "os.scandir", "builtins.open", "pandas.read_csv", "pandas.read_parquet", "pandas.read_json"}
    | {"numpy.load", "numpy.loadtxt", "torch.load", "joblib.load", "datasets.load_from_disk"}
)
"""Functions that fail for a path that does not exist."""

MAX_LINES_PER_CALL = 20
"""Lines of one call with the current values of names; beyond it, with everything that the names are ever bound to."""

ENVIRONMENT = "os.environ"
ENVIRONMENT_GETTERS = frozenset({"os.environ.get", "os.getenv"})


TRAINING_ARGUMENTS = {
    "TrainingArguments": ("TrainingArguments",),
    "Seq2SeqTrainingArguments": ("TrainingArguments", "Seq2SeqTrainingArguments"),
}
"""Transformers' own dataclasses, each with the classes that have its fields."""


class Use(msgspec.Struct):
    """A call that parses the command line: the parser's options at that time, and why there may be others."""

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
    """Whether each printed line is complete: with ``end``, the next print may continue it."""


class EnvironmentRead(msgspec.Struct):
    """A read of an environment variable."""

    name: Value
    span: Span
    is_required: bool


class ScriptUses(msgspec.Struct):
    """The calls that were interpreted in a script, by span: a call counts once, however often it is interpreted."""

    uses: dict[Span, Use] = msgspec.field(default_factory=dict)
    printed: dict[Span, PrintedLines] = msgspec.field(default_factory=dict)
    environment: dict[Span, EnvironmentRead] = msgspec.field(default_factory=dict)
    folders: dict[Span, str] = msgspec.field(default_factory=dict)
    undefined_names: dict[Span, str] = msgspec.field(default_factory=dict)


class ScriptLibraries(NoLibraries):
    """The libraries of a training script. ``calls`` are the calls in its syntax trees, by span."""

    def __init__(self, wildcards: Wildcards) -> None:
        self.seen = ScriptUses()
        self.calls: dict[Span, ast.Call] = {}
        self.interpreter: Interpreter
        self._lines = Lines(lambda name: self.interpreter.scope.find(name), wildcards)
        self._general_lines = Lines(lambda _: None, wildcards)

    def is_read_only(self, module: str) -> bool:
        """Whether the functions of a top-level module leave the dicts and lists in their arguments unchanged."""
        return module in LAUNCH_LIBRARIES

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of calling an imported object."""
        if name == PARSER:
            return self._parser(arguments, callee)
        if name.startswith("transformers.") and name.endswith(".HfArgumentParser"):
            return self._dataclass_parser(arguments, callee, span)
        if name in LOG_FUNCTIONS:
            self._record_print("log", span)
        elif name == WARN_FUNCTION:
            self._record_print("warning", span)
        elif name in PRINT_FUNCTIONS or name.endswith(WRITE_FUNCTIONS):
            self._record_print("piece" if name.endswith(PARTIAL_LINE_FUNCTIONS) else "print", span)
        elif name in FOLDER_READERS and arguments.positional:
            self._record_folder_read(arguments.positional[0], span)
        elif name in ENVIRONMENT_GETTERS and arguments.positional:
            self._record_environment_read(arguments.positional[0], span, is_required=False)
        return None

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:  # noqa: ARG002
        """Record a call of a logger."""
        self._record_print("log", span)

    def undefined_name_read(self, name: str, span: Span) -> None:
        """Record the read of a name that is not bound, if the read is certainly reached."""
        if not (self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional):
            self.seen.undefined_names.setdefault(span, name)

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:
        """Record the read of an environment variable."""
        if isinstance(value, Symbol) and value.name == ENVIRONMENT and index is not None:
            self._record_environment_read(index, span, is_required=not self.interpreter.is_conditional)

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of a method of a parser, of a group of its options, or of its subparsers."""
        if isinstance(receiver, Either) and name in STRICT_METHODS | LENIENT_METHODS:
            return self._parsed_by_alias(receiver, name, span)
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
            return Instance(GROUP, arguments, callee, {PARENT: parser})
        if name == "add_subparsers":
            parser.attributes[NAMES] = names = Sequence("list", [], span)
            return Instance(COMMANDS, arguments, callee, {PARENT: parser, NAMES: names})
        if name == INTO_DATACLASSES:
            rest = arguments.keywords.get("return_remaining_strings")
            lenient = rest is not None and not (isinstance(rest, Constant) and not rest.value)
            self._parsed(parser, "parse_known_args" if lenient else "parse_args", Arguments(), span)
            return unknown(is_a(f"what `{name}()` returns"), span)
        if name in STRICT_METHODS | LENIENT_METHODS and receiver is parser:
            return self._parsed(parser, name, arguments, span)
        return Constant(None, span)

    def _parsed_by_alias(self, receiver: Either, name: str, span: Span) -> Value | None:
        """Record that an alias of a parser, one of several or an escaped one, reads the command line."""
        for candidate in receiver.candidates:
            parser = _parser_of(candidate) if isinstance(candidate, Instance) else None
            if parser is not None:
                return self._parsed(parser, name, Arguments(open=unknown("may use another parser", span)), span)
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
                    options.open = unknown("may have the options of an unknown parent parser", callee)
            options.open = options.open or parents.open
        elif parents is not None:
            options.open = unknown("may have the options of unknown parent parsers", callee)
        return Instance(PARSER, arguments, callee, {OPTIONS: options})

    def _dataclass_parser(self, arguments: Arguments, callee: Span, span: Span) -> Instance:
        """Transformers' parser, with an option for each field of some dataclasses.

        Source: transformers, ``hf_argparser.py``. A name with underscores may also be written with dashes.
        """
        parser = self._parser(Arguments(), callee)
        argument = next(iter(arguments.positional), None)
        classes = argument.items if isinstance(argument, Sequence) else [argument] if argument is not None else []
        options = _options(parser)
        if isinstance(argument, Sequence):
            options.open = argument.open
        for each in classes:
            name = each.name.rpartition(".")[2] if isinstance(each, Symbol) else ""
            if name in TRAINING_ARGUMENTS and each.name.startswith("transformers."):  # type: ignore[union-attr]
                options.items += _training_fields(name, span)
                continue
            if not isinstance(each, UserClass) or each.fields is None or each.foreign is not None:
                options.open = options.open or unknown("has the options of a class that is defined elsewhere", span)
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
        """Record that a parser reads the command line, or other arguments. Returns the result."""
        source = arguments.positional[0] if arguments.positional else arguments.keywords.get("args")
        other = arguments.open
        if source is not None and not _is_command_line(source):
            other = unknown("may parse something other than the command line", span)
        if self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional:
            other = unknown("may not reach the call that reads the command line", span)
        options = _options(parser)
        items = [item for item in options.items if isinstance(item, Instance)]
        open_ = other or parser.escaped or options.open
        names = parser.attributes.get(NAMES)
        commands = None
        if isinstance(names, Sequence):
            commands = tuple(str(each.value) for each in names.items if isinstance(each, Constant))
            if names.open is not None or len(commands) < len(names.items):
                open_ = open_ or unknown("has unknown subcommands", span)
        elif names is not None:
            open_ = open_ or unknown("may have subcommands", span)
        use = Use(parser, items, span, name in STRICT_METHODS, open_, commands)
        former = self.seen.uses.get(span)
        if former is not None and (former.options != items or former.open is not None):
            use.open = use.open or former.open or unknown("has different options at different times", span)
        if not (self.uncalled_depth and former is not None):
            self.seen.uses[span] = use
        namespace = unknown(is_a(f"what `{name}()` returns"), span)
        if name in STRICT_METHODS:
            return namespace
        return Sequence("tuple", [namespace, unknown(is_a("the arguments that a parser does not know"), span)], span)

    def _record_print(self, kind: str, span: Span) -> None:
        """Record a call that prints or logs; it may print other lines each time that it is interpreted."""
        call = self.calls.get(span)
        if call is None:
            return
        named = {each.arg for each in call.keywords}
        is_whole = kind in ("log", "warning") or ("end" not in named and None not in named)
        shown = self.seen.printed.setdefault(span, PrintedLines({}, span, False, False, kind, is_whole))
        reader = self._lines if len(shown.lines) < MAX_LINES_PER_CALL else self._general_lines
        shown.lines |= dict.fromkeys(_read_lines(call, kind, reader))
        if kind == "piece":
            shown.is_whole &= len(call.args) == 1 and reader.ends_line(call.args[0])
        shown.in_loop |= self.interpreter.loop_depth > 0
        shown.is_sure |= not self.interpreter.is_conditional

    def generalize(self) -> None:
        """Add to each print the lines with everything that its names are ever bound to, since calls were skipped."""
        for span, shown in self.seen.printed.items():
            shown.lines |= dict.fromkeys(_read_lines(self.calls[span], shown.kind, self._general_lines))

    def _record_folder_read(self, path: Value, span: Span) -> None:
        """Record the certain read of a channel's folder."""
        text = path.value if isinstance(path, Constant) else None
        if not isinstance(text, str) or not text.startswith(INPUT) or PIPE.search(text):
            return
        if not (self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional):
            self.seen.folders.setdefault(span, text.removeprefix(INPUT).partition("/")[0])

    def _record_environment_read(self, name: Value, span: Span, *, is_required: bool) -> None:
        former = self.seen.environment.get(span)
        self.seen.environment[span] = EnvironmentRead(
            name, span, is_required or (former is not None and former.is_required)
        )


def _training_fields(name: str, span: Span) -> Iterator[Instance]:
    """The options for the fields of Transformers' own dataclass of a name.

    ``string_to_bool`` reads booleans, and a field that is true has an option that turns it off.
    """
    data = generated("training_arguments")
    for of in TRAINING_ARGUMENTS[name]:
        for field, kind in data["classes"][of].items():
            flags: list[Value] = [Constant(f"--{each}", span) for each in (field, field.replace("_", "-"))]
            type_: dict[str, Value] = {"type": Symbol(f"builtins.{kind}", span)} if kind in ("int", "float") else {}
            open_ = None if type_ else unknown("is a field", span)
            yield Instance(FIELD, Arguments(flags[: 1 + ("_" in field)], type_, open=open_), span)
            if field in data["true_by_default"]:
                off: list[Value] = [Constant(f"--no_{field}", span)]
                yield Instance(FIELD, Arguments(off, {"action": Constant("store_false", span)}), span)


def _read_lines(call: ast.Call, kind: str, reader: Lines) -> list[Template]:
    """The lines that a call prints or logs."""
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


def _is_command_line(value: Value) -> bool:
    """Whether a value is what a parser reads by default: None, or ``sys.argv[1:]``."""
    if isinstance(value, Constant):
        return value.value is None
    return isinstance(value, Symbol) and value.name == "sys.argv[1:]"


def _parser_of(receiver: Instance) -> Instance | None:
    """The parser that an object is, or belongs to; None if there is none."""
    for _ in range(10):
        if receiver.cls == PARSER:
            return receiver
        above = receiver.attributes.get(PARENT) if receiver.cls == GROUP else None
        if not isinstance(above, Instance):
            return None
        receiver = above
    return None


def _options(parser: Instance) -> Sequence:
    """The current options of a parser."""
    found = parser.attributes.get(OPTIONS)
    if not isinstance(found, Sequence):
        found = Sequence("list", [], parser.span, unknown("has unknown options", parser.span))
        parser.attributes[OPTIONS] = found
    return found

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
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Function,
    Instance,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES
from hpolint.readers.python.training_script.local_files import is_generator, opened_address
from hpolint.readers.python.training_script.mistaken_calls import (
    XGBOOST_TRAIN,
    booster_keys,
    ignored_stopping,
    is_tuner,
    launches_search,
)
from hpolint.readers.python.training_script.monitors import is_monitor
from hpolint.readers.python.training_script.printed_lines import Lines
from hpolint.readers.python.training_script.receivers import is_model, is_optimizer
from hpolint.readers.python.training_script.script_trees import argument_of
from hpolint.readers.python.training_script.wildcards import Wildcards

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

PARSER, GROUP, COMMANDS, OPTION = "argparse.ArgumentParser", "argparse.Group", "argparse.Commands", "argparse.Option"
OPTIONS, PARENT, NAMES = "options", "of", "commands"
STRICT_METHODS = frozenset({"parse_args", "parse_intermixed_args"})
FIELD = "transformers.Field"
PARSE_METHODS = STRICT_METHODS | {"parse_known_args", "parse_known_intermixed_args"}
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

FITTING = frozenset({"fit", "fit_transform", "fit_predict"})
"""Methods of models that compare the model's parameters with the values that they accept."""

FIT_METHODS = frozenset({"fit", "fit_generator"})
CALLBACK = ".callbacks.Callback"
"""The end of the full name of Keras's base class of callbacks."""

HOOKS = {"on_train_begin": 0, "on_train_end": 0, "on_epoch_begin": 1, "on_epoch_end": 1}
"""The methods of a callback that Keras certainly calls, with the number of loops around their calls."""

ENVIRONMENT = "os.environ"


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
    is_fixed: bool = False
    """Whether it certainly parses a list that is written in the script, and not the command line."""


class PrintedLines(msgspec.Struct):
    """A call that prints or logs, and the lines that it may print.

    ``lines`` says of each line whether it is certainly printed if the script runs to its end.
    """

    lines: dict[Template, bool]
    in_loop: bool
    kind: str
    is_whole: bool = True
    """Whether each printed line is complete: with ``end``, the next print may continue it."""

    def add(self, lines: list[Template], *, is_sure: bool) -> None:
        """Add the lines of one time that the call is interpreted."""
        for line in lines:
            self.lines[line] = is_sure or self.lines.get(line, False)


class EnvironmentRead(msgspec.Struct):
    """A read of an environment variable."""

    name: Value
    is_required: bool


class ScriptUses(msgspec.Struct):
    """The calls that were interpreted in a script, by span: a call counts once, however often it is interpreted."""

    uses: dict[Span, Use] = {}
    printed: dict[Span, PrintedLines] = {}
    environment: dict[Span, EnvironmentRead] = {}
    folders: dict[Span, str] = {}
    undefined_names: dict[Span, str] = {}
    comparing: dict[Span, str] = {}
    """The calls of a library that certainly compare their arguments with its limits, by the library's name for them: of
    an optimizer, of a function that trains, and of the constructor of a model which is fitted as it is."""
    booster_keys: dict[Span, dict[str, Span]] = {}
    """The places of the names of the parameters in the dict that ``xgboost.train`` gets, by its call."""
    option_reads: dict[Span, str] = {}
    """The reads of attributes of the parsed arguments that are certainly reached, with the attributes' names."""
    unrepeated_option_reads: dict[Span, str] = {}
    """Those of them that are in no loop, which might have no pass."""
    searches: dict[Span, None] = {}
    """The calls that certainly start a tuning job."""
    addresses: dict[Span, str] = {}
    """The calls that certainly open an address in S3 as a local file, with the known beginning of the address."""
    monitors: dict[Span, list[tuple[str, Arguments]]] = {}
    """The names and arguments with which each call of a class that watches a metric was interpreted."""
    own_calls: dict[Span, bool] = {}
    """The calls whose function is one of the script's, and whether it is each time that they are interpreted."""
    ignored_stopping: dict[Span, Span] = {}
    """The places of ``early_stopping_rounds`` where XGBoost ignores it, by the call that trains."""


class ScriptLibraries(LibraryModel):
    """The libraries of a training script. ``calls`` are the calls in its syntax trees, by span."""

    def __init__(self, wildcards: Wildcards) -> None:
        self.recorded = ScriptUses()
        self.calls: dict[Span, ast.Call] = {}
        self._constructors: dict[Span, Span] = {}
        """The calls that construct a model of a library, by the places of the names of their classes."""
        self._namespaces: dict[int, Unknown] = {}
        """What the calls that parse the command line return, by the identity of the value."""
        self._callbacks: list[UserClass] = []
        """The script's classes of which an object is certainly passed to Keras's ``fit`` as a callback."""
        self._changed: set[Span] = set()
        """The places of the names of the classes of models that a method may have changed."""
        self.interpreter: Interpreter
        self._lines = Lines(lambda name: self.interpreter.scope.find(name), wildcards)
        self._general_lines = Lines(lambda _: None, wildcards)

    def is_read_only(self, module: str) -> bool:
        """Whether the functions of a top-level module leave the dicts and lists in their arguments unchanged."""
        return module in LAUNCH_LIBRARIES

    def applied(self, function: Value, span: Span) -> None:
        """Record whether the function of a call is one of the script's."""
        is_own = isinstance(function, Function) and _is_unchanged(function.owner)
        if is_own or span in self.recorded.own_calls:
            self.recorded.own_calls[span] = is_own and self.recorded.own_calls.get(span, True)

    def call(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of calling an imported object."""
        made = self._made(name, arguments, callee, span)
        if made is not None:
            return made
        self._record_monitor(name, arguments, span)
        self._record_address(name, arguments, span)
        kind = _print_kind(name)
        if kind is not None:
            self._record_print(kind, span)
        elif name in FOLDER_READERS and arguments.positional:
            self._record_folder_read(arguments.positional[0], span)
        elif name == XGBOOST_TRAIN:
            self._record_training(name, arguments, span)
        elif is_optimizer(name) and self._is_reached:
            self.recorded.comparing.setdefault(span, name)
        return None

    def _record_monitor(self, name: str, arguments: Arguments, span: Span) -> None:
        if is_monitor(name) and not (self.uncalled_depth or self.turned_off_depth):
            self.recorded.monitors.setdefault(span, []).append((name, arguments))

    def _record_address(self, name: str, arguments: Arguments, span: Span) -> None:
        address = opened_address(name, arguments)
        if address is not None and self._is_reached:
            self.recorded.addresses.setdefault(span, address)

    def _record_training(self, name: str, arguments: Arguments, span: Span) -> None:
        place = ignored_stopping(name, arguments)
        if place is not None and not (self.uncalled_depth or self.turned_off_depth):
            self.recorded.ignored_stopping.setdefault(span, place)
        keys = booster_keys(arguments)
        if keys is not None and self._is_reached:
            self.recorded.comparing.setdefault(span, name)
            self.recorded.booster_keys.setdefault(span, keys)

    def _made(self, name: str, arguments: Arguments, callee: Span, span: Span) -> Instance | None:
        """The parser or the model that a call constructs; None if it constructs neither."""
        if name == PARSER:
            return self._parser(arguments, callee)
        if name.startswith("transformers.") and name.endswith(".HfArgumentParser"):
            return self._dataclass_parser(arguments, callee, span)
        if is_model(name):
            self._constructors[callee] = span
            return Instance(name, arguments, callee)
        if is_tuner(name) or is_generator(name):
            return Instance(name, arguments, callee)
        return None

    def _record_use_of_model(self, model: Instance, method: str) -> None:
        """Record the constructor of a model that is fitted, unless the model may have been changed since."""
        if model.span not in self._constructors:
            return
        if method not in FITTING:
            self._changed.add(model.span)
        elif self._is_reached and model.escaped is None and not model.attributes and model.span not in self._changed:
            self.recorded.comparing.setdefault(self._constructors[model.span], model.cls)

    def logged(self, name: str, arguments: Arguments, span: Span) -> None:  # noqa: ARG002
        """Record a call of a logger."""
        self._record_print("log", span)

    @property
    def _is_reached(self) -> bool:
        """Whether the script certainly comes to the current statement."""
        return not (self.uncalled_depth or self.turned_off_depth or self.interpreter.is_conditional)

    def undefined_name_read(self, name: str, span: Span) -> None:
        """Record the read of a name that is not bound, if the read is certainly reached."""
        if self._is_reached:
            self.recorded.undefined_names.setdefault(span, name)

    def attribute_read(self, receiver: Value, name: str, span: Span) -> None:
        """Record the read of an attribute of the parsed arguments, if the read is certainly reached."""
        if id(receiver) in self._namespaces and self._is_reached:
            self.recorded.option_reads.setdefault(span, name)
            if not self.interpreter.loop_depth:
                self.recorded.unrepeated_option_reads.setdefault(span, name)

    def variable_read(self, name: Value, span: Span) -> None:
        """Record the read of an environment variable that may be missing."""
        self._record_environment_read(name, span, is_required=False)

    def item_used(self, value: Value, span: Span, index: Value | None = None) -> None:
        """Record the read of an environment variable."""
        if isinstance(value, Symbol) and value.name == ENVIRONMENT and index is not None:
            self._record_environment_read(index, span, is_required=not self.interpreter.is_conditional)

    def method(self, receiver: Value, name: str, arguments: Arguments, callee: Span, span: Span) -> Value | None:
        """The result of a method of a parser, of a group of its options, or of its subparsers."""
        self._record_callbacks(name, arguments)
        if isinstance(receiver, Either) and name in PARSE_METHODS:
            return self._parsed_by_alias(receiver, name, span)
        if not isinstance(receiver, Instance) or receiver.user_class is not None:
            return None
        if receiver.cls == COMMANDS and name == "add_parser":
            return self._command(receiver, arguments, callee)
        parser = _parser_of(receiver)
        if parser is None:
            self._record_method(receiver, name, span)
            self._record_address(f"{receiver.cls}.{name}", arguments, span)
            return None
        if name in PARSE_METHODS and receiver is parser:
            return self._parsed(parser, name, arguments, span)
        return self._parser_method(parser, name, arguments, callee=callee, span=span)

    def _record_callbacks(self, method: str, arguments: Arguments) -> None:
        """Record the script's own classes among the callbacks that Keras's ``fit`` certainly gets."""
        callbacks = arguments.keywords.get("callbacks")
        if method not in FIT_METHODS or not isinstance(callbacks, Sequence) or not self._is_reached:
            return
        for callback in callbacks.items:
            if isinstance(callback, Instance) and callback.user_class is not None:
                self._callbacks.append(callback.user_class)

    def loops_around(self, function: Function) -> int | None:
        """The number of Keras's loops around its calls of a method of a callback; None for other functions."""
        owner = function.owner
        if owner is None or not (owner.imported or "").endswith(CALLBACK):
            return None
        is_passed = any(owner is callback or owner in callback.ancestors for callback in self._callbacks)
        return HOOKS.get(function.name) if is_passed else None

    def _record_method(self, receiver: Instance, name: str, span: Span) -> None:
        """Record a method of a model or a tuner."""
        if launches_search(receiver, name):
            if self._is_reached:
                self.recorded.searches.setdefault(span)
        else:
            self._record_use_of_model(receiver, name)

    def _parser_method(self, parser: Instance, name: str, arguments: Arguments, *, callee: Span, span: Span) -> Value:
        match name:
            case "add_argument":
                _options(parser).items.append(Instance(OPTION, arguments, callee))
                return unknown(is_a("an option of a parser"), span)
            case "add_argument_group" | "add_mutually_exclusive_group":
                return Instance(GROUP, arguments, callee, {PARENT: parser})
            case "add_subparsers":
                parser.attributes[NAMES] = names = Sequence("list", [], span)
                return Instance(COMMANDS, arguments, callee, {PARENT: parser, NAMES: names})
            case "parse_args_into_dataclasses":
                rest = arguments.keywords.get("return_remaining_strings")
                is_strict = rest is None or (isinstance(rest, Constant) and not rest.value)
                self._parsed(parser, "parse_args" if is_strict else "parse_known_args", Arguments(), span)
                return unknown(is_a(f"what `{name}()` returns"), span)
        return Constant(None, span)

    def _parsed_by_alias(self, receiver: Either, name: str, span: Span) -> Value | None:
        """Record that an alias of a parser, one of several or an escaped one, reads the command line."""
        for candidate in receiver.candidates:
            parser = _parser_of(candidate)
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
        options = _options(parser)
        classes = arguments.positional[:1]
        if classes and isinstance(classes[0], Sequence):
            options.open = classes[0].open
            classes = classes[0].items
        for cls in classes:
            options.items += _field_options(cls, callee, span)
            if not _has_known_fields(cls):
                options.open = options.open or unknown("has the options of a class that is defined elsewhere", span)
        return parser

    def _command(self, commands: Instance, arguments: Arguments, callee: Span) -> Instance:
        names = commands.attributes.get(NAMES)
        if isinstance(names, Sequence) and arguments.positional:
            names.items.append(arguments.positional[0])
        return Instance(PARSER, arguments, callee, {OPTIONS: Sequence("list", [], callee)})

    def _parsed(self, parser: Instance, name: str, arguments: Arguments, span: Span) -> Value:
        """Record that a parser reads the command line, or other arguments. Returns the result."""
        options = _options(parser)
        commands, open_commands = _commands(parser, span)
        use = Use(
            parser=parser,
            options=[option for option in options.items if isinstance(option, Instance)],
            span=span,
            is_strict=name in STRICT_METHODS,
            open=self._other_source(arguments, span) or parser.escaped or options.open or open_commands,
            commands=commands,
            is_fixed=self._is_reached and _is_written_list(_source_of(arguments)),
        )
        self._record_use(use)
        namespace = unknown(is_a(f"what `{name}()` returns"), span)
        self._namespaces[id(namespace)] = namespace
        if use.is_strict:
            return namespace
        return Sequence("tuple", [namespace, unknown(is_a("the arguments that a parser does not know"), span)], span)

    def _other_source(self, arguments: Arguments, span: Span) -> Unknown | None:
        """Why a parser may read something else than the command line; None if it reads that."""
        if not self._is_reached:
            return unknown("may not reach the call that reads the command line", span)
        source = _source_of(arguments)
        if source is not None and not _is_command_line(source):
            return unknown("may parse something other than the command line", span)
        return arguments.open

    def _record_use(self, use: Use) -> None:
        former = self.recorded.uses.get(use.span)
        if former is not None and (former.options != use.options or former.open is not None):
            use.open = use.open or former.open or unknown("has different options at different times", use.span)
        if former is None or not self.uncalled_depth:
            self.recorded.uses[use.span] = use

    def _record_print(self, kind: str, span: Span) -> None:
        """Record a call that prints or logs; it may print other lines each time that it is interpreted."""
        call = self.calls.get(span)
        if call is None:
            return
        named = {keyword.arg for keyword in call.keywords}
        is_whole = kind in ("log", "warning") or named.isdisjoint(("end", None))
        shown = self.recorded.printed.setdefault(span, PrintedLines({}, False, kind, is_whole))
        reader = self._lines if len(shown.lines) < MAX_LINES_PER_CALL else self._general_lines
        shown.add(_read_lines(call, kind, reader), is_sure=not self.interpreter.is_conditional)
        if kind == "piece":
            shown.is_whole &= len(call.args) == 1 and reader.ends_line(call.args[0])
        shown.in_loop |= self.interpreter.loop_depth > 0

    def generalize(self) -> None:
        """Add to each print the lines with everything that its names are ever bound to, since calls were skipped."""
        for span, shown in self.recorded.printed.items():
            shown.add(_read_lines(self.calls[span], shown.kind, self._general_lines), is_sure=False)

    def _record_folder_read(self, path: Value, span: Span) -> None:
        """Record the certain read of a channel's folder."""
        text = str(path.value) if isinstance(path, Constant) else ""
        if text.startswith(INPUT) and not PIPE.search(text) and self._is_reached:
            self.recorded.folders.setdefault(span, text.removeprefix(INPUT).partition("/")[0])

    def _record_environment_read(self, name: Value, span: Span, *, is_required: bool) -> None:
        former = self.recorded.environment.get(span)
        is_required = is_required or (former is not None and former.is_required)
        self.recorded.environment[span] = EnvironmentRead(name, is_required)


def _is_unchanged(owner: UserClass | None) -> bool:
    """Whether a method is the one that its class defines: no decorator or metaclass may have replaced it."""
    return owner is None or owner.foreign is None or owner.imported is not None


def _print_kind(name: str) -> str | None:
    """How a function prints; None if it does not."""
    if name in LOG_FUNCTIONS:
        return "log"
    if name == WARN_FUNCTION:
        return "warning"
    if name.endswith(PARTIAL_LINE_FUNCTIONS):
        return "piece"
    return "print" if name in PRINT_FUNCTIONS or name.endswith(WRITE_FUNCTIONS) else None


def _commands(parser: Instance, span: Span) -> tuple[tuple[str, ...] | None, Unknown | None]:
    """The names of a parser's subparsers, None without any, and why there may be others."""
    names = parser.attributes.get(NAMES)
    if names is None:
        return None, None
    if not isinstance(names, Sequence):
        return None, unknown("may have subcommands", span)
    commands = tuple(str(name.value) for name in names.items if isinstance(name, Constant))
    if names.open is not None or len(commands) < len(names.items):
        return commands, unknown("has unknown subcommands", span)
    return commands, None


def _has_known_fields(cls: Value) -> bool:
    if isinstance(cls, Symbol):
        return cls.name.startswith("transformers.") and cls.name.rpartition(".")[2] in TRAINING_ARGUMENTS
    return isinstance(cls, UserClass) and cls.fields is not None and cls.foreign is None


def _field_options(cls: Value, callee: Span, span: Span) -> Iterator[Instance]:
    """The options for the known fields of a dataclass."""
    if isinstance(cls, UserClass):
        for field in cls.fields or ():
            flags = _flags(span, field, field.replace("_", "-"))
            yield Instance(OPTION, Arguments(flags, open=unknown("is a field", span)), callee)
    elif isinstance(cls, Symbol) and _has_known_fields(cls):
        yield from _training_fields(cls.name.rpartition(".")[2], span)


def _flags(span: Span, *names: str) -> list[Value]:
    return [Constant(f"--{name}", span) for name in dict.fromkeys(names)]


def _training_fields(name: str, span: Span) -> Iterator[Instance]:
    """The options for the fields of Transformers' own dataclass of a name.

    ``string_to_bool`` reads booleans, and a field that is true has an option that turns it off.
    """
    data = generated("training_arguments")
    for of in TRAINING_ARGUMENTS[name]:
        for field, kind in data["classes"][of].items():
            arguments = Arguments(_flags(span, field, field.replace("_", "-")))
            if kind in ("int", "float"):
                arguments.keywords["type"] = Symbol(f"builtins.{kind}", span)
            else:
                arguments.open = unknown("is a field", span)
            yield Instance(FIELD, arguments, span)
            if field in data["true_by_default"]:
                off = Arguments(_flags(span, f"no_{field}"), {"action": Constant("store_false", span)})
                yield Instance(FIELD, off, span)


def _read_lines(call: ast.Call, kind: str, reader: Lines) -> list[Template]:
    """The lines that a call prints or logs."""
    if kind == "warning":
        return [(TEXT,)]
    if kind == "log":
        return _logged_lines(call, reader)
    match argument_of(call, "sep"):
        case None | ast.Constant(value=None):
            return reader.printed(call.args, " ")
        case ast.Constant(value=separator):
            return reader.printed(call.args, str(separator))
    return [(TEXT,)]


def _logged_lines(call: ast.Call, reader: Lines) -> list[Template]:
    message = argument_of(call, "msg")
    lines = reader.logged(call.args if message is None else [message, *call.args])
    has_traceback = isinstance(call.func, ast.Attribute) and call.func.attr == "exception"
    if has_traceback or any(keyword.arg in ("exc_info", "stack_info", None) for keyword in call.keywords):
        lines.append((TEXT,))
    return lines


def _source_of(arguments: Arguments) -> Value | None:
    """What a call parses; None for the command line."""
    return next(iter(arguments.positional), arguments.keywords.get("args"))


def _is_written_list(value: Value | None) -> bool:
    """Whether a value is a list of known texts."""
    if not isinstance(value, Sequence) or value.open is not None:
        return False
    return all(isinstance(item, Constant) for item in value.items)


def _is_command_line(value: Value) -> bool:
    """Whether a value is what a parser reads by default: None, or ``sys.argv[1:]``."""
    if isinstance(value, Constant):
        return value.value is None
    return isinstance(value, Symbol) and value.name == "sys.argv[1:]"


def _parser_of(receiver: Value | None) -> Instance | None:
    """The parser that an object is, or belongs to; None if there is none."""
    for _ in range(10):
        if not isinstance(receiver, Instance):
            return None
        if receiver.cls == PARSER:
            return receiver
        receiver = receiver.attributes.get(PARENT) if receiver.cls == GROUP else None
    return None


def _options(parser: Instance) -> Sequence:
    """The current options of a parser."""
    options = parser.attributes.get(OPTIONS)
    if not isinstance(options, Sequence):
        options = Sequence("list", [], parser.span, unknown("has unknown options", parser.span))
        parser.attributes[OPTIONS] = options
    return options

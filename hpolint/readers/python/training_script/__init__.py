"""The reader of a training script, by abstract interpretation: its command line parsers, its prints and its reads."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator

from hpolint.data.constructor_limits import library_of
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.model.training_script import (
    Broken,
    ChannelUse,
    Construction,
    Doubt,
    KeyRead,
    Parser,
    Script,
    ScriptArguments,
    ScriptErrors,
    ScriptExecution,
    ScriptFolders,
    ScriptOutput,
    Site,
    VariableRead,
)
from hpolint.readers.python.blanks import blank_at, blank_reason
from hpolint.readers.python.interpreter.interpreter import Interpreter, Limits, TooMuchError
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.values import Constant
from hpolint.readers.python.training_script.argument_reads import (
    checkpoints,
    is_only_read,
    key_reads,
    other_reads,
    saves_in_loop,
)
from hpolint.readers.python.training_script.channel_reads import channels_read_alike
from hpolint.readers.python.training_script.command_functions import command_parsers
from hpolint.readers.python.training_script.devices import stays_on_cpu
from hpolint.readers.python.training_script.environment_reads import variable_reads
from hpolint.readers.python.training_script.epoch_loops import first_epoch_end
from hpolint.readers.python.training_script.evaluated_sets import evaluated_sets
from hpolint.readers.python.training_script.local_files import may_have_address
from hpolint.readers.python.training_script.marks import log_marks
from hpolint.readers.python.training_script.model_saves import model_save
from hpolint.readers.python.training_script.monitors import Monitors
from hpolint.readers.python.training_script.needed_options import failing_uses
from hpolint.readers.python.training_script.objects_in_s3 import written_objects
from hpolint.readers.python.training_script.option_uses import OptionUses
from hpolint.readers.python.training_script.parsers import parser_of
from hpolint.readers.python.training_script.print_calls import has_trainer, other_prints, printed
from hpolint.readers.python.training_script.receivers import Receivers
from hpolint.readers.python.training_script.script_libraries import ScriptLibraries
from hpolint.readers.python.training_script.script_start import (
    LeftBehind,
    imported_whatever_happens,
    is_empty,
    legacy_doubt,
    legacy_functions,
    may_distribute,
    not_uploaded,
    runs_nothing,
)
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.undeclared_options import undeclared_option
from hpolint.readers.python.training_script.undefined import undefined
from hpolint.readers.python.training_script.unkept_models import UnkeptModels
from hpolint.readers.python.training_script.unread_hyperparameters import reads_no_hyperparameters
from hpolint.readers.python.training_script.wildcards import Wildcards
from hpolint.readers.python.versions import may_be_other_python

MAX_MODULES = 40
"""Modules of one script that are interpreted."""

LIMITS = Limits(precise_steps=2_000, range_passes=10)
"""The code that reads the command line comes first in a script, and a loop over a range repeats the training."""

CHANNEL = "SM_CHANNEL_"
TEMPLATE = lazy_regex(r"\{\{|\{%|<%|\$\{")
"""What a line of a template has that is filled in before the script runs."""

INSTALL = lazy_regex(r"pip\d?\b.{0,40}\binstall\b", re.DOTALL)
"""Code that installs packages."""

FOLDER_MAKERS = (
    *("makedirs", "mkdir", "symlink", "copytree", "move", "rename", "system", "run", "call", "check_call", "Popen"),
    *("download", "download_file", "snapshot_download", "extractall", "unpack_archive", "exists", "isdir", "is_dir"),
)
"""Functions that may make the folder of a channel, or look whether it is there."""


class ScriptReader:
    """Reads one script.

    ``find`` returns a module that is uploaded with the script, by its imported name. ``left_behind`` returns a
    module of that name that is beside the script or its folder, and not uploaded. ``may_install`` is whether what is
    uploaded may install a package, which then is not the image's.
    """

    def __init__(
        self,
        name: str,
        unit: Unit,
        find: Callable[[str], Unit | None],
        left_behind: LeftBehind = lambda _module, _names: None,
        may_install: Callable[[str], bool] = lambda _package: False,
    ) -> None:
        self._left_behind = left_behind
        self._may_install = may_install
        self._name = name
        self._unit = unit
        self._find = find
        self._trees = ScriptTrees()
        self._wildcards = Wildcards(self._trees)
        self._libraries = ScriptLibraries(self._wildcards)
        self._libraries.calls = self._trees.calls
        self._doubt: Doubt | None = None
        self._unparsed: dict[str, tuple[Problem, Unit]] = {}

    def script(self) -> Script:
        """The script's facts. It is never run, and no error is raised."""
        start = _start(self._unit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                root = self._unit.parse()
            except Problem as problem:
                doubt = Doubt(f"cannot be parsed: {problem.reason}", start)
                return Script(
                    name=self._name,
                    sources=(self._unit.source,),
                    arguments=ScriptArguments(unread=doubt),
                    output=ScriptOutput(others=doubt),
                    errors=ScriptErrors(undefined=doubt, broken=_broken(self._unit, problem, self._name)),
                )
            self._trees.add(self._unit, root)
            interpreter = Interpreter(self._libraries, self._module, LIMITS)
            self._libraries.interpreter = interpreter
            interpreter.scope.names["__name__"] = Constant("__main__", self._unit.start)
            try:
                interpreter.run(self._unit, root)
                interpreter.finish()
            except TooMuchError:
                self._doubt = Doubt("has more statements and calls than are analysed", start)
        return self._read(start)

    def _module(self, name: str, _importing: Unit) -> tuple[Unit, ast.Module] | None:
        """A module that the script imports; None if it is not uploaded with it, or cannot be parsed."""
        if len(self._trees.units) >= MAX_MODULES:
            return None
        unit = self._find(name)
        if unit is None:
            return None
        unit.number = len(self._trees.units)
        self._trees.modules.add(name.strip(".").partition(".")[0])
        try:
            root = unit.parse()
        except Problem as problem:
            self._doubt = self._doubt or Doubt(f"cannot be parsed: {problem.reason}", _start(unit))
            self._unparsed.setdefault(name, (problem, unit))
            return None
        self._trees.add(unit, root)
        return unit, root

    def _read(self, start: Site) -> Script:
        if self._libraries.interpreter.has_skipped_calls:
            self._libraries.generalize()
        recorded, trees, bindings = self._libraries.recorded, self._trees, self._wildcards.bindings
        receivers = self._receivers()
        parsers = self._parsers(receivers)
        elsewhere = other_reads(trees)
        keys = key_reads(trees) if elsewhere is None and not legacy_functions(trees) else ()
        unread = self._doubt
        if unread is None and not parsers and not keys:
            unread = Doubt("has no parser that is known to read its command line", start)
        is_whole = self._doubt is None
        units = (*trees.units, *(unit for _, unit in self._unparsed.values()))
        return Script(
            name=self._name,
            sources=tuple(dict.fromkeys(unit.source for unit in units)),
            arguments=self._arguments(
                parsers, unread, elsewhere, keys, () if receivers is None else receivers.constructions()
            ),
            output=ScriptOutput(
                prints=tuple(printed(recorded, trees)),
                others=other_prints(recorded, trees) or self._doubt or legacy_doubt(trees, start),
                marks=log_marks(trees, bindings),
                has_trainer=has_trainer(trees),
                evaluated=evaluated_sets(trees, bindings) if is_whole else (),
            ),
            folders=ScriptFolders(
                channels=tuple(self._channels()),
                alike=channels_read_alike(recorded, trees) if is_whole else (),
                checkpoints=checkpoints(trees),
                model_save=model_save(trees, bindings) if is_whole else None,
                saves_in_loop=saves_in_loop(trees),
                unkept=UnkeptModels(trees, bindings).first() if is_whole else None,
                objects=written_objects(trees) if is_whole else (),
            ),
            errors=ScriptErrors(
                undefined=self._doubt or tuple(undefined(recorded.undefined_names, trees)),
                not_uploaded=tuple(not_uploaded(trees, self._left_behind)),
                undeclared=undeclared_option(recorded, trees) if is_whole else None,
                broken=self._broken_module(),
                address=self._opened_address(),
            ),
            execution=ScriptExecution(
                runs_nothing=is_whole and runs_nothing(trees),
                is_empty=is_whole and is_empty(trees),
                legacy_functions=legacy_functions(trees),
                may_distribute=not is_whole or may_distribute(trees),
                stays_on_cpu=is_whole and stays_on_cpu(trees),
                search=self._first_site(recorded.searches),
                ignored_stopping=self._first_site(recorded.ignored_stopping.values()),
                first_epoch_end=first_epoch_end(trees, bindings),
                monitors=tuple(Monitors(recorded.monitors, trees, bindings).all()) if is_whole else (),
            ),
        )

    def _arguments(
        self,
        parsers: tuple[Parser, ...],
        unread: Doubt | None,
        elsewhere: Doubt | None,
        keys: tuple[KeyRead, ...],
        constructions: tuple[Construction, ...],
    ) -> ScriptArguments:
        uses = self._libraries.recorded.uses
        is_fixed = bool(uses) and all(use.is_fixed for use in uses.values())
        fixed: Site | None = None
        is_only_reader = elsewhere is None and not keys and not self._trees.has_commands
        if is_fixed and is_only_reader and self._doubt is None:
            fixed = self._first_site(uses)
        variables: tuple[VariableRead, ...] = ()
        if self._doubt is None and not keys:
            variables = variable_reads(self._libraries.recorded, self._trees)
        return ScriptArguments(
            parsers=parsers,
            elsewhere=elsewhere,
            unread=unread,
            fixed=fixed,
            variables=variables,
            keys=keys,
            constructions=constructions,
            reads_none=self._reads_none(parsers),
        )

    def _reads_none(self, parsers: tuple[Parser, ...]) -> bool:
        """Whether the script certainly reads no hyperparameter."""
        is_open = bool(parsers) or self._doubt is not None
        return not is_open and reads_no_hyperparameters(self._trees, self._left_behind)

    def _opened_address(self) -> Site | None:
        """Where the script certainly opens an address in S3 as a local file, and fails."""
        return None if may_have_address(self._trees) else self._first_site(self._libraries.recorded.addresses)

    def _first_site(self, spans: Iterable[Span]) -> Site | None:
        return next((self._trees.site(span) for span in spans), None)

    def _parsers(self, receivers: Receivers | None) -> tuple[Parser, ...]:
        uses = self._libraries.recorded.uses
        by_member = {} if receivers is None else receivers.by_member()
        option_uses = OptionUses(self._trees, self._wildcards.bindings, receivers)
        failing = failing_uses(self._libraries.recorded, self._trees, self._wildcards.bindings)
        parsers = tuple(parser_of(uses[span], self._trees, by_member, failing, option_uses) for span in sorted(uses))
        if not parsers:
            parsers = tuple(command_parsers(self._trees))
            self._trees.has_commands = bool(parsers)
        return parsers

    def _receivers(self) -> Receivers | None:
        """The constructors of the image's libraries that get options; None without any."""
        recorded = self._libraries.recorded
        if not recorded.comparing or any(INSTALL.search(unit.text) for unit in self._trees.units):
            return None
        comparing = {span: name for span, name in recorded.comparing.items() if self._is_from_image(name)}
        if not comparing:
            return None
        return Receivers(comparing, recorded.booster_keys, self._trees, self._wildcards.bindings)

    def _is_from_image(self, constructor: str) -> bool:
        """Whether nothing that is uploaded may install another version of a constructor's library than the image's."""
        return not any(map(self._may_install, library_of(constructor).distributions))

    def _broken_module(self) -> Broken | None:
        """The first module that the script imports whatever happens, and that no version of Python 3 parses."""
        for name in imported_whatever_happens(self._trees):
            if name in self._unparsed:
                problem, unit = self._unparsed[name]
                return _broken(unit, problem, unit.source.name)
        return None

    def _channels(self) -> Iterator[ChannelUse]:
        for span, read in self._libraries.recorded.environment.items():
            name = str(read.name.value) if isinstance(read.name, Constant) else ""
            if name.startswith(CHANNEL):
                is_required = read.is_required and is_only_read(self._trees, name)
                yield ChannelUse(name.removeprefix(CHANNEL), self._trees.site(span), is_required)
        may_make = bool(self._trees.calls_of(*FOLDER_MAKERS)) or self._doubt is not None
        for span, name in self._libraries.recorded.folders.items():
            yield ChannelUse(name, self._trees.site(span), not may_make)


def _start(unit: Unit) -> Site:
    """The first character of a file."""
    return Site(unit.source.name, unit.between(0, min(1, len(unit.text))))


def _broken(unit: Unit, problem: Problem, file: str) -> Broken | None:
    """Where and why no version of Python 3 parses a file; None if one may, or if it is a template."""
    number = unit.text.count("\n", 0, problem.offset)
    lines = unit.text.split("\n")
    line = lines[number]
    if not problem.is_syntax_error or TEMPLATE.search(line) or may_be_other_python(line, problem.reason):
        return None
    offset = min(problem.offset, max(len(unit.text) - 1, 0))
    site = Site(unit.source.name, unit.between(offset, offset + 1))
    blank = blank_at(lines, number)
    reason = problem.reason if blank is None else blank_reason(blank)
    return Broken(file, f"line {number + 1}: {reason}", site, is_blank=blank is not None)

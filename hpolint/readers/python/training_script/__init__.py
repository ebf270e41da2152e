"""A training script, followed without being run: the parsers that read its command line, what it prints and reads."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable

from hpolint.model.training_script import ChannelUse, Doubt, Script, Site
from hpolint.readers.python.interpreter.interpreter import Interpreter, TooMuchError
from hpolint.readers.python.interpreter.units import Problem, Unit
from hpolint.readers.python.interpreter.values import Constant
from hpolint.readers.python.training_script.argument_reads import checkpoints, elsewhere, only_read
from hpolint.readers.python.training_script.command_functions import command_parsers
from hpolint.readers.python.training_script.marks import log_marks
from hpolint.readers.python.training_script.parsers import parser_of
from hpolint.readers.python.training_script.print_calls import other_prints, printed
from hpolint.readers.python.training_script.script_libraries import ScriptLibraries
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.undefined import undefined
from hpolint.readers.python.training_script.wildcards import Wildcards

MOST_MODULES = 40
"""Modules of one script that are followed."""

TIRED_AFTER = 2_000
"""Steps after which calls of a script are not followed into any more: what reads its command line comes first."""

CHANNEL = "SM_CHANNEL_"


class ScriptReader:
    """Reads one script. ``find`` gives the modules that are uploaded with it, by the names that it imports."""

    def __init__(self, name: str, unit: Unit, find: Callable[[str], Unit | None]) -> None:
        self._name = name
        self._unit = unit
        self._find = find
        self._trees = ScriptTrees()
        self._holes = Wildcards(self._trees)
        self._world = ScriptLibraries(self._holes)
        self._world.calls = self._trees.calls
        self._lost: Doubt | None = None

    def script(self) -> Script:
        """What the script does. It is never run, and nothing is raised."""
        start = Site(self._unit.source.name, self._unit.between(0, min(1, len(self._unit.text))))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                root = self._unit.parse()
            except Problem as problem:
                doubt = Doubt(f"cannot be parsed: {problem.reason}", start)
                return Script(self._unit.source, self._name, unread=doubt, other_prints=doubt, undefined=doubt)
            self._add(self._unit, root)
            follower = Interpreter(self._world, self._module, TIRED_AFTER)
            self._world.interpreter = follower
            follower.scope.names["__name__"] = Constant("__main__", self._unit.start)
            try:
                follower.run(self._unit, root)
                follower.finish()
            except TooMuchError:
                self._lost = Doubt("has more statements and calls than are followed", start)
        return self._read(start)

    def _module(self, name: str) -> tuple[Unit, ast.Module] | None:
        """A module that the script imports, if it lies beside it."""
        unit = self._find(name) if len(self._trees.units) < MOST_MODULES else None
        if unit is None:
            return None
        unit.number = len(self._trees.units)
        self._trees.modules.add(name.strip(".").partition(".")[0])
        try:
            root = unit.parse()
        except Problem as problem:
            place = unit.between(0, min(1, len(unit.text)))
            self._lost = self._lost or Doubt(f"cannot be parsed: {problem.reason}", Site(unit.source.name, place))
            return None
        self._add(unit, root)
        return unit, root

    def _add(self, unit: Unit, root: ast.Module) -> None:
        self._trees.add(unit, root)

    def _read(self, start: Site) -> Script:
        if self._world.interpreter.has_skipped_calls:
            self._world.generalize()
        seen, trees = self._world.seen, self._trees
        parsers = tuple(parser_of(use, trees) for _, use in sorted(seen.uses.items(), key=lambda item: item[0]))
        if not parsers:
            parsers = tuple(command_parsers(trees))
            trees.has_commands = bool(parsers)
        lost = self._lost
        if lost is None and not parsers:
            lost = Doubt("has no parser that is known to read its command line", start)
        return Script(
            self._unit.source,
            self._name,
            parsers,
            elsewhere(trees),
            lost,
            tuple(printed(seen, trees)),
            other_prints(seen, trees) or self._lost,
            log_marks(trees, self._holes.bindings),
            self._lost or tuple(undefined(seen.missing, trees)),
            channels=tuple(self._channels()),
            checkpoints=checkpoints(trees),
            sources=tuple(dict.fromkeys(unit.source for unit in trees.units)),
        )

    def _channels(self) -> list[ChannelUse]:
        found = []
        for asked in self._world.seen.environment.values():
            name = asked.name.value if isinstance(asked.name, Constant) else None
            if isinstance(name, str) and name.startswith(CHANNEL):
                site = self._trees.site(asked.span)
                is_required = asked.is_required and only_read(self._trees, name)
                found.append(ChannelUse(name.removeprefix(CHANNEL), site, is_required))
        return found

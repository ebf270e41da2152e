"""R scripts and notebooks with a kernel of R, interpreted statically to find the tuning jobs that they launch."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from msgspec.structs import replace

from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.source import Cell, Source, Span
from hpolint.model.spelling import R
from hpolint.readers.python.imported_files import ImportedFiles
from hpolint.readers.python.interpreter.interpreter import Interpreter
from hpolint.readers.python.interpreter.operators import aliases
from hpolint.readers.python.interpreter.units import Problem, Unit, module_unit
from hpolint.readers.python.interpreter.values import unknown
from hpolint.readers.python.named_definitions import names_definition
from hpolint.readers.python.notebook import Placement, code_cells
from hpolint.readers.python.reader import Dialect, read_units
from hpolint.readers.python.sdk import Sdk
from hpolint.readers.r.chunks import chunks
from hpolint.readers.r.parser import parse
from hpolint.readers.r.program_facts import Facts, facts_of
from hpolint.readers.r.r_interpreter import RInterpreter
from hpolint.readers.r.syntax import Block, If, Name, Node
from hpolint.readers.r.translation import translate


class RUnit(Unit):
    """A unit of R: its syntax tree, or why it has none."""

    tree: ast.Module | None = None
    problem: Problem | None = None

    def parse(self) -> ast.Module:
        """The tree. Raises Problem."""
        if self.tree is None:
            assert self.problem is not None
            raise Problem(self.problem.reason, self.problem.offset, is_syntax_error=self.problem.is_syntax_error)
        return self.tree


def read_r(source: Source) -> Reading:
    """The tuning jobs of a script."""
    return _read(source, [module_unit(source)])


def read_r_notebook(source: Source) -> Reading:
    """The tuning jobs of a notebook with a kernel of R. Raises SyntaxProblem for one that is no JSON."""
    units: list[Unit] = []
    for number, start, text in code_cells(source):
        placement = Placement(source.text, start)
        units.append(Unit(source, text, placement, number, number))
        # The name says in which language the comments of the cell are.
        source.cells.append(Cell(number, Source(f"{source.name}.R", text), placement, start))
    return _read(source, units)


def read_document(source: Source) -> Reading:
    """The tuning jobs of a document of R Markdown or Quarto: of its chunks of R, and of those of Python.

    Names of the two languages do not meet: `py$x` and `r.x` are unknown. A chunk that is only shown is not read.
    """
    units, uncertain = _units_of_chunks(source)
    reading = _read(source, units["r"], uncertain)
    certain = [unit for unit in units["python"] if unit.number not in uncertain]
    if certain:
        other = read_units(source, certain)
        reading.take(other)
        reading.unread = _unread_of(reading, other)
    return reading


def _units_of_chunks(source: Source) -> tuple[dict[str, list[Unit]], set[int]]:
    """The units of a document by their language, and the numbers of those that may run, or not."""
    units: dict[str, list[Unit]] = {"r": [], "python": []}
    uncertain: set[int] = set()
    for number, chunk in enumerate(chunks(source.text)):
        if chunk.runs is False or chunk.engine not in units:
            continue
        if chunk.runs is None:
            uncertain.add(number)
        text = source.text[chunk.start : chunk.end]
        units[chunk.engine].append(Unit(source, text, _place(chunk.start), None, number))
    return units, uncertain


def _unread_of(first: Reading, second: Reading) -> Callable[[], list[Span]]:
    """What gives the places that two readings of one document did not read."""
    unread = [reading.unread for reading in (first, second) if reading.unread is not None]

    def places() -> list[Span]:
        found: list[Span] = []
        for own_places in unread:
            found += own_places()
        return found

    return places


def _place(start: int) -> Callable[[int], tuple[int, int]]:
    """The offsets in the document of a character of a chunk."""
    return lambda offset: (start + offset, start + offset + 1)


def _read(source: Source, units: list[Unit], uncertain: Collection[int] = ()) -> Reading:
    """The reading of some units. Those with ``uncertain`` numbers may run, or not."""
    programs = [_program(unit, is_certain=unit.number not in uncertain) for unit in units]
    nodes: list[Node] = []
    for program in programs:
        if not isinstance(program, Problem):
            nodes += program
    facts = facts_of(nodes)
    own = [_translated(unit, program, facts) for unit, program in zip(units, programs, strict=True)]

    def interpreter(sdk: Sdk, _: ImportedFiles) -> Interpreter:
        return RInterpreter(sdk, facts)

    dialect = Dialect(interpreter, _interpret_unit, _tree, is_python=False)
    reading = read_units(source, own, dialect)
    for job in (*reading.jobs, *reading.jobs_of_others):
        job.spelling = replace(job.spelling, words=R)
    return reading


def _program(unit: Unit, *, is_certain: bool) -> list[Node] | Problem:
    """The expressions of a unit; those of one that may not run are the branch of a test."""
    try:
        program = parse(unit.text)
    except Problem as problem:
        return problem
    if is_certain or not program:
        return program
    return [_perhaps(program)]


def _perhaps(program: list[Node]) -> Node:
    """Code that runs if an option says so."""
    start, end = program[0].start, program[-1].end
    return If(start, end, Name(start, start, "the option eval"), Block(start, end, program), None)


def _translated(unit: Unit, program: list[Node] | Problem, facts: Facts) -> Unit:
    """The unit with its tree."""
    own = RUnit(unit.source, unit.text, unit.place, unit.cell, unit.number)
    if isinstance(program, Problem):
        own.problem = program
        return own
    try:
        own.tree = translate(program, unit.text, facts)
    except RecursionError:
        own.problem = Problem("nested too deep to be read", 0)
    return own


def _tree(unit: Unit) -> ast.Module:
    return unit.parse()


def _interpret_unit(unit: Unit, interpreter: Interpreter, reading: Reading) -> ast.Module | None:
    """Interpret a unit and return its tree. One that does not parse may set any name."""
    try:
        tree = unit.parse()
    except Problem as problem:
        if names_definition(unit.text):
            offset = min(problem.offset, max(len(unit.text) - 1, 0))
            reading.problems.append(ReadingProblem(problem.reason, unit.between(offset, offset + 1)))
        why = unknown("may be set by code that does not parse", unit.start)
        names = interpreter.scope.names
        names.update({name: aliases([value], why) for name, value in names.items()})
        return None
    interpreter.run(unit, tree)
    return tree

"""Python source and notebooks, interpreted statically to find the tuning jobs that they launch."""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

import msgspec
from msgspec.structs import replace

from hpolint import schema
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import PYTHON_SUFFIXES
from hpolint.model.job import Observation, Reading, ReadingProblem, TuningJob, parts_of
from hpolint.model.launch_texts import marked, unread_launches
from hpolint.model.node import Struct, place
from hpolint.model.observations import FixedName
from hpolint.model.source import Cell, Source, Span
from hpolint.model.training_code import Code
from hpolint.readers.carried import coerced, set_item_anchors
from hpolint.readers.python.blank_addresses import without_blank_addresses
from hpolint.readers.python.blanks import blank_at, blank_reason
from hpolint.readers.python.call_comments import spot_comments
from hpolint.readers.python.earlier_runs import earlier_runs
from hpolint.readers.python.expanded_paths import with_expanded_paths
from hpolint.readers.python.failing_imports import observe_imports
from hpolint.readers.python.imported_files import ImportedFiles
from hpolint.readers.python.installs import observe_installs
from hpolint.readers.python.interpreter.deployed_values import leave_to_papermill
from hpolint.readers.python.interpreter.forgetting import forget_cell
from hpolint.readers.python.interpreter.interpreter import Interpreter, TooMuchError
from hpolint.readers.python.interpreter.paths import HERE, path
from hpolint.readers.python.interpreter.units import BEGINNING, STRIDE, Places, Problem, Unit
from hpolint.readers.python.named_definitions import DEFINES, first_definition, names_definition, names_set, names_used
from hpolint.readers.python.nbconvert import script_units
from hpolint.readers.python.notebook import notebook_units, shell_lines, without_magics
from hpolint.readers.python.notebook_commands import may_change_csv
from hpolint.readers.python.placed_launches import placed_launches
from hpolint.readers.python.sdk import Sdk
from hpolint.readers.python.sdk.launches import Launched
from hpolint.readers.python.sdk.mocks import expected_failures, is_test, mocks_service, patches_sdk
from hpolint.readers.python.sdk.uploads import WRITER, CsvFiles
from hpolint.readers.python.sdk.written_requests import WrittenRequests, may_write_requests
from hpolint.readers.python.undefined_names import observe_undefined
from hpolint.readers.python.unread_calls import unread_calls
from hpolint.readers.python.versions import later_python
from hpolint.readers.shell import LAUNCH_REASON
from hpolint.syntax import SyntaxProblem

IMPORT = lazy_regex(r"(?:import|from) ")
Trees = list[tuple[Unit, ast.Module]]
SHELL_CELL = lazy_regex(r"\s*%%(?:bash|sh|script|system|sx|!)")


def read_python(source: Source) -> Reading:
    """The tuning jobs of a module."""
    return read_units(source, script_units(source))


def read_notebook(source: Source) -> Reading:
    """The tuning jobs of a notebook. A cell that does not parse does not affect the others."""
    try:
        units = notebook_units(source)
    except SyntaxProblem as problem:
        reading = Reading()
        if DEFINES.search(source.text):
            reading.problems.append(ReadingProblem(problem.reason, problem.span))
        return reading
    source.written = with_expanded_paths(source.written, units)
    reading = read_units(source, units)
    reading.problems += _shell_launches(source)
    earlier_runs(source, reading.jobs)
    observe_installs(source, reading.jobs)
    return reading


class Dialect(msgspec.Struct, frozen=True):
    """How the units of a language that the interpreter runs are parsed and interpreted.

    ``interpreter`` makes an interpreter from a model of the SDK and the files that a source imports. ``interpret`` runs
    a unit, adds what cannot be read to the reading, and returns the unit's tree; None if it does not parse.
    """

    interpreter: Callable[[Sdk, ImportedFiles], Interpreter]
    interpret: Callable[[Unit, Interpreter, Reading], ast.Module | None]
    parsed: Callable[[Unit], ast.Module]
    is_python: bool = True


def read_units(source: Source, units: list[Unit], dialect: Dialect | None = None) -> Reading:
    """The tuning jobs of some units of a source, which are Python if there is no other dialect."""
    dialect = dialect or PYTHON
    reading = Reading()
    numbers = {unit.number for unit in units}
    files = ImportedFiles(source, max(numbers, default=0) + 1)
    requests = _written_requests(source, units) if dialect.is_python else None
    sdk = Sdk(files, requests, _csv_files(source))
    interpreter = dialect.interpreter(sdk, files)
    places = Places(
        units,
        interpreter.variables,
        files.units,
        interpreter.imports.uses,
        has_defaults=not is_test(source.name),
    )
    if not source.cells:
        interpreter.scope.names["__file__"] = path(HERE + posixpath.basename(source.name), BEGINNING)
    trees = _interpret(units, interpreter, places, reading, dialect)
    sdk.finish()
    # Jobs of an imported module belong to the module's own file.
    launches = [launched for launched in sdk.requests() if launched.site.line // STRIDE not in files.units]
    is_mocked = _is_mocked(source, units)
    mocked_sites = {launched.site for launched in launches if is_mocked and launched.form == "boto3"}
    mocked_sites |= _patched_sites(source, units, launches)
    for launched in _without_failing(launches, source, units):
        if launched.site not in mocked_sites:
            variable = interpreter.variables.get(launched.site)
            reading.jobs.append(_placed_job(launched, source, places, files.units, variable))
            reading.taken += _taken_parts(launched, source, files.units)
    if dialect.is_python:
        observe_imports(source, trees, reading.jobs)
        observe_undefined(source, units, trees, reading.jobs, sdk.unbound_reads)
    if not is_mocked:
        for launched in sdk.requests_from(numbers):
            reading.jobs_of_others.append(_placed_job(launched, source, places, files.units, variable=None))
    for call in sdk.commands:
        if call.line // STRIDE in numbers:
            reading.problems.append(ReadingProblem(LAUNCH_REASON, places.span(call, BEGINNING), is_launch=True))
    reading.modules = [unit.source for unit in files.units.values()]
    with_configs = not reading.jobs and not is_test(source.name)
    accounted = sdk.accounted()
    reading.unread = partial(_unread_places, source, units, accounted, sdk.unread, dialect, with_configs=with_configs)
    reading.mocked_calls = len(mocked_sites)
    if is_mocked:
        reading.mocked_calls += len(reading.unread())
        reading.unread = list
    return reading


def _written_requests(source: Source, units: list[Unit]) -> WrittenRequests | None:
    """What reads the requests in the dicts of a source; None if no code of it can have one."""
    if is_test(source.name) or not any(may_write_requests(unit.text) for unit in units):
        return None
    return WrittenRequests(frozenset(unit.number for unit in units))


def _csv_files(source: Source) -> CsvFiles:
    """What knows the CSV files that a source writes."""
    return CsvFiles(is_complete=WRITER not in source.text or not may_change_csv(source))


def _taken_parts(launched: Launched, source: Source, units: Mapping[int, Unit]) -> Iterator[tuple[str, Span]]:
    """The parts of a request that is sent and that other files write: the name of each file, and the span in it."""
    if launched.is_disabled or is_test(source.name):
        return
    for part in parts_of(launched.folded.request):
        unit = units.get(part.line // STRIDE)
        if unit is not None:
            yield unit.source.name, unit.resolved(part)


def _is_mocked(source: Source, units: list[Unit]) -> bool:
    """Whether a source is a test that mocks the service.

    Only a test by its name is believed: elsewhere an import of moto would hide a launch from a policy.
    """
    return is_test(source.name) and mocks_service(source.text, units)


def _patched_sites(source: Source, units: list[Unit], launches: list[Launched]) -> set[Span]:
    """The tuners that a test makes and does not launch itself, while it replaces members of the SDK."""
    if not is_test(source.name) or not patches_sdk(units):
        return set()
    numbers = {unit.number for unit in units}
    sites: set[Span] = set()
    for launched in launches:
        calling_units = {call.line // STRIDE for call in launched.calls}
        if calling_units.isdisjoint(numbers):
            sites.add(launched.site)
    return sites


def _without_failing(launches: list[Launched], source: Source, units: list[Unit]) -> list[Launched]:
    """The launches but those that a test expects to fail: all their calls, or the one that makes it if none does."""
    if not is_test(source.name):
        return launches
    failing = expected_failures(units)
    lines = [(launched, {call.line for call in launched.calls or [launched.site]}) for launched in launches]
    return [launched for launched, own_lines in lines if not own_lines <= failing]


def _interpret(
    units: list[Unit], interpreter: Interpreter, places: Places, reading: Reading, dialect: Dialect
) -> Trees:
    """Interpret the units of a source, as far as they have no more statements than hpolint interprets.

    Returns those that parse, with their syntax trees.
    """
    trees: Trees = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are not hpolint's to report
            for unit in units:
                tree = dialect.interpret(unit, interpreter, reading)
                if tree is not None:
                    trees.append((unit, tree))
        interpreter.finish({unit.number for unit in units})
    except TooMuchError:
        call = first_definition(units)
        if call is not None:
            reason = "the source has more statements and calls than hpolint interprets"
            reading.problems.append(ReadingProblem(reason, places.span(call, BEGINNING)))
    return trees


def _placed_job(
    launched: Launched, source: Source, places: Places, imported_units: Collection[int], variable: str | None
) -> TuningJob:
    """The job of a launch, with the places of its values in the source. ``imported_units`` are those of other files."""
    request, imported = places.request(launched.folded.request, [*launched.calls, launched.site])
    if launched.form == "cloudformation":
        request = _converted(source, request)
    set_item_anchors(request)
    cell = source.in_cell(request.span)
    observed = without_blank_addresses(_without_fixed_name(launched.observations, source), source)
    observations = [_placed_observation(observation, request, places) for observation in observed]
    own_calls = ((span, call) for span, call in launched.callees.items() if span.line // STRIDE not in imported_units)
    return TuningJob(
        form=launched.form,
        source=source,
        request=request,
        cell=cell[0].number if cell is not None else None,
        observations=[*observations, *spot_comments(source, request)],
        spelling=launched.spelling,
        carrier=launched.carrier,
        variable=variable,
        calls=list(dict.fromkeys(places.span(call, request.anchor) for call in launched.calls)),
        codes={path: _placed_code(code, request, places) for path, code in launched.codes.items()},
        imported=imported,
        callees={places.span(span, request.anchor): call for span, call in own_calls},
        launches=placed_launches(launched.folded, request, source, places),
        has_more_launches=launched.has_more_launches,
        is_disabled=launched.is_disabled,
        is_unused=launched.is_unused,
        extent=places.span(launched.extent, request.anchor) if launched.extent is not None else None,
    )


def _converted(source: Source, request: Struct) -> Struct:
    """The request of a resource of the CDK, whose values CloudFormation converts."""
    converted = coerced(source, request, schema.REQUEST)
    return converted if isinstance(converted, Struct) else request


def _unread_places(
    source: Source,
    units: list[Unit],
    accounted: set[Span],
    unread: set[Span],
    dialect: Dialect,
    *,
    with_configs: bool,
) -> list[Span]:
    """The places that may launch a job that is not read: in the units, and in a notebook's other cells."""
    by_number = {unit.number: unit for unit in units}
    unread_units = [(by_number.get(span.line // STRIDE), span) for span in unread]
    spans = [unit.resolved(span) for unit, span in unread_units if unit is not None]
    for unit in units:
        spans += _unread_in(unit, accounted, dialect.parsed, with_configs=with_configs)
    for file in source.written:
        if file.path.endswith(PYTHON_SUFFIXES):
            spans += _unread_in(Unit(source, file.text, file.place), set(), _parsed, with_configs=with_configs)
    return spans + _unread_commands(source)


def _unread_commands(source: Source) -> list[Span]:
    """The places in the shell cells and shell lines of a notebook that may launch a job."""
    texts = [(cell, cell.text.text) for cell in source.shells]
    texts += [(cell, shell_lines(cell.text.text)) for cell in source.cells]
    spans: list[Span] = []
    for cell, text in texts:
        spans += [_span_in(source, cell, start, end) for start, end in marked(text)]
    return spans


def _span_in(source: Source, cell: Cell, start: int, end: int) -> Span:
    """The span of a part of a cell's text."""
    return source.span(cell.place(start)[0], cell.place(end - 1)[1])


def _unread_in(
    unit: Unit, accounted: set[Span], parsed: Callable[[Unit], ast.Module], *, with_configs: bool
) -> list[Span]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = parsed(unit)
            places = unread_calls(unit, tree, accounted, with_configs=False)
            if with_configs and not places:
                places = unread_calls(unit, tree, accounted, with_configs=True)
        except Problem:
            return [unit.between(start, end) for start, end in marked(unit.text)]
    return [unit.resolved(place) for place in places]


def _shell_launches(source: Source) -> Iterator[ReadingProblem]:
    """The commands in shell lines and shell cells of a notebook that start a job with a definition not read."""
    texts = [(cell, shell_lines(cell.text.text)) for cell in source.cells]
    texts += [(cell, cell.text.text) for cell in source.shells if SHELL_CELL.match(cell.text.text)]
    for cell, text in texts:
        for start, end in unread_launches(text):
            yield ReadingProblem(LAUNCH_REASON, _span_in(source, cell, start, end), is_launch=True)


def _without_fixed_name(observations: list[Observation], source: Source) -> list[Observation]:
    """The observations without that of a fixed name in a test, which may run where no earlier run has left its jobs."""
    if not is_test(source.name):
        return observations
    return [observation for observation in observations if not isinstance(observation.observed, FixedName)]


def _placed_observation(observation: Observation, request: Struct, places: Places) -> Observation:
    default = place(request, observation.path)[0]
    return Observation(observation.path, places.span(observation.span, default), observation.observed)


def _placed_code(code: Code, request: Struct, places: Places) -> Code:
    if code.unknown is None:
        return code
    return replace(code, unknown=places.unknown(code.unknown, request.anchor))


def _interpret_unit(unit: Unit, interpreter: Interpreter, reading: Reading) -> ast.Module | None:
    """Interpret a unit and return its syntax tree.

    One that does not parse is reported if it names a definition, and its names are unknown.
    """
    try:
        tree = _parsed(unit)
    except Problem as problem:
        if names_definition(unit.text):
            _report_problem(unit, problem, reading)
        if unit.text != unit.source.text:  # a cell, which may be a string in a script: the code around it still runs
            interpreter.run(unit, _imports(unit))
            forget_cell(interpreter, unit, names_set(unit.text), names_used(unit.text))
        return None
    interpreter.run(unit, tree)
    if unit.is_for_parameters:
        leave_to_papermill(interpreter.scope, unit)
    return tree


def _report_problem(unit: Unit, problem: Problem, reading: Reading) -> None:
    """Report a unit that does not parse: a problem, or a notice if it needs a later Python."""
    offset = min(problem.offset, max(len(unit.text) - 1, 0))
    place = unit.between(offset, offset + 1)
    number = unit.text.count("\n", 0, offset)
    lines = unit.text.split("\n")
    later = later_python(lines[number], problem.reason)
    blank = blank_at(lines, number)
    if blank is not None:
        reading.problems.append(ReadingProblem(blank_reason(blank), place, is_blank=True))
    elif later is None:
        reading.problems.append(ReadingProblem(problem.reason, place))
    else:
        cell = f"cell {unit.cell}, " if unit.cell is not None else ""
        reading.notices.append(f"not read: {cell}line {number + 1} {later}")


def _parsed(unit: Unit) -> ast.Module:
    """The unit's syntax tree: as plain Python, else without IPython's lines. Raises Problem if neither parses.

    A script may contain such lines too, if it is run interactively.
    """
    try:
        return unit.parse()
    except Problem as problem:
        plain = Problem(problem.reason, problem.offset)  # a copy, since the raised one references this frame
    text = without_magics(unit.text)
    try:
        return Unit(unit.source, text, unit.place, unit.cell, unit.number).parse()
    except Problem:
        if unit.cell is None:
            raise plain from None  # the error of the file as plain Python
        raise


def _imports(unit: Unit) -> ast.Module:
    """The imports of a cell that does not parse: later cells need them."""
    lines = [line if IMPORT.match(line) and _parses(line) else "" for line in unit.text.split("\n")]
    return ast.parse("\n".join(lines))


def _parses(line: str) -> bool:
    try:
        ast.parse(line)
    except (SyntaxError, ValueError):
        return False
    return True


def _interpreter(sdk: Sdk, files: ImportedFiles) -> Interpreter:
    return Interpreter(sdk, files.module, imported_units=files.units)


PYTHON = Dialect(_interpreter, _interpret_unit, _parsed)

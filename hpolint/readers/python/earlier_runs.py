"""What a notebook's stored outputs show of an earlier run: the table of trials that the SDK's analytics return.

A table belongs to a job only if it has exactly the job's tuned parameters, its values lie within their ranges, and the
execution counts show that the job's cell was run before and not again since. It is an observation of a run in the past:
no field of the request becomes known by it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec

from hpolint.model.job import OBJECTIVE, Observation, TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, follow
from hpolint.model.observations import BestAtBound, EarlierRun
from hpolint.model.source import Source, Span

SECONDS, STATUS, RESULT = "TrainingElapsedTimeSeconds", "TrainingJobStatus", "FinalObjectiveValue"
OTHER_COLUMNS = frozenset(
    {
        SECONDS,
        STATUS,
        RESULT,
        "TrainingJobName",
        "TrainingStartTime",
        "TrainingEndTime",
        "TrainingJobDefinitionName",
        "",
    }
)
"""The columns besides the tuned parameters.

Source: sagemaker 2.257.7, ``analytics.HyperparameterTuningJobAnalytics._fetch_dataframe``.
"""

ELLIPSIS = "..."
"""Pandas writes it for columns and rows that it leaves out."""

DECIMALS = 6
"""Decimals of a number that pandas shows by default."""

CONFIG = "HyperParameterTuningJobConfig"
RANGES = (CONFIG, "ParameterRanges")
TOLERANCE = 1e-5
"""By how much a shown value may differ from the exact one, as a part of it: pandas shows six digits."""

MIN_TRIALS, MIN_INTEGERS, MARGIN = 5, 10, 0.01
"""The least number of trials with different results, and of steps in an integer range, for a value at a bound to say
something, and the part of a continuous range that counts as its bound: by chance a uniform value is in one of the two
in 1 of 50 cases."""

BEST_SHOWN = 3
"""The best trials of an earlier run whose values are shown beside a range."""

WIDE = 100.0
"""From this ratio of its bounds on, the margin of a range is that of its logarithms."""


class Table(msgspec.Struct, frozen=True):
    """A table of trials in the output of a cell: its columns, and its rows as texts."""

    cell: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def values(self, column: str) -> list[str]:
        """The texts of a column; none if the table does not show it."""
        if column not in self.columns:
            return []
        place = self.columns.index(column)
        return [row[place] for row in self.rows]

    @property
    def failed(self) -> int:
        """The number of trials that have failed."""
        return self.values(STATUS).count("Failed")

    @property
    def parameters(self) -> frozenset[str]:
        """The columns of tuned parameters."""
        return frozenset(self.columns) - OTHER_COLUMNS - {ELLIPSIS}


class Range(msgspec.Struct, frozen=True):
    """A tuned parameter: the path of its range, and its numeric bounds or its categories."""

    path: Path
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    is_integer: bool = False

    def has(self, text: str) -> bool:
        """Whether the range contains a value, as pandas shows it: rounded, and a small number less than a large one."""
        if self.low is None or self.high is None:
            shown = {*self.categories, *(category.strip("\"'") for category in self.categories)}
            return text.strip("\"'") in shown or number(text) in set(map(number, shown)) - {None}
        value = number(text)
        if value is None:
            return False
        slack, last_digit = TOLERANCE * max(abs(self.low), abs(self.high)), 10.0**-DECIMALS
        return self.low - max(slack / 10, last_digit) <= value <= self.high + max(slack, last_digit)


def earlier_runs(source: Source, jobs: list[TuningJob]) -> None:
    """Add to a notebook's jobs what its outputs show of their earlier runs."""
    for job, table in _longest_tables(source, jobs).items():
        job.observations += _observations(source, job, table)


def best_values(source: Source, jobs: list[TuningJob]) -> dict[TuningJob, dict[str, list[float]]]:
    """The numbers of each tuned parameter in the best trials of earlier runs that a notebook shows, the best first."""
    values: dict[TuningJob, dict[str, list[float]]] = {}
    for job, table in _longest_tables(source, jobs).items():
        rows = [row for _, row in sorted(_results(job, table))[:BEST_SHOWN]]
        values[job] = {name: _numbers(table, rows, name) for name in table.parameters}
    return values


def _numbers(table: Table, rows: list[tuple[str, ...]], name: str) -> list[float]:
    """The numbers of a column in some rows."""
    place = table.columns.index(name)
    numbers = [number(row[place]) for row in rows]
    return [value for value in numbers if value is not None]


def _longest_tables(source: Source, jobs: list[TuningJob]) -> dict[TuningJob, Table]:
    """The longest table of trials that a notebook's outputs show of each job, in the order of the jobs."""
    if SECONDS not in source.text:
        return {}
    counts, tables = _outputs(source.text)
    shown: dict[TuningJob, list[Table]] = {}
    for table in tables:
        job = _job_of(table, jobs, counts)
        if job is not None:
            shown.setdefault(job, []).append(table)
    return {job: max(shown[job], key=lambda table: len(table.rows)) for job in jobs if job in shown}


def _outputs(text: str) -> tuple[dict[int, int], list[Table]]:
    """The execution counts of the cells, by their numbers from 1, and the tables of trials in their outputs."""
    counts: dict[int, int] = {}
    tables: list[Table] = []
    for cell_number, cell in enumerate(_cells(text), 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            if isinstance(cell.get("execution_count"), int):
                counts[cell_number] = cell["execution_count"]
            tables += _tables(cell.get("outputs"), cell_number)
    return counts, tables


def _cells(text: str) -> list[Any]:
    try:
        cells = json.loads(text).get("cells")
    except (ValueError, RecursionError, AttributeError):
        return []
    return cells if isinstance(cells, list) else []


def _tables(outputs: Any, cell: int) -> Iterator[Table]:
    """The tables of trials in the outputs of a cell."""
    for output in outputs if isinstance(outputs, list) else ():
        page = _page(output)
        if SECONDS in page:
            from hpolint.readers.python.html_tables import first_table

            table = _table(first_table(page), cell)
            if table is not None:
                yield table


def _page(output: Any) -> str:
    """The HTML of an output; empty if it has none."""
    match output:
        case {"data": {"text/html": str(page)}}:
            return page
        case {"data": {"text/html": [*lines]}}:
            return "".join(line for line in lines if isinstance(line, str))
    return ""


def _table(rows: list[list[str]], cell: int) -> Table | None:
    """A table of trials by its rows; None if it does not show finished trials."""
    if not rows or SECONDS not in rows[0] or len(set(rows[0])) < len(rows[0]):
        return None
    shown = [tuple(row) for row in rows[1:] if len(row) == len(rows[0]) and set(row[1:]) != {ELLIPSIS}]
    return Table(cell, tuple(rows[0]), tuple(shown)) if shown else None


def _job_of(table: Table, jobs: list[TuningJob], counts: dict[int, int]) -> TuningJob | None:
    """The job whose trials a table shows; None if none or several can be meant."""
    by_cell: dict[int, list[TuningJob]] = {}
    for job in jobs:
        if job.cell is not None and job.cell <= table.cell and _fits(table, job):
            by_cell.setdefault(job.cell, []).append(job)
    last = max(by_cell, default=0)
    ran = counts.get(table.cell)
    if ran is None or counts.get(last, ran + 1) > ran or len(by_cell.get(last, ())) != 1:
        return None
    return by_cell[last][0]


def _fits(table: Table, job: TuningJob) -> bool:
    """Whether a table has a job's tuned parameters, with values within their ranges."""
    ranges = _ranges(job)
    is_cut = ELLIPSIS in table.columns
    if not ranges or not table.parameters <= ranges.keys() or not (is_cut or table.parameters == ranges.keys()):
        return False
    return all(_holds(ranges[name], table.values(name)) for name in table.parameters)


def _holds(range_: Range, texts: list[str]) -> bool:
    return all(range_.has(text) for text in texts if text != "NaN")


def _ranges(job: TuningJob) -> dict[str, Range]:
    """The tuned parameters by their names; empty if not all are known."""
    ranges: dict[str, Range] = {}
    lists = follow(job.request, RANGES)
    if not isinstance(lists, Struct) or lists.open is not None:
        return {}
    for kind, items in lists.members.items():
        if not isinstance(items, Array) or items.open is not None:
            return {}
        for index, item in enumerate(items.items):
            name = _scalar(item, "Name")
            range_ = _range((*RANGES, kind, index), item)
            if not isinstance(name, str) or range_ is None:
                return {}
            ranges[name] = range_
    return ranges


def _range(path: Path, item: Node) -> Range | None:
    values = follow(item, ("Values",))
    if isinstance(values, Array):
        texts = [str(value.value) for value in values.items if isinstance(value, Scalar)]
        if values.open is not None or len(texts) < len(values.items):
            return None
        return Range(path, categories=tuple(texts))
    low, high = (number(str(_scalar(item, name))) for name in ("MinValue", "MaxValue"))
    if low is None or high is None:
        return None
    return Range(path, low, high, is_integer="IntegerParameterRanges" in path)


def _scalar(node: Node, name: str) -> object:
    member = follow(node, (name,))
    return member.value if isinstance(member, Scalar) else None


def number(text: str) -> float | None:
    """A finite number, as pandas shows it; None for other texts."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _observations(source: Source, job: TuningJob, table: Table) -> Iterator[Observation]:
    """The earlier run that a table shows, and the bounds at which its best trial lies."""
    span = _first_line(source, table.cell)
    statuses = table.values(STATUS) or ["Completed"] * len(table.rows)
    done = [text for text, status in zip(table.values(SECONDS), statuses, strict=True) if status == "Completed"]
    seconds = [round(time) for time in map(number, done) if time is not None and time > 0]
    if not seconds or span is None:
        return
    run = EarlierRun(len(table.rows), table.failed, round(math.fsum(seconds) / len(seconds)), seconds, table.cell)
    yield Observation((), span, run)
    best = _best(job, table)
    if best is not None:
        yield from _at_bounds(job, table, best)


def _at_bounds(job: TuningJob, table: Table, best: tuple[str, ...]) -> Iterator[Observation]:
    """The bounds at which the best trial lies, and no other trial nearer to them."""
    for name, range_ in _ranges(job).items():
        text = best[table.columns.index(name)] if name in table.columns else ""
        value = number(text)
        if value is None:
            continue
        end = _end(range_, value, _half_unit(text))
        if end is None:
            continue
        path = (*range_.path, "MaxValue" if end == "highest" else "MinValue")
        bound = follow(job.request, path)
        if isinstance(bound, Scalar) and _is_nearest(job, table, name, value, bound):
            at_bound = BestAtBound(name, f"{value:g}", str(bound.value), end, len(table.rows), table.cell)
            yield Observation(path, bound.span, at_bound)


def _is_nearest(job: TuningJob, table: Table, name: str, value: float, bound: Scalar) -> bool:
    """Whether no other trial has a value nearer to a bound; a trial that the table does not show might have one."""
    limit = number(str(bound.value))
    if limit is None or value == limit:
        return limit is not None
    others = [number(text) for text in table.values(name)]
    distances = [abs(other - limit) for other in others if other is not None]
    return _is_whole(job, table) and min(distances) == abs(value - limit)


def _first_line(source: Source, number: int) -> Span | None:
    """The span of the first line of the cell with a number; None if that is empty."""
    cell = next((cell for cell in source.cells if cell.number == number), None)
    length = len(cell.text.text.partition("\n")[0]) if cell is not None else 0
    if cell is None or length == 0:
        return None
    return source.span(cell.place(0)[0], cell.place(length - 1)[1])


def _best(job: TuningJob, table: Table) -> tuple[str, ...] | None:
    """The row of the best trial; None if the table may show only some trials and is not sorted from the best one on."""
    known = _results(job, table)
    values = [value for value, _ in known]
    if len(set(values)) < MIN_TRIALS or not (_is_whole(job, table) or values == sorted(values)):
        return None
    return min(known, key=lambda result: result[0])[1]


def _results(job: TuningJob, table: Table) -> list[tuple[float, tuple[str, ...]]]:
    """The rows with a result, each with a number that is the smaller, the better; none if that is not known."""
    direction = follow(job.request, (CONFIG, OBJECTIVE, "Type"))
    if not isinstance(direction, Scalar) or RESULT not in table.columns:
        return []
    sign = -1 if direction.value == "Maximize" else 1
    results = zip(map(number, table.values(RESULT)), table.rows, strict=True)
    return [(sign * value, row) for value, row in results if value is not None]


def _is_whole(job: TuningJob, table: Table) -> bool:
    """Whether a table has as many trials as the job may run; the service may have replaced those that failed."""
    limit = follow(job.request, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs"))
    return isinstance(limit, Scalar) and limit.value in (len(table.rows), len(table.rows) - table.failed)


def _half_unit(text: str) -> float:
    """By how much the exact value of a shown number may differ: pandas shows six decimals, without zeros at the end."""
    exponent = number(text.lower().partition("e")[2] or "0") or 0.0
    return float(0.5 * 10.0 ** (exponent - DECIMALS))


def _end(range_: Range, value: float, slack: float) -> str | None:
    """Whether a value is at the ``lowest`` or ``highest`` end of a range; None if it is not, or the end is natural.

    ``slack`` is by how much the exact value may differ: if that is more than the margin, nothing is known. The ends 0
    and 1 are taken for natural ones: a rate or a share has no others.
    """
    low, high = range_.low, range_.high
    if low is None or high is None or low >= high:
        return None
    if not range_.is_integer:
        part = _part(low, high, value, slack)
    elif high - low < MIN_INTEGERS:
        return None
    else:
        part = {low: 0.0, high: 1.0}.get(value, 0.5)
    if part <= MARGIN and low not in (0, 1):
        return "lowest"
    return "highest" if part >= 1 - MARGIN and high not in (0, 1) else None


def _part(low: float, high: float, value: float, slack: float) -> float:
    """Where in a range a value lies, from 0 to 1: in the middle if its exact place is not known."""
    width, distance = high - low, value - low
    if low > 0 and high / low >= WIDE and value > 0:
        slack /= value
        width, distance = math.log(high / low), math.log(value / low)
    return distance / width if slack / width <= MARGIN else 0.5

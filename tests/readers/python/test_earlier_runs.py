"""A notebook's stored outputs count as an earlier run of a job only where nothing else can be meant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.job import TuningJob
from hpolint.model.node import plain
from hpolint.model.observations import BestAtBound, EarlierRun
from hpolint.readers import read_source
from tests.conftest import Command

JOB = """from sagemaker.estimator import Estimator
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
estimator = Estimator("image:1", "role", 2, "ml.m5.xlarge")
{name} = HyperparameterTuner(estimator, "loss", {ranges}, objective_type="{type}", max_jobs={trials},
                            metric_definitions=[{{"Name": "loss", "Regex": "loss: (.*)"}}])
{name}.fit()
"""
RANGES = """{"lr": ContinuousParameter(0.001, 0.5), "depth": IntegerParameter(2, 20),
                             "kind": CategoricalParameter(["a", "b"])}"""
COLUMNS = (
    *("depth", "kind", "lr", "TrainingJobName", "TrainingJobStatus", "FinalObjectiveValue"),
    *("TrainingStartTime", "TrainingEndTime", "TrainingElapsedTimeSeconds"),
)

Row = tuple[object, ...]


def row(
    result: object,
    lr: object = 0.1,
    depth: object = 5.0,
    kind: str = '"a"',
    status: str = "Completed",
    s: object = 300.0,
) -> Row:
    """A row of the table: a trial."""
    return (depth, kind, lr, "job-1", status, result, "2024-05-01 10:00:00+00:00", "2024-05-01 10:05:00+00:00", s)


ROWS = [row(0.1 * number, lr=0.01 + number / 50) for number in range(1, 8)]


def page(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """The table as pandas writes it."""
    head = "".join(f"<th>{name}</th>" for name in ("", *columns))
    body = [
        "".join(["<tr>", f"<th>{at}</th>", *(f"<td>{each}</td>" for each in one), "</tr>"])
        for at, one in enumerate(rows)
    ]
    rows_ = "".join(body)
    return f'<div>\n<table border="1"><thead><tr>{head}</tr></thead>\n<tbody>{rows_}</tbody></table></div>'


def cell(source: str, count: int | None, output: str | None = None) -> dict[str, Any]:
    """A code cell."""
    data = (
        [{"output_type": "execute_result", "data": {"text/html": output.splitlines(keepends=True)}}] if output else []
    )
    return {"cell_type": "code", "source": source, "execution_count": count, "outputs": data, "metadata": {}}


def launch(name: str = "tuner", ranges: str = RANGES, type_: str = "Minimize", trials: int | str = 30) -> str:
    """A cell that defines and launches a job."""
    return JOB.format(name=name, ranges=ranges, type=type_, trials=trials)


def jobs(*cells: dict[str, Any]) -> list[TuningJob]:
    """The jobs of a notebook."""
    book = {"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    _, reading = read_source("tune.ipynb", json.dumps(book).encode())
    return reading.jobs


def runs(*cells: dict[str, Any]) -> list[list[EarlierRun]]:
    """The earlier runs of each job."""
    return [
        [each.observed for each in job.observations if isinstance(each.observed, EarlierRun)] for job in jobs(*cells)
    ]


def bounds(*cells: dict[str, Any]) -> set[tuple[str, str]]:
    """The parameters whose best value lies at a bound, with the end."""
    found = [each.observed for job in jobs(*cells) for each in job.observations]
    return {(each.name, each.end) for each in found if isinstance(each, BestAtBound)}


def test_a_table_of_trials_is_an_earlier_run() -> None:
    """Its completed trials count with their lengths, those that failed only by their number."""
    rows = [*ROWS, row("NaN", status="Failed", s=20.0), row(0.9, s=900.0)]
    (found,) = runs(cell(launch(), 1), cell("tuner.analytics().dataframe()", 2, page(rows)))
    assert found == [EarlierRun(9, 1, 375, [*[300] * 7, 900], 2)]


def test_of_several_tables_the_one_with_most_trials_counts() -> None:
    """A notebook shows the first rows, then all, or the best one alone."""
    (found,) = runs(
        cell(launch(), 1),
        cell("df.head()", 2, page(ROWS[:2])),
        cell("df", 3, page(ROWS)),
        cell("df", 4, page(ROWS[:1])),
    )
    assert [each.trials for each in found] == [7]


@pytest.mark.parametrize(
    ("count", "shown", "rows", "columns"),
    [
        (5, 4, ROWS, COLUMNS),
        (None, 4, ROWS, COLUMNS),
        (1, None, ROWS, COLUMNS),
        (1, 2, [row(0.1, lr=0.6)], COLUMNS),
        (1, 2, [row(0.1, lr=0.0001)], COLUMNS),
        (1, 2, [row(0.1, depth=21.0)], COLUMNS),
        (1, 2, [row(0.1, kind="c")], COLUMNS),
        (1, 2, [row(0.1, lr="fast")], COLUMNS),
        (1, 2, [(*each, 1.0) for each in ROWS], (*COLUMNS, "momentum")),
        (1, 2, [each[1:] for each in ROWS], COLUMNS[1:]),
        (1, 2, [row("NaN", status="Stopped", s="NaN")], COLUMNS),
        (1, 2, [], COLUMNS),
    ],
    ids=[
        "ran again",
        "never ran",
        "no count",
        "above",
        "below",
        "integer",
        "category",
        "text",
        "more",
        "fewer",
        "none",
        "empty",
    ],
)
def test_a_table_of_other_trials_is_not_counted(
    count: int | None, shown: int | None, rows: Sequence[Row], columns: Sequence[str]
) -> None:
    """The cell was run again since, the parameters are others, or values lie outside of the ranges."""
    assert runs(cell(launch(), count), cell("df", shown, page(rows, columns))) == [[]]


def test_the_nearest_job_above_is_meant() -> None:
    """Of jobs that tune the same, the last one above the table; none, if one cell has two."""
    table = cell("df", 3, page(ROWS))
    assert [len(each) for each in runs(cell(launch("a"), 1), cell(launch("b"), 2), table)] == [0, 1]
    assert [len(each) for each in runs(cell(launch("a"), 1), table, cell(launch("b"), 4))] == [1, 0]
    assert [len(each) for each in runs(cell(launch("a") + launch("b"), 1), table)] == [0, 0]


def test_no_field_becomes_known() -> None:
    """The request is the same with and without an earlier run, so that an unknown number of trials stays unknown."""
    launched = cell(launch(trials="TRIALS"), 1)
    ((with_run,), (without,)) = (jobs(launched, cell("df", 2, output)) for output in (page(ROWS), None))
    assert with_run.observations != without.observations
    assert plain(with_run.request) == plain(without.request)


@pytest.mark.parametrize(
    ("best", "expected"),
    [
        ({"lr": 0.5}, {("lr", "highest")}),
        ({"lr": 0.4971}, {("lr", "highest")}),
        ({"lr": 0.001}, {("lr", "lowest")}),
        ({"depth": 2.0}, {("depth", "lowest")}),
        ({"depth": 20.0, "lr": 0.5}, {("depth", "highest"), ("lr", "highest")}),
        ({"lr": 0.4, "depth": 3.0}, set()),
    ],
)
def test_the_best_trial_at_a_bound_is_seen(best: dict[str, float], expected: set[tuple[str, str]]) -> None:
    """A range with bounds far apart is judged by its logarithms, an integer range by equality."""
    rows = [row(0.01, **best), *ROWS]  # type: ignore[arg-type]
    assert bounds(cell(launch(trials=8), 1), cell("df", 2, page(rows))) == expected
    largest = [row(5.0, **best), *reversed(ROWS)]  # type: ignore[arg-type]
    assert bounds(cell(launch(type_="Maximize", trials=8), 1), cell("df", 2, page(largest))) == expected


@pytest.mark.parametrize(
    ("best", "other", "expected"),
    [
        ({"lr": 0.4971}, {"lr": 0.4985}, set()),
        ({"lr": 0.4971}, {"lr": 0.4985, "result": "NaN", "status": "Failed"}, set()),
        ({"lr": 0.4971}, {"lr": 0.4971}, {("lr", "highest")}),
        ({"lr": 0.0010003}, {"lr": 0.001}, set()),
        ({"depth": 20.0}, {"depth": 20.0}, {("depth", "highest")}),
    ],
)
def test_no_other_trial_is_nearer_to_the_bound(
    best: dict[str, Any], other: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    """If a worse or failed trial is, the optimum does not lie beyond the bound by all that the table shows."""
    rows = [row(0.01, **best), *ROWS[:6], row(**({"result": 0.9} | other))]
    assert bounds(cell(launch(trials=8), 1), cell("df", 2, page(rows))) == expected


@pytest.mark.parametrize(("lr", "expected"), [(0.4971, set()), (0.5, {("lr", "highest")})])
def test_a_trial_that_is_not_shown_may_be_nearer(lr: float, expected: set[tuple[str, str]]) -> None:
    """Of a table that shows only the best trials, only the bound itself counts."""
    rows = [row(0.01, lr=lr), *ROWS]
    assert bounds(cell(launch(trials=30), 1), cell("df", 2, page(rows))) == expected


def test_the_best_trial_must_be_known() -> None:
    """Not sorted from the best one on and not as many as the job may run: a better trial may not be shown."""
    best = row(0.01, lr=0.5)
    for rows in ([*ROWS, best], [*ROWS[:3], best, *ROWS[3:]]):
        assert bounds(cell(launch(), 1), cell("df", 2, page(rows))) == set()
        assert bounds(cell(launch(trials=8), 1), cell("df", 2, page(rows))) == {("lr", "highest")}
    failed = row("NaN", status="Failed", s=9.0)
    assert bounds(cell(launch(trials=8), 1), cell("df", 2, page([*ROWS, best, failed]))) == {("lr", "highest")}
    assert bounds(cell(launch(), 1), cell("df", 2, page([best, *ROWS[:3]]))) == set()
    assert bounds(cell(launch(), 1), cell("df", 2, page([best, *[row(0.2)] * 9]))) == set()


@pytest.mark.parametrize(("low", "high", "value"), [(0, 0.5, 0.0), (0.2, 1, 1.0), (1, 40, 1.0)])
def test_a_natural_end_is_no_bound_to_move(low: float, high: float, value: float) -> None:
    """Most parameters with the bounds 0 or 1 can have no others."""
    ranges = RANGES.replace("0.001, 0.5", f"{low}, {high}")
    rows = [row(0.01, lr=value), *[row(result / 10, lr=(low + high) / 2) for result in range(1, 8)]]
    assert bounds(cell(launch(ranges=ranges), 1), cell("df", 2, page(rows))) == set()


@pytest.mark.parametrize(("shown", "expected"), [("0.000050", set()), ("5.000000e-05", {("lr", "highest")})])
def test_a_rounded_value_may_not_be_at_the_bound(shown: str, expected: set[tuple[str, str]]) -> None:
    """Pandas shows six decimals: of a range of small numbers that may be too few to tell."""
    ranges = RANGES.replace("0.001, 0.5", "0.00001, 0.00005")
    rows = [row(0.01, lr=shown), *[row(result / 10, lr="0.000020") for result in range(1, 8)]]
    assert bounds(cell(launch(ranges=ranges), 1), cell("df", 2, page(rows))) == expected


@given(st.text(max_size=60), st.sampled_from(["<table><tr><th>", "<tr><td>", "</table>", "<!--", ""]))
def test_any_output_is_harmless(text: str, tag: str) -> None:
    """Whatever a cell has put out, the notebook's job is read."""
    output = f"{tag}{text}TrainingElapsedTimeSeconds{text}{tag}"
    assert len(jobs(cell(launch(), 1), cell("df", 2, output))) == 1
    assert len(jobs(cell(launch(), 1), cell("df", 2, page([tuple(text for _ in COLUMNS)])))) == 1


def test_short_trials_are_no_reason_for_spot_capacity(tmp_path: Path, hpolint: Command) -> None:
    """Thirty trials of four minutes on two instances bill 4 hours: few enough not to be reported."""
    for seconds, is_reported in ((240.0, False), (1800.0, True)):
        rows = [row(number / 10, s=seconds) for number in range(1, 8)]
        book = {"cells": [cell(launch(), 1), cell("df", 2, page(rows))], "nbformat": 4, "metadata": {}}
        (tmp_path / "tune.ipynb").write_text(json.dumps(book))
        out = hpolint("check", str(tmp_path), "--select", "missing-spot", "--all").stdout.decode()
        assert ("missing-spot" in out) is is_reported
        assert ("output of cell 2" in out) is is_reported
        cost = hpolint("cost", str(tmp_path)).stdout.decode()
        assert "7 earlier trials, shown in cell 2" in " ".join(cost.split())
        given = hpolint("cost", str(tmp_path), "--trial-minutes", "7").stdout.decode()
        assert "earlier trials" not in given

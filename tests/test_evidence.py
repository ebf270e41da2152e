"""The figures on the rules' pages are results that can be made again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from evidence import pages, running
from evidence.experiments.stopping import stopped_parts
from evidence.gaussian_process import GaussianProcess
from evidence.searches import Range, Space, bayesian_search, random_search
from evidence.tables import load, units_of, values_of
from evidence.tasks import TASKS
from hpolint.registry import builtin_rules
from tests.conftest import ROOT

QUICK = ("early-stopping", "depth-scale")
"""Experiments whose quick sample takes seconds. The nightly script runs all."""


@pytest.mark.parametrize("path", sorted(pages.written()), ids=lambda path: path.stem)
def test_figures_are_those_of_the_results(path: Path) -> None:
    """``python -m evidence pages`` writes them."""
    assert path.read_text("utf-8") == pages.written()[path]


def test_no_rule_quotes_a_measurement_that_is_typed_by_hand() -> None:
    """A section "Measured" is one that the results are written into."""
    texts = {rule.id: (ROOT / "rules" / f"{rule.id}.md").read_text("utf-8") for rule in builtin_rules()}
    assert {name for name, text in texts.items() if pages.HEAD in text} == set(pages.sections())


def test_a_rule_that_claims_to_save_is_measured_or_says_why_not() -> None:
    """Every rule of ``strategy`` and ``scale`` has a result, or a line on the page."""
    page = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    named = set(re.findall(r"`((?:strategy|scale|compute)/[a-z-]+)`", page))
    rules = {rule.id for rule in builtin_rules() if rule.category in ("strategy", "scale")}
    assert rules - set(pages.sections()) <= named


@pytest.mark.parametrize("name", QUICK)
def test_a_rerun_finds_what_was_found(name: str) -> None:
    """No effect that is quoted lies outside of the 99.9 % interval of a quick sample."""
    assert list(running.differences(running.all_experiments()[name])) == []


@pytest.mark.parametrize("name", running.all_experiments())
def test_results_are_of_the_tables_that_are_there(name: str) -> None:
    """A table that is built anew makes its results stale."""
    found = running.read(running.all_experiments()[name])
    digests = {task.name: load(task).digest for task in TASKS}
    assert found["tables"].items() <= digests.items()


def test_the_gradient_of_the_gaussian_process_is_right() -> None:
    """Held against differences."""
    draw = np.random.default_rng(0)
    inputs = draw.random((12, 3))
    process = GaussianProcess(inputs, np.sin(5 * inputs[:, 0]) + inputs[:, 1])
    point = process.parameters + 0.3 * draw.standard_normal(len(process.parameters))
    expected = approx_fprime(point, lambda each: process._loss(each)[0], 1e-6)
    assert np.abs(process._loss(point)[1] - expected).max() < 1e-2


def test_the_gaussian_process_predicts_a_smooth_function() -> None:
    """From forty points in three dimensions, to a tenth of its deviation."""
    draw = np.random.default_rng(0)
    inputs, asked = draw.random((40, 3)), draw.random((200, 3))

    def value(points: Any) -> Any:
        return np.sin(5 * points[:, 0]) + points[:, 1] ** 2

    means, _ = GaussianProcess(inputs, value(inputs)).predict(asked)
    expected = (value(asked) - value(inputs).mean()) / value(inputs).std()
    assert np.sqrt(np.mean((means - expected) ** 2)) < 0.1


def test_a_bayesian_search_tries_no_configuration_twice_and_learns() -> None:
    """Its later trials are better than its first ones, in the mean of ten searches."""
    space = Space(load(TASKS[0]))
    early, late = [], []
    for seed in range(10):
        rows = bayesian_search(space, 30, 5, np.random.default_rng(seed)).rows
        assert len(set(rows[5:].tolist())) == 25
        early.append(space.regret(rows[:5]).mean())
        late.append(space.regret(rows[15:]).mean())
    assert np.mean(late) < 0.75 * np.mean(early)


def test_a_search_stays_within_its_ranges() -> None:
    """Also where a range is a part of the table's."""
    table = load(TASKS[0])
    space = Space(table, {"learning_rate": Range(0.001, 0.01, "Linear")})
    rates = table.values[random_search(space, 200, np.random.default_rng(0)).rows, 0]
    assert rates.min() >= 0.001
    assert rates.max() <= 0.01


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_values_and_units_are_inverse(task: Any) -> None:
    """On every scale; whole numbers but for their rounding."""
    units = np.random.default_rng(0).random((50, len(task.space)))
    back = units_of(task, values_of(task, units))
    whole = [each.is_whole for each in task.space]
    assert np.allclose(np.where(whole, units, back), units)


def test_no_trial_is_stopped_before_another_has_ended() -> None:
    """Trials that all start at once save nothing; one after the other, the worse ones are stopped."""
    curves = np.linspace(1, 2, 10)[:, None] * np.ones((1, 15))
    assert stopped_parts(curves, 10).tolist() == [15] * 10
    assert stopped_parts(curves, 1).tolist() == [15] + [1] * 9

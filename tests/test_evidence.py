"""The figures on the rules' pages are results that can be made again."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from evidence import pages, running
from evidence.experiments.stopping import halved_parts, stopped_parts
from evidence.gaussian_process import GaussianProcess
from evidence.real_jobs.collecting import collect
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


def test_halving_continues_the_best_third_even_if_all_start_at_once() -> None:
    """Of ten in lockstep only the best goes on; one after the other, each better than all before, all go on."""
    curves = np.linspace(1, 2, 10)[:, None] * np.ones((1, 15))
    assert halved_parts(curves, 10).tolist() == [15] + [1] * 9
    assert halved_parts(curves[::-1], 1).tolist() == [15] * 10


def test_categories_are_equally_far_from_each_other() -> None:
    """The values of a list tell nothing of their neighbours, and each configuration belongs to one."""
    space = Space(load(TASKS[0]))
    view = space.with_categories(0, 4)
    own = view[:, -4:]
    assert view.shape == (len(space.rows), 2 + 4)
    assert (own.sum(1) == 1).all()
    parts = [space.own_points[own[:, number] == 1, 0] for number in range(4)]
    assert all(part.min() >= number / 4 and part.max() <= (number + 1) / 4 for number, part in enumerate(parts))


NOTEBOOK = """{"cells": [
 {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": [
  "import sagemaker\\n",
  "from sagemaker.tuner import ContinuousParameter, HyperparameterTuner\\n",
  "estimator = sagemaker.estimator.Estimator('i', 'arn:aws:iam::111122223333:role/r', 1, 'ml.m5.large')\\n",
  "ranges = {'lr': ContinuousParameter(0.001, 0.1)}\\n",
  "tuner = HyperparameterTuner(estimator, 'loss', ranges, objective_type='Minimize', max_jobs=3)\\n",
  "tuner.fit()"]},
 {"cell_type": "code", "metadata": {}, "execution_count": 2, "source": ["table"], "outputs": [
  {"output_type": "display_data", "metadata": {}, "data": {"text/html": ["TABLE"]}},
  {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["BEST"]}}]}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"""
TABLE = (
    "<table><thead><tr><th></th><th>lr</th><th>TrainingJobName</th><th>TrainingJobStatus</th>"
    "<th>FinalObjectiveValue</th><th>TrainingElapsedTimeSeconds</th></tr></thead><tbody>"
    "<tr><td>0</td><td>0.02</td><td>tune-230113-0640-002-aaaaaaaa</td><td>Completed</td><td>0.5</td><td>60.0</td></tr>"
    "<tr><td>1</td><td>0.05</td><td>tune-230113-0640-001-bbbbbbbb</td><td>Failed</td><td>NaN</td><td>NaN</td></tr>"
    "</tbody></table>"
)
BEST = "{'lr': '0.004', '_tuning_objective_metric': 'loss', 'sagemaker_job_name': 'other-2023'}"


def test_finished_jobs_are_collected_with_their_ranges(tmp_path: Path) -> None:
    """Trials in the order in which they were named, their figures without a name, and the best trial of another job."""
    text = NOTEBOOK.replace("TABLE", TABLE).replace("BEST", BEST)
    (tmp_path / "n.ipynb").write_text(text, "utf-8")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"]):
        subprocess.run([*git, *command], check=True)
    line = {"git_dir": str(tmp_path / ".git"), "repo": "a/b", "commit": "HEAD", "path": "n.ipynb"}
    shown, best = sorted(collect([line]), key=lambda job: "best" in job)
    assert [(each["number"], each["status"], each["result"]) for each in shown["results"]] == [
        (1, "Failed", None),
        (2, "Completed", 0.5),
    ]
    assert shown["type"] == "Minimize"
    assert shown["ranges"][0]["high"] == 0.1
    assert "tune" not in json.dumps(shown)
    assert best["best"] == {"lr": 0.004}


def test_no_trial_is_stopped_before_another_has_ended() -> None:
    """Trials that all start at once save nothing; one after the other, the worse ones are stopped."""
    curves = np.linspace(1, 2, 10)[:, None] * np.ones((1, 15))
    assert stopped_parts(curves, 10).tolist() == [15] * 10
    assert stopped_parts(curves, 1).tolist() == [15] + [1] * 9

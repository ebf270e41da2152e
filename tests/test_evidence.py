"""The figures on the rules' pages are results that can be made again."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import approx_fprime

from evidence import pages, running, searches, trajectories
from evidence.experiment import tasks
from evidence.experiments.strategies import end_without_improvement
from evidence.gaussian_process import GaussianProcess
from evidence.real_jobs.collecting import collect
from evidence.searches import Lists, Range, Space, Trials, bayesian_search, grid_search, random_search
from evidence.stopping_rules import Progress, StoppingRule, halving, median_rule
from evidence.tables import SEARCHED, Table, load, units_of, values_of
from evidence.tasks import LEFT_OUT, TASKS
from evidence.usual import usual_space
from hpolint.model.rule import Rule
from hpolint.registry import builtin_rules
from tests.conftest import ROOT

QUICK = ("hyperband", "few-trials")
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
    page = (ROOT / "docs" / "evidence-details.md").read_text("utf-8")
    named = set(re.findall(r"`((?:strategy|scale|compute)/[a-z-]+)`", page))
    rules = {rule.id for rule in builtin_rules() if rule.category in ("strategy", "scale")}
    assert rules - set(pages.sections()) <= named


@pytest.mark.parametrize("rule", [rule for rule in builtin_rules() if rule.category in ("strategy", "scale")])
def test_a_rule_says_where_its_level_comes_from(rule: Rule) -> None:
    """It cites the contrast that set it, or says that none did."""
    text = (ROOT / "rules" / f"{rule.id}.md").read_text("utf-8")
    level = next(part for part in text.split("\n\n") if part.startswith("**Level**: "))
    assert re.search(r"contrast [1-4]|No contrast set it", " ".join(level.split()))


def test_the_page_is_made_of_short_sentences() -> None:
    """No sentence of the page Evidence has more than 30 words."""
    page = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    plain = re.sub(r"<!--.*?-->|!?\[([^]]*)\]\([^)]*\)|^[|#].*$", r"\1", page, flags=re.MULTILINE)
    sentences = re.split(r"(?<=[.:?])\s+(?=[A-Z*-])|\n\n", plain)
    assert [each for each in sentences if len(each.split()) > 30] == []


@pytest.mark.parametrize("name", QUICK)
def test_a_rerun_finds_what_was_found(name: str) -> None:
    """No effect that is quoted lies outside of the 99.9 % interval of a quick sample."""
    assert list(running.differences(running.all_experiments()[name])) == []


@pytest.mark.parametrize("name", running.all_experiments())
def test_results_are_of_the_tables_that_are_there(name: str) -> None:
    """A table that is built anew makes its results stale, as does a task that is left out."""
    found = running.read(running.all_experiments()[name])
    digests = {task.name: load(task).digest for task in tasks()}
    assert found["tables"].items() <= digests.items()


def test_a_recorded_search_is_found_again() -> None:
    """The same trials, the same rates, the same model at the end."""
    assert list(trajectories.differences()) == []


def _at_random(process: GaussianProcess, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.random.default_rng(len(inputs)).random(len(inputs))


def _linear(values: NDArray[np.float64], low: float, high: float, scale: str) -> NDArray[np.float64]:
    return (values - low) / (high - low)


def _seen_quality(trials: Trials, table: Table) -> NDArray[np.float64]:
    return np.asarray(table.curves.mean(1)[trials.rows, trials.parts - 1])


MUTANTS: dict[str, tuple[object, str, object]] = {
    "random choice": (GaussianProcess, "expected_improvement", _at_random),
    "linear scale": (searches, "to_unit", _linear),
    "judged by the searched seeds": (Trials, "quality", _seen_quality),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_changed_experiment_is_noticed(mutant: tuple[object, str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m evidence check`` fails if the search, the scale or the judging is another one."""
    monkeypatch.setattr(*mutant)
    assert len(list(trajectories.differences())) > len(trajectories.SEEDS) - trajectories.EQUAL


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
        trials = bayesian_search(space, 30, 5, np.random.default_rng(seed))
        at_random = set(trials.rows[:7].tolist())  # until the first three of five at once have ended
        assert len(set(trials.rows[7:].tolist()) - at_random) == 23
        regret = space.regret(trials.quality(space.table))
        early.append(regret[:5].mean())
        late.append(regret[15:].mean())
    assert np.mean(late) < 0.75 * np.mean(early)


def test_a_shorter_search_is_the_beginning_of_a_longer_one() -> None:
    """So a budget is judged by the first trials of a search that goes on."""
    space = usual_space(TASKS[0])
    longer = bayesian_search(space, 20, 4, np.random.default_rng(0))
    shorter = bayesian_search(space, 12, 4, np.random.default_rng(0))
    assert (longer.first(12).rows == shorter.rows).all()
    assert (longer.first(12).seeds == shorter.seeds).all()


def test_no_search_sees_the_seeds_that_judge_it() -> None:
    """Other metrics with them change what a search is worth, not what it tries."""
    table = load(TASKS[0])
    curves = table.all_curves.copy()
    curves[:, SEARCHED:] = curves[::-1, SEARCHED:]
    found = []
    for space in (Space(table), Space(Table(table.task, table.units, curves))):
        trials = bayesian_search(space, 15, 3, np.random.default_rng(0), rule=median_rule)
        found.append((trials.rows.tolist(), trials.parts.tolist(), trials.quality(space.table).tolist()))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] != found[1][2]


def test_tasks_whose_seeds_differ_too_much_are_left_out() -> None:
    """By more than a quarter of the distance from the best configurations to the median one, as the protocol says."""
    assert {task.name for task in TASKS if usual_space(task).noise > 0.25} == LEFT_OUT


def test_the_best_configurations_are_good() -> None:
    """In every usual range, as the seeds say that no search sees, some reach the target, and fewer than a quarter."""
    for task in tasks():
        space = usual_space(task)
        regret = space.regret(space.table.quality[space.rows, -1])
        assert 0.01 < (regret <= 0.1).mean() < 0.25


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


def _trained(curves: Any, rule: StoppingRule, order: Any) -> list[int]:
    """The parts that trials train whose next parts end in an order of their numbers."""
    progress = Progress(*curves.shape)
    progress.curves[:] = curves
    for number in order:
        if number not in progress.ended:
            progress.goes_on(number, rule)
    return [int(each) for each in progress.done]


WORSE_AND_WORSE = np.linspace(1, 2, 10)[:, None] * np.ones((1, 15))
IN_LOCKSTEP = [*range(10)] * 15
ONE_BY_ONE = np.repeat(np.arange(10), 15)


def test_halving_continues_the_best_third_even_if_all_start_at_once() -> None:
    """Of ten in lockstep only the best goes on; one after the other, each better than all before, all go on."""
    assert _trained(WORSE_AND_WORSE, halving, IN_LOCKSTEP) == [15] + [1] * 9
    assert _trained(WORSE_AND_WORSE[::-1], halving, ONE_BY_ONE) == [15] * 10


def test_no_trial_is_stopped_before_another_has_ended() -> None:
    """Trials that all start at once save nothing; one after the other, the worse ones are stopped."""
    assert _trained(WORSE_AND_WORSE, median_rule, IN_LOCKSTEP) == [15] * 10
    assert _trained(WORSE_AND_WORSE, median_rule, ONE_BY_ONE) == [15] + [1] * 9


def test_values_of_a_list_are_equally_far_from_each_other() -> None:
    """They tell nothing of their neighbours; the other hyperparameters stay ranges."""
    space = Space(load(TASKS[0]))
    lists = Lists(space, [4, 0, 0])
    own = lists.view[:, :4]
    assert lists.view.shape == (4 * len(space.rows), 4 + 2)
    assert (own.sum(1) == 1).all()
    rates = space.table.units[lists.rows, 0]
    means = [rates[own[:, number] == 1].mean() for number in range(4)]
    assert np.allclose(means, [0, 1 / 3, 2 / 3, 1], atol=0.05)


def test_a_small_improvement_does_not_keep_a_search_going() -> None:
    """A completion criterion counts one by 1 % or more over all before; four more trials run beside the last one."""
    slowly = np.array([0.995**number for number in range(30)])
    assert end_without_improvement(slowly, 3) == 1 + 3 + 4
    assert end_without_improvement(slowly**4, 3) == 30


def test_a_grid_visits_each_combination_once() -> None:
    """Also where two of them are looked up as the same configuration."""
    grid = Lists(usual_space(TASKS[0]), [3, 3, 3])
    assert grid.view.shape == (27, 9)
    trials = grid_search(grid, np.random.default_rng(0))
    assert sorted(trials.rows.tolist()) == sorted(grid.rows.tolist())


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

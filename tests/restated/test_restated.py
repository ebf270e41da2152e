"""Each condition against the same said in Python: it fires exactly then, and stays open where an unknown decides."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hpolint import schema
from hpolint.engine.engine import Engine
from hpolint.model.finding import Verdicts
from hpolint.model.rule import OFF_BY_DEFAULT
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from tests.conftest import scaled
from tests.restated.jobs import CONFIG, FIELDS, LIMITS, Path, jobs, possible, put, with_value
from tests.restated.rules import RULES, Job, fired_rules

TRAINING_TYPES = schema.shape("TrainingInstanceType")["enum"]
ENGINE = Engine(tuple(rule for rule in builtin_rules() if rule.name in RULES))
ELSEWHERE = {"sdk", "script", "hygiene", *OFF_BY_DEFAULT}
"""Categories that a request of plain values does not show."""

NOT_HERE = {
    *("not-with-several-definitions", "one-form-of-definition", "definition-incomplete", "duplicate-definition-name"),
    *("defined-in-two-places", "too-many-environment-variables", "instance-configs-with-type"),
    *("no-objective", "no-ranges", "input-mode-refused", "warm-start-parent-differs"),
}
"""Rules about several definitions or instance configurations, about a lack of ranges or of an objective, or about two
jobs: a generated job is alone and has one definition with its instances, one objective and ranges. Its algorithms read
in both modes. The rules' examples show them."""


def verdicts(request: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The names of the rules that fire, and of those that stay open."""
    (job,) = read_source("job.json", json.dumps(request).encode())[1].jobs
    found = Verdicts()
    fired = {each.finding.rule.name for each in ENGINE.raised(job, found)}
    assert found.failures == []
    return fired, {each.rule.name for each in found.undecided} - fired


def test_every_condition_is_restated() -> None:
    """A new rule about a request must be restated here."""
    conditions = {rule.name for rule in builtin_rules() if rule.when and rule.category not in ELSEWHERE}
    assert conditions - set(RULES) == NOT_HERE
    assert set(RULES) <= conditions


@pytest.mark.nightly
def test_every_restated_rule_fires_for_some_job() -> None:
    """No rule agrees with its restatement only because no generated job is wrong in that way."""
    fired: set[str] = set()

    @settings(max_examples=6000, database=None, derandomize=True, phases=[Phase.generate])
    @given(jobs())
    def collect(request: dict[str, Any]) -> None:
        fired.update(fired_rules(Job(request)))

    collect()
    assert set(RULES) - fired == set()


@settings(max_examples=scaled(1500), deadline=None)
@given(jobs())
def test_a_rule_fires_exactly_where_it_says(request: dict[str, Any]) -> None:
    """On fully known jobs nothing is undecided, and exactly the rules whose restated condition holds fire."""
    fired, open_ = verdicts(request)
    job = Job(request)
    no_such_type = job.instance not in TRAINING_TYPES  # whether it has local storage is not known
    open_ -= {"volume-key-on-local-storage"} if no_such_type else set()
    unsure = set() if job.known else open_  # a bound that is no number leaves the counts open
    assert fired - unsure == set(fired_rules(job)) - unsure
    if job.known and all(each.numbers is not None for each in job.ranges if each.kind != "Categorical"):
        assert open_ == set()


def test_every_budget_is_judged_as_restated() -> None:
    """Generated jobs seldom meet a rule's threshold: here are the trials and trials at once around all of them."""
    eta = {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}
    request: dict[str, Any] = {"HyperParameterTuningJobName": "restated"}
    for path, values in FIELDS.items():
        put(request, path, values[0])
    put(request, (CONFIG, "Strategy"), "Bayesian")
    put(request, (CONFIG, "ParameterRanges"), {"ContinuousParameterRanges": [eta]})
    for trials, at_once in product((5, 6, 19, 20, 39, 40, 99, 100, 200), (1, 2, 6, 7, 10, 14, 19, 20, 34)):
        put(request, LIMITS, {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": at_once})
        assert verdicts(request) == (set(fired_rules(Job(request))), set()), request[CONFIG]


@settings(max_examples=scaled(1500), deadline=None)
@given(jobs(), st.sampled_from(list(FIELDS)))
def test_a_rule_stays_open_where_the_unknown_value_decides(request: dict[str, Any], path: Path) -> None:
    """With one field unknown: where the rule's result depends on its value, the rule is undecided."""
    fired, open_ = verdicts(with_value(request, path, "${UNKNOWN}"))
    each = [set(fired_rules(Job(with_value(request, path, value)))) for value in possible(path)]
    known = all(Job(with_value(request, path, value)).known for value in possible(path))
    always, ever = set.intersection(*each), set.union(*each)
    if known:
        assert fired <= always
        assert ever - always <= open_

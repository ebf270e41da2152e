"""A job's figures: exact where everything is known, otherwise a lower bound or unknown, and never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hpolint.cost.costing import costs_of
from hpolint.cost.estimate import Estimate, estimate, worst_case_usd
from hpolint.cost.prices import Prices
from hpolint.facts.worst_case_cost import Figure
from hpolint.model.node import Unknown
from tests.cost.jobs import LIMITS, definition, job_of, judged

PRICES = Prices("table.csv", "EUR", "eu-west-1", {"ml.m5.large": Decimal("0.5"), "ml.p3.2xlarge": Decimal(4)})


def cost(*definitions: dict[str, Any], prices: Prices | None = PRICES, **changes: Any) -> Estimate:
    """The estimate of such a job."""
    return estimate(job_of(*definitions, **changes), prices)


def said(figure: Figure | None) -> tuple[str, float | None]:
    """A figure's sign and amount."""
    assert figure is not None
    return figure.sign, None if figure.amount is None else float(figure.amount)


def test_the_worst_case_is_every_trial_until_its_cap() -> None:
    """10 trials of an hour: 10 instance-hours, and their price."""
    found = cost(definition())
    assert (said(found.hours), said(found.money)) == (("=", 10.0), ("=", 5.0))
    assert found.wall_seconds == 5 * 3600
    assert found.is_written


def test_a_default_is_distinguished_from_a_written_limit() -> None:
    """Without a cap, the service's default of a day bounds each trial, which is not a written limit."""
    found = cost(definition(None))
    assert said(found.hours) == ("=", 240.0)
    assert not found.is_written
    assert cost(definition(None), limits=LIMITS | {"MaxRuntimeInSeconds": 7200}).is_written


def test_instance_groups_are_added_up_and_priced_by_type() -> None:
    """Each group's instances at its own price."""
    groups = [
        {"InstanceGroupName": "a", "InstanceType": "ml.m5.large", "InstanceCount": 2},
        {"InstanceGroupName": "b", "InstanceType": "ml.p3.2xlarge", "InstanceCount": 1},
    ]
    found = cost(definition(config={"InstanceGroups": groups, "VolumeSizeInGB": 5}))
    assert (said(found.hours), said(found.money)) == (("=", 30.0), ("=", 10 * (2 * 0.5 + 4)))


def test_of_several_configurations_the_most_instances_and_the_dearest_count() -> None:
    """A trial runs on one of them, and it is unknown on which: hours by the number, money by price × number."""
    found = definition()
    del found["ResourceConfig"]
    found["HyperParameterTuningResourceConfig"] = {
        "InstanceConfigs": [
            {"InstanceType": "ml.m5.large", "InstanceCount": 4, "VolumeSizeInGB": 5},
            {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        ]
    }
    costs = cost(found)
    assert (said(costs.hours), said(costs.money)) == (("=", 40.0), ("=", 40.0))


def test_of_several_definitions_the_dearest_counts_for_all() -> None:
    """By hours and by price: these may be different ones. Where they share the job's time, it is at most so much."""
    few = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
    long = definition(36_000) | {"DefinitionName": "long"}
    wide = definition(3600, InstanceCount=5) | {"DefinitionName": "wide"}
    dear = definition(3600, InstanceType="ml.p3.2xlarge", InstanceCount=3) | {"DefinitionName": "dear"}
    found = cost(long, dear, limits=few)
    assert (said(found.hours), said(found.money)) == (("=", 20.0), ("=", 24.0))
    assert said(cost(long, wide, limits=few | {"MaxRuntimeInSeconds": 36_000}).hours) == ("≤", 20.0)
    assert said(cost(long, wide, limits=few | {"MaxRuntimeInSeconds": 1800}).hours) == ("=", 2.5)


@pytest.mark.parametrize(
    ("limits", "resources", "expected"),
    [
        (LIMITS, {"InstanceCount": "$COUNT"}, ("≥", 10.0)),
        (LIMITS | {"MaxParallelTrainingJobs": "$AT_ONCE"}, {}, ("=", 10.0)),
        (LIMITS | {"MaxParallelTrainingJobs": "$AT_ONCE", "MaxRuntimeInSeconds": 5400}, {}, ("≥", 1.5)),
        (LIMITS | {"MaxNumberOfTrainingJobs": "$TRIALS"}, {}, ("≥", None)),
        (LIMITS | {"MaxRuntimeInSeconds": "$LIMIT"}, {}, ("≥", None)),
    ],
)
def test_what_is_unknown_leaves_a_lower_bound_or_nothing(
    limits: dict[str, Any], resources: dict[str, Any], expected: tuple[str, float | None]
) -> None:
    """At least one instance and one trial at a time; where trials or limits are unknown, there is no figure."""
    found = cost(definition(**resources), limits=limits).hours
    assert said(found) == expected
    assert bool(found.open) == (expected[0] != "=")


def test_an_unknown_cap_leaves_the_worst_case_open() -> None:
    """With its reason, and never the default."""
    found = cost(definition("$CAP"))
    assert said(found.hours) == ("≥", None)
    assert [each.reason for each in found.hours.open] == ["is the placeholder $CAP"]


def test_an_unbounded_job_is_reported_as_such() -> None:
    """Without a limit of trials or time the hours are not unknown, but have no figure."""
    found = cost(definition(), limits={"MaxParallelTrainingJobs": 2})
    assert found.hours.unbounded
    assert found.hours.amount is None
    assert cost(definition(), limits={"MaxParallelTrainingJobs": 2}, Autotune={"Mode": "Enabled"}).hours.open


def test_a_job_that_runs_nothing_at_once_has_no_figure() -> None:
    """The service refuses it: no trial runs, and nothing is made up."""
    for number in (0, -1):
        refused = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": number, "MaxRuntimeInSeconds": 7200}
        assert cost(definition(), limits=refused).hours.amount is None


@pytest.mark.parametrize("period", [0, 1, 600, "$PERIOD"])
def test_a_warm_pool_costs_nothing_more(period: int | str) -> None:
    """A tuning job ignores the period: the service sets it to null."""
    assert said(cost(definition(KeepAlivePeriodInSeconds=period)).hours) == ("=", 10.0)


def test_a_training_plan_is_prepaid() -> None:
    """Its hours are reported, and they cost nothing more."""
    plan = "arn:aws:sagemaker:eu-west-1:123456789012:training-plan/reserved"
    found = cost(definition(TrainingPlanArn=plan))
    assert found.is_prepaid
    assert said(found.hours) == ("=", 10.0)
    assert said(found.money) == ("=", 0.0)


def test_a_type_without_a_price_has_no_cost() -> None:
    """The type is named, and no other price is used in its place."""
    found = cost(definition(InstanceType="ml.c5.large"))
    assert said(found.money) == ("≥", None)
    assert found.unpriced == ["ml.c5.large"]


def test_storage_is_priced_by_the_month_where_the_prices_have_it() -> None:
    """73 GB for 10 hours of a month of 730."""
    priced = Prices("t", "EUR", None, {"ml.m5.large": Decimal("0.5")}, gigabyte_month=Decimal("0.2"))
    assert said(cost(definition(VolumeSizeInGB=73), prices=priced).money) == ("=", 5.0 + 10 * 73 * 0.2 / 730)


def test_spot_is_priced_by_the_file_or_the_users_discount_and_by_nothing_else() -> None:
    """Without either the price on demand stands, which spot capacity does not exceed."""
    spot = definition() | {"EnableManagedSpotTraining": True}
    spot["StoppingCondition"]["MaxWaitTimeInSeconds"] = 7200
    hours = {"ml.m5.large": Decimal("0.5")}
    assert said(cost(spot, prices=Prices("t", "EUR", None, hours)).money) == ("=", 5.0)
    own = Prices("t", "EUR", None, hours, {"ml.m5.large": Decimal("0.2")}, discount=Decimal("0.9"))
    assert said(cost(spot, prices=own).money) == ("=", 2.0)
    assert said(cost(spot, prices=Prices("t", "EUR", None, hours, discount=Decimal("0.6"))).money) == ("=", 2.0)


def test_a_price_that_may_be_lower_is_the_most() -> None:
    """It is unknown whether a plan has paid for it, or whether it runs on spot capacity."""
    assert said(cost(definition(TrainingPlanArn="$PLAN")).money) == ("≤", 5.0)
    spot = definition() | {"EnableManagedSpotTraining": "$SPOT"}
    assert (said(cost(spot).money), said(cost(spot).hours)) == (("≤", 5.0), ("=", 10.0))


def test_the_choices_of_an_open_value_give_the_most_that_they_can_be() -> None:
    """20 trials or 5, by a branch: at most 20; where the choice changes nothing, exactly so much."""
    code = (
        "import sys\nfrom sagemaker.tuner import HyperparameterTuner, ContinuousParameter\n"
        "from sagemaker.estimator import Estimator\n"
        "e = Estimator('image', 'arn:aws:iam::123456789012:role/r', 1, 'ml.m5.large', max_run=3600)\n"
        "n = 20 if len(sys.argv) > 1 else 5\n"
        "t = HyperparameterTuner(\n"
        "    e, 'm', {'eta': ContinuousParameter(0.1, 0.5)}, [], max_jobs=TRIALS, max_parallel_jobs=AT_ONCE\n"
        ")\n"
        "t.fit()\n"
    )
    (job,) = judged(code.replace("TRIALS", "n").replace("AT_ONCE", "2"), "tune.py").jobs
    assert said(estimate(job).hours) == ("≤", 20.0)
    (job,) = judged(code.replace("TRIALS", "10").replace("AT_ONCE", "n"), "tune.py").jobs
    assert said(estimate(job).hours) == ("=", 10.0)


def test_safe_fixes_never_make_a_job_dearer() -> None:
    """The cost with safe fixes is at most the cost now."""
    job = job_of(definition(), limits={"MaxNumberOfTrainingJobs": 30, "MaxParallelTrainingJobs": 20})
    report = judged(job.source.text)
    (found,) = costs_of(report, PRICES, {}).jobs
    assert found.safe_fixes.hours.amount is not None
    assert found.now.hours.amount is not None
    assert found.safe_fixes.hours.amount <= found.now.hours.amount


@pytest.mark.parametrize(("trials", "amount"), [(0, None), (-1, None), (1, 1.0)])
def test_a_number_that_the_service_refuses_has_no_known_cost(trials: int, amount: float | None) -> None:
    """The service requires at least one trial."""
    found = cost(definition(), limits=LIMITS | {"MaxNumberOfTrainingJobs": trials})
    assert said(found.hours)[1] == amount
    assert found.hours is not None
    assert [each.reason.rpartition(", but ")[2] for each in found.hours.open] == (
        [] if amount else ["the service requires at least 1"]
    )


def test_of_several_preferences_each_may_be_the_one_that_runs() -> None:
    """The most instances count for hours, and the dearest preference for money; one number may hold for all."""
    found = definition()
    kinds = [{"InstanceType": "ml.m5.large", "InstanceCount": 3}, {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1}]
    found["ResourceConfig"] = {"InstancePreferences": kinds, "VolumeSizeInGB": 5}
    each = cost(found)
    assert (said(each.hours), said(each.money)) == (("=", 30.0), ("=", 40.0))
    for kind in kinds:
        del kind["InstanceCount"]
    found["ResourceConfig"] |= {"InstancePreferences": kinds, "InstanceCount": 2}
    assert said(cost(found).hours) == ("=", 20.0)


def test_no_instance_is_no_figure() -> None:
    """A trial on 0 instances costs nothing because nothing can run: that is no cost of 0."""
    config = {"InstanceType": "ml.m5.large", "InstanceCount": 0, "VolumeSizeInGB": 5}
    found = cost(definition(config=config)).hours
    assert (found.amount, found.sign) == (None, "≥")
    assert [str(each.reason) for each in found.open] == ["`InstanceCount` is 0, but the service requires at least 1"]


def test_the_service_ends_a_job_that_nothing_bounds() -> None:
    """At 750 trials, for random search 10,000, and 30 days; the figure itself stays without a limit."""
    limits = {"MaxParallelTrainingJobs": 2}
    found = cost(definition(), limits=limits)
    assert found.hours.unbounded
    assert found.service_limit is not None
    limit = found.service_limit
    assert (limit.trials, said(limit.hours), said(limit.money)) == (750, ("=", 750.0), ("=", 375.0))
    day = cost(definition(86400), limits=limits)  # 30 days of two at once, not 750 of a day
    assert day.service_limit is not None
    assert said(day.service_limit.hours) == ("=", 2 * 30 * 24)
    assert cost(definition()).service_limit is None


def test_a_cost_in_a_condition_is_no_bound_and_no_guess() -> None:
    """Null if one of the types that may run has no price; unknown if the storage that has a price is."""
    dollars = Prices("t.csv", "USD", None, {"ml.m5.large": Decimal("0.5")}, gigabyte_month=Decimal(73))
    config = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    assert worst_case_usd(job_of(definition(config=config)), dollars) == 10 * (0.5 + 1.0)
    unpriced = [
        {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1},
    ]
    found = definition()
    found["ResourceConfig"] = {"InstancePreferences": unpriced, "VolumeSizeInGB": 10}
    assert worst_case_usd(job_of(found), dollars) is None
    open_volume = worst_case_usd(job_of(definition(config=config | {"VolumeSizeInGB": "$SIZE"})), dollars)
    assert isinstance(open_volume, Unknown)

"""`hpolint cost --fail-above`: a build fails for a job, or for all jobs together, that can use more than is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Command
from tests.cost.jobs import LIMITS, definition, request_of

PRICES = "type,price,currency\nml.m5.large,0.5,EUR\n"


def job(trials: int | None, **changes: Any) -> str:
    """A request of so many trials of an hour; without a limit for None."""
    limits = {**LIMITS, "MaxNumberOfTrainingJobs": trials}
    if trials is None:
        del limits["MaxNumberOfTrainingJobs"]
    return json.dumps(request_of(definition(), limits=limits, **changes))


@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        (["--fail-above", "20h"], 0, []),
        (
            ["--fail-above", "19.5h"],
            1,
            ["b can bill 20 instance-hours: 19.5 instance-hours are allowed (b.json, line 1)"],
        ),
        (["--fail-above", "9EUR"], 1, ["b can cost 10.00 EUR: 9 EUR are allowed (b.json, line 1)"]),
        (["--fail-above", "1h", "--fail-above", "6EUR"], 1, ["b can bill", "a can bill", "b can cost"]),
        (["--fail-above-total", "30h"], 0, []),
        (
            ["--fail-above-total", "29h"],
            1,
            ["the 2 jobs together can bill 30 instance-hours: 29 instance-hours are allowed"],
        ),
        (["--fail-above-total", "14.99EUR"], 1, ["the 2 jobs together can cost 15.00 EUR"]),
        (["--fail-above", "5USD"], 2, ["a limit of 5 USD: the prices are in EUR"]),
        (["--fail-above", "much"], 2, ["--fail-above: `much` is not an amount such as `500h` or `1000USD`"]),
    ],
)
def test_a_limit_holds_for_each_job_or_for_all(
    hpolint: Command, arguments: list[str], code: int, lines: list[str]
) -> None:
    """In hours or in the currency of the prices; each job above it is named with its figure and its place."""
    hpolint.write("prices.csv", PRICES)
    hpolint.write("a.json", job(10, HyperParameterTuningJobName="a"))
    hpolint.write("b.json", job(20, HyperParameterTuningJobName="b"))
    run = hpolint("cost", "--prices", "prices.csv", *arguments)
    assert run.returncode == code, run.stderr
    found = run.stderr.decode().splitlines()
    assert len(found) == len(lines)
    for line, expected in zip(found, lines, strict=True):
        assert line.removeprefix("hpolint: ").startswith(expected)


def test_a_job_that_nothing_bounds_is_above_every_limit(hpolint: Command) -> None:
    """Of its own, and of the sum."""
    hpolint.write("a.json", job(None, HyperParameterTuningJobName="a"))
    run = hpolint("cost", "--fail-above", "900000h", "--fail-above-total", "900000h")
    assert run.returncode == 1
    assert b"a has no limit: 900,000 instance-hours are allowed" in run.stderr
    assert b"the jobs together have no limit" in run.stderr


def test_a_locked_limit_in_money_uses_the_prices_of_the_lock(hpolint: Command) -> None:
    """`policy/max-cost`: a folder that names its own prices changes nothing."""
    hpolint.write("prices.csv", "type,price,currency\nml.m5.large,100,USD\n")
    hpolint.write("team/prices.csv", "type,price,currency\nml.m5.large,0.01,USD\n")
    rule = '[rules."policy/max-cost"]\nusd = 500\nlocked = true\n'
    hpolint.write("hpolint.toml", f'extend-select = ["policy/max-cost"]\ncost.prices = "prices.csv"\n{rule}')
    hpolint.write("team/hpolint.toml", 'cost.prices = "prices.csv"\n')
    hpolint.write("team/job.json", job(10))
    found = json.loads(hpolint("check", "-o", "json").stdout)["findings"]
    (message,) = [each["message"] for each in found if each["rule"] == "policy/max-cost"]
    assert message[0] == "One launch can cost up to 1,000 USD; this policy allows 500"
    hpolint.write("prices.csv", "type,price,currency\nml.m5.large,0.01,USD\n")
    found = json.loads(hpolint("check", "-o", "json").stdout)["findings"]
    assert not [each for each in found if each["rule"] == "policy/max-cost"]


def test_a_job_without_a_price_is_refused_where_the_policy_needs_one(hpolint: Command) -> None:
    """`need_price`: what nobody can price does not pass for cheap."""
    request = job(10).replace("ml.m5.large", "ml.x9.large")
    hpolint.write("job.json", request)
    lock = 'extend-select = ["policy/max-cost"]\n[rules."policy/max-cost"]\nusd = 500\nlocked = true\n'

    def messages() -> list[list[str]]:
        found = json.loads(hpolint("check", "-o", "json").stdout)["findings"]
        return [each["message"] for each in found if each["rule"] == "policy/max-cost"]

    hpolint.write("hpolint.toml", lock)
    assert messages() == []
    hpolint.write("hpolint.toml", f"{lock}need_price = true\n")
    start = "What one launch can cost is not known, since an instance type has no price; this policy allows 500 USD"
    assert [each[0] for each in messages()] == [start]

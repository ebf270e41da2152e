"""The costs of jobs as JSON and CSV. Hours are worst-case instance-hours for one launch."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from hpolint.cost.amounts import defaults, reasons
from hpolint.cost.costing import Costs, JobCost, Total
from hpolint.cost.estimate import Estimate, ServiceLimit
from hpolint.cost.launch_sums import WorstCase
from hpolint.cost.likely import Likely, Spread
from hpolint.cost.prices import Prices
from hpolint.cost.tradeoff import Choice, Tradeoff
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.escaping import json_document, spreadsheet_cell
from hpolint.model.launch import Launch
from hpolint.model.node import Unknown

VERSION = 1
NAMES = {"=": "exact", "≥": "at least", "≤": "at most"}


def json_costs(costs: Costs) -> str:
    """All figures of each job as JSON, most expensive first."""
    return _json(
        prices=_prices(costs.prices),
        jobs=[job_record(job) for job in costs.jobs],
        totals={total.kind: _figures(total) for total in costs.totals},
    )


def _json(**members: Any) -> str:
    return json_document({"version": VERSION, **members})


def _figures(sums: Total | Estimate | WorstCase | ServiceLimit) -> dict[str, Any]:
    return {"hours": figure(sums.hours), "money": figure(sums.money)}


def job_record(cost: JobCost) -> dict[str, Any]:
    """The JSON object of one job."""
    job, now = cost.job, cost.now
    limit = now.service_limit
    return {
        "path": job.source.name,
        "cell": job.cell,
        "line": job.request.anchor.line,
        "variable": job.variable,
        "name": job.name,
        "trials": _known(now.budget.trials),
        "at_once": _known(now.budget.at_once),
        "rounds": _known(now.budget.rounds),
        "instance_types": now.types,
        "launched": job.is_launched,
        "disabled": job.is_disabled,
        "local": now.is_local,
        "prepaid": now.is_prepaid,
        "spot": now.is_spot,
        "counted": cost.is_counted,
        "limits_written": now.is_written,
        "hours": figure(cost.hours),
        "wall_hours": _hours(now),
        "money": figure(cost.money),
        "safe_fixes": _figures(cost.safe_fixes),
        "all_fixes": _figures(cost.all_fixes),
        "likely": _likely(cost),
        "trials_said": cost.trials.label if cost.trials is not None else None,
        "launches_per_month": cost.launches_per_month,
        "open": reasons(cost),
        "by_default": defaults(now),
        "service_limit": _figures(limit) if limit is not None else None,
        **_launches(cost),
    }


def _launches(cost: JobCost) -> dict[str, Any]:
    """The figures of each launch, for a job with several."""
    launches: list[dict[str, Any]] = []
    for part in cost.worst.launches:
        figures = _figures(part.estimate)
        launches += [{"launch": each.label, **_likelihood(each), **figures} for each in part.launches]
    return {"launches": launches} if launches else {}


def _likelihood(launch: Launch) -> dict[str, Any]:
    return {"certainty": launch.certainty.value, "count": launch.count}


def _likely(cost: JobCost) -> dict[str, Any] | None:
    if not isinstance(cost.likely, Likely):
        return None
    return {
        "hours": _spread(cost.likely.hours),
        "wall_hours": _spread(cost.likely.wall),
        "money": _rounded(cost.likely_money),
    }


def figure(figure: Figure | None) -> dict[str, Any] | None:
    """An amount and its kind: exact, at least, at most; null and ``unbounded`` for a job without a limit."""
    if figure is None:
        return None
    return {"amount": _rounded(figure.amount), "kind": "unbounded" if figure.unbounded else NAMES[figure.sign]}


def _rounded(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), 6)


def _known(value: int | Unknown | None) -> int | None:
    return value if isinstance(value, int) else None


def _hours(estimate: Estimate) -> float | None:
    seconds = estimate.wall_seconds
    return round(seconds / 3600, 6) if isinstance(seconds, int) else None


def _spread(spread: Spread) -> dict[str, float]:
    return {"expected": round(spread.expected, 6), "low": round(spread.low, 6), "high": round(spread.high, 6)}


def _prices(prices: Prices | None) -> dict[str, Any] | None:
    if prices is None:
        return None
    return {
        "source": prices.label,
        "region": prices.region,
        "currency": prices.currency,
        "indicative": prices.is_indicative,
        "storage": prices.gigabyte_month is not None,
    }


COLUMNS = (
    *("path", "cell", "line", "variable", "name", "trials", "at_once", "rounds", "instance_types", "launched"),
    *("local", "prepaid", "spot", "counted", "limits_written", "hours", "hours_kind", "wall_hours", "money"),
    *("currency", "safe_fixes_hours", "safe_fixes_money", "all_fixes_hours", "all_fixes_money"),
    *("likely_hours", "likely_wall_hours", "likely_money", "launches_per_month", "open", "by_default"),
)


def csv_costs(costs: Costs) -> str:
    """A row for each job; unknown values are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    for cost in costs.jobs:
        record = job_record(cost)
        row = {**record}
        row["instance_types"] = " ".join(record["instance_types"])
        row["open"] = "; ".join(record["open"])
        row["by_default"] = "; ".join(record["by_default"])
        row["hours_kind"] = record["hours"]["kind"]
        row["currency"] = costs.prices.currency if costs.prices else ""
        for what in ("hours", "money"):
            row[what] = _amount(record[what])
            row[f"safe_fixes_{what}"] = _amount(record["safe_fixes"][what])
            row[f"all_fixes_{what}"] = _amount(record["all_fixes"][what])
        likely = record["likely"]
        if likely is not None:
            row["likely_hours"] = likely["hours"]["expected"]
            row["likely_wall_hours"] = likely["wall_hours"]["expected"]
            row["likely_money"] = likely["money"]
        writer.writerow({name: spreadsheet_cell(value) for name, value in row.items()})
    return out.getvalue()


def _amount(record: dict[str, Any] | None) -> Any:
    return None if record is None else record["amount"]


def json_tradeoff(tradeoff: Tradeoff) -> str:
    """The trade-off of one job as JSON."""
    return _json(
        trials=tradeoff.trials,
        measured_with=tradeoff.measured,
        tasks=tradeoff.tasks,
        choices=[_choice(choice) for choice in tradeoff.choices],
    )


def _choice(choice: Choice) -> dict[str, Any]:
    likely, as_far = choice.likely, choice.as_far
    return {
        "at_once": choice.at_once,
        "rounds": choice.rounds,
        "factor": {"value": choice.factor.value, "low": choice.factor.low, "high": choice.factor.high},
        "wall_hours": None if likely is None else _spread(likely.wall),
        "hours": None if likely is None else _spread(likely.hours),
        "as_far_wall_hours": None if as_far is None else _spread(as_far.wall),
        "as_far_hours": None if as_far is None else _spread(as_far.hours),
    }

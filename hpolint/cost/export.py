"""The costs of jobs as JSON and CSV. Hours are worst-case instance-hours for one launch."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hpolint.cost.amounts import defaults, reasons
from hpolint.cost.costing import Costs, JobCost
from hpolint.cost.estimate import Estimate
from hpolint.cost.likely import Likely, Spread
from hpolint.cost.prices import Prices
from hpolint.cost.tradeoff import Tradeoff
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.escaping import printable, spreadsheet_cell
from hpolint.model.node import Unknown

VERSION = 1
NAMES = {"=": "exact", "≥": "at least", "≤": "at most"}


def json_costs(costs: Costs) -> str:
    """All figures of each job as JSON, most expensive first."""
    document = {
        "version": VERSION,
        "prices": _prices(costs.prices),
        "jobs": [job_record(each) for each in costs.jobs],
        "totals": {
            "written": _total(costs.hours(written=True), costs.money(written=True)),
            "default": _total(costs.hours(written=False), costs.money(written=False)),
            "launched": _total(costs.launched_hours(), costs.launched_money()),
        },
    }
    return printable(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _total(hours: Figure | None, money: Figure | None) -> dict[str, Any]:
    return {"hours": figure(hours), "money": figure(money)}


def job_record(cost: JobCost) -> dict[str, Any]:
    """The JSON object of one job."""
    job, now = cost.job, cost.now
    found = cost.likely if isinstance(cost.likely, Likely) else None
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
        "hours": figure(now.hours),
        "wall_hours": _hours(now),
        "money": figure(now.money),
        "safe_fixes": {"hours": figure(cost.safe_fixes.hours), "money": figure(cost.safe_fixes.money)},
        "all_fixes": {"hours": figure(cost.all_fixes.hours), "money": figure(cost.all_fixes.money)},
        "likely": None
        if found is None
        else {
            "hours": _spread(found.hours),
            "wall_hours": _spread(found.wall),
            "money": None if cost.likely_money is None else round(float(cost.likely_money), 6),
        },
        "trials_said": cost.trials.label if cost.trials is not None else None,
        "launches_per_month": cost.launches,
        "open": reasons(cost),
        "by_default": defaults(now),
        "service_limit": None
        if now.service_limit is None
        else {"hours": figure(now.service_limit.hours), "money": figure(now.service_limit.money)},
    }


def figure(found: Figure | None) -> dict[str, Any] | None:
    """An amount and its kind: exact, at least, at most; null and ``unbounded`` for a job without a limit."""
    if found is None:
        return None
    value = None if found.amount is None else round(float(found.amount), 6)
    return {"amount": value, "kind": "unbounded" if found.unbounded else NAMES[found.sign]}


def _known(value: int | Unknown | None) -> int | None:
    return value if isinstance(value, int) else None


def _hours(found: Estimate) -> float | None:
    seconds = found.wall_seconds
    return round(seconds / 3600, 6) if isinstance(seconds, int) else None


def _spread(found: Spread) -> dict[str, float]:
    return {"expected": round(found.expected, 6), "low": round(found.low, 6), "high": round(found.high, 6)}


def _prices(found: Prices | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "source": found.label,
        "region": found.region,
        "currency": found.currency,
        "indicative": found.is_indicative,
        "storage": found.gigabyte_month is not None,
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
    for each in costs.jobs:
        record = job_record(each)
        row = {name: value for name, value in record.items() if not isinstance(value, dict | list)}
        row |= {"instance_types": " ".join(record["instance_types"]), "open": "; ".join(record["open"])}
        row |= {"by_default": "; ".join(record["by_default"])}
        row |= {"hours": _amount(record["hours"]), "hours_kind": record["hours"]["kind"]}
        row |= {"money": _amount(record["money"]), "currency": costs.prices.currency if costs.prices else ""}
        for key in ("safe_fixes", "all_fixes"):
            row |= {f"{key}_{what}": _amount(record[key][what]) for what in ("hours", "money")}
        if record["likely"] is not None:
            row |= {f"likely_{what}": record["likely"][what]["expected"] for what in ("hours", "wall_hours")}
            row["likely_money"] = record["likely"]["money"]
        writer.writerow({name: spreadsheet_cell(value) for name, value in row.items()})
    return out.getvalue()


def _amount(found: dict[str, Any] | None) -> Any:
    return None if found is None else found["amount"]


def json_tradeoff(found: Tradeoff) -> str:
    """The trade-off of one job as JSON."""
    document = {
        "version": VERSION,
        "trials": found.trials,
        "measured_with": found.measured,
        "tasks": found.tasks,
        "choices": [
            {
                "at_once": each.at_once,
                "rounds": each.rounds,
                "factor": {"value": each.factor.value, "low": each.factor.low, "high": each.factor.high},
                "wall_hours": None if each.likely is None else _spread(each.likely.wall),
                "hours": None if each.likely is None else _spread(each.likely.hours),
                "as_far_wall_hours": None if each.as_far is None else _spread(each.as_far.wall),
                "as_far_hours": None if each.as_far is None else _spread(each.as_far.hours),
            }
            for each in found.choices
        ],
    }
    return printable(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"

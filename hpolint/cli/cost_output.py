"""The output of ``hpolint cost``."""

from __future__ import annotations

import math
import sys

import msgspec

from hpolint.cli.write_reports import coloured
from hpolint.cost.configured_prices import cost_settings, prices_of
from hpolint.cost.costing import Costs, costs_of, names_of, trials_of_minutes, unmatched_names
from hpolint.cost.likely import Trials
from hpolint.cost.limits import Limit, exceeded
from hpolint.cost.tradeoff import tradeoff
from hpolint.io.escaping import is_terminal
from hpolint.model.message_text import job_name
from hpolint.model.settings import ConfigError
from hpolint.report.judged import JudgedFiles
from hpolint.reporters.summary import summary
from hpolint.run.report_making import report_of_judged

OUTPUTS = ("text", "json", "csv", "markdown")


class CostOptions(msgspec.Struct, frozen=True):
    """The options of the command line. The configuration supplies prices, region and minutes that are None."""

    output: str = "text"
    minutes: float | None = None
    trials: str | None = None
    prices: str | None = None
    region: str | None = None
    job: str | None = None
    tradeoff: bool = False
    colour: str = "auto"
    limits: list[Limit] = msgspec.field(default_factory=list)
    total_limits: list[Limit] = msgspec.field(default_factory=list)


def cost_text(judged: JudgedFiles, options: CostOptions) -> tuple[str, list[str]]:
    """The costs of some files' jobs in the chosen format, and a line for each limit that they exceed.

    Raises ConfigError.
    """
    configured = cost_settings(judged.settings)
    trials = _trials(options)
    for name in unmatched_names(judged, configured):
        judged.notices.append(f"cost.jobs: no job is named `{name}`")
    prices = prices_of(configured, options.prices, options.region, judged.notices)
    costs = costs_of(judged, prices, configured, trials, options.job)
    if options.job is not None and not costs.jobs and judged.jobs:
        known = dict.fromkeys(name for job in judged.jobs for name in names_of(job))
        raise ConfigError(f"no job is named `{options.job}`; there are {', '.join(list(known)[:20])}")
    reasons = list(exceeded(costs, options.limits, options.total_limits))
    return _costs_text(judged, costs, options), reasons


def _costs_text(judged: JudgedFiles, costs: Costs, options: CostOptions) -> str:
    """The costs, or the trade-off of the only job, in the chosen format. Raises ConfigError."""
    if options.tradeoff:
        return _tradeoff(costs, options.output)
    if options.output == "json":
        from hpolint.cost.export import json_costs

        return json_costs(costs)
    if options.output == "csv":
        from hpolint.cost.export import csv_costs

        return csv_costs(costs)
    if not costs.jobs:
        return f"{summary(report_of_judged(judged))}\n"
    return _table(costs, options)


def _table(costs: Costs, options: CostOptions) -> str:
    from hpolint.cost.tables import markdown_table, text_table
    from hpolint.reporters.text import terminal_width

    if options.output == "markdown":
        return markdown_table(costs)
    terminal = is_terminal(sys.stdout)
    width = (terminal_width() if terminal else None) or 80
    bars = terminal and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return text_table(costs, width=width, colour=coloured(options.colour, terminal=terminal), bars=bars)


def _tradeoff(costs: Costs, output: str) -> str:
    """The trade-off of the only job. Raises ConfigError if there is not exactly one, or no measurement fits it."""
    from hpolint.cost.export import json_tradeoff
    from hpolint.cost.tables import text_tradeoff

    if output not in ("text", "json"):
        raise ConfigError(f"unknown output `{output}`: `hpolint cost --tradeoff` supports text and json")
    if len(costs.jobs) != 1:
        known = ", ".join(list(dict.fromkeys(name for each in costs.jobs for name in names_of(each.job)))[:20])
        raise ConfigError(f"--tradeoff needs one job: choose it with --job ({known})" if known else "no tuning job")
    (cost,) = costs.jobs
    found = tradeoff(cost.now, cost.trials)
    if isinstance(found, str):
        raise ConfigError(f"{cost.place}: {found}")
    trials_label = cost.trials.label if cost.trials is not None else None
    return (
        json_tradeoff(found)
        if output == "json"
        else text_tradeoff(found, f"{job_name(cost.job)} ({cost.place})", trials_label)
    )


def _trials(options: CostOptions) -> Trials | None:
    if options.trials is not None:
        from hpolint.cost.responses import read_trials

        return read_trials(options.trials)
    if options.minutes is not None and not math.isfinite(options.minutes):
        raise ConfigError(f"--trial-minutes: {options.minutes} is not a finite number")
    return trials_of_minutes(options.minutes) if options.minutes is not None else None

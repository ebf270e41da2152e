"""The output of ``hpolint cost``."""

from __future__ import annotations

import math
import sys

from hpolint.cli.write_reports import coloured
from hpolint.cost.configured_prices import prices_of
from hpolint.cost.costing import Costs, costs_of, names_of, trials_of_minutes, unmatched_names
from hpolint.cost.likely import Trials
from hpolint.cost.tradeoff import tradeoff
from hpolint.io.escaping import is_terminal
from hpolint.model.job import TuningJob
from hpolint.model.message_text import job_name
from hpolint.model.settings import ConfigError
from hpolint.report.judged import JudgedFiles
from hpolint.reporters.summary import summary
from hpolint.run.report_making import report_of_judged


def trials_of(minutes: float | None, file: str | None) -> Trials | None:
    """What a trial takes, from the options of the command line; None without them. Raises ConfigError."""
    if minutes is not None and file is not None:
        raise ConfigError("--trial-minutes cannot be combined with --trials: both set how long trials take")
    if file is not None:
        from hpolint.cost.responses import read_trials

        return read_trials(file)
    if minutes is None:
        return None
    if not math.isfinite(minutes):
        raise ConfigError(f"--trial-minutes: {minutes} is not a finite number")
    return trials_of_minutes(minutes)


def costs_of_files(
    judged: JudgedFiles,
    trials: Trials | None,
    prices: str | None = None,
    region: str | None = None,
    job: str | None = None,
) -> Costs:
    """The costs of some files' jobs. The configuration supplies what is None. Raises ConfigError."""
    configured = judged.settings.cost
    for name in unmatched_names(judged, configured):
        judged.notices.append(f"cost.jobs: no job is named `{name}`")
    costs = costs_of(judged, prices_of(configured, prices, region, judged.notices), configured, trials, job)
    if job is not None and not costs.jobs and judged.jobs:
        raise ConfigError(f"no job is named `{job}`; there are {_names(judged.jobs)}")
    return costs


def costs_text(judged: JudgedFiles, costs: Costs, output: str, colour: str = "auto") -> str:
    """The costs in one of the output formats."""
    from hpolint.cost import export, tables
    from hpolint.reporters.text import terminal_width

    if output == "json":
        return export.json_costs(costs)
    if output == "csv":
        return export.csv_costs(costs)
    if not costs.jobs:
        return f"{summary(report_of_judged(judged))}\n"
    if output == "markdown":
        return tables.markdown_table(costs)
    terminal = is_terminal(sys.stdout)
    width = terminal_width() if terminal else None
    bars = terminal and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return tables.text_table(costs, width=width or 80, colour=coloured(colour, terminal=terminal), bars=bars)


def tradeoff_text(costs: Costs, output: str) -> str:
    """The trade-off of the only job. Raises ConfigError if there is not exactly one, or no measurement fits it."""
    from hpolint.cost.export import json_tradeoff
    from hpolint.cost.tables import text_tradeoff

    if output not in ("text", "json"):
        raise ConfigError(f"unknown output `{output}`: `hpolint cost --tradeoff` supports text and json")
    if not costs.jobs:
        raise ConfigError("no tuning job")
    if len(costs.jobs) > 1:
        names = _names([cost.job for cost in costs.jobs])
        raise ConfigError(f"--tradeoff needs one job: choose it with --job ({names})")
    (cost,) = costs.jobs
    found = tradeoff(cost.now, cost.trials)
    if isinstance(found, str):
        raise ConfigError(f"{cost.place}: {found}")
    if output == "json":
        return json_tradeoff(found)
    trials_label = cost.trials.label if cost.trials is not None else None
    return text_tradeoff(found, f"{job_name(cost.job)} ({cost.place})", trials_label)


def _names(jobs: list[TuningJob]) -> str:
    """The names by which ``--job`` finds the jobs, at most 20."""
    names: dict[str, None] = {}
    for job in jobs:
        names |= dict.fromkeys(names_of(job))
    return ", ".join(list(names)[:20])

"""The costs of jobs as a table for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from hpolint.cost.amounts import amount, cap, count, defaults, duration, likely_words, limit, machines, number, reasons
from hpolint.cost.costing import Costs, JobCost, Total
from hpolint.cost.estimate import ServiceLimit
from hpolint.cost.launch_sums import WorstCase
from hpolint.cost.likely import Likely
from hpolint.cost.tradeoff import Choice, Factor, Tradeoff
from hpolint.facts.worst_case_cost import HOUR, Figure
from hpolint.io.escaping import brief, visible
from hpolint.model.launch import Certainty, Launch, launch_names
from hpolint.model.message_text import job_name, subject_text
from hpolint.model.node import Unknown
from hpolint.reporters.layout import Line, cells, printed, wrapped
from hpolint.reporters.markdown import escaped

WIDTH, MAX_WIDTH = 80, 120
HEADS = (("", "trials"), ("", "at once"), ("", "rounds"), ("at worst", "hours"))
MAX_LAUNCH_LINES = 6
"""Costs of launches of one job that are listed."""

EIGHTHS = " ▏▎▍▌▋▊▉█"
MIN_BAR_CELLS, GAP_CELLS = 8, 2
TOTALS = {"written": "with explicit limits", "default": "with default limits", "launched": "of launched jobs"}


def totals(costs: Costs) -> list[Total]:
    """The totals that have a job with a figure."""
    return [total for total in costs.totals if total.hours is not None]


def text_table(costs: Costs, *, width: int = WIDTH, colour: bool = False, bars: bool = False) -> str:
    """The table: a row for each job, most expensive first, with details below it, the totals and notes."""
    if not costs.jobs:
        return ""
    table = _Table(costs, min(max(width, WIDTH), MAX_WIDTH), bars=bars)
    return "".join(printed(line, colour=colour) for line in table.lines())


class _Table:
    """The layout of a table: the job column takes the width that the numbers leave."""

    def __init__(self, costs: Costs, width: int, *, bars: bool) -> None:
        self._costs = costs
        self.width = width
        heads = list(HEADS)
        if costs.prices is not None:
            heads.append(("at worst", costs.prices.currency))
        self._heads = [list(row) for row in zip(*heads, strict=True)]
        sums = [self._sum(total) for total in totals(costs)]
        rows = [*self._heads, *(_values(job, costs) for job in costs.jobs), *sums]
        self._sizes = [max(cells(row[at]) for row in rows) + GAP_CELLS for at in range(len(heads))]
        longest = max([12, *(cells(_name(job)) for job in costs.jobs)])
        self._first = max(min(longest, width - sum(self._sizes)), 12)
        left = width - sum(self._sizes) - self._first - GAP_CELLS
        self._bar_cells = min(left, 20) if bars and left >= MIN_BAR_CELLS else 0
        amounts = [job.hours.amount for job in costs.counted if job.hours.amount]
        self._largest = max(amounts, default=None)

    def lines(self) -> Iterator[Line]:
        """All lines of the table."""
        yield [(self._row("", self._heads[0]), "bold")]
        yield [(self._row("job", self._heads[1]), "bold")]
        for job in self._costs.jobs:
            line: Line = [(self._row(_name(job), _values(job, self._costs)), "")]
            if self._bar_cells:
                line.append((" " * GAP_CELLS + self._bar_of(job), "rail"))
            yield line
            yield _indented(visible(job.place))  # not wrapped, so that the path can be copied
            for text in details(job):
                yield from wrapped(_indented(text), self.width, 4)
        yield []
        yield from self._totals()
        yield []
        for note in notes(self._costs):
            yield from wrapped(_plain(note), self.width, 0)

    def _sum(self, total: Total) -> list[str]:
        """The cells of a total."""
        row = ["", "", "", amount(total.hours)]
        return row if self._costs.prices is None else [*row, amount(total.money, money=True)]

    def _row(self, first: str, values: list[str]) -> str:
        first = brief(first, self._first)
        while cells(first) > self._first:  # a character may take two cells
            first = f"{first[:-2]}…"
        numbers = (" " * (size - cells(value)) + value for value, size in zip(values, self._sizes, strict=True))
        return first + " " * (self._first - cells(first)) + "".join(numbers)

    def _bar_of(self, job: JobCost) -> str:
        """A bar in proportion to the job's hours, in eighths of a character."""
        value = job.hours.amount
        if not value or not self._largest or not job.is_counted:
            return ""
        eighths = max(round(float(value / self._largest) * self._bar_cells * 8), 1)
        return (EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()

    def _totals(self) -> Iterator[Line]:
        for total in totals(self._costs):
            values = self._sum(total)
            row = self._row("", values)
            title = f"total {TOTALS[total.kind]}"
            text = f"{title}:{' '.join(values)}"
            if not row[: cells(title) + GAP_CELLS].strip():
                text = title + row[cells(title) :]
            yield [(text, "bold")]
        yield from (_plain(text) for text in left_out(self._costs))


def _values(job: JobCost, costs: Costs) -> list[str]:
    """The cells of a job behind its name."""
    budget = job.now.budget
    hours = "local" if job.now.is_local else amount(job.hours)
    values = [count(budget.trials), count(budget.at_once), count(budget.rounds), hours]
    return values if costs.prices is None else [*values, _money(job)]


def _plain(text: str) -> Line:
    return [(text, "")]


def _indented(text: str) -> Line:
    return [("  ", ""), (text, "")]


def _name(job: JobCost) -> str:
    return visible(job_name(job.job))


def _money(job: JobCost) -> str:
    hours, money = job.hours, job.money
    if job.now.is_prepaid:
        return "prepaid"
    if job.now.is_local:
        return ""
    if money is not None and money.amount is None and hours.amount is not None:
        return "no price"
    return amount(money, money=True)


def _state(job: JobCost) -> str:
    """Why a job is not counted, as the end of a line; empty for others."""
    if job.job.is_launched:
        return "; launched already"
    if job.job.is_unused:
        return "; nothing in its file uses it"
    return "; its launch is turned off" if job.job.is_disabled else ""


def details(job: JobCost) -> Iterator[str]:
    """The lines below a job: its instances, unknown values, likely cost, and the cost after fixes."""
    now, end = job.now, job.now.service_limit
    run = [machines(job), cap(job), limit(job), "spot" if now.is_spot else ""]
    yield visible(", ".join(part for part in run if part)) + _state(job)
    for line in defaults(now):
        yield f"by default: {visible(line)}"
    if end is not None:
        most = _hours_and_money(end, job)
        yield f"no limit is set; the service ends it after {end.trials:,} trials or 30 days: at most {most}"
    yield from _launch_lines(job)
    what = "unknown" if job.hours.sign == "≥" else "at most"
    for line in reasons(job):
        yield f"{what}: {visible(line)}"
    if isinstance(job.likely, Likely):
        money = job.likely_money
        words = likely_words(job.likely)
        yield f"{words}; {money:,.2f} {now.prices.currency}" if money is not None and now.prices else words
    elif isinstance(job.likely, Unknown) and not now.hours.open:
        yield f"likely: unknown, since {subject_text(job.job, job.likely)}{job.likely.reason}"
    yield from _advice(job)
    if job.launches_per_month is not None and job.hours.amount is not None:
        times = Decimal(str(job.launches_per_month))
        month = Total("month", _multiplied(job.hours, times), _multiplied(job.money, times))
        most = _hours_and_money(month, job, "instance-hours at worst")
        yield f"{number(job.launches_per_month)} launches per month: {most}"


def _launch_lines(job: JobCost) -> Iterator[str]:
    """A line for the launches of each cost, if the job has several."""
    every: list[Launch] = []
    for part in job.worst.launches:
        every += part.launches
    for part in job.worst.launches[:MAX_LAUNCH_LINES]:
        names = launch_names(part.launches, every)
        is_single = len(part.launches) == 1 and part.launches[0].count == 1
        figure = Total("launch", part.estimate.hours, part.estimate.money)
        words = f"{names}: {_hours_and_money(figure, job)}{'' if is_single else ' each'}"
        certainty = _certainty(part.launches)
        yield visible(f"{words} ({certainty})" if certainty else words)
    left = len(job.worst.launches) - MAX_LAUNCH_LINES
    if left > 0:
        yield f"… and {left:,} more costs of launches"


def _certainty(launches: Sequence[Launch]) -> str:
    """Whether some launches may not happen, as words; empty if they do."""
    if all(launch.certainty is Certainty.ONE_OF for launch in launches):
        return "at most one of several"
    return "" if any(launch.is_sent for launch in launches) else "may happen"


def _advice(job: JobCost) -> Iterator[str]:
    """The worst case after fixes, if they change it."""
    now, safe, fixed = job.worst, job.safe_fixes, job.all_fixes
    if (safe.hours, safe.money) != (now.hours, now.money):
        yield f"with safe fixes: {_hours_and_money(safe, job)}"
    if (fixed.hours, fixed.money) not in ((now.hours, now.money), (safe.hours, safe.money)):
        yield f"with all fixes: {_hours_and_money(fixed, job)}"


def _hours_and_money(sums: Total | WorstCase | ServiceLimit, job: JobCost, unit: str = "instance-hours") -> str:
    text = f"{amount(sums.hours)} {unit}"
    if sums.money is None or sums.money.amount is None or job.now.prices is None:
        return text
    return f"{text}, {amount(sums.money, money=True)} {job.now.prices.currency}"


def _multiplied(figure: Figure | None, times: Decimal) -> Figure | None:
    if figure is None or figure.amount is None:
        return figure
    return Figure(figure.amount * times, figure.sign, figure.open)


def left_out(costs: Costs) -> Iterator[str]:
    """Lines that count the jobs without a known worst case or without a price."""
    open_ = costs.open
    if open_:
        unbounded = sum(figure.unbounded for figure in open_)
        without_figure = sum(figure.amount is None for figure in open_) - unbounded
        parts = [(without_figure, "without a figure"), (unbounded, "without any limit")]
        breakdown = ", ".join(f"{number} {words}" for number, words in parts if number) or "each with a lower bound"
        yield f"unknown: {len(open_)} of {len(costs.jobs)} jobs, {breakdown}"
    unpriced = sum(bool(job.now.unpriced) for job in costs.counted)
    if unpriced:
        yield f"without a price: {unpriced} of {len(costs.jobs)} jobs"


def notes(costs: Costs) -> Iterator[str]:
    """Notes on what the figures include."""
    yield (
        "hours: worst-case instance-hours for one launch, if every trial runs until it is stopped. Early stopping and "
        "completion criteria can lower the bill, but not this figure. Not included: the time that a stopped trial "
        "takes to end (up to 120 s) and to upload its artifacts."
    )
    if any(job.worst.launches for job in costs.jobs):
        yield "A job with several launches counts as their sum, as if each launch that only may happen did."
    prices = costs.prices
    if prices is None:
        return
    where = f" for {prices.region}" if prices.region is not None else ""
    kind = "indicative prices" if prices.is_indicative else "prices"
    storage = "without" if prices.gigabyte_month is None else "with"
    yield f"{prices.currency}: {kind}{where} ({prices.label}), {storage} instance storage, without S3 and logs."
    unpriced: dict[str, None] = {}
    is_estimated = False
    for job in costs.jobs:
        unpriced |= dict.fromkeys(job.now.unpriced)
        if job.now.is_spot and any(prices.is_estimated(name) for name in job.now.types):
            is_estimated = True
    if unpriced:
        yield f"Instance types without a price: {', '.join([*unpriced][:10])}{' …' if len(unpriced) > 10 else ''}."
    if is_estimated:
        yield "Spot capacity without a spot price is counted at the on-demand price, which is an upper bound."


def markdown_table(costs: Costs) -> str:
    """The costs as a Markdown table, for a pull request or a wiki."""
    if not costs.jobs:
        return ""
    names = ["job", "where", "trials", "at once", "rounds", "instance-hours at worst"]
    if costs.prices is not None:
        names.append(costs.prices.currency)
    lines = [f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    for job in costs.jobs:
        row = [escaped(value) for value in (_name(job), job.place, *_values(job, costs))]
        lines.append(f"| {' | '.join(row)} |")
    for total in totals(costs):
        row = [f"**total {TOTALS[total.kind]}**", "", "", "", "", f"**{amount(total.hours)}**"]
        if costs.prices is not None:
            money = amount(total.money, money=True)
            row.append(f"**{money}**" if money else "")
        lines.append(f"| {' | '.join(row)} |")
    below = [f"<sub>{escaped(line)}</sub>" for line in (*left_out(costs), *notes(costs))]
    return "\n".join([*lines, "", *below]) + "\n"


def text_tradeoff(tradeoff: Tradeoff, name: str, trials_label: str | None) -> str:
    """The trade-off of a job: a row for each number of trials at once, and notes on the figures."""
    rows = [
        ["", "", f"{tradeoff.trials:,} trials", "as far as", "", ""],
        ["at once", "rounds", "take", "one at a time:", "instance-hours", "time"],
    ]
    rows += [_choice_row(tradeoff, choice) for choice in tradeoff.choices]
    title = f"{name}: {tradeoff.trials:,} trials of Bayesian search"
    if trials_label is None:
        rows = [[row[0], row[1], row[3]] for row in rows]
    else:
        title += f", {trials_label}"
    sizes = [max(map(cells, column)) + GAP_CELLS for column in zip(*rows, strict=True)]
    sizes[0] -= GAP_CELLS
    lines = [*wrapped(_plain(title), WIDTH, 2), []]
    for row in rows:
        text = "".join(f"{value:>{size}}" for value, size in zip(row, sizes, strict=True))
        lines.append(_plain(text))
    lines.append([])
    for note in _tradeoff_notes(tradeoff, trials_label):
        lines += wrapped(_plain(note), WIDTH, 0)
    return "".join(printed(line, colour=False) for line in lines)


def _choice_row(tradeoff: Tradeoff, choice: Choice) -> list[str]:
    """One row. The factor of trials is measured; hours and time follow from it."""
    row = [f"{choice.at_once}", f"{choice.rounds:,}"]
    trials = _times(tradeoff.trials, choice.factor, lambda value: f"{value:,.0f}")
    if choice.likely is None or choice.as_far is None:
        return [*row, "", trials, "", ""]
    hours = _times(choice.likely.hours.expected, choice.factor, number)
    wall = duration(choice.likely.wall.expected * HOUR)
    return [*row, wall, trials, hours, duration(choice.as_far.wall.expected * HOUR)]


def _times(value: float, factor: Factor, render: Callable[[float], str]) -> str:
    """A value times a factor, with its interval if that is wider than one value."""
    middle = render(value * factor.value)
    if factor.low == factor.high:
        return middle
    return f"{middle} ({render(value * factor.low)} to {render(value * factor.high)})"


def _tradeoff_notes(tradeoff: Tradeoff, trials_label: str | None) -> Iterator[str]:
    like = ""
    if tradeoff.measured != tradeoff.trials:
        like = f" with {tradeoff.measured} trials, the nearest number,"
    yield (
        f"As far: the result of {tradeoff.trials:,} trials one at a time. Measured{like} on {tradeoff.tasks} tasks "
        "with small models; brackets are 95 % intervals. Your search may differ. Other numbers at once were not "
        "measured."
    )
    if trials_label is None:
        yield "Add --trial-minutes or --trials to see hours and time, too."

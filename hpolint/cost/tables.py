"""The costs of jobs as a table for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from hpolint.cost.amounts import amount, cap, count, defaults, duration, likely_words, limit, machines, number, reasons
from hpolint.cost.costing import Costs, JobCost
from hpolint.cost.estimate import ServiceLimit
from hpolint.cost.likely import Likely
from hpolint.cost.tradeoff import Choice, Factor, Tradeoff
from hpolint.facts.worst_case_cost import HOUR, Figure
from hpolint.io.escaping import brief, visible
from hpolint.model.message_text import job_name, subject_text
from hpolint.model.node import Unknown
from hpolint.reporters.layout import Line, cells, printed, wrapped
from hpolint.reporters.markdown import escaped

WIDTH, MAX_WIDTH = 80, 120
HEADS = (("", "trials"), ("", "at once"), ("", "rounds"), ("at worst", "hours"))
EIGHTHS = " ▏▎▍▌▋▊▉█"
MIN_BAR_CELLS, GAP_CELLS = 8, 2


class Total(msgspec.Struct, frozen=True):
    """A sum of several jobs' figures."""

    words: str
    hours: Figure
    money: Figure | None


def totals(costs: Costs) -> Iterator[Total]:
    """The totals that have a job with a figure."""
    sums = (
        ("with explicit limits", costs.hours(written=True), costs.money(written=True)),
        ("with default limits", costs.hours(written=False), costs.money(written=False)),
        ("of launched jobs", costs.launched_hours(), costs.launched_money()),
    )
    for words, hours, money in sums:
        if hours is not None:
            yield Total(words, hours, money)


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
        heads = [*HEADS, *([("at worst", costs.prices.currency)] if costs.prices is not None else [])]
        self._heads = [[above for above, _ in heads], [below for _, below in heads]]
        sums = [self._sum(total) for total in totals(costs)]
        rows = [*self._heads, *map(self._values, costs.jobs), *sums]
        self._sizes = [max(cells(row[at]) for row in rows) + GAP_CELLS for at in range(len(heads))]
        longest = max([12, *(cells(_name(each)) for each in costs.jobs)])
        self._first = max(min(longest, width - sum(self._sizes)), 12)
        left = width - sum(self._sizes) - self._first - GAP_CELLS
        self._bar_cells = min(left, 20) if bars and left >= MIN_BAR_CELLS else 0
        amounts = [each.now.hours.amount for each in costs.jobs if each.is_counted and each.now.hours.amount]
        self._largest = max(amounts, default=None)

    def lines(self) -> Iterator[Line]:
        """All lines of the table."""
        yield [(self._row("", self._heads[0]), "bold")]
        yield [(self._row("job", self._heads[1]), "bold")]
        for each in self._costs.jobs:
            line: Line = [(self._row(_name(each), self._values(each)), "")]
            yield [*line, (" " * GAP_CELLS + self._bar_of(each), "rail")] if self._bar_cells else line
            yield _indented(visible(each.place))  # not wrapped, so that the path can be copied
            yield from (part for text in details(each) for part in wrapped(_indented(text), self.width, 4))
        yield []
        yield from self._totals()
        yield []
        yield from (part for text in notes(self._costs) for part in wrapped(_plain(text), self.width, 0))

    def _values(self, each: JobCost) -> list[str]:
        budget = each.now.budget
        shown = [count(budget.trials), count(budget.at_once), count(budget.rounds), _hours(each)]
        return [*shown, *([_money(each)] if self._costs.prices is not None else [])]

    def _sum(self, total: Total) -> list[str]:
        """The cells of a total."""
        money = [amount(total.money, money=True)] if self._costs.prices is not None else []
        return ["", "", "", amount(total.hours), *money]

    def _row(self, first: str, values: list[str]) -> str:
        first = brief(first, self._first)
        while cells(first) > self._first:  # a character may take two cells
            first = f"{first[:-2]}…"
        numbers = (" " * (size - cells(value)) + value for value, size in zip(values, self._sizes, strict=True))
        return first + " " * (self._first - cells(first)) + "".join(numbers)

    def _bar_of(self, each: JobCost) -> str:
        """A bar in proportion to the job's hours, in eighths of a character."""
        value = each.now.hours.amount
        if not value or not self._largest or not each.is_counted:
            return ""
        eighths = max(round(float(value / self._largest) * self._bar_cells * 8), 1)
        return EIGHTHS[8] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")

    def _totals(self) -> Iterator[Line]:
        for total in totals(self._costs):
            values = self._sum(total)
            row = self._row("", values)
            title = f"total {total.words}"
            is_short = not row[: cells(title) + GAP_CELLS].strip()
            yield [(title + row[cells(title) :] if is_short else f"{title}:{' '.join(values)}", "bold")]
        yield from map(_plain, left_out(self._costs))


def _plain(text: str) -> Line:
    return [(text, "")]


def _indented(text: str) -> Line:
    return [("  ", ""), (text, "")]


def _name(each: JobCost) -> str:
    return visible(job_name(each.job))


def _hours(each: JobCost) -> str:
    return "local" if each.now.is_local else amount(each.now.hours)


def _money(each: JobCost) -> str:
    if each.now.is_prepaid:
        return "prepaid"
    if each.now.is_local:
        return ""
    lacks = each.now.money is not None and each.now.money.amount is None and each.now.hours.amount is not None
    return "no price" if lacks else amount(each.now.money, money=True)


def _state(each: JobCost) -> str:
    """Why a job is not counted, as the end of a line; empty for others."""
    if each.job.is_launched:
        return "; launched already"
    return "; its launch is turned off" if each.job.is_disabled else ""


def details(each: JobCost) -> Iterator[str]:
    """The lines below a job: its instances, unknown values, likely cost, and the cost after fixes."""
    how = [machines(each), cap(each), limit(each), "spot" if each.now.is_spot else ""]
    yield visible(", ".join(filter(None, how))) + _state(each)
    yield from (f"by default: {visible(line)}" for line in defaults(each.now))
    if each.now.service_limit is not None:
        yield _service_words(each, each.now.service_limit)
    what = "unknown" if each.now.hours.sign == "≥" else "at most"
    yield from (f"{what}: {visible(line)}" for line in reasons(each))
    if isinstance(each.likely, Likely):
        money = each.likely_money
        priced = f"; {money:,.2f} {each.now.prices.currency}" if money is not None and each.now.prices else ""
        yield likely_words(each.likely) + priced
    elif isinstance(each.likely, Unknown) and not each.now.hours.open:
        yield f"likely: unknown, since {subject_text(each.job, each.likely)}{each.likely.reason}"
    yield from _advice(each)
    if each.launches is not None and each.now.hours.amount is not None:
        yield _monthly(each, each.launches)


def _advice(each: JobCost) -> Iterator[str]:
    """The worst case after fixes, if they change it."""
    before = (each.now.hours, each.now.money)
    if (each.safe_fixes.hours, each.safe_fixes.money) != before:
        yield f"with safe fixes: {_hours_and_money(each.safe_fixes.hours, each.safe_fixes.money, each)}"
    if (each.all_fixes.hours, each.all_fixes.money) not in (before, (each.safe_fixes.hours, each.safe_fixes.money)):
        yield f"with all fixes: {_hours_and_money(each.all_fixes.hours, each.all_fixes.money, each)}"


def _service_words(each: JobCost, found: ServiceLimit) -> str:
    """Where the service itself ends a job that nothing bounds."""
    most = _hours_and_money(found.hours, found.money, each)
    return f"no limit is set; the service ends it after {found.trials:,} trials or 30 days: at most {most}"


def _hours_and_money(hours: Figure, money: Figure | None, each: JobCost) -> str:
    text = f"{amount(hours)} instance-hours"
    if money is None or money.amount is None or each.now.prices is None:
        return text
    return f"{text}, {amount(money, money=True)} {each.now.prices.currency}"


def _monthly(each: JobCost, launches: float) -> str:
    times = Decimal(str(launches))
    hours, money = (_multiplied(found, times) for found in (each.now.hours, each.now.money))
    text = f"{number(launches)} launches per month: {amount(hours)} instance-hours at worst"
    if money is None or money.amount is None or each.now.prices is None:
        return text
    return f"{text}, {amount(money, money=True)} {each.now.prices.currency}"


def _multiplied(found: Figure | None, times: Decimal) -> Figure | None:
    if found is None or found.amount is None:
        return found
    return Figure(found.amount * times, found.sign, found.open)


def left_out(costs: Costs) -> Iterator[str]:
    """Lines that count the jobs without a known worst case or without a price."""
    open_ = costs.open
    if open_:
        without_figure = sum(each.now.hours.amount is None for each in open_) - costs.unbounded
        parts = [(without_figure, "without a figure"), (costs.unbounded, "without any limit")]
        breakdown = ", ".join(f"{number} {words}" for number, words in parts if number) or "each with a lower bound"
        yield f"unknown: {len(open_)} of {len(costs.jobs)} jobs, {breakdown}"
    if costs.prices is not None and costs.unpriced:
        yield f"without a price: {costs.unpriced} of {len(costs.jobs)} jobs"


def notes(costs: Costs) -> Iterator[str]:
    """Notes on what the figures include."""
    yield (
        "hours: worst-case instance-hours for one launch, if every trial runs until it is stopped. Early stopping and "
        "completion criteria can lower the bill, but not this figure. Not included: the time that a stopped trial "
        "takes to end (up to 120 s) and to upload its artifacts."
    )
    prices = costs.prices
    if prices is None:
        return
    where = f" for {prices.region}" if prices.region is not None else ""
    kind = "indicative prices" if prices.is_indicative else "prices"
    storage = "with instance storage" if prices.gigabyte_month is not None else "without instance storage"
    yield f"{prices.currency}: {kind}{where} ({prices.label}), {storage}, without S3 and logs."
    unpriced = list(dict.fromkeys(name for each in costs.jobs for name in each.now.unpriced))
    if unpriced:
        yield f"Instance types without a price: {', '.join(unpriced[:10])}{' …' if len(unpriced) > 10 else ''}."
    if any(each.now.is_spot and any(map(prices.is_estimated, each.now.types)) for each in costs.jobs):
        yield "Spot capacity without a spot price is counted at the on-demand price, which is an upper bound."


def markdown_table(costs: Costs) -> str:
    """The costs as a Markdown table, for a pull request or a wiki."""
    names = ["job", "where", "trials", "at once", "rounds", "instance-hours at worst"]
    if costs.prices is not None:
        names.append(costs.prices.currency)
    lines = [f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    for each in costs.jobs:
        budget = each.now.budget
        row = [_name(each), each.place, count(budget.trials), count(budget.at_once), count(budget.rounds)]
        row += [_hours(each), *([_money(each)] if costs.prices is not None else [])]
        lines.append(f"| {' | '.join(escaped(value) for value in row)} |")
    for total in totals(costs):
        row = [f"**total {total.words}**", "", "", "", "", f"**{amount(total.hours)}**"]
        if costs.prices is not None:
            money = amount(total.money, money=True)
            row.append(f"**{money}**" if money else "")
        lines.append(f"| {' | '.join(row)} |")
    below = [*left_out(costs), *notes(costs)]
    return "\n".join([*lines, "", *(f"<sub>{escaped(line)}</sub>" for line in below)]) + "\n" if costs.jobs else ""


def text_tradeoff(found: Tradeoff, name: str, trials_label: str | None) -> str:
    """The trade-off of a job: a row for each number of trials at once, and notes on the figures."""
    heads = [["", "at once"], ["", "rounds"], [f"{found.trials:,} trials", "take"], ["as far as", "one at a time:"]]
    heads += [["", "instance-hours"], ["", "time"]]
    rows = [_choice_row(found, each) for each in found.choices]
    if trials_label is None:
        heads, rows = [*heads[:2], heads[3]], [[row[0], row[1], row[3]] for row in rows]
    above, below = ([head[at] for head in heads] for at in (0, 1))
    sizes = [
        max(cells(row[at]) for row in [above, below, *rows]) + (GAP_CELLS if at else 0) for at in range(len(heads))
    ]
    lines = [
        "".join(f"{value:>{size}}" for value, size in zip(row, sizes, strict=True)) for row in [above, below, *rows]
    ]
    with_ = "" if trials_label is None else f", {trials_label}"
    title = wrapped(_plain(f"{name}: {found.trials:,} trials of Bayesian search{with_}"), WIDTH, 2)
    worth = [part for line in _tradeoff_notes(found, trials_label) for part in wrapped(_plain(line), WIDTH, 0)]
    return "".join(printed(line, colour=False) for line in [*title, [], *map(_plain, lines), [], *worth])


def _choice_row(found: Tradeoff, each: Choice) -> list[str]:
    """One row. The factor of trials is measured; hours and time follow from it."""
    row = [f"{each.at_once}", f"{each.rounds:,}"]
    trials = _times(found.trials, each.factor, lambda value: f"{value:,.0f}")
    if each.likely is None or each.as_far is None:
        return [*row, "", trials, "", ""]
    hours = _times(each.likely.hours.expected, each.factor, number)
    wall = duration(each.likely.wall.expected * HOUR)
    return [*row, wall, trials, hours, duration(each.as_far.wall.expected * HOUR)]


def _times(value: float, factor: Factor, render: Callable[[float], str]) -> str:
    """A value times a factor, with its interval if that is wider than one value."""
    middle, low, high = (render(value * part) for part in (factor.value, factor.low, factor.high))
    return middle if factor.low == factor.high else f"{middle} ({low} to {high})"


def _tradeoff_notes(found: Tradeoff, trials_label: str | None) -> Iterator[str]:
    like = "" if found.measured == found.trials else f" with {found.measured} trials, the nearest number,"
    yield (
        f"As far: the result of {found.trials:,} trials one at a time. Measured{like} on {found.tasks} tasks with "
        "small models; brackets are 95 % intervals. Your search may differ. Other numbers at once were not measured."
    )
    if trials_label is None:
        yield "Add --trial-minutes or --trials to see hours and time, too."

"""The costs of jobs as a table for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from hpolint.cost.amounts import amount, cap, count, lasting, likely_words, limit, machines, number, reasons
from hpolint.cost.costing import Costs, JobCost
from hpolint.cost.likely import Likely
from hpolint.cost.tradeoff import Choice, Factor, Tradeoff
from hpolint.facts.worst_case_cost import HOUR, Figure
from hpolint.io.escaping import brief, visible
from hpolint.model.message_text import job_name
from hpolint.model.node import Unknown
from hpolint.reporters.layout import Line, cells, printed, wrapped
from hpolint.reporters.markdown import escaped

WIDTH, MOST_WIDTH = 80, 120
HEADS = (("", "trials"), ("", "at once"), ("", "rounds"), ("at worst", "hours"))
EIGHTHS = " ▏▎▍▌▋▊▉█"
LEAST_BAR, GAP = 8, 2
TOTALS = ((True, "limits that somebody wrote"), (False, "defaults alone"))


def text_table(costs: Costs, *, width: int = WIDTH, colour: bool = False, bars: bool = False) -> str:
    """A row for each job, the dearest first, with what it runs on below; totals, and what the figures leave out."""
    if not costs.jobs:
        return ""
    table = _Table(costs, min(max(width, WIDTH), MOST_WIDTH), bars=bars)
    return "".join(printed(line, colour=colour) for line in table.lines())


class _Table:
    """One table: the name of a job takes what the numbers leave."""

    def __init__(self, costs: Costs, width: int, *, bars: bool) -> None:
        self._costs = costs
        self.width = width
        heads = [*HEADS, *([("at worst", costs.prices.currency)] if costs.prices is not None else [])]
        self._heads = [[above for above, _ in heads], [below for _, below in heads]]
        sums = [self._sum(written=written) for written in (True, False)]
        rows = [*self._heads, *map(self._values, costs.jobs), *(each for each in sums if each is not None)]
        self._sizes = [max(cells(row[at]) for row in rows) + GAP for at in range(len(heads))]
        longest = max([12, *(cells(_name(each)) for each in costs.jobs)])
        self._first = max(min(longest, width - sum(self._sizes)), 12)
        left = width - sum(self._sizes) - self._first - GAP
        self._bar = min(left, 20) if bars and left >= LEAST_BAR else 0
        amounts = [each.now.hours.amount for each in costs.jobs if each.is_counted and each.now.hours.amount]
        self._most = max(amounts, default=None)

    def lines(self) -> Iterator[Line]:
        """All lines of it."""
        yield [(self._row("", self._heads[0]), "bold")]
        yield [(self._row("job", self._heads[1]), "bold")]
        for each in self._costs.jobs:
            line: Line = [(self._row(_name(each), self._values(each)), "")]
            yield [*line, (" " * GAP + self._filled(each), "rail")] if self._bar else line
            yield _indented(visible(each.place))  # a path is never broken: it can be copied then
            yield from (part for text in details(each) for part in wrapped(_indented(text), self.width, 4))
        yield []
        yield from self._totals()
        yield []
        yield from (part for text in notes(self._costs) for part in wrapped(_plain(text), self.width, 0))

    def _values(self, each: JobCost) -> list[str]:
        budget = each.now.budget
        shown = [count(budget.trials), count(budget.at_once), count(budget.rounds), _hours(each)]
        return [*shown, *([_money(each)] if self._costs.prices is not None else [])]

    def _sum(self, *, written: bool) -> list[str] | None:
        """The numbers of a total; None where no job is of its kind."""
        hours = self._costs.hours(written=written)
        if hours is None:
            return None
        money = [amount(self._costs.money(written=written), money=True)] if self._costs.prices is not None else []
        return ["", "", "", amount(hours), *money]

    def _row(self, first: str, values: list[str]) -> str:
        first = brief(first, self._first)
        while cells(first) > self._first:  # a sign may take two cells
            first = f"{first[:-2]}…"
        numbers = (" " * (size - cells(value)) + value for value, size in zip(values, self._sizes, strict=True))
        return first + " " * (self._first - cells(first)) + "".join(numbers)

    def _filled(self, each: JobCost) -> str:
        """A bar as long as the job is dear, in eighths of a sign."""
        value = each.now.hours.amount
        if not value or not self._most or not each.is_counted:
            return ""
        eighths = max(round(float(value / self._most) * self._bar * 8), 1)
        return EIGHTHS[8] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")

    def _totals(self) -> Iterator[Line]:
        for is_written, words in TOTALS:
            values = self._sum(written=is_written)
            if values is not None:
                row = self._row("", values)
                told = f"total by {words}"
                is_short = not row[: cells(told) + GAP].strip()
                yield [(told + row[cells(told) :] if is_short else f"{told}:{' '.join(values)}", "bold")]
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


def details(each: JobCost) -> Iterator[str]:
    """What stands below a job: what it runs on, what is open, what is likely, what the advice saves."""
    how = [machines(each), cap(each), limit(each), "spot" if each.now.is_spot else ""]
    yield visible(", ".join(filter(None, how))) + ("; launched already" if each.job.is_launched else "")
    what = "open" if each.now.hours.sign == "≥" else "at most"
    yield from (f"{what}: {visible(line)}" for line in reasons(each))
    if isinstance(each.likely, Likely):
        money = each.likely_money
        priced = f"; {money:,.2f} {each.now.prices.currency}" if money is not None and each.now.prices else ""
        yield likely_words(each.likely) + priced
    elif isinstance(each.likely, Unknown) and not each.now.hours.open:
        yield f"likely: open, {each.likely.reason}"
    yield from _advice(each)
    if each.launches is not None and each.now.hours.amount is not None:
        yield _monthly(each, each.launches)


def _advice(each: JobCost) -> Iterator[str]:
    """What fixes change of the worst case, where they do."""
    before = (each.now.hours, each.now.money)
    if (each.safe.hours, each.safe.money) != before:
        yield f"with safe fixes: {_both(each.safe.hours, each.safe.money, each)}"
    if (each.every.hours, each.every.money) not in (before, (each.safe.hours, each.safe.money)):
        yield f"with all fixes: {_both(each.every.hours, each.every.money, each)}"


def _both(hours: Figure, money: Figure | None, each: JobCost) -> str:
    told = f"{amount(hours)} instance-hours"
    if money is None or money.amount is None or each.now.prices is None:
        return told
    return f"{told}, {amount(money, money=True)} {each.now.prices.currency}"


def _monthly(each: JobCost, launches: float) -> str:
    times = Decimal(str(launches))
    hours, money = (_multiplied(found, times) for found in (each.now.hours, each.now.money))
    told = f"{number(launches)} launches a month: {amount(hours)} instance-hours at worst"
    if money is None or money.amount is None or each.now.prices is None:
        return told
    return f"{told}, {amount(money, money=True)} {each.now.prices.currency}"


def _multiplied(found: Figure | None, times: Decimal) -> Figure | None:
    if found is None or found.amount is None:
        return found
    return Figure(found.amount * times, found.sign, found.open)


def left_out(costs: Costs) -> Iterator[str]:
    """How many jobs the totals lack, and why."""
    open_ = costs.open
    if open_:
        untold = sum(each.now.hours.amount is None for each in open_) - costs.unbounded
        parts = [(untold, "without a figure"), (costs.unbounded, "without any limit")]
        told = ", ".join(f"{number} {words}" for number, words in parts if number) or "each with a bound"
        yield f"open: {len(open_)} of {len(costs.jobs)} jobs, {told}"
    if costs.prices is not None and costs.unpriced:
        yield f"without a price: {costs.unpriced} of {len(costs.jobs)} jobs"


def notes(costs: Costs) -> Iterator[str]:
    """What the figures are, and what they leave out, once for all."""
    yield (
        "hours: instance-hours at worst, for one launch, every trial running until it is stopped; early stopping and "
        "completion criteria lower what is billed, never this. What a stopped trial takes to end (up to 120 s) and to "
        "upload comes on top."
    )
    prices = costs.prices
    if prices is None:
        return
    where = f" of {prices.region}" if prices.region is not None else ""
    kind = "indicative prices" if prices.is_indicative else "prices"
    storage = "with the instances' storage" if prices.gigabyte_month is not None else "without storage"
    yield f"{prices.currency}: {kind}{where} ({prices.label}), {storage}, without S3 and logs."
    unpriced = list(dict.fromkeys(name for each in costs.jobs for name in each.now.unpriced))
    if unpriced:
        yield f"Types without a price: {', '.join(unpriced[:10])}{' …' if len(unpriced) > 10 else ''}."
    if any(each.now.is_spot and any(map(prices.is_estimated, each.now.types)) for each in costs.jobs):
        yield "Spot capacity is counted at the price on demand, which it does not exceed: no price of it is told."


def markdown_table(costs: Costs) -> str:
    """The same for a pull request or a wiki."""
    names = ["job", "where", "trials", "at once", "rounds", "instance-hours at worst"]
    if costs.prices is not None:
        names.append(costs.prices.currency)
    lines = [f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    for each in costs.jobs:
        budget = each.now.budget
        row = [_name(each), each.place, count(budget.trials), count(budget.at_once), count(budget.rounds)]
        row += [_hours(each), *([_money(each)] if costs.prices is not None else [])]
        lines.append(f"| {' | '.join(escaped(value) for value in row)} |")
    for is_written, words in TOTALS:
        hours = costs.hours(written=is_written)
        if hours is not None:
            row = [f"**total by {words}**", "", "", "", "", f"**{amount(hours)}**"]
            money = amount(costs.money(written=is_written), money=True)
            row += [f"**{money}**" if money else ""] if costs.prices is not None else []
            lines.append(f"| {' | '.join(row)} |")
    below = [*left_out(costs), *notes(costs)]
    return "\n".join([*lines, "", *(f"<sub>{escaped(line)}</sub>" for line in below)]) + "\n" if costs.jobs else ""


def text_tradeoff(found: Tradeoff, name: str, said: str | None) -> str:
    """The ways to run a job, from one trial at a time on, and what the figures are worth."""
    heads = [["", "at once"], ["", "rounds"], [f"{found.trials:,} trials", "take"], ["as far as", "one at a time:"]]
    heads += [["", "instance-hours"], ["", "time"]]
    rows = [_way(found, each) for each in found.choices]
    if said is None:
        heads, rows = [*heads[:2], heads[3]], [[row[0], row[1], row[3]] for row in rows]
    above, below = ([head[at] for head in heads] for at in (0, 1))
    sizes = [max(cells(row[at]) for row in [above, below, *rows]) + (GAP if at else 0) for at in range(len(heads))]
    lines = [
        "".join(f"{value:>{size}}" for value, size in zip(row, sizes, strict=True)) for row in [above, below, *rows]
    ]
    with_ = "" if said is None else f", {said}"
    title = wrapped(_plain(f"{name}: {found.trials:,} trials of Bayesian search{with_}"), WIDTH, 2)
    worth = [part for line in _worth(found, said) for part in wrapped(_plain(line), WIDTH, 0)]
    return "".join(printed(line, colour=False) for line in [*title, [], *map(_plain, lines), [], *worth])


def _way(found: Tradeoff, each: Choice) -> list[str]:
    """One row: what is measured is the number of trials; hours and time follow from it."""
    row = [f"{each.at_once}", f"{each.rounds:,}"]
    trials = _times(found.trials, each.factor, lambda value: f"{value:,.0f}")
    if each.likely is None or each.as_far is None:
        return [*row, "", trials, "", ""]
    hours = _times(each.likely.hours.expected, each.factor, number)
    wall = lasting(each.likely.wall.expected * HOUR)
    return [*row, wall, trials, hours, lasting(each.as_far.wall.expected * HOUR)]


def _times(value: float, factor: Factor, told: Callable[[float], str]) -> str:
    """So many times a value, with the interval where there is one."""
    middle, low, high = (told(value * part) for part in (factor.value, factor.low, factor.high))
    return middle if factor.low == factor.high else f"{middle} ({low} to {high})"


def _worth(found: Tradeoff, said: str | None) -> Iterator[str]:
    like = "" if found.measured == found.trials else f" with {found.measured} trials, the nearest number, and"
    yield (
        f"As far: what one at a time reaches with {found.trials:,} trials. Measured{like} on {found.tasks} tasks of "
        "small networks and gradient boosting, in brackets 95 % intervals: what your search does may differ. What is "
        "not in the table was not measured."
    )
    if said is None:
        yield "With --trial-minutes, or responses given with --trials, hours are told, too."

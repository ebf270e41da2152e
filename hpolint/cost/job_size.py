"""The size of a job and what it costs at worst, in one line each, for editors and notebooks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hpolint.cost.amounts import amount
from hpolint.cost.estimate import estimate
from hpolint.cost.prices import Prices
from hpolint.model.job import TuningJob

MAX_WITH_CENTS = 100
"""The amount of money from which on cents are not shown."""

WORST_CASE = "Worst case: every trial runs until it is stopped."


def worst_case_text(job: TuningJob, prices: Prices | None) -> str:
    """What a job costs at worst, in a line; empty if it is not known."""
    found = estimate(job, prices)
    if found.hours.amount is not None:
        money = found.money.amount if found.money is not None else None
        cost = f" · ≈ {_rounded(money)} {prices.currency}" if prices is not None and money is not None else ""
        return f"at worst {amount(found.hours)} instance-hours{cost}"
    return "nothing bounds what it costs" if found.hours.unbounded else ""


def hint_text(job: TuningJob, prices: Prices | None) -> str:
    """The same, short: ``≤ 200 h · ≈ 92.00 USD``."""
    return worst_case_text(job, prices).replace("at worst ", "≤ ").replace(" instance-hours", " h")


def size_text(trials: Any, at_once: Any, rounds: Any) -> str:
    """How a job searches: ``24 trials, 12 at a time: 2 rounds``; empty if the number of trials is not known.

    The numbers are those of the facts ``budget``: None for what is not limited or not known.
    """
    if trials is None:
        return ""
    text = counted(trials, "trial")
    if at_once is not None:
        text += f", {at_once:,} at a time"
    return f"{text}: {counted(rounds, 'round')}" if rounds is not None else text


def counted(value: Any, word: str) -> str:
    """A number of things: ``1 trial``, ``1,200 trials``."""
    return f"{value:,} {word}{'' if value == 1 else 's'}"


def _rounded(money: Decimal) -> str:
    """An amount of money: an estimate needs no cents above a hundred."""
    return f"{money:,.0f}" if money >= MAX_WITH_CENTS else f"{money:,.2f}"

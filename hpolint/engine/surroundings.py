"""What conditions can ask beside the job itself: its price, its repository and the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from hpolint.model.ignore_comment import today
from hpolint.model.job import TuningJob
from hpolint.model.node import Unknown
from hpolint.model.rule import Rule


def _no_price(_job: TuningJob) -> None:
    """No price is known."""


def _no_repository(_file: str) -> None:
    """No repository is known."""


class Surroundings(msgspec.Struct, frozen=True):
    """The sources of these values, which the engine calls only for rules that name them.

    ``usd_of`` gives the worst-case cost of a job in USD, None without a price; ``repository_of`` the ``OWNER/NAME`` of
    the repository that holds a file, None if it is not known; ``day`` is the day of the check, as ``2026-11-28``.
    """

    usd_of: Callable[[TuningJob], float | Unknown | None] = _no_price
    repository_of: Callable[[str], str | None] = _no_repository
    day: str = msgspec.field(default_factory=lambda: today().isoformat())

    def limited_to(self, rules: Sequence[Rule]) -> Surroundings:
        """The same without the sources that no rule names."""
        return Surroundings(
            self.usd_of if any(rule.mentions("usd") for rule in rules) else _no_price,
            self.repository_of if any(rule.mentions("repository") for rule in rules) else _no_repository,
            self.day,
        )

"""What an hour of an instance costs, as a file that the user names has it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

MONTH = 730
"""Hours that a month of storage is taken for: offer files price a GB by the month."""


class Prices(msgspec.Struct, frozen=True):
    """Prices of one region, in one currency, by instance type (``ml.m5.xlarge``), for an hour.

    ``gigabyte_month`` is what a GB of a training instance's storage costs for a month, ``discount`` the part of the
    price (0 to 1) that the user takes off for spot capacity where ``spots`` has no price of its own. ``said`` is the
    file's name, ``is_indicative`` says that they are hpolint's own and dated.
    """

    label: str
    currency: str
    region: str | None
    hours: Mapping[str, Decimal]
    spots: Mapping[str, Decimal] = msgspec.field(default_factory=dict)
    gigabyte_month: Decimal | None = None
    discount: Decimal | None = None
    is_indicative: bool = False

    def hour(self, instance_type: str, *, spot: bool = False) -> Decimal | None:
        """The price of an instance for an hour; None where it is not told.

        Spot capacity without a price of its own costs the price on demand, which it does not exceed.
        """
        price = self.hours.get(instance_type)
        if not spot:
            return price
        own = self.spots.get(instance_type)
        if own is not None or price is None:
            return own
        return price if self.discount is None else price * (1 - self.discount)

    def storage(self, gigabytes: int) -> Decimal:
        """What so much storage costs for an hour; nothing where that has no price."""
        return Decimal(0) if self.gigabyte_month is None else self.gigabyte_month * gigabytes / MONTH

    def is_estimated(self, instance_type: str) -> bool:
        """Whether the price of spot capacity of a type is not told, so that the one on demand stands in for it."""
        return instance_type not in self.spots and self.discount is None


def indicative(discount: Decimal | None = None) -> Prices:
    """The few prices that hpolint brings along, each from two independent sources; for nothing but a first idea."""
    from hpolint.data import load

    data = load("prices")
    hours = {name: Decimal(each["price"]) for name, each in data["hours"].items()}
    said = f"public sources, {data['as_of']}"
    return Prices(said, data["currency"], data["region"], hours, discount=discount, is_indicative=True)

"""Prices of instances, from a price file or built in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

MONTH_HOURS = 730
"""Hours that a month of storage counts as: offer files price a GB per month."""


class Prices(msgspec.Struct, frozen=True):
    """Prices per hour of one region, in one currency, by instance type (``ml.m5.xlarge``).

    ``gigabyte_month`` is the price of a GB of a training instance's storage per month. ``discount`` is the fraction
    (0 to 1) that the user takes off for spot capacity without a price in ``spots``. ``label`` is the file's name.
    ``is_indicative`` marks hpolint's own, dated prices.
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
        """The price of an instance per hour; None if it has no price.

        Spot capacity without a price of its own counts at the on-demand price, which it does not exceed.
        """
        price = self.hours.get(instance_type)
        if not spot:
            return price
        spot_price = self.spots.get(instance_type)
        if spot_price is not None or price is None:
            return spot_price
        return price if self.discount is None else price * (1 - self.discount)

    def storage(self, gigabytes: int) -> Decimal:
        """The price of storage per hour; 0 if storage has no price."""
        return Decimal(0) if self.gigabyte_month is None else self.gigabyte_month * gigabytes / MONTH_HOURS

    def is_estimated(self, instance_type: str) -> bool:
        """Whether a type has no spot price, so that its on-demand price is used."""
        return instance_type not in self.spots and self.discount is None


def indicative(discount: Decimal | None = None) -> Prices:
    """The built-in prices, each from two independent sources; they only give a first idea."""
    from hpolint.data import load

    data = load("prices")
    hours = {name: Decimal(each["price"]) for name, each in data["hours"].items()}
    label = f"public sources, {data['as_of']}"
    return Prices(label, data["currency"], data["region"], hours, discount=discount, is_indicative=True)

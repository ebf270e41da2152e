"""The prices that the configuration or the command line names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hpolint.cost.prices import Prices, indicative

NONE = "none"
"""The name of no price file."""


def prices_of(
    configured: Mapping[str, Any], path: str | None = None, region: str | None = None, notices: list[str] | None = None
) -> Prices | None:
    """The prices of the file that the command line or the configuration names, else the built-in ones.

    None for the name ``none``, and for a region without built-in prices, which adds a line to ``notices``. Raises
    ConfigError.
    """
    name, where = path, ""
    if name is None:
        name, where = configured.get("prices"), "cost.prices: "
    if name == NONE:
        return None
    region = region or configured.get("region")
    discount = configured.get("spot-discount")
    if discount is not None:
        discount = Decimal(str(discount))
    if name is not None:
        from hpolint.cost.offers import read_prices

        return read_prices(name, region, discount, where)
    built_in = indicative(discount)
    if region in (None, built_in.region):
        return built_in
    if notices is not None:
        notices.append(f"no built-in prices for {region}: name a price file with `--prices` or `cost.prices`")
    return None

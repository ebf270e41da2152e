"""Files of prices: AWS's own offer file for SageMaker, as it is downloaded, or a small table of one's own.

Sources for the offer file's form: AWS's guide "Reading a service price list file" (five rows of metadata above the
columns; products and terms in JSON), and what programs that read SageMaker's file find there: the usage type
``USE1-Train:ml.g5.2xlarge`` with the unit ``Hrs`` (component ``Training``), ``SpotTraining``, and
``USE1-Train:VolumeUsage.gp2`` with the unit ``GB-Mo``. Columns are found by their names, in whatever order.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from hpolint.config.named_files import JsonError, parse_json, read_named
from hpolint.cost.prices import Prices
from hpolint.io.escaping import LONG, brief
from hpolint.model.settings import ConfigError

LARGEST = 512
"""Megabytes of an offer file: SageMaker's has some tens for a region."""

ON_DEMAND = re.compile(r"(?:[A-Z0-9]+-)?Train:(ml\.[a-z0-9-]+\.[a-z0-9-]+)\Z")
SPOT = re.compile(r"(?:[A-Z0-9]+-)?[A-Za-z]*(?:TrSpt|SpotTrain(?:ing)?)[A-Za-z]*:(ml\.[a-z0-9-]+\.[a-z0-9-]+)\Z")
STORAGE = re.compile(r"(?:[A-Z0-9]+-)?Train:VolumeUsage\.gp2\Z")
OFFER_NEEDS = ("usagetype", "unit", "priceperunit", "currency")
OWN_NEEDS = ("type", "price")
DEAREST = 1_000_000
"""No price of an hour or a GB is that high."""

COLUMN = re.compile(r"[A-Za-z][A-Za-z _-]{0,30}")
"""What may be a column's name: of another file, which may be secret, nothing is quoted."""

VOLUME = "storage"
"""What a table of one's own calls the price of a GB of storage for a month."""


class Row(msgspec.Struct, frozen=True):
    """One price. ``kind`` is ``hour``, ``spot`` or ``storage``; ``at`` is the line, or the SKU."""

    kind: str
    name: str
    price: Decimal
    currency: str
    region: str | None
    at: str


class WrongPriceError(Exception):
    """What is wrong, and at which line or SKU."""

    def __init__(self, at: str | int, reason: str) -> None:
        super().__init__(f"{at}: {reason}")


def read_prices(path: str, region: str | None = None, discount: Decimal | None = None, where: str = "") -> Prices:
    """The prices of a file for a region. Raises ConfigError, with the line where one is wrong."""
    data = read_named(path, LARGEST, "file of prices", where)
    try:
        is_json = data.removeprefix(codecs.BOM_UTF8)[:64].lstrip()[:1] == b"{"
        return _prices(path, list(_json_rows(data) if is_json else _csv_rows(data)), region, discount)
    except WrongPriceError as error:
        raise ConfigError(f"{where}{path}:{error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{where}{path}:{_undecodable(data)}: not UTF-8") from None


def _undecodable(data: bytes) -> int:
    """The line that is not UTF-8."""
    return next(number for number, line in enumerate(data.split(b"\n"), 1) if not _is_utf8(line))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(data: bytes) -> Iterator[Row]:
    """The prices of a CSV file: an offer file's columns stand below its metadata, one's own in the first line."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    columns: dict[str, int] = {}
    try:
        for cells in reader:
            if not any(cells) or cells[0].startswith("#"):
                continue
            if columns:
                row = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
                yield from (_offer_rows if "usagetype" in columns else _own_rows)(row, reader.line_num)
            elif not _is_metadata(cells):
                columns = _columns(cells, reader.line_num)
    except csv.Error as error:
        raise WrongPriceError(reader.line_num, str(error)) from None
    if not columns:
        raise WrongPriceError(1, "no line of columns: an offer file has `usageType`, a table of one's own `type,price`")


def _is_metadata(cells: list[str]) -> bool:
    """Whether a line is one of those above an offer file's columns: ``"FormatVersion","v1.0"``."""
    names = ("formatversion", "disclaimer", "publicationdate", "version", "offercode")
    return len(cells) == 2 and _plain(cells[0]) in names


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _columns(cells: list[str], line: int) -> dict[str, int]:
    found = {_plain(name): at for at, name in reversed(list(enumerate(cells)))}
    needs = OFFER_NEEDS if "usagetype" in found else OWN_NEEDS
    lacking = [name for name in needs if name not in found]
    if lacking:
        told = "a table of prices needs the columns `type` and `price`" if needs is OWN_NEEDS else "no offer file"
        named = ", ".join(filter(COLUMN.fullmatch, cells)) or "what stands there"
        raise WrongPriceError(line, f"{told}: there is no `{lacking[0]}` among {brief(named, LONG)}")
    return found


def _offer_rows(row: dict[str, str], at: int | str) -> Iterator[Row]:
    """What a row of an offer file says of training; nothing for whatever else, and for what is free of charge."""
    usage, unit = row.get("usagetype", ""), row.get("unit", "")
    if row.get("termtype", "OnDemand") != "OnDemand" or row.get("startingrange", "0") not in ("", "0"):
        return
    kinds = (("hour", ON_DEMAND, "hrs"), ("spot", SPOT, "hrs"), ("storage", STORAGE, "gb-mo"))
    for kind, pattern, needed in kinds:
        match = pattern.match(usage)
        if match is None or unit.lower() != needed:
            continue
        price = _price(row.get("priceperunit", ""), at)
        name = match[1] if match.re.groups else VOLUME
        if price:
            yield Row(kind, name, price, row.get("currency", ""), row.get("regioncode") or None, str(at))


def _own_rows(row: dict[str, str], at: int | str) -> Iterator[Row]:
    """A line of one's own table: a type's price, and that of its spot capacity, if there is one."""
    name = row.get("type", "")
    if not name:
        raise WrongPriceError(at, "no instance type")
    if name != VOLUME and not name.startswith("ml."):
        raise WrongPriceError(at, f"`{name}` is no instance type, which begins with `ml.`, nor `{VOLUME}`")
    currency, region = row.get("currency") or "USD", row.get("region") or None
    kind = "storage" if name == VOLUME else "hour"
    yield Row(kind, name, _price(row.get("price", ""), at), currency, region, str(at))
    if row.get("spot"):
        yield Row("spot", name, _price(row["spot"], at), currency, region, str(at))


def _price(text: str, at: int | str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise WrongPriceError(at, f"`{text[:40]}` is no price") from None
    if not price.is_finite() or not 0 <= price < DEAREST:
        raise WrongPriceError(at, f"`{text[:40]}` is no price")
    return price


def _json_rows(data: bytes) -> Iterator[Row]:
    """The prices of an offer file as JSON: products, and what each costs on demand, by SKU."""
    try:
        document = parse_json(data, _slim)
    except JsonError as error:
        raise WrongPriceError(error.line, f"invalid JSON: {error.reason}") from None
    products = document.get("products") if isinstance(document, dict) else None
    terms = document.get("terms") if isinstance(document, dict) else None
    demanded = terms.get("OnDemand") if isinstance(terms, dict) else None
    if not isinstance(products, dict) or not isinstance(demanded, dict):
        raise WrongPriceError(1, "no offer file: it has no `products` and `terms.OnDemand`")
    for sku, product in products.items():
        if product is not None:
            yield from _json_product(sku, product, demanded.get(sku))


def _json_product(sku: str, product: Any, offers: Any) -> Iterator[Row]:
    attributes = product.get("attributes") if isinstance(product, dict) else None
    if not isinstance(attributes, dict) or not isinstance(offers, dict):
        return
    for offer in offers.values():
        dimensions = offer.get("priceDimensions") if isinstance(offer, dict) else None
        for each in dimensions.values() if isinstance(dimensions, dict) else ():
            per_unit = each.get("pricePerUnit") if isinstance(each, dict) else None
            if not isinstance(per_unit, dict):
                raise WrongPriceError(sku, "a price has no `pricePerUnit`")
            start = str(each.get("beginRange", each.get("startingRange", "0")))
            for currency, price in per_unit.items():
                row = {_plain(name): str(value) for name, value in attributes.items()}
                row |= {"unit": str(each.get("unit", "")), "priceperunit": str(price), "currency": currency}
                yield from _offer_rows(row | {"startingrange": start}, sku)


def _slim(found: dict[str, Any]) -> dict[str, Any] | None:
    """A product that is none of training's takes no memory: a file of 100 MB is mostly those."""
    attributes = found.get("attributes")
    if "sku" in found and isinstance(attributes, dict):
        usage = str(attributes.get("usagetype", ""))
        return found if any(each.match(usage) for each in (ON_DEMAND, SPOT, STORAGE)) else None
    return found


def _prices(path: str, rows: list[Row], region: str | None, discount: Decimal | None) -> Prices:
    """The prices of one region. Raises WrongPriceError where they contradict each other."""
    regions = sorted({row.region for row in rows if row.region is not None})
    if not rows:
        raise WrongPriceError(1, "no price of a training instance in it")
    if region is None and len(regions) > 1:
        raise WrongPriceError(1, f"prices of several regions: say which with `region` ({', '.join(regions[:20])})")
    if region is not None and regions and region not in regions:
        raise WrongPriceError(1, f"no prices of the region {region}: there are {', '.join(regions[:20])}")
    own = [row for row in rows if region is None or row.region in (region, None)]
    currencies = sorted({row.currency for row in own})
    if len(currencies) > 1:
        raise WrongPriceError(own[-1].at, f"prices in several currencies: {', '.join(currencies)}")
    found: dict[tuple[str, str], Row] = {}
    for row in own:
        before = found.setdefault((row.kind, row.name), row)
        if before.price != row.price:
            both = f"{before.price} ({before.at}) and {row.price}"
            raise WrongPriceError(row.at, f"two prices for {row.name}: {both}")
    volume = found.get(("storage", VOLUME))
    return Prices(
        path,
        currencies[0],
        region or (regions[0] if regions else None),
        {name: row.price for (kind, name), row in found.items() if kind == "hour"},
        {name: row.price for (kind, name), row in found.items() if kind == "spot"},
        volume.price if volume is not None else None,
        discount,
    )

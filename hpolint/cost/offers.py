"""Price files: AWS's offer file for SageMaker as downloaded, or a small table of the user's own.

Sources for the format of the offer file: AWS's guide "Reading a service price list file" (five rows of metadata above
the columns; products and terms in JSON), and programs that read SageMaker's file: the usage type
``USE1-Train:ml.g5.2xlarge`` with the unit ``Hrs`` (component ``Training``), ``SpotTraining``, and
``USE1-Train:VolumeUsage.gp2`` with the unit ``GB-Mo``. Columns are found by name, in any order.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from hpolint.config.named_files import JsonError, parse_json, read_named
from hpolint.cost.prices import Prices
from hpolint.lazy_regex import lazy_regex
from hpolint.model.settings import ConfigError

MAX_MEGABYTES = 128
"""Megabytes of a price file: SageMaker's offer file for one region has some tens."""

MAX_RECORD_BYTES = 64 * 1024
"""Bytes of one record of a price file in CSV."""

MAX_PRICES = 200_000
"""Prices that a price file may have: all regions together have some 50,000."""

ON_DEMAND = lazy_regex(r"(?:[A-Z0-9]+-)?Train:(ml\.[a-z0-9-]+\.[a-z0-9-]+)\Z")
SPOT = lazy_regex(r"(?:[A-Z0-9]+-)?[A-Za-z]*(?:TrSpt|SpotTrain(?:ing)?)[A-Za-z]*:(ml\.[a-z0-9-]+\.[a-z0-9-]+)\Z")
STORAGE = lazy_regex(r"(?:[A-Z0-9]+-)?Train:VolumeUsage\.gp2\Z")
OFFER_COLUMNS = ("usagetype", "unit", "priceperunit", "currency")
TABLE_COLUMNS = ("type", "price")
MAX_PRICE = 1_000_000
"""An hour or a GB costs less than this."""

REGION = lazy_regex(r"[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}\Z")
SKU = lazy_regex(r"[A-Z0-9]{10,20}\Z")
CURRENCY = lazy_regex(r"[A-Z]{3}\Z")
"""Codes of regions, products and currencies. Errors quote nothing else: the file may be a different, secret one."""

VOLUME = "storage"
"""The type in a table of prices for the price of a GB of storage per month."""


class Row(msgspec.Struct, frozen=True):
    """One price. ``kind`` is ``hour``, ``spot`` or ``storage``; ``at`` is the line, or the SKU."""

    kind: str
    name: str
    price: Decimal
    currency: str
    region: str | None
    at: str


class WrongPriceError(Exception):
    """An error in a price file, with its line or SKU."""

    def __init__(self, at: str | int, reason: str) -> None:
        super().__init__(f"{at}: {reason}")


def read_prices(path: str, region: str | None = None, discount: Decimal | None = None, where: str = "") -> Prices:
    """The prices of a file for a region. Raises ConfigError with the line of the error."""
    data = read_named(path, MAX_MEGABYTES, "price file", where)
    try:
        is_json = data.removeprefix(codecs.BOM_UTF8)[:64].lstrip()[:1] == b"{"
        rows = list(itertools.islice(_json_rows(data) if is_json else _csv_rows(data), MAX_PRICES + 1))
        if len(rows) > MAX_PRICES:
            raise WrongPriceError(rows[-1].at, f"more than {MAX_PRICES:,} prices")
        return _prices(path, rows, region, discount)
    except WrongPriceError as error:
        raise ConfigError(f"{where}{path}:{error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{where}{path}:{_undecodable(data)}: not UTF-8") from None


def _undecodable(data: bytes) -> int:
    """The number of the first line that is not UTF-8."""
    lines = enumerate(data.split(b"\n"), 1)
    return next(number for number, line in lines if line.decode(errors="ignore").encode() != line)


def _csv_rows(data: bytes) -> Iterator[Row]:
    """The prices of a CSV file. The columns of an offer file follow its metadata."""
    lines = _Lines(data)
    reader = csv.reader(lines, strict=True)
    columns: dict[str, int] = {}
    try:
        for cells in reader:
            lines.begin_record()
            if not any(cells) or cells[0].startswith("#"):
                continue
            if columns:
                row = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
                yield from (_offer_rows if "usagetype" in columns else _table_rows)(row, reader.line_num)
            elif not _is_metadata(cells):
                columns = _columns(cells, reader.line_num)
    except csv.Error as error:
        raise WrongPriceError(reader.line_num, str(error)) from None
    if not columns:
        raise WrongPriceError(
            1, "no header line: an offer file has the column `usageType`, a table of prices `type` and `price`"
        )


class _Lines:
    """The lines of a CSV file. Raises WrongPriceError for a record that is too long."""

    def __init__(self, data: bytes) -> None:
        self._lines = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
        self._count = 0
        self._left = MAX_RECORD_BYTES

    def begin_record(self) -> None:
        """Begin to count the characters of the next record."""
        self._left = MAX_RECORD_BYTES

    def __iter__(self) -> Iterator[str]:
        """The lines themselves."""
        return self

    def __next__(self) -> str:
        """The next line."""
        line = self._lines.readline(self._left + 1)
        self._count += 1
        self._left -= len(line)
        if self._left < 0:
            raise WrongPriceError(self._count, f"a record of more than {MAX_RECORD_BYTES // 1024} KB")
        if not line:
            raise StopIteration
        return line


def _is_metadata(cells: list[str]) -> bool:
    """Whether a line is metadata of an offer file: ``"FormatVersion","v1.0"``."""
    names = ("formatversion", "disclaimer", "publicationdate", "version", "offercode")
    return len(cells) == 2 and _plain(cells[0]) in names


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _columns(cells: list[str], line: int) -> dict[str, int]:
    columns = {_plain(name): at for at, name in reversed(list(enumerate(cells)))}
    needs: tuple[str, ...] = TABLE_COLUMNS
    problem = "a table of prices needs the columns `type` and `price`"
    if "usagetype" in columns:
        needs, problem = OFFER_COLUMNS, "not an offer file"
    missing = [name for name in needs if name not in columns]
    if missing:
        raise WrongPriceError(line, f"{problem}: `{missing[0]}` is not among the columns")
    return columns


def _offer_rows(row: dict[str, str], at: int | str) -> Iterator[Row]:
    """The training price in a row of an offer file; nothing for other rows and for prices of 0."""
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


def _table_rows(row: dict[str, str], at: int | str) -> Iterator[Row]:
    """The prices in a line of a table: of a type, and of its spot capacity if the line has one."""
    name = row.get("type", "")
    if not name:
        raise WrongPriceError(at, "no instance type")
    if name != VOLUME and not name.startswith("ml."):
        raise WrongPriceError(at, f"the type is neither an instance type, which begins with `ml.`, nor `{VOLUME}`")
    currency, region = row.get("currency") or "USD", row.get("region") or None
    kind = "storage" if name == VOLUME else "hour"
    yield Row(kind, name, _price(row.get("price", ""), at), currency, region, str(at))
    if row.get("spot"):
        yield Row("spot", name, _price(row["spot"], at), currency, region, str(at))


def _price(text: str, at: int | str) -> Decimal:
    with suppress(InvalidOperation):  # also of a comparison with NaN
        price = Decimal(text)
        if 0 <= price < MAX_PRICE:
            return price
    raise WrongPriceError(at, f"the price is not a number from 0 to {MAX_PRICE:,}")


def _json_rows(data: bytes) -> Iterator[Row]:
    """The prices of an offer file in JSON, which lists products and their on-demand prices by SKU."""
    try:
        document = parse_json(data, _training_product)
    except JsonError as error:
        raise WrongPriceError(error.line, f"invalid JSON: {error.reason}") from None
    products = _member(document, "products")
    demanded = _member(_member(document, "terms"), "OnDemand")
    if not isinstance(products, dict) or not isinstance(demanded, dict):
        raise WrongPriceError(1, "not an offer file: it needs `products` and `terms.OnDemand`")
    for sku, product in products.items():
        if product is not None:
            yield from _json_product(sku, product, demanded.get(sku))


def _member(value: Any, name: str) -> Any:
    """A member of an object of the file; None if it has none, or if the value is no object."""
    return value.get(name) if isinstance(value, dict) else None


def _json_product(sku: str, product: Any, offers: Any) -> Iterator[Row]:
    at = sku if SKU.match(sku) else "a product"
    attributes = _member(product, "attributes")
    if not isinstance(attributes, dict) or not isinstance(offers, dict):
        return
    columns = {_plain(name): str(value) for name, value in attributes.items()}
    for offer in offers.values():
        dimensions = _member(offer, "priceDimensions")
        for dimension in dimensions.values() if isinstance(dimensions, dict) else ():
            per_unit = _member(dimension, "pricePerUnit")
            if not isinstance(per_unit, dict):
                raise WrongPriceError(at, "a price has no `pricePerUnit`")
            start = dimension.get("beginRange", dimension.get("startingRange", "0"))
            terms = {"unit": str(dimension.get("unit", "")), "startingrange": str(start)}
            for currency, price in per_unit.items():
                yield from _offer_rows({**columns, **terms, "priceperunit": str(price), "currency": currency}, at)


def _training_product(member: dict[str, Any]) -> dict[str, Any] | None:
    """An object of the file; None for a product that is not for training, to save memory in large files."""
    attributes = member.get("attributes")
    if "sku" not in member or not isinstance(attributes, dict):
        return member
    usage = str(attributes.get("usagetype", ""))
    return member if any(pattern.match(usage) for pattern in (ON_DEMAND, SPOT, STORAGE)) else None


def _listed(names: list[str], pattern: re.Pattern[str]) -> str:
    """The names for a message that are codes. Other text is not quoted."""
    codes = [name for name in names if pattern.match(name)]
    return ", ".join(codes[:20]) or "names that are no codes"


def _prices(path: str, rows: list[Row], region: str | None, discount: Decimal | None) -> Prices:
    """The prices of one region. Raises WrongPriceError where they contradict each other."""
    regions = sorted({row.region for row in rows if row.region is not None})
    if not rows:
        raise WrongPriceError(1, "the file has no price for a training instance")
    if region is None and len(regions) > 1:
        raise WrongPriceError(1, f"prices of several regions: choose one with `region` ({_listed(regions, REGION)})")
    if region is not None and regions and region not in regions:
        raise WrongPriceError(1, f"no prices for the region {region}; there are {_listed(regions, REGION)}")
    own = [row for row in rows if region is None or row.region in (region, None)]
    currencies = sorted({row.currency for row in own})
    if len(currencies) > 1:
        raise WrongPriceError(own[-1].at, f"prices in several currencies: {_listed(currencies, CURRENCY)}")
    kinds: dict[str, dict[str, Row]] = {"hour": {}, "spot": {}, "storage": {}}
    for row in own:
        before = kinds[row.kind].setdefault(row.name, row)
        if before.price != row.price:
            both = f"{before.price} ({before.at}) and {row.price}"
            raise WrongPriceError(row.at, f"two prices for {row.name}: {both}")
    volume = kinds["storage"].get(VOLUME)
    return Prices(
        label=path,
        currency=currencies[0],
        region=region or next(iter(regions), None),
        hours={name: row.price for name, row in kinds["hour"].items()},
        spots={name: row.price for name, row in kinds["spot"].items()},
        gigabyte_month=volume.price if volume is not None else None,
        discount=discount,
    )

"""Files of prices: AWS's offer file in both forms, and a table of one's own; a wrong one is refused with the line."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hpolint.cost.offers import read_prices
from hpolint.model.settings import ConfigError

COLUMNS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"),
    *("EndingRange", "Unit", "PricePerUnit", "Currency", "Product Family", "serviceCode", "Location", "Instance Type"),
    *("usageType", "operation", "Component", "Region Code", "serviceName"),
)
"""As AWS's guide has them, in the order of other services' files."""

METADATA = [
    ("FormatVersion", "v1.0"),
    ("Disclaimer", "This pricing list is for informational purposes only."),
    ("Publication Date", "2026-09-24T23:59:00Z"),
    ("Version", "20260924235900"),
    ("OfferCode", "AmazonSageMaker"),
]

USAGES: tuple[tuple[str, str, str, str], ...] = (
    ("USE1-Train:ml.m5.large", "Hrs", "0.1150000000", "Training"),
    ("USE1-Train:ml.g5.2xlarge", "Hrs", "1.5150000000", "Training"),
    ("USE1-Host:ml.m5.large", "Hrs", "0.1160000000", "Hosting"),
    ("USE1-Cluster:ml.g5.2xlarge", "Hrs", "1.6000000000", "Cluster"),
    ("USE1-TrainingPlanUpfrontFee:ml.p4d.24xlarge", "Quantity", "13.57", ""),
    ("USE1-Train:VolumeUsage.gp2", "GB-Mo", "0.1400000000", ""),
    ("USE1-TrSpt:ml.m5.large", "Hrs", "0.0500000000", ""),
)


def offer_csv(usages: Any = USAGES, columns: tuple[str, ...] = COLUMNS, region: str = "us-east-1") -> str:
    """An offer file: metadata, columns, a row for each usage."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([*METADATA, columns])
    for usage, unit, price, component in usages:
        row = dict.fromkeys(COLUMNS, "") | {"TermType": "OnDemand", "StartingRange": "0", "Currency": "USD"}
        row |= {"Region Code": region, "Unit": unit, "PricePerUnit": price, "usageType": usage}
        row |= {"Component": component}
        writer.writerow([row[name] for name in columns])
    return out.getvalue()


def offer_json(usages: Any = USAGES, currency: str = "USD") -> dict[str, Any]:
    """The same as JSON."""
    products: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    for number, (usage, unit, price, component) in enumerate(usages):
        sku = f"SKU{number}"
        attributes = {"usagetype": usage, "regionCode": "us-east-1", "component": component, "servicecode": "x"}
        products[sku] = {"sku": sku, "productFamily": "ML Instance", "attributes": attributes}
        dimension = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {currency: price}}
        terms[sku] = {f"{sku}.JRTCKXETXF": {"sku": sku, "priceDimensions": {f"{sku}.JRTCKXETXF.6YS6": dimension}}}
    head = {"formatVersion": "v1.0", "offerCode": "AmazonSageMaker"}
    return head | {"products": products, "terms": {"OnDemand": terms, "Reserved": {}}}


def written(folder: Path, text: str | bytes) -> str:
    """A file with a text."""
    path = folder / "prices"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


@pytest.mark.parametrize("text", [offer_csv(), json.dumps(offer_json()), "\ufeff" + offer_csv().replace("\n", "\r\n")])
def test_an_offer_file_gives_trainings_prices_and_no_others(tmp_path: Path, text: str) -> None:
    """Hours on demand, spot capacity and storage of training; hosting, HyperPod and plans are other bills."""
    found = read_prices(written(tmp_path, text))
    assert found.hours == {"ml.m5.large": Decimal("0.115"), "ml.g5.2xlarge": Decimal("1.515")}
    assert found.spots == {"ml.m5.large": Decimal("0.05")}
    assert found.gigabyte_month == Decimal("0.14")
    assert (found.currency, found.region) == ("USD", "us-east-1")


def test_columns_are_found_in_any_order(tmp_path: Path) -> None:
    """What AWS adds or moves changes nothing."""
    columns = (*reversed(COLUMNS),)
    assert read_prices(written(tmp_path, offer_csv(columns=columns))).hours["ml.m5.large"] == Decimal("0.115")


def test_of_several_regions_one_is_to_be_said(tmp_path: Path) -> None:
    """None is chosen for the user; the error lists the regions, and a region without prices is an error."""
    other = offer_csv([("EU-Train:ml.m5.large", "Hrs", "0.128", "Training")], region="eu-west-1")
    path = written(tmp_path, offer_csv() + other.split('serviceName"\n')[1])
    with pytest.raises(ConfigError, match=r"several regions: choose one with `region` \(eu-west-1, us-east-1\)"):
        read_prices(path)
    assert read_prices(path, "eu-west-1").hours == {"ml.m5.large": Decimal("0.128")}
    with pytest.raises(ConfigError, match="no prices for the region us-west-2"):
        read_prices(path, "us-west-2")


def test_another_currency_is_taken_as_it_is(tmp_path: Path) -> None:
    """Yuan stay yuan; two currencies in one region are refused."""
    document = offer_json(currency="CNY")
    assert read_prices(written(tmp_path, json.dumps(document))).currency == "CNY"
    first = document["terms"]["OnDemand"]["SKU0"]["SKU0.JRTCKXETXF"]["priceDimensions"]["SKU0.JRTCKXETXF.6YS6"]
    first["pricePerUnit"] = {"CNY": "1", "USD": "0.2"}
    with pytest.raises(ConfigError, match="several currencies: CNY, USD"):
        read_prices(written(tmp_path, json.dumps(document)))


def test_the_same_price_twice_is_one_and_two_prices_are_refused(tmp_path: Path) -> None:
    """The error names both prices with their lines, because either could be the right one."""
    double = [*USAGES, ("USE1-Train:ml.m5.large", "Hrs", "0.115", "Training")]
    assert read_prices(written(tmp_path, offer_csv(double))).hours["ml.m5.large"] == Decimal("0.115")
    other = [*USAGES, ("USE1-Train:ml.m5.large", "Hrs", "0.269", "Training")]
    with pytest.raises(ConfigError, match=r":14: two prices for ml.m5.large: 0.1150000000 \(7\) and 0.269"):
        read_prices(written(tmp_path, offer_csv(other)))


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    """Types, prices, and where they are wanted spot prices, a currency, a region and storage."""
    text = "# ours\ntype,price,spot,currency\nml.m5.large,0.1,0.04,EUR\nml.g5.xlarge,1.2,,EUR\nstorage,0.13,,EUR\n"
    found = read_prices(written(tmp_path, text))
    assert found.hours == {"ml.m5.large": Decimal("0.1"), "ml.g5.xlarge": Decimal("1.2")}
    assert found.spots == {"ml.m5.large": Decimal("0.04")}
    assert (found.currency, found.gigabyte_month, found.region) == ("EUR", Decimal("0.13"), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: no header line"),
        ("a,b\n1,2\n", ":1: a table of prices needs the columns `type` and `price`: `type` is not among the columns"),
        ("type,price\nml.m5.large,cheap\n", ":2: the price is not a number from 0"),
        ("type,price\nml.m5.large,-1\n", ":2: the price is not a number from 0"),
        ("type,price\nml.m5.large,NaN\n", ":2: the price is not a number from 0"),
        ("type,price\nml.m5.large,\n", ":2: the price is not a number from 0"),
        ("type,price\nm5.large,1\n", ":2: the type is neither an instance type"),
        ("type,price\n,1\n", ":2: no instance type"),
        ('type,price\n"ml.m5.large,1\n', ":2: unexpected end of data"),
        ("type,price\n", ":1: the file has no price for a training instance"),
        (offer_csv([USAGES[2]]), ":1: the file has no price for a training instance"),
        ('{"a": 1}', ":1: not an offer file"),
        ('{\n"products": {},\n', ":3: invalid JSON"),
        ("[" * 1_000, ":1: a table of prices needs the columns"),
        ("," * 100_000, ":1: a record of more than 64 KB"),
        ("type,price\n" + '"a\n",' * 20_000, "a record of more than 64 KB"),
        ("type,price\n" + "ml.m5.large,1\n" * 200_001, ":200002: more than 200,000 prices"),
        ('{"a": [' + "[]," * 800_000, ":1: invalid JSON: more than 1,500,000 values"),
        ("{" + '"a":{' * 100_000, "nested too deep"),
        (b"type,price\nml.m5.large,\xff\n", ":2: not UTF-8"),
        (
            offer_csv(columns=tuple(name for name in COLUMNS if name != "Unit")),
            ":6: not an offer file: `unit` is not among",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    """Exit code 2 and a place to look at; never a traceback, and never a price that was guessed."""
    with pytest.raises(ConfigError) as error:
        read_prices(written(tmp_path, text))
    assert message in str(error.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """The error names the setting that contains the path."""
    with pytest.raises(ConfigError, match=r"cost\.prices: .*missing\.csv: cannot be read"):
        read_prices(str(tmp_path / "missing.csv"), where="cost.prices: ")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_large_file_takes_memory_by_its_size_and_no_more(tmp_path: Path, form: str) -> None:
    """What is of no training is dropped while it is read: the file's own size, and a share of it."""
    others = [(f"USE1-Host:ml.m5.{number}xlarge", "Hrs", "1.0", "Hosting") for number in range(20_000)]
    text = offer_csv([*others, *USAGES]) if form == "csv" else json.dumps(offer_json([*others, *USAGES]))
    path = written(tmp_path, text)
    tracemalloc.start()
    found = read_prices(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.hours["ml.m5.large"] == Decimal("0.115")
    assert peak < 6 * len(text)

"""Usual lines are read the quick way, all others the whole way: both say the same of every line."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incentivectl.core.tables.columns import Column
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.rows import readers
from incentivectl.ingest.rows.readers import Reader, Rule, Surroundings
from incentivectl.ingest.sale_lines import typing
from tests.ingest.conftest import Shop, reasons

Made = Callable[[Column, Surroundings], Reader]

# What stands in the cells of each column: mostly usual, sometimes not.
CELLS: Mapping[str, list[str]] = {
    "sale_id": ["S1", "S2", "S3", "", "-", "NULL", " S4", "2.02607E+11", "N/A", "S\ufffd"],
    "line_id": ["1", "2", "", "-", "1E+5"],
    "sold_on": [
        "2026-08-01",
        "2026-07-31",
        "2026-08-02 10:00",
        "01.08.2026",
        "",
        "2026-02-30",
        "1899-12-31",
    ],
    "partner_id": ["P1", "P2", "P9", "acme", "", "p1"],
    "distributor_id": ["", "P3", "P8"],
    "rep_id": ["", "R1"],
    "product_id": ["", "K1", "K2", "-"],
    "quantity": ["1", "2", "", "-3", "(4)", "1,5", "1.5", "x", "1.1234567", "999999999999"],
    "unit_price": ["10", "", "1.234,5", "1,234.5", "999999999999", "5 EUR", "€ 5", "- "],
    "amount": [
        "10",
        "20.5",
        "",
        "7-",
        "1234567890123",
        "0",
        "- $",
        "1,00,000",
        "5 CR",
        "R$ 5",
        "Rs. 5",
        "1.2e3",
        "5 USD",
        "+5",
    ],
    "currency": ["USD", "", "EUR", "eur", "GBP", "EURO", "-"],
    "return_of": ["", "S1", "S9"],
    "channel": ["web", "", "NULL", " shop"],
    "Type": ["", "RET", "TOTAL"],
}


def rows(seed: int, day: str, without: tuple[str, ...]) -> str:
    """Some hundred lines; most cells of each are usual ones."""
    chance = random.Random(seed)
    names = [name for name in CELLS if name not in without]
    lines = [";".join(names)]
    for line in range(400):
        usual = {name: CELLS[name][0] for name in names} | {"sale_id": f"S{line}", "sold_on": day}
        cells = (usual[n] if chance.random() < 0.8 else chance.choice(CELLS[n]) for n in names)
        lines.append(";".join(f'"{cell}"' for cell in cells))
    return "\n".join(lines) + "\n"


@pytest.fixture
def both(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Iterator[Inputs]]:
    """Reads a shop as it is read, and then every line the whole way."""
    usual = typing.typed_and_cells

    def nothing_is_usual(*all_of: object) -> pl.LazyFrame:
        typed = usual(*all_of)  # type: ignore[arg-type]
        return typed.with_columns(_is_usual=pl.lit(value=False))

    def read() -> Iterator[Inputs]:
        yield shop.read()
        monkeypatch.setattr(typing, "typed_and_cells", nothing_is_usual)
        yield shop.read()
        monkeypatch.setattr(typing, "typed_and_cells", usual)

    return read


@pytest.mark.parametrize(
    ("config", "without"),
    [
        ("", ()),
        ('decimal = ","', ()),
        ('negate_when = { Type = ["RET"] }\nskip_when = { Type = ["TOTAL"] }', ("amount",)),
        ('grouping = "indian"\nminus = ["CR"]', ()),
        ('date_format = "excel"\nset = { currency = "USD" }', ("currency",)),
        ('time_zone = "America/New_York"', ()),
        ('values = { partner_id = { P2 = ["P1"] } }\nset = { currency = "EUR" }', ("quantity",)),
    ],
)
def test_both_ways_agree_on_nasty_cells(
    shop: Shop,
    both: Callable[[], Iterator[Inputs]],
    tmp_path: Path,
    config: str,
    without: tuple[str, ...],
) -> None:
    day = "46235" if "excel" in config else "2026-08-01"
    shop.config = f'[sources.sales]\nattributes = ["channel"]\ndelimiter = ";"\n{config}\n'
    shop.write("sample_data/sales.csv", rows(len(config), day, without))
    shop.write("sample_data/fx.csv", "on,currency,rate\n2026-08-01,EUR,1.1\n")
    shop.write("sample_data/products.csv", "product_id,name\nK1,Box\n")
    shop.write(
        "sample_data/aliases.csv",
        "table,alias,id,source\npartners,acme,P2,\nproducts,K2,K1,\npartners,P3,P2,sales\n",
    )
    quick, whole = both()
    assert len(reasons(quick)) > 4
    assert quick.counts.filter(pl.col("source") == "sales")["accepted"].sum() > 20
    assert_frame_equal(quick.sales.sort("row").collect(), whole.sales.sort("row").collect())
    assert_frame_equal(quick.tallies, whole.tallies)
    assert_frame_equal(quick.reasons, whole.reasons)
    assert_frame_equal(quick.unknown, whole.unknown)
    for_quick, for_whole = tmp_path / "quick", tmp_path / "whole"
    assert [path.read_bytes() for path in quick.write_rejects(for_quick)] == [
        path.read_bytes() for path in whole.write_rejects(for_whole)
    ]


@pytest.mark.parametrize(
    ("kind", "column", "rule"),
    [
        ("text", "sale_id", ("bad-value", readers.text_of("sale_id") == "S13")),
        ("amount", "amount", ("bad-value", pl.col("amount") == 13)),
        ("date", "sold_on", ("bad-date", pl.col("sold_on").dt.day() == 13)),
        ("currency", "currency", ("bad-value", pl.col("currency") == "XTS")),
    ],
)
def test_a_rule_is_written_once(
    shop: Shop,
    both: Callable[[], Iterator[Inputs]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    column: str,
    rule: Rule,
) -> None:
    made: Made = readers.READERS[kind]

    def with_one_more(of: Column, around: Surroundings) -> Reader:
        reader = made(of, around)
        return replace(reader, rules=(*reader.rules, rule)) if of.name == column else reader

    shop.write("sample_data/fx.csv", "on,currency,rate\n2026-08-01,XTS,2\n")
    shop.sales(
        "S1,1,2026-08-01,P1,,1,,5,",
        "S13,1,2026-08-13,P1,,1,,13,XTS",
        columns="sale_id,line_id,sold_on,partner_id,product_id,quantity,unit_price,amount,currency",
    )
    assert [reasons(inputs) for inputs in both()] == [{}, {}]
    monkeypatch.setattr(readers, "READERS", {**readers.READERS, kind: with_one_more})
    assert [reasons(inputs) for inputs in both()] == [{rule[0]: 1}, {rule[0]: 1}]

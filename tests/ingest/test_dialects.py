"""How exports may be written: mapping, delimiters, decimals, dates, encodings, compression."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
import zstandard

from tests.ingest.conftest import Shop, counted, errors, lines, reasons


def test_mapping_constants_path_translations_and_signs(shop: Shop, way: str) -> None:
    shop.config = """
[sources.sales]
path = "exports/**/*.csv"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
set = { currency = "USD", distributor_id = "P2" }
from_path = { received_on = '(\\d{4}-\\d{2}-\\d{2})' }
values = { partner_id = { P1 = ["acme", "ACME Inc"], P3 = ["-"] } }
negate_when = { "Doc Type" = ["RET", "CRN"] }
skip_when = { "Line Type" = ["FREIGHT", "TOTAL"] }
attributes = ["channel"]
optional = ["quantity", "channel", "Doc Type", "Line Type"]
[sources.sales.columns]
sale_id = ["Beleg", "Invoice"]
sold_on = "Datum"
partner_id = "Kunde"
quantity = "Menge"
unit_price = "Preis"
channel = "Kanal"
"""
    shop.write(
        "exports/a/sales 2026-08-31.csv",
        "Datum;Beleg;Kunde;Menge;Preis;Doc Type;Line Type;Kanal;Bemerkung\n"
        "01.08.2026;S1;acme;2;1.234,50;INV;GOODS;web;x\n"
        "02.08.2026;S2;ACME Inc;3;10;RET;GOODS;;x\n"
        "02.08.2026;S3;-;-3;10;CRN;GOODS;;x\n"
        "02.08.2026;S4;acme;1;5,00;INV; FREIGHT ;web;x\n"
        ";;;;;;TOTAL;;x\n"
        "TOTAL;;;;;;TOTAL\n",  # a short line that is skipped all the same
    )
    # other columns, in another order, and another name of the sale's id; what is missing is optional
    shop.write("exports/b/x.csv", "Preis;Invoice;Kunde;Datum\n7;S5;P2;03.08.2026\n")
    inputs = shop.read()
    assert not errors(inputs)
    assert counted(inputs) == {"accepted": 4, "skipped": 3}
    got = lines(
        inputs,
        "sale_id",
        "sold_on",
        "partner_id",
        "distributor_id",
        "quantity",
        "amount",
        "channel",
        "received_on",
    )
    arrived = date(2026, 8, 31)
    assert got == [
        ("S1", date(2026, 8, 1), "P1", "P2", Decimal(2), Decimal(2469), "web", arrived),
        ("S2", date(2026, 8, 2), "P1", "P2", Decimal(-3), Decimal(-30), None, arrived),
        ("S3", date(2026, 8, 2), "P3", "P2", Decimal(-3), Decimal(-30), None, arrived),
        ("S5", date(2026, 8, 3), "P2", "P2", Decimal(1), Decimal(7), None, None),
    ]


def test_without_header_and_with_lines_before(shop: Shop, way: str) -> None:
    shop.config = """
[sources.sales]
header = false
skip_rows = 2
delimiter = "|"
columns = ["sale_id", "", "sold_on", "partner_id", "amount"]
"""
    shop.write("sample_data/sales.csv", "Report\n\nS1|x|2026-08-01|P1|5\nS2|x|2026-08-01|P1|6\n")
    inputs = shop.read()
    assert lines(inputs, "sale_id", "amount") == [("S1", Decimal(5)), ("S2", Decimal(6))]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "cp1252"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
    ],
)
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_encodings(shop: Shop, way: str, encoding: str, declared: str, packed: str) -> None:
    shop.config = (
        f'[sources.sales]\npath = "sample_data/sales.csv{packed}"\nencoding = "{declared}"\n'
    )
    shop.write(
        f"sample_data/sales.csv{packed}",
        "sale_id,sold_on,partner_id,amount\nÄ1é,2026-08-01,P1,£5\n",
        encoding,
    )
    assert lines(shop.read(), "sale_id", "amount") == [("Ä1é", Decimal(5))]


def test_a_byte_order_mark_before_rows_without_header(shop: Shop, way: str) -> None:
    shop.config = """
[sources.sales]
path = "sample_data/s*.csv"
header = false
columns = ["sale_id", "sold_on", "partner_id", "amount"]
"""
    for name in ("s1", "s2"):
        shop.write(f"sample_data/{name}.csv", f"{name},2026-08-01,P1,5\n", "utf-8-sig")
    assert lines(shop.read(), "sale_id") == [("s1",), ("s2",)]


def test_bytes_that_the_encoding_does_not_have(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\nencoding = "cp1252"\n'
    shop.write(
        "sample_data/sales.csv",
        b"sale_id,sold_on,partner_id,amount\nS\x81,2026-08-01,P1,5\nS\x80,2026-08-01,P1,5\n",
    )
    inputs = shop.read()
    assert reasons(inputs) == {"bad-encoding": 1}
    assert lines(inputs, "sale_id") == [("S€",)]


def test_zstandard(shop: Shop) -> None:
    text = "sale_id,sold_on,partner_id,amount\n" + "".join(
        f"S{i},2026-08-01,P1,{i}\n" for i in range(5000)
    )
    half = len(text) // 2
    frames = [zstandard.compress(part.encode()) for part in (text[:half], text[half:])]
    shop.config = '[sources.sales]\npath = "sample_data/sales.csv.zst"\n'
    shop.write("sample_data/sales.csv.zst", b"".join(frames))
    assert counted(shop.read()) == {"accepted": 5000}


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("%Y-%m-%d", "2026-08-01"),
        ("%Y-%m-%d", "2026-8-1"),
        ("%Y-%m-%d", "2026-08-01T23:59:59"),
        ("%Y-%m-%d", "2026-08-01 13:45"),
        ("%Y-%m-%d", "2026-08-01 00:00:00.000+02:00"),
        ("%d/%m/%Y", "01/08/2026 11:59 PM"),
        ("%d/%m/%Y %H:%M", "01/08/2026 23:59"),
        ("%d/%m/%Y %H:%M", "01/08/2026"),
        ("%m/%d/%y %I:%M %p", "8/1/26 3:04 PM"),
        ("%Y%m%d", "20260801"),
        ("%Y%m%d%H%M%S", "20260801235959"),
        ("%H:%M %d.%m.%Y", "10:00 01.08.2026"),
        ("%d %b %Y", "1 Aug 2026"),
    ],
)
def test_dates(shop: Shop, date_format: str, text: str) -> None:
    shop.config = f'[sources.sales]\ndate_format = "{date_format}"\n'
    shop.sales(f'S1,"{text}",P1,5', columns="sale_id,sold_on,partner_id,amount")
    assert lines(shop.read(), "sold_on") == [(date(2026, 8, 1),)]


def test_first_that_is_there_and_defaults(shop: Shop) -> None:
    shop.config = """
[sources.defaults]
delimiter = ";"
decimal = ","
[sources.sales]
path = "sample_data/sales.csv"
"""
    shop.write(
        "sample_data/sales.csv", "sale_id;sold_on;partner_id;amount\nS1;2026-08-01;P1;1.000,5\n"
    )
    shop.write("sample_data/partners.csv", "partner_id;name\nP1;A\n")
    assert lines(shop.read(), "amount") == [(Decimal("1000.5"),)]


def test_parquet_with_typed_columns(shop: Shop) -> None:
    shop.config = """
[sources.sales]
path = "sample_data/sales.parquet"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
negate_when = { returned = ["true"] }
"""
    shop.write(
        "sample_data/sales.parquet",
        pl.DataFrame(
            {
                "sale_id": ["S1", "S2", None, "S4"],
                "line_id": [1, 2, 3, 4],
                "sold_on": [date(2026, 8, 1)] * 4,
                "partner_id": ["P1"] * 4,
                "quantity": [1.5, 2.0, 3.0, 0.1 + 0.2],
                "amount": [Decimal("1234.50"), Decimal("-2.00"), Decimal(1), Decimal(1)],
                "unit_price": ["1.000,5", "7", "x", "1"],
                "returned": [False, True, False, False],
            }
        ),
    )
    inputs = shop.read()
    assert reasons(inputs) == {"missing-sale_id": 1, "too-precise": 1}
    assert lines(inputs, "sale_id", "line_id", "quantity", "unit_price", "amount") == [
        ("S1", "1", Decimal("1.5"), Decimal("1000.5"), Decimal("1234.5")),
        ("S2", "2", Decimal(-2), Decimal(7), Decimal(-2)),
    ]


def test_parquet_times_are_cut_off(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/*.parquet"\n'
    frame = pl.DataFrame(
        {"sale_id": ["S1"], "sold_on": ["2026-08-01 10:00"], "partner_id": ["P1"], "amount": [5]}
    ).with_columns(pl.col("sold_on").str.to_datetime("%Y-%m-%d %H:%M"))
    shop.write("sample_data/sales.parquet", frame)
    assert lines(shop.read(), "sold_on", "amount") == [(date(2026, 8, 1), Decimal(5))]

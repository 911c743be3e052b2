"""Ids: put together of several columns, without their last digits, and written otherwise than known."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from incentivectl.workspace.compound_ids import Compound, compound
from incentivectl.workspace.load import load_workspace
from tests.ingest.conftest import Shop, counted, errors, lines, reasons

CHECKS = 'columns = { sale_id = "{Business Date}-{Check No}", sold_on = "Business Date" }'


@pytest.mark.parametrize(
    ("pattern", "columns", "texts"),
    [
        ("Check No", ("Check No",), ("", "")),
        ("{Business Date}-{Check No}", ("Business Date", "Check No"), ("", "-", "")),
        ("S{ No }/{Till}.", ("No", "Till"), ("S", "/", ".")),
        ("{{No}}", ("{No}",), ("", "")),
        ("{{{No}}}", ("No",), ("{", "}")),
        ("{No}", ("No",), ("", "")),
    ],
)
def test_patterns(pattern: str, columns: tuple[str, ...], texts: tuple[str, ...]) -> None:
    assert compound(pattern) == Compound(columns, texts)


@pytest.mark.parametrize("pattern", ["{No", "No}", "{}", "{ }", "{a{b}}"])
def test_a_pattern_that_is_none(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "incentivectl.toml").write_text(
        f'[workspace]\ncurrency = "USD"\n[sources.sales.columns]\nsale_id = "{pattern}"\n'
    )
    _, (problem,) = load_workspace(tmp_path)
    assert (problem.code, problem.line) == ("bad-id-pattern", 4)
    assert "`sale_id` in `columns`" in problem.message
    assert "{Column}" in problem.hint


def test_numbers_that_restart_each_day(shop: Shop, way: str) -> None:
    shop.config = f"[sources.sales]\n{CHECKS}\n"
    shop.write(
        "sample_data/sales.csv",
        "Business Date,Check No,partner_id,amount\n"
        "2026-07-01, 1 ,P1,10\n2026-07-01,2,P1,20\n2026-07-02,1,P1,30\n2026-07-02,-,P1,40\n",
    )
    inputs = shop.read()
    assert lines(inputs, "sale_id", "amount") == [
        ("2026-07-01-1", Decimal(10)),
        ("2026-07-01-2", Decimal(20)),
        ("2026-07-02-1", Decimal(30)),
    ]
    assert reasons(inputs) == {"missing-sale_id": 1}  # a part of it is missing


def test_numbers_that_restart_each_year(shop: Shop) -> None:
    shop.config = (
        '[sources.sales]\nheader = true\n[sources.sales.columns]\nsale_id = "{year}/{no}"\n'
        'return_of = ["{of year}/{of no}", "of"]\n'
    )
    shop.write(
        "sample_data/sales.csv",
        "no,year,line_id,sold_on,partner_id,amount,of year,of no\n"
        "19,2025,1,2025-07-19,P1,100,,\n19,2026,1,2026-07-19,P1,300,,\n"
        "20,2026,1,2026-08-01,P1,-40,2025,19\n",
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 3}
    assert lines(inputs, "sale_id", "amount", "counted_on") == [
        ("2025/19", Decimal(100), date(2025, 7, 19)),
        ("2026/19", Decimal(300), date(2026, 7, 19)),
        ("2026/20", Decimal(-40), date(2025, 7, 19)),
    ]


def test_every_column_of_a_pattern_must_be_there(shop: Shop) -> None:
    shop.config = f"[sources.sales]\n{CHECKS}\n"
    text = "Business Date,Check Nr,partner_id,amount\n2026-07-01,1,P1,10\n"
    shop.write("sample_data/sales.csv", text)
    (problem,) = errors(shop.read())
    assert problem.message == 'it has no column "Check No" for sale_id'
    assert 'the nearest is "Check Nr"' in problem.hint


def test_rejects_come_in_the_columns_of_the_export(shop: Shop, way: str) -> None:
    shop.config = f'[sources.sales]\npath = ["sample_data/s*.csv", "x_fixed/*.csv"]\n{CHECKS}\n'
    header = "Business Date,Check No,partner_id,amount"
    shop.write("x_fixed/none.csv", header + "\n")
    shop.write("sample_data/s.csv", f"{header}\n2026-07-01,1,P9,10\n2026-07-01,\ufffd,P1,10\n")
    inputs = shop.read()
    assert reasons(inputs) == {"unknown-partner": 1, "bad-encoding": 1}
    (path,) = inputs.write_rejects(shop.root / "rejects")
    assert path.read_text().splitlines()[1].startswith("2026-07-01,1,P9,10,sample_data/s.csv,2,")
    shop.write("x_fixed/sales.csv", path.read_text().replace(",P9,10", ",P2,10"))
    assert lines(shop.read(), "sale_id", "partner_id") == [("2026-07-01-1", "P2")]


def test_parquet_and_a_csv_of_its_rejects_give_the_same_id(shop: Shop) -> None:
    shop.config = (
        f'[sources.sales]\npath = ["a.parquet", "b.csv"]\ndate_format = "%d.%m.%Y"\n{CHECKS}\n'
    )
    frame = {"Business Date": [date(2026, 7, 1)], "Check No": [7], "partner_id": ["P1"]}
    shop.write("a.parquet", pl.DataFrame(frame | {"amount": [5]}))
    shop.write("b.csv", "Business Date,Check No,partner_id,amount\n01.07.2026,7,P1,5\n")
    assert counted(shop.read()) == {"accepted": 1, "duplicate": 1}


@pytest.mark.parametrize("lost", ["2.02607E+11", "2,02607E+11", "2E+05", "12.3e+9"])
def test_an_id_that_a_spreadsheet_has_rounded(shop: Shop, way: str, lost: str) -> None:
    shop.config = '[sources.sales]\ndelimiter = ";"\n'
    rows = [f" {lost} ;2026-07-0{day};P1;100" for day in range(1, 6)]
    shop.write("sample_data/sales.csv", "\n".join(["sale_id;sold_on;partner_id;amount", *rows]))
    inputs = shop.read()
    assert counted(inputs) == {"rejected": 5}
    assert reasons(inputs) == {"bad-value": 5}
    (path,) = inputs.write_rejects(shop.root / "rejects")
    assert f";bad-value; {lost} ;" in path.read_text()


@pytest.mark.parametrize("kept", ["1E5", "E+11", "2.02607E-11", "2.E+11", "A1E+11", "1E+", "+1E+1"])
def test_ids_that_only_look_like_it(shop: Shop, way: str, kept: str) -> None:
    shop.write(
        "sample_data/sales.csv", f"sale_id,sold_on,partner_id,amount\n{kept},2026-07-01,P1,1\n"
    )
    assert lines(shop.read(), "sale_id") == [(kept,)]


def test_every_id_and_every_part_of_one_is_looked_at(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\ncolumns = { deal_id = "{A}-{B}" }\n'
    columns = (
        "sale_id,line_id,sold_on,partner_id,product_id,customer_id,A,B,serial,return_of,amount"
    )
    good = ["S1", "1", "2026-07-01", "P1", "X", "C", "a", "b", "SN", "", "1"]
    rows = [good]
    for place in (0, 1, 4, 5, 6, 7, 8, 9):
        rows.append([*good[:place], "4E+12", *good[place + 1 :]])
    text = "\n".join([columns, *(",".join(row) for row in rows)])
    shop.write("sample_data/sales.csv", text)
    assert counted(shop.read()) == {"accepted": 1, "rejected": 8}
    shop.write("sample_data/products.csv", "product_id\nX\n1E+12\n")
    assert reasons(shop.read(), "products") == {"bad-value": 1}


def test_a_number_cut_by_the_end_of_a_chunk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incentivectl.ingest.files.text.CHUNK", 1)
    text = "sale_id,sold_on,partner_id,amount\n2E+11,2026-07-01,P1,1\n"
    shop.write("sample_data/sales.csv", text)
    assert counted(shop.read()) == {"rejected": 1}


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        ("P-0017", "p-0017"),
        ("P-0017", "\uff30-\uff10\uff10\uff11\uff17"),  # full width
        ("P-0017", "P17"),
        ("17", "0017"),
        ("00100", "100"),
        ("K.20/71", "K 20-71"),
    ],
)
def test_unknown_ids_are_suggested_as_they_may_be_written(
    shop: Shop, known: str, seen: str
) -> None:
    others = "".join(f"Q-9{number},Other {number}\n" for number in range(20))
    shop.write("sample_data/partners.csv", f"partner_id,name\n{others}{known},Acme\n")
    shop.sales(f"S1,1,2026-07-01,{seen},A,1,1,1")
    assert shop.read().unknown["suggestion"].to_list() == [known]


def test_the_least_difference_is_suggested(shop: Shop) -> None:
    names = "".join(f"{identity},N\n" for identity in ("P-1", "p1", "P-01"))
    shop.write("sample_data/partners.csv", f"partner_id,name\n{names}")
    shop.sales("S1,1,2026-07-01,p-01,A,1,1,3", "S2,1,2026-07-01,P.1,A,1,1,2")
    unknown = shop.read().unknown
    assert dict(unknown.select("alias", "suggestion").rows()) == {"p-01": "P-01", "P.1": "P-1"}

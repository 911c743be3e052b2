"""Rejected rows come back in their source's own columns and dialect, to be corrected and read again."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.ingest.conftest import Shop, counted, lines, reasons

EXTRA = ["reject_file", "reject_line", "reject_reason", "reject_value", "occurrence"]


def rejects(shop: Shop, source: str = "sales") -> Path:
    """Reads the workspace and writes its rejects; the file of one source."""
    written = shop.read().write_rejects(shop.root / "rejects")
    (path,) = [path for path in written if path.name == f"{source}.csv"]
    return path


def table(
    path: Path, encoding: str = "utf-8", delimiter: str = ",", skip: int = 0
) -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))[skip:]


def test_columns_cells_and_reasons(shop: Shop, way: str) -> None:
    shop.config = """
[sources.sales]
path = "sample_data/s*.csv"
[sources.sales.columns]
amount = "Net, USD"
"""
    shop.write(
        "sample_data/s1.csv",
        'sale_id,sold_on,note,partner_id,"Net, USD"\n'
        'S1,2026-08-01,"a, ""b""\nc",P1, 1\n'
        'S2,2026-08-99,"two\nlines",P1, 1\n'
        "S3,2026-08-01,,P9,N/A\n"
        "S4,2026-08-01,,P9,5\n"
        "S5,short\n"
        "S6,2026-08-01,,,2\n",
    )
    shop.write(
        "sample_data/s2.csv", 'partner_id,"Net, USD",extra,sold_on,sale_id\nP1,x,e,2026-08-01,T1\n'
    )
    header, *rows = table(rejects(shop))
    assert header == ["sale_id", "sold_on", "note", "partner_id", "Net, USD", "extra", *EXTRA]
    assert rows == [
        [
            "S2",
            "2026-08-99",
            "two\nlines",
            "P1",
            " 1",
            "",
            "sample_data/s1.csv",
            "4",
            "bad-date",
            "2026-08-99",
            "1",
        ],
        [
            "S3",
            "2026-08-01",
            "",
            "P9",
            "N/A",
            "",
            "sample_data/s1.csv",
            "6",
            "unknown-partner",
            "P9",
            "1",
        ],
        [
            "S4",
            "2026-08-01",
            "",
            "P9",
            "5",
            "",
            "sample_data/s1.csv",
            "7",
            "unknown-partner",
            "P9",
            "1",
        ],
        [
            *[""] * 6,
            "sample_data/s1.csv",
            "8",
            "field-count",
            "S5,short",
            rows[3][-1],
        ],
        [
            "S6",
            "2026-08-01",
            "",
            "",
            "2",
            "",
            "sample_data/s1.csv",
            "9",
            "missing-partner_id",
            "",
            "1",
        ],
        ["T1", "2026-08-01", "", "P1", "x", "e", "sample_data/s2.csv", "2", "bad-number", "x", "1"],
    ]
    assert int(rows[3][-1]) > 6  # no running number of the file comes near it


@pytest.mark.parametrize("row", ["s2,1,2026-07-11,A,5", "s2,1,2026-07-11,A,5,6,7", 's2,"1,2'])
def test_a_record_of_the_wrong_width_read_again_as_it_is_is_not_accepted(
    shop: Shop, way: str, row: str
) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\n'
    columns = "sale_id,line_id,sold_on,partner_id,amount,quantity"
    shop.write("x_fixed/sales.csv", columns + "\n")
    shop.write("sample_data/sales.csv", f"{columns}\ns1,1,2026-07-11,P1,5,1\n{row}\n")
    path = rejects(shop)
    assert table(path)[1][-2] == row
    shop.write("x_fixed/sales.csv", path.read_bytes())
    assert counted(shop.read()) == {"accepted": 1, "rejected": 2}


def test_only_sources_with_rejects_have_a_file(shop: Shop) -> None:
    shop.sales("S1,1,2026-08-01,P1,A,1,1,1")
    assert shop.read().write_rejects(shop.root / "rejects") == []
    assert not (shop.root / "rejects").exists()


def test_read_again_as_it_is_rejects_the_same_rows(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\n'
    shop.sales("S1,1,bad,P1,A,1,1,1", "S2,1,2026-08-01,P1,A,1,1,1", "S3,1,2026-08-01")
    first = rejects(shop)
    (shop.root / "x_fixed").mkdir() if not (shop.root / "x_fixed").exists() else None
    (shop.root / "x_fixed/sales.csv").write_bytes(first.read_bytes())
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "rejected": 4}
    assert reasons(inputs) == {"bad-date": 2, "field-count": 1, "missing-sold_on": 0} or reasons(
        inputs
    )


def test_a_corrected_row_supersedes_the_rejected_one(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\n'
    shop.write("x_fixed/none.csv", "sale_id,sold_on,partner_id,amount\n")
    columns = "sale_id,line_id,sold_on,partner_id,product_id,amount"
    shop.sales(
        "S1,,2026-08-01,P1,A,1",
        "S1,,2026-08-01,P1,A,x2",
        "S1,,2026-08-01,P1,A,3",
        "S1,,2026-08-01,P1,A,4,more",
        "S2,7,2026-08-99,P1,A,5",
        "S3,7,2026-08-99,P1,A,6",
        columns=columns,
    )
    path = rejects(shop)
    text = path.read_text().replace("x2,", "2,").replace("S2,7,2026-08-99", "S2,7,2026-08-09")
    shop.write("x_fixed/sales.csv", text)
    inputs = shop.read()
    # x2 and S2 are accepted now; the line with too many cells and S3 are not, each twice
    assert counted(inputs) == {"accepted": 4, "superseded": 2, "rejected": 4}
    found = sorted(lines(inputs, "sale_id", "n", "amount"), key=str)
    assert found == [
        ("S1", 1, Decimal(1)),
        ("S1", 2, Decimal(2)),
        ("S1", 3, Decimal(3)),
        ("S2", None, Decimal(5)),
    ]


def test_a_record_of_the_wrong_width_can_be_corrected(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\n'
    shop.write("x_fixed/none.csv", "sale_id,sold_on,partner_id,product_id,amount,note\n")
    shop.write(
        "sample_data/sales.csv",
        "sale_id,sold_on,partner_id,product_id,amount,note\n"
        "S1,2026-08-01,P1,A,1,234.50,x\n"  # never 1: what follows is part of the amount
        "S1,2026-08-01,P1,A,2\n"
        "S1,2026-08-01,P1,A,3,x\n",
    )
    path = rejects(shop)
    _, long, short = table(path)
    assert long[:6] == [""] * 6
    assert long[-2] == "S1,2026-08-01,P1,A,1,234.50,x"
    assert short[:6] == [""] * 6  # nobody knows which cell is missing
    assert short[-2] == "S1,2026-08-01,P1,A,2"
    fixed = path.read_text().replace(",,,,,,", 'S1,2026-08-01,P1,A,"1,234.50",x,', 1)
    fixed = fixed.replace(",,,,,,", "S1,2026-08-01,P1,A,2,,", 1)
    shop.write("x_fixed/sales.csv", fixed)
    inputs = shop.read()
    # each of the two is numbered apart from the others: it replaces none of them
    assert counted(inputs) == {"accepted": 3, "superseded": 2}
    assert sorted(lines(inputs, "amount")) == [(Decimal(2),), (Decimal(3),), (Decimal("1234.5"),)]


def test_a_correction_of_a_correction(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\n'
    shop.write("x_fixed/none.csv", "sale_id,sold_on,partner_id,amount\n")
    shop.sales("S1,1,bad,P1,A,1,1,1")
    for number, day in enumerate(["worse", "2026-08-01"]):
        fixed = rejects(shop).read_text().splitlines()
        last = fixed[-1].replace("bad,P1", f"{day},P1").replace("worse,P1", f"{day},P1")
        shop.write(f"x_fixed/{number}.csv", "\n".join([fixed[0], last]) + "\n")
        inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "superseded": 2}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8"])
def test_encoding_delimiter_and_lines_before(shop: Shop, way: str, encoding: str) -> None:
    shop.config = f"""
[sources.sales]
path = ["sample_data/sales.csv", "x_fixed/*.csv"]
encoding = "{encoding}"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
skip_rows = 2
"""
    head = "Report\n\nsale_id;sold_on;partner_id;amount\n"
    shop.write("x_fixed/none.csv", head, encoding)
    shop.write(
        "sample_data/sales.csv", head + "Ü1;01.08.2026;P1;1,5\nÜ2;32.08.2026;P1;1,5\n", encoding
    )
    path = rejects(shop)
    header, row = table(path, encoding, ";", skip=2)
    assert header == ["sale_id", "sold_on", "partner_id", "amount", *EXTRA]
    assert row[:5] == ["Ü2", "32.08.2026", "P1", "1,5", "sample_data/sales.csv"]
    assert row[5:8] == ["5", "bad-date", "32.08.2026"]
    fixed = path.read_bytes().decode(encoding).replace("Ü2;32.", "Ü2;30.")
    shop.write("x_fixed/sales.csv", fixed, encoding)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 1}


def test_without_header(shop: Shop, way: str) -> None:
    shop.config = """
[sources.sales]
path = ["sample_data/sales.csv", "x_fixed/*.csv"]
header = false
columns = ["sale_id", "", "sold_on", "partner_id", "amount"]
"""
    shop.write("x_fixed/none.csv", "")
    shop.write(
        "sample_data/sales.csv", "S1,x,2026-08-01,P1,1\nS2,y,2026-08-99,P1,2\nS3,z,2026-08-01\n"
    )
    path = rejects(shop)
    rows = table(path)
    assert [row[:5] for row in rows] == [
        ["S2", "y", "2026-08-99", "P1", "2"],
        [""] * 5,
    ]
    assert [row[6:8] for row in rows] == [["2", "bad-date"], ["3", "field-count"]]
    shop.write("x_fixed/sales.csv", path.read_text().replace("08-99,P1", "08-09,P1"))
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 1, "rejected": 2}
    # five cells too many that are no reason do not make a row
    shop.write("x_fixed/sales.csv", "S9,x,2026-08-01,P1,1,a,b,c,d,e\nS8,x,2026-08-01,P1,1\n")
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "rejected": 3}


def test_characters_that_the_encoding_lacks(shop: Shop) -> None:
    shop.config = (
        '[sources.sales]\npath = ["sample_data/sales.csv", "x_fixed/*.csv"]\nencoding = "cp1252"\n'
    )
    shop.write("x_fixed/none.csv", "sale_id,sold_on,partner_id,amount\n")
    shop.write(
        "sample_data/sales.csv", b"sale_id,sold_on,partner_id,amount\nS\x81,2026-08-01,P1,1\n"
    )
    path = rejects(shop)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    shop.write("x_fixed/sales.csv", path.read_bytes())
    assert reasons(shop.read()) == {"bad-encoding": 2}
    shop.write("x_fixed/sales.csv", path.read_bytes().replace("S\ufffd,2".encode(), "Š,2".encode()))
    inputs = shop.read()
    assert lines(inputs, "sale_id") == [("Š",)]
    assert counted(inputs) == {"accepted": 1, "superseded": 1}


def test_parquet_comes_back_in_the_dialect_of_its_source(shop: Shop) -> None:
    shop.config = """
[sources.sales]
path = ["sample_data/*.parquet", "x_fixed/*.csv"]
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
"""
    shop.write("x_fixed/none.csv", "sale_id;sold_on;partner_id;amount\n")
    frame = pl.DataFrame(
        {
            "sale_id": ["S1"],
            "sold_on": ["2026-08-01"],
            "partner_id": ["P9"],
            "amount": [Decimal("1234.567")],
        }
    ).with_columns(pl.col("sold_on").str.to_date())
    shop.write("sample_data/s.parquet", frame)
    path = rejects(shop)
    assert table(path, delimiter=";")[1][:6] == [
        "S1",
        "01.08.2026",
        "P9",
        "1234,567",
        "sample_data/s.parquet",
        "1",
    ]
    shop.write("x_fixed/sales.csv", path.read_text().replace("P9;1234", "P1;1234"))
    assert lines(shop.read(), "amount") == [(Decimal("1234.567"),)]


def test_every_table_has_rejects(shop: Shop) -> None:
    shop.write("sample_data/partners.csv", "partner_id,name,status\nP1,A,gone\nP1,A,active\n,B,\n")
    shop.sales("S1,1,2026-08-01,P1,A,1,1,1")
    header, *rows = table(rejects(shop, "partners"))
    assert header == ["partner_id", "name", "status", *EXTRA]
    assert [row[-3:] for row in rows] == [["bad-value", "gone", ""], ["missing-partner_id", "", ""]]


def test_the_reasons_that_only_other_rows_tell(shop: Shop) -> None:
    shop.write("sample_data/reps.csv", "rep_id,name\nR1,A\n")
    shop.write("sample_data/credits.csv", "sale_id,rep_id,share\nS1,R1,0.5\n")
    shop.sales(
        "S1,1,2026-08-01,P1,5,XTS",
        "S2,1,2026-08-01,P1,5,",
        columns="sale_id,line_id,sold_on,partner_id,amount,currency",
    )
    inputs = shop.read()
    inputs.write_rejects(shop.root / "rejects")
    assert table(shop.root / "rejects/credits.csv")[1][-3:] == ["bad-share", "0.5", ""]
    assert table(shop.root / "rejects/sales.csv")[1][-3:] == ["no-fx-rate", "XTS", ""]

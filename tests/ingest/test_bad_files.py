"""Files that cannot be read, or not as the config says: a clear problem, never an exception."""

import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from tests.ingest.conftest import Shop, counted, errors

GOOD = "sale_id,sold_on,partner_id,amount\nS1,2026-08-01,P1,1\n"


def only_error(shop: Shop) -> tuple[str, str, str]:
    """Code, message and hint of the one error."""
    (problem,) = errors(shop.read())
    assert problem.message
    return problem.code, problem.message, problem.hint


def test_no_sales_at_all(shop: Shop) -> None:
    code, message, _ = only_error(shop)
    assert code == "no-file"
    assert "sales" in message


def test_no_partners(shop: Shop) -> None:
    shop.config = '[sources.partners]\npath = "nowhere.csv"\n'
    shop.write("sample_data/sales.csv", GOOD)
    code, message, _ = only_error(shop)
    assert code == "no-file"
    assert "nowhere.csv" in message


def test_a_pattern_without_a_match(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "in/*.csv"]\n'
    shop.write("sample_data/sales.csv", GOOD)
    code, message, _ = only_error(shop)
    assert code == "no-file"
    assert "in/*.csv" in message


def test_a_similar_name_is_suggested(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "in/sales.csv"\n'
    shop.write("in/sales.csv.gz", GOOD)
    code, _, hint = only_error(shop)
    assert code == "no-file"
    assert "sales.csv.gz" in hint


def test_a_folder_in_place_of_a_file(shop: Shop) -> None:
    (shop.root / "sample_data/sales.csv").mkdir(parents=True)
    code, _, hint = only_error(shop)
    assert code == "folder-for-file"
    assert "sales.csv/*.csv" in hint


def test_patterns_pass_over_folders(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "in/**"\n'
    shop.write("in/a/sales.csv", GOOD)
    inputs = shop.read()
    assert not errors(inputs)
    assert counted(inputs) == {"accepted": 1}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", GOOD).chmod(0)
    assert only_error(shop)[0] == "no-permission"


def test_a_permission_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.write("sample_data/sales.csv", GOOD)
    opened = os.open

    def refuse(name: str | Path, flags: int, mode: int = 0o777) -> int:
        if name == path:
            raise PermissionError(13, "Permission denied")
        return opened(name, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    assert only_error(shop)[0] == "no-permission"


def test_a_binary_file(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", b"PK\x03\x04\x00\x00binary\x00")
    code, _, hint = only_error(shop)
    assert code == "binary-file"
    assert "utf-8" in hint


@pytest.mark.parametrize("cut", [5, 40])
def test_a_broken_gzip(shop: Shop, cut: int) -> None:
    shop.config = '[sources.sales]\npath = "sales.csv.gz"\n'
    packed = gzip.compress((GOOD * 50).encode())
    shop.write("sales.csv.gz", b"")
    (shop.root / "sales.csv.gz").write_bytes(packed[:-cut])
    assert only_error(shop)[0] == "broken-archive"


def test_text_called_gzip_or_zstandard(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = ["a.csv.gz", "b.csv.zst"]\n'
    for name in ("a.csv.gz", "b.csv.zst"):
        (shop.root / name).write_text(GOOD)
    assert [problem.code for problem in errors(shop.read())] == ["broken-archive"] * 2


def test_a_broken_parquet(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sales.parquet"\n'
    (shop.root / "sales.parquet").write_text(GOOD)
    assert only_error(shop)[0] == "broken-parquet"


def test_a_damaged_parquet(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sales.parquet"\n'
    frame = pl.DataFrame(
        {
            "sale_id": [f"S{i}" for i in range(500)],
            "sold_on": "2026-08-01",
            "partner_id": "P1",
            "amount": 1,
        }
    )
    path = shop.write("sales.parquet", frame)
    raw = bytearray(path.read_bytes())
    raw[10:400] = b"\xff" * 390
    path.write_bytes(raw)
    assert [problem.severity for problem in errors(shop.read())] == ["error"]


def test_a_column_of_lists(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sales.parquet"\n'
    frame = pl.DataFrame(
        {"sale_id": [["S1"]], "sold_on": "2026-08-01", "partner_id": "P1", "amount": 1}
    )
    shop.write("sales.parquet", frame)
    code, message, _ = only_error(shop)
    assert code == "nested-column"
    assert "sale_id" in message


def test_two_sources_for_one_file(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/*.csv"\n'
    shop.write("sample_data/sales.csv", GOOD)
    code, message, _ = only_error(shop)
    assert code == "two-sources"
    assert "sales" in message
    assert "partners" in message


def test_a_file_that_two_patterns_of_a_source_match_is_read_once(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = ["sample_data/sales.csv", "sample_data/s*.csv"]\n'
    shop.write("sample_data/sales.csv", GOOD)
    assert counted(shop.read()) == {"accepted": 1}


def test_a_required_column_is_missing(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales.columns]\nsold_on = ["Invoice Date", "Datum"]\n'
    shop.write(
        "sample_data/sales.csv", "sale_id,invoice_date,partner_id,amount\nS1,2026-08-01,P1,1\n"
    )
    code, message, hint = only_error(shop)
    assert code == "column-missing"
    assert "sold_on" in message
    assert "Invoice Date" in message
    assert 'the nearest is "invoice_date"' in hint


def test_a_required_column_that_nothing_comes_close_to(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", "sale_id,x,partner_id,amount\nS1,2026-08-01,P1,1\n")
    assert 'it has "sale_id", "x", "partner_id", "amount"' in only_error(shop)[2]


def test_equal_headers(shop: Shop, way: str) -> None:
    text = "sale_id,sold_on,partner_id,amount,note,note\nS1,2026-08-01,P1,1,a,b\n"
    shop.write("sample_data/sales.csv", text)
    assert not errors(shop.read())
    shop.write("sample_data/sales.csv", text.replace("note,note", "note,amount"))
    assert only_error(shop)[0] == "equal-headers"


@pytest.mark.parametrize(
    "text", ["", "\n\n", "sale_id,sold_on,partner_id,amount", GOOD.splitlines()[0] + "\n"]
)
def test_files_without_rows(shop: Shop, way: str, text: str) -> None:
    shop.write("sample_data/sales.csv", text)
    inputs = shop.read()
    assert [(p.code, p.severity) for p in inputs.problems] == [("empty-file", "warning")]
    assert counted(inputs) == {}
    assert inputs.sales.collect().is_empty()
    assert inputs.write_rejects(shop.root / "rejects") == []


def test_more_lines_before_than_there_are(shop: Shop, way: str) -> None:
    shop.config = "[sources.sales]\nskip_rows = 9\n"
    shop.write("sample_data/sales.csv", GOOD)
    assert [p.code for p in shop.read().problems] == ["empty-file"]


def test_the_same_warning_about_many_files_is_one(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\nattributes = ["channel"]\n'
    for i in range(5):
        shop.write(f"sample_data/s{i}.csv", GOOD.replace("S1", f"S{i}"))
    (warning,) = shop.read().problems
    assert warning.code == "attribute-missing"
    assert "also s1.csv, s2.csv, s3.csv, s4.csv" in warning.message


def test_the_same_error_in_many_files_is_one(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    for i in range(100):
        shop.write(f"sample_data/s{i}.csv", "sale_id,sold_on\nS1,2026-08-01\n")
    code, message, _ = only_error(shop)
    assert code == "column-missing"
    assert "(also s1.csv, s2.csv, " in message
    assert " and 87 more files)" in message


def test_an_attribute_with_a_name_of_our_own(shop: Shop) -> None:
    shop.config = '[sources.sales]\nattributes = ["source"]\n'
    shop.write(
        "sample_data/sales.csv", GOOD.replace("amount", "amount,source").replace(",1\n", ",1,x\n")
    )
    assert only_error(shop)[0] == "reserved-name"


def test_absent_tables_are_empty_frames(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", GOOD)
    inputs = shop.read()
    assert inputs.present == {"sales", "partners"}
    assert inputs.tables["fx"].schema == {
        "on": pl.Date(),
        "currency": pl.String(),
        "rate": pl.Decimal(38, 12),
    }
    assert set(inputs.counts["table"]) == {"sales", "partners"}
    files = inputs.files.filter(pl.col("table") == "sales").row(0, named=True)
    assert (files["path"], files["bytes"], files["rows"]) == ("sample_data/sales.csv", len(GOOD), 1)
    assert len(files["sha256"]) == 64

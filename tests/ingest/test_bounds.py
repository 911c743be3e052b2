"""Bombs and giants: refused with file, line and limit, before they take all memory."""

import gzip
import resource
import tracemalloc
from pathlib import Path

import polars as pl
import pytest
import zstandard

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.errors import Problem
from incentivectl.ingest.files.bounds import Bounds
from tests.ingest.conftest import Shop, counted, errors

HEAD = b"sale_id,sold_on,partner_id,amount\n"
ROW = b"S1,2026-08-01,P1,1\n"
MB = 1_000_000


def only_problem(shop: Shop) -> Problem:
    (problem,) = errors(shop.read())
    assert problem.code == "beyond-limit"
    assert problem.file is not None
    assert problem.file.name.startswith("sales.csv")
    assert problem.hint
    return problem


def in_chunks(text: bytes, size: int, *, packed: int | None = None) -> None:
    bounds, lines = Bounds(packed), 0
    for at in range(0, len(text), size):
        chunk = text[at : at + size]
        bounds.at(chunk, lines)
        lines += chunk.count(b"\n")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_is_measured_wherever_chunks_are_cut(
    size: int, end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE_BYTES", 10)
    longest = b"x" * (11 - len(end))  # the line end of two characters is part of a line
    in_chunks(b"ab" + end + longest + end + b"c" + end + longest, size)
    for text in (b"ab" + end + longest + b"xx" + end, b"a" + end + b"b" + end + b"x" * 11):
        with pytest.raises(BeyondLimitError) as refused:
            in_chunks(text, size)
        assert refused.value.line == (1 if end == b"\r" else 2 + text.startswith(b"a" + end))


def test_a_long_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_BYTES", 5_000)
    body = HEAD + ROW * 500 + b"S2,2026-08-01,P1," + b"1" * 6_000 + b"\n" + ROW
    shop.write("sample_data/sales.csv", body)
    problem = only_problem(shop)
    assert (problem.message, problem.line) == ("the line is longer than 5 KB", 502)
    shop.write("sample_data/sales.csv", body.replace(b"1" * 6_000, b"1" * 4_000))
    assert not errors(shop.read())


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize(
    ("filling", "message"),
    [
        (b"x", "the line is longer than 16 MB"),
        (b"\n", "it has more than 10,000,000 empty lines"),
        (ROW, "it unpacks to more than 1,000 times its size"),
    ],
)
def test_a_bomb(
    shop: Shop, kind: str, filling: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED_ANYHOW_BYTES", 32 * MB)
    monkeypatch.setattr(limits, "UNPACKED_TIMES", 1_000 if kind == "zst" else 100)
    text = HEAD + filling * (64 * MB // len(filling))
    packed = gzip.compress(text, 1) if kind == "gz" else zstandard.compress(text)
    path = shop.root / f"sample_data/sales.csv.{kind}"
    path.parent.mkdir()
    path.write_bytes(packed)
    del text, packed
    shop.config = f'[sources.sales]\npath = "sample_data/{path.name}"\n'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        problem = only_problem(shop)
        assert tracemalloc.get_traced_memory()[1] < 64 * MB
    finally:
        tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB
    assert problem.message == message.replace("1,000 times", f"{limits.UNPACKED_TIMES:,} times")


def test_what_is_unpacked_has_an_end(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 10_000)
    shop.write("sample_data/sales.csv.gz", HEAD + ROW * 1_000)
    shop.config = '[sources.sales]\npath = "sample_data/sales.csv.gz"\n'
    assert only_problem(shop).message == "it unpacks to more than 10 KB"
    shop.write("sample_data/sales.csv.gz", HEAD + ROW * 500)
    assert not errors(shop.read())


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"\r"])
def test_empty_lines(shop: Shop, blank: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLANK_LINES", 1_000)
    shop.write("sample_data/sales.csv", HEAD + ROW + blank * 3_000)
    problem = only_problem(shop)
    assert problem.message == "it has more than 1,000 empty lines"
    assert problem.line is not None
    shop.write("sample_data/sales.csv", HEAD + ROW + blank * 900)
    assert counted(shop.read()) == {"accepted": 1}


def test_a_header_of_too_many_columns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COLUMNS", 50)
    wide = b"sale_id,sold_on,partner_id,amount" + b"".join(b",c%d" % n for n in range(47)) + b"\n"
    shop.write("sample_data/sales.csv", b"\n" + wide + ROW)
    problem = only_problem(shop)
    assert (problem.message, problem.line) == ("it has more than 50 columns", 2)
    shop.write("sample_data/sales.csv", b"\n" + wide.replace(b",c46", b""))
    assert not errors(shop.read())


def test_a_parquet_file_of_too_many_columns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COLUMNS", 50)
    shop.write("sample_data/sales.csv.parquet", pl.DataFrame({f"c{n}": [1] for n in range(51)}))
    shop.config = '[sources.sales]\npath = "sample_data/sales.csv.parquet"\n'
    assert only_problem(shop).message == "it has more than 50 columns"


def parquet_of(shop: Shop, cell: str, rows: int) -> None:
    shop.write(
        "sample_data/sales.parquet",
        pl.DataFrame(
            {
                "sale_id": [f"S{number}" for number in range(rows)],
                "sold_on": ["2026-08-01"] * rows,
                "partner_id": ["P1"] * rows,
                "amount": [1] * rows,
                "note": [cell] * rows,
            }
        ),
    )
    shop.config = '[sources.sales]\npath = "sample_data/sales.parquet"\n'


def test_a_giant_cell_of_a_parquet_file(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_BYTES", 5_000)
    parquet_of(shop, "x" * 5_001, 1)
    assert errors(shop.read())[0].message == "a cell is longer than 5 KB"
    parquet_of(shop, "x" * 5_000, 1)
    assert not errors(shop.read())


def test_a_parquet_file_of_equal_cells(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text in the file, 1,000 times in the table."""
    monkeypatch.setattr(limits, "UNPACKED_ANYHOW_BYTES", 1_000_000)
    monkeypatch.setattr(limits, "UNPACKED_TIMES", 10)
    parquet_of(shop, "x" * 2_000, 1_000)
    (problem,) = errors(shop.read())
    assert (problem.code, problem.message) == (
        "beyond-limit",
        "it unpacks to more than 10 times its size",
    )
    parquet_of(shop, "x" * 900, 1_000)
    assert not errors(shop.read())


def test_zeros_are_no_text_whatever_their_number(shop: Shop) -> None:
    path = shop.root / "sample_data/sales.csv"
    path.parent.mkdir()
    with path.open("wb") as out:
        out.truncate(40 * MB)
    (problem,) = errors(shop.read())
    assert problem.code == "binary-file"


def test_the_limits_stand_in_the_reference() -> None:
    from incentivectl.core.input_files import size

    told = (Path(__file__).parents[2] / "docs/reference.md").read_text(encoding="utf-8")
    section = told.partition("\n## Limits\n")[2].partition("\n## ")[0]
    for name, value in vars(limits).items():
        if name.isupper() and name not in ("KB", "MB", "GB"):
            shown = size(value) if name.endswith("_BYTES") else f"{value:,}"
            shown = str(value) if name.endswith("_DAY") else shown
            assert shown in section, name

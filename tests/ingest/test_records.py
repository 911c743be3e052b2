"""From physical lines to records: quotes, line ends, empty lines, wrong widths, huge lines."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.ingest.files import records
from incentivectl.ingest.files.files import by_value
from incentivectl.ingest.files.split import split_records
from tests.ingest.conftest import Shop, counted, lines, reasons

HEAD = "sale_id,sold_on,partner_id,amount,serial\n"


def serials(shop: Shop, body: str | bytes) -> list[str | None]:
    shop.write(
        "sample_data/sales.csv", HEAD.encode() + (body.encode() if isinstance(body, str) else body)
    )
    return [serial for (serial,) in lines(shop.read(), "serial")]


def test_quotes(shop: Shop, way: str) -> None:
    body = (
        'S1,2026-08-01,P1,"1,000.5","a, ""b"" c"\n'
        'S2,2026-08-01,P1,1,5" pipe\n'  # a quote within a cell is text
        'S3,2026-08-01,P1,1,"two\nlines"\n'
        'S4,2026-08-01,P1,1,"odd" end\n'
        "S5,2026-08-01,P1,1,''\n"
    )
    assert serials(shop, body) == ['a, "b" c', '5" pipe', "two\nlines", "odd end", "''"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(shop: Shop, way: str, end: str, last: bool) -> None:
    rows = [f"S{i},2026-08-01,P1,1,x{i}" for i in range(3)]
    shop.write(
        "sample_data/sales.csv",
        (HEAD.strip() + end + end.join(rows) + (end if last else "")).encode(),
    )
    assert lines(shop.read(), "serial") == [("x0",), ("x1",), ("x2",)]


def test_empty_lines_are_no_rows_and_blank_ones_are(shop: Shop, way: str) -> None:
    body = "\nS1,2026-08-01,P1,1,a\n\n\n   \nS2,2026-08-01,P1,1,b\n\n"
    shop.write("sample_data/sales.csv", HEAD + body)
    inputs = shop.read()
    assert reasons(inputs) == {"field-count": 1}
    assert lines(inputs, "serial") == [("a",), ("b",)]


def test_a_quote_that_is_never_closed_costs_its_own_line_only(shop: Shop, way: str) -> None:
    body = (
        "S1,2026-08-01,P1,1,a\n"
        'S2,2026-08-01,P1,1,"never closed\n'
        "S3,2026-08-01,P1,1,b\n"
        'S4,2026-08-01,P1,"1,000",c\n'
        'S5,2026-08-01,P1,1,"two\nlines"\n'
        'S6,2026-08-01,P1,1,"at the end'
    )
    shop.write("sample_data/sales.csv", HEAD + body)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 4, "rejected": 2}
    assert reasons(inputs) == {"field-count": 2}
    assert lines(inputs, "serial") == [("a",), ("b",), ("c",), ("two\nlines",)]


def test_an_odd_file_among_regular_ones(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "SMALL", -1)
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    shop.write("sample_data/s1.csv", HEAD + 'A1,2026-08-01,P1,1,"a"\nA2,2026-08-01,P1\n')
    shop.write("sample_data/s2.csv", HEAD + 'B1,2026-08-01,P1,1,"x\ny"\n\nB2,2026-08-01,P1\n')
    shop.write("sample_data/s10.csv", HEAD + 'C1,2026-08-01,P1,1,"c"\n\nC2,2026-08-01,P1\n')
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 3, "rejected": 3}
    assert lines(inputs, "sale_id", "serial") == [("A1", "a"), ("B1", "x\ny"), ("C1", "c")]
    (path,) = inputs.write_rejects(shop.root / "rejects")
    with path.open(newline="") as file:
        rejected = list(csv.DictReader(file))
    assert {r["sale_id"] for r in rejected} == {""}  # which cell is whose nobody knows
    assert [(r["reject_value"], r["reject_file"], r["reject_line"]) for r in rejected] == [
        ("A2,2026-08-01,P1", "sample_data/s1.csv", "3"),
        ("B2,2026-08-01,P1", "sample_data/s2.csv", "5"),
        ("C2,2026-08-01,P1", "sample_data/s10.csv", "4"),
    ]


def test_a_unit_separator_in_a_cell(shop: Shop, way: str) -> None:
    assert serials(shop, "S1,2026-08-01,P1,1,a\x1fb\n") == ["a\x1fb"]


def test_a_line_of_15_megabytes(shop: Shop) -> None:
    big = b"S2,2026-08-01,P1,1," + b"x" * 15_000_000
    body = b"S1,2026-08-01,P1,1,a\n" + big + b"\nS3,2026-08-01,P1,1,b\n" + b"," * 10_000_000 + b"\n"
    shop.write("sample_data/sales.csv", HEAD.encode() + body)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 3, "rejected": 1}
    assert reasons(inputs) == {"field-count": 1}


CELLS = st.text(st.sampled_from('ab,"\n\r é;'), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5), st.sampled_from(["\n", "\r\n"])
)
def test_well_formed_text_splits_as_the_csv_module_does(rows: list[list[str]], end: str) -> None:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    got = list(split_records(io.StringIO(out.getvalue(), newline=""), ","))
    assert [record.cells for record in got] == rows


@given(st.lists(st.text(st.sampled_from('ab,"" '), max_size=8), max_size=6))
def test_odd_text_on_one_line_splits_as_the_csv_module_does(some: list[str]) -> None:
    for text in some:
        (record,) = list(split_records([text], ",")) or [None]
        expected = next(csv.reader([text]), [])
        if record is None or record.cells is None:
            continue  # nothing there, or a quote that is never closed
        assert record.cells == expected


def test_runs_of_digits_in_paths_compare_by_value() -> None:
    names = ["b.csv", "s10.csv", "s2.csv", "s2b.csv", "s02.csv", "a/9.csv", "a/10.csv"]
    assert sorted(names, key=by_value) == [
        "a/9.csv",
        "a/10.csv",
        "b.csv",
        "s02.csv",
        "s2.csv",
        "s2b.csv",
        "s10.csv",
    ]


def test_scanning_and_splitting_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(
        f'S{i},2026-08-{i % 28 + 1:02d},P{i % 4},"{i},000.5",{"" if i % 3 else "qq"}\n'
        + ("\n" if i % 7 == 0 else "")
        + ("S,2026-08-01\n" if i % 11 == 0 else "")
        for i in range(3000)
    )
    found = []
    for small in (-1, 1 << 40):
        monkeypatch.setattr(records, "SMALL", small)
        shop = Shop(tmp_path / str(small))
        shop.write("sample_data/sales.csv", HEAD + body)
        inputs = shop.read()
        (path,) = inputs.write_rejects(shop.root / "rejects")
        found.append(
            (
                counted(inputs),
                reasons(inputs),
                lines(inputs, "sale_id", "amount", "serial"),
                path.read_bytes(),
            )
        )
    assert found[0] == found[1]

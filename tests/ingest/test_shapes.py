"""Exports with banners, footers and groups: which rows are read, and what fills their empty cells."""

import csv
import io
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from incentivectl.ingest.files import filling, pieces, records
from tests.ingest.conftest import Shop, counted, errors, lines, reasons
from tests.workbook_files import by_openpyxl

Table = Sequence[Sequence[str]]


@pytest.fixture(params=["scan", "split", "workbook"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the rows of a test are written and read."""
    form = str(request.param)
    if form != "workbook":
        monkeypatch.setattr(records, "SMALL", -1 if form == "scan" else 1 << 40)
    return form


def write(shop: Shop, form: str, rows: Table, name: str = "sales") -> Path:
    """Rows of texts as a text file or a workbook; the config finds either."""
    if form == "workbook":
        path = shop.root / f"in/{name}.xlsx"
        path.parent.mkdir(exist_ok=True)
        return by_openpyxl(path, [[cell or None for cell in row] for row in rows])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return shop.write(f"in/{name}.csv", text.getvalue())


SHAPED = """
[sources.sales]
path = "in/*"
header_contains = ["Invoice No", "Qty"]
footer_rows = 1
fill_down = ["Invoice No", "Date", "Dealer"]
skip_when = { "Invoice No" = [{ matches = '^(Grand )?Total' }], "SKU" = ["FREIGHT", { empty = true }] }
[sources.sales.columns]
sale_id = "Invoice No"
sold_on = "Date"
partner_id = "Dealer"
product_id = "SKU"
quantity = "Qty"
amount = "Ext"
"""
HEADER = ["Invoice No", "Date", "Dealer", "SKU", "Qty", "Ext"]
REPORT: Table = [
    ["Fernhill Sales Report", "", "", "", "", ""],
    ["Invoice No", "of July", "", "", "", ""],  # one of the cells, not both
    ["from 2026-07-01", "", "", "", "", ""],
    HEADER,
    ["I1", "2026-07-01", "P1", "A", "1", "10"],  # line 5
    ["", "", "", "B", "2", "20"],
    ["Total I1", "2026-07-09", "P3", "", "", "30"],  # skipped, gives nothing
    ["", "", "", "C", "3", "30"],
    ["I2", "", "P2", "FREIGHT", "1", "5"],  # skipped: so I2 and P2 are not given
    ["", "", "", "D", "4", "40"],
    ["I3", "31.07.2026", "P2", "E", "5", "50"],  # line 11: rejected, but gives
    ["", "", "", "F", "6", "60"],
    ["grand total", "", "", "X", "", "999"],  # the footer, whatever it says
]


def test_banner_groups_and_footer(shop: Shop, form: str) -> None:
    shop.config = SHAPED
    write(shop, form, REPORT)
    inputs = shop.read()
    assert not errors(inputs)
    assert lines(inputs, "sale_id", "partner_id", "product_id", "amount") == [
        ("I1", "P1", "A", Decimal(10)),
        ("I1", "P1", "B", Decimal(20)),
        ("I1", "P1", "C", Decimal(30)),
        ("I1", "P1", "D", Decimal(40)),
    ]
    assert counted(inputs) == {"accepted": 4, "rejected": 2, "skipped": 3}
    assert reasons(inputs) == {"bad-date": 2}


def test_rejects_are_written_filled_and_read_again(shop: Shop, form: str) -> None:
    shop.config = SHAPED
    path = write(shop, form, REPORT)
    shop.read().write_rejects(shop.root / "rejects")
    text = (shop.root / "rejects/sales.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    name = path.relative_to(shop.root).as_posix()
    assert [(row["reject_file"], row["reject_line"]) for row in rows] == [
        (name, "11"),
        (name, "12"),
    ]
    assert [(row["Invoice No"], row["Date"], row["SKU"]) for row in rows] == [
        ("I3", "31.07.2026", "E"),
        ("I3", "31.07.2026", "F"),
    ]
    # corrected, but for a cell that is left empty: a file of rejects is not filled, and has no footer
    corrected = text.replace("31.07.2026,P2,E", "2026-07-31,P2,E").replace(
        "31.07.2026,P2,F", ",P2,F"
    )
    shop.write("in/corrected.csv", corrected)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 5, "rejected": 2, "superseded": 1, "skipped": 3}
    assert reasons(inputs) == {"bad-date": 1, "missing-sold_on": 1}


def test_each_file_begins_anew(shop: Shop, form: str) -> None:
    shop.config = SHAPED
    end = ["", "", "", "", "", ""]
    write(shop, form, [HEADER, ["I1", "2026-07-01", "P1", "A", "1", "1"], ["end", *end[1:]]], "1")
    write(shop, form, [HEADER, ["", "", "", "B", "1", "1"], ["end", *end[1:]]], "2")
    inputs = shop.read()
    assert lines(inputs, "product_id") == [("A",)]
    assert reasons(inputs) == {"missing-sale_id": 1}


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_filling_across_batches(
    shop: Shop, form: str, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """However the rows of several files are batched, each takes what stands above it in its file."""
    monkeypatch.setattr(filling, "ROWS_IN_MEMORY", rows)
    monkeypatch.setattr(pieces, "ROWS_IN_MEMORY", rows)
    shop.config = SHAPED.replace("footer_rows = 1", "")
    dice = random.Random(rows)
    expected = []
    for file in range(4):
        table = [HEADER]
        sale, dealer = "", ""
        for at in range(dice.randint(1, 9)):
            begins = at == 0 or dice.random() < 0.3
            given = (f"S{file}-{at}", dice.choice(["P1", "P2", ""])) if begins else ("", "")
            sale, dealer = given[0] or sale, given[1] or dealer
            table.append([given[0], "2026-07-01", given[1], f"A{at}", "1", "1"])
            if dealer:
                expected.append((sale, dealer, f"A{at}"))
        write(shop, form, table, f"file {file}")
    inputs = shop.read()
    assert lines(inputs, "sale_id", "partner_id", "product_id") == expected


def test_a_short_record_gives_nothing(shop: Shop, way: str) -> None:
    shop.config = SHAPED.replace("footer_rows = 1", "")
    shop.write(
        "in/s.csv",
        "Invoice No,Date,Dealer,SKU,Qty,Ext\nI1,2026-07-01,P1,A,1,1\nI2,2026-07-02,P2,X\n,,,B,1,2\n",
    )
    inputs = shop.read()
    assert lines(inputs, "sale_id", "product_id") == [("I1", "A"), ("I1", "B")]
    assert reasons(inputs) == {"field-count": 1}


def test_footers_may_have_any_shape(shop: Shop, way: str) -> None:
    """Empty lines are no rows, and none of the last ones either."""
    shop.config = '[sources.sales]\npath = "in/*"\nfooter_rows = 2\n'
    head = "sale_id,sold_on,partner_id,amount\nS1,2026-08-01,P1,1\n\n"
    shop.write(
        "in/1.csv", head + "S2,2026-08-01,P1,2\nTotal: 2\n\n\nprinted, by, Anna, on, 1 August\n\n"
    )
    shop.write("in/2.csv", head)
    inputs = shop.read()
    assert lines(inputs, "sale_id") == [("S1",), ("S2",)]
    assert counted(inputs) == {"accepted": 2, "skipped": 3}


def test_without_a_header(shop: Shop, form: str) -> None:
    shop.config = """
[sources.sales]
path = "in/*"
header = false
footer_rows = 1
fill_down = ["sale_id"]
skip_when = { partner_id = [{ empty = true }] }
columns = ["sale_id", "sold_on", "partner_id", "amount"]
"""
    rows = [
        ["S1", "2026-08-01", "P1", "1"],
        ["S9", "2026-08-01", "", "1"],
        ["", "2026-08-01", "P9", "2"],
        ["Total", "2026-08-01", "P1", "3"],
    ]
    write(shop, form, rows)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "rejected": 1, "skipped": 2}
    inputs.write_rejects(shop.root / "rejects")
    text = (shop.root / "rejects/sales.csv").read_text(encoding="utf-8")
    assert text.startswith("S1,2026-08-01,P9,2,in/sales.")
    shop.write("in/corrected.csv", text.replace("P9", "P1"))
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 1, "skipped": 2}
    assert sorted(lines(inputs, "sale_id", "amount")) == [("S1", Decimal(1)), ("S1", Decimal(2))]


def test_parquet_is_filled_too(shop: Shop) -> None:
    shop.config = SHAPED
    columns = list(zip(*REPORT[4:], strict=True))
    frame = pl.DataFrame({name: list(cells) for name, cells in zip(HEADER, columns, strict=True)})
    shop.write("in/s.parquet", frame)
    assert counted(shop.read()) == {"accepted": 4, "rejected": 2, "skipped": 3}


def test_no_such_header(shop: Shop, form: str) -> None:
    shop.config = SHAPED.replace('"Qty"]', '"Quantity"]')
    path = write(shop, form, REPORT)
    (problem,) = errors(shop.read())
    assert (problem.code, problem.file, problem.line) == ("header-not-found", path, 2)
    assert 'header with "Invoice No" and "Quantity" in its first 13 rows' in problem.message
    assert 'line 2 has all but "Quantity"' in problem.hint


def test_a_header_is_found_across_case_and_blanks(shop: Shop, form: str) -> None:
    shop.config = SHAPED.replace('["Invoice No", "Qty"]', '["invoice  no", "QTY"]')
    write(shop, form, REPORT)
    assert counted(shop.read()) == {"accepted": 4, "rejected": 2, "skipped": 3}


def test_banner_and_skip_rows(shop: Shop, form: str) -> None:
    """The search begins below the rows that are passed over."""
    shop.config = SHAPED.replace("footer_rows", "skip_rows = 1\nfooter_rows")
    write(shop, form, [HEADER, *REPORT])
    assert counted(shop.read()) == {"accepted": 4, "rejected": 2, "skipped": 3}


@pytest.mark.parametrize("start", ["sep=;\n", "sep=;\r\n", '"sep=;"\n', "\ufeffSEP=;\n"])
@pytest.mark.parametrize("skip", ["", "skip_rows = 1\n"])
def test_a_first_line_names_the_delimiter(shop: Shop, way: str, start: str, skip: str) -> None:
    shop.config = f'[sources.sales]\npath = "in/*"\n{skip}'
    shop.write(
        "in/1.csv", f"{start}sale_id;sold_on;partner_id;amount\nS1;2026-08-01;P1;1\nS2;;P1;1\n"
    )
    inputs = shop.read()
    assert lines(inputs, "sale_id") == [("S1",)]
    inputs.write_rejects(shop.root / "rejects")
    text = (shop.root / "rejects/sales.csv").read_text(encoding="utf-8")
    assert text.splitlines()[-1].startswith("S2,,P1,1,in/1.csv,4,missing-sold_on")


def test_files_with_and_without_a_first_line(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = "in/*"\n'
    rows = "sale_id,sold_on,partner_id,amount\n{},2026-08-01,P1,1\n"
    shop.write("in/1.csv", rows.format("S1"))
    shop.write("in/2.csv", "sep=\t\n" + rows.format("S2").replace(",", "\t"))
    shop.write("in/3.csv", "sep=|\n" + rows.format("S3").replace(",", "|"), encoding="utf-16")
    assert lines(shop.read(), "sale_id") == [("S1",), ("S2",), ("S3",)]


def test_what_the_cache_depends_on(shop: Shop) -> None:
    """The settings of a shape are part of what a cached reading is named after."""
    from incentivectl.ingest.store.cached import _settings
    from incentivectl.workspace.load import load_workspace

    shop.config = SHAPED
    write(shop, "split", REPORT)
    shop.read()
    found = set()
    config = (shop.root / "incentivectl.toml").read_text()
    for old, new in (
        ("", ""),
        ("footer_rows = 1", "footer_rows = 2"),
        ('"Qty"]', '"Ext"]'),
        ('"Date", "Dealer"]', '"Date"]'),
        ("Grand ", "GRAND "),
        (", { empty = true }", ""),
        ('path = "in/*"', 'path = "in/*"\nsheet = 2'),
    ):
        (shop.root / "incentivectl.toml").write_text(config.replace(old, new) if old else config)
        workspace, problems = load_workspace(shop.root)
        assert workspace is not None, problems
        found.add(_settings(workspace))
    assert len(found) == 7


BY_POSITION = 'header = false\ncolumns = ["sale_id", "sold_on", "partner_id"]\n'


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("skip_when = { A = [{ matches = '(' }] }", "invalid regular expression: unclosed group"),
        ("skip_when = { A = [{ matches = '(?=x)' }] }", "look-around"),
        ("skip_when = { A = [{ matches = 'x{1000}{1000}{1000}' }] }", "exceeds size limit"),
        ("skip_when = { A = [{ matches = 7 }] }", "expected a regular expression, not"),
        (f"skip_when = {{ A = [{{ matches = '{'x' * 501}' }}] }}", "longer than 500 characters"),
        ("skip_when = { A = [{ empty = false }] }", "unknown test"),
        ("skip_when = { A = [{ like = 'x' }] }", "unknown test"),
        ("skip_when = { A = [] }", "the list says nothing"),
        ("footer_rows = -1", "must not be negative"),
        ("sheet = 0", "sheets are numbered from 1"),
        ("sheet = true", "expected a whole number"),
        (
            'header = false\ncolumns = ["sale_id", "sold_on", "partner_id"]\nheader_contains = ["A"]',
            "no header",
        ),
        (
            'header = false\ncolumns = ["sale_id", "sold_on", "partner_id"]\nfill_down = ["A"]',
            "`fill_down`",
        ),
    ],
)
def test_what_is_wrong_in_the_config(tmp_path: Path, keys: str, message: str) -> None:
    from incentivectl.workspace.load import load_workspace

    (tmp_path / "incentivectl.toml").write_text(
        f'[workspace]\ncurrency = "USD"\n[sources.sales]\n{keys}\n', encoding="utf-8"
    )
    _, problems = load_workspace(tmp_path)
    assert message in " ".join(problem.message for problem in problems)


def test_a_column_to_fill_that_is_not_there(shop: Shop, form: str) -> None:
    shop.config = SHAPED.replace('"Date", "Dealer"]', '"Date", "Deeler"]')
    write(shop, form, REPORT)
    (problem,) = errors(shop.read())
    assert problem.message == 'it has no column "Deeler", which `fill_down` names'
    assert 'the nearest is "Dealer"' in problem.hint
    shop.config = shop.config.replace("footer_rows = 1", 'footer_rows = 1\noptional = ["Deeler"]')
    assert not errors(shop.read())


def test_a_pattern_that_others_would_hang_on(shop: Shop, way: str) -> None:
    shop.config = (
        '[sources.sales]\npath = "in/*"\nskip_when = { sale_id = { matches = "(a+)+$" } }\n'
    )
    evil = "a" * 50_000 + "!"
    shop.write("in/1.csv", f"sale_id,sold_on,partner_id,amount\n{evil},2026-08-01,P1,1\na,,,\n")
    assert counted(shop.read()) == {"accepted": 1, "skipped": 1}


def test_merged_cells_that_are_filled_need_no_warning(shop: Shop) -> None:
    from openpyxl import load_workbook

    shop.config = SHAPED.replace("footer_rows = 1", "")
    path = write(
        shop,
        "workbook",
        [HEADER, ["I1", "2026-07-01", "P1", "A", "1", "1"], ["", "", "", "B", "1", "1"]],
    )
    book = load_workbook(path)
    for cells in ("A2:A3", "B2:B3", "C2:C3"):
        book.active.merge_cells(cells)
    book.save(path)
    inputs = shop.read()
    assert not inputs.problems
    assert counted(inputs) == {"accepted": 2}

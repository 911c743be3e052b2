"""Workbooks are read like other exports: typed cells, sheets, what Excel makes of values, rejects."""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingest.conftest import Shop, counted, errors, lines, reasons
from tests.small_workspace import CONFIG, incentivectl, settle, write_workspace
from tests.workbook_files import WRITERS, Rows, by_openpyxl, by_xlsxwriter, by_xlwt

HEADER = ("sale_id", "line_id", "sold_on", "partner_id", "product_id", "quantity", "amount")
GERMAN = """
[sources.sales]
path = "in/*"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
"""


def rejects(shop: Shop, source: str = "sales") -> list[dict[str, str]]:
    """The rejected rows of a source as they are written."""
    folder = shop.root / f"rejects-{shop.reads}"
    shop.read().write_rejects(folder)
    text = (folder / f"{source}.csv").read_text(encoding="utf-8-sig")
    start = text[: len(text) - len(text.lstrip())]
    return list(csv.DictReader(text[len(start) :].splitlines(), delimiter=";"))


@pytest.mark.parametrize("library", WRITERS)
def test_typed_cells_are_taken_as_they_are(shop: Shop, library: str) -> None:
    ending, write = WRITERS[library]
    shop.config = GERMAN
    (shop.root / "in").mkdir()
    rows: Rows = [
        HEADER,
        ("S1", 1, date(2026, 8, 1), "P1", 1001, 2, 1234.5),
        ("S1", 2, datetime(2026, 8, 1, 13, 5), "P1", "1002", -1, -0.1),
        ("S2", "1", "02.08.2026", "P2", "A 7", "3", "1.234,50"),  # text, in the source's dialect
        (7001, None, date(2026, 8, 3), "P3", 12.5, None, 747.0599999999999),
    ]
    write(shop.root / f"in/august{ending}", rows)
    inputs = shop.read()
    assert not errors(inputs)
    assert counted(inputs) == {"accepted": 4}
    got = lines(inputs, "sale_id", "line_id", "sold_on", "product_id", "quantity", "amount")
    assert got == [
        ("S1", "1", date(2026, 8, 1), "1001", Decimal(2), Decimal("1234.5")),
        ("S1", "2", date(2026, 8, 1), "1002", Decimal(-1), Decimal("-0.1")),
        ("S2", "1", date(2026, 8, 2), "A 7", Decimal(3), Decimal("1234.5")),
        ("7001", None, date(2026, 8, 3), "12.5", Decimal(1), Decimal("747.06")),
    ]


@pytest.mark.parametrize("library", WRITERS)
def test_a_reject_names_the_row_of_the_sheet(shop: Shop, library: str) -> None:
    ending, write = WRITERS[library]
    shop.config = GERMAN
    (shop.root / "in").mkdir()
    nothing = (None,) * 7
    rows: Rows = [
        HEADER,
        ("S1", 1, date(2026, 8, 1), "P1", "A", 1, 5),
        nothing,
        ("S2", 1, date(2026, 8, 2), "P9", "A", 2, 7.25),  # row 4
        nothing,
        nothing,
        ("Total", None, None, None, None, None, 12.25),  # row 7
    ]
    write(shop.root / f"in/august{ending}", rows)
    found = rejects(shop)
    assert [(row["reject_file"], row["reject_line"], row["reject_reason"]) for row in found] == [
        (f"in/august{ending}", "4", "unknown-partner"),
        (f"in/august{ending}", "7", "missing-sold_on"),
    ]
    assert (found[0]["sold_on"], found[0]["amount"]) == ("02.08.2026", "7,25")
    assert counted(shop.read()) == {"accepted": 1, "rejected": 2}


def test_corrected_rejects_are_read_again(shop: Shop) -> None:
    shop.config = GERMAN.replace("in/*", "in/*.xlsx")  # finds workbooks, and rejects beside them
    (shop.root / "in").mkdir()
    rows: Rows = [
        HEADER,
        ("S1", None, date(2026, 8, 1), "P1", "A", 1, 5),
        ("S1", None, date(2026, 8, 1), "P9", "A", 2, 7.25),
        ("S1", None, date(2026, 8, 1), "P1", "A", 3, 9),
    ]
    by_xlsxwriter(shop.root / "in/august.xlsx", rows)
    shop.read().write_rejects(shop.root / "rejects")
    text = (shop.root / "rejects/sales.csv").read_text(encoding="utf-8")
    shop.write("in/sales.csv", text.replace("P9", "P1"))
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 3, "superseded": 1}
    assert sorted(lines(inputs, "quantity", "amount", "n")) == [
        (Decimal(1), Decimal(5), 1),
        (Decimal(2), Decimal("7.25"), 2),
        (Decimal(3), Decimal(9), 3),
    ]


def test_rejects_saved_as_a_workbook_are_read_again(shop: Shop) -> None:
    shop.config = GERMAN
    (shop.root / "in").mkdir()
    rows: Rows = [HEADER, ("S1", "1", date(2026, 8, 1), "P9", "=x", 1, 5)]
    by_xlsxwriter(shop.root / "in/august.xlsx", [HEADER])
    from openpyxl import load_workbook

    by_openpyxl(shop.root / "in/august.xlsx", [HEADER, (*rows[1][:4], "x", 1, 5)])
    book = load_workbook(shop.root / "in/august.xlsx")
    book.active["E2"] = "=x"
    book.active["E2"].data_type = "s"
    book.save(shop.root / "in/august.xlsx")
    (row,) = rejects(shop)
    assert row["product_id"] == "'=x"
    corrected = {**row, "partner_id": "P1", "reject_line": 2}
    by_xlsxwriter(shop.root / "in/corrected.xlsx", [[*corrected], [*corrected.values()]])
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "superseded": 1}
    assert lines(inputs, "product_id") == [("=x",)]


def test_what_excel_makes_of_values(shop: Shop) -> None:
    """Each is right, or rejected with a reason that says what happened; no row is lost."""
    shop.config = '[sources.sales]\npath = "s.xlsx"\nattributes = ["note"]\n'
    shop.data = 'unknown_product = "reject"'
    shop.write("sample_data/products.csv", "product_id,name\n007,Seven\n1E5,Odd\n")
    day = date(2026, 8, 1)
    rows: Rows = [
        (*HEADER, "note"),
        ("A1", 1, day, "P1", 7, 1, 5, ""),  # 007 without its zeros
        ("A2", 1, day, "P1", "1E5", 1, 5, True),  # a text that looks like a number
        (2.02607e17, 1, day, "P1", "007", 1, 5, ""),  # an id of more digits than Excel keeps
        ("2.02607E+11", 1, day, "P1", "007", 1, 5, ""),
        (202607123456789, 1, day, "P1", "007", 1, 5, ""),  # fifteen digits: whole
        ("A6", 1, 46235, "P1", "007", 1, 5, ""),  # a date that lost its format
        ("A7", 1, day, "P1", "007", "5", "1234.50", ""),  # numbers as text
        ("A8", 1, day, "P1", "007", 1, True, ""),
        ("A9", 1, day, "P1", "007", 1, "#N/A", ""),
        ("A10", 1, day, "P1", "007", 1, 5, "#REF!"),
        ("A11", 1, day, "P1", "007", 0.1 + 0.2, 1e-7, ""),
        ("A12", 1, day, "P1", "007", 1e12, 5, ""),
    ]
    by_xlsxwriter(shop.root / "s.xlsx", rows)
    inputs = shop.read()
    inputs.write_rejects(shop.root / "rejects")
    with (shop.root / "rejects/sales.csv").open(newline="") as file:
        found = [
            (int(row["reject_line"]), row["reject_reason"], row["reject_value"])
            for row in csv.DictReader(file)
        ]
    assert found == [
        (2, "unknown-product", "7"),
        (4, "bad-value", "2.02607000000000E+17"),
        (5, "bad-value", "2.02607E+11"),
        (7, "bad-date", "46235"),
        (9, "bad-number", "TRUE"),
        (10, "bad-value", "#N/A"),
        (11, "bad-value", "#REF!"),
        (12, "too-precise", "0.0000001"),
        (13, "too-large", "1000000000000"),
    ]
    assert lines(inputs, "sale_id", "quantity", "amount", "note") == [
        ("A2", Decimal(1), Decimal(5), "TRUE"),
        ("202607123456789", Decimal(1), Decimal(5), None),
        ("A7", Decimal(5), Decimal("1234.5"), None),
    ]
    assert counted(inputs) == {"accepted": 3, "rejected": 9}
    assert inputs.unknown["suggestion"].to_list() == ["007"]


def test_error_values_of_formulas(shop: Shop) -> None:
    from xlsxwriter import Workbook

    book = Workbook(shop.root / "s.xlsx")
    page = book.add_worksheet()
    for at, row in enumerate(
        [HEADER, ("S1", 1, "2026-08-01", "P1"), ("S2", 1, "2026-08-01", "P1")]
    ):
        page.write_row(at, 0, row)
    page.write_formula(1, 6, "=1+1", None, 2)
    page.write_formula(2, 6, "=1/0", None, "#DIV/0!")
    book.close()
    shop.config = '[sources.sales]\npath = "s.xlsx"\n'
    inputs = shop.read()
    assert lines(inputs, "sale_id", "amount") == [("S1", Decimal(2))]
    assert reasons(inputs) == {"bad-value": 1}


def test_error_values_of_text_exports(shop: Shop, way: str) -> None:
    shop.sales("S1,1,2026-08-01,P1,#N/A,1,1,1", "S2,1,2026-08-01,P1,#1,1,1,1")
    inputs = shop.read()
    assert lines(inputs, "sale_id", "product_id") == [("S2", "#1")]
    assert reasons(inputs) == {"bad-value": 1}


def of_two_sheets(path: Path) -> Path:
    """`Lookup` is hidden, `Chart` has no cells, `July` and `Data` have a sale each."""
    from xlsxwriter import Workbook

    book = Workbook(path)
    book.add_worksheet("Lookup").write(0, 0, "x")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Lookup!$A$1:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    for sheet in ("July", "Data"):
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, (sheet, 1, "2026-08-01", "P1", "A", 1, 5))
    page.activate()
    book.get_worksheet_by_name("Lookup").hide()  # type: ignore[union-attr]
    book.close()
    return path


@pytest.mark.parametrize(
    ("key", "sale"), [("", "July"), ("sheet = 2", "Data"), ('sheet = "Data"', "Data")]
)
def test_which_sheet(shop: Shop, key: str, sale: str) -> None:
    of_two_sheets(shop.root / "s.xlsx")
    shop.config = f'[sources.sales]\npath = "s.xlsx"\n{key}\n'
    assert lines(shop.read(), "sale_id") == [(sale,)]


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        ('sheet = "data"', 'it has no sheet "data"', 'did you mean "Data"?'),
        ("sheet = 3", "it has no sheet 3: 2 are not hidden", '"Lookup" (hidden), "July", "Data"'),
    ],
)
def test_no_such_sheet(shop: Shop, key: str, message: str, hint: str) -> None:
    path = of_two_sheets(shop.root / "s.xlsx")
    shop.config = f'[sources.sales]\npath = "s.xlsx"\n{key}\n'
    (problem,) = errors(shop.read())
    assert (problem.code, problem.file, problem.message) == ("no-sheet", path, message)
    assert hint in problem.hint


def test_without_a_header(shop: Shop) -> None:
    shop.config = """
[sources.sales]
path = "s.xlsx"
header = false
skip_rows = 1
columns = ["sale_id", "", "sold_on", "partner_id", "amount"]
"""
    day = date(2026, 8, 1)
    rows: Rows = [
        ("Sales", None, None, None, None),
        ("S1", "x", day, "P1", 5),
        ("S2", None, day, "P1", None),
        ("S3", None, day, "P1", 5, 6),
    ]
    by_openpyxl(shop.root / "s.xlsx", rows)
    inputs = shop.read()
    assert lines(inputs, "sale_id", "amount") == [("S1", Decimal(5))]
    assert reasons(inputs) == {"field-count": 1, "missing-amount": 1}


def test_an_empty_sheet(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "s.xlsx"\n'
    by_openpyxl(shop.root / "s.xlsx", [])
    assert "empty-file" in [problem.code for problem in shop.read().problems]
    by_openpyxl(shop.root / "s.xlsx", [HEADER])
    assert "empty-file" in [problem.code for problem in shop.read().problems]


def test_merged_cells_are_told(shop: Shop) -> None:
    from openpyxl import load_workbook

    shop.config = '[sources.sales]\npath = "s.xlsx"\n'
    rows: Rows = [HEADER, ("S1", 1, "2026-08-01", "P1", "A", 1, 5), ("S2", 1, "", "P1", "A", 1, 5)]
    book = load_workbook(by_openpyxl(shop.root / "s.xlsx", rows))
    book.active.merge_cells("C2:C3")
    book.save(shop.root / "s.xlsx")
    inputs = shop.read()
    (told,) = [problem for problem in inputs.problems if problem.code == "merged-cells"]
    assert "C2:C3" in told.message
    assert reasons(inputs) == {"missing-sold_on": 1}


def test_what_somebody_has_open_is_passed_over(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "in/*.xlsx"\n'
    (shop.root / "in").mkdir()
    by_openpyxl(shop.root / "in/s.xlsx", [HEADER, ("S1", 1, "2026-08-01", "P1", "A", 1, 5)])
    shop.write("in/~$s.xlsx", b"\x04Anna")
    inputs = shop.read()
    assert not errors(inputs)
    assert counted(inputs) == {"accepted": 1}


LIST_REBATE = """
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[eligible]
"sale.product_id" = { in = "lists/skus.xlsx" }

[reward]
rate = "5%"
"""


def test_tables_and_lists_from_workbooks(tmp_path: Path) -> None:
    """Sales, a master and a program's list; again from the cache, and from the archive of a batch."""
    config = CONFIG + '[settlement]\nfirst_period = "2026-07"\n'
    config += '[sources.sales]\npath = "sample_data/sales.xlsx"\nsheet = "Lines"\n'
    config += '[sources.partners]\npath = "sample_data/partners.xls"\n'
    root = write_workspace(tmp_path / "shop", config=config, programs={"volume": LIST_REBATE})
    for name, write, sheet in (("sales", by_openpyxl, "Lines"), ("partners", by_xlwt, "Data")):
        table = root / f"sample_data/{name}.csv"
        rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
        write(table.with_suffix(".xlsx" if name == "sales" else ".xls"), rows, sheet)
        table.unlink()
    (root / "lists").mkdir()
    by_openpyxl(root / "lists/skus.xlsx", [("product_id",), ("SKU-1",), ("SKU-9",)])
    earned = [("P1", "300"), ("P2", "45.03"), ("P3", "5")]  # 5 % of 6000.00, 900.50 and 100.00
    for _ in range(2):
        assert [(row["payee_id"], row["entitlement"]) for row in settle(root)] == earned
    assert incentivectl("batch", "post", "2026-09", "-w", root).exit_code == 0
    for path in (*(root / "sample_data").iterdir(), root / "lists/skus.xlsx"):
        path.unlink()
    result = incentivectl("run", "--batch", "2026-09.1", "-w", root)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("cell", "message"), [("#N/A", "lists/skus.xlsx:2: #N/A is an error value"), (None, "is empty")]
)
def test_a_list_that_is_no_list(tmp_path: Path, cell: str | None, message: str) -> None:
    root = write_workspace(tmp_path / "shop", programs={"volume": LIST_REBATE})
    (root / "lists").mkdir()
    by_xlsxwriter(root / "lists/skus.xlsx", [("product_id",), (cell,)])
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert message in result.output


def test_two_sheets_of_a_workbook_are_two_sources(shop: Shop) -> None:
    of_two_sheets(shop.root / "s.xlsx")
    shop.config = """
[[sources.sales]]
name = "july"
path = "s.xlsx"

[[sources.sales]]
name = "data"
path = "s.xlsx"
sheet = "Data"
"""
    assert sorted(lines(shop.read(), "sale_id")) == [("Data",), ("July",)]
    shop.config = shop.config.replace('sheet = "Data"', "sheet = 1")
    (problem,) = errors(shop.read())
    assert problem.code == "two-sources"

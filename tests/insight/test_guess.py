"""`sources guess` finds out how exports are written, and says what it is unsure of."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from incentivectl.core import tables
from tests.insight.export_shapes import SHAPES, TABLES, Shape
from tests.prepared import made_once
from tests.small_workspace import as_json, incentivectl, write_workspace
from tests.workbook_files import by_xlsxwriter


def guessed(*arguments: str | Path) -> dict[str, Any]:
    report: dict[str, Any] = as_json("sources", "guess", *arguments)
    return report


def config_of(report: dict[str, Any]) -> dict[str, Any]:
    """The source of a report of one file, as its TOML says."""
    (source,) = report["sources"]
    (entry,) = tomllib.loads(source["toml"])["sources"][source["table"]]
    return dict(entry)


def is_right(shape: Shape, report: dict[str, Any]) -> bool:
    """Whether dialect, required columns, all lines and the first of them are right."""
    config = config_of(report)
    found = [config.get(key, default) for key, default in (("delimiter", ","), ("decimal", "."))]
    found += [config.get("date_format", "%Y-%m-%d"), config.get("encoding", "utf-8")]
    stated = config.get("columns", {})
    columns = stated if isinstance(stated, dict) else {}
    read = {row["column"]: row["value"] for row in report["first_rows"] if row["row"] == 1}
    return (
        found == [shape.delimiter, shape.decimal, shape.date_format, shape.encoding]
        and {**columns, **shape.columns} == columns
        and {**read, **shape.first} == read
        and report["sources"][0]["accepted"] == shape.accepted
        and report["sources"][0]["rejected"] == 0
    )


@pytest.fixture(autouse=True)
def _outside_any_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def guessed_shapes(folder: Path) -> Path:
    """A file of what is guessed about each shape."""
    found = {}
    for number, shape in enumerate(SHAPES):
        file = folder / f"export-{number}.csv"
        file.write_bytes(shape.raw)
        found[shape.name] = guessed(file)
    reports = folder / "reports.json"
    reports.write_text(json.dumps(found), encoding="utf-8")
    return reports


@pytest.fixture(scope="module")
def reports() -> dict[str, dict[str, Any]]:
    text = made_once(guessed_shapes).read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_is_found_or_the_guess_says_that_it_is_unsure(
    shape: Shape, reports: dict[str, dict[str, Any]]
) -> None:
    report = reports[shape.name]
    said = " ".join(row["what"] for row in report["unsure"])
    assert shape.unsure in said
    assert is_right(shape, report) or report["unsure"]


def test_nearly_all_shapes_are_found(reports: dict[str, dict[str, Any]]) -> None:
    assert len(SHAPES) >= 20
    wrong = [shape.name for shape in SHAPES if not is_right(shape, reports[shape.name])]
    assert wrong == ["no header"]  # nothing says who sold; what is unsure of it is tested above


def columns_of(report: dict[str, Any]) -> dict[str, str]:
    return {row["column"]: row["theirs"] for row in report["columns"]}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_told_by_its_columns(table: str, tmp_path: Path) -> None:
    text, columns = TABLES[table]
    file = tmp_path / "export.csv"
    file.write_text(text, encoding="utf-8")
    report = guessed(file)
    assert report["sources"][0]["table"] == table
    found = columns_of(report)
    assert {**found, **columns} == found


@pytest.mark.parametrize("name", tables.TABLES)
def test_our_own_names_are_known(name: str, tmp_path: Path) -> None:
    """A table of all our columns, written as people write headers, is that table."""
    columns = tables.TABLES[name].columns
    cells = {"date": "2026-07-14", "currency": "USD", "flag": "true", "whole": "7"}
    row = [(one.choices or one.words or (cells.get(one.kind),))[0] for one in columns]
    row = [
        cell or ("10.50" if one.kind in ("amount", "fx_rate") else "x")
        for one, cell in zip(columns, row, strict=True)
    ]
    header = ",".join(one.name.replace("_", " ").title() for one in columns)
    file = tmp_path / "export.csv"
    file.write_text(f"{header}\n{','.join(row)}\n")
    report = guessed(file)
    assert report["sources"][0]["table"] == name
    assert [*columns_of(report)] == [one.name for one in columns]


def test_the_config_loads_as_it_is_and_check_accepts_the_file(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w", tables={"partners": "partner_id,name\nD1,Alpha\nD2,Beta\n"}
    )
    file = root / "july.csv"
    file.write_bytes(SHAPES[0].raw)
    printed = incentivectl("sources", "guess", file, "-w", root)
    with (root / "incentivectl.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{printed.stdout}")
    rows = as_json("check", "-w", root)["rows"][0]
    assert [rows[fate] for fate in ("read", "accepted", "skipped")] == [3, 2, 1]


def test_ids_that_a_master_of_the_workspace_has_tell_a_column(tmp_path: Path) -> None:
    """Nothing in the header says that the third column holds partners and the fourth products."""
    root = write_workspace(
        tmp_path / "w", tables={"products": "product_id,name\nSKU-1,Switch\nSKU-2,Router\n"}
    )
    file = tmp_path / "export.csv"
    file.write_text(
        "Invoice,Date,X,Y,Amount\n1,2026-07-03,P1,SKU-1,10.50\n2,2026-07-14,P2,SKU-2,11.00\n"
    )
    found = columns_of(guessed(file, "-w", root))
    assert (found["partner_id"], found["product_id"]) == ("X", "Y")


def test_names_in_the_place_of_ids_are_told(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    file = tmp_path / "export.csv"
    file.write_text("Invoice,Date,Dealer,Amount\n1,2026-07-14,Alpha Ltd,10.50\n")
    said = " ".join(row["what"] for row in guessed(file, "-w", root)["unsure"])
    assert '"Dealer" holds names of partners, not ids' in said


def test_a_master_among_the_files_is_known_to_the_others(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Invoice,Date,X,Amount\n1,2026-07-14,P1,10.50\n")
    (tmp_path / "crm.csv").write_text("Account ID,Account Name\nP1,Alpha\nP2,Beta\n")
    report = guessed(tmp_path / "sales.csv", tmp_path / "crm.csv")
    assert [row["table"] for row in report["sources"]] == ["sales", "partners"]
    (found,) = [
        row for row in report["columns"] if row["column"] == "partner_id" and row["theirs"] == "X"
    ]
    assert found["source"] == "sales-2"  # a table is called sales


def test_one_month_tells_the_order_of_another(tmp_path: Path) -> None:
    """July alone reads either way; August has a 31st, and both come from one sender."""
    header = "Invoice,Date,Dealer,SKU,Amount\n"
    (tmp_path / "july.csv").write_text(f"{header}1,07/03/2026,D1,A,10.50\n2,07/04/2026,D1,A,9.50\n")
    (tmp_path / "august.csv").write_text(f"{header}3,08/31/2026,D1,A,10.50\n")
    report = guessed(tmp_path / "july.csv", tmp_path / "august.csv")
    assert report["unsure"] == []
    for source in report["sources"]:
        assert tomllib.loads(source["toml"])["sources"]["sales"][0]["date_format"] == "%m/%d/%Y"


def test_months_of_one_sender_are_one_source(tmp_path: Path) -> None:
    header = "Invoice,Date,Dealer,Amount\n"
    for month in ("07", "08", "09"):
        file = tmp_path / f"acme-2026-{month}.csv"
        file.write_text(f"{header}{month},2026-{month}-14,D1,10.50\n")
    (tmp_path / "other.csv").write_text("Invoice;Date;Dealer;Amount\n1;14.07.2026;D1;10,50\n")
    report = guessed(*sorted(tmp_path.glob("*.csv")))
    assert [row["name"] for row in report["sources"]] == ["acme", "other"]
    assert [row["accepted"] for row in report["sources"]] == [3, 1]
    config = tomllib.loads(report["sources"][0]["toml"])["sources"]["sales"][0]
    assert config["path"] == [f"acme-2026-{month}.csv" for month in ("07", "08", "09")]


def test_check_points_to_the_guess_if_no_column_comes_near(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w", tables={"sales": "Beleg;Tag;Wer;Was\n1;2026-07-14;P1;10\n"}
    )
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 4
    assert "`incentivectl sources guess FILE`" in " ".join(result.stderr.split())


def test_the_guess_of_the_sample_is_what_its_config_says() -> None:
    """The German export of the sample has freight, sums and credit notes without a sign."""
    root = Path(__file__).parents[2]
    config = tomllib.loads((root / "incentivectl.toml").read_text(encoding="utf-8"))
    (alpha,) = [one for one in config["sources"]["sales"] if one["name"] == "alpha"]
    report = guessed(root / "sample_data/alpha/2026-09.csv")
    found = config_of(report)
    for key in ("encoding", "delimiter", "decimal", "date_format", "negate_when", "skip_when"):
        assert found[key] == alpha[key], key
    said = " ".join(row["what"] for row in report["unsure"])
    assert 'amounts of "GS" in "Belegart" have no sign' in said


def test_orders_that_are_voided_in_their_first_row_only_are_told(tmp_path: Path) -> None:
    """Skipping that row alone would give its other rows to the order above."""
    file = tmp_path / "shop.csv"
    file.write_text(
        "Order,Order Date,Financial Status,Dealer,Item,Units,Price\n"
        "1,2026-07-03,paid,D1,A,1,10.00\n,,,,B,1,11.00\n2,2026-07-14,voided,D1,A,1,10.00\n,,,,B,1,5.00\n"
    )
    report = guessed(file)
    assert "skip_when" not in config_of(report)
    said = " ".join(row["what"] for row in report["unsure"])
    assert 'orders with "voided" in "Financial Status" are read like all others' in said


def test_credits_with_a_sign_need_no_key(tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text(
        "Transaction,Date,Event Type,Location,Net Sales\n"
        "T1,2026-07-14,Payment,D1,25.00\nT2,2026-07-20,Refund,D1,-12.50\n"
    )
    assert "negate_when" not in config_of(guessed(file))


def test_a_column_that_tells_rows_apart_is_told(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(
        "Invoice,Date,Doc Type,Dealer,Amount\n1,2026-07-14,ZX,D1,25.00\n2,2026-07-20,ZY,D1,12.50\n"
    )
    said = " ".join(row["what"] for row in guessed(file)["unsure"])
    assert '"Doc Type" tells "ZX", "ZY" apart' in said


def test_a_sheet_that_is_no_table_is_left_out_and_told(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "two.xlsx")
    book.add_worksheet("Notes").write_row(0, 0, ["Who", "What", "When"])
    lines = book.add_worksheet("Lines")
    lines.write_row(0, 0, ["Order", "Order Date", "Dealer Code", "Net Amount"])
    lines.write_row(1, 0, ["O1", "2026-07-14", "D1", 5])
    book.close()
    report = guessed(tmp_path / "two.xlsx")
    assert [row["sheet"] for row in report["sources"]] == ["Lines"]
    assert 'the sheet "Notes" is left out' in report["unsure"][0]["what"]


HEAD = "Invoice,Date,Dealer,SKU,Qty"


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("Gross Amount", "25.00", '"Gross Amount" seems to be with tax'),
        ("Price", "25.00", 'if it is that of the line, write amount = "Price"'),
        ("Unit Price,Total", "10.00,99.00", '"Total" is not "Qty" × "Unit Price" in most lines'),
    ],
)
def test_amounts_that_may_be_another_are_told(
    header: str, cells: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{HEAD},{header}\n1,2026-07-14,D1,A,2,{cells}\n2,2026-07-15,D1,A,2,{cells}\n")
    report = guessed(file)
    assert report["sources"][0]["accepted"] == 2
    assert said in " ".join(row["what"] for row in report["unsure"])


def test_a_net_amount_is_taken_before_a_gross_one(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{HEAD},Gross Amount,Net Amount\n1,2026-07-14,D1,A,1,11.90,10.00\n")
    assert columns_of(guessed(file))["amount"] == "Net Amount"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Invoice,Date,Dealer,Amount,Amount\n1,2026-07-14,D1,5,6\n",
            '2 columns are called "Amount"',
        ),
        ("Invoice,,Dealer,Amount\n1,2026-07-14,D1,5\n", "no column was found for sold_on"),
        ("Invoice,Date,Dealer,Amount\n1,soon,D1,5\n", '"Date" holds other things, such as "soon"'),
        ("Total,Total,Total\nTotal,1,2\n", "the first record is taken for data"),
    ],
)
def test_what_cannot_be_read_asks_for_an_edit(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(text)
    report = guessed(file)
    assert report["sources"][0]["accepted"] == 0
    assert said in " ".join(row["what"] for row in report["unsure"])
    assert "yes" in [row["must_edit"] for row in report["unsure"]]


def test_a_header_without_rows_is_a_source(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("Invoice,Date,Dealer,Amount\n")
    assert columns_of(guessed(file))["sold_on"] == "Date"


def test_a_header_that_a_spreadsheet_would_run_is_named(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("'=cmd,Date,Dealer,Invoice,Amount\nx,2026-07-14,D1,1,5\n")
    assert guessed(file)["sources"][0]["accepted"] == 1


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1252", "Stück"),
        ("cp1250", "Ilość Łódź Żółw"),
        ("cp1251", "Количество"),
        ("cp850", "Stück"),
        ("mac_roman", "Qualité"),
        ("cp932", "数量 販売店 東京商会"),
    ],
)
def test_an_encoding_is_told_by_a_word(encoding: str, word: str, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(f"Invoice,Date,Dealer,{word},Amount\n1,2026-07-14,D1,1,5\n".encode(encoding))
    assert config_of(guessed(file))["encoding"] == encoding


def test_a_table_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("ID,Name\nC1,Clinic\nC2,School\n")
    report = guessed(file, "--table", "customers")
    assert report["sources"][0]["table"] == "customers"
    assert columns_of(report) == {"customer_id": "ID", "name": "Name"}
    refused = incentivectl("sources", "guess", file, "--table", "customer")
    assert (refused.exit_code, "did you mean `customers`" in refused.stderr) == (2, True)


def test_a_file_without_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all\nsee below\n")
    refused = incentivectl("sources", "guess", file)
    assert (refused.exit_code, "no columns were found in it" in refused.stderr) == (4, True)


def test_a_column_that_is_needed_and_not_there_asks_for_an_edit(tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text("Receipt,Date,Item,Total\n1,2026-07-14,A,10.50\n")
    report = guessed(file)
    (edit,) = [row for row in report["unsure"] if row["must_edit"] == "yes"]
    assert edit["what"].startswith("no column states partner_id")
    assert config_of(report)["set"] == {"partner_id": "NOT-STATED"}


def test_names_that_do_harm_stay_what_they_are(tmp_path: Path) -> None:
    """A header with quotes, braces, a line break and signs that steer a terminal still names its column."""
    evil = 'In"v{o}ice\x1b[31m\u202e No\nx'
    file = tmp_path / "evil.csv"
    cell = '"' + evil.replace('"', '""') + '"'
    file.write_text(f"{cell},Date,Dealer,Amount\n1,2026-07-14,D1,10.50\n", encoding="utf-8")
    report = guessed(file)
    assert report["sources"][0]["accepted"] == 1
    printed = incentivectl("sources", "guess", file).stdout
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    (entry,) = tomllib.loads(printed)["sources"]["sales"]
    assert entry["columns"]["sale_id"] == evil.replace("{", "{{").replace("}", "}}")


def test_a_point_before_three_digits_is_decimal_where_commas_separate(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(
        "SKU,Product Name,Category,List Price\nSW-8,Switch,LAN,303.125\nRT-1,R,LAN,899\n"
    )
    report = guessed(file)
    assert "decimal" not in config_of(report)
    assert report["sources"][0]["accepted"] == 2
    assert '"303.125" is read with a decimal point' in report["unsure"][0]["what"]


SHEET_HEAD = ("Invoice No", "Invoice Date", "Dealer", "SKU", "Qty", "Unit Price", "Extended Price")


@pytest.mark.parametrize(
    ("day", "amount", "read", "date_format"),
    [
        ("08/14/2026", "2,697.00", "2697", "%m/%d/%Y"),
        ("14.08.2026", "2.697,00", "2697", "%d.%m.%Y"),
    ],
)
def test_typed_cells_of_a_sheet_do_not_tell_how_its_texts_are_written(
    day: str, amount: str, read: str, date_format: str, tmp_path: Path
) -> None:
    """303.125 is a number, and 2026-07-03 a date, in whatever way the text cells are written."""
    rows = [
        SHEET_HEAD,
        ("I4", day, "D1", "RT-1", 3, 899, amount),
        ("I1", date(2026, 7, 3), "D1", "SW-8", 4, 303.125, 1212.5),
        ("I2", date(2026, 7, 5), "D1", "SW-8", 1, 303.125, 303.125),
        ("I3", date(2026, 7, 7), "D1", "RT-1", 2, 899, "#N/A"),
    ]
    report = guessed(by_xlsxwriter(tmp_path / "lines.xlsx", rows))
    config = config_of(report)
    assert config["date_format"] == date_format
    assert config.get("decimal", ".") == amount[-3]
    assert config["columns"]["amount"] == "Extended Price"
    values = [row["value"] for row in report["first_rows"] if row["column"] == "amount"]
    assert values == [read, "1212.5", "303.125"]
    said = [row["what"] for row in report["unsure"]]
    assert "1 row of 4 cannot be read so (1 bad-value)" in said
    assert not any("three digits" in text for text in said)


def test_serial_dates_may_have_a_time_behind_a_comma(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("Invoice No;Date;Dealer;Amount\nI1;46204;D1;12,50\nI2;46210,5;D1;13,50\n")
    report = guessed(file)
    assert config_of(report)["date_format"] == "excel"
    assert [row["value"] for row in report["first_rows"] if row["column"] == "sold_on"] == [
        "2026-07-01",
        "2026-07-07",
    ]


def test_a_sum_without_a_word_is_no_line_of_the_order_above_it(tmp_path: Path) -> None:
    rows = [
        SHEET_HEAD,
        ("I1", date(2026, 7, 3), "D1", "SW-8", 4, 5, 20),
        (None, None, None, "RT-1", 2, 10, 20),
        ("I2", date(2026, 7, 14), "D1", "SW-8", 1, 5, 5),
        (),
        (None, None, None, None, 7, None, 45),
    ]
    report = guessed(by_xlsxwriter(tmp_path / "lines.xlsx", rows))
    assert config_of(report)["skip_when"] == {"SKU": [{"empty": True}]}
    assert [report["sources"][0][fate] for fate in ("accepted", "skipped")] == [3, 1]
    said = [row["what"] for row in report["unsure"]]
    assert '1 row without "SKU" is taken for sums, and skipped: are some of them sales?' in said


def test_rows_without_an_article_that_are_skipped_with_the_sums_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    lines = "1,2026-07-01,D1,A,1,10.00\n,,,B,1,20.00\nFreight,,,,,5.00\n,,,,3,35.00\n"
    file.write_text(f"{HEAD},Amount\n{lines}")
    report = guessed(file)
    assert [report["sources"][0][fate] for fate in ("accepted", "skipped")] == [2, 2]
    said = [row["what"] for row in report["unsure"]]
    assert any(text.startswith('2 rows without "SKU" are taken for sums') for text in said)


def test_a_sum_without_a_word_makes_no_orders_of_several_rows(tmp_path: Path) -> None:
    """Else a line without its date would later take that of the line above."""
    file = tmp_path / "export.csv"
    file.write_text(
        f"{HEAD},Amount\n1,2026-07-01,D1,A,1,10.00\n2,2026-07-14,D1,A,1,20.00\n\n,,,,2,30.00\n"
    )
    config, source = config_of(guessed(file)), guessed(file)["sources"][0]
    assert "fill_down" not in config
    assert config["footer_rows"] == 1
    assert [source[fate] for fate in ("accepted", "skipped", "rejected")] == [2, 1, 0]


def test_a_name_that_says_otherwise_than_its_cells_is_told(tmp_path: Path) -> None:
    """The amount is then quantity × unit price, which need not be what was paid."""
    file = tmp_path / "export.csv"
    file.write_text(
        f"{HEAD},Unit Price,Net Amount\n1,2026-07-14,D1,A,2,10.00,open\n2,2026-07-15,D1,A,2,10.00,15\n"
    )
    said = [row["what"] for row in guessed(file)["unsure"]]
    assert '"Net Amount" is not read as amount: it holds such as "open"' in said


def test_dates_of_both_orders_in_one_file_ask_for_another_export(tmp_path: Path) -> None:
    """A spreadsheet has swapped those that it could: 03/04/2026 may be either, and no format is right."""
    days = ["13/02/2026", "02/14/2026", "03/04/2026", "25/02/2026"]
    file = tmp_path / "export.csv"
    lines = "".join(f"{number},{day},D1,A,1,5.00\n" for number, day in enumerate(days))
    file.write_text(f"{HEAD},Amount\n{lines}")
    (asked,) = [row["what"] for row in guessed(file)["unsure"] if row["must_edit"] == "yes"]
    assert asked.startswith('"02/14/2026" is written month first, others day first')


def test_a_sku_is_taken_before_an_item(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("Invoice,Date,Dealer,Item,SKU,Amount\n1,2026-07-14,D1,Switch,SW-8,5\n")
    assert columns_of(guessed(file))["product_id"] == "SKU"


def test_what_an_order_says_once_is_no_amount_even_where_most_orders_are_of_one_line(
    tmp_path: Path,
) -> None:
    """Of 40 orders 39 cost quantity × price; that of two lines would count its second line twice."""
    singles = "".join(f"#{at},2026-07-14,20.00,2,10.00,SW-8,D1\n" for at in range(39))
    lines = f"{singles}#99,2026-07-15,25.00,2,10.00,SW-8,D1\n#99,,,1,5.00,CB-1,D1\n"
    file = tmp_path / "orders.csv"
    header = "Name,Paid at,Subtotal,Lineitem quantity,Lineitem price,Lineitem sku,Vendor"
    file.write_text(f"{header}\n{lines}")
    report = guessed(file)
    assert report["sources"][0]["table"] == "sales"
    assert "amount" not in columns_of(report)
    assert columns_of(report)["sold_on"] == "Paid at"


def test_refunded_orders_are_told(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    head = "Name,Paid at,Financial Status,Lineitem quantity,Lineitem price,Lineitem sku,Vendor"
    lines = "#1,2026-07-14,refunded,1,5.00,A,D1\n#1,,,1,5.00,B,D1\n#2,2026-07-15,paid,1,5.00,A,D1\n"
    file.write_text(f"{head}\n{lines}")
    said = " ".join(row["what"] for row in guessed(file)["unsure"])
    assert 'orders with "refunded" in "Financial Status" are read like all others' in said

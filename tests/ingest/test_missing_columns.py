"""Columns that a source names and a file lacks: the run stops, unless the source says that it may be so."""

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import Result

from incentivectl.workspace.load import load_workspace
from tests.ingest.conftest import GOOD_SALES, Shop, counted, errors, lines
from tests.small_workspace import CONFIG, incentivectl, read_csv, write_workspace

RATE = """\
id = "rate"
name = "Ten percent"
kind = "rebate"
starts = 2026-08-01
ends = 2026-08-31
period = "month"

[reward]
rate = "10%"
"""
UNITS = """\
id = "units"
name = "Five a unit"
kind = "rebate"
starts = 2026-08-01
ends = 2026-08-31
period = "month"

[reward]
per_unit = 5
"""
AUGUST = (
    "sale_id,line_id,sold_on,partner_id,amount,Currency Code,Qty\nS2,1,2026-08-03,P1,100,EUR,10\n"
)


def two_months(root: Path, columns: str) -> Path:
    """July's export calls its columns `Currency` and `Units`, August's `Currency Code` and `Qty`."""
    config = f'{CONFIG}\n[sources.sales]\npath = "sales/*.csv"\n{columns}\n'
    fx = "on,currency,rate\n2026-07-01,EUR,1.20\n"
    write_workspace(root, config=config, programs={"rate": RATE, "units": UNITS}, tables={"fx": fx})
    (root / "sales").mkdir()
    july = "sale_id,line_id,sold_on,partner_id,amount,Currency,Units\nS1,1,2026-07-03,P1,70,USD,1\n"
    (root / "sales/07.csv").write_text(july)
    (root / "sales/08.csv").write_text(AUGUST)
    return root


def earned(root: Path, period: str) -> dict[str, Decimal]:
    rows = read_csv(root / "reports" / period / "earnings.csv")
    return {row["program_id"]: Decimal(row["entitlement"]) for row in rows}


def flat(result: Result) -> str:
    return " ".join(result.output.split())


def test_a_run_stops_where_a_mapped_column_is_missing(tmp_path: Path) -> None:
    root = two_months(tmp_path, 'columns = { currency = "Currency", quantity = "Units" }')
    result = incentivectl("run", "2026-08", "-w", root)
    assert result.exit_code == 4
    said = flat(result)
    assert 'sales/08.csv:1: error: it has no column "Currency" for currency' in said
    assert 'it has no column "Units" for quantity' in said
    assert 'the nearest is "Currency Code"' in said
    assert not (root / "reports/2026-08/earnings.csv").exists()


def test_with_both_names_the_line_is_converted_and_its_units_count(tmp_path: Path) -> None:
    names = 'columns = { currency = ["Currency", "Currency Code"], quantity = ["Units", "Qty"] }'
    root = two_months(tmp_path, names)
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    # EUR 100 at 1.20 is USD 120, of which 10 % are 12; 10 units at 5 are 50
    assert earned(root, "2026-08") == {"rate": Decimal(12), "units": Decimal(50)}


def test_all_files_and_all_columns_are_told_at_once(shop: Shop) -> None:
    shop.config = (
        '[sources.sales]\npath = "sample_data/s*.csv"\n'
        'columns = { return_of = "Return of", quantity = ["Units", "Pieces"] }\n'
    )
    for name in ("s1", "s2", "s3"):
        shop.write(
            f"sample_data/{name}.csv",
            "sale_id,sold_on,partner_id,amount,Return-Of\nS1,2026-08-01,P1,1,\n",
        )
    units, returned = errors(shop.read())
    assert returned.file == units.file == shop.root / "sample_data/s1.csv"
    assert returned.message == 'it has no column "Return of" for return_of (also s2.csv, s3.csv)'
    assert 'the nearest is "Return-Of"' in returned.hint
    assert 'optional = ["return_of"]' in returned.hint
    assert units.message == (
        'it has no column "Units" or "Pieces" for quantity (also s2.csv, s3.csv)'
    )


@pytest.mark.parametrize(
    "settings",
    [
        'columns = { channel = "Channel" }\nattributes = ["channel"]',
        'columns = { deal_id = "Deal" }',
        'values = { currency = { EUR = "Euro" } }',
        'negate_when = { "Doc Type" = "RET" }',
        'skip_when = { "Line Type" = "FREIGHT" }',
    ],
)
def test_what_is_named_must_be_there_unless_it_is_optional(shop: Shop, settings: str) -> None:
    shop.write("sample_data/sales.csv", GOOD_SALES)
    shop.config = f"[sources.sales]\n{settings}\n"
    (problem,) = errors(shop.read())
    name = problem.hint.split('optional = ["')[1].split('"')[0]
    shop.config = f'[sources.sales]\n{settings}\noptional = ["{name}"]\n'
    inputs = shop.read()
    assert inputs.problems == []
    assert counted(inputs) == {"accepted": 2}


def test_what_set_or_the_path_gives_need_not_be_in_the_file(shop: Shop) -> None:
    shop.config = (
        '[sources.sales]\npath = "sample_data/EUR-sales.csv"\n'
        'columns = { currency = "Currency", deal_id = "Deal" }\n'
        "set = { deal_id = \"D1\" }\nfrom_path = { currency = '([A-Z]{3})-' }\n"
    )
    shop.currency = "EUR"
    shop.write("sample_data/EUR-sales.csv", GOOD_SALES)
    inputs = shop.read()
    assert errors(inputs) == []
    assert set(lines(inputs, "currency", "deal_id")) == {("EUR", "D1")}


def test_defaults_of_all_sources(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", GOOD_SALES)
    shop.config = '[sources.defaults]\ncolumns = { deal_id = "Deal" }\n[sources.sales]\n'
    assert [problem.code for problem in errors(shop.read())] == ["column-missing"]
    shop.config = shop.config.replace("[sources.sales]", 'optional = ["deal_id"]\n[sources.sales]')
    assert errors(shop.read()) == []


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        (
            '[sources.sales]\noptional = ["currencey"]',
            "unknown-column",
            "`currencey` in `optional`",
        ),
        (
            '[sources.sales]\noptional = ["sale_id"]',
            "required-column",
            "every row of sales needs it",
        ),
        ("[sources.sales]\noptional = 1", "wrong-type", "expected text"),
        ('[sources.defaults]\noptional = ["deal"]', "unknown-column", "not a column of any table"),
    ],
)
def test_optional_is_checked(tmp_path: Path, settings: str, code: str, message: str) -> None:
    (tmp_path / "incentivectl.toml").write_text(f'[workspace]\ncurrency = "USD"\n{settings}\n')
    _, (problem,) = load_workspace(tmp_path)
    assert problem.code == code
    assert message in problem.message
    assert problem.line == 4


def test_a_column_that_is_called_almost_like_ours_is_told(tmp_path: Path) -> None:
    """`Amount` is not `amount`: without it the line is worth 10 x 1, where 100 was meant."""
    root = write_workspace(tmp_path / "w", programs={"rate": RATE})
    header, row = (
        "sale_id,sold_on,partner_id,unit_price,Amount,Return Of",
        "S1,2026-08-03,P1,1,100,",
    )
    (root / "sample_data/sales.csv").write_text(f"{header}\n{row}\n")
    said = flat(incentivectl("run", "2026-08", "-w", root))
    assert (
        'its column "Amount" is not read: ours is called amount (sample_data/sales.csv:1)' in said
    )
    assert 'say amount = "Amount" in `columns` of source sales' in said
    assert 'its column "Return Of" is not read: ours is called return_of' in said
    optional = '\n[sources.sales]\noptional = ["amount", "return_of"]\n'
    (root / "incentivectl.toml").write_text(CONFIG + optional)
    assert "is not read" not in flat(incentivectl("run", "2026-08", "-w", root))


def test_a_column_with_two_names_is_suggested_with_both(tmp_path: Path) -> None:
    root = two_months(tmp_path / "w", '[sources.sales.columns]\ncurrency = "Currency"')
    said = flat(incentivectl("run", "2026-08", "-w", root))
    assert '(currency = ["Currency", "Currency Code"] reads either)' in said


def test_a_column_that_something_else_reads_is_not_told(tmp_path: Path) -> None:
    config = f'{CONFIG}\n[sources.sales.columns]\npartner_id = "CustomerID"\n'
    root = write_workspace(tmp_path / "w", config=config, programs={"rate": RATE})
    text = "sale_id,sold_on,CustomerID,amount\nS1,2026-08-03,P1,100\n"
    (root / "sample_data/sales.csv").write_text(text)
    assert "is not read" not in flat(incentivectl("run", "2026-08", "-w", root))


def test_a_header_in_another_encoding_says_which(tmp_path: Path) -> None:
    config = f'{CONFIG}\n[sources.sales.columns]\namount = "Bétrag"\n'
    root = write_workspace(tmp_path / "w", config=config, programs={"rate": RATE})
    text = "sale_id,sold_on,partner_id,Bétrag\nS1,2026-08-03,P1,100\n"
    (root / "sample_data/sales.csv").write_bytes(text.encode("cp1252"))
    said = flat(incentivectl("run", "2026-08", "-w", root))
    assert 'it has no column "Bétrag" for amount' in said
    assert 'read with encoding = "utf-8"; encoding = "cp1252" reads it as Bétrag' in said
    assert "reads either" not in said


def test_no_other_name_is_suggested_for_an_id_that_is_put_together(tmp_path: Path) -> None:
    """One column in place of the two would let the numbers of different days meet."""
    config = f'{CONFIG}\n[sources.sales.columns]\nsale_id = "{{Day}}-{{Check No}}"\n'
    root = write_workspace(tmp_path / "w", config=config, programs={"rate": RATE})
    text = "Day,Check,sold_on,partner_id,amount\n1,1,2026-08-03,P1,100\n"
    (root / "sample_data/sales.csv").write_text(text)
    said = flat(incentivectl("run", "2026-08", "-w", root))
    assert 'the nearest is "Check"' in said
    assert "reads either" not in said


def test_headers_are_matched_across_case_blanks_and_line_breaks(shop: Shop) -> None:
    shop.config = """
[sources.sales]
path = "sample_data/s*.csv"
columns = { sale_id = "{Order No}-{Pos}", sold_on = "Order date", amount = ["Net", "Ext Price ($)"] }
negate_when = { "Doc Type" = ["RET"] }
skip_when = { "doctype" = ["TOTAL"] }
"""
    shop.write(
        "sample_data/s1.csv",
        'ORDER  NO,Pos.,POS,"Order\nDate",partner_id,"ext price\u00a0($)",doc type\n'
        "7,x,1,2026-08-01,P1,5,\n7,x,2,2026-08-01,P1,6,RET\n,,,,,11,TOTAL\n",
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "skipped": 1}
    assert lines(inputs, "sale_id", "amount") == [("7-1", Decimal(5)), ("7-2", Decimal(-6))]


def test_of_headers_that_differ_in_case_the_one_that_is_named_counts(shop: Shop) -> None:
    shop.config = '[sources.sales]\ncolumns = { amount = "Net" }\n'
    columns = "sale_id,sold_on,partner_id"
    shop.sales("S1,2026-08-01,P1,5,6", columns=f"{columns},NET,Net")
    assert lines(shop.read(), "amount") == [(Decimal(6),)]
    shop.sales("S1,2026-08-01,P1,5,6", columns=f"{columns},NET,net")
    (problem,) = errors(shop.read())
    assert problem.message == 'it has no column "Net" for amount'


def test_our_own_names_count_only_as_they_are_spelt(shop: Shop) -> None:
    shop.sales("S1,2026-08-01,P1,5,EUR", columns="sale_id,sold_on,partner_id,amount,Currency")
    inputs = shop.read()
    assert lines(inputs, "currency") == [("USD",)]
    assert [problem.code for problem in inputs.problems] == ["column-unread"]

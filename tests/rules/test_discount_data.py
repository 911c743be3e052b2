"""Discounts on whole workspaces: currencies, groups, rows in force, reps, and reasons of lines."""

from pathlib import Path

import polars as pl
import pytest

from tests.small_workspace import read_csv, settle, write_workspace

HEAD = 'id = "p"\nname = "P"\nkind = "discount"\nstarts = 2026-07-01\nends = 2026-09-30\n'
PRODUCTS = "product_id,list_price\nSKU-1,20\nSKU-2,\n"
FX = "on,currency,rate\n2026-08-01,EUR,1.25\n"
PARTNERS = """\
partner_id,name,tier,valid_from
P1,Alpha Ltd,silver,
P1,Alpha Ltd,gold,2026-08-01
"""
SALES = "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,currency,rep_id,return_of\n"


def earned(root: Path, program: str, sales: str, **more: str) -> dict[str, str]:
    """Entitlements by payee (and program, where there are several)."""
    programs = {"p": HEAD + program}
    if "second" in more:
        programs["q"] = more.pop("second")
    tables = {"sales": SALES + sales, "products": PRODUCTS, "fx": FX, "partners": PARTNERS, **more}
    rows = settle(
        write_workspace(root / "w", programs=programs, tables=tables), "2026-09", "--lines"
    )
    key = "payee_id" if len(programs) == 1 else "program_id"
    return {row[key]: row["entitlement"] for row in rows}


def reasons(root: Path) -> dict[str, str]:
    """Why the lines of each sale contribute nothing."""
    lines = pl.read_parquet(root / "w/reports/2026-09/lines.parquet").filter(program_id="p")
    return dict(lines.drop_nulls("reason").select("sale_id", "reason").iter_rows())


TEN = "S1,1,2026-08-03,P1,SKU-1,10,100,EUR,,\n"


@pytest.mark.parametrize(
    ("reward", "expect"),
    [
        # 20 dollars are 16 euros
        ("[reward]\nnet_price = 12", "40"),
        ('[reward]\nrate = "10%"\npays_on = "list"', "16"),
        ('[reward]\nrate = "10%"', "10"),
    ],
)
def test_list_prices_in_the_programs_currency(tmp_path: Path, reward: str, expect: str) -> None:
    assert earned(tmp_path, f'currency = "EUR"\n{reward}', TEN) == {"P1": expect}


def test_a_line_without_list_price_stays_in_its_exclusive_group(tmp_path: Path) -> None:
    group = 'exclusive_group = "g"\npriority = {}\n'
    second = HEAD.replace('"p"', '"q"') + group.format(2) + '[reward]\nrate = "1%"'
    sales = TEN.replace("EUR", "USD") + "S2,1,2026-08-03,P1,SKU-2,1,900,,,\n"
    found = earned(tmp_path, group.format(1) + "[reward]\nnet_price = 15", sales, second=second)
    assert found == {"p": "50"}
    assert reasons(tmp_path) == {"S2": "no-list-price"}
    rows = read_csv(tmp_path / "w/reports/2026-09/ineligible.csv")
    assert [(row["program_id"], row["reason"], row["amount"]) for row in rows] == [
        ("p", "no-list-price", "900"),
        ("q", "exclusive-group", "1000"),
    ]


def test_when_is_judged_on_the_day_of_the_line(tmp_path: Path) -> None:
    """Silver in July, gold in August; a return follows its line, a line of nobody earns nothing."""
    reward = (
        "[[reward]]\nwhen = { 'partner.tier' = 'gold', 'sale.quantity' = { max = 5 } }\nrate = 0.1\n"
        "[[reward]]\nwhen = { 'partner.tier' = 'silver' }\nrate = 0.01"
    )
    sales = (
        "S1,1,2026-07-31,P1,SKU-1,1,100,,,\n"
        "S2,1,2026-08-01,P1,SKU-1,1,100,,,\n"
        "R1,1,2026-08-20,P1,SKU-1,-1,-50,,,S1\n"
        "S3,1,2026-08-20,P1,SKU-1,6,100,,,\n"
    )
    assert earned(tmp_path, reward, sales) == {"P1": "10.5"}
    assert reasons(tmp_path) == {"S3": "pays-nothing"}


def test_reps_share_what_the_whole_line_earns(tmp_path: Path) -> None:
    """600 of one line reach the tier of 500, which a third of it would not."""
    program = (
        'payee = "rep"\n[reward]\ntiers = [{ from = 0, rate = 0.01 },'
        " { from = 500, rate = 0.1, bonus = 1 }]"
    )
    credits = "sale_id,line_id,rep_id,share\nS1,,R1,0.25\nS1,,R2,0.75\n"
    reps = "rep_id,name\nR1,Ann\nR2,Ben\n"
    sales = "S1,1,2026-08-01,P1,SKU-1,1,600,,R1,\nR9,1,2026-08-02,P1,SKU-1,-1,-60,,,S1\n"
    found = earned(tmp_path, program, sales, credits=credits, reps=reps)
    assert found == {"R1": "13.75", "R2": "41.25"}


def test_a_return_is_converted_on_the_day_of_the_line_that_it_takes_back(tmp_path: Path) -> None:
    """The sale began without a rate of the euro; its second line has one: 50 USD are 40 EUR."""
    sales = (
        "S1,1,2026-07-03,P1,SKU-2,1,100,USD,,\n"
        "S1,2,2026-08-03,P1,SKU-1,1,100,EUR,,\n"
        "R1,1,2026-08-09,P1,SKU-1,-1,-50,USD,,S1\n"
    )
    assert earned(tmp_path, 'currency = "EUR"\n[reward]\nrate = 0.1', sales) == {"P1": "6"}
    assert reasons(tmp_path) == {"S1": "no-fx-rate"}

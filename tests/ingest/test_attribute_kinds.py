"""Attributes that are numbers or dates (docs/rules.md, 2.12)."""

from pathlib import Path

import pytest

from tests.small_workspace import CONFIG, incentivectl, settle, write_workspace

# A German export: 1.234,5 and 31.12.2026.
SOURCE = """
[sources.partners]
path = "sample_data/partners.csv"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
attributes = ["note", { name = "contract_years", kind = "number" }, { name = "contract_ends", kind = "date" }]
"""
PARTNERS = """\
partner_id;name;note;contract_years;contract_ends
P1;Alpha;x;2,5;31.12.2026
P2;Beta;;3;01.10.2026
P3;Gamma;;;
"""
PROGRAM = """
id = "loyal"
name = "Loyal"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[eligible]
{eligible}

[reward]
rate = "10%"

[[example]]
name = "contracts"
sales = [{example}]
expect = 10
"""
SALES = "sale_id,sold_on,partner_id,amount\n" + "".join(
    f"S{number},2026-09-01,P{number},{100 * number}\n" for number in (1, 2, 3)
)


def workspace(root: Path, eligible: str, example: str, partners: str = PARTNERS) -> Path:
    text = PROGRAM.replace("{eligible}", eligible).replace("{example}", example)
    tables = {"partners": partners, "sales": SALES}
    return write_workspace(root, config=CONFIG + SOURCE, programs={"loyal": text}, tables=tables)


def rejected(root: Path, source: str) -> list[str]:
    """Reason and value of a source's rejected rows."""
    path = root / f"reports/2026-09/rejects/{source}.csv"
    if not path.exists():
        return []
    header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    place = header.split(";").index("reject_reason")
    return ["=".join(row.split(";")[place : place + 2]) for row in rows]


@pytest.mark.parametrize(
    ("condition", "example", "earning"),
    [
        ("{ min = 2.5 }", '"partner.contract_years" = 2.5', ["P1", "P2"]),
        ("{ min = 2.51 }", '"partner.contract_years" = 10', ["P2"]),
        ("{ max = 2.5 }", '"partner.contract_years" = 0', ["P1"]),
        ("3", '"partner.contract_years" = 3.0', ["P2"]),
        ("{ not = 3 }", '"partner.contract_years" = 2', ["P1", "P3"]),
    ],
)
def test_numbers(tmp_path: Path, condition: str, example: str, earning: list[str]) -> None:
    """P1 has 2.5, P2 3, P3 none; a missing value satisfies `not` alone."""
    eligible = f'"partner.contract_years" = {condition}'
    root = workspace(tmp_path / "w", eligible, "{ amount = 100, " + example + " }")
    assert [row["payee_id"] for row in settle(root)] == earning


@pytest.mark.parametrize(
    ("condition", "earning"),
    [
        ("{ before = 2026-12-31 }", ["P2"]),
        ("{ after = 2026-09-30 }", ["P1", "P2"]),
        ("{ after = 2026-10-01 }", ["P1"]),
        ("{ min = 2026-10-01, max = 2026-10-01 }", ["P2"]),
    ],
)
def test_dates(tmp_path: Path, condition: str, earning: list[str]) -> None:
    eligible = f'"partner.contract_ends" = {condition}'
    inside = {"P1": "2026-12-31", "P2": "2026-10-01"}[earning[-1]]
    example = f'{{ amount = 100, "partner.contract_ends" = {inside} }}'
    root = workspace(tmp_path / "w", eligible, example)
    assert [row["payee_id"] for row in settle(root)] == earning


@pytest.mark.parametrize(
    ("cell", "reason"), [("2,5x", "bad-number"), ("1.2.3", "bad-number"), ("", "")]
)
def test_what_is_not_of_its_kind_rejects_the_row(tmp_path: Path, cell: str, reason: str) -> None:
    partners = PARTNERS.replace(";2,5;", f";{cell};")
    eligible = '"partner.contract_years" = { min = 1 }'
    example = '{ amount = 100, "partner.contract_years" = 1 }'
    root = workspace(tmp_path / "w", eligible, example, partners)
    settle(root)
    assert rejected(root, "partners") == ([f"{reason}={cell}"] if reason else [])


def test_a_line_s_own_attribute_is_read_the_same_way(tmp_path: Path) -> None:
    """Sales: 1.500,5 points and a date of delivery; one of five lines is no number and rejected."""
    source = """
[sources.sales]
path = "sample_data/sales.csv"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
attributes = [{ name = "points", kind = "number" }, { name = "delivered", kind = "date" }]
"""
    lines = "sale_id;sold_on;partner_id;amount;points;delivered\n" + "".join(
        f"S{number};01.09.2026;P1;{amount};{points};{day}\n"
        for number, amount, points, day in (
            (1, "1", "1.500,5", "02.09.2026"),
            (2, "10", "1500,50", "02.09.2026"),
            (3, "100", "1500,4", "02.09.2026"),
            (4, "1000", "1500,5", "03.09.2026"),
            (5, "10000", "many", "02.09.2026"),
        )
    )
    program = PROGRAM.replace(
        "{eligible}", '"sale.points" = { min = 1500.5 }\n"sale.delivered" = { before = 2026-09-03 }'
    ).replace("{example}", "{ amount = 100, points = 1500.5, delivered = 2026-09-01 }")
    root = write_workspace(
        tmp_path / "w", config=CONFIG + source, programs={"loyal": program}, tables={"sales": lines}
    )
    (row,) = settle(root)
    assert row["entitlement"] == "1.1"
    assert rejected(root, "sales") == ["bad-number=many"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{ name = "a", kind = "flag" }', '"flag" is not a kind of attribute: text, number, date'),
        ('{ kind = "date" }', "an attribute needs a `name`"),
        ('{ name = "a", sort = "date" }', "`sort` is not a key of an attribute"),
        ('{ name = "tier" }', "`tier` is a column of partners"),
        ("3", "expected text, not the number 3"),
    ],
)
def test_what_is_no_attribute_is_refused(tmp_path: Path, written: str, said: str) -> None:
    config = CONFIG + f"[sources.partners]\nattributes = [{written}]\n"
    result = incentivectl("check", "-w", write_workspace(tmp_path / "w", config=config))
    assert result.exit_code == 3
    assert said in result.output


def test_a_bound_needs_a_kind(tmp_path: Path) -> None:
    """Without a kind an attribute is text, and text has no order."""
    root = workspace(
        tmp_path / "w", '"partner.note" = { min = 2 }', '{ amount = 100, "partner.note" = "3" }'
    )
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert "`min` needs a number or a date, and `partner.note` is neither" in result.output

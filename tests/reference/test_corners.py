"""What the reference tells beyond entitlements, and data that it refuses."""

import csv
import io
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from tests.reference import settle
from tests.reference.terms import read_terms
from tests.reference.worked.case import Case
from tests.reference.worked.levels import CERTIFIED, SALES, STATUS

YEAR = {"partner-status": STATUS}


def test_levels_csv_tells_what_was_reached_what_is_in_force_and_what_is_missing(
    tmp_path: Path,
) -> None:
    case = Case("", "", YEAR, {}, SALES, period="2026-11", tables={"activities": CERTIFIED})
    rows = settle(case.write(tmp_path / "w"), case.period).levels
    told = [
        (
            str(r.period.end),
            int(r.metric_value),
            r.reached,
            r.in_force,
            r.next_level,
            int(r.missing),
        )
        for r in rows
    ]
    # October to December are going on: up to 30 November, 150,000 of twelve months.
    assert told == [
        ("2026-03-31", 260_000, "gold", "gold", None, 0),
        ("2026-06-30", 180_000, "silver", "gold", "gold", 70_000),
        ("2026-09-30", 150_000, "silver", "silver", "gold", 100_000),
        ("2026-12-31", 150_000, "silver", None, "gold", 100_000),
    ]


def test_who_has_a_level_has_a_row_even_without_a_sale(tmp_path: Path) -> None:
    granted = (
        "program_id,payee_id,level,valid_from,valid_until\n"
        "partner-status,P05,gold,2026-04-01,2026-04-01\n"
    )
    case = Case("", "", YEAR, {}, SALES, period="2026-Q2", tables={"levels": granted})
    rows = settle(case.write(tmp_path / "w"), case.period).levels
    assert [
        (r.payee_id, r.period.end, r.reached, r.in_force) for r in rows if r.payee_id == "P05"
    ] == [("P05", date(2026, 3, 31), None, "gold")]


def test_a_circle_of_parents_is_refused(tmp_path: Path) -> None:
    program = 'kind = "rebate"\nstarts = 2026-07-01\nends = 2026-09-30\n'
    program += 'payee = "parent"\n[reward]\nrate = 1\n'
    partners = "partner_id,name,parent_id\nP01,One,P02\nP02,Two,P03\nP03,Three,P01\n"
    case = Case(
        "", "", {"p": program}, {}, "A,2026-07-05,P01,SW,1,1\n", tables={"partners": partners}
    )
    with pytest.raises(AssertionError, match=r"P01.*P02.*P03"):
        settle(case.write(tmp_path / "w"), case.period)


def test_a_workbook_of_terms_reads_as_the_same_rows_of_text(tmp_path: Path) -> None:
    text = (
        "contract,partner.partner_id,partner.tenure_years,valid_from,from,rate,bonus\n"
        "K-1,P07,5,2026-01-01,0,0.025,\nK-1,P07,5,2026-01-01,100000.5,2%,2500\n,,,,,0.1,\n"
    )
    (tmp_path / "terms.csv").write_text(text, encoding="utf-8-sig")
    sheet = openpyxl.Workbook()
    for record in csv.reader(io.StringIO(text)):
        sheet.active.append([_typed(cell) for cell in record])
    sheet.save(tmp_path / "terms.xlsx")
    found, expected = read_terms(tmp_path, "terms.xlsx"), read_terms(tmp_path, "terms.csv")
    assert found.key_columns == expected.key_columns
    for a, b in zip(found.terms, expected.terms, strict=True):
        assert (a.lines, a.contract, a.keys, a.valid_from) == (
            b.lines,
            b.contract,
            b.keys,
            b.valid_from,
        )
        assert [{k: _value(v) for k, v in row.items()} for row in a.pays] == [
            {k: _value(v) for k, v in row.items()} for row in b.pays
        ]


def _typed(cell: str) -> object:
    if cell.startswith("2026"):
        return date.fromisoformat(cell)
    try:
        return float(cell)
    except ValueError:
        return cell or None


def _value(text: str) -> Fraction:
    return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)

"""What `check` says of contracts that nobody can take, or that end within a measurement period."""

from pathlib import Path

import pytest

from tests.small_workspace import incentivectl, write_workspace

PROGRAM = """
id = "contracts"
name = "Contracts"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"
{head}
[reward]
terms = "lists/contracts.csv"
"""
PRODUCTS = "product_id,name,category\nSKU-1,One,cameras\nSKU-2,Two,lenses\n"
HEADER = "contract,partner.partner_id,valid_from,valid_until,rate\n"


def said(root: Path, contracts: str, head: str = "") -> str:
    write_workspace(
        root, programs={"contracts": PROGRAM.format(head=head)}, tables={"products": PRODUCTS}
    )
    (root / "lists").mkdir()
    (root / "lists" / "contracts.csv").write_text(contracts, encoding="utf-8")
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0, result.output
    return " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "K-1,P1,,,1%\nK-2,P9,,,1%\nK-3,P2,,,1%\n",
            'contracts: no row of partners has the partner_id "P9" (lists/contracts.csv:3)',
        ),
        (
            "K-1,P1,2026-01-01,2026-06-30,1%\n",
            "lists/contracts.csv:2: the term can never be taken: it holds from 2026-01-01 until"
            " 2026-06-30, and the program runs from 2026-07-01 to 2026-12-31",
        ),
        (
            "K-1,P1,2026-10-01,,1%\nK-2,P2,2026-07-01,2026-08-15,1%\nK-3,P3,2026-08-16,,1%\n",
            "lists/contracts.csv:3: the term holds from 2026-07-01 until 2026-08-15, which cuts a"
            " measurement period; so for 1 more term",
        ),
    ],
)
def test_contracts_are_warned_of(rows: str, expected: str, tmp_path: Path) -> None:
    assert expected in said(tmp_path / "w", HEADER + rows)


def test_contracts_that_end_with_a_period_are_not(tmp_path: Path) -> None:
    rows = "K-1,P1,2026-01-01,2026-09-30,1%\nK-2,P1,2026-10-01,2027-03-31,2%\n"
    found = said(tmp_path / "w", HEADER + rows)
    assert "contracts.csv" not in found


def test_terms_of_lines_may_begin_any_day(tmp_path: Path) -> None:
    rows = "K-1,P1,SKU-1,2026-01-01,2026-06-30,1%\nK-2,P1,SKU-1,2026-08-15,,2%\n"
    header = "contract,partner.partner_id,product.product_id,valid_from,valid_until,rate\n"
    assert "contracts.csv" not in said(tmp_path / "w", header + rows)
    late = header + "K-1,P1,SKU-1,2027-01-01,,1%\n"
    assert "lists/contracts.csv:2: the term can never be taken" in said(tmp_path / "late", late)


def test_keys_on_reps_where_partners_are_paid(tmp_path: Path) -> None:
    found = said(tmp_path / "w", "rep.rep_id,rate\nR1,1%\n")
    assert "lists/contracts.csv: `rep.rep_id` is never known here" in found

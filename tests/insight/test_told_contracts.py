"""What a payee under a contract is told: its own terms, never another's; worked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.small_workspace import incentivectl, write_workspace

PROGRAM = """
id = "contracts"
name = "Contracts"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
terms = "lists/contracts.csv"
"""
BY_PAYEE = """\
contract,partner.partner_id,valid_from,from,rate,bonus,per_payee
K-1,P1,2026-01-01,0,5%,,
K-1,P1,2026-01-01,10000,8%,100,
K-2,P2,,,2%,,10
"""
BY_LINE = """\
contract,partner.partner_id,product.product_id,rate
K-1,P1,SKU-1,2%
K-1,P1,,1%
,,SKU-1,0.5%
"""
TIERS_BY_LINE = """\
contract,partner.partner_id,product.product_id,from,rate
K-1,P1,SKU-1,0,1%
K-1,P1,SKU-1,8000,2%
K-9,P1,SKU-2,0,1%
K-9,P1,SKU-2,5000,2%
"""
Told = dict[str, Any]


def workspace(root: Path, contracts: str, program: str = PROGRAM) -> Path:
    write_workspace(root, programs={"contracts": program})
    (root / "lists").mkdir()
    (root / "lists" / "contracts.csv").write_text(contracts, encoding="utf-8")
    return root


def told(root: Path, command: str, period: str, payee: str) -> Any:  # noqa: ANN401
    result = incentivectl(command, period, payee, "-w", root, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def why(root: Path, payee: str, period: str = "2026-09") -> list[str]:
    """Why each amount of a payee's statement is what it is."""
    (body,) = told(root, "statement", period, payee)
    return [row["why"] for part in ("earned", "accruing", "held", "nothing") for row in body[part]]


@pytest.mark.parametrize(
    ("payee", "expected"),
    [
        (
            "P1",
            "You sold $10,400.00: tier 2 of 2, which pays 8% on all of it and a bonus of $100."
            " By contract K-1.",
        ),
        (  # 900.50 x 2 % = 18.01
            "P2",
            "You sold $900.50, which pays 2% on all of it. By contract K-2."
            " The contract pays at most $10: $8.01 less.",
        ),
        ("P3", "You sold $100.00; no contract of the program covers you."),
    ],
)
def test_statements_name_the_contract(payee: str, expected: str, tmp_path: Path) -> None:
    assert why(workspace(tmp_path / "w", BY_PAYEE), payee) == [expected]


@pytest.mark.parametrize(
    ("payee", "expected"),
    [
        ("P1", "You sold $10,400.00. By contract: K-1 (SKU-1) $120.00 and K-1 $44.00."),
        ("P2", "You sold $900.50, which pays 0.5% on all of it."),
    ],
)
def test_statements_tell_what_each_term_paid(payee: str, expected: str, tmp_path: Path) -> None:
    assert why(workspace(tmp_path / "w", BY_LINE), payee) == [expected]


def test_the_next_tier_of_a_contract(tmp_path: Path) -> None:
    """By the end of July P1 has sold 10,400; 8 % and 100 are the top. Without S1-2 6,000 are sold."""
    contracts = BY_PAYEE.replace("10000,8%", "12000,8%")
    (body,) = told(workspace(tmp_path / "w", contracts), "statement", "2026-07", "P1")
    # 12,000 x 8 % + 100 = 1,060, less 10,400 x 5 % = 520
    assert [row["what_to_do"] for row in body["next"]] == [
        "Sell $1,600.00 more by September 30, 2026 to earn 8% on everything and a bonus of $100"
        " by contract K-1, about $540 more."
    ]


def test_of_terms_by_line_the_nearest_tier_is_told(tmp_path: Path) -> None:
    """Of 8,000 there are 6,000, of 5,000 already 4,400."""
    (body,) = told(workspace(tmp_path / "w", TIERS_BY_LINE), "statement", "2026-07", "P1")
    assert [row["what_to_do"] for row in body["next"]] == [
        "Sell $600.00 more by September 30, 2026 to earn 2% on everything by contract K-9."
    ]

"""What a payee under a contract is told: its own terms, never another's; worked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.small_workspace import as_json, incentivectl, write_workspace

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
    return as_json(command, period, payee, "-w", root)


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


def section(body: Told, key: str) -> list[Told]:
    rows: list[Told] = body[key]
    return rows


def test_explain_goes_from_the_contract_to_the_payment(tmp_path: Path) -> None:
    """10,400 x 8 % = 832, and the bonus of 100 of line 3 of the file: tier 1, as data count tiers from 0."""
    body = told(workspace(tmp_path / "w", BY_PAYEE), "explain", "2026-09", "P1")
    assert [
        (row["contract"], row["file_and_line"], row["for"], row["tier"]) for row in body["terms"]
    ] == [("K-1", "lists/contracts.csv:3", "partner = P1", "1")]
    steps = {row["step"]: (row["amount"], row["how"]) for row in body["steps"]}
    assert steps["2 lines"] == ("832", "8 % of revenue 10,400 USD; tier 2, from 10,000 USD")
    assert steps["bonus"] == ("100", "of tier 2")
    assert "K-2" not in json.dumps(body)


def test_explain_tells_of_each_term_and_of_the_term_of_each_line(tmp_path: Path) -> None:
    body = told(workspace(tmp_path / "w", BY_LINE), "explain", "2026-09", "P1")
    assert [(row["file_and_line"], row["earns"]) for row in body["terms"]] == [
        ("lists/contracts.csv:2", "120"),
        ("lists/contracts.csv:3", "44"),
    ]
    assert [(row["product"], row["adds"], row["term"]) for row in body["lines"]] == [
        ("SKU-1", "120", "K-1, lists/contracts.csv:2"),
        ("SKU-2", "44", "K-1, lists/contracts.csv:3"),
    ]


def test_explain_says_why_a_line_without_a_term_does_not_count(tmp_path: Path) -> None:
    contracts = BY_LINE.replace("K-1,P1,,1%\n", "")
    body = told(workspace(tmp_path / "w", contracts), "explain", "2026-09", "P1")
    conditions = [(row["condition"], row["keeps_out"]) for row in body["conditions"]]
    assert ("no term of the contracts fits it", -1) in conditions


@pytest.mark.parametrize(
    ("reward", "step", "amount", "how"),
    [
        ("every = 3_000\npays = 100", "steps", "300", "100 USD for every whole 3,000 USD in 10,400 USD"),
        (
            "curve = [{ at = 400, pays = 0 }, { at = 20_400, pays = 1_000 }]",
            "curve", "500", "on the curve at 10,400 USD of revenue",
        ),
        (
            'curve = [{ at = 400, rate = 0 }, { at = 20_400, rate = "10%" }]',
            "2 lines", "520", "5 % of revenue 10,400 USD; the curve's rate, with 10,400 USD of revenue",
        ),
        (
            "per_bundle = 40\n[bundle]\nneeds = ["
            '{ when = { "product.product_id" = "SKU-1" }, quantity = 1 },'
            ' { when = { "product.product_id" = "SKU-2" }, quantity = 2 }]',
            "bundles", "40", "1 bundle × 40 USD",
        ),
    ],
)  # fmt: skip
def test_explain_tells_of_steps_curves_and_bundles(
    reward: str, step: str, amount: str, how: str, tmp_path: Path
) -> None:
    program = PROGRAM.replace('terms = "lists/contracts.csv"', reward)
    body = told(workspace(tmp_path / "w", BY_PAYEE, program), "explain", "2026-09", "P1")
    assert (step, amount, how) in [
        (row["step"], row["amount"], row["how"]) for row in body["steps"]
    ]


def shown(root: Path, *options: str) -> str:
    result = incentivectl("program", "show", "contracts", "-w", root, *options)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_the_vendor_is_shown_all_terms_and_a_payee_its_own(tmp_path: Path) -> None:
    root = workspace(tmp_path / "w", BY_PAYEE + ",,,,0.5%,,\n")
    everything = shown(root)
    assert "listed in lists/contracts.csv: 3 terms, by partner." in everything
    assert "K-1" in everything
    assert "K-2" in everything
    own = shown(root, "--payee", "P2")
    assert "K-2" in own
    assert "K-1" not in own
    assert "P1" not in own
    assert "0.5 %" in own
    refused = incentivectl("program", "show", "contracts", "-w", root, "--payee", "P9")
    assert refused.exit_code == 2
    assert "Unknown partner `P9`" in refused.output


def test_a_partner_sees_the_terms_of_its_own_reps(tmp_path: Path) -> None:
    contracts = (
        "contract,partner.tier,rep.rep_id,rate\n"
        "K-1,,R1,1%\nK-2,,R2,2%\nK-3,gold,,3%\nK-4,silver,,4%\nK-5,silver,R1,5%\n"
    )
    root = workspace(tmp_path / "w", contracts)
    reps = "rep_id,partner_id,name,status\nR1,P1,One,active\nR2,P2,Two,active\n"
    (root / "sample_data" / "reps.csv").write_text(reps, encoding="utf-8")
    for payee, names in (("P1", {"K-1", "K-3"}), ("P2", {"K-2", "K-4"})):
        told_payee = shown(root, "--payee", payee, "--period", "2026-09")
        assert {f"K-{i}" for i in range(1, 6) if f"K-{i}" in told_payee} == names


def test_of_very_many_terms_the_first_are_shown(tmp_path: Path) -> None:
    rows = "".join(f"K-{i},C{i},,,1%,,\n" for i in range(60))
    told_all = shown(workspace(tmp_path / "w", BY_PAYEE + rows))
    assert "62 terms" in told_all
    assert "The table has the first 50 of them" in told_all
    assert "K-47" in told_all
    assert "K-48" not in told_all


def test_a_sale_names_the_term_of_each_line(tmp_path: Path) -> None:
    for name, contracts, terms in (
        ("payee", BY_PAYEE, ["K-1, lists/contracts.csv:3"] * 2),
        ("line", BY_LINE, ["K-1, lists/contracts.csv:2", "K-1, lists/contracts.csv:3"]),
    ):
        root = workspace(tmp_path / name, contracts)
        assert [
            row["term"]
            for row in as_json("explain", "2026-09", "--line", "S1", "-w", root)["programs"]
        ] == terms


def test_attainment_counts_the_tiers_of_contracts_together(tmp_path: Path) -> None:
    """P1 reaches the second tier of K-1; K-2 has no tiers, and P3 no contract."""
    body = told(workspace(tmp_path / "w", BY_PAYEE), "attainment", "2026-09", "contracts")
    found = [(row["tier"], row["from"], row["payees"], row["earned"]) for row in body["tiers"]]
    assert found == [
        ("without a tier", None, 2, "10"),
        ("0", "by contract", 0, "0"),
        ("1", "by contract", 1, "932"),
    ]


def test_attainment_of_terms_by_line_is_refused(tmp_path: Path) -> None:
    root = workspace(tmp_path / "w", TIERS_BY_LINE)
    result = incentivectl("attainment", "2026-09", "contracts", "-w", root)
    assert result.exit_code == 2
    assert "also of contracts that are found by payee" in " ".join(result.output.split())


def test_who_reaches_a_tier_of_a_contract_has_its_badge(tmp_path: Path) -> None:
    """P1 reaches the second and highest tier of K-1; the contract of P2 has no tiers."""
    root = workspace(tmp_path / "w", BY_PAYEE)
    badges = {
        row["payee_id"]: row["badges"]
        for row in as_json("leaderboard", "2026-Q3", "-w", root)["leaderboard"]
    }
    assert "tier-reached" in badges["P1"]
    assert "tier-reached" not in badges["P2"]

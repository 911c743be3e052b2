"""Contracts that are signed, changed or ended after a month is booked: guard and differences.

P1 and P2 sell 10,000 each in July. P1's contract K-1 pays 2 %, the term for everybody else 1 %:
200 and 100. Each expectation is worked by hand.
"""

from pathlib import Path

import openpyxl
import pytest

from tests.posting.booked import (
    BOOKS,
    add,
    assert_computed_again,
    assert_whole,
    entries,
    post,
)
from tests.posting.test_guards import overrule, refusing
from tests.posting.test_payouts import HEADER
from tests.prepared import prepared
from tests.small_workspace import as_json, incentivectl, write_workspace

PARTNERS = "partner_id,name,tier\nP1,Alpha,gold\nP2,Beta,silver\nP3,Gamma,silver\n"
PROGRAM = """\
id = "contracts"
name = "Contracts"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[reward]
terms = "lists/contracts.csv"
"""
COLUMNS = "contract,partner.partner_id,valid_from,valid_until,from,rate\n"
K1, REST = "K-1,P1,,,,2%\n", ",,,,,1%\n"
ALLOWED = "changed-rules:contracts"


def workspace(tmp_path: Path, *terms: str, program: str = PROGRAM) -> Path:
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"contracts": program},
        tables={
            "partners": PARTNERS,
            "sales": HEADER + "S1,1,2026-07-05,P1,A,10000,,\nS2,1,2026-07-06,P2,A,10000,,\n",
        },
    )
    (root / "lists").mkdir()
    contracts(root, *(terms or (K1, REST)))
    return root


def july_booked(folder: Path) -> Path:
    """The workspace with its batch of July."""
    root = workspace(folder)
    assert post(root, "2026-07") == "2026-07.1"
    return root


def contracts(root: Path, *terms: str) -> None:
    (root / "lists/contracts.csv").write_text(COLUMNS + "".join(terms))


def test_a_contract_for_somebody_else(tmp_path: Path) -> None:
    """P3 had nothing booked: its contract, in front of all others, changes nothing for them."""
    root = prepared(tmp_path, july_booked)
    assert entries(root, "2026-07.1") == [
        "earning contracts P1 200 USD",
        "earning contracts P2 100 USD",
    ]
    contracts(root, "K-3,P3,,,0,3%\n", "K-3,P3,,,5000,4%\n", K1, REST)
    add(root, "sales", "S3,1,2026-08-05,P3,A,10000,,", "S4,1,2026-08-06,P1,A,100,,")
    second = post(root, "2026-08")
    assert second is not None
    assert entries(root, second) == ["earning contracts P1 2 USD", "earning contracts P3 400 USD"]
    assert_whole(root)
    assert_computed_again(root)


CHANGES = {
    "its rate": (("K-1,P1,,,,3%\n", REST), "P1", "K-1", "true-up contracts P1 100 USD"),
    "it ends": (("K-1,P1,,2026-06-30,,2%\n", REST), "P1", "K-1", "clawback contracts P1 -100 USD"),
    "it is gone": ((REST,), "P1", "K-1", "clawback contracts P1 -100 USD"),
    "a new one for a booked payee": (
        (K1, "K-2,P2,,,,4%\n", REST),
        "P2",
        "K-2",
        "true-up contracts P2 300 USD",
    ),
    "the one for everybody else": (
        (K1, ",,,,,0.5%\n"),
        "P2",
        "lists/contracts.csv:3",
        "clawback contracts P2 -50 USD",
    ),
}


@pytest.mark.parametrize(("terms", "payee", "named", "entry"), CHANGES.values(), ids=CHANGES)
def test_a_term_of_a_booked_payee_changes(
    tmp_path: Path, terms: tuple[str, ...], payee: str, named: str, entry: str
) -> None:
    """The guard names the payee and the contract; overruled, the difference is that payee's alone."""
    root = prepared(tmp_path, july_booked)
    contracts(root, *terms)
    guards, text = refusing(root, "2026-08")
    assert guards == {"changed-rules"}
    assert (
        f"program contracts: terms of {payee} have changed ({named}), and the measurement" in text
    )
    newest = overrule(root, "2026-08", ALLOWED)
    assert entries(root, newest) == [entry]
    after = incentivectl("run", "2026-08", "-w", root)
    assert "--allow changed-rules" not in " ".join(after.output.split())  # the archive has it now


UNCHANGED = {
    "a name, an order and a spelling": ("K-1 renewed,P1,,,,0.02\n",),
    "a contract that nobody took is gone": (K1,),
}


@pytest.mark.parametrize("terms", UNCHANGED.values(), ids=UNCHANGED)
def test_what_changes_nothing(tmp_path: Path, terms: tuple[str, ...]) -> None:
    root = workspace(tmp_path, K1, "K-9,P9,,,,9%\n", REST)
    post(root, "2026-07")
    contracts(root, REST, *terms)
    assert post(root, "2026-08") is None


def test_another_tier_and_another_contract(tmp_path: Path) -> None:
    """Late sales lift P1 to its 3 % (600); P2 becomes gold, whose contract is as it was (150)."""
    tiers = ("K-1,P1,,,,0,2%\n", "K-1,P1,,,,15000,3%\n", "K-G,,gold,,,,1.5%\n", ",,,,,,1%\n")
    header = "contract,partner.partner_id,partner.tier,valid_from,valid_until,from,rate\n"
    root = workspace(tmp_path)
    (root / "lists/contracts.csv").write_text(header + "".join(tiers))
    post(root, "2026-07")
    add(root, "sales", "S3,1,2026-07-20,P1,A,10000,,")
    (root / "sample_data/partners.csv").write_text(PARTNERS.replace("silver", "gold", 1))
    newest = post(root, "2026-08")
    assert newest is not None
    assert entries(root, newest) == ["true-up contracts P1 400 USD", "true-up contracts P2 50 USD"]


def test_by_line_a_payee_takes_several(tmp_path: Path) -> None:
    """P1 sells A and B under two terms: only the one for B changes, 1 % to 2 % of 10,000."""
    root = workspace(tmp_path)
    header, a, b = "product.product_id,rate\n", "A,1%\n", "B,1%\n"
    (root / "lists/contracts.csv").write_text(header + a + b)
    add(root, "sales", "S3,1,2026-07-20,P1,B,10000,,")
    first = post(root, "2026-07")
    assert first is not None
    assert entries(root, first) == ["earning contracts P1 200 USD", "earning contracts P2 100 USD"]
    (root / "lists/contracts.csv").write_text(header + "C,9%\n" + a + "B,2%\n")
    guards, text = refusing(root, "2026-08")
    assert guards == {"changed-rules"}
    assert "terms of P1 have changed (lists/contracts.csv:3, lists/contracts.csv:4)" in text
    newest = overrule(root, "2026-08", ALLOWED)
    assert entries(root, newest) == ["true-up contracts P1 100 USD"]


def test_check_knows_which_terms_were_taken(tmp_path: Path) -> None:
    root = prepared(tmp_path, july_booked)
    contracts(root, "K-3,P3,,,,3%\n", K1, REST)
    assert "guard" not in incentivectl("check", "-w", root).output
    contracts(root, "K-1,P1,,,,3%\n", REST)
    told = " ".join(incentivectl("check", "-w", root).output.split())
    assert "terms of P1 have changed (K-1)" in told


def test_terms_in_a_workbook_are_archived(tmp_path: Path) -> None:
    root = workspace(tmp_path, program=PROGRAM.replace("contracts.csv", "contracts.xlsx"))
    (root / "lists/contracts.csv").unlink()
    book = openpyxl.Workbook()
    for row in (
        ["contract", "partner.partner_id", "rate"],
        ["K-1", "P1", "2%"],
        [None, None, 0.01],
    ):
        book.active.append(row)
    book.save(root / "lists/contracts.xlsx")
    newest = post(root, "2026-07")
    assert newest is not None
    assert entries(root, newest) == ["earning contracts P1 200 USD", "earning contracts P2 100 USD"]
    assert (root / "archive" / newest / "lists/contracts.xlsx").exists()
    (root / "lists/contracts.xlsx").unlink()
    (root / "lists/contracts.csv").write_text(COLUMNS + REST)
    (root / "programs/contracts.toml").write_text(PROGRAM)
    assert_computed_again(root)


def test_a_term_that_nobody_takes_changes_between_run_and_post(tmp_path: Path) -> None:
    """What was seen is what is booked: the archive may not hold another file."""
    root = workspace(tmp_path)
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    contracts(root, K1, "K-9,P9,,,,9%\n", REST)
    result = incentivectl("batch", "post", "2026-07", "-w", root)
    assert result.exit_code == 5
    assert "program contracts has changed" in " ".join(result.output.split())


def test_explain_names_the_payees_contract_and_no_other(tmp_path: Path) -> None:
    """K-1 pays 3 % instead of 2 %: 100 more for P1. P2 has a contract of its own by now, too."""
    root = prepared(tmp_path, july_booked)
    contracts(root, "K-2,P2,,,,4%\n", "K-1,P1,,,,3%\n", REST)
    add(root, "sales", "S3,1,2026-08-05,P3,A,1,,")
    told = " ".join(incentivectl("explain", "2026-08", "P1", "-w", root).output.split())
    assert "reward.terms[K-1, partner.partner_id = P1].rate: 0.02 → 0.03" in told
    assert "P2" not in told


def test_a_scenario_with_another_file_of_contracts(tmp_path: Path) -> None:
    """4 % instead of 2 % of P1's 10,000; what pays everybody else stays."""
    root = workspace(tmp_path)
    (root / "lists/other.csv").write_text(COLUMNS + "K-1,P1,,,,4%\n" + REST)
    edit = "contracts.reward.terms=lists/other.csv"
    told = as_json("whatif", "2026-07", "--set", edit, "-w", root)
    (rule,) = told["rules"]
    assert rule["key"] == "reward.terms[K-1, partner.partner_id = P1].rate"
    assert (rule["today"], rule["scenario"]) == ("0.02", "0.04")
    (cost,) = told["cost"]
    assert (cost["today"], cost["scenario"]) == ("300", "500")


LEVEL = """\
id = "status"
name = "Status"
kind = "level"
starts = 2026-01-01
ends = 2026-12-31
period = "quarter"

[level]
metric = "revenue"
levels = [{ name = "gold", at_least = 5_000 }]
"""


def test_a_level_program_that_a_booked_program_names(tmp_path: Path) -> None:
    """Its levels are part of the rules of whoever asks for them; its name is not."""
    boost = '[[boost]]\nwhen = { "level.status" = "gold" }\nfactor = 2\n'
    root = workspace(tmp_path, program=PROGRAM + boost)
    level = root / "programs/status.toml"
    level.write_text(LEVEL)
    assert post(root, "2026-07") == "2026-07.1"
    level.write_text(LEVEL.replace('"Status"', '"Partner status"'))
    assert post(root, "2026-08") is None
    level.write_text(LEVEL.replace("5_000", "50_000"))
    add(root, "sales", "S3,1,2026-08-05,P3,A,100,,")
    guards, text = refusing(root, "2026-08")
    assert guards == {"changed-rules"}
    assert "program contracts: its rules have changed" in text


@pytest.mark.parametrize("damaged", ["terms-taken.parquet", "programs/contracts.toml"])
def test_an_archive_that_cannot_be_read(tmp_path: Path, damaged: str) -> None:
    root = prepared(tmp_path, july_booked)
    file = root / "archive/2026-07.1" / damaged
    file.unlink()
    file.write_text("[")
    result = incentivectl("check", "-w", root)
    assert "archive/2026-07.1 is damaged, so its terms cannot be compared" in " ".join(
        result.output.split()
    )

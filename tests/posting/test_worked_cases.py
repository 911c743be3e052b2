"""The cases that the contract works out by hand, posted month by month."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    REVERSE,
    accruals,
    add,
    asked,
    assert_computed_again,
    assert_whole,
    balances,
    batch_ids,
    booked,
    earned,
    entries,
    payments,
    post,
)
from tests.reference import settle as reference
from tests.small_workspace import REBATE, incentivectl, read_csv, write_workspace

VOLUME = REBATE.replace("2026-09-30", "2026-12-31")
MONTHLY = """\
id = "loyal"
name = "2 % of each month"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[reward]
rate = "2%"
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount,return_of
S1,1,2026-07-03,P1,SKU-1,C1,1,6000.00,
S2,1,2026-08-05,P1,SKU-2,C1,2,4400.00,
S3,1,2026-08-11,P2,SKU-1,C2,3,900.50,
"""
INTERIM = """\
id = "interim"
name = "Settled monthly"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
settle = "monthly"

[reward]
tiers = [{ from = 5_000, rate = "2%" }, { from = 20_000, rate = "4%" }]
"""
INTERIM_SALES = """\
sale_id,sold_on,partner_id,amount
S1,2026-07-10,P1,3000
S2,2026-08-10,P1,4000
S3,2026-09-10,P1,20000
"""


def assert_sums_to_scratch(root: Path, period: str) -> None:
    """Over all batches each payee got what plain Python computes from all the data at once."""
    expected = {
        (program, str(start), payee, one.currency): one.entitlement
        for (program, start, _, payee), one in reference(root, period).earnings.items()
        if one.status == "due" and one.entitlement
    }
    assert {key: Fraction(amount) for key, amount in booked(root).items()} == expected


def test_a_return_below_a_tier_is_taken_back_and_recovered(tmp_path: Path) -> None:
    """10,400 pay 8 % = 832; less a return of 500 they are 9,900 at 5 % = 495: 337 go back."""
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"volume": VOLUME, "loyal": MONTHLY},
        tables={"sales": SALES},
    )
    assert post(root, "2026-07") == "2026-07.1"
    assert entries(root, "2026-07.1") == ["earning loyal P1 120 USD"]
    assert post(root, "2026-08") == "2026-08.1"
    assert entries(root, "2026-08.1") == ["earning loyal P1 88 USD", "earning loyal P2 18.01 USD"]
    assert post(root, "2026-09", *NO_SALES) == "2026-09.1"
    assert entries(root, "2026-09.1") == [
        "earning volume P1 832 USD",
        "earning volume P2 45.03 USD",
    ]
    assert payments(root, "2026-09.1") == ["P1 832 USD reserved", "P2 45.03 USD reserved"]
    assert balances(root) == {}

    add(root, "sales", "S4,1,2026-08-28,P2,SKU-1,C2,1,100.00,")  # late: 1,000.50 in August
    assert post(root, "2026-10") == "2026-10.1"
    assert entries(root, "2026-10.1") == ["true-up loyal P2 2 USD", "true-up volume P2 5 USD"]
    assert payments(root, "2026-10.1") == ["P2 7 USD reserved"]

    add(root, "sales", "R1,1,2026-11-02,P1,SKU-1,C1,-1,-500.00,S1")
    assert post(root, "2026-11") == "2026-11.1"
    assert entries(root, "2026-11.1") == [
        "clawback loyal P1 -10 USD",
        "clawback volume P1 -337 USD",
    ]
    assert payments(root, "2026-11.1") == []
    assert balances(root) == {("P1", "USD", "cash"): Decimal(-347)}
    carried = read_csv(root / "reports/2026-11/payouts.csv")
    assert [(row["payee_id"], row["carried_forward"]) for row in carried] == [
        ("P1", "-347"),
        ("P2", "0"),
    ]

    add(root, "sales", "S5,1,2026-12-10,P1,SKU-1,C1,1,5000.00,")  # 2 % and 5 %: 100 + 250
    assert post(root, "2026-12") == "2026-12.1"
    assert entries(root, "2026-12.1") == ["earning loyal P1 100 USD", "earning volume P1 250 USD"]
    assert payments(root, "2026-12.1") == ["P1 3 USD reserved"]
    assert balances(root) == {}
    assert_sums_to_scratch(root, "2026-12")
    assert_whole(root)
    assert_computed_again(root)

    add(root, "sales", "S6,1,2026-07-20,P2,SKU-1,C2,1,1000.00,")  # too late for July's batch
    assert incentivectl("batch", "post", "2026-07", "-w", root).exit_code == 5
    assert batch_ids(root)[-1] == "2026-12.1"
    assert_july_as_it_was_booked(root)


def assert_july_as_it_was_booked(root: Path) -> None:
    """`run 2026-07` knows of July's batch and of none after it."""
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    rows = earned(root, "2026-07")
    assert rows[("loyal", "2026-07-01", "P1")]["booked_before"] == "120"
    assert rows[("loyal", "2026-07-01", "P2")]["booked_before"] == "0"
    assert ("loyal", "2026-08-01", "P1") not in rows
    assert rows[("volume", "2026-07-01", "P1")]["status"] == "accruing"
    assert rows[("volume", "2026-07-01", "P1")]["booked_before"] == "0"
    again = incentivectl("run", "--batch", "2026-07.1", "-w", root)
    assert again.exit_code == 0
    rows = earned(root, "2026-07.1")
    assert rows[("loyal", "2026-07-01", "P1")]["this_batch"] == "120"
    assert ("loyal", "2026-07-01", "P2") not in rows


def test_an_interim_settlement_pays_0_140_940(tmp_path: Path) -> None:
    """3,000 to date pay nothing, 7,000 pay 140, 27,000 pay 1,080 in all."""
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"interim": INTERIM},
        tables={"sales": INTERIM_SALES},
    )
    assert post(root, "2026-07") is None
    assert post(root, "2026-08") == "2026-08.1"
    assert entries(root, "2026-08.1") == ["earning interim P1 140 USD"]
    assert post(root, "2026-09") == "2026-09.1"
    assert entries(root, "2026-09.1") == ["true-up interim P1 940 USD"]
    assert post(root, "2026-09") is None
    assert post(root, "2026-10") is None
    assert_sums_to_scratch(root, "2026-10")
    assert_computed_again(root)


@pytest.mark.parametrize("settle", ['settle = "end"', ""])
def test_settled_at_the_end_the_same_sales_pay_1080(tmp_path: Path, settle: str) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"interim": INTERIM.replace('settle = "monthly"', settle)},
        tables={"sales": INTERIM_SALES},
    )
    assert post(root, "2026-08") == "2026-08.1"
    assert entries(root, "2026-08.1") == []
    assert accruals(root, "2026-08.1") == ["interim 2026-07-01 accruing 140 USD"]
    assert post(root, "2026-09") == "2026-09.1"
    assert entries(root, "2026-09.1") == ["earning interim P1 1080 USD"]


def test_months_may_be_skipped(tmp_path: Path) -> None:
    """What fell due in July and August is booked in September."""
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"loyal": MONTHLY}, tables={"sales": SALES}
    )
    assert post(root, "2026-09") == "2026-09.1"
    assert entries(root, "2026-09.1") == [
        "earning loyal P1 120 USD",
        "earning loyal P1 88 USD",
        "earning loyal P2 18.01 USD",
    ]
    assert payments(root, "2026-09.1") == ["P1 208 USD reserved", "P2 18.01 USD reserved"]


def test_a_restated_and_a_lost_line(tmp_path: Path) -> None:
    """4,400 restated as 400; then a line that nobody sends any more: its entitlement is 0."""
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"loyal": MONTHLY}, tables={"sales": SALES}
    )
    post(root, "2026-08")
    add(root, "sales", "S2,1,2026-08-05,P1,SKU-2,C1,2,400.00,")
    post(root, "2026-09", "--allow", "missing-lines")
    assert entries(root, "2026-09.1") == ["clawback loyal P1 -80 USD"]
    kept = [line for line in SALES.splitlines() if not line.startswith("S3")]
    (root / "sample_data/sales.csv").write_text("\n".join(kept) + "\n")
    post(root, "2026-10", "--allow", "missing-lines")
    assert entries(root, "2026-10.1") == ["true-up loyal P1 80 USD", "clawback loyal P2 -18.01 USD"]
    row = earned(root, "2026-10")[("loyal", "2026-08-01", "P2")]
    assert (row["entitlement"], row["booked_before"], row["status"]) == ("0", "18.01", "due")
    assert_sums_to_scratch(root, "2026-10")
    assert_computed_again(root)


def test_a_batch_is_void_and_booked_again(tmp_path: Path) -> None:
    """The opposite entries are booked, payments cancelled, and all is paid anew once."""
    root = write_workspace(tmp_path / "w", config=BOOKS)
    post(root, "2026-09")
    first = asked(root, "SELECT payment_id FROM payments")
    assert incentivectl("batch", "void", "2026-09.1", *REVERSE, "-w", root).exit_code == 0
    assert entries(root, "2026-09.2") == [
        "reversal volume P1 -832 USD",
        "reversal volume P2 -45.03 USD",
    ]
    assert payments(root, "2026-09.1") == ["P1 832 USD cancelled", "P2 45.03 USD cancelled"]
    assert (booked(root), balances(root)) == ({}, {})
    assert post(root, "2026-09") == "2026-09.3"
    assert entries(root, "2026-09.3") == [
        "earning volume P1 832 USD",
        "earning volume P2 45.03 USD",
    ]
    assert payments(root, "2026-09.3") == ["P1 832 USD reserved", "P2 45.03 USD reserved"]
    again = asked(root, "SELECT payment_id FROM payments WHERE batch_id = '2026-09.3'")
    assert not set(first) & set(again)
    assert_whole(root)
    assert_computed_again(root)

"""Where a ledger begins, what was paid before it, and what is too old to correct."""

from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    REVERSE,
    add,
    assert_computed_again,
    assert_whole,
    balances,
    earned,
    entries,
    payments,
    post,
)
from tests.posting.test_worked_cases import MONTHLY, SALES
from tests.small_workspace import REBATE, incentivectl, read_csv, write_workspace

SEPTEMBER = BOOKS.replace('"2026-07"', '"2026-09"')
CLOSING = BOOKS.replace("[payout]", "correct_for_months = 1\n\n[payout]")


def test_opening_amounts_are_booked_once_as_paid(tmp_path: Path) -> None:
    """100 of P1's 832 were paid before; a quarter that ends in September is not elsewhere."""
    root = write_workspace(
        tmp_path / "w",
        config=SEPTEMBER,
        programs={"volume": REBATE, "loyal": MONTHLY},
        tables={
            "sales": SALES + "S9,1,2026-09-01,P2,SKU-1,C2,1,1000,\n",
            "opening": "program_id,period_start,payee_id,currency,amount\n"
            "volume,2026-07-01,P1,USD,100\nloyal,2026-07-01,P1,USD,120\n",
        },
    )
    post(root, "2026-09")
    assert entries(root, "2026-09.1") == [
        "opening loyal P1 120 USD",
        "opening volume P1 100 USD",
        "earning loyal P2 20 USD",
        "true-up volume P1 732 USD",
        "earning volume P2 95.03 USD",
    ]
    assert payments(root, "2026-09.1") == [
        "P1 220 USD paid",
        "P1 732 USD reserved",
        "P2 115.03 USD reserved",
    ]
    rows = earned(root, "2026-09")
    assert rows[("loyal", "2026-07-01", "P1")]["status"] == "settled-elsewhere"
    assert rows[("loyal", "2026-08-01", "P1")]["status"] == "settled-elsewhere"
    assert rows[("loyal", "2026-08-01", "P1")]["entitlement"] == "88"
    assert rows[("volume", "2026-07-01", "P1")]["booked_before"] == "100"
    assert balances(root) == {}
    assert post(root, "2026-09") is None
    assert_computed_again(root)

    # Taken back: what was paid before the ledger began stays booked and paid.
    assert incentivectl("batch", "void", "2026-09.1", *REVERSE, "-w", root).exit_code == 0
    assert balances(root) == {}
    post(root, "2026-09")
    assert entries(root, "2026-09.3") == [
        "earning loyal P2 20 USD",
        "true-up volume P1 732 USD",
        "earning volume P2 95.03 USD",
    ]
    assert_whole(root)
    assert_computed_again(root)


def test_more_was_paid_before_than_is_due(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=SEPTEMBER,
        programs={"volume": REBATE},
        tables={
            "sales": SALES,
            "opening": "program_id,period_start,payee_id,currency,amount\nvolume,2026-07-01,P1,USD,900\n",
        },
    )
    post(root, "2026-09", *NO_SALES)
    assert entries(root, "2026-09.1")[:2] == [
        "opening volume P1 900 USD",
        "clawback volume P1 -68 USD",
    ]
    assert payments(root, "2026-09.1") == ["P1 900 USD paid", "P2 45.03 USD reserved"]


def test_an_old_measurement_period_is_closed_until_it_is_reopened(tmp_path: Path) -> None:
    """A month after July's end it may still be corrected, a day later it is closed."""
    root = write_workspace(
        tmp_path / "w", config=CLOSING, programs={"loyal": MONTHLY}, tables={"sales": SALES}
    )
    post(root, "2026-07")
    add(root, "sales", "S8,1,2026-07-28,P1,SKU-1,C1,1,50.00,")
    post(root, "2026-08")
    assert entries(root, "2026-08.1")[0] == "true-up loyal P1 1 USD"
    add(
        root, "sales", "S9,1,2026-07-29,P1,SKU-1,C1,1,500.00,", "S10,1,2026-07-29,P2,SKU-1,C1,1,50,"
    )
    assert post(root, "2026-09") is None
    row = earned(root, "2026-09")[("loyal", "2026-07-01", "P1")]
    assert (row["status"], row["entitlement"], row["this_batch"]) == ("closed", "121", "0")
    closed = [
        (row["payee_id"], row["booked"], row["computed"], row["difference"])
        for row in read_csv(root / "reports/2026-09/closed.csv")
    ]
    assert closed == [("P1", "121", "131", "10"), ("P2", "0", "1", "1")]
    assert post(root, "2026-09", "--reopen=loyal:2026-07-01", *NO_SALES) == "2026-09.1"
    assert entries(root, "2026-09.1") == ["true-up loyal P1 10 USD", "earning loyal P2 1 USD"]
    shown = incentivectl("batch", "show", "2026-09.1", "-w", root)
    assert "loyal:2026-07-01" in shown.stdout
    assert post(root, "2026-10") is None
    assert read_csv(root / "reports/2026-10/closed.csv") == []
    assert_computed_again(root)


def test_what_names_no_measurement_period_is_not_reopened(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=CLOSING, programs={"loyal": MONTHLY})
    for name in ("loyal:2026-07-02", "other:2026-07-01", "loyal"):
        result = incentivectl("batch", "post", "2026-09", "-w", root, "--reopen", name)
        assert result.exit_code == 2
        assert "is not the start of a measurement period" in result.stderr

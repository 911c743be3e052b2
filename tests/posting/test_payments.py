"""The life of payments: answers of the bank, voids of what went out."""

from decimal import Decimal
from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    REVERSE,
    asked,
    assert_computed_again,
    assert_whole,
    balances,
    entries,
    payments,
    post,
)
from tests.posting.test_guards import workspace
from tests.small_workspace import incentivectl

PAYMENT_OF = "SELECT payment_id FROM payments WHERE payee_id = ? AND batch_id = ?"


def answer(root: Path, payee: str, batch: str, outcome: str) -> int:
    """The exit code of `batch confirm` with the bank's answer for one payment."""
    ((payment,),) = asked(root, PAYMENT_OF, payee, batch)
    file = root / "answer.csv"
    file.write_text(f"payment_id,status,reason\n{payment},{outcome},account closed\n")
    return int(incentivectl("batch", "confirm", file, "-w", root).exit_code)


def test_what_failed_goes_out_again_under_a_new_id(tmp_path: Path) -> None:
    """100 each: P1's fails, and is paid by the next batch; then the first one is reversed."""
    root = workspace(tmp_path, config=BOOKS)
    post(root, "2026-07")
    assert answer(root, "P1", "2026-07.1", "failed") == 4  # it never went out
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    assert answer(root, "P1", "2026-07.1", "failed") == 0
    assert answer(root, "P2", "2026-07.1", "paid") == 0
    assert balances(root) == {("P1", "USD", "cash"): Decimal(100)}
    assert post(root, "2026-07") == "2026-07.2"
    assert (entries(root, "2026-07.2"), payments(root, "2026-07.2")) == (
        [],
        ["P1 100 USD reserved"],
    )
    assert asked(root, PAYMENT_OF, "P1", "2026-07.1") != asked(root, PAYMENT_OF, "P1", "2026-07.2")
    assert answer(root, "P1", "2026-07.1", "paid") == 4  # too late: its money went elsewhere

    assert (
        incentivectl("batch", "void", "2026-07.1", *REVERSE, "-w", root).exit_code == 5
    )  # P2 has been paid
    options = ("--keep-payments", "--reason", "wrong month", "--yes")
    assert incentivectl("batch", "void", "2026-07.1", "-w", root, *options).exit_code == 0
    assert "Reason: wrong month" in incentivectl("batch", "show", "2026-07.3", "-w", root).stdout
    assert payments(root, "2026-07.1") == ["P1 100 USD failed", "P2 100 USD paid"]
    assert balances(root) == {
        ("P1", "USD", "cash"): Decimal(-100),
        ("P2", "USD", "cash"): Decimal(-100),
    }
    assert post(root, "2026-07") == "2026-07.4"
    assert entries(root, "2026-07.4") == ["earning loyal P1 100 USD", "earning loyal P2 100 USD"]
    assert (payments(root, "2026-07.4"), balances(root)) == ([], {})
    assert_whole(root)
    assert_computed_again(root)

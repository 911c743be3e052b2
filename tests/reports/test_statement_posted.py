"""A statement says what is posted, and adds up all batches of its PERIOD; figures worked by hand."""

from pathlib import Path
from typing import Any

import pytest

from tests.posting.booked import BOOKS, post
from tests.small_workspace import as_json, incentivectl, write_workspace

MONTHLY = """
id = "monthly"
name = "Monthly"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "month"

[reward]
rate = "10%"
"""
QUARTER = """
id = "quarter"
name = "To date"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
settle = "monthly"

[reward]
rate = "1%"
"""
PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\n"
SALES = """\
sale_id,line_id,sold_on,partner_id,quantity,amount
S1,1,2026-07-03,P1,1,1000.00
S2,1,2026-08-03,P1,1,2000.00
S3,1,2026-09-03,P1,1,4000.00
S4,1,2026-07-04,P2,1,500.00
"""
ADJUSTMENTS = "adjustment_id,payee_id,on,amount,reason\nA1,P1,2026-08-10,-5,demo unit\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    programs = {"monthly": MONTHLY, "quarter": QUARTER}
    tables = {"partners": PARTNERS, "sales": SALES, "adjustments": ADJUSTMENTS}
    return write_workspace(tmp_path / "w", config=BOOKS, programs=programs, tables=tables)


def told(root: Path, period: str, payee: str = "P1") -> dict[str, Any]:
    (found,) = as_json("statement", period, payee, "-w", root)
    assert isinstance(found, dict)
    return found


def lead(root: Path, period: str, payee: str = "P1") -> list[str]:
    return [row["text"] for row in told(root, period, payee)["lead"]]


def test_a_draft_says_so_until_the_period_is_posted(root: Path) -> None:
    """July: 10 % and 1 % of 1,000."""
    assert lead(root, "2026-07") == ["You would be paid $110.00.", "Draft: not posted yet."]
    assert told(root, "2026-07")["posted"] == "no"
    post(root, "2026-07")
    assert lead(root, "2026-07") == ["You are paid $110.00."]
    assert told(root, "2026-07")["posted"] == "yes"
    page = incentivectl("statement", "2026-07", "-w", root, "--html", root / "pages")
    assert page.exit_code == 0, page.output
    assert "Draft" not in (root / "pages/partner-P1.html").read_text()
    assert "Draft" not in (root / "pages/index.html").read_text()


def test_what_changed_since_it_was_posted_is_a_draft(root: Path) -> None:
    post(root, "2026-07")
    late = SALES + "S9,1,2026-07-30,P1,1,100.00\n"
    (root / "sample_data/sales.csv").write_text(late)
    assert lead(root, "2026-07") == [
        "You would be paid $121.00.",
        "Draft: figures have changed since they were posted.",
    ]
    assert lead(root, "2026-07", "P2") == ["You are paid $55.00."]


def test_a_quarter_adds_up_the_batches_of_its_months(root: Path) -> None:
    """100, 200 and 400 by month, 70 to date, less 5: 765, of which 110 and 215 are paid by August."""
    for period in ("2026-07", "2026-08"):
        post(root, period)
    draft = told(root, "2026-Q3")
    (paid,) = draft["payouts"]
    expected = {
        "brought_forward": "0", "this_batch": "765", "payable": "765", "carried_forward": "0",
        "held": "0",
    }  # fmt: skip
    assert {name: paid[name] for name in expected} == expected
    assert [row["text"] for row in draft["lead"]] == [
        "You would be paid $765.00.",
        "$5.00 is taken back in this statement; the reasons are below.",
        "Draft: not posted yet. $325.00 of it was posted earlier.",
    ]
    booked = [(r["program"], r["period_start"], r["this_batch"]) for r in draft["earned"]]
    assert booked == [
        ("monthly", "2026-07-01", "100"),
        ("monthly", "2026-08-01", "200"),
        ("monthly", "2026-09-01", "400"),
        ("quarter", "2026-07-01", "70"),
    ]
    assert [row["amount"] for row in draft["adjustments"]] == ["-5"]
    post(root, "2026-09")
    done = told(root, "2026-Q3")
    assert done["lead"][0]["text"] == "You are paid $765.00."
    assert (done["payouts"], done["earned"]) == (draft["payouts"], draft["earned"])
    # P2 sold in July only: its payment of then is that of the quarter.
    assert told(root, "2026-Q3", "P2")["lead"][0]["text"] == "You are paid $55.00."
    # A month tells its own batch, less what was booked before it.
    (august,) = told(root, "2026-08")["payouts"]
    assert (august["this_batch"], august["payable"]) == ("215", "215")


def test_the_overview_counts_drafts(root: Path) -> None:
    listed = incentivectl("statement", "2026-07", "-w", root)
    assert "2 of 2 are drafts: not posted yet, or changed since it was posted." in listed.stdout
    post(root, "2026-07")
    assert "drafts" not in incentivectl("statement", "2026-07", "-w", root).stdout

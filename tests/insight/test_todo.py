"""What waits for somebody (docs/questions.md, 104), and disputes (109)."""

import json
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, as_user, post
from tests.small_workspace import SALES, as_json, incentivectl, write_workspace

FX = "on,currency,rate\n2026-07-01,EUR,1.20\n"
DEALS = """\
deal_id,partner_id,customer_id,amount,registered_on,status,approved_on
D-1,P1,C1,5000,2026-09-01,submitted,
D-2,P1,C1,,2026-09-10,submitted,
D-3,P2,C1,9000,2026-09-02,approved,2026-10-02
D-4,P2,C1,9000,2026-09-02,approved,2026-09-05
"""
EUROS = """\
id = "euros"
name = "Euros"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
currency = "EUR"

[reward]
rate = "1%"
"""
DISPUTES = """\
dispute_id,payee_id,program_id,opened_on,amount,reason,status,closed_on,answer
X-1,P1,euros,2026-09-20,100,no returns,open,,
X-2,P1,,2026-09-05,40,too few,accepted,2026-09-15,Yes.
X-3,P1,,2026-09-05,50,too few,accepted,2026-09-15,Yes.
X-4,P2,,2026-09-05,60,wrong tier,rejected,2026-09-16,No.
X-5,P2,,2026-09-05,70,wrong tier,rejected,2026-10-02,No.
X-6,P2,,2026-10-01,80,from October,open,,
X-7,P2,,2026-07-05,90,long ago,rejected,2026-07-16,No.
"""
ADJUSTMENTS = "adjustment_id,payee_id,on,amount,reason\nX-3,P1,2026-09-16,50,X-3\n"
FUND = """\
id = "fund"
name = "Fund"
kind = "mdf"
starts = 2026-01-01
ends = 2026-12-31
period = "quarter"

[fund]
allocate = 10_000

[claims]
reimburse = "50%"
activities = ["event"]
within_days = 10
proof_required = true
"""
REQUESTS = """\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,ends_on,status
Q-1,fund,P1,event,2026-08-01,600,,2026-09-20,requested
Q-2,fund,P1,event,2026-08-01,700,2026-08-02,2026-09-20,approved
Q-3,fund,P1,event,2026-08-01,800,,2026-09-20,rejected
"""
CLAIMS = """\
claim_id,request_id,claimed_on,amount,proof
K-1,Q-1,2026-09-21,300,I
K-2,Q-2,2026-09-22,310,
K-3,Q-3,2026-09-23,320,I
K-4,Q-9,2026-09-24,330,I
K-5,Q-2,2026-10-01,340,I
"""


def waiting(root: Path, period: str = "2026-09", *options: str) -> list[tuple[str, ...]]:
    """`kind id days at_stake` of everything that waits, in order."""
    rows = as_json("todo", period, "-w", root, *options)["todo"]
    return [tuple(str(row[name]) for name in ("kind", "id", "days", "at_stake")) for row in rows]


def test_nothing_waits(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    result = incentivectl("todo", "2026-09", "-w", root, "--exit-code")
    assert result.exit_code == 0, result.output
    assert "Nothing waits." in result.stdout


def test_the_dearest_first_in_the_workspaces_currency(tmp_path: Path) -> None:
    """100 EUR are 120 USD; D-2 has no amount, D-3 was approved only in October."""
    root = write_workspace(
        tmp_path / "w",
        programs={"euros": EUROS},
        tables={"deals": DEALS, "disputes": DISPUTES, "adjustments": ADJUSTMENTS, "fx": FX},
    )
    assert waiting(root) == [
        ("deal", "D-3", "28", "9000"),
        ("deal", "D-1", "29", "5000"),
        ("dispute", "X-1", "10", "120"),
        ("dispute", "X-5", "25", "70"),
        ("dispute", "X-2", "15", "40"),
        ("deal", "D-2", "20", "None"),
    ]
    result = incentivectl("todo", "2026-09", "-w", root, "--exit-code")
    assert result.exit_code == 10
    assert "6 things to settle, 14,230.00 USD at stake." in result.stdout


def test_what_lacks_a_rate_comes_first(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        programs={"euros": EUROS.replace('"EUR"', '"CHF"')},
        tables={
            "deals": DEALS,
            "disputes": DISPUTES,
            "fx": "on,currency,rate\n2026-10-05,CHF,1.1\n",
            "sales": SALES.splitlines()[0] + "\n",
        },
    )
    first, *_ = waiting(root)
    assert first == ("dispute", "X-1", "10", "None")


def test_funds(tmp_path: Path) -> None:
    """K-3 was turned down with its request and K-5 came too late: nobody can cure them."""
    root = write_workspace(
        tmp_path / "w",
        programs={"fund": FUND},
        tables={"mdf_requests": REQUESTS, "mdf_claims": CLAIMS},
    )
    assert waiting(root) == [
        ("request", "Q-1", "60", "600"),
        ("claim", "K-4", "6", "330"),
        ("claim", "K-2", "8", "310"),
        ("claim", "K-1", "9", "300"),
    ]


def test_rejected_rows_and_unknown_ids(tmp_path: Path) -> None:
    """However many they are: both lines of P9, of which one in euros; the other row has no amount."""
    bad = "S8,1,2026-08-31,P9,SKU-1,C1,1,100,EUR\nS9,1,2026-09-02,P9,SKU-1,C1,1,-50,USD\n"
    sales = "sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount,currency\n"
    root = write_workspace(
        tmp_path / "w",
        config='[workspace]\nname = "W"\ncurrency = "USD"\n[data]\nmin_rejects = 0\n',
        tables={"sales": sales + bad + "S7,1,2026-09-01,P1,SKU-1,C1,1,x,USD\n", "fx": FX},
    )
    assert waiting(root) == [
        ("rejects", "sales", "30", "170"),
        ("unknown-id", "P9", "30", "170"),
    ]
    result = incentivectl("todo", "2026-09", "-w", root)
    assert "3 rejected rows (2 unknown-partner, 1 bad-number)" in " ".join(result.stdout.split())
    assert "`incentivectl run 2026-09` writes" in result.stdout


def test_batches_and_held_payments(tmp_path: Path) -> None:
    """P1 earns 832.00 and P2 45.03 (rounded half up from 45.025); approved, exported, and gone."""
    config = BOOKS.replace("[payout]", "[payout]\napprovals = 1")
    payees = "payee_id,account_name,iban,valid_from\nP1,Alpha,DE89370400440532013000,\n"
    root = write_workspace(tmp_path / "w", config=config, tables={"payees": payees})
    with as_user("ann"):
        batch = post(root, "2026-09")
    assert batch == "2026-09.1"
    assert waiting(root) == [("batch", batch, "0", "877.03")]
    assert waiting(root, "2026-10") == [("batch", batch, "31", "877.03")]
    assert waiting(root, "2026-08") == []
    with as_user("bob"):
        assert incentivectl("batch", "approve", batch, "--by", "Bob", "-w", root).exit_code == 0
    (root / "sample_data/payees.csv").write_text(payees.replace("Alpha", "Mallory"))
    held, ready = waiting(root)
    assert held[0] == "payment"
    assert held[2:] == ("0", "832")
    assert ready == ("batch", batch, "0", "45.03")
    result = incentivectl("batch", "export", batch, "-w", root)
    assert result.exit_code == 0, result.output
    assert [row[0] for row in waiting(root)] == ["payment"]


@pytest.mark.parametrize(
    ("period", "payee", "told"),
    [
        ("2026-09", "P1", ["X-1 open", "X-2 accepted", "X-3 accepted"]),
        ("2026-09", "P2", ["X-4 rejected", "X-5 open"]),
        ("2026-10", "P2", ["X-5 rejected", "X-6 open"]),
        ("2026-07", "P2", ["X-7 rejected"]),
    ],
)
def test_a_statement_tells_the_disputes_of_its_payee(
    tmp_path: Path, period: str, payee: str, told: list[str]
) -> None:
    root = write_workspace(
        tmp_path / "w",
        programs={"euros": EUROS},
        tables={"disputes": DISPUTES, "adjustments": ADJUSTMENTS, "fx": FX},
    )
    (statement,) = as_json("statement", period, payee, "-w", root)
    found = [f"{row['dispute_id']} {row['status']}" for row in statement["disputes"]]
    assert sorted(found) == told


def test_sentences_of_disputes(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        programs={"euros": EUROS},
        tables={"disputes": DISPUTES, "adjustments": ADJUSTMENTS, "fx": FX},
    )
    result = incentivectl("statement", "2026-09", "P1", "-w", root, "--format", "json")
    (statement,) = json.loads(result.stdout)
    assert [row["text"] for row in statement["dispute_notes"]] == [
        "X-2: Dispute of September 5, 2026 for $40.00 (too few):"
        " accepted; an adjustment will correct it. Yes.",
        "X-3: Dispute of September 5, 2026 for $50.00 (too few):"
        " accepted and corrected by an adjustment. Yes.",
        "X-1: Dispute of September 20, 2026 for €100.00 (no returns): open.",
    ]


def test_disputes_that_match_nobody_are_told(tmp_path: Path) -> None:
    lost = DISPUTES + "X-8,P77,,2026-09-01,1,x,open,,\nX-9,P1,nope,2026-09-01,1,x,open,,\n"
    root = write_workspace(
        tmp_path / "w",
        programs={"euros": EUROS},
        tables={"disputes": lost, "fx": FX, "reps": "rep_id,name,partner_id\nR1,R,P1\n"},
    )
    told = " ".join(incentivectl("check", "-w", root).output.split())
    assert "disputes: 1 row for a payee that is neither a partner nor a rep: `P77`" in told
    assert "disputes: 1 row for an unknown program: `nope`" in told

"""What a batch records as unbooked on its date, worked by hand (docs/ledger.md, "Accruals")."""

from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    REVERSE,
    accruals,
    add,
    asked,
    assert_computed_again,
    assert_whole,
    batch_ids,
    entries,
    post,
    write,
)
from tests.posting.test_worked_cases import MONTHLY, SALES, VOLUME
from tests.small_workspace import incentivectl, write_workspace

FUND = """\
id = "fund"
name = "Fund"
kind = "mdf"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"
currency = "EUR"

[fund]
allocate = 1_000
expires_after_months = 6

[claims]
reimburse = "50%"
"""
FX = "on,currency,rate\n2026-01-01,EUR,1.1\n2026-08-31,EUR,1.2\n"
REQUESTS = """\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,ends_on,status
Q-1,fund,P1,event,2026-07-02,600,2026-07-05,2026-08-01,approved
"""
CLAIMS = """\
claim_id,request_id,claimed_on,amount,proof,final
K-1,Q-1,2026-08-20,400,I,false
"""
DEBTOR = '[payout.debtor]\nname = "Payer Ltd"\niban = "DE89370400440532013000"\n'


def begin(root: Path, config: str = BOOKS, **programs: str) -> Path:
    return write_workspace(root, config=config, programs=programs, tables={"sales": SALES})


def test_what_goes_on_accrues_and_what_waits_is_held(tmp_path: Path) -> None:
    """6,000 at 5 % accrue 300; with August's 4,400 the 8 % tier: 832, and P2 45.03. Held 20 days."""
    held = VOLUME + "\n[payout]\nhold_days = 20\n"
    root = begin(tmp_path / "w", volume=held, loyal=MONTHLY)
    assert post(root, "2026-07") == "2026-07.1"
    assert entries(root, "2026-07.1") == ["earning loyal P1 120 USD"]
    assert accruals(root, "2026-07.1") == ["volume 2026-07-01 accruing 300 USD"]
    post(root, "2026-08")
    assert accruals(root, "2026-08.1") == ["volume 2026-07-01 accruing 877.03 USD"]
    assert post(root, "2026-09", *NO_SALES) == "2026-09.1"  # it has no entries
    assert entries(root, "2026-09.1") == []
    assert accruals(root, "2026-09.1") == ["volume 2026-07-01 held 877.03 USD"]
    assert asked(root, "SELECT count(*) FROM payments WHERE batch_id = '2026-09.1'") == [(0,)]
    shown = incentivectl("batch", "show", "2026-09.1", "-w", root).output
    assert "volume   2026-07-01  held    USD               877.03" in shown
    post(root, "2026-10", *NO_SALES)
    assert entries(root, "2026-10.1") == [
        "earning volume P1 832 USD",
        "earning volume P2 45.03 USD",
    ]
    assert accruals(root, "2026-10.1") == []
    assert_whole(root)
    assert_computed_again(root)


def test_accruals_by_forecast_are_a_part_of_what_is_expected(tmp_path: Path) -> None:
    """July: 6,000 × 92 ÷ 31 are 17,806.45, 8 % are 1,424.52, and 31 ÷ 92 of that 480.

    August: P1 1,234.58 × 62 ÷ 92 = 832, P2 66.81 × 62 ÷ 92 = 45.02. What waits its hold days is as it is.
    """
    held = VOLUME + "\n[payout]\nhold_days = 20\n"
    config = BOOKS + '\n[journal]\naccrue = "forecast"\n'
    root = begin(tmp_path / "w", config, volume=held, loyal=MONTHLY)
    assert post(root, "2026-07") == "2026-07.1"
    assert entries(root, "2026-07.1") == ["earning loyal P1 120 USD"]
    assert accruals(root, "2026-07.1") == ["volume 2026-07-01 accruing 480 USD"]
    assert post(root, "2026-07") is None
    post(root, "2026-08")
    assert accruals(root, "2026-08.1") == ["volume 2026-07-01 accruing 877.02 USD"]
    post(root, "2026-09", *NO_SALES)
    assert accruals(root, "2026-09.1") == ["volume 2026-07-01 held 877.03 USD"]
    assert_whole(root)
    assert_computed_again(root)


def test_a_post_with_nothing_to_book_and_the_same_accruals_makes_no_batch(tmp_path: Path) -> None:
    root = begin(tmp_path / "w", volume=VOLUME)
    assert post(root, "2026-07") == "2026-07.1"
    assert entries(root, "2026-07.1") == []
    assert post(root, "2026-07") is None
    add(root, "sales", "S4,1,2026-07-20,P2,SKU-1,C2,1,100.00,")
    assert post(root, "2026-07") == "2026-07.2"
    assert accruals(root, "2026-07.2") == ["volume 2026-07-01 accruing 305 USD"]


def test_a_preview_tells_whether_there_is_a_batch_to_make(tmp_path: Path) -> None:
    root = begin(tmp_path / "w", volume=VOLUME)
    incentivectl("run", "2026-07", "-w", root)
    dry = incentivectl("batch", "post", "2026-07", "--dry-run", "-w", root).output
    assert "what would be posted" in dry
    assert "accruing" in dry
    assert batch_ids(root) == []


def test_a_void_records_those_of_the_newest_batch_that_stands(tmp_path: Path) -> None:
    root = begin(tmp_path / "w", volume=VOLUME, loyal=MONTHLY)
    post(root, "2026-07")
    post(root, "2026-08")
    incentivectl("batch", "void", "2026-07.1", *REVERSE, "-w", root)
    assert accruals(root, "2026-07.2") == ["volume 2026-07-01 accruing 877.03 USD"]
    incentivectl("batch", "void", "2026-08.1", *REVERSE, "-w", root)
    assert accruals(root, "2026-08.2") == []  # nothing stands
    assert_whole(root)


def test_who_is_not_active_is_held(tmp_path: Path) -> None:
    root = begin(tmp_path / "w", loyal=MONTHLY)
    write(root, "partners", "partner_id,name,status\nP1,Alpha,suspended\nP2,Beta,active\n")
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == ["earning loyal P2 18.01 USD"]
    assert accruals(root, "2026-08.1") == [
        "loyal 2026-07-01 held 120 USD",
        "loyal 2026-08-01 held 88 USD",
    ]


def test_funds_hold_what_is_committed_and_available(tmp_path: Path) -> None:
    """Two partners with 1,000 each; a claim of 400 pays 200, which accrues until the quarter ends."""
    root = begin(tmp_path / "w", BOOKS + DEBTOR, fund=FUND)
    write(root, "partners", "partner_id,name,status\nP1,Alpha,active\nP2,Beta,active\n")
    for table, text in {"fx": FX, "mdf_requests": REQUESTS, "mdf_claims": CLAIMS}.items():
        write(root, table, text)
    post(root, "2026-07")
    assert accruals(root, "2026-07.1") == ["fund 2026-07-01 fund 2000 EUR"]
    post(root, "2026-08")
    assert accruals(root, "2026-08.1") == [
        "fund 2026-07-01 accruing 200 EUR",
        "fund 2026-07-01 fund 1800 EUR",
    ]
    assert asked(root, "SELECT DISTINCT debtor FROM accruals") == [("Payer Ltd",)]
    post(root, "2026-10", *NO_SALES)  # September's quarter is booked; each fund gets 1,000 more
    assert entries(root, "2026-10.1") == ["earning fund P1 200 EUR"]
    assert accruals(root, "2026-10.1") == ["fund 2026-10-01 fund 3800 EUR"]
    rates = asked(root, "SELECT currency, home, rate FROM rates WHERE record = 2 ORDER BY currency")
    assert rates == [("EUR", "USD", "1.2"), ("USD", "USD", "1")]
    (debtor,) = asked(root, "SELECT debtor_name, debtor_iban, debtor_bic FROM payments")
    assert debtor == ("Payer Ltd", "DE89370400440532013000", "")
    assert_whole(root)

"""What a customer bought in twelve months, as a condition (docs/rules.md, 8.3)."""

from pathlib import Path

from tests.small_workspace import CONFIG, incentivectl, read_csv, settle, write_workspace

DISCOUNT = """
id = "size"
name = "Price by size"
kind = "discount"
starts = 2026-07-01
ends = 2026-07-31
period = "month"

[[reward]]
when = { "customer.revenue_12m" = { min = 250 } }
rate = "10%"

[[reward]]
when = { "customer.revenue_12m" = { min = 1 } }
rate = "1%"

[[example]]
name = "a large customer"
sales = [{ amount = 100, "customer.revenue_12m" = 250.5 }, { amount = 100, "customer.revenue_12m" = 249.99 }]
expect = 11
"""
HEAD = "sale_id,line_id,sold_on,partner_id,customer_id,quantity,amount,currency,return_of\n"
# Rule 8.3: 100 on 30 June 2025 is too old, 200 and 50 are in; P2 sold the 50.
EARLIER = """\
E-1,1,2025-06-30,P1,C1,1,100,,
E-2,1,2025-07-01,P1,C1,1,200,,
E-3,1,2026-06-30,P2,C1,1,50,,
"""


def paid(root: Path, lines: str, **more: str) -> str:
    write_workspace(root, programs={"size": DISCOUNT}, tables={"sales": HEAD + lines, **more})
    rows = settle(root, "2026-07")
    return next((row["entitlement"] for row in rows if row["payee_id"] == "P1"), "0")


def test_what_was_bought_up_to_the_day_before(tmp_path: Path) -> None:
    """250 are there on 1 July; a cent less, and only 1 % is paid."""
    line = "S-1,1,2026-07-01,P1,C1,1,1000,,\n"
    assert paid(tmp_path / "a", EARLIER + line) == "100"
    assert paid(tmp_path / "b", EARLIER.replace(",50,", ",49.99,") + line) == "10"


def test_purchases_of_the_day_itself_are_left_out(tmp_path: Path) -> None:
    """Two lines of 1 July see nothing; the one of the 2nd sees both. C2 is another customer."""
    lines = """\
S-1,1,2026-07-01,P1,C1,1,200,,
S-2,1,2026-07-01,P2,C1,1,50,,
S-3,1,2026-07-02,P1,C1,1,1000,,
S-4,1,2026-07-02,P1,C2,1,1000,,
S-5,1,2026-07-02,P1,,1,1000,,
"""
    assert paid(tmp_path / "w", lines) == "100"


def test_returns_are_taken_off_on_the_day_of_their_line(tmp_path: Path) -> None:
    """R-1 of 5 July reverses 1 of E-3, although no customer stands on it: 249 are left on 1 July."""
    late = "R-1,1,2026-07-05,P2,,-1,-1,,E-3\nS-1,1,2026-07-01,P1,C1,1,1000,,\n"
    assert paid(tmp_path / "a", EARLIER + late) == "10"
    unlinked = late.replace(",,-1,-1,,E-3", ",C1,-1,-1,,")
    assert paid(tmp_path / "b", EARLIER + unlinked) == "100"  # counts on 5 July, after the line


def test_a_return_is_judged_as_its_line(tmp_path: Path) -> None:
    """The line had 10 %; its return gives the 10 % back, whatever C1 bought since."""
    lines = (
        EARLIER + "S-1,1,2026-07-01,P1,C1,2,1000,,\nB-1,1,2026-07-02,P2,C1,-1,-5000,,\n"
        "R-1,1,2026-07-20,P1,C1,-1,-500,,S-1\n"
    )
    assert paid(tmp_path / "w", lines) == "50"


def test_amounts_are_in_the_workspace_s_currency(tmp_path: Path) -> None:
    """200 EUR at 1.25 are 250 USD."""
    lines = "E-1,1,2026-06-01,P2,C1,1,200,EUR,\nS-1,1,2026-07-01,P1,C1,1,1000,,\n"
    fx = "on,currency,rate\n2026-01-01,EUR,1.25\n"
    assert paid(tmp_path / "w", lines, fx=fx) == "100"


def test_it_keeps_lines_out_and_says_so(tmp_path: Path) -> None:
    """As a condition of `[eligible]` its name is the reason; the words name the twelve months."""
    program = DISCOUNT.partition("[[reward]]")[0].replace('"discount"', '"rebate"') + (
        '[eligible]\n"customer.revenue_12m" = { min = 250 }\n[reward]\nrate = "10%"\n'
    )
    lines = HEAD + EARLIER + "S-1,1,2026-07-01,P1,C1,1,1000,,\nS-2,1,2026-07-01,P1,C2,1,10,,\n"
    root = write_workspace(
        tmp_path / "w", config=CONFIG, programs={"size": program}, tables={"sales": lines}
    )
    (row,) = settle(root, "2026-07")
    assert row["entitlement"] == "100"
    reasons = read_csv(root / "reports/2026-07/ineligible.csv")
    assert [(one["reason"], one["lines"]) for one in reasons] == [("customer.revenue_12m", "1")]
    shown = " ".join(incentivectl("program", "show", "size", "-w", root).stdout.split())
    assert (
        "what the customer bought from all partners in the twelve months before, in the workspace's"
        " currency, is 250 or more"
    ) in shown

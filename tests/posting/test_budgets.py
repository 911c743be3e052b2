"""Budgets and what is booked: every number worked by hand.

All programs pay 10 % of each month. What is kept is the booked amount, up to the payee's own
entitlement before the budget; new money comes out of what is left beside it.
"""

from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    add,
    assert_computed_again,
    assert_whole,
    earned,
    entries,
    post,
)
from tests.small_workspace import incentivectl, write_workspace

PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\nP3,Gamma\n"
HEADER = "sale_id,line_id,sold_on,partner_id,product_id,amount,return_of\n"
TENTH = """\
id = "tenth"
name = "10 % within a budget"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[reward]
rate = "10%"

[limits]
budget = {budget}
over_budget = "{over}"
"""


def workspace(
    tmp_path: Path, *sales: str, budget: str = "1_000", over: str = "prorate", partners: str = ""
) -> Path:
    return write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"tenth": TENTH.format(budget=budget, over=over)},
        tables={
            "partners": partners or PARTNERS,
            "sales": HEADER + "".join(f"{sale}\n" for sale in sales),
        },
    )


def test_late_lines_of_one_payee_take_nothing_from_another(tmp_path: Path) -> None:
    """600 and 600 share 1,000; late lines make the shares 333.33 : 666.67, and nothing moves."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,6000,", "S2,1,2026-07-06,P2,A,6000,")
    post(root, "2026-07")
    assert entries(root, "2026-07.1") == ["earning tenth P1 500 USD", "earning tenth P2 500 USD"]
    add(root, "sales", "S3,1,2026-07-07,P2,A,6000,")
    assert post(root, "2026-08") is None
    rows = earned(root, "2026-08")
    first, second = (rows[("tenth", "2026-07-01", payee)] for payee in ("P1", "P2"))
    assert [first[name] for name in ("entitlement", "kept", "this_batch")] == ["333.33", "500", "0"]
    assert [second[name] for name in ("entitlement", "kept", "this_batch")] == [
        "666.67",
        "500",
        "0",
    ]
    assert_computed_again(root)


def test_new_money_is_what_nobody_keeps(tmp_path: Path) -> None:
    """P1 keeps 400; 600.01 are left for 400.01 + 400.00 that the late ones are entitled to."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,4000,", budget="1_000.01")
    post(root, "2026-07")
    add(root, "sales", "S2,1,2026-07-06,P2,A,8000,", "S3,1,2026-07-06,P3,A,8000,")
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == ["earning tenth P2 300.01 USD", "earning tenth P3 300 USD"]
    rows = earned(root, "2026-08")
    assert [
        rows[("tenth", "2026-07-01", payee)]["entitlement"] for payee in ("P1", "P2", "P3")
    ] == ["200", "400.01", "400"]
    assert post(root, "2026-08") is None
    assert_whole(root)
    assert_computed_again(root)


def test_a_return_of_ones_own_is_taken_back_and_makes_room(tmp_path: Path) -> None:
    """400 + 600 are all of it; a return reverses 100, which August may pay: 100 of 300."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,4000,", "S2,1,2026-07-06,P2,A,6000,")
    post(root, "2026-07")
    add(root, "sales", "S3,1,2026-08-06,P2,A,3000,")
    assert post(root, "2026-08") is None  # no room yet
    add(root, "sales", "R1,1,2026-08-20,P1,A,-1000,S1")
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == ["clawback tenth P1 -100 USD", "earning tenth P2 100 USD"]
    assert_computed_again(root)


def test_late_lines_of_an_earlier_period_leave_a_later_one_alone(tmp_path: Path) -> None:
    """July would now take 800 and leave August 200 of its 500: August keeps them all."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,5000,", "S2,1,2026-08-06,P2,A,5000,")
    post(root, "2026-07")
    post(root, "2026-08")
    add(root, "sales", "S3,1,2026-07-06,P1,A,3000,")
    assert post(root, "2026-09") is None
    rows = earned(root, "2026-09")
    july, august = rows[("tenth", "2026-07-01", "P1")], rows[("tenth", "2026-08-01", "P2")]
    assert (july["entitlement"], july["kept"], july["this_batch"]) == ("800", "500", "0")
    assert (august["entitlement"], august["kept"], august["this_batch"]) == ("200", "500", "0")


def test_first_come_late_lines_take_nothing_from_those_paid(tmp_path: Path) -> None:
    """500: P1 got 400 and P2 the last 100; then P3 turns out to have been first with 300."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-10,P1,A,4000,",
        "S2,1,2026-07-20,P2,A,4000,",
        budget="500",
        over="first_come",
    )
    post(root, "2026-07")
    assert entries(root, "2026-07.1") == ["earning tenth P1 400 USD", "earning tenth P2 100 USD"]
    add(root, "sales", "S3,1,2026-07-05,P3,A,3000,")
    assert post(root, "2026-08") is None
    rows = earned(root, "2026-08")
    assert [
        rows[("tenth", "2026-07-01", payee)]["entitlement"] for payee in ("P1", "P2", "P3")
    ] == ["200", "0", "300"]

    # A return of P1: before the budget it has 200 left, which it keeps; P2 keeps 100. The 200 that are
    # free are shared 100 : 300, as P2 is entitled to 200 (100 more) and P3 to 300.
    add(root, "sales", "T1,1,2026-08-10,P1,A,-2000,S1")
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == [
        "clawback tenth P1 -200 USD",
        "true-up tenth P2 50 USD",
        "earning tenth P3 150 USD",
    ]
    assert_whole(root)
    assert_computed_again(root)


def test_a_smaller_budget_takes_nothing_back_and_warns(tmp_path: Path) -> None:
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,9000,", "S2,1,2026-08-06,P2,A,3000,")
    post(root, "2026-07")
    (root / "programs/tenth.toml").write_text(TENTH.format(budget="600", over="prorate"))
    assert post(root, "2026-08", "--allow", "changed-rules") is None
    run = incentivectl("run", "2026-08", "-w", root)
    assert "tenth" in run.stdout.partition("Needs attention")[2].partition("Integrity checks")[0]
    assert "300.00" in run.stdout.partition("Needs attention")[2]  # kept beyond the budget


def test_what_is_held_waits_for_its_payee(tmp_path: Path) -> None:
    """P1 and P3 share 1,000; P3's half is there when it is active again."""
    suspended = "partner_id,name,status\nP1,Alpha,\nP3,Gamma,suspended\n"
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,6000,",
        "S2,1,2026-07-06,P3,A,6000,",
        "S3,1,2026-08-06,P1,A,6000,",
        partners=suspended,
    )
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == ["earning tenth P1 500 USD"]
    (root / "sample_data/partners.csv").write_text(suspended.replace("suspended", "active"))
    post(root, "2026-09", *NO_SALES)
    assert entries(root, "2026-09.1") == ["earning tenth P3 500 USD"]
    assert_computed_again(root)


def why_less(root: Path, period: str) -> str:
    """What needs attention because a payee gets less than it earned."""
    lines = incentivectl("run", period, "-w", root).stdout.splitlines()
    return " ".join(" ".join(lines).split()).partition("less than earned: ")[2]


def test_who_keeps_what_leaves_no_room_is_said(tmp_path: Path) -> None:
    """P1 keeps 500 of which it earns 333.33: P2 lacks 166.67."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,6000,", "S2,1,2026-07-06,P2,A,6000,")
    post(root, "2026-07")
    add(root, "sales", "S3,1,2026-07-07,P2,A,6000,")
    said = "1 other keeps what was booked before, and the budget leaves no more"
    assert why_less(root, "2026-08").startswith(said)


def test_with_an_empty_ledger_nobody_keeps_anything(tmp_path: Path) -> None:
    """Of 100 P1 takes all and P2 nothing; P2's negative line of 30 frees room that P3 fills.

    As nothing of P2 was booked, there is nothing to reverse, and 130 do not fit into 100.
    """
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,1000,",
        "S2,1,2026-07-06,P2,A,500,",
        "C1,1,2026-07-07,P2,A,-300,",
        "S3,1,2026-07-08,P3,A,400,",
        budget="100",
        over="first_come",
    )
    said = "negative earnings of P2 free no budget: there is no booking to reverse"
    assert why_less(root, "2026-07").startswith(said)


def test_a_return_of_what_was_never_granted_needs_no_attention(tmp_path: Path) -> None:
    """P2 was granted nothing and its return takes nothing back: 100, 0 and 0."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,1000,",
        "S2,1,2026-07-06,P2,A,500,",
        "R2,1,2026-07-07,P2,A,-300,S2",
        "S3,1,2026-07-08,P3,A,400,",
        budget="100",
        over="first_come",
    )
    assert why_less(root, "2026-07") == ""
    post(root, "2026-07")
    assert entries(root, "2026-07.1") == ["earning tenth P1 100 USD"]


def test_a_config_that_warns_is_computed_again(tmp_path: Path) -> None:
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,1000,")
    config = root / "incentivectl.toml"
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    post(root, "2026-07")
    assert_computed_again(root)

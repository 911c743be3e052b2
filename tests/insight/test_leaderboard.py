"""Ranks, movements and badges, worked by hand (docs/questions.md, "Leaderboards", "Badges")."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from incentivectl.insight.leaderboard.leaderboard import leaderboard
from incentivectl.run.run import Run
from tests.insight.runs import run_of

PARTNERS = """\
partner_id,name,tier,region,status,valid_from
P1,Alpha,gold,EMEA,active,
P2,Beta,silver,EMEA,active,
P3,Gamma,silver,APAC,suspended,
P4,Delta,gold,EMEA,active,
P4,Delta,gold,APAC,active,2026-09-15
P5,Epsilon,silver,,active,
"""
REPS = "rep_id,name,partner_id\nR1,Rosa,P1\nR2,Ravi,P2\nR3,Rui,P3\n"
# In August P3 has 900, P1 and P2 300 each: R-1 reverses 100 of August, though it came in September.
# In September P1 has 500, P2 and P4 300 each, P3 100 and P5 a return alone.
SALES = """\
sale_id,line_id,sold_on,partner_id,rep_id,product_id,customer_id,quantity,amount,return_of
Y-1,1,2025-09-04,P1,,SKU-1,C1,1,400,
Y-2,1,2025-09-04,P2,,SKU-1,C2,1,400,
Y-3,1,2025-09-04,P3,,SKU-1,C2,1,-5,
A-1,1,2026-08-05,P1,R1,SKU-1,C1,4,400,
R-1,1,2026-09-05,P1,R1,SKU-1,C1,-1,-100,A-1
A-2,1,2026-08-06,P2,R2,SKU-1,C2,3,300,
A-3,1,2026-08-07,P3,R3,SKU-1,C2,9,900,
S-1,1,2026-09-02,P1,R1,SKU-1,C1,2,350,
S-1,2,2026-09-02,P1,R1,SKU-2,C9,1,150,
S-2,1,2026-09-03,P2,R2,SKU-1,C9,3,300,
S-4,1,2026-09-20,P4,,SKU-1,C1,5,300,
S-3,1,2026-09-30,P3,R3,SKU-1,C2,1,100,
S-5,1,2026-09-30,P5,,SKU-1,C5,-1,-20,
V-1,1,2026-09-30,P5,,SKU-1,C5,0,0,
"""
CREDITS = "sale_id,line_id,rep_id,share\nS-2,,R2,0.75\nS-2,,R3,0.25\n"
MONTHLY = """
id = "monthly"
name = "Monthly"
kind = "rebate"
starts = 2026-01-01
ends = 2026-12-31
period = "month"

[reward]
tiers = [{ from = 0, rate = "1%" }, { from = 400, rate = "2%" }]
"""
TABLES = {"partners": PARTNERS, "reps": REPS, "sales": SALES, "credits": CREDITS}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("board") / "w"
    return run_of(root, programs={"monthly": MONTHLY}, tables=TABLES)


def rows(board: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return board.select(columns).rows()


def test_ranks_are_counted_as_in_sports_and_move_against_the_month_before(run: Run) -> None:
    """P2 and P4 tie for second, P3 falls from first to fourth, P4 was not there in August."""
    board = leaderboard(run)
    assert rows(board, "rank", "payee_id", "value", "value_before", "rank_before", "movement") == [
        (1, "P1", Decimal(500), Decimal(300), 2, 1),
        (2, "P2", Decimal(300), Decimal(300), 2, 0),
        (2, "P4", Decimal(300), None, None, None),
        (4, "P3", Decimal(100), Decimal(900), 1, -3),
        (5, "P5", Decimal(-20), None, None, None),
    ]


def test_a_group_is_ranked_by_itself_as_it_stands_on_the_last_day(run: Run) -> None:
    """P4 moved to APAC on 15 September; in August P3 was alone there, so P3 moves from 1 to 2."""
    board = leaderboard(run, group_by="partner.region")
    assert rows(board, "group", "rank", "payee_id", "movement") == [
        ("APAC", 1, "P4", None),
        ("APAC", 2, "P3", -1),
        ("EMEA", 1, "P1", 0),
        ("EMEA", 2, "P2", -1),
        (None, 1, "P5", None),
    ]


def test_reps_are_ranked_by_their_shares(run: Run) -> None:
    """S-2 goes to R2 by three quarters and to R3 by one: 225, and 100 + 75."""
    board = leaderboard(run, payee="rep")
    assert rows(board, "payee_kind", "rank", "payee_name", "value") == [
        ("rep", 1, "Rosa", Decimal(500)),
        ("rep", 2, "Ravi", Decimal(225)),
        ("rep", 3, "Rui", Decimal(175)),
    ]


def test_growth_ranks_only_who_has_a_year_before(run: Run) -> None:
    """500 over 400 is 25 %, 300 over 400 is -25 %; P3 had -5, the others nothing."""
    board = leaderboard(run, by="growth")
    assert rows(board, "rank", "payee_id", "value") == [
        (1, "P1", Decimal("0.25")),
        (2, "P2", Decimal("-0.25")),
        (None, "P3", None),
        (None, "P4", None),
        (None, "P5", None),
    ]


def test_counts_leave_returns_out(run: Run) -> None:
    board = leaderboard(run, by="customers")
    assert rows(board, "rank", "payee_id", "value") == [
        (1, "P1", Decimal(2)),
        (2, "P2", Decimal(1)),
        (2, "P3", Decimal(1)),
        (2, "P4", Decimal(1)),
        (5, "P5", Decimal(0)),
    ]


def test_earnings_are_the_entitlements_of_periods_that_ended(run: Run) -> None:
    """September: 2 % of 500, 1 % of 300, 300, 100 and -20. August: 1 % of 300 each, 2 % of 900."""
    board = leaderboard(run, by="earnings")
    assert rows(board, "rank", "payee_id", "value", "value_before", "movement") == [
        (1, "P1", Decimal(10), Decimal(3), 1),
        (2, "P2", Decimal(3), Decimal(3), 0),
        (2, "P4", Decimal(3), None, None),
        (4, "P3", Decimal(1), Decimal(18), -3),
        (5, "P5", Decimal("-0.2"), None, None),
    ]


def test_badges(run: Run) -> None:
    """P4's first sale is S-4. C9 first bought on 2 September, of P1; P2 sold to it a day later.

    P1 alone reached the tier from 400. Nobody of five is in the first tenth.
    """
    told = {payee: set(names) for payee, names in rows(leaderboard(run), "payee_id", "badges")}
    assert told == {
        "P1": {"new-customer", "tier-reached"},
        "P2": set(),
        "P3": set(),
        "P4": {"first-sale"},
        "P5": set(),
    }


def test_three_months_of_growth_need_four_months_above_nothing(tmp_path: Path) -> None:
    """P1 grows each month, P2 stands still once, P3 begins from nothing, P4 misses the first."""
    growing = {
        "P1": (10, 20, 30, 40),
        "P2": (10, 20, 20, 40),
        "P3": (0, 10, 20, 30),
        "P4": (50, 20, 30, 40),
    }
    lines = [
        f"{partner}-{month},1,2026-{month:02d}-10,{partner},,SKU-1,C1,1,{amount},"
        for partner, amounts in growing.items()
        for month, amount in zip((6, 7, 8, 9), amounts, strict=True)
        if amount
    ]
    sales = "\n".join([SALES.splitlines()[0], *lines]) + "\n"
    run = run_of(
        tmp_path / "w", tables={**TABLES, "sales": sales, "credits": CREDITS.splitlines()[0] + "\n"}
    )
    assert {
        payee: "three-months-up" in names
        for payee, names in rows(leaderboard(run), "payee_id", "badges")
    } == {"P1": True, "P2": False, "P3": False, "P4": False}


def test_the_top_tenth_of_ten_is_one_of_twenty_two_with_ties_more(tmp_path: Path) -> None:
    def run_with(name: str, amounts: list[int]) -> Run:
        ids = [f"P{number:02d}" for number in range(len(amounts))]
        partners = "partner_id,name\n" + "".join(f"{one},{one}\n" for one in ids)
        sales = "sale_id,sold_on,partner_id,amount\n" + "".join(
            f"S{one},2026-09-01,{one},{amount}\n" for one, amount in zip(ids, amounts, strict=True)
        )
        return run_of(tmp_path / name, tables={"partners": partners, "sales": sales})

    def top(run: Run) -> list[str]:
        board = leaderboard(run).filter(pl.col("badges").list.contains("top-tenth"))
        return board["payee_id"].to_list()

    assert top(run_with("nine", list(range(1, 10)))) == []
    assert top(run_with("ten", list(range(1, 11)))) == ["P09"]
    assert top(run_with("ties", [*range(1, 18), 50, 50, 50])) == ["P17", "P18", "P19"]
    assert top(run_with("nothing", [0] * 10)) == []

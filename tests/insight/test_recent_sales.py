"""Who began in PERIOD, for months, quarters and years, against the rules in plain Python."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from incentivectl.insight.leaderboard.leaderboard import leaderboard
from incentivectl.run.run import Run
from tests.insight.runs import run_of

HEADER = "sale_id,line_id,sold_on,partner_id,rep_id,customer_id,quantity,amount"
PARTNERS = "partner_id,name\n" + "".join(f"P{n},P{n}\n" for n in range(12))
REPS = "rep_id,name,partner_id\n" + "".join(f"R{n},R{n},P{n}\n" for n in range(12))
CUSTOMERS = "customer_id,name,first_sale_on\nC1,C1,2020-01-01\nC2,C2,2026-09-14\nC3,C3,\n"
TABLES = {"partners": PARTNERS, "reps": REPS, "customers": CUSTOMERS}
CREDITS = "sale_id,line_id,rep_id,share\n"
BADGES = ("first-sale", "new-customer", "three-months-up")
Line = tuple[
    str, date, str, str, str, int, int
]  # sale, day, partner, rep, customer, pieces, amount


def badges_of(run: Run, payee: str = "partner") -> dict[str, set[str]]:
    board = leaderboard(run, payee=payee)
    return {
        who: set(names) & set(BADGES) for who, names in board.select("payee_id", "badges").rows()
    }


def settled(root: Path, period: str, lines: list[str], credits: str = CREDITS) -> Run:
    sales = "\n".join([HEADER, *lines]) + "\n"
    return run_of(root, period, tables={**TABLES, "sales": sales, "credits": credits})


def test_a_sale_of_long_ago_counts(tmp_path: Path) -> None:
    """P1 and C5 bought and sold years ago; P2's line of then was a return, P3's void; C6 is new."""
    run = settled(
        tmp_path / "w",
        "2026-09",
        [
            "A1,1,2023-01-05,P1,,C5,1,10",
            "A2,1,2023-01-05,P2,,C6,-1,-10",
            "A3,1,2023-01-05,P3,,C7,0,0",
            "B1,1,2026-09-05,P1,,C5,1,10",
            "B2,1,2026-09-05,P2,,C6,1,10",
            "B3,1,2026-09-05,P3,,C5,1,10",
        ],
    )
    assert badges_of(run) == {
        "P1": set(),
        "P2": {"first-sale", "new-customer"},
        "P3": {"first-sale"},
    }


def test_nobody_begins_where_the_exports_do(tmp_path: Path) -> None:
    """A sale of an unknown partner in August is none of a payee; customers begin all the same."""
    lines = ["A1,1,2026-08-05,P99,,C5,1,10", "B1,1,2026-09-05,P1,,C6,1,10"]
    run = settled(tmp_path / "w", "2026-09", lines)
    assert badges_of(run) == {"P1": {"new-customer"}}


def test_a_rep_that_is_credited_long_ago_is_not_new(tmp_path: Path) -> None:
    """A1 was R1's and is credited to R2; R3 has an old sale of its own."""
    lines = [
        "A1,1,2024-08-05,P1,R1,C1,1,10",
        "A2,1,2024-08-05,P1,R3,C1,1,10",
        *(f"B{n},1,2026-09-05,P1,R{n},C1,1,10" for n in (1, 2, 3)),
    ]
    run = settled(tmp_path / "w", "2026-09", lines, CREDITS + "A1,1,R2,1\n")
    assert badges_of(run, "rep") == {"R1": {"first-sale"}, "R2": set(), "R3": set()}


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
@pytest.mark.parametrize("seed", range(2))
def test_badges_follow_the_rules(
    tmp_path: Path, period: str, first: date, last: date, seed: int
) -> None:
    """Random lines of two years, most payees and customers beginning somewhere in them."""
    lines = _random_lines(random.Random(seed), last)
    run = settled(
        tmp_path / "w",
        period,
        [f"{s},1,{day},{p},{r},{c},{q},{a}" for s, day, p, r, c, q, a in lines],
    )
    for payee, place in (("partner", 2), ("rep", 3)):
        expected = _expected(lines, first, last, place)
        found = {who: names for who, names in badges_of(run, payee).items() if names}
        assert found == {who: names for who, names in expected.items() if names}
        assert any(expected.values())


def _random_lines(chance: random.Random, last: date) -> list[Line]:
    begins = {n: last - timedelta(chance.choice((10, 80, 200, 500, 700))) for n in range(12)}
    lines: list[Line] = []
    for n, begin in begins.items():
        for _ in range(25):
            day = begin + timedelta(chance.randrange((last - begin).days + 1))
            pieces = chance.choice((-1, 0, 1, 1, 2, 3))
            customer = chance.choice(("", "C1", "C2", "C3", f"C{chance.randrange(90)}"))
            lines.append((f"S{len(lines)}", day, f"P{n}", f"R{n}", customer, pieces, 10 * pieces))
    return lines


def _expected(lines: list[Line], first: date, last: date, place: int) -> dict[str, set[str]]:
    sold = [line for line in lines if line[5] > 0]
    first_of = defaultdict(lambda: date.max)
    customer_of = defaultdict(lambda: date.max, {"C1": date(2020, 1, 1), "C2": date(2026, 9, 14)})
    for line in sold:
        first_of[line[place]] = min(first_of[line[place]], line[1])
        customer_of[line[4]] = min(customer_of[line[4]], line[1])
    found: dict[str, set[str]] = defaultdict(set)
    if any(day < first for day in first_of.values()):
        for who, day in first_of.items():
            if first <= day <= last:
                found[who].add("first-sale")
    for line in sold:
        if line[4] and line[1] >= first and customer_of[line[4]] == line[1]:
            found[line[place]].add("new-customer")
    months = [(last.year, last.month - back) for back in (3, 2, 1, 0)]
    revenue: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for line in lines:
        if (line[1].year, line[1].month) in months:
            revenue[line[place]][months.index((line[1].year, line[1].month))] += line[6]
    for who, (a, b, c, d) in revenue.items():
        if 0 < a < b < c < d:
            found[who].add("three-months-up")
    in_period = {line[place] for line in lines if line[5] and first <= line[1]}
    return {who: names for who, names in found.items() if who in in_period}


def test_many_new_customers_are_found_as_few_are(tmp_path: Path) -> None:
    """150 customers of September, of which the even ones bought two years before."""
    lines = [f"B{n},1,2026-09-05,P1,,K{n},1,10" for n in range(150)]
    lines += [f"A{n},1,2024-09-05,P2,,K{n},1,10" for n in range(0, 150, 2)]
    lines += [f"D{n},1,2026-09-06,P3,,K{n},1,10" for n in range(0, 150, 2)]
    run = settled(tmp_path / "w", "2026-09", lines)
    assert badges_of(run) == {"P1": {"first-sale", "new-customer"}, "P3": {"first-sale"}}
    assert leaderboard(run)["value"].to_list() == [Decimal(1500), Decimal(750)]
    assert leaderboard(run).schema["badges"] == pl.List(pl.String)

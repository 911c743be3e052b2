"""`deals` as its user sees it, worked by hand on a workspace of seven deals."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.small_workspace import PARTNERS, REBATE, as_json, incentivectl, write_workspace

PROGRAM = """
id = "projects"
name = "Projects"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"

[eligible]
"product.category" = "switch"

[registration]
protection_days = 30

[reward]
rate = "5%"
"""
PRODUCTS = "product_id,name,category\nSW,Switch,switch\nRO,Router,router\n"
HEAD = (
    "deal_id,partner_id,customer_id,category,amount,registered_on,status,"
    "approved_on,expires_on,closed_on\n"
)
# D-1 beats D-2; D-5 was won only in October; D-6 is registered in October; D-7 is protected through
# 31 August, 30 days after 1 August, and D-5 through 2 October.
DEALS = f"""{HEAD}\
D-1,P1,C1,,1000,2026-07-01,won,2026-07-02,2026-08-31,2026-07-21
D-2,P2,C1,,2000,2026-07-03,approved,2026-07-04,2026-10-15,
D-3,P1,C2,switch,500,2026-07-10,lost,2026-07-12,,2026-08-20
D-4,P1,C3,,,2026-09-20,submitted,,,
D-5,P2,C2,,700,2026-09-01,won,2026-09-02,,2026-10-05
D-6,P1,C4,,800,2026-10-01,approved,2026-10-02,,
D-7,P2,C5,switch,900,2026-07-30,approved,2026-08-01,,
"""
# S-2 is a router: D-1 covers it, but the program does not count it. R-1 reverses a part of S-1.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount,return_of,deal_id
S-1,1,2026-07-20,P1,SW,C1,6,600,,
S-2,1,2026-08-01,P1,RO,C1,1,250,,
R-1,1,2026-09-05,P1,SW,C1,-1,-100,S-1,
S-5,1,2026-09-10,P2,SW,C2,3,300.50,,
S-7,1,2026-09-01,P2,SW,C5,1,90,,
S-7,2,2026-09-01,P2,SW,C5,1,91,,D-9
S-7,3,2026-09-01,P2,RO,C5,1,92,,
S-7,4,2026-09-01,P2,SW,C5,-1,-93,,
S-8,1,2026-09-02,P2,SW,C5,1,94,,
"""
PROGRAMS = {"projects": PROGRAM}


def workspace(root: Path, deals: str = DEALS, programs: dict[str, str] = PROGRAMS) -> Path:
    tables = {"products": PRODUCTS, "sales": SALES, "deals": deals}
    return write_workspace(root / "w", programs=programs, tables=tables)


def told(root: Path, period: str = "2026-09") -> dict[str, Any]:
    report: dict[str, Any] = as_json("deals", period, "-w", root)
    return report


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["deal"] for row in rows]


def test_the_pipeline_is_that_of_the_last_day(tmp_path: Path) -> None:
    """Approved: 2,000 + 700 (won later) + 900; D-1 took 20 days, D-3 41: the median is 30.5."""
    report = told(workspace(tmp_path))
    assert report["pipeline"] == [
        {"status": "submitted", "deals": 1, "amount": "0"},
        {"status": "approved", "deals": 3, "amount": "3600"},
        {"status": "won", "deals": 1, "amount": "1000"},
        {"status": "lost", "deals": 1, "amount": "500"},
    ]
    assert (report["win_rate"], report["median_days_to_close"]) == ("0.5", "30.5")


def test_the_buying_cycle(tmp_path: Path) -> None:
    """P1's D-1 and D-3 took 1 and 2 days to approve, 20 and 41 to close; D-4 waits since 20 September."""
    report = told(workspace(tmp_path))
    first, second = report["cycle_by_partner"]
    columns = ("deals", "approved", "days_to_approve", "won", "lost", "win_rate", "days_to_close")
    assert [first[name] for name in columns] == [3, 2, "1.5", 1, 1, "0.5", "30.5"]
    assert (first["registered"], first["sold"]) == ("1500", "750")
    assert [second[name] for name in columns] == [3, 3, "1", 0, 0, None, None]
    assert (second["registered"], second["sold"]) == ("3600", "300.5")
    assert [(row["deal"], row["days_waiting"]) for row in report["waiting"]] == [("D-4", 10)]
    by_category = {row["category"]: row["deals"] for row in report["cycle_by_category"]}
    assert by_category == {"switch": 2, "(none)": 4}
    assert [row["quarter"] for row in report["cycle_by_quarter"]] == ["2026-Q3"]


def test_a_deal_takes_the_category_of_its_product(tmp_path: Path) -> None:
    head = HEAD.replace("category,", "product_id,category,")
    deals = (
        head + "D-1,P1,C1,RO,,1,2026-07-01,submitted,,,\nD-2,P1,C2,RO,switch,1,2026-07-01,lost,,,\n"
    )
    rows = told(workspace(tmp_path, deals))["cycle_by_category"]
    assert [(row["category"], row["lost"]) for row in rows] == [("router", 0), ("switch", 1)]


def test_a_month_later_one_more_is_won(tmp_path: Path) -> None:
    """Two of three are won; D-5 took 34 days, the middle of 20, 34 and 41."""
    report = told(workspace(tmp_path), "2026-10")
    assert (report["won"], report["lost"]) == (2, 1)
    assert (report["win_rate"], report["median_days_to_close"]) == ("0.6667", "34")
    assert {row["status"]: row["deals"] for row in report["pipeline"]}["approved"] == 3


def test_registered_against_sold(tmp_path: Path) -> None:
    """D-1: 600 + 250 - 100 are sold, and without the router 500 count."""
    rows = {row["deal"]: row for row in told(workspace(tmp_path))["deals"]}
    assert set(rows) == {"D-1", "D-2", "D-5", "D-7"}
    columns = ("status", "lines", "registered", "sold", "counted")
    assert [rows["D-1"][name] for name in columns] == ["won", 2, "1000", "750", "500"]
    assert [rows["D-5"][name] for name in columns] == ["approved", 1, "700", "300.5", "300.5"]
    assert [rows["D-7"][name] for name in columns] == ["approved", 0, "900", "0", "0"]


def test_both_parties_of_a_conflict_and_why(tmp_path: Path) -> None:
    assert told(workspace(tmp_path))["conflicts"] == [
        {
            "program": "projects",
            "customer": "C1",
            "winner": "D-1",
            "winner_partner": "P1",
            "winner_registered": "2026-07-01",
            "loser": "D-2",
            "loser_partner": "P2",
            "loser_registered": "2026-07-03",
            "why": "registered 2 days earlier",
        }
    ]


def test_on_one_day_the_lower_id_wins_even_if_it_loses_itself(tmp_path: Path) -> None:
    deals = HEAD + "".join(
        f"{deal},{partner},C1,,1,{day},approved,2026-07-10,,\n"
        for deal, partner, day in [
            ("D-1", "P1", "2026-07-02"),
            ("D-2", "P2", "2026-07-02"),
            ("D-3", "P3", "2026-07-01"),
        ]
    )
    found = told(workspace(tmp_path, deals))["conflicts"]
    assert [(row["winner"], row["loser"], row["why"]) for row in found] == [
        (
            "D-1",
            "D-2",
            "registered on the same day: D-1 comes before D-2; loses another conflict itself",
        ),
        ("D-3", "D-1", "registered 1 day earlier"),
        ("D-3", "D-2", "registered 1 day earlier"),
    ]


def test_protections_that_end_soon(tmp_path: Path) -> None:
    """D-5's 30 days end on 2 October."""
    rows = told(workspace(tmp_path))["expiring"]
    assert [(row["deal"], row["protected_until"], row["days_left"]) for row in rows] == [
        ("D-5", "2026-10-02", 2),
        ("D-2", "2026-10-15", 15),
    ]


@pytest.mark.parametrize(
    ("until", "soon"),
    [("2026-09-30", False), ("2026-10-01", True), ("2026-10-30", True), ("2026-10-31", False)],
)
def test_soon_is_within_thirty_days_of_the_last_day(tmp_path: Path, until: str, soon: bool) -> None:
    deals = HEAD + f"D-1,P1,C1,,1,2026-07-01,approved,2026-07-02,{until},\n"
    assert bool(told(workspace(tmp_path, deals))["expiring"]) is soon


def test_deals_that_nobody_sold_into(tmp_path: Path) -> None:
    assert ids(told(workspace(tmp_path))["unsold"]) == ["D-2", "D-7"]


def test_sold_one_day_too_late(tmp_path: Path) -> None:
    """Of 1 September only the switch that names no other deal and is no return; 2 September is too far."""
    rows = told(workspace(tmp_path))["late"]
    assert [(row["deal"], row["sale"], row["line"], row["amount"]) for row in rows] == [
        ("D-7", "S-7", "1", "90")
    ]


def test_a_late_sale_that_another_deal_covers_is_not_late(tmp_path: Path) -> None:
    another = DEALS + "D-8,P2,C5,,1,2026-08-20,approved,2026-08-25,,\n"
    assert told(workspace(tmp_path, another))["late"] == []


def test_plain_text_csv_and_no_files(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    plain = incentivectl("deals", "2026-09", "-w", root).stdout
    assert "Small: deals as of 2026-09-30, in USD" in plain
    assert "Win rate 50 %: 1 won, 1 lost. 30.5 days from registration to close (median)." in plain
    assert "1 deal without an amount." in plain
    table = incentivectl("deals", "2026-09", "-w", root, "--format", "csv").stdout
    assert ids(list(csv.DictReader(io.StringIO(table)))) == ["D-1", "D-2", "D-5", "D-7"]
    assert incentivectl("deals", "2026-09", "-w", root, "-q").stdout == ""
    file = tmp_path / "deals.md"
    assert incentivectl("deals", "2026-09", "-w", root, "-o", file).exit_code == 0
    assert file.read_text().startswith("# Small: deals")
    assert not (root / "reports").exists()


def test_without_deals_it_says_so(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", programs=PROGRAMS, tables={"products": PRODUCTS})
    result = incentivectl("deals", "-w", root)
    assert result.exit_code == 3
    assert "the table `deals` is missing" in result.stderr
    assert "sample_data/deals.csv" in result.stderr


def test_without_a_program_the_pipeline_is_all(tmp_path: Path) -> None:
    root = workspace(tmp_path, programs={"volume": REBATE})
    report = told(root)
    assert len(report["pipeline"]) == 4
    assert report["deals"] == report["conflicts"] == report["late"] == []
    assert "No program of kind deal_registration" in incentivectl("deals", "-w", root).stdout


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert incentivectl("deals", "2026-13", "-w", root).exit_code == 2
    assert incentivectl("deals", "2026-09", "-w", root, "--format", "xml").exit_code == 2
    assert incentivectl("deals", "2026-09", "-w", tmp_path / "nowhere").exit_code in (2, 3)
    unknown = SALES + "S-9,1,2026-09-02,P9,SW,C5,1,94,,\n"
    tables = {"products": PRODUCTS, "sales": unknown, "deals": DEALS, "partners": PARTNERS}
    strict = write_workspace(
        tmp_path / "strict",
        config='[workspace]\ncurrency = "USD"\n[data]\nmin_rejects = 0\n',
        programs=PROGRAMS,
        tables=tables,
    )
    assert incentivectl("deals", "2026-09", "-w", strict).exit_code == 4

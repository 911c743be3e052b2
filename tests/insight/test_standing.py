"""How payees stand in one program, by category, and the page to hang up; worked by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incentivectl.insight.leaderboard.leaderboard import leaderboard
from incentivectl.insight.leaderboard.standing import standing
from incentivectl.run.run import Run
from tests.insight.runs import run_of
from tests.small_workspace import CONFIG, as_json, incentivectl, write_workspace

PARTNERS = """\
partner_id,name,tier,status
P1,Alpha,gold,active
P2,Beta,silver,active
P3,Gamma,silver,active
P4,Delta,gold,active
P5,Epsilon,silver,active
"""
PRODUCTS = "product_id,name,category\nSKU-1,Switch,switch\nSKU-2,Cable,cable\n"
# In the third quarter up to September 15: P1 500, P2 and P3 300 each, P4 120, P5 40.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S-1,1,2026-07-02,P1,SKU-1,C1,1,400
S-1,2,2026-07-02,P1,SKU-2,C1,1,100
S-2,1,2026-08-02,P2,SKU-1,C1,1,300
S-3,1,2026-08-03,P3,SKU-2,C1,1,300
S-4,1,2026-09-04,P4,SKU-1,C1,1,120
S-5,1,2026-09-05,P5,SKU-2,C1,1,40
"""
CONTEST = """
id = "race"
name = "The race"
kind = "contest"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
rank_by = "revenue"
minimum = 100
prizes = [60, 20]
"""
GATED = CONTEST.replace('"race"', '"gated"').replace(
    "[reward]", '[gate]\nmetric = "lines"\nat_least = 2\n\n[reward]'
)
REBATE = """
id = "volume"
name = "Volume"
kind = "rebate"
starts = 2026-10-01
ends = 2026-12-31

[reward]
rate = "5%"
"""
TABLES = {"partners": PARTNERS, "products": PRODUCTS, "sales": SALES}
PROGRAMS = {"race": CONTEST, "gated": GATED, "volume": REBATE}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("standing") / "w"
    return run_of(root, "2026-08", programs=PROGRAMS, tables=TABLES | {"sales": SALES_OF_AUGUST})


# As of August 31: P1 500, P2 and P3 300 each, P4 120, P5 40.
SALES_OF_AUGUST = SALES.replace("2026-09-0", "2026-08-0")


def test_a_running_contest_with_its_gaps(run: Run) -> None:
    """P2 and P3 tie for second and share the 20; P4 lies 180 behind them, P5 below the minimum."""
    found = standing(run, "race")
    assert found.period is not None
    assert (found.period.end - run.period.last).days == 30
    columns = ("rank", "payee_id", "value", "behind", "to_prize", "entitlement", "why_nothing")
    assert found.rows.select(columns).rows() == [
        (1, "P1", Decimal(500), None, None, Decimal(60), None),
        (2, "P2", Decimal(300), Decimal(200), None, Decimal(10), None),
        (2, "P3", Decimal(300), Decimal(200), None, Decimal(10), None),
        (4, "P4", Decimal(120), Decimal(180), Decimal(180), Decimal(0), "no-prize"),
        (None, "P5", Decimal(40), None, None, Decimal(0), "below-minimum"),
    ]


def test_a_program_that_has_not_begun(run: Run) -> None:
    found = standing(run, "volume")
    assert found.period is None
    assert found.rows.is_empty()


def test_a_category_counts_its_own_products(run: Run) -> None:
    """In August switches: P2 300, P4 120."""
    board = leaderboard(run, category="switch")
    assert board.select("rank", "payee_id", "value").rows() == [
        (1, "P2", Decimal(300)),
        (2, "P4", Decimal(120)),
    ]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workspace(
        tmp_path_factory.mktemp("boards") / "w",
        config=CONFIG,
        programs=PROGRAMS,
        tables=TABLES | {"sales": SALES_OF_AUGUST},
    )


def board(root: Path, *options: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = as_json("leaderboard", "2026-08", *options, "-w", root)
    return found


def test_the_command_says_how_long_a_contest_still_runs(root: Path) -> None:
    found = board(root, "--program", "race", "--top", "2")
    assert (found["program"], found["days_left"], found["period_end"]) == ("race", 30, "2026-09-30")
    assert [row["payee_id"] for row in found["leaderboard"]] == ["P1", "P2", "P3"]
    text = incentivectl("leaderboard", "2026-08", "--program", "race", "-w", root).stdout
    assert "30 days left" in text
    assert "the minimum for the contest is not reached" in text


def test_a_page_to_hang_up(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "race.html"
    result = incentivectl("leaderboard", "2026-08", "--program", "race", "--html", page, "-w", root)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    html = page.read_text(encoding="utf-8")
    assert "The race" in html
    assert "as of August 31, 2026 · 30 days left" in html
    assert "earns 10.00 USD as it stands · 200.00 USD behind the next" in html
    assert "180.00 USD behind the last prize" in html
    assert "<script" not in html
    assert "Nobody takes part without revenue of at least 100 USD." in html
    assert "Prizes in USD: 1. 60, 2. 20." in html
    incentivectl("leaderboard", "2026-08", "--program", "gated", "--html", page, "-w", root)
    assert "Nobody earns in a quarter without at least 2 lines." in page.read_text(encoding="utf-8")
    of_all = tmp_path / "all.html"
    assert board(root, "--category", "cable", "--html", of_all)["category"] == "cable"
    html = of_all.read_text(encoding="utf-8")
    assert "Partners by revenue in cable" in html
    assert 'style="width:13%"' in html  # P5's 40 of P3's 300


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--program", "rice"), "unknown program `rice`"),
        (("--program", "race", "--by", "growth"), "--program does not go together with --by"),
        (("--category", "swich"), "did you mean `switch`?"),
        (("--category", "switch", "--by", "earnings"), "earnings of a category is not known"),
    ],
)
def test_what_is_refused(root: Path, options: tuple[str, ...], message: str) -> None:
    refused = incentivectl("leaderboard", "2026-08", *options, "-w", root)
    assert refused.exit_code == 2
    assert message.casefold() in " ".join(refused.stderr.split()).casefold()

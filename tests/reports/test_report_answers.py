"""What the report answers beside its run's files: the figures of `metrics`, near misses, expiring funds."""

import re
from pathlib import Path

import pytest

from incentivectl.core.errors import ExitCode
from tests.insight.test_satisfaction import SURVEYS
from tests.small_workspace import CONFIG, incentivectl, settle, write_workspace

# 9,500 of 10,000: 500 are missing, and there 2 % pay 200, 105 more than 1 % of 9,500. P2 is far away.
TIERED = """
id = "tiered"
name = "Tiered rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"

[objective]
metric = "revenue"
change = "10%"

[reward]
tiers_by = "revenue"
tiers = [{ from = 0, rate = "1%" }, { from = 10_000, rate = "2%" }]
"""
FUND = """
id = "fund"
name = "Marketing fund"
kind = "mdf"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"

[fund]
allocate = 1_000
expires_after_months = 3
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,amount
A,1,2025-07-01,P1,5000
B,1,2026-08-01,P1,9500
C,1,2026-08-02,P2,100
"""
PARTNERS = "partner_id,name,status\nP1,Alpha,active\nP2,Beta,active\n"
FIRST = '\n[settlement]\nfirst_period = "2026-07"\n'
TABLES = {"sales": SALES, "partners": PARTNERS, "surveys": SURVEYS}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    programs = {"tiered": TIERED, "fund": FUND}
    root = write_workspace(tmp_path / "w", config=CONFIG + FIRST, programs=programs, tables=TABLES)
    settle(root, "2026-09")
    return root


def page(root: Path, *asked: str, folder: str = "2026-09") -> str:
    result = incentivectl("report", *asked, "-w", root)
    assert result.exit_code == 0, result.output
    text = (root / "reports" / folder / "report.html").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).split())


def test_objectives_near_misses_and_funds(root: Path) -> None:
    """9,600 of a target of 5,000 × 1.1; 500 are missing until 30 September, and would bring 105."""
    told = page(root, "2026-09")
    assert "Tiered rebate USD 5,500.00 9,600.00 174.5 % reached" in told
    assert "Alpha Tiered rebate 105.00 USD 500.00 revenue 2 2026-09-30, it is over" in told
    assert "Beta Tiered rebate" not in told
    assert "Alpha Marketing fund 1,000.00 USD" in told


def test_the_figures_are_those_of_metrics(root: Path) -> None:
    told = page(root, "2026-09")
    printed = incentivectl("metrics", "2026-09", "-w", root, "--no-trend").stdout
    nps = next(line for line in printed.splitlines() if line.startswith("  NPS"))
    assert f"NPS {nps.split()[1]}" in told
    roi = next(line for line in printed.splitlines() if line.startswith("  ROI")).split()[1]
    assert ("ROI not known: " if roi == "–" else f"ROI {roi} %") in told


def test_a_report_of_other_exports_says_so(root: Path) -> None:
    """Nothing of two states stands on one page."""
    path = root / "data/sales.csv"
    if not path.is_file():
        (path,) = root.rglob("sales.csv")
    path.write_text(SALES + "D,1,2026-08-03,P2,100\n", encoding="utf-8")
    told = page(root, "2026-09")
    assert "Since this run the exports changed: run 2026-09 again." in told
    assert "Near the next tier" not in told


def test_a_workspace_that_is_broken_now_still_has_its_report(root: Path) -> None:
    (root / "programs/broken.toml").write_text("id = 3\n", encoding="utf-8")
    assert "They cannot be computed now:" in page(root, "2026-09")


def test_a_batch_is_reported_from_its_archive(root: Path) -> None:
    """The exports have gone, and the page of the batch is as before."""
    before = page(root, "2026-09")
    posted = incentivectl("batch", "post", "2026-09", "-w", root)
    assert posted.exit_code == 0, posted.output
    archived = [path for path in (root / "archive").iterdir() if path.is_dir()]
    (batch,) = [path.name for path in archived if path.name[0] != "."]
    for path in list(root.rglob("sales.csv")):
        if "archive" not in path.parts:
            path.write_text(SALES.replace("9500", "1"), encoding="utf-8")
    told = page(root, "--batch", batch, folder=batch)
    assert f"Payable by {batch}" in told
    start = before.index("In short")
    assert told[told.index("In short") :] == before[start:]


def test_either_a_period_or_a_batch(root: Path) -> None:
    assert incentivectl("report", "-w", root).exit_code == ExitCode.USAGE

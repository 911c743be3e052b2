"""`whatif --over`: rules over periods that are past, worked by hand (docs/questions.md, 110)."""

from pathlib import Path
from typing import Any

import pytest

from tests.small_workspace import CONFIG, as_json, incentivectl, write_workspace

SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S1,1,2026-02-10,P1,SKU-1,C1,1,1000
S2,1,2026-05-31,P1,SKU-1,C1,1,2000
S3,1,2026-06-30,P2,SKU-1,C2,1,1000
S4,1,2026-07-01,P2,SKU-1,C2,1,9000
"""


def program(name: str, period: str, ends: str = "2026-09-30", more: str = "") -> str:
    return f"""\
id = "{name}"
name = "{name}"
kind = "rebate"
starts = 2026-07-01
ends = {ends}
period = "{period}"
{more}
[reward]
rate = "5%"

[limits]
budget = 120
"""


PROGRAMS = {
    "quarterly": program("quarterly", "quarter"),
    "yearly": program("yearly", "year", "2027-06-30"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = CONFIG + '\n[settlement]\nfirst_period = "2026-07"\n'
    place = tmp_path_factory.mktemp("backtest") / "w"
    return write_workspace(place, config=config, programs=PROGRAMS, tables={"sales": SALES})


def over(root: Path, *arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = as_json("whatif", "2026-09", "-w", root, *arguments)
    return report


HALF = ("--over", "2026-Q1..2026-Q2")
TEN = ("--set", "quarterly.reward.rate=10%")


def test_a_scenario_runs_over_past_periods_with_its_whole_budget_in_each(root: Path) -> None:
    """Q1: 5 % of 1,000 are 50, 10 % are 100. Q2: 5 % of 3,000 are 150, 10 % are 300; 120 are there."""
    report = over(root, *HALF, *TEN)
    assert [tuple(row.values()) for row in report["periods"]] == [
        ("quarterly", "2026-01-01", "2026-03-31", "50", "100", "50", "0", "0", "USD"),
        ("quarterly", "2026-04-01", "2026-06-30", "120", "120", "0", "30", "180", "USD"),
    ]
    assert [tuple(row.values()) for row in report["programs"]] == [
        ("quarterly", "170", "220", "50", "USD", 2)
    ]
    assert [tuple(row.values()) for row in report["winners"]] == [
        ("P1", "Alpha Ltd", "130", "180", "50", "USD")
    ]
    assert [(row["key"], row["scenario"]) for row in report["rules"]] == [("reward.rate", "0.1")]


def test_one_period_is_a_span_and_the_quarter_of_period_is_one_of_them(root: Path) -> None:
    report = over(root, "--over", "2026-Q3", *TEN)
    assert [(row["from"], row["today"]) for row in report["periods"]] == [("2026-07-01", "120")]


def test_without_a_change_every_program_is_tested_and_what_does_not_fit_is_named(
    root: Path,
) -> None:
    report = over(root, *HALF)
    assert report["differs"] == "no"
    assert {row["program"] for row in report["periods"]} == {"quarterly"}
    printed = incentivectl("whatif", "2026-09", *HALF, "-w", root).stdout
    assert "No whole measurement period lies in these days of yearly." in printed


def test_a_program_that_has_not_begun_is_tested_like_any_other(tmp_path: Path) -> None:
    """A new program of 2027 over the first half of 2026: moved by whole quarters."""
    text = program("quarterly", "quarter").replace("2026-", "2027-")
    root = write_workspace(tmp_path / "w", programs={"new": text}, tables={"sales": SALES})
    assert [(row["from"], row["today"]) for row in over(root, *HALF)["periods"]] == [
        ("2026-01-01", "50"),
        ("2026-04-01", "120"),
    ]


def test_days_before_the_first_sale_are_named(root: Path) -> None:
    printed = incentivectl("whatif", "2026-09", "--over", "2025-Q4..2026-Q1", "-w", root).stdout
    assert "No sale is known before 2026-02-10: nothing was earned until then." in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--over", "2026-Q4"), "2026-Q4 is not over on 2026-09-30"),
        (("--over", "2026-Q2..2026-Q1"), "2026-Q2 is after 2026-Q1"),
        (("--over", "2026-Q9"), "invalid period `2026-Q9`"),
        (("--over", "2026-Q1", "--uplift", "5%"), "cannot be combined"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    root: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = incentivectl("whatif", "2026-09", "-w", root, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr

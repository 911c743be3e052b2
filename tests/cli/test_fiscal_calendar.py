"""A workspace whose months the table `calendar` states, from its errors to its books (docs/rules.md, 97)."""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from incentivectl.core.errors import ExitCode
from tests.fiscal_workspace import (
    MONTHLY,
    QUARTERLY,
    SALES,
    calendar,
    months,
    write_fiscal,
)
from tests.small_workspace import CONFIG, incentivectl, read_csv, settle

BOOKED = CONFIG + '\n[settlement]\nfirst_period = "2026-07"\n'


def replaced(old: str, new: str) -> list[str]:
    """The months with a part of a row replaced."""
    changed = [row.replace(old, new) for row in months()]
    assert changed != months()
    return changed


def test_programs_are_measured_by_fiscal_months(tmp_path: Path) -> None:
    earned = settle(write_fiscal(tmp_path / "ws"), "2026-Q3")
    rows = [
        (
            row["program_id"],
            row["period_start"],
            row["period_end"],
            row["payee_id"],
            row["entitlement"],
        )
        for row in earned
    ]
    assert rows == [
        # 100 + 400 + 800 + 1,600 less 1,000 of 29 June to 27 September 2025; P2 sold nothing then.
        ("growth", "2026-07-05", "2026-10-03", "P1", "19"),
        ("growth", "2026-07-05", "2026-10-03", "P2", "2"),
        ("monthly", "2026-07-05", "2026-08-01", "P1", "1"),
        ("monthly", "2026-07-05", "2026-08-01", "P2", "2"),
        ("monthly", "2026-08-02", "2026-08-29", "P1", "4"),
        ("monthly", "2026-08-30", "2026-10-03", "P1", "24"),
    ]


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        (
            [row for row in months() if not row.startswith("2026-05")],
            18,
            "2026-05 is missing: 2026-04 is followed by 2026-06",
        ),
        (
            replaced("2026-05-31", "2026-06-01"),
            19,
            "2026-06 begins on 2026-06-01, but 2026-05 ends on 2026-05-30",
        ),
        (
            replaced("2026-05-31", "2026-05-30"),
            19,
            "2026-06 begins on 2026-05-30, but 2026-05 ends on 2026-05-30",
        ),
        (
            replaced("2026-05-31", "2026-07-31"),
            19,
            "2026-06 ends on 2026-07-04, before it begins on 2026-07-31",
        ),
        (replaced("2026-12,", "2026-13,"), 25, "invalid month `2026-13`"),
        (replaced("2027-01-02", "Saturday"), 25, "this month is rejected: bad-date (`last_day`)"),
    ],
)
def test_months_that_do_not_adjoin(
    tmp_path: Path, rows: list[str], line: int, message: str
) -> None:
    root = write_fiscal(tmp_path / "ws", rows=rows)
    for command in (["check"], ["run", "2026-07"]):
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == ExitCode.CONFIG
        assert f"sample_data/calendar.csv:{line}: error: {message}" in result.stderr


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    root = write_fiscal(tmp_path / "ws", rows=months()[::-1])
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            CONFIG.replace('currency = "USD"', 'currency = "USD"\nfiscal_year_starts = 7'),
            "incentivectl.toml:5: error: `fiscal_year_starts` has no meaning beside the table `calendar`",
        ),
        (
            CONFIG + '\n[settlement]\nfirst_period = "2024-12"\n',
            "incentivectl.toml:10: error: the table `calendar` has no month 2024-12",
        ),
    ],
)
def test_a_config_beside_the_calendar(tmp_path: Path, config: str, message: str) -> None:
    result = incentivectl("check", "-w", write_fiscal(tmp_path / "ws", config=config))
    assert result.exit_code == ExitCode.CONFIG
    assert message in result.stderr


WINDOW = MONTHLY.replace("rate =", "tiers_months = 12\ntiers = [{ from = 0, rate =").replace(
    '"1%"', '"1%" }]'
)


@pytest.mark.parametrize(
    ("program", "rows", "place", "missing"),
    [
        (MONTHLY.replace("2026-07-05", "2024-07-05"), months(), 4, "2024-07-05"),
        (MONTHLY.replace("2026-10-03", "2027-02-03"), months(), 5, "2027-01-03"),
        (QUARTERLY, months("2025-08"), 8, "2025-07-26"),
        # The window of July 2026 begins with August 2025, that of September with October.
        (WINDOW, months("2025-09"), 9, "2025-08-23"),
    ],
)
def test_a_program_outside_the_calendar(
    tmp_path: Path, program: str, rows: list[str], place: int, missing: str
) -> None:
    root = write_fiscal(tmp_path / "ws", rows=rows, programs={"one": program})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == ExitCode.CONFIG
    assert f"programs/one.toml:{place}: error:" in result.stderr
    assert f"no month for {missing}" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("program", "rows"), [(QUARTERLY, months("2025-07")), (WINDOW, months("2025-08"))]
)
def test_a_calendar_that_just_reaches_back(tmp_path: Path, program: str, rows: list[str]) -> None:
    root = write_fiscal(tmp_path / "ws", rows=rows, programs={"one": program})
    assert incentivectl("check", "-w", root).exit_code == 0


@pytest.mark.parametrize("period", ["2024-12", "2027-01", "2027-Q1", "2024"])
def test_a_period_that_the_calendar_lacks(tmp_path: Path, period: str) -> None:
    result = incentivectl("run", period, "-w", write_fiscal(tmp_path / "ws"))
    assert result.exit_code == ExitCode.CONFIG
    assert f"the table `calendar` does not have all of {period}" in result.stderr


def test_a_window_as_long_as_the_program_counts_fiscal_months(tmp_path: Path) -> None:
    # 1 August is in month 7, 30 August in month 9; by ordinary months it is one.
    program = WINDOW.replace('"month"', '"program"').replace("12", "2")
    program = program.replace("2026-07-05", "2026-08-01").replace("2026-10-03", "2026-08-30")
    result = incentivectl("check", "-w", write_fiscal(tmp_path / "ws", programs={"one": program}))
    assert result.exit_code == ExitCode.CONFIG
    assert "a window of 2 months is shorter than a measurement period" in result.stderr


def test_the_calendar_holds_in_examples(tmp_path: Path) -> None:
    program = (
        MONTHLY.replace("[reward]", '[eligible]\n"sale.month" = 7\n\n[reward]')
        + '\n[[example]]\nname = "month 7 ends on 1 August"\nexpect = 1\n'
        + "sales = [{ sold_on = 2026-08-01, amount = 100 }, { sold_on = 2026-08-02, amount = 900 }]\n"
    )
    root = write_fiscal(tmp_path / "ws", programs={"one": program})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0, result.stderr


def posted(root: Path, *periods: str) -> None:
    for period in periods:
        settle(root, period)
        result = incentivectl("batch", "post", period, "-w", root)
        assert result.exit_code == 0, result.stderr


def test_a_batch_keeps_its_months(tmp_path: Path) -> None:
    root = write_fiscal(tmp_path / "ws", config=BOOKED)
    posted(root, "2026-07", "2026-08")
    booked = read_csv(root / "reports" / "2026-08" / "payouts.csv")
    assert [(row["payee_id"], row["payable"]) for row in booked] == [("P1", "4"), ("P2", "0")]
    # The months are broken since; the batch was computed with those of its day.
    (root / "sample_data" / "calendar.csv").write_text(calendar(months("2026-09")))
    batches = json.loads(incentivectl("batch", "list", "-w", root, "--format", "json").stdout)
    named = [row["batch"] for row in batches["batches"]]
    for batch in named:
        again = incentivectl("run", "--batch", batch, "-w", root)
        assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("lacking", "exit_code"),
    [
        # 1 and 30 August are in months 7 and 9: month 8 has no line.
        ("2026-08-02", ExitCode.GUARD),
        # Nothing is dated in September, but 3 October is in month 9.
        ("2026-08-30", 0),
    ],
)
def test_a_source_that_stays_away_in_a_fiscal_month(
    tmp_path: Path, lacking: str, exit_code: int
) -> None:
    left_out = (lacking, "2025-07-05")  # so that the source begins in June 2026
    lines = SALES.splitlines(keepends=True)
    sales = "".join(line for line in lines if not any(day in line for day in left_out))
    root = write_fiscal(tmp_path / "ws", config=BOOKED, tables={"sales": sales})
    settle(root, "2026-Q3")
    result = incentivectl("batch", "post", "2026-Q3", "-w", root)
    assert result.exit_code == exit_code, result.output
    said = "source sales has lines in each of the 2 months before, and none in 2026-08"
    assert (said in result.stderr) == bool(exit_code)


@pytest.mark.parametrize(("amount", "exit_code"), [(300, 0), (9100, ExitCode.GUARD)])
def test_control_totals_of_a_fiscal_month(tmp_path: Path, amount: int, exit_code: int) -> None:
    # 5 July to 1 August: 100 + 200. July itself would be 9,000 + 100.
    stated = f"source,month,lines,amount\nsales,2026-07,2,{amount}\n"
    root = write_fiscal(tmp_path / "ws", config=BOOKED, tables={"control_totals": stated})
    settle(root, "2026-07")
    assert incentivectl("batch", "post", "2026-07", "-w", root).exit_code == exit_code


def test_what_is_told_of_a_fiscal_period(tmp_path: Path) -> None:
    market = "month,region,category,size\n2026-08,,,4000\n2026-07,,,1000\n"
    root = write_fiscal(tmp_path / "ws", tables={"market": market})
    shown = " ".join(incentivectl("statement", "2026-08", "P1", "-w", root).stdout.split())
    assert "Monthly rebate Aug 2, 2026 – Aug 29, 2026 $4.00" in shown
    shown = " ".join(incentivectl("explain", "2026-Q3", "P1", "-w", root).stdout.split())
    assert "2,900 USD less the baseline 1,000 USD" in shown
    shown = " ".join(
        incentivectl("leaderboard", "2026-Q3", "--by", "growth", "-w", root).stdout.split()
    )
    assert "P1 Alpha Ltd 190.0 %" in shown
    result = incentivectl("metrics", "2026-08", "--all", "--no-trend", "-w", root)
    assert "share of market 10.0 %" in " ".join(result.stdout.split())  # 400 of 4,000
    result = incentivectl("program", "show", "monthly", "-w", root)
    assert "Months, quarters and years are those of the table `calendar`." in result.stdout


def test_earlier_periods_as_far_back_as_the_months_go(tmp_path: Path) -> None:
    tiers = MONTHLY.replace('rate = "1%"', 'tiers = [{ from = 300, rate = "1%" }]')
    root = write_fiscal(tmp_path / "ws", rows=months("2026-06"), programs={"one": tiers})
    result = incentivectl("attainment", "2026-09", "monthly", "--reach", "50%", "-w", root)
    assert result.exit_code == 0, result.output
    begins = [
        day
        for day in ("2026-08-30", "2026-08-02", "2026-07-05", "2026-05-31")
        if day in result.stdout
    ]
    assert begins == ["2026-08-30", "2026-08-02", "2026-07-05", "2026-05-31"]
    assert "2026-05-30" not in result.stdout


def test_metrics_of_the_first_months(tmp_path: Path) -> None:
    result = incentivectl(
        "metrics", "2025-07", "-w", write_fiscal(tmp_path / "ws", rows=months("2025-07"))
    )
    assert result.exit_code == 0, result.output
    (revenue,) = [
        line for line in result.stdout.splitlines() if line.strip().startswith("revenue ")
    ][:1]
    assert revenue.split()[1] == "1,000"


def test_a_sweep_compares_with_the_fiscal_year_before(tmp_path: Path) -> None:
    sweep = ("whatif", "2026-Q3", "--sweep", "monthly.reward.rate=1%..2%/1%")
    result = incentivectl(*sweep, "-w", write_fiscal(tmp_path / "known"), "--format", "json")
    assert result.exit_code == 0, result.output
    # 3,100 less the 1,000 of 29 June to 27 September 2025, whose three months are those of 2026.
    assert {point["more_sold"] for point in json.loads(result.stdout)["points"]} == {"2100"}
    short = write_fiscal(tmp_path / "short", rows=months("2026-06"), programs={"monthly": MONTHLY})
    result = incentivectl(*sweep, "-w", short)
    assert result.exit_code == ExitCode.CONFIG
    assert "no month for 2026-05-30, a year before 2026-07-05" in result.stderr


def test_the_report_compares_fiscal_months(tmp_path: Path) -> None:
    """Month 7 has 100 + 200; month 6, until 4 July, 500 + 9,000; month 7 of the year before 1,000."""
    root = write_fiscal(tmp_path / "w")
    settle(root, "2026-07")
    assert incentivectl("report", "2026-07", "-w", root).exit_code == 0
    page = (root / "reports/2026-07/report.html").read_text(encoding="utf-8")
    assert "-96.8 % on the period before, -70.0 % on a year ago" in page
    months = tomllib.loads((root / "reports/2026-07/manifest.toml").read_text())["months"]
    shown = {one["month"]: (one["first_day"], one["amount"]) for one in months}
    assert shown["2026-07"] == (date(2026, 7, 5), "300")
    assert shown["2026-06"] == (date(2026, 5, 31), "9500")
    assert shown["2025-08"] == (date(2025, 7, 27), "0")
    assert len(months) == 13  # none is left out

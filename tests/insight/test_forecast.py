"""Forecasts, worked by hand (docs/questions.md, 108); a period of 62 days of which 31 have passed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from incentivectl.engine.engine import cases_of, settled_by, summed
from incentivectl.insight.forecast.shares import METHODS, shares_of
from incentivectl.rules.earning.expected import SHARES
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import known_on
from tests.small_workspace import REBATE, as_json, incentivectl, read_csv, settle, write_workspace

VOLUME = REBATE.replace('ends = 2026-09-30\nperiod = "quarter"', "ends = 2026-08-31")
HEAD = "sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount\n"
PARTNERS = """\
partner_id,name,parent_id,tier,status,joined_on
P1,Alpha,TOP,gold,active,2020-01-01
P2,Beta,TOP,silver,active,2020-01-01
P3,Gamma,,silver,active,2020-01-01
TOP,Group,,silver,active,2020-01-01
"""


def sale(number: int, day: str, partner: str, amount: str, quantity: int = 1) -> str:
    return f"S{number},1,{day},{partner},SKU-1,C{number},{quantity},{amount}\n"


JULY = sale(1, "2026-07-03", "P1", "6000") + sale(2, "2026-07-20", "P2", "4000")


def forecast(root: Path, *options: str, period: str = "2026-07") -> dict[str, Any]:
    report: dict[str, Any] = as_json("forecast", period, "-w", root, *options)
    return report


def by_payee(report: dict[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {row["payee_id"]: tuple(row[name] for name in names) for row in report["payees"]}


def written(tmp_path: Path, program: str, sales: str = JULY, **tables: str) -> Path:
    own = {"partners": PARTNERS, "sales": HEAD + sales, **tables}
    return write_workspace(tmp_path / "w", programs={"volume": program}, tables=own)


def test_a_tier_is_reached_by_the_forecast(tmp_path: Path) -> None:
    """P1: 6,000 become 12,000, 8 % of which are 960; half of that accrues. P2 stays below 10,000."""
    report = forecast(written(tmp_path, VOLUME))
    assert by_payee(report, "to_date", "expected", "tier_to_date", "tier_expected", "accrual") == {
        "P1": ("300", "960", "0", "1", "480"),
        "P2": ("200", "400", "0", "0", "200"),
    }
    (program,) = report["programs"]
    assert (program["to_date"], program["expected"], program["accrual"]) == ("500", "1360", "680")
    assert (program["days_passed"], program["days_in_all"]) == (31, 62)
    assert [tuple(row.values()) for row in report["tiers"]] == [
        ("volume", None, 0, 0),
        ("volume", "0", 2, 1),
        ("volume", "1", 0, 1),
    ]


def test_thirds_are_exact_where_they_meet_a_threshold(tmp_path: Path) -> None:
    """31 of 93 days: 3,333.34 become 10,000.02, 3,333.33 only 9,999.99."""
    program = VOLUME.replace("ends = 2026-08-31", "ends = 2026-10-01")
    sales = sale(1, "2026-07-03", "P1", "3333.34") + sale(2, "2026-07-03", "P2", "3333.33")
    report = forecast(written(tmp_path, program, sales))
    assert by_payee(report, "value_expected", "expected") == {
        "P1": ("10000.02", "800"),
        "P2": ("9999.99", "500"),
    }


def test_counts_are_cut_to_whole_ones(tmp_path: Path) -> None:
    """3 customers in 31 of 77 days are 7.45, so 7: 5 % of 300 × 77 ÷ 31 = 745.16."""
    program = VOLUME.replace("2026-08-31", "2026-09-15").replace(
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]',
        '[reward]\ntiers_by = "customers"\n'
        'tiers = [{ from = 7, rate = "5%" }, { from = 7.4, rate = "8%" }]',
    )
    sales = "".join(sale(at, "2026-07-09", "P1", "100") for at in (1, 2, 3))
    report = forecast(written(tmp_path, program, sales))
    assert by_payee(report, "value_expected", "expected", "to_date") == {"P1": ("7", "37.26", "0")}


LAST_YEAR = (
    sale(11, "2025-07-31", "P1", "100")
    + sale(12, "2025-08-01", "P1", "300")
    + sale(13, "2025-08-31", "P2", "50")
)


def test_like_last_year_takes_the_share_of_the_same_days(tmp_path: Path) -> None:
    """P1 had a quarter of its total by 31 July: 24,000, 8 % are 1,920. P2 had nothing yet: run rate."""
    root = written(tmp_path, VOLUME, JULY + LAST_YEAR)
    report = forecast(root, "--like", "last-year")
    assert by_payee(report, "method", "share", "value_expected", "expected", "accrual") == {
        "P1": ("last-year", "0.25", "24000", "1920", "480"),
        "P2": ("run-rate", "0.5", "8000", "400", "200"),
    }
    printed = incentivectl("forecast", "2026-07", "--like", "last-year", "-w", root).stdout
    assert "1 payee in a program without such a year: run rate." in printed


def test_less_than_a_hundredth_of_last_year_is_no_share(tmp_path: Path) -> None:
    sales = sale(11, "2025-07-31", "P1", "100") + sale(12, "2025-08-01", "P1", "9901")
    report = forecast(written(tmp_path, VOLUME, JULY + sales), "--like", "last-year")
    assert by_payee(report, "method")["P1"] == ("run-rate",)


def test_a_budget_runs_out_when_what_is_to_come_comes_evenly(tmp_path: Path) -> None:
    """500 are used, 1,360 asked for: 400 of the 860 to come are there after 14.4 of 31 days, so on day 15.

    900 are shared out as 960 to 400: 635.29 and 264.71.
    """
    root = written(tmp_path, VOLUME + "\n[limits]\nbudget = 900\n")
    report = forecast(root)
    assert by_payee(report, "expected") == {"P1": ("635.29",), "P2": ("264.71",)}
    (budget,) = report["budgets"]
    assert budget == {
        "program": "volume", "budget": "900", "used_to_date": "500", "used_expected": "1360",
        "runs_out": "2026-08-15", "currency": "USD",
    }  # fmt: skip


def test_who_comes_first_is_not_known_and_so_what_is_expected_is_prorated(tmp_path: Path) -> None:
    limits = '\n[limits]\nbudget = 900\nover_budget = "first_come"\n'
    report = forecast(written(tmp_path, VOLUME + limits))
    assert by_payee(report, "expected") == {"P1": ("635.29",), "P2": ("264.71",)}


def test_a_budget_that_is_used_up_has_run_out(tmp_path: Path) -> None:
    report = forecast(written(tmp_path, VOLUME + "\n[limits]\nbudget = 400\n"))
    assert report["budgets"][0]["runs_out"] == "2026-07-31"


DEAL = """\
id = "volume"
name = "Deals"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-12-31

[registration]
protection_days = 30

[reward]
rate = "5%"
"""


def test_what_does_not_follow_from_totals_is_told_to_date(tmp_path: Path) -> None:
    deals = (
        "deal_id,partner_id,customer_id,amount,registered_on,status,approved_on,expires_on\n"
        "D-1,P1,C1,6000,2026-07-01,approved,2026-07-02,2026-10-15\n"
    )
    root = written(tmp_path, DEAL, deals=deals)
    report = forecast(root)
    assert by_payee(report, "to_date", "expected", "accrual") == {"P1": ("300", None, None)}
    printed = incentivectl("forecast", "2026-07", "-w", root).stdout
    assert "To date only, since what they pay does not follow from totals: volume." in printed


def test_what_has_ended_or_is_settled_monthly_does_not_accrue(tmp_path: Path) -> None:
    root = written(tmp_path, VOLUME.replace("[reward]", 'settle = "monthly"\n\n[reward]', 1))
    assert forecast(root)["programs"] == []
    printed = incentivectl("forecast", "2026-08", "-w", root).stdout
    assert "Nothing accrues" in printed


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    result = incentivectl("forecast", "2026-07", "--like", "2025", "-w", written(tmp_path, VOLUME))
    assert result.exit_code == 2
    assert "--like last-year" in result.stderr


KINDS = {
    "marginal": '[reward]\ntier_mode = "marginal"\ntiers = [{ from = 0, rate = "2%" }, '
    '{ from = 9_000, rate = "3%" }]',
    "curve": '[reward]\ntiers_by = "revenue"\ncurve = [{ at = 1_000, rate = "1%" }, '
    '{ at = 20_000, rate = "3%" }]',
    "growth": '[baseline]\nfrom = "previous_year"\n\n[reward]\ntiers_by = "growth"\n'
    'tiers = [{ from = 0.1, rate = "1%" }, { from = 20, rate = "2%" }]',
    "window": '[reward]\ntiers_by = "customers"\ntiers_months = 4\n'
    'tiers = [{ from = 1, rate = "1%" }, { from = 4, rate = "2%" }]',
    "group": '[reward]\ntogether = "parent"\ntiers_by = "customers"\n'
    'tiers = [{ from = 1, rate = "1%" }, { from = 6, rate = "2%" }]',
    "steps": '[reward]\ntiers_by = "quantity"\nevery = 3\npays = 7',
    "gate": '[gate]\nmetric = "lines"\nat_least = 4\n\n[reward]\nrate = "1%"\nbonus = 11',
    "bundle": '[bundle]\nper = "customer"\nneeds = [{ when = { "sale.amount" = { min = 1 } }, '
    "quantity = 1 }]\n\n[reward]\nper_bundle = 3",
}
KIND_OF = {"contest": "contest", "discount": "discount"}
OTHER_KINDS = {
    "contest": "[reward]\nprizes = [50, 20]",
    "discount": '[reward]\nrate = "1.5%"',
}


def _program(name: str, rules: str) -> str:
    kind = KIND_OF.get(name, "rebate")
    head = REBATE.split("[reward]")[0].replace('id = "volume"', f'id = "{name}"')
    return (
        head.replace('"rebate"', f'"{kind}"').replace(
            'ends = 2026-09-30\nperiod = "quarter"', "ends = 2026-08-31"
        )
        + rules
    )


EVERY = {name: _program(name, rules) for name, rules in {**KINDS, **OTHER_KINDS}.items()}


def _twice(rows: list[tuple[int, str, str, str, int]]) -> str:
    """The sales of July, and in August the same again, to other customers."""
    months = (("2026-07", 0), ("2026-08", 100))
    return "".join(
        sale(number + more, f"{month}-{day}", partner, amount, quantity)
        for month, more in months
        for number, day, partner, amount, quantity in rows
    )


TWICE = _twice(
    [
        (1, "01", "P1", "4999.99", 2),
        (2, "15", "P1", "33.33", 1),
        (3, "31", "P2", "7000", 3),
        (4, "09", "P3", "123.45", 1),
        (5, "10", "P3", "200", 5),
    ]
)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sales = HEAD + TWICE + sale(20, "2025-08-02", "P2", "900") + sale(21, "2026-06-02", "P2", "5")
    tables = {"partners": PARTNERS, "sales": sales}
    return write_workspace(tmp_path_factory.mktemp("twice") / "w", programs=EVERY, tables=tables)


def test_a_second_half_like_the_first_comes_to_what_was_forecast(twice: Path) -> None:
    """Whatever the rules make of totals and counts, to the cent."""
    expected = {
        (row["program"], row["payee_id"]): Decimal(row["expected"])
        for row in forecast(twice)["payees"]
    }
    came_to = {
        (row["program_id"], row["payee_id"]): Decimal(row["entitlement"])
        for row in settle(twice, "2026-08")
    }
    assert expected == came_to
    assert len({program for program, _ in came_to}) == len(EVERY)
    assert sum(came_to.values()) > 500


@pytest.mark.parametrize("method", METHODS)
def test_on_the_last_day_what_is_expected_is_what_was_earned(
    twice: Path, tmp_path: Path, method: str
) -> None:
    known = known_on(twice, "2026-08", date(2026, 9, 1), tmp_path, lambda _: None)
    programs = known.loaded.programs
    cases = cases_of(programs, programs, known.channel, lookups_of(known.channel))
    begun, sums = summed(cases)
    shares = shares_of(begun, sums, method)
    assert shares["share"].unique().to_list() == [1]
    for now, then in zip(
        settled_by(cases, begun, sums),
        settled_by(cases, begun, {**sums, SHARES: shares}),
        strict=True,
    ):
        assert_frame_equal(now.earnings, then.earnings)


def test_people_see_payees_when_they_ask_and_files_always(tmp_path: Path) -> None:
    root = written(tmp_path, VOLUME)
    assert "Alpha" not in incentivectl("forecast", "2026-07", "-w", root).stdout
    assert "Alpha" in incentivectl("forecast", "2026-07", "--payees", "-w", root).stdout
    out = tmp_path / "payees.csv"
    incentivectl("forecast", "2026-07", "--format", "csv", "--output", out, "-w", root)
    assert [(row["payee_id"], row["expected"]) for row in read_csv(out)] == [
        ("P1", "960"),
        ("P2", "400"),
    ]

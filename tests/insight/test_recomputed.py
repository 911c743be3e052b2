"""Every figure of `metrics` recomputes: from figures beside it, or from the rows of `--basis`.

The formulas here are written down anew, from docs/questions.md; nothing of the program's own is used.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import partial
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from incentivectl.insight.metrics import AREAS
from tests.insight import test_alignment, test_engagement, test_growth, test_roi, test_satisfaction
from tests.posting.booked import post
from tests.small_workspace import CONFIG, as_json, write_workspace

SAMPLE = Path(__file__).parents[2]
Row = dict[str, str]
LAST = date(2026, 9, 30)


def rounded(value: Fraction) -> Decimal:
    """A quotient with 12 decimals, half up."""
    places = Decimal(1).scaleb(-12)
    wide = Context(prec=90)
    exact = wide.divide(Decimal(value.numerator), Decimal(value.denominator))
    return exact.quantize(places, ROUND_HALF_UP, wide)


def share(over: str, under: str) -> Callable[[dict[str, Fraction]], Fraction]:
    return lambda one: one[over] / one[under]


def growth(now: str, then: str) -> Callable[[dict[str, Fraction]], Fraction]:
    return lambda one: (one[now] - one[then]) / one[then]


def minus(more: str, less: str) -> Callable[[dict[str, Fraction]], Fraction]:
    return lambda one: one[more] - one[less]


FORMULAS: dict[str, Callable[[dict[str, Fraction]], Fraction]] = {
    "active-share": share("sellers", "partners"),
    "participating-share": share("participators", "partners"),
    "achieving-share": share("achieving-partners", "partners"),
    "activities-per-partner": share("activities", "partners"),
    "trained-share": share("trained-partners", "partners"),
    "checkin-share": share("met-partners", "partners"),
    "trained-growth": growth("trained-revenue", "trained-revenue-before"),
    "untrained-growth": growth("untrained-revenue", "untrained-revenue-before"),
    "earning-share": share("earning-revenue", "sold"),
    "mattering-share": share("mattering-revenue", "sold"),
    "objective-target": lambda one: one["objective-before"] * (1 + one["objective-change"]),
    "objective-reached": share("objective-result", "objective-target"),
    "cost-without-roi": minus("cost", "cost-with-roi"),
    "cost-share": share("cost", "eligible-revenue"),
    "incremental-revenue": minus("revenue-part", "revenue-part-before"),
    "incremental-margin": minus("margin-part", "margin-part-before"),
    "roi": lambda one: (
        (one["margin-part"] - one["margin-part-before"] - one["cost-with-roi"])
        / one["cost-with-roi"]
    ),
    "budget-used": lambda one: (one["spent"] + one["accruing"]) / one["budget"],
    "burn-per-week": lambda one: (one["spent"] + one["accruing"]) * 7 / one["days"],
    "top-customers-share": share("top-customers-revenue", "customer-revenue-12m"),
    "nps": lambda one: 100 * (one["promoters"] - one["detractors"]) / one["nps-answers"],
    "promoter-share": share("promoters", "nps-answers"),
    "passive-share": share("passives", "nps-answers"),
    "detractor-share": share("detractors", "nps-answers"),
    "response-rate": share("answered", "invited"),
    "met-share": share("partners-met", "meeting-partners"),
    "rewarded-share": share("ideas-rewarded", "ideas"),
    "funds-used": share("funds-paid", "funds-credited"),
    "silent-share": share("silent-partners", "contact-partners"),
    "loyal-share": share("loyal-partners", "dated-partners"),
    "market-share": share("market-revenue", "market-size"),
    "metric-index": lambda one: 100 * one["brand-comparable"] / one["brand-comparable-before"],
}
WITH_A_DATE = {"runs-out-on"}


def made_of(how: str, rows: list[Row]) -> Fraction | None:
    """What the rows of a basis make of a figure; None where there are none to make anything of."""
    if how == "count":
        return Fraction(len({row["item"] for row in rows}))
    values = [Fraction(row["value"]) for row in rows for _ in range(int(row["times"] or 1))]
    if how == "sum":
        return sum(values, Fraction(0))
    if not values:
        return None
    if how == "mean":
        return sum(values) / len(values)
    if how == "median":
        return Fraction(median(values))
    assert how == "covering"
    ordered = sorted(values)
    return ordered[ceil(len(ordered) * Fraction(95, 100)) - 1]


def told(root: Path, folder: Path) -> tuple[list[dict[str, Any]], list[Row]]:
    """The figures of the JSON report, and the rows of its basis."""
    basis = folder / "basis.csv"
    found = as_json("metrics", "2026-09", "-w", root, "--basis", basis, "--no-trend")
    with basis.open(encoding="utf-8", newline="") as file:
        return found["figures"], list(csv.DictReader(file))


def check(figures: list[dict[str, Any]], rows: list[Row]) -> set[str]:
    """Recomputes every figure of PERIOD; the keys of those that have a value."""
    of_basis: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        of_basis[row["basis"], row["figure"]].append(row)
    beside: dict[tuple[str, str, str], dict[str, Fraction]] = defaultdict(
        partial(defaultdict, Fraction)
    )
    for one in figures:
        if one["value"] is not None and one["unit"] != "date":
            about = (one["area"], one["scope"], one["id"] or "")
            beside[about][one["figure"]] = Fraction(one["value"])
    seen = set()
    for one in figures:
        if one["value"] is None:
            assert one["why_value"] or one["scope"] != "whole", one
            continue
        key, scope, of = one["figure"], one["scope"], one["id"] or ""
        seen.add(key)
        parts = beside[one["area"], scope, of]
        if one["how"] != "formula":
            every = of_basis[one["basis"], key]
            own = every if scope == "whole" else [row for row in every if row[scope] == of]
            again = made_of(one["how"], own)
        elif key in WITH_A_DATE:
            left = parts["budget"] - parts["spent"] - parts["accruing"]
            days = ceil(left * parts["days"] / (parts["spent"] + parts["accruing"]))
            assert one["value"] == (LAST + timedelta(days=days)).isoformat()
            continue
        else:
            again = FORMULAS[key](parts)
        assert again is not None, one
        assert rounded(again) == rounded(Fraction(one["value"])), one
    return seen


def test_every_figure_of_the_sample_recomputes(tmp_path: Path) -> None:
    seen = check(*told(SAMPLE, tmp_path))
    every = {one.key for area in AREAS for one in area.definitions}
    not_shown = {"days-to-posting", "days-to-posting-95"}  # nothing of the sample is posted
    assert every - seen <= not_shown | WITH_A_DATE | {"untrained-growth"}


def test_every_formula_is_checked_and_every_check_is_a_formula() -> None:
    formulas = {one.key for area in AREAS for one in area.definitions if one.how == "formula"}
    assert set(FORMULAS) | WITH_A_DATE == formulas
    for area in AREAS:
        assert {one.definition.key for one in area.formulas} == {
            one.key for one in area.definitions if one.how == "formula"
        }


@pytest.mark.parametrize(
    ("config", "programs", "tables"),
    [
        (CONFIG, {"monthly": test_engagement.MONTHLY}, test_engagement.TABLES),
        (CONFIG, None, test_growth.TABLES),
        (test_roi.MARGINS, test_roi.PROGRAMS, test_roi.TABLES),
        (CONFIG, None, {**test_satisfaction.TABLES, "brand": test_satisfaction.BRAND}),
        (CONFIG, {"switches": test_alignment.PROGRAM}, test_alignment.TABLES),
    ],
)
def test_every_figure_of_small_workspaces_recomputes(
    tmp_path: Path, config: str, programs: dict[str, str] | None, tables: dict[str, str]
) -> None:
    root = write_workspace(tmp_path / "w", config=config, programs=programs, tables=tables)
    check(*told(root, tmp_path))


def test_a_posted_workspace_recomputes(tmp_path: Path) -> None:
    """Days to posting come from rows that say how often so many days passed."""
    config = CONFIG + '[settlement]\nfirst_period = "2026-07"\n'
    root = write_workspace(tmp_path / "w", config=config)
    post(root, "2026-09")
    figures, rows = told(root, tmp_path)
    assert {"days-to-posting", "days-to-posting-95"} <= check(figures, rows)


def test_a_budget_that_runs_out_recomputes(tmp_path: Path) -> None:
    program = test_roi.PROGRAM.replace("[reward]", "[limits]\nbudget = 170\n\n[reward]").replace(
        "ends = 2026-09-30", "ends = 2026-12-31"
    )
    root = write_workspace(
        tmp_path / "w",
        config=test_roi.MARGINS,
        programs={"main": program},
        tables=test_roi.TABLES,
    )
    assert "runs-out-on" in check(*told(root, tmp_path))

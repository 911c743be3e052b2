"""What must hold in every run, checked by another way than the one that computed it.

See docs/rules.md, "What always holds". A check that fails ends the run with exit code 1.
"""

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.frames import total
from incentivectl.rules.case import Case, Measured


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: a name, whether it held, and the figures where it did not."""

    name: str
    held: bool
    detail: str = ""


LINES_ADD_UP = "lines in a program's dates = counted + ineligible"
CONTRIBUTIONS_ADD_UP = "contributions add up to the reward"
ROUNDED_ONCE = "reward x boost - cap, rounded once, is the entitlement before budget"
WITHIN_BUDGET = "no program over its budget"
SHARES_ADD_UP = "shares of a line add up to 1"
ROWS_ADD_UP = "rows read = accepted + rejected + duplicate + superseded + skipped"
PAYOUTS_ADD_UP = "brought forward + this batch = payable + carried forward + held"


def check_program(
    case: Case, measured: Measured, earnings: pl.DataFrame, by_reason: pl.DataFrame | None
) -> tuple[Check, ...]:
    """The invariants of one program; `by_reason` is missing where it does not look at lines."""
    return (
        _lines(case, by_reason),
        _contributions(case, measured, earnings),
        _rounding(case, earnings),
        _budget(case, earnings),
    )


def check_shares(case: Case) -> tuple[Check, ...]:
    """Every credited line is shared out exactly once."""
    if case.program.payee != "rep":
        return ()
    sums = case.facts.credited.group_by("row").agg(pl.col("share").sum())
    wrong = sums.filter(pl.col("share") != 1)
    return (
        Check(SHARES_ADD_UP, wrong.is_empty(), f"{wrong.height} lines" if wrong.height else ""),
    )


def _lines(case: Case, by_reason: pl.DataFrame | None) -> Check:
    """Counted and ineligible lines together are all lines in each measurement period."""
    if by_reason is None:
        return Check(LINES_ADD_UP, True)
    wrong = []
    found = {
        row["period"]: (row["lines"], row["amount"])
        for row in by_reason.group_by("period")
        .agg(pl.col("lines").sum(), pl.col("amount").sum())
        .iter_rows(named=True)
    }
    by_day = case.facts.by_day(case.periods[0].start, case.periods[-1].end)
    for index, period in enumerate(case.periods):
        days = by_day.filter(pl.col("counted_on").is_between(period.start, period.end))
        expected = (int(days["lines"].sum()), total(days, "amount"))
        if found.get(index, (0, Decimal(0))) != expected:
            lines = found.get(index, (0,))[0]
            wrong.append(f"{case.program.id} {period.start}: {lines} of {expected[0]} lines")
    return Check(LINES_ADD_UP, not wrong, "; ".join(wrong))


def _contributions(case: Case, measured: Measured, earnings: pl.DataFrame) -> Check:
    parts = measured.contributions if measured.summed is None else measured.summed().lazy()
    sums = (
        parts.group_by("period", "payee_id")
        .agg(pl.col("contribution").sum())
        .collect(engine="streaming")
    )
    both = earnings.select("period", "payee_id", "reward").join(
        sums, on=["period", "payee_id"], how="full", coalesce=True
    )
    nothing = money.literal(0, 18)
    wrong = both.filter(
        pl.col("reward").fill_null(nothing) != pl.col("contribution").fill_null(nothing)
    )
    detail = "; ".join(
        f"{case.program.id} {row['payee_id']}: {row['contribution']} for {row['reward']}"
        for row in wrong.head(3).iter_rows(named=True)
    )
    return Check(CONTRIBUTIONS_ADD_UP, wrong.is_empty(), detail)


def _rounding(case: Case, earnings: pl.DataFrame) -> Check:
    """Each rounded amount is within half a minor unit of the exact one; a tie lies away from zero."""
    exact = money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6)) - pl.col("cap_cut")
    rounded = pl.col("before_budget").cast(money.REWARD)
    distance = (exact - rounded).abs()
    half = money.literal(Decimal(5).scaleb(-case.digits - 1), money.REWARD_SCALE)
    is_wrong = (
        (distance > half)
        | ((distance == half) & (rounded.abs() < exact.abs()))
        | (pl.col("before_budget") - pl.col("budget_cut") != pl.col("entitlement"))
    )
    wrong = earnings.filter(is_wrong)
    detail = ", ".join(f"{case.program.id} {payee}" for payee in wrong["payee_id"].head(3))
    return Check(ROUNDED_ONCE, wrong.is_empty(), detail)


def _budget(case: Case, earnings: pl.DataFrame) -> Check:
    limits = case.program.limits
    if limits.budget is None or limits.over_budget == "warn":
        return Check(WITHIN_BUDGET, True)
    spent = total(earnings, "entitlement")
    return Check(
        WITHIN_BUDGET,
        spent <= limits.budget,
        f"{case.program.id}: {spent} of {limits.budget}" if spent > limits.budget else "",
    )

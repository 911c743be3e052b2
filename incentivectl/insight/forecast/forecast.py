"""What accrues on PERIOD's last day, to date and as expected at the end of its measurement period.

Rules: docs/questions.md, 108.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema, total
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled, cases_of, settled_by, summed
from incentivectl.engine.outlook import accrued, accrues, days_of, expected_by
from incentivectl.insight.forecast.shares import NO_SHARES, RUN_RATE, shares_of
from incentivectl.rules.case import Case
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known

PAYEES: Schema = {
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "method": pl.String,
    "share": money.EARNED,
    "metric": pl.String,
    "value_to_date": money.SHARED,
    "value_expected": money.SHARED,
    "tier_to_date": pl.Int32,
    "tier_expected": pl.Int32,
    "to_date": money.AMOUNT,
    "expected": money.AMOUNT,
    "accrual": money.AMOUNT,
}
_OF_BOTH = ("metric_value", "tier", "entitlement")


@dataclass(frozen=True)
class Budget:
    """A budget over a program's whole life: what is used of it to date, and at the end of the period.

    Both are before the budget cuts anything. `runs_out` is the day on which it is used up, if that is
    expected in the measurement period; where it is used up to date, PERIOD's last day.
    """

    amount: Decimal
    used: Decimal
    expected: Decimal | None
    runs_out: date | None


@dataclass(frozen=True)
class Outlook:
    """One program that accrues: `payees` has the columns `PAYEES`, by id.

    Where its pay does not follow from totals it is not `is_forecast`: then all that is expected is null,
    and so are method and share.
    """

    case: Case
    period: MeasurementPeriod
    is_forecast: bool
    payees: pl.DataFrame
    budget: Budget | None

    @property
    def days(self) -> tuple[int, int]:
        """How many days of the measurement period have passed, of how many."""
        return days_of(self.period, self.case.channel.as_of)

    def sum_of(self, column: str) -> Decimal | None:
        """What all payees come to; None where nothing is forecast."""
        if column != "to_date" and not self.is_forecast:
            return None
        return total(self.payees, column)


@dataclass(frozen=True)
class Forecast:
    """Every program that accrues, by id, and the method asked for."""

    known: Known
    method: str
    programs: tuple[Outlook, ...]


def forecast_of(known: Known, method: str = RUN_RATE) -> Forecast:
    """The forecast of whatever accrues on PERIOD's last day."""
    programs = known.loaded.programs
    paying = [program for program in programs if program.pays]
    every = cases_of(paying, programs, known.channel, lookups_of(known.channel))
    cases = [case for case in every if accrues(case)]
    if not cases:
        return Forecast(known, method, ())
    begun, sums = summed(cases)
    open_ = [one for one in begun if one.case.program.pays_by_totals]
    shares = shares_of(open_, sums, method) if open_ else NO_SHARES
    to_date = settled_by(cases, begun, sums)
    expected = expected_by(cases, begun, sums, shares)
    found = (
        _outlook(one, then, shares.filter(pl.col("program") == place))
        for place, (one, then) in enumerate(zip(to_date, expected, strict=True))
    )
    return Forecast(known, method, tuple(found))


def _outlook(to_date: Settled, expected: Settled, shares: pl.DataFrame) -> Outlook:
    case = to_date.case
    index, is_forecast = len(case.periods) - 1, case.program.pays_by_totals
    now = to_date.earnings.filter(pl.col("period") == index)
    then = expected.earnings.filter(pl.col("period") == index).select(
        "payee_id", *(pl.col(name).alias(f"then_{name}") for name in _OF_BOTH)
    )
    both = (
        now.join(then, on="payee_id", how="left")
        .join(shares.select("payee_id", "method", "share"), on="payee_id", how="left")
        .sort("payee_id")
    )
    known = pl.lit(is_forecast)
    payees = both.with_columns(
        value_to_date="metric_value",
        tier_to_date="tier",
        to_date="entitlement",
        value_expected=pl.when(known).then("then_metric_value"),
        tier_expected=pl.when(known).then("then_tier"),
        expected=pl.when(known).then("then_entitlement"),
        accrual=accrued(pl.col("then_entitlement"), pl.col("share"), case.digits),
    ).select(pl.col(name).cast(dtype) for name, dtype in PAYEES.items())
    period = case.periods[-1]
    return Outlook(case, period, is_forecast, payees, _budget(to_date, expected))


def _budget(to_date: Settled, expected: Settled) -> Budget | None:
    case = to_date.case
    amount = case.program.limits.budget
    if amount is None:
        return None
    used = _asked_of_budget(to_date)
    if not case.program.pays_by_totals:
        return Budget(amount, used, None, case.channel.as_of if used >= amount else None)
    then = _asked_of_budget(expected)
    return Budget(amount, used, then, _runs_out(case, amount, used, then))


def _asked_of_budget(one: Settled) -> Decimal:
    """What earlier periods were entitled to, and what the last one asks for."""
    is_last = pl.col("period") == len(one.case.periods) - 1
    return total(one.earnings.filter(~is_last), "entitlement") + total(
        one.earnings.filter(is_last), "before_budget"
    )


def _runs_out(case: Case, budget: Decimal, used: Decimal, expected: Decimal) -> date | None:
    """On which day the budget is used up, if what is still to come comes day by day alike."""
    as_of = case.channel.as_of
    if used >= budget:
        return as_of
    if expected < budget:
        return None
    days = Decimal((case.periods[-1].end - as_of).days)
    more = money.quotient(money.product(budget - used, days), expected - used)
    assert more is not None  # expected is above used
    return as_of + timedelta(days=int(money.round_up_decimal(more, 0)))

"""What accrues, at the end of its measurement period: the same rules, by projected sums.

Rules: docs/questions.md, 108.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled, settled_by, summed
from incentivectl.rules.case import KEYS, Case, Judged, Sums
from incentivectl.rules.earning.expected import SHARES
from incentivectl.rules.lines.payees import period_status

BY_PROGRAM = ["program", *KEYS]
ACCRUED: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "accrued": money.AMOUNT,
}


def accrues(case: Case) -> bool:
    """Whether the last measurement period that began goes on, and is settled at its end."""
    return bool(case.periods) and period_status(case, case.periods[-1]) == "accruing"


def days_of(period: MeasurementPeriod, as_of: date) -> tuple[int, int]:
    """How many days of a measurement period have passed, and how many it has."""
    whole = (period.end - period.start).days + 1
    return min((as_of - period.start).days + 1, whole), whole


def run_rate(open_: Sequence[Judged], sums: Sums) -> pl.DataFrame:
    """`program`, `period`, `payee_id`, `share` (18 decimals) of payees who sold in the last period.

    The share is that of the days that have passed, of each of the programs `open_`.
    """
    by_days = [(one.place, len(one.case.periods) - 1, _share_of_days(one.case)) for one in open_]
    schema: Schema = {"program": pl.UInt32, "period": pl.Int32, "share": money.EARNED}
    days = pl.DataFrame(by_days, schema=schema, orient="row")
    return sums["totals"].select(BY_PROGRAM).join(days, on=["program", "period"])


def _share_of_days(case: Case) -> Decimal | None:
    passed, whole = days_of(case.periods[-1], case.channel.as_of)
    return money.quotient(Decimal(passed), Decimal(whole), money.EARNED_SCALE)


def expected_by(
    cases: Sequence[Case], begun: Sequence[Judged], sums: Sums, shares: pl.DataFrame
) -> list[Settled]:
    """The earnings of each case as projected for the end of its measurement period."""
    at_the_end = [replace(one, case=_in_no_order(one.case)) for one in begun]
    return settled_by(cases, at_the_end, {**sums, SHARES: shares})


def _in_no_order(case: Case) -> Case:
    """The case with a budget that is prorated: nobody knows who will come first."""
    limits = case.program.limits
    if limits.over_budget != "first_come" or not case.program.pays_by_totals:
        return case
    prorated = limits.model_copy(update={"over_budget": "prorate"})
    return replace(case, program=case.program.model_copy(update={"limits": prorated}))


def accrued(expected: pl.Expr, share: pl.Expr, digits: int) -> pl.Expr:
    """What of an expected entitlement accrues by now, half up to the minor unit."""
    exact = money.multiply(expected, share, scales=(money.SCALE, money.EARNED_SCALE))
    return money.round_half_up(exact, digits)


def accrued_by_run_rate(settled: Sequence[Settled]) -> pl.DataFrame:
    """What accrues of what is expected, where that follows from totals (columns `ACCRUED`)."""
    programs = (one.case for one in settled if one.case.program.pays_by_totals)
    cases = [case for case in programs if accrues(case)]
    found = [pl.DataFrame(schema=ACCRUED)]
    if cases:
        begun, sums = summed(cases)
        shares = run_rate(begun, sums)
        found += [
            one.earnings.join(
                shares.filter(pl.col("program") == place), on=["period", "payee_id"]
            ).select(
                *(name for name in ACCRUED if name != "accrued"),
                accrued(pl.col("entitlement"), pl.col("share"), one.case.digits)
                .cast(money.AMOUNT)
                .alias("accrued"),
            )
            for place, one in enumerate(expected_by(cases, begun, sums, shares))
        ]
    return pl.concat(found)

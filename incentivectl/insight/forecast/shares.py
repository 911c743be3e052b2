"""Which share of its totals at the end of a measurement period each payee has on PERIOD's last day.

Rules: docs/questions.md, 108.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import summed
from incentivectl.engine.outlook import BY_PROGRAM, run_rate
from incentivectl.insight.earlier import by_months, moved
from incentivectl.rules.case import Judged, Sums

RUN_RATE, LAST_YEAR = "run-rate", "last-year"
METHODS = (RUN_RATE, LAST_YEAR)
# Of less than this share of last year's total nothing is made out: such a payee goes by its run rate.
LEAST_SHARE = Decimal("0.01")
NO_SHARES = pl.DataFrame(
    schema={
        "program": pl.UInt32,
        "period": pl.Int32,
        "payee_id": pl.String,
        "share": money.EARNED,
        "method": pl.String,
    }
)
_BY_PAYEE = ["program", "payee_id"]


def shares_of(open_: Sequence[Judged], sums: Sums, method: str) -> pl.DataFrame:
    """`program`, `period`, `payee_id`, `share` (18 decimals), `method` of who sold in a period that goes on.

    `open_` are programs whose last measurement period goes on, `sums` what was asked of their lines.
    """
    payees = run_rate(open_, sums)
    if method == RUN_RATE:
        return payees.with_columns(method=pl.lit(RUN_RATE))
    last_year = pl.col("by_last_year")
    usable = (last_year >= money.literal(LEAST_SHARE)).fill_null(value=False)
    return payees.join(_shares_last_year(open_), on=_BY_PAYEE, how="left").select(
        *BY_PROGRAM,
        share=pl.when(usable).then(last_year).otherwise("share"),
        method=pl.when(usable).then(pl.lit(LAST_YEAR)).otherwise(pl.lit(RUN_RATE)),
    )


def _shares_last_year(open_: Sequence[Judged]) -> pl.DataFrame:
    """`program`, `payee_id`, `by_last_year`: last year's revenue by the same day ÷ that of the whole period.

    Null where one of them is not above 0; a program whose days no calendar has a year before is left out.
    """
    whole, passed = (
        _revenue_last_year(open_, to_date=False),
        _revenue_last_year(open_, to_date=True),
    )
    part, total = (money.to_amount(pl.col(name)) for name in ("passed", "whole"))
    share = money.divide(part, total, scales=(6, 6), digits=money.EARNED_SCALE)
    return (
        whole.rename({"revenue": "whole"})
        .join(passed.rename({"revenue": "passed"}), on=_BY_PAYEE)
        .select(*_BY_PAYEE, by_last_year=pl.when((part > 0) & (total > 0)).then(share))
    )


def _revenue_last_year(open_: Sequence[Judged], *, to_date: bool) -> pl.DataFrame:
    """`program`, `payee_id`, `revenue` (12 decimals) of the same days a year before."""
    places, cases = [], []
    for one in open_:
        case, period = one.case, one.case.periods[-1]
        if to_date:
            period = replace(period, end=case.channel.as_of)
        before = moved(case, period, by_months(case.channel.calendar, 12))
        if not case.channel.calendar.missing_day(before.program.starts, before.program.ends):
            places.append(one.place)
            cases.append(before)
    schema: Schema = {"program": pl.UInt32, "payee_id": pl.String, "revenue": money.SHARED}
    if not cases:
        return pl.DataFrame(schema=schema)
    _, sums = summed(cases)
    own = dict(enumerate(places))
    return sums["totals"].select(
        pl.col("program").replace_strict(own, return_dtype=pl.UInt32),
        "payee_id",
        pl.col("revenue").cast(money.SHARED),
    )

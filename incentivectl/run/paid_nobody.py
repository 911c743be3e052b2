"""Programs that pay nobody although they could, and why (rule 42.5)."""

from collections.abc import Mapping, Sequence

import polars as pl

from incentivectl.core.nouns import counted
from incentivectl.core.periods import MeasurementPeriod, Period
from incentivectl.engine.engine import Settled
from incentivectl.run.run import Run


def paid_nobody(run: Run) -> list[str]:
    """A sentence for each program that measures in PERIOD and that nobody earns in."""
    current = run.earnings.filter(pl.col("period_end") >= run.period.first)
    earns = current.group_by("program_id").agg((pl.col("entitlement") != 0).any())
    earn_anything = dict(earns.iter_rows())
    found = [
        _of(one, run.period, earn_anything)
        for one in run.settled
        if not one.case.program.pays_claims_only
    ]
    return [sentence for sentence in found if sentence]


def _of(one: Settled, period: Period, earn_anything: Mapping[str, bool]) -> str:
    """`earn_anything`: whether anybody earns, for each program with earnings in PERIOD."""
    program = one.case.program
    current = [measured for measured in one.case.periods if measured.end >= period.first]
    if not current:
        return ""
    if program.id not in earn_anything:
        return f"{program.id}: nothing counts in {period.label}{_left_out(one)}"
    is_over = all(measured.end <= period.last for measured in current)
    if is_over and not earn_anything[program.id]:
        return f"{program.id}: nobody earns anything in {period.label}{_why(one, current)}"
    return ""


def _left_out(one: Settled) -> str:
    """The reason for which most lines do not count."""
    if one.ineligible.is_empty():
        return "; no line or activity falls into its dates"
    most = one.ineligible.sort("lines", "reason", descending=[True, False]).row(0, named=True)
    since = one.case.program.starts
    return f"; most lines since {since} are left out as {most['reason']} ({counted(most['lines'], 'line')})"


def _why(one: Settled, current: Sequence[MeasurementPeriod]) -> str:
    """The reason for which most payees earn nothing."""
    reasons = (
        one.earnings.filter(
            pl.col("why_nothing").is_not_null()
            & pl.col("period_start").is_in([measured.start for measured in current])
        )
        .group_by("why_nothing")
        .agg(pl.col("payee_id").n_unique().alias("payees"))
        .sort("payees", "why_nothing", descending=[True, False])
    )
    if reasons.is_empty():
        return ""
    reason, payees = reasons.row(0)
    return f"; most payees: {reason} ({counted(payees, 'payee')})"

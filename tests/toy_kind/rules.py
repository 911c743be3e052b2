"""A fee per sale: from the number of sales, and once more from the first line of each sale."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.tables import SALE
from incentivectl.rules.case import (
    ALONE,
    KEYS,
    LINE_ORDER,
    Asked,
    Case,
    Earned,
    Judged,
    Sums,
    as_contributions,
)
from incentivectl.rules.earning import measures
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason
from tests.toy_kind.model import FeeReward


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with what keeps it out."""
    return judged(case, case.periods)


def asked(one: Judged) -> Asked:
    """The sales of each payee."""
    assert one.lines is not None
    counted = _counted(one.case, one.lines)
    return {
        **measures.asked(one.case, counted, {"sales"}),
        "reasons": by_reason(one.case, one.lines),
    }


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """Sales times the fee."""
    payees = with_rewards(programs, measures.measured(programs, sums))
    fees = {one.place: _fee(one.case) for one in programs}
    fee = pl.col("program").replace_strict(fees, return_dtype=money.AMOUNT)
    return Earned(
        payees.with_columns(
            reward=money.multiply(pl.col("sales"), fee, scales=(12, 6)),
            metric=pl.lit("sales"),
            metric_value="sales",
            tier=pl.lit(None, dtype=pl.Int32),
            rate=pl.lit(None, dtype=money.AMOUNT),
            why_nothing=pl.lit(None, dtype=pl.String),
        )
    )


def counted(one: Judged, _: Earned) -> Asked:
    """The first line of each sale."""
    assert one.lines is not None
    firsts = (
        _counted(one.case, one.lines)
        .filter(~pl.col("is_return"))
        .sort(*LINE_ORDER)
        .unique([*KEYS, *SALE], keep="first", maintain_order=True)
    )
    return {ALONE: firsts}


def contributions(case: Case, counted: Asked, _: Earned) -> pl.LazyFrame:
    """The first line of each sale adds the fee."""
    fee = money.literal(_fee(case), 18)
    return as_contributions(counted[ALONE].with_columns(contribution=fee, source=pl.lit("line")))


def _counted(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    return with_payees(case, lines.filter(pl.col("reason").is_null()))


def _fee(case: Case) -> Decimal:
    (reward,) = case.program.reward
    assert isinstance(reward, FeeReward)
    return reward.fee

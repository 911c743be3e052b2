"""How far the next tier is, and what reaching it would bring (docs/rules.md, "Next tiers")."""

from decimal import ROUND_CEILING, Decimal

import polars as pl

from incentivectl import money
from incentivectl.engine import Settled
from incentivectl.frames import Schema
from incentivectl.rules import rebate
from incentivectl.rules.gate import apply_gate
from incentivectl.rules.limits import before_budget
from incentivectl.rules.tiers import Block

NEXT_TIERS: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "next_tier": pl.Int32,
    "next_from": money.AMOUNT,
    "wanted": money.SHARED,
    "missing": money.SHARED,
    "missing_in": pl.String,
    "earns_now": money.AMOUNT,
    "would_earn": money.AMOUNT,
}
_TIERED = ("rebate", "spif")
_OF_REVENUE = {"growth": "baseline", "attainment": "target"}


def next_tiers(one: Settled) -> pl.DataFrame:
    """The next tier of every payee that has one, columns as `NEXT_TIERS`.

    `wanted` is the total that reaches it and `missing` what of it is still to be sold, in units of
    `missing_in`: revenue, or the metric itself.
    `would_earn` is the entitlement with exactly that, before the budget; all else stays as it is.
    """
    if one.measured is None or one.case.program.kind not in _TIERED:
        return pl.DataFrame(schema=NEXT_TIERS)
    payees = one.measured.payees
    steps = [
        _step(row, block)
        for index, block in enumerate(rebate.blocks_of(one.case))
        for row in payees.filter(pl.col("block") == index).iter_rows(named=True)
    ]
    found = pl.DataFrame(
        [step for step in steps if step is not None],
        schema={
            "period": pl.Int32,
            "payee_id": pl.String,
            "next_tier": pl.Int32,
            "next_from": money.AMOUNT,
            "wanted": money.SHARED,
            "missing": money.SHARED,
            "missing_in": pl.String,
        },
        orient="row",
    )
    if found.is_empty():
        return pl.DataFrame(schema=NEXT_TIERS)
    return _with_pay(one, found).select(*NEXT_TIERS).sort("period", "payee_id")


def _step(row: dict[str, object], block: Block) -> tuple[object, ...] | None:
    """One payee's next tier, or none at the top and where nothing can be compared."""
    by, tiers = block.reward.tiers_by, block.reward.tiers
    tier = row["tier"]
    following = 0 if tier is None else int(str(tier)) + 1
    if following >= len(tiers):
        return None
    start = tiers[following].from_
    if by in _OF_REVENUE:
        against = row[_OF_REVENUE[by]]
        if not isinstance(against, Decimal) or against <= 0:
            return None
        smallest = Decimal(1).scaleb(-money.SCALE)
        share = start + 1 if by == "growth" else start
        wanted = money.product(against, share).quantize(smallest, rounding=ROUND_CEILING)
        measured, column = row["revenue"], "revenue"
    else:
        wanted, measured, column = start, row[by], by
    assert isinstance(measured, Decimal)
    key = (row["period"], row["payee_id"])
    return (*key, following, start, wanted, wanted - measured, column)


def _with_pay(one: Settled, found: pl.DataFrame) -> pl.DataFrame:
    """Adds `earns_now` and `would_earn`: the reward of the same payee with the value that is missing."""
    case = one.case
    assert one.measured is not None
    keys = ["period", "payee_id"]
    now = before_budget(case, one.measured.payees).select(*keys, earns_now="before_budget")
    reached = one.measured.payees.join(found, on=keys, how="inner")
    for column in found["missing_in"].unique():
        wanted = pl.when(pl.col("missing_in") == column).then("wanted").otherwise(column)
        reached = reached.with_columns(wanted.cast(money.SHARED).alias(column))
    blocks = rebate.blocks_of(case)
    rewarded = apply_gate(case, rebate.rewarded(reached, blocks), ("earned", "bonus_pay"))
    rewarded = rewarded.with_columns(reward=pl.col("earned") + pl.col("bonus_pay"))
    then = before_budget(case, rewarded)
    return then.join(now, on=keys, how="left").with_columns(would_earn="before_budget")

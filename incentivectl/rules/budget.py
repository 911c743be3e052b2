"""A program's budget over its whole life, earlier measurement periods first.

Room = budget (down to whole minor units) - the net entitlements of all earlier measurement periods.
Where a period's net total exceeds it, `prorate` scales its positive entitlements, `first_come` pays
contributions in order until nothing is left, `warn` pays (docs/rules.md, "Budgets").
"""

from decimal import ROUND_DOWN, Decimal

import polars as pl

from incentivectl import money
from incentivectl.frames import total
from incentivectl.rules.case import CONTRIBUTION_ORDER, Case
from incentivectl.rules.splitting import amounts, by_largest_remainder, units, with_missing

_NOTHING = money.literal(0, money.REWARD_SCALE)


def apply_budget(case: Case, payees: pl.DataFrame, contributions: pl.LazyFrame) -> pl.DataFrame:
    """Adds `entitlement` (6 decimals) to `payees`, which are sorted by period and payee."""
    limits = case.program.limits
    if limits.budget is None or limits.over_budget == "warn" or payees.is_empty():
        return payees.with_columns(entitlement=pl.col("before_budget"))
    unit = Decimal(1).scaleb(-case.digits)
    room = limits.budget.quantize(unit, rounding=ROUND_DOWN)
    settled: list[pl.DataFrame] = []
    for (period,), group in payees.group_by("period", maintain_order=True):
        asked = total(group, "before_budget")
        if asked <= room:
            granted = group["before_budget"]
        elif limits.over_budget == "prorate":
            granted = _prorated(group, room, case.digits)
        else:
            in_period = contributions.filter(pl.col("period") == period)
            granted = _first_come(case, group, in_period, room)
        with_granted = group.with_columns(granted.alias("entitlement"))
        settled.append(with_granted)
        room -= total(with_granted, "entitlement")
    return pl.concat(settled)


def _prorated(group: pl.DataFrame, room: Decimal, digits: int) -> pl.Series:
    """The positive entitlements scaled to room + |the negative ones|, by largest remainder."""
    asked = group.select(units(pl.col("before_budget"), digits)).to_series()
    negative = -int(asked.clip(upper_bound=0).sum())
    available = max(money.minor_units(room, digits) + negative, 0)
    weights = asked.clip(lower_bound=0)
    parts = by_largest_remainder(available, weights, group["payee_id"])
    granted = pl.DataFrame({"asked": asked, "part": parts}).select(
        amounts(pl.min_horizontal("asked", 0) + pl.col("part"), digits)
    )
    return granted.to_series()


def granted_in_order(contributions: pl.LazyFrame, case: Case, room: Decimal) -> pl.LazyFrame:
    """Adds `granted` (24 decimals): what of each contribution the room still pays, in order.

    A negative contribution always counts and frees room for those after it. With S the running
    total, what has been refused so far is max(0, the highest S - room), so that no loop is needed.
    """
    cap = case.program.limits.per_payee
    boosted = contributions.sort(*CONTRIBUTION_ORDER).with_columns(
        amount=money.multiply(pl.col("contribution"), pl.col("boost"), scales=(18, 6))
    )
    if cap is not None:
        so_far = pl.min_horizontal(
            pl.col("amount").cum_sum().over("payee_id"), money.literal(cap, money.REWARD_SCALE)
        )
        boosted = boosted.with_columns(so_far=so_far).with_columns(
            amount=pl.col("so_far") - pl.col("so_far").shift(1).over("payee_id").fill_null(_NOTHING)
        )
    over = pl.col("amount").cum_sum() - money.literal(max(room, Decimal(0)), money.REWARD_SCALE)
    refused = pl.max_horizontal(over.cum_max(), _NOTHING)
    return boosted.with_columns(refused=refused).with_columns(
        granted=pl.col("amount")
        - (pl.col("refused") - pl.col("refused").shift(1).fill_null(_NOTHING))
    )


def _first_come(
    case: Case, group: pl.DataFrame, contributions: pl.LazyFrame, room: Decimal
) -> pl.Series:
    """What each payee of `group` is granted, brought to whole minor units by largest remainder."""
    earning = (
        group.lazy().select("payee_id", "boost").join(contributions, on="payee_id", how="inner")
    )
    by_payee = (
        granted_in_order(earning, case, room)
        .group_by("payee_id")
        .agg(pl.col("granted").sum())
        .collect()
    )
    exact = group.select("payee_id").join(
        by_payee, on="payee_id", how="left", maintain_order="left"
    )
    return _to_minor_units(exact.with_columns(pl.col("granted").fill_null(_NOTHING)), case.digits)


def _to_minor_units(exact: pl.DataFrame, digits: int) -> pl.Series:
    """The sum of `granted` rounded half up, and each part so that they add up to it (largest remainder)."""
    whole = money.round_decimal(total(exact, "granted"), digits)
    granted = pl.col("granted")
    smaller = pl.lit(10 ** (money.REWARD_SCALE - digits), dtype=pl.Int128)
    split = exact.select(
        id="payee_id",
        part=units(granted, digits, money.REWARD_SCALE),
        remainder=granted.to_physical() % smaller,
    )
    parts = with_missing(split, money.minor_units(whole, digits))
    return parts.to_frame("part").select(amounts(pl.col("part"), digits)).to_series()

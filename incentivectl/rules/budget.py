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
            granted = group["before_budget"].to_list()
        elif limits.over_budget == "prorate":
            granted = _prorated(group, room, case.digits)
        else:
            in_period = contributions.filter(pl.col("period") == period)
            granted = _first_come(case, group, in_period, room)
        settled.append(group.with_columns(entitlement=pl.Series(granted, dtype=money.AMOUNT)))
        room -= sum(granted, Decimal(0))
    return pl.concat(settled)


def _prorated(group: pl.DataFrame, room: Decimal, digits: int) -> list[Decimal]:
    """The positive entitlements scaled to room + |the negative ones|, by largest remainder."""
    units = [money.minor_units(value, digits) for value in group["before_budget"]]
    negative = -sum(value for value in units if value < 0)
    available = max(money.minor_units(room, digits) + negative, 0)
    weights = [max(value, 0) for value in units]
    parts = money.largest_remainder(available, weights, group["payee_id"].to_list())
    return [
        Decimal(value if value < 0 else part).scaleb(-digits)
        for value, part in zip(units, parts, strict=True)
    ]


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
) -> list[Decimal]:
    """What each payee of `group` is granted, brought to whole minor units by largest remainder."""
    earning = (
        group.lazy().select("payee_id", "boost").join(contributions, on="payee_id", how="inner")
    )
    granted = (
        granted_in_order(earning, case, room)
        .group_by("payee_id")
        .agg(pl.col("granted").sum())
        .collect()
    )
    by_payee = dict(granted.iter_rows())
    exact = [by_payee.get(payee, Decimal(0)) for payee in group["payee_id"]]
    return _to_minor_units(exact, group["payee_id"].to_list(), case.digits)


def _to_minor_units(exact: list[Decimal], ids: list[str], digits: int) -> list[Decimal]:
    """The sum rounded half up, and each part so that they add up to it (largest remainder)."""
    scaled = [value.scaleb(digits) for value in exact]
    floors = [
        int(value // 1) if value >= 0 else -int(-value // 1) - (value % 1 != 0) for value in scaled
    ]
    missing = int(money.round_decimal(sum(scaled, Decimal(0)), 0)) - sum(floors)
    order = sorted(range(len(ids)), key=lambda i: (-(scaled[i] - floors[i]), ids[i]))
    for i in order[:missing]:
        floors[i] += 1
    return [Decimal(value).scaleb(-digits) for value in floors]

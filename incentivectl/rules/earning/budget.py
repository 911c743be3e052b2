"""A program's budget over its whole life, earlier measurement periods first.

Room = budget (down to whole minor units) - the net entitlements of all earlier measurement periods.
Where a period's net total exceeds it, `prorate` scales its positive entitlements, `first_come` pays
contributions in order until nothing is left, `warn` pays (docs/rules.md, "Budgets").
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.rules.case import Case
from incentivectl.rules.earning.splitting import amounts, by_largest_remainder, units, with_missing
from incentivectl.rules.lines.line_order import AT, PLACES

_NOTHING = money.literal(0, money.REWARD_SCALE)
SLICE = 100_000  # contributions that are Python objects at once


def apply_budget(
    case: Case, payees: pl.DataFrame, contributed: Callable[[int], pl.LazyFrame]
) -> pl.DataFrame:
    """Adds `entitlement` (6 decimals) to `payees`, which are sorted by period and payee.

    `contributed` gives what `first_come.in_period` finds of a measurement period.
    """
    limits = case.program.limits
    if limits.budget is None or payees.is_empty():
        return payees.with_columns(entitlement=pl.col("before_budget"))
    room = money.round_down_decimal(limits.budget, case.digits)
    settled: list[pl.DataFrame] = []
    for (period,), group in payees.group_by("period", maintain_order=True):
        asked = total(group, "before_budget")
        if asked <= room:
            granted = group["before_budget"]
        elif limits.over_budget == "prorate":
            granted = _prorated(group, room, case.digits)
        else:
            granted = _first_come(case, group, contributed(int(str(period))), room)
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


def _in_order(
    case: Case, group: pl.DataFrame, contributions: pl.LazyFrame
) -> Iterator[tuple[str, int | None, int | None, Decimal]]:
    """The contributions of the payees of `group` after boost and cap, in the order of first come.

    Each with its payee, its line and the line that it reverses (`row`, `original`). `contributions` are
    those of `first_come.in_period`.
    """
    amount = money.multiply(pl.col("contribution"), pl.col("boost"), scales=(18, 6))
    boosted = contributions.join(
        group.lazy().select("payee_id", "boost"), on="payee_id", how="inner"
    )
    ordered = boosted.sort(AT[0], "item_id", *PLACES, "payee_id")
    capped = ordered.select("payee_id", "row", "original", amount=_capped(case, amount))
    for part in capped.collect(engine="streaming").iter_slices(SLICE):
        yield from part.iter_rows()


def _capped(case: Case, amount: pl.Expr) -> pl.Expr:
    """What each amount adds to its payee's running total, which the cap limits from above."""
    cap = case.program.limits.per_payee
    if cap is None:
        return amount
    so_far = pl.min_horizontal(
        amount.cum_sum().over("payee_id"), money.literal(cap, money.REWARD_SCALE)
    )
    return so_far - so_far.shift(1).over("payee_id").fill_null(_NOTHING)


def granted(
    in_order: Iterable[tuple[str, int | None, int | None, Decimal]], room: Decimal
) -> dict[str, Decimal]:
    """What each payee is granted: contributions in order until no room is left, the last in part.

    A return reverses, and frees, at most what its line was granted to that payee; any other negative
    contribution counts in full and frees room for those after it.
    """
    of_payee: dict[str, Decimal] = defaultdict(Decimal)
    of_line: dict[tuple[int | None, str], Decimal] = defaultdict(Decimal)
    with money.exactly():
        for payee, row, original, amount in in_order:
            part = min(amount, room)
            if original is None:
                of_line[row, payee] = part
            elif part < 0:
                part = max(part, -of_line[original, payee])
                of_line[original, payee] += part
            of_payee[payee] += part
            room -= part
    return of_payee


def _first_come(
    case: Case, group: pl.DataFrame, contributions: pl.LazyFrame, room: Decimal
) -> pl.Series:
    """What each payee of `group` is granted, brought to whole minor units by largest remainder."""
    by_payee = granted(_in_order(case, group, contributions), room)
    exact = pl.Series("granted", [by_payee[payee] for payee in group["payee_id"]], money.REWARD)
    return _to_minor_units(group.select("payee_id", exact), case.digits)


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

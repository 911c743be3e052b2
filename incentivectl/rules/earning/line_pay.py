"""What a line adds to a payee's reward, once the tier that decides its pay is known.

A row has that tier's `rate` and `per_unit`, null for nothing, and on a curve the rate at its place. Under
retroactive tiers and flat pay each line is paid by itself. Where pay is not proportional, a line adds what
totals earn with it less what they earn without it (docs/rules.md, "Contributions").
"""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.programs.reward import Reward, Tier

_ZERO = money.literal(0, money.SHARED_SCALE)


def is_running(reward: Reward) -> bool:
    """Whether what a line adds depends on those before it.

    Marginal tiers, growth over a baseline, and the rate of a curve, whose product is rounded once.
    """
    is_marginal = reward.tier_mode == "marginal" and bool(reward.tiers)
    return is_marginal or reward.pays_on == "increment" or bool(reward.curve)


def basis_of(reward: Reward) -> str:
    """The column that a rate multiplies: a line's amount, or its list amount."""
    return "list_amount" if reward.pays_on == "list" else "amount"


def flat(reward: Reward, basis: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """Rate x what it pays on + per_unit x quantity (18 decimals)."""
    paid = money.NOTHING
    if _pays_by(reward, "rate"):
        paid = money.multiply(basis, _or_zero("rate"), scales=(12, 6))
    if _pays_by(reward, "per_unit"):
        paid = paid + money.multiply(quantity, _or_zero("per_unit"), scales=(12, 6))
    return paid


def running(reward: Reward, basis: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """What totals so far have earned (18 decimals), where a reward `is_running`.

    `basis` is the total of what a rate pays on. An increment is max(revenue - baseline, 0), where a missing
    or negative baseline counts as 0.
    """
    if reward.pays_on == "increment":
        baseline = pl.max_horizontal(pl.col("baseline").fill_null(_ZERO), _ZERO)
        basis = pl.max_horizontal(basis - baseline, _ZERO)
    if reward.curve:
        return money.at_exact_rate(basis, pl.col("rate").fill_null(_ZERO))
    if reward.pays_on == "increment":
        return flat(reward, basis, quantity)
    return slices(reward, basis, quantity)


def slices(reward: Reward, revenue: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """Marginal pay: the part within each tier times that tier's rate, or per unit (18 decimals)."""
    if reward.tiers_by == "quantity":
        return _slices(quantity, reward.tiers, "per_unit")
    return _slices(revenue, reward.tiers, "rate")


def _slices(value: pl.Expr, tiers: Sequence[Tier], key: str) -> pl.Expr:
    """A first tier from 0 also takes what is below 0, at its own rate."""
    paid = money.NOTHING
    for place, tier in enumerate(tiers):
        amount: Decimal | None = getattr(tier, key)
        part = value - money.literal(tier.from_, money.SHARED_SCALE)
        if place + 1 < len(tiers):
            width = tiers[place + 1].from_ - tier.from_
            part = pl.min_horizontal(part, money.literal(width, money.SHARED_SCALE))
        if place > 0 or tier.from_ != 0:
            part = pl.max_horizontal(part, _ZERO)
        if amount is not None:
            paid = paid + money.multiply(part, money.literal(amount), scales=(12, 6))
    return paid


def _or_zero(name: str) -> pl.Expr:
    return pl.col(name).fill_null(money.literal(0))


def _pays_by(reward: Reward, key: str) -> bool:
    """Whether the reward, one of its tiers or its terms say how much of this is paid."""
    in_terms = reward.terms is not None and key in reward.terms.first_lines
    return in_terms or any(getattr(one, key) is not None for one in (reward, *reward.tiers))

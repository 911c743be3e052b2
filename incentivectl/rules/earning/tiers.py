"""Which tier a measured value reaches, and what the tier pays.

Tiers are half-open and `from` is inclusive. A retroactive tier pays its rate on everything, marginal
tiers pay slice by slice. Growth and attainment are compared without division
(docs/rules.md, "Tiers").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add

import polars as pl

from incentivectl.core import money
from incentivectl.programs.reward import Reward, Tier

CONTRIBUTION_SCALE = 18
NO_TIER = pl.lit(None, dtype=pl.Int32)
_NOTHING = money.literal(0, CONTRIBUTION_SCALE)


@dataclass(frozen=True)
class Block:
    """One `[[reward]]` with what a payee without a baseline gets (`exclude` or `full`).

    Its expressions work on a row of measures: `revenue`, `quantity`, the metric's own column,
    `baseline`, `target` (12 decimals; the last two null where missing). Where the tier is `found`
    already, its rate and its money per unit are the columns `rate` and `per_unit`.
    """

    reward: Reward
    if_missing: str = "exclude"
    found: bool = False

    @property
    def is_running(self) -> bool:
        """Whether what a line adds depends on those before it.

        Marginal tiers, growth over a baseline, and the rate of a curve, whose product is rounded once.
        """
        is_marginal = self.reward.tier_mode == "marginal" and bool(self.reward.tiers)
        return is_marginal or self.reward.pays_on == "increment" or bool(self.reward.curve)

    @property
    def on_list(self) -> bool:
        """Whether a rate multiplies the list amount."""
        return self.reward.pays_on == "list"

    def tier(self) -> pl.Expr:
        """The tier that is reached, from 0 (Int32); null below the first."""
        tiers = self.reward.tiers
        if not tiers:
            return NO_TIER
        steps = reduce(add, (self._reaches(tier).cast(pl.Int32) for tier in tiers)) - 1
        by = self.reward.tiers_by
        if by not in ("growth", "attainment") and tiers[0].from_ == 0:
            steps = steps.clip(lower_bound=0)
        reached = pl.when(steps >= 0).then(steps)
        if by == "growth":
            without = (
                pl.lit(len(tiers) - 1, dtype=pl.Int32) if self.if_missing == "full" else NO_TIER
            )
            return pl.when(_above_zero("baseline")).then(reached).otherwise(without)
        if by == "attainment":
            return pl.when(_above_zero("target")).then(reached)
        return reached

    def _reaches(self, tier: Tier) -> pl.Expr:
        by = self.reward.tiers_by
        if by == "growth":
            grown = money.scale_of(pl.col("revenue") - pl.col("baseline"), CONTRIBUTION_SCALE)
            return (grown >= _part("baseline", tier.from_)).fill_null(False)
        if by == "attainment":
            revenue = money.scale_of(pl.col("revenue"), CONTRIBUTION_SCALE)
            return (revenue >= _part("target", tier.from_)).fill_null(False)
        return pl.col(by) >= money.literal(tier.from_, money.SHARED_SCALE)

    def rate(self) -> pl.Expr:
        """The rate of the tier reached, or the flat one (6 decimals); null without one."""
        return pl.col("rate") if self.found else self._of_tier("rate", null=True)

    def per_unit(self) -> pl.Expr:
        """Money per unit of the tier reached, or the flat one (6 decimals, 0 without one)."""
        if self.found:
            return pl.col("per_unit").fill_null(money.literal(0))
        return self._of_tier("per_unit")

    def bonus(self) -> pl.Expr:
        """The bonus of the tier reached, where the metric that reached it is above 0 (6 decimals)."""
        by = self.reward.tiers_by if self.reward.tiers else "revenue"
        if by == "growth":
            positive = pl.col("revenue") > pl.col("baseline")
            if self.if_missing == "full":
                missing = ~_above_zero("baseline")
                positive = pl.when(missing).then(pl.col("revenue") > 0).otherwise(positive)
        elif by == "attainment":
            positive = pl.col("revenue") > 0
        else:
            positive = pl.col(by) > 0
        earned = pl.when(positive.fill_null(False)).then(self._of_tier("bonus"))
        return earned.otherwise(money.literal(0))

    def _of_tier(self, name: str, *, null: bool = False) -> pl.Expr:
        """A value of the tier reached, or of the reward itself where it has no tiers."""
        missing = pl.lit(None, dtype=money.AMOUNT) if null else money.literal(0)
        if not self.reward.tiers:
            flat: Decimal | None = getattr(self.reward, name)
            return missing if flat is None else money.literal(flat)
        values = [getattr(tier, name) for tier in self.reward.tiers]
        chosen = [
            pl.when(self.tier() == index).then(money.literal(value))
            for index, value in enumerate(values)
            if value is not None
        ]
        return pl.coalesce(*chosen, missing)

    def running(self, basis: pl.Expr, quantity: pl.Expr) -> pl.Expr:
        """What totals so far have earned, where a reward `is_running`; `basis` is what a rate pays on."""
        reward = self.reward
        if reward.pays_on == "increment":
            basis = _increment(basis)
        if reward.curve:
            rate = pl.col("rate").fill_null(money.literal(0, money.SHARED_SCALE))
            return money.at_exact_rate(basis, rate)
        if reward.pays_on == "increment":
            return self._pay(basis, quantity)
        if reward.tiers_by == "quantity":
            return _slices(quantity, reward.tiers, "per_unit")
        return _slices(basis, reward.tiers, "rate")

    def per_line(self, revenue: pl.Expr, list_amount: pl.Expr, quantity: pl.Expr) -> pl.Expr:
        """Flat and retroactive pay: rate x what it pays on + per_unit x quantity (18 decimals)."""
        return self._pay(list_amount if self.reward.pays_on == "list" else revenue, quantity)

    def _pay(self, basis: pl.Expr, quantity: pl.Expr) -> pl.Expr:
        paid = _NOTHING
        if self._names("rate"):
            rate = self.rate().fill_null(money.literal(0))
            paid = money.multiply(basis, rate, scales=(12, 6))
        if self._names("per_unit"):
            paid = paid + money.multiply(quantity, self.per_unit(), scales=(12, 6))
        return paid

    def _names(self, key: str) -> bool:
        """Whether the reward or one of its tiers says how much of this is paid."""
        in_terms = self.reward.terms is not None and key in self.reward.terms.first_lines
        steps = (self.reward, *self.reward.tiers)
        return in_terms or any(getattr(one, key) is not None for one in steps)


def _above_zero(column: str) -> pl.Expr:
    return (pl.col(column) > 0).fill_null(False)


def _part(column: str, rate: Decimal) -> pl.Expr:
    """`rate` x column, exactly (18 decimals)."""
    return money.multiply(pl.col(column), money.literal(rate), scales=(12, 6))


def _increment(revenue: pl.Expr) -> pl.Expr:
    """max(revenue - baseline, 0), a missing or negative baseline counting as 0."""
    nothing = money.literal(0, money.SHARED_SCALE)
    baseline = pl.max_horizontal(pl.col("baseline").fill_null(nothing), nothing)
    return pl.max_horizontal(revenue - baseline, nothing)


def _slices(value: pl.Expr, tiers: Sequence[Tier], key: str) -> pl.Expr:
    """Marginal pay: the part of `value` within each tier times that tier's rate (18 decimals).

    A first tier from 0 also takes what is below 0, at its own rate.
    """
    paid = _NOTHING
    for index, tier in enumerate(tiers):
        amount: Decimal | None = getattr(tier, key)
        start = money.literal(tier.from_, money.SHARED_SCALE)
        part = value - start
        if index + 1 < len(tiers):
            width = tiers[index + 1].from_ - tier.from_
            part = pl.min_horizontal(part, money.literal(width, money.SHARED_SCALE))
        if index > 0 or tier.from_ != 0:
            part = pl.max_horizontal(part, money.literal(0, money.SHARED_SCALE))
        if amount is not None:
            paid = paid + money.multiply(part, money.literal(amount), scales=(12, 6))
    return paid

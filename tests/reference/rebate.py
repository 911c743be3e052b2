"""Rebates and SPIFs: per payee and measurement period (section 4, rules 19, 20, 22)."""

from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference.eligible import Measured
from tests.reference.lines import Line
from tests.reference.measures import ZERO, Standing, needs_baseline, slices, tier_reached
from tests.reference.programs import Reward, Tier


@dataclass(frozen=True)
class Part:
    """What a single line, activity or claim contributes; `order` is its place among all of them."""

    order: tuple[object, ...]
    amount: Fraction
    line: Line | None = None


@dataclass
class Earned:
    """What a payee earns in one measurement period before boost, cap and rounding.

    `parts` are the contributions that belong to single lines or activities; they are only needed
    where a budget is served first come. Where no `[[reward]]` applies there is no metric either.
    """

    reward: Fraction = ZERO
    metric: str = "revenue"
    metric_value: Fraction | None = None
    baseline: Fraction | None = None
    tier: int | None = None
    parts: list[Part] = field(default_factory=list)


def earned_on_totals(
    reward: Reward | None, standing: Standing, measured: list[Measured], gate: bool
) -> Earned:
    """The reward on a payee's totals."""
    if reward is None:
        return Earned(metric="", metric_value=standing.totals.revenue, baseline=standing.baseline)
    earned = Earned(
        metric=reward.tiers_by,
        metric_value=standing.value(reward.tiers_by),
        baseline=standing.baseline,
    )
    # Rule 19: without a baseline, or without a target, nothing is earned.
    excluded = needs_baseline(reward) and standing.ratio("growth") is None and not standing.full
    untargeted = reward.tiers_by == "attainment" and standing.ratio("attainment") is None
    if reward.tiers and not untargeted and not excluded:
        earned.tier = tier_reached(reward, standing)
    if excluded or untargeted or not gate or (reward.tiers and earned.tier is None):
        return earned
    earned.reward = _pay(reward, standing, earned.tier) + _per_product(reward, measured)
    if not reward.marginal and reward.pays_on != "increment":
        step = reward.flat if earned.tier is None else reward.tiers[earned.tier]
        earned.parts = [Part(m.line.order, _pay_line(reward, step, m), m.line) for m in measured]
    return earned


def _pay(reward: Reward, standing: Standing, tier: int | None) -> Fraction:
    """Rate x pays_on + per_unit x quantity + bonus of the tier reached (or of no tiers)."""
    step = reward.flat if tier is None else reward.tiers[tier]
    totals = standing.totals
    base = {
        "revenue": totals.revenue,
        "list": totals.listed,
        "increment": standing.increment,
    }[reward.pays_on]
    bonus = step.bonus if _bonus_due(reward, standing) else ZERO
    if reward.marginal and reward.tiers:
        if reward.tiers_by == "quantity":
            return slices(reward.tiers, totals.quantity, "per_unit") + bonus
        return slices(reward.tiers, totals.revenue, "rate") + bonus
    return step.rate * base + step.per_unit * totals.quantity + bonus


def _bonus_due(reward: Reward, standing: Standing) -> bool:
    """Only where the metric that reached the tier is above 0 (rule 20)."""
    metric = reward.tiers_by if reward.tiers else "revenue"
    value = standing.value(metric)
    if value is None:
        return standing.totals.revenue > 0
    return value > 0


def _per_product(reward: Reward, measured: list[Measured]) -> Fraction:
    """per_product: so much a unit of the products named."""
    rates = reward.per_product
    return sum((rates.get(m.line["product_id"], ZERO) * m.quantity for m in measured), ZERO)


def _pay_line(reward: Reward, step: Tier, measured: Measured) -> Fraction:
    """What one line contributes at the tier that the payee has reached (or without tiers)."""
    base = measured.amount if reward.pays_on == "revenue" else measured.list_amount or ZERO
    per_unit = step.per_unit + reward.per_product.get(measured.line["product_id"], ZERO)
    return step.rate * base + per_unit * measured.quantity

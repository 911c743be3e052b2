"""What tiers pay for a value of the metric that they measure (docs/rules.md, "Tiers").

Checks and descriptions of programs show these figures; runs compute rewards in `rules.earning`.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from incentivectl.core import money
from incentivectl.programs.reward import Reward, Tier

_ZERO = Decimal(0)


def follows_from_metric(reward: Reward, tiers: Sequence[Tier]) -> bool:
    """Whether what some tiers of a reward pay follows from the measured value alone.

    True for rates on the revenue, or amounts per unit on the units, that the tiers measure; not where the
    tier is picked by a window, or bundles pay.
    """
    if reward.tiers_months is not None or any(tier.per_bundle for tier in tiers):
        return False
    by_revenue = reward.tiers_by == "revenue" and reward.pays_on == "revenue"
    if by_revenue:
        return not any(tier.per_unit for tier in tiers)
    return reward.tiers_by == "quantity" and not any(tier.rate for tier in tiers)


def tier_pay(reward: Reward, tier: int, value: Decimal) -> Decimal:
    """What a value earns in a tier (counted from 0), exactly; only if it `follows_from_metric`."""
    reached = reward.tiers[tier]
    with money.exactly():
        if reward.tier_mode == "marginal":
            starts = [step.from_ for step in reward.tiers[: tier + 1]]
            widths = [*(end - start for start, end in pairwise(starts)), value - starts[-1]]
        else:
            widths = [*([_ZERO] * tier), value]
        slices = zip(widths, reward.tiers, strict=False)
        paid = sum((money.product(width, _for_each(step)) for width, step in slices), _ZERO)
        return paid + (reached.bonus or _ZERO) + step_pay(reached, value) if value > 0 else paid


def step_pay(tier: Tier, value: Decimal) -> Decimal:
    """What the steps of a tier pay for a value above 0."""
    if tier.every is None or tier.pays is None:
        return _ZERO
    return money.product(Decimal(value // tier.every), tier.pays)


def _for_each(tier: Tier) -> Decimal:
    """What a tier pays for each unit of what it measures."""
    return (tier.rate or _ZERO) + (tier.per_unit or _ZERO)

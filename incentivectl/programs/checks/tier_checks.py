"""Static checks of rewards and tiers (docs/rules.md, "Tiers")."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from incentivectl.core.money import plain
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward
from incentivectl.toml.source import KeyPath

_COUNTS = ("lines", "sales", "customers", "products")
_RATIOS = ("growth", "attainment")


def reward_findings(program: Program) -> Iterator[Finding]:
    """Contradictions within each `[reward]`, and rewards that no payee can take."""
    for i, reward in enumerate(program.reward):
        path: KeyPath = ("reward", i)
        yield from _flat_findings(path, reward)
        yield from _marginal_findings(path, reward)
        yield from _tier_findings(path, reward)
    if program.alternatives:
        yield from _unreachable_rewards(program.reward)


def _unreachable_rewards(rewards: tuple[Reward, ...]) -> Iterator[Finding]:
    taken = next((i for i, reward in enumerate(rewards) if not reward.when), len(rewards))
    for i in range(taken + 1, len(rewards)):
        message = (
            "this [[reward]] never applies: one before it has no `when` and applies to everybody"
        )
        yield warning(("reward", i), "unreachable-reward", message, "put it before that one")


def _flat_findings(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    flat = [key for key in reward.paying_keys if getattr(reward, key) is not None]
    if reward.tiers:
        for key in (key for key in flat if key in Reward.paying_keys):
            message = f"`{key}` and `tiers` exclude each other: put it into the tiers, or drop them"
            yield Finding((*path, key), "flat-beside-tiers", message)
    else:
        if not flat:
            known = ", ".join(f"`{key}`" for key in (*reward.paying_keys, "tiers"))
            yield Finding(path, "pays-nothing", "this reward pays nothing", f"add one of {known}")
        for key in ("tiers_by", "tier_mode"):
            if key in reward.model_fields_set:
                message = f"`{key}` has no effect without `tiers`"
                yield warning((*path, key), "no-tiers", message)
    if reward.per_product is not None and reward.per_unit is not None:
        message = "`per_unit` and `per_product` are two prices for one unit"
        yield Finding((*path, "per_unit"), "two-prices", message, "leave out one of them")
    rates = (reward.rate, *(tier.rate for tier in reward.tiers))
    if "pays_on" in reward.model_fields_set and all(rate is None for rate in rates):
        message = "`pays_on` says what a rate multiplies, and there is no rate"
        yield warning((*path, "pays_on"), "pays-on-without-rate", message)


def _marginal_findings(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    if reward.tier_mode != "marginal" or not reward.tiers:
        return
    with_rate = any(tier.rate is not None for tier in reward.tiers)
    with_unit = any(tier.per_unit is not None for tier in reward.tiers)
    by_revenue = reward.tiers_by == "revenue" and reward.pays_on == "revenue" and not with_unit
    by_quantity = reward.tiers_by == "quantity" and not with_rate
    if not (by_revenue or by_quantity):
        message = "marginal tiers must measure what they pay on"
        hint = 'tiers_by = "revenue" with `rate` on revenue, or "quantity" with `per_unit`'
        yield Finding((*path, "tier_mode"), "marginal-combination", message, hint)


def _tier_findings(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    for i, tier in enumerate(reward.tiers):
        at = (*path, "tiers", i)
        start = plain(tier.from_)
        if tier.rate is None and tier.per_unit is None and tier.bonus is None:
            message = f"the tier from {start} pays nothing"
            hint = "add `rate`, `per_unit` or `bonus`; rate = 0 if it pays nothing on purpose"
            yield Finding(at, "empty-tier", message, hint)
        if tier.from_ < 0 and reward.tiers_by != "growth":
            message = f"tiers by {reward.tiers_by} cannot start at {start}, below 0"
            yield Finding((*at, "from"), "negative-tier", message)
        if tier.from_ >= 3 and reward.tiers_by in _RATIOS:
            message = f"{start} is {plain(tier.from_ * 100)} % {reward.tiers_by}"
            hint = f'write "{start}%" if that is intended'
            yield warning((*at, "from"), "looks-like-percent", message, hint)
    for i, (tier, following) in enumerate(pairwise(reward.tiers)):
        yield from _order_findings(path, i, reward, tier.from_, following.from_)


def _order_findings(
    path: KeyPath, i: int, reward: Reward, start: Decimal, end: Decimal
) -> Iterator[Finding]:
    """Whether tier `i`, which ends before `end`, comes in order and can be reached."""
    if end < start:
        message = f"the tier from {plain(end)} comes after the tier from {plain(start)}"
        hint = "list the tiers from the lowest to the highest"
        yield Finding((*path, "tiers", i + 1, "from"), "tiers-out-of-order", message, hint)
    elif end == start:
        message = f"two tiers begin at {plain(start)}, so the first of them cannot be reached"
        yield Finding((*path, "tiers", i, "from"), "unreachable-tier", message)
    elif reward.tiers_by in _COUNTS and _whole_from(start) == _whole_from(end):
        message = f"no number of {reward.tiers_by} lies between {plain(start)} and {plain(end)}"
        hint = "use whole numbers"
        yield Finding((*path, "tiers", i, "from"), "unreachable-tier", message, hint)


def _whole_from(number: Decimal) -> Decimal:
    """The first whole number that is at least `number`."""
    return number.to_integral_value(ROUND_CEILING)

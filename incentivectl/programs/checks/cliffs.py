"""Jumps between retroactive tiers: what the last unit before a tier pays, and the first in it.

A retroactive tier pays on everything, so its reward jumps where it begins (docs/rules.md, "Tiers").
A jump up is worth knowing when a partner stands just below it; a drop is nearly always a mistake.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from incentivectl.core.money import minor_digits, plain, round_decimal
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.tier_pay import follows_from_metric, tier_pay

_ZERO = Decimal(0)
_PAYS = ("rate", "per_unit", "bonus", "pays")


def cliff_findings(program: Program, currency: str) -> Iterator[Finding]:
    """A warning for each retroactive tier at whose threshold the reward jumps or drops."""
    digits = minor_digits(program.currency or currency)
    cap = program.limits.per_payee
    for i, reward in enumerate(program.reward):
        if reward.tier_mode != "retroactive":
            continue
        for j, (below, tier) in enumerate(pairwise(reward.tiers), start=1):
            if tier.from_ > max(below.from_, _ZERO):
                yield from _cliff(("reward", i, "tiers", j), reward, j, digits=digits, cap=cap)


def _cliff(
    path: tuple[str | int, ...],
    reward: Reward,
    at: int,
    *,
    digits: int,
    cap: Decimal | None,
) -> Iterator[Finding]:
    """Compares the pay of the last unit before tier `at` with the first unit in it."""
    below, tier = reward.tiers[at - 1], reward.tiers[at]
    unit = _unit(reward, below, tier, digits)
    if unit is None:
        if _pays_less(tier, below):
            yield _drop(path, f"from {plain(tier.from_)} on, the tier pays less than the one below")
        return
    last = tier.from_ - unit
    if last < below.from_:
        return
    before, after = _paid(reward, at - 1, last, cap), _paid(reward, at, tier.from_, cap)
    shown = digits if reward.tiers_by == "revenue" else 0
    text = (
        f"{_grouped(last, shown)} pays {_grouped(before, digits)}, "
        f"{_grouped(tier.from_, shown)} pays {_grouped(after, digits)}"
    )
    if after < before:
        yield _drop(path, text)
    elif after > _paid(reward, at - 1, tier.from_, cap):
        yield warning(path, "reward-jumps", f"the reward jumps at a tier: {text}")


def _drop(path: tuple[str | int, ...], text: str) -> Finding:
    hint = "payees who reach this tier earn less than those just below it; is that intended?"
    return warning(path, "reward-drops", f"the reward drops at a tier: {text}", hint)


def _unit(reward: Reward, below: Tier, tier: Tier, digits: int) -> Decimal | None:
    """The step below the threshold, if what the tiers pay follows from the metric alone."""
    if not follows_from_metric(reward, (below, tier)):
        return None
    return Decimal(1).scaleb(-digits) if reward.tiers_by == "revenue" else Decimal(1)


def _paid(reward: Reward, at: int, value: Decimal, cap: Decimal | None) -> Decimal:
    """What a value earns in tier `at`, up to the cap."""
    paid = tier_pay(reward, at, value)
    return paid if cap is None else min(paid, cap)


def _pays_less(tier: Tier, below: Tier) -> bool:
    """Whether a tier pays no more than the one below in everything, and less in something."""
    pairs = [(getattr(tier, key) or _ZERO, getattr(below, key) or _ZERO) for key in _PAYS]
    return all(here <= there for here, there in pairs) and any(a < b for a, b in pairs)


def _grouped(number: Decimal, digits: int) -> str:
    """`number` with thousands separators, rounded half up to `digits` decimals."""
    return f"{round_decimal(number, digits):,f}"

"""Static checks of rewards and tiers (docs/rules.md, "Tiers")."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from incentivectl.core.money import plain
from incentivectl.core.nouns import counted
from incentivectl.core.periods import MONTHS_OF
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.reward import BUNDLES, Reward, Tier
from incentivectl.toml.positions import KeyPath

_COUNTS = ("lines", "sales", "customers", "products")
_RATIOS = ("growth", "attainment")
_NOT_TOGETHER = ("bonus", "every", "per_bundle", "curve", "tiers_months")


def reward_findings(program: Program) -> Iterator[Finding]:
    """Contradictions within each `[reward]`, and rewards that no payee can take."""
    for i, reward in enumerate(program.reward):
        path: KeyPath = ("reward", i)
        yield from _flat_findings(path, reward)
        yield from _marginal_findings(path, reward)
        yield from _tier_findings(path, reward)
        yield from _step_findings(path, reward)
        yield from _curve_findings(path, reward)
        yield from _per_bundle_findings(path, reward, program)
        yield from _window_findings(path, reward, program)
        yield from _together_findings(path, reward, program)
    yield from _bundle_findings(program)
    yield from _share_findings(program)
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
        if not flat and not reward.curve and reward.terms is None:
            known = ", ".join(f"`{key}`" for key in (*reward.paying_keys, "tiers"))
            yield Finding(path, "pays-nothing", "this reward pays nothing", f"add one of {known}")
        measured = bool(reward.every or reward.curve)
        useless = ("tier_mode",) if measured else ("tiers_by", "tier_mode")
        for key in () if reward.terms is not None else useless:
            if key in reward.model_fields_set:
                message = f"`{key}` has no effect without `tiers`"
                yield warning((*path, key), "no-tiers", message)
    if reward.per_product is not None and reward.per_unit is not None:
        message = "`per_unit` and `per_product` are two prices for one unit"
        yield Finding((*path, "per_unit"), "two-prices", message, "leave out one of them")
    rates = [reward.rate, *(tier.rate for tier in reward.tiers), *(at.rate for at in reward.curve)]
    by_terms = reward.terms is not None and "rate" in reward.terms.first_lines
    if "pays_on" in reward.model_fields_set and all(r is None for r in rates) and not by_terms:
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
        if all(getattr(tier, key, None) is None for key in Reward.paying_keys):
            message = f"the tier from {start} pays nothing"
            hint = "add `rate`, `per_unit` or `bonus`; rate = 0 if it pays nothing on purpose"
            yield Finding(at, "empty-tier", message, hint)
        yield from _start_findings((*at, "from"), reward, tier.from_, "tiers")
    for i, (tier, following) in enumerate(pairwise(reward.tiers)):
        yield from _order_findings(path, i, reward, tier.from_, following.from_)


def _start_findings(path: KeyPath, reward: Reward, start: Decimal, steps: str) -> Iterator[Finding]:
    """A start that its metric cannot reach, or that looks like a slip: below 0, or 300 % written as 3."""
    if start < 0 and reward.tiers_by != "growth":
        message = f"{steps} by {reward.tiers_by} cannot start at {plain(start)}, below 0"
        yield Finding(path, "negative-tier", message)
    if start >= 3 and reward.tiers_by in _RATIOS:
        message = f"{plain(start)} is {plain(start * 100)} % {reward.tiers_by}"
        hint = f'write "{plain(start)}%" if that is intended'
        yield warning(path, "looks-like-percent", message, hint)


def _step_findings(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    """`every` and `pays` need each other, and a metric that can be counted (docs/rules.md, "Steps")."""
    places: list[tuple[KeyPath, Reward | Tier]] = [(path, reward)]
    places += (((*path, "tiers", i), tier) for i, tier in enumerate(reward.tiers))
    for at, one in places:
        if (one.every is None) != (one.pays is None):
            given, lacking = ("pays", "every") if one.every is None else ("every", "pays")
            message = f"`{given}` has no meaning without `{lacking}`"
            hint = "such as every = 10_000, pays = 100"
            yield Finding((*at, given), "half-a-step", message, hint)
        if one.every is None:
            continue
        if reward.tiers_by in _RATIOS:
            message = f"steps are counted, and {reward.tiers_by} is a ratio"
            hint = "use revenue, quantity, lines, sales, customers or products"
            yield Finding((*at, "every"), "steps-of-a-ratio", message, hint)
        if reward.tiers and reward.tier_mode == "marginal":
            message = "steps are counted on the whole total, marginal tiers pay on slices of it"
            hint = 'use tier_mode = "retroactive"'
            yield Finding((*at, "every"), "marginal-combination", message, hint)


def _window_findings(path: KeyPath, reward: Reward, program: Program) -> Iterator[Finding]:
    """A window beside what it cannot measure, or shorter than a period (docs/rules.md, "Windows")."""
    if reward.tiers_months is None:
        return
    at = (*path, "tiers_months")
    if program.serials_earn_once:
        yield Finding(
            at,
            "window-of-a-spif",
            "a SPIF has no window: a serial number earns once",
            "use a rebate",
        )
    if not reward.measures or (reward.tiers and reward.tier_mode == "marginal"):
        message = "`tiers_months` needs retroactive tiers or a curve, which it picks from"
        yield Finding(at, "window-without-tiers", message)
    if reward.tiers_by in (*_RATIOS, BUNDLES):
        message = f"`tiers_months` cannot be used with {reward.tiers_by}"
        hint = "use revenue, quantity, lines, sales, customers or products"
        yield Finding(at, "window-of-what", message, hint)
    longest = MONTHS_OF.get(program.period)
    if longest and reward.tiers_months < longest:
        yield window_too_short(at, reward.tiers_months, longest)


def window_too_short(path: KeyPath, months: int, longest: int) -> Finding:
    """A window that a measurement period, of `longest` months, does not fit into."""
    message = f"a window of {counted(months, 'month')} is shorter than a measurement period"
    return Finding(path, "window-too-short", message, f"use at least {longest}")


def _together_findings(path: KeyPath, reward: Reward, program: Program) -> Iterator[Finding]:
    """`together` beside what a group does not share (docs/rules.md, "Parents and managers")."""
    if reward.together is None:
        return
    at = (*path, "together")
    if program.serials_earn_once or program.payee != "partner":
        message = "only partners in a rebate count together"
        yield Finding(at, "together-of-whom", message, 'use kind = "rebate", payee = "partner"')
    has_tiers = reward.tiers or (reward.terms is not None and "from" in reward.terms.first_lines)
    if not has_tiers or reward.tier_mode == "marginal":
        message = "`together` needs retroactive tiers, which the group's metric picks from"
        yield Finding(at, "together-without-tiers", message)
    if reward.tiers_by in (*_RATIOS, BUNDLES):
        message = f"`together` cannot be used with {reward.tiers_by}"
        hint = "use revenue, quantity, lines, sales, customers or products"
        yield Finding(at, "together-by-what", message, hint)
    pays = {
        key for one in (reward, *reward.tiers) for key in _NOT_TOGETHER if getattr(one, key, None)
    }
    in_terms = set() if reward.terms is None else {*reward.terms.first_lines} & {*_NOT_TOGETHER}
    for key in sorted(pays | in_terms):
        message = f"`{key}` and `together` exclude each other"
        yield Finding(at, "beside-together", message, "leave out one of them")


def _per_bundle_findings(path: KeyPath, reward: Reward, program: Program) -> Iterator[Finding]:
    """`per_bundle` without a bundle, or in a slice (docs/rules.md, "Bundles")."""
    places: list[tuple[KeyPath, Reward | Tier]] = [(path, reward)]
    places += (((*path, "tiers", i), tier) for i, tier in enumerate(reward.tiers))
    for at, one in places:
        if one.per_bundle is None:
            continue
        if not program.needs:
            message = "`per_bundle` has no meaning without [bundle]"
            yield Finding((*at, "per_bundle"), "no-bundle", message, "add [bundle] with its needs")
        if reward.tiers and reward.tier_mode == "marginal":
            message = "bundles are counted on the whole, marginal tiers pay on slices of a total"
            hint = 'use tier_mode = "retroactive"'
            yield Finding((*at, "per_bundle"), "marginal-combination", message, hint)


def _bundle_findings(program: Program) -> Iterator[Finding]:
    """The metric `bundles` without a bundle, and a bundle that nothing counts."""
    if not program.needs:
        for path, metric in program.metrics_used():
            if metric == BUNDLES:
                message = "`bundles` cannot be counted without [bundle]"
                yield Finding(path, "no-bundle", message, "add [bundle] with its needs")
        return
    counts = any(metric == BUNDLES for _, metric in program.metrics_used())
    pays = any(
        reward.per_bundle or any(tier.per_bundle for tier in reward.tiers)
        for reward in program.reward
    )
    if not counts and not pays:
        message = "[bundle] only leaves out lines: nothing pays for bundles or counts them"
        hint = 'use `per_bundle`, tiers_by = "bundles" or a gate on bundles'
        yield warning(("bundle",), "unused-bundle", message, hint)


def _share_findings(program: Program) -> Iterator[Finding]:
    """Gates on shares of what has no shares, or that nobody reaches (docs/rules.md, "Gates")."""
    for i, gate in enumerate(program.gate):
        if not gate.share_of:
            continue
        if gate.metric not in ("revenue", "quantity"):
            message = f"a share is one of revenue or quantity, not of {gate.metric}"
            yield Finding(("gate", i, "metric"), "share-of-what", message)
        if gate.at_least > 1:
            message = f"no share is {plain(gate.at_least * 100)} %: nobody reaches this gate"
            hint = f'write "{plain(gate.at_least)}%" if that is intended'
            yield Finding(("gate", i, "at_least"), "share-over-100-percent", message, hint)


def _curve_findings(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    """Points out of order or of mixed kinds, and keys that a curve excludes (docs/rules.md, "Curves")."""
    curve = reward.curve
    if not curve:
        return
    for key in ("tiers", *(key for key in Reward.paying_keys)):
        if getattr(reward, key):
            message = f"`{key}` and `curve` exclude each other: a curve is all that is paid"
            yield Finding((*path, key), "beside-curve", message, "leave out one of them")
    if len(curve) < 2:
        message = "a curve needs two points or more"
        yield Finding((*path, "curve"), "short-curve", message, "add a second point")
    key = "pays" if curve[0].rate is None else "rate"
    for i, point in enumerate(curve):
        at = (*path, "curve", i)
        if (point.pays is None) == (point.rate is None) or getattr(point, key) is None:
            message = f"every point of a curve has either `pays` or `rate`, here `{key}`"
            yield Finding(at, "mixed-curve", message)
        yield from _start_findings((*at, "at"), reward, point.at, "points")
    for i, (point, following) in enumerate(pairwise(curve), start=1):
        if following.at <= point.at:
            message = (
                f"the point at {plain(following.at)} comes after the point at {plain(point.at)}"
            )
            hint = "list the points from the lowest to the highest, each once"
            yield Finding((*path, "curve", i, "at"), "points-out-of-order", message, hint)


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

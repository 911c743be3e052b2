"""Rebates and SPIFs: per payee and measurement period (section 4, rules 19, 20, 22)."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.eligible import Eligibility, Measured
from tests.reference.exact import quotient
from tests.reference.lines import Line
from tests.reference.measures import (
    ZERO,
    Standing,
    slices,
    tier_reached,
    total,
)
from tests.reference.programs import Program, Reward, Tier, reward_of_term
from tests.reference.terms import Term


@dataclass(frozen=True)
class Part:
    """What a single line, activity or claim contributes; `order` is its place among all of them."""

    order: tuple[object, ...]
    amount: Fraction
    line: Line | None = None


@dataclass
class Earned:
    """What a payee earns in one measurement period before boost, caps and rounding.

    `parts` are the contributions that belong to single lines or activities; they are only needed
    where a budget is served first come. `capped` is what was earned under terms that cap it: each
    amount, which `reward` contains, with its cap. Where no `[[reward]]` applies there is no metric.
    """

    reward: Fraction = ZERO
    metric: str = "revenue"
    metric_value: Fraction | None = None
    baseline: Fraction | None = None
    tier: int | None = None
    parts: list[Part] = field(default_factory=list)
    capped: list[tuple[Fraction, Fraction]] = field(default_factory=list)


def earned_on_totals(
    reward: Reward, standing: Standing, measured: list[Measured], gate: bool
) -> Earned:
    """The reward on a payee's totals; nothing where the entry has terms and none fits the payee."""
    earned = Earned(
        metric=reward.tiers_by,
        metric_value=standing.picks.value(reward.tiers_by),
        baseline=standing.baseline,
    )
    # Rule 19: without a baseline, or without a target, nothing is earned. A term without tiers asks
    # for neither, whatever picks the tier of the others.
    picked_by = reward.tiers_by if reward.tiers or reward.curve else None
    compares = picked_by == "growth" or reward.pays_on == "increment"
    excluded = compares and standing.ratio("growth") is None and not standing.full
    untargeted = picked_by == "attainment" and standing.ratio("attainment") is None
    if reward.terms is not None or excluded or untargeted:
        return earned
    if reward.curve:
        return _on_curve(earned, reward, standing, measured, gate)
    if reward.tiers:
        earned.tier = tier_reached(reward, standing)
        if earned.tier is None:
            return earned
    if gate:
        earned.reward = _pay(reward, standing, earned.tier) + _per_product(reward, measured)
        _cap_of_term(earned, reward)
        if not reward.marginal and reward.pays_on != "increment":
            step = reward.flat if earned.tier is None else reward.tiers[earned.tier]
            earned.parts = [
                Part(m.line.order, _pay_line(reward, step, m), m.line) for m in measured
            ]
    return earned


def earned_by_terms(
    eligibility: Eligibility,
    program: Program,
    standing: Standing,
    measured: list[Measured],
    gate: bool,
) -> Earned:
    """Terms by line: tiers, `bonus` and `every` on each term's own totals; the rewards add up.

    With `tiers_over = "payee"` the payee's metric over all its counted lines picks each term's tier.
    """
    entry = program.rewards[0]
    over_payee = entry.raw.get("tiers_over", "term") == "payee"
    of_term: dict[Term, list[Measured]] = defaultdict(list)
    for one in measured:
        term = eligibility.term_of(program, one.line)[1]
        assert term is not None, one
        of_term[term].append(one)
    earned = Earned(ZERO, entry.tiers_by, standing.value(entry.tiers_by), standing.baseline)
    for term, lines in of_term.items():
        picking = standing.totals if over_payee else None
        own = Standing(total(lines), None, None, False, picking)
        under = earned_on_totals(reward_of_term(entry, term), own, lines, gate)
        earned.reward += under.reward
        earned.parts += under.parts
        earned.capped += under.capped
        earned.tier = under.tier if len(of_term) == 1 else None
    return earned


def _cap_of_term(earned: Earned, reward: Reward) -> None:
    """`per_payee` of the term that was taken."""
    if reward.term is not None and reward.term.per_payee is not None:
        earned.capped = [(earned.reward, reward.term.per_payee)]


def _on_curve(
    earned: Earned, reward: Reward, standing: Standing, measured: list[Measured], gate: bool
) -> Earned:
    """A curve pays its value at the metric: an amount, or a rate on what `pays_on` says."""
    value = curve_value(reward, standing)
    if value is None or not gate:
        return earned
    if reward.curve_pays:
        # Under `full` without a baseline the last point needs some revenue.
        compared = reward.tiers_by != "growth" or standing.ratio("growth") is not None
        earned.reward = value if compared or standing.totals.revenue > 0 else ZERO
        return earned
    earned.reward = value * _base(reward, standing)
    if reward.pays_on != "increment":
        step = replace(reward.flat, rate=value)
        earned.parts = [Part(m.line.order, _pay_line(reward, step, m), m.line) for m in measured]
    return earned


def curve_value(reward: Reward, standing: Standing) -> Fraction | None:
    """The curve at the metric: None below its first point, from the last on the last's value.

    A total below 0 takes the first point's `rate` where that stands at 0. Growth and attainment are
    their 12-decimal quotients; without a baseline, under `full`, the last point counts.
    """
    points, picks = reward.curve, standing.picks
    if reward.tiers_by in ("growth", "attainment"):
        ratio = picks.ratio(reward.tiers_by)
        if ratio is None:
            return points[-1].value
        x = quotient(*ratio)
    else:
        x = picks.totals.metric(reward.tiers_by)
        if x < 0 and points[0].at == 0 and not reward.curve_pays:
            return points[0].value
    if x < points[0].at:
        return None
    if x >= points[-1].at:
        return points[-1].value
    index = max(i for i, point in enumerate(points) if point.at <= x)
    a, b = points[index], points[index + 1]
    return a.value + quotient((b.value - a.value) * (x - a.at), b.at - a.at)


def _base(reward: Reward, standing: Standing) -> Fraction:
    """What a rate multiplies."""
    totals = standing.totals
    return {
        "revenue": totals.revenue,
        "list": totals.listed,
        "increment": standing.increment,
    }[reward.pays_on]


def _pay(reward: Reward, standing: Standing, tier: int | None) -> Fraction:
    """All that the tier reached (or an entry without tiers) pays, added up."""
    step = reward.flat if tier is None else reward.tiers[tier]
    totals = standing.totals
    extra = step.bonus if _bonus_due(reward, standing) else ZERO
    extra += step.per_bundle * totals.bundles + _steps(reward, step, standing)
    if reward.marginal and reward.tiers:
        if reward.tiers_by == "quantity":
            return slices(reward.tiers, totals.quantity, "per_unit") + extra
        return slices(reward.tiers, totals.revenue, "rate") + extra
    return step.rate * _base(reward, standing) + step.per_unit * totals.quantity + extra


def _steps(reward: Reward, step: Tier, standing: Standing) -> Fraction:
    """`every`, `pays`: so much for each whole step of the payee's own metric of the period."""
    if step.every == 0:
        return ZERO
    value = standing.totals.metric(reward.tiers_by)
    return (max(value, ZERO) / step.every).__floor__() * step.pays


def _bonus_due(reward: Reward, standing: Standing) -> bool:
    """Only where the metric that reached the tier is above 0 (rule 20); in a window revenue, too."""
    metric = reward.tiers_by if reward.tiers else "revenue"
    value = standing.picks.value(metric)
    if value is None or standing.picking is not None:
        return standing.totals.revenue > 0 and (value is None or value > 0)
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

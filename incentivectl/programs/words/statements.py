"""What statements say of a row of earnings, in words that kinds share (docs/questions.md, "Statements")."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward, Tier


@dataclass(frozen=True)
class NextStep:
    """What is still to do in a measurement period that goes on.

    `step` is gate, minimum or tier; `have`, `goal` and `missing` are in the unit of `metric`, in money
    for growth and attainment. `tier` is the next one, from 0; `more` is about what it adds.
    """

    step: str
    metric: str
    have: Decimal
    goal: Decimal
    missing: Decimal
    tier: int | None
    more: Decimal | None
    until: date


@dataclass(frozen=True)
class EarningRow:
    """One program and measurement period: a row of `earnings.csv`, with what explains it.

    `booked_before` is what was booked before PERIOD, `this_batch` what is booked in it.

    `reward_block` is the `[[reward]]` that the payee takes; `revenue`, `quantity` what was measured
    of its lines, `rank` its place in a contest, `payable_from` the day on which a period becomes due.
    """

    program: Program
    currency: str
    period_start: date
    period_end: date
    payable_from: date
    status: str
    inactive: bool
    metric: str
    metric_value: Decimal | None
    baseline: Decimal | None
    tier: int | None
    rate: Decimal | None
    reward: Decimal
    boost: Decimal
    cap_cut: Decimal
    before_budget: Decimal
    budget_cut: Decimal
    entitlement: Decimal
    kept: Decimal
    booked_before: Decimal
    this_batch: Decimal
    why_nothing: str | None
    reward_block: Reward | None
    revenue: Decimal | None
    quantity: Decimal | None
    rank: int | None
    next_step: NextStep | None

    @property
    def is_corrected(self) -> bool:
        """Whether this statement changes what an earlier one had booked."""
        return self.booked_before != 0 and self.this_batch != 0


def achieved(earned: EarningRow, language: Language) -> str:
    """What the payee did, by the program's metric."""
    value = earned.metric_value if earned.metric_value is not None else Decimal(0)
    if earned.metric == "growth":
        share = language.percent(abs(_rounded(value)))
        base = language.money(earned.baseline or Decimal(0), earned.currency)
        if earned.metric_value is None:
            return language.say("You have no sales in the previous year to compare with")
        if value < 0:
            return language.say("Your sales fell by {share} from {base}", share=share, base=base)
        return language.say("Your sales grew by {share} over {base}", share=share, base=base)
    if earned.metric == "attainment":
        return language.say(
            "You reached {share} of your target", share=language.percent(_rounded(value))
        )
    return amount_of(earned.metric, value, earned.currency, language)


def amount_of(metric: str, value: Decimal, currency: str, language: Language) -> str:
    """A value of a metric as what the payee did."""
    match metric:
        case "quantity":
            return language.count("You sold {n} unit", "You sold {n} units", value)
        case "lines":
            return language.count("You sold {n} line", "You sold {n} lines", value)
        case "sales":
            return language.count("You made {n} sale", "You made {n} sales", value)
        case "customers":
            return language.count("You sold to {n} customer", "You sold to {n} customers", value)
        case "products":
            return language.count("You sold {n} product", "You sold {n} different products", value)
    return language.say("You sold {amount}", amount=language.money(value, currency))


def _rounded(share: Decimal) -> Decimal:
    """A share as it is shown: one decimal of a percent, never rounded up to a threshold."""
    return Decimal(int(share * 1000)) / 1000


def revenue(earned: EarningRow, language: Language) -> str:
    """The revenue of the lines that count."""
    value = earned.revenue if earned.revenue is not None else earned.metric_value
    return language.money(value or Decimal(0), earned.currency)


def with_pay(earned: EarningRow, language: Language, done: str = "") -> str:
    """What the payee did, by default by the program's metric, and what its reward pays for that."""
    done = done or achieved(earned, language)
    reward = earned.reward_block
    if reward is None:
        return f"{done}."
    tier = earned.tier
    if tier is None or not reward.tiers:
        if reward.per_product:
            return language.say(
                "{achieved}; each unit pays the amount of its product.",
                achieved=_units(earned, language),
            )
        if reward.per_unit is not None and reward.rate is None:
            done = _units(earned, language)
        pays = paid(reward, reward, earned.currency, language)
        return language.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)
    values = {
        "achieved": done,
        "tier": language.number(Decimal(tier + 1)),
        "tiers": language.number(Decimal(len(reward.tiers))),
        "pays": paid(reward.tiers[tier], reward, earned.currency, language),
    }
    if reward.tier_mode == "marginal":
        return language.say(
            "{achieved}: tier {tier} of {tiers}, incremental tiers; top rate reached: {pays}.",
            **values,
        )
    return language.say("{achieved}: tier {tier} of {tiers}, which pays {pays}.", **values)


def _units(earned: EarningRow, language: Language) -> str:
    return amount_of("quantity", earned.quantity or Decimal(0), earned.currency, language)


def paid(tier: Tier | Reward, reward: Reward, currency: str, language: Language) -> str:
    """What a tier, or a reward without tiers, pays."""
    return language.listed(pay_parts(tier, reward, currency, language)) or language.say("nothing")


def pay_parts(
    tier: Tier | Reward, reward: Reward, currency: str, language: Language
) -> Iterator[str]:
    """Each thing that a tier, or a reward without tiers, pays."""
    marginal = bool(reward.tiers) and reward.tier_mode == "marginal"
    if tier.rate is not None:
        rate = language.percent(tier.rate)
        if marginal:
            yield rate
        elif reward.pays_on == "list":
            yield language.say("{rate} of the list price", rate=rate)
        elif reward.pays_on == "increment":
            yield language.say("{rate} of the increase", rate=rate)
        else:
            yield language.say("{rate} on all of it", rate=rate)
    if tier.per_unit is not None:
        amount = language.bound(tier.per_unit, currency)
        yield language.say("{amount} for each unit", amount=amount)
    if tier.bonus:
        yield language.say("a bonus of {amount}", amount=language.bound(tier.bonus, currency))


def bound_of(metric: str, value: Decimal, currency: str, language: Language) -> str:
    """A threshold of a metric with its noun."""
    number = plain(value)
    match metric:
        case "growth":
            return language.say("growth of {share}", share=language.percent(value))
        case "attainment":
            return language.say("{share} of the target", share=language.percent(value))
        case "quantity":
            return language.count("{n} unit", "{n} units", number)
        case "lines":
            return language.count("{n} line", "{n} lines", number)
        case "sales":
            return language.count("{n} sale", "{n} sales", number)
        case "customers":
            return language.count("{n} customer", "{n} customers", number)
        case "products":
            return language.count("{n} product", "{n} different products", number)
    return language.bound(value, currency)


def plain(value: Decimal) -> Decimal:
    """A number without zeros at its end."""
    return value.normalize() if value != value.to_integral_value() else Decimal(int(value))

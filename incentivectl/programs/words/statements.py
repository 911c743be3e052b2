"""What statements say of a row of earnings, in words that kinds share (docs/questions.md, "Statements")."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from incentivectl.core import money
from incentivectl.output.language import POINTS, Language
from incentivectl.programs.bundle import Need
from incentivectl.programs.conditions import Condition
from incentivectl.programs.gate import Gate
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.terms import Term
from incentivectl.programs.words.phrases import formula

RATE_SHOWN = 6  # decimals of a rate between two points of a curve, which are four of a percent


@dataclass(frozen=True)
class NextStep:
    """What is still to do in a measurement period that goes on.

    `step` is gate, minimum, tier, point, step or bundle; `have`, `goal` and `missing` are in the unit of
    `metric`, in money for growth and attainment. `tier` is the next one (or the next point) of `reward`,
    from 0, and `contract` the one that says so; `more` is about what it adds. `gate` is that which is
    closed, `needs` what is missing to one bundle more, where that can be said.
    """

    step: str
    metric: str
    have: Decimal
    goal: Decimal
    missing: Decimal
    tier: int | None
    more: Decimal | None
    until: date
    reward: Reward | None = None
    contract: str = ""
    gate: Gate | None = None
    needs: tuple[tuple[Need, Decimal], ...] = ()


@dataclass(frozen=True)
class TermPaid:
    """A term that a payee took, and what it earned under it where terms are found for each line."""

    term: Term
    earned: Decimal | None = None


@dataclass(frozen=True)
class Item:
    """An activity or a claim that is paid: what it is, when it was done or made, and what it adds."""

    name: str
    on: date
    amount: Decimal


@dataclass(frozen=True)
class EarningRow:
    """One program and measurement period: a row of `earnings.csv`, with what explains it.

    `booked_before` is what was booked before PERIOD, `this_batch` what is booked in it.

    `reward_block` is the `[[reward]]` that the payee takes, or the one term; `terms` are those that it took.
    `revenue`, `quantity` are what was measured of its lines, `rank` its place in a contest, `payable_from`
    the day on which a period becomes due, `items` the activities or claims that are paid. `points_per_unit`
    is what one of the currency is worth, where the payee is paid in points.
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
    terms: tuple[TermPaid, ...] = ()
    items: tuple[Item, ...] = ()
    points_per_unit: Decimal | None = None

    @property
    def unit(self) -> str:
        """What the payee is paid in: the currency, or points."""
        return self.currency if self.points_per_unit is None else POINTS

    def in_unit(self, amount: Decimal) -> Decimal:
        """An amount of the currency in what the payee is paid in."""
        per_unit = self.points_per_unit
        return amount if per_unit is None else money.product(amount, per_unit)

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
    done = amount_of(earned.metric, value, earned.currency, language)
    if months := _window(earned):
        return language.count(
            "{achieved} in {n} month", "{achieved} in {n} months", Decimal(months), achieved=done
        )
    if _of_group(earned):
        return language.say("{achieved} together with your group", achieved=done)
    return done


def _window(earned: EarningRow) -> int:
    """The months of the window that picks the tier; 0 without one."""
    return 0 if earned.reward_block is None else earned.reward_block.tiers_months or 0


def _of_group(earned: EarningRow) -> bool:
    """Whether what a group of partners sells together picks the tier."""
    return earned.reward_block is not None and earned.reward_block.together is not None


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
        case "bundles":
            return language.count("You sold {n} bundle", "You sold {n} bundles", value)
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
    if reward is None or reward.terms is not None:
        return f"{done}."
    tier = earned.tier
    on = revenue(earned, language) if _window(earned) or _of_group(earned) else ""
    if reward.curve:
        pays = _on_curve(earned, reward, language, on)
        return language.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)
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
        "pays": paid(reward.tiers[tier], reward, earned.currency, language, on),
    }
    if reward.tier_mode == "marginal":
        return language.say(
            "{achieved}: tier {tier} of {tiers}, incremental tiers; top rate reached: {pays}.",
            **values,
        )
    return language.say("{achieved}: tier {tier} of {tiers}, which pays {pays}.", **values)


def _on_curve(earned: EarningRow, reward: Reward, language: Language, on: str) -> str:
    """What a curve pays at the payee's value: its rate there, or its amount."""
    if earned.rate is None:
        return language.money(earned.reward, earned.currency)
    rate = money.round_decimal(earned.rate, RATE_SHOWN)
    flat = reward.model_copy(update={"rate": rate})
    return paid(flat, reward, earned.currency, language, on)


def _units(earned: EarningRow, language: Language) -> str:
    return amount_of("quantity", earned.quantity or Decimal(0), earned.currency, language)


def paid(
    tier: Tier | Reward, reward: Reward, currency: str, language: Language, on: str = ""
) -> str:
    """What a tier, or a reward without tiers, pays; a rate `on` something else than all of the metric."""
    parts = pay_parts(tier, reward, currency, language, on)
    return language.listed(parts) or language.say("nothing")


def pay_parts(
    tier: Tier | Reward, reward: Reward, currency: str, language: Language, on: str = ""
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
        elif on:
            yield language.say("{rate} on {amount}", rate=rate, amount=on)
        else:
            yield language.say("{rate} on all of it", rate=rate)
    if tier.per_unit is not None:
        amount = language.bound(tier.per_unit, currency)
        yield language.say("{amount} for each unit", amount=amount)
    yield from pays_for_more(tier, reward, currency, language)


def pays_for_more(
    tier: Tier | Reward, reward: Reward, currency: str, language: Language
) -> Iterator[str]:
    """What a tier, or a reward without tiers, pays besides its lines: steps, bundles, a bonus."""
    if tier.every is not None and tier.pays is not None:
        yield language.say(
            "{amount} for every {size}",
            amount=language.bound(tier.pays, currency),
            size=bound_of(reward.tiers_by, tier.every, currency, language),
        )
    if tier.per_bundle is not None:
        amount = language.bound(tier.per_bundle, currency)
        yield language.say("{amount} for each bundle", amount=amount)
    if tier.bonus:
        yield language.say("a bonus of {amount}", amount=language.bound(tier.bonus, currency))


def term_name(term: Term) -> str:
    """A term as its payee knows it: its contract, and what it is about besides the payee."""
    about = ", ".join(
        plain_text(value)
        for key, value in term.keys
        if key not in ("partner.partner_id", "rep.rep_id")
    )
    return f"{term.contract} ({about})" if term.contract and about else term.contract or about


def values_of(conditions: Iterable[Condition]) -> str:
    """What conditions ask for, in the data's own words: `switch`, or `product category ≠ switch`."""
    return ", ".join(
        " / ".join(map(plain_text, one.any_of)) if one.any_of else formula(one, "")
        for one in conditions
    )


def plain_text(value: object) -> str:
    """A value as it stands in the data."""
    if isinstance(value, bool):
        return str(value).lower()
    return money.plain(value) if isinstance(value, Decimal) else str(value)


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
        case "bundles":
            return language.count("{n} bundle", "{n} bundles", number)
    return language.bound(value, currency)


def plain(value: Decimal) -> Decimal:
    """A number without zeros at its end."""
    return value.normalize() if value != value.to_integral_value() else Decimal(int(value))

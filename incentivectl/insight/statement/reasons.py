"""Why an amount is what it is: one sentence from the figures of a row of earnings."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.insight.statement.statement import Earned
from incentivectl.insight.statement.tongue import Tongue
from incentivectl.programs.reward import Reward, Tier


def reason(earned: Earned, tongue: Tongue) -> str:
    """Why this was earned, or why nothing was, with every boost, cap and cut that applied."""
    if earned.why_nothing is not None:
        return _nothing(earned, tongue)
    return " ".join([_earning(earned, tongue), *_terms(earned, tongue)])


def achieved(earned: Earned, tongue: Tongue) -> str:
    """What the payee did, by the program's metric."""
    value = earned.metric_value if earned.metric_value is not None else Decimal(0)
    if earned.metric == "growth":
        share = tongue.percent(abs(_rounded(value)))
        base = tongue.money(earned.baseline or Decimal(0), earned.currency)
        if earned.metric_value is None:
            return tongue.say("You have no sales in the previous year to compare with")
        if value < 0:
            return tongue.say("Your sales fell by {share} from {base}", share=share, base=base)
        return tongue.say("Your sales grew by {share} over {base}", share=share, base=base)
    if earned.metric == "attainment":
        return tongue.say(
            "You reached {share} of your target", share=tongue.percent(_rounded(value))
        )
    return amount_of(earned.metric, value, earned.currency, tongue)


def amount_of(metric: str, value: Decimal, currency: str, tongue: Tongue) -> str:
    """A value of a metric as what the payee did."""
    match metric:
        case "quantity":
            return tongue.count("You sold {n} unit", "You sold {n} units", value)
        case "lines":
            return tongue.count("You sold {n} line", "You sold {n} lines", value)
        case "sales":
            return tongue.count("You made {n} sale", "You made {n} sales", value)
        case "customers":
            return tongue.count("You sold to {n} customer", "You sold to {n} customers", value)
        case "products":
            return tongue.count("You sold {n} product", "You sold {n} different products", value)
    return tongue.say("You sold {amount}", amount=tongue.money(value, currency))


def _rounded(share: Decimal) -> Decimal:
    """A share as it is shown: one decimal of a percent, never rounded up to a threshold."""
    return Decimal(int(share * 1000)) / 1000


# What was earned


def _earning(earned: Earned, tongue: Tongue) -> str:
    match earned.program.kind:
        case "activity":
            done = earned.metric_value or Decimal(0)
            return tongue.count("{n} activity was rewarded.", "{n} activities were rewarded.", done)
        case "mdf":
            return tongue.say("Claims on your marketing fund were reimbursed.")
        case "contest":
            return tongue.say(
                "{achieved}: place {rank} in the contest.",
                achieved=achieved(earned, tongue),
                rank=tongue.number(Decimal(earned.rank or 0)),
            )
        case "deal_registration":
            return _of_deals(earned, tongue)
        case "discount":
            amount = _revenue(earned, tongue)
            return tongue.say(
                "The total of per-line discounts on {amount} of sales.",
                amount=amount,
            )
    return _with_pay(earned, tongue, achieved(earned, tongue))


def _of_deals(earned: Earned, tongue: Tongue) -> str:
    reward = earned.reward_block
    done = tongue.say(
        "You sold {amount} into your registered deals", amount=_revenue(earned, tongue)
    )
    if reward is None or not reward.bonus:
        return _with_pay(earned, tongue, done)
    bonus = tongue.say(
        "a bonus of {amount} for each deal", amount=tongue.bound(reward.bonus, earned.currency)
    )
    without = reward.model_copy(update={"bonus": None})
    pays = tongue.listed([*_parts(without, without, earned.currency, tongue), bonus])
    return tongue.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)


def _revenue(earned: Earned, tongue: Tongue) -> str:
    value = earned.revenue if earned.revenue is not None else earned.metric_value
    return tongue.money(value or Decimal(0), earned.currency)


def _with_pay(earned: Earned, tongue: Tongue, done: str) -> str:
    reward = earned.reward_block
    if reward is None:
        return f"{done}."
    tier = earned.tier
    if tier is None or not reward.tiers:
        if reward.per_product:
            return tongue.say(
                "{achieved}; each unit pays the amount of its product.",
                achieved=_units(earned, tongue),
            )
        if reward.per_unit is not None and reward.rate is None:
            done = _units(earned, tongue)
        pays = paid(reward, reward, earned.currency, tongue)
        return tongue.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)
    values = {
        "achieved": done,
        "tier": tongue.number(Decimal(tier + 1)),
        "tiers": tongue.number(Decimal(len(reward.tiers))),
        "pays": paid(reward.tiers[tier], reward, earned.currency, tongue),
    }
    if reward.tier_mode == "marginal":
        return tongue.say(
            "{achieved}: tier {tier} of {tiers}, incremental tiers; top rate reached: {pays}.",
            **values,
        )
    return tongue.say("{achieved}: tier {tier} of {tiers}, which pays {pays}.", **values)


def _units(earned: Earned, tongue: Tongue) -> str:
    return amount_of("quantity", earned.quantity or Decimal(0), earned.currency, tongue)


def paid(tier: Tier | Reward, reward: Reward, currency: str, tongue: Tongue) -> str:
    """What a tier, or a reward without tiers, pays."""
    return tongue.listed(_parts(tier, reward, currency, tongue)) or tongue.say("nothing")


def _parts(tier: Tier | Reward, reward: Reward, currency: str, tongue: Tongue) -> Iterator[str]:
    marginal = bool(reward.tiers) and reward.tier_mode == "marginal"
    if tier.rate is not None:
        rate = tongue.percent(tier.rate)
        if marginal:
            yield rate
        elif reward.pays_on == "list":
            yield tongue.say("{rate} of the list price", rate=rate)
        elif reward.pays_on == "increment":
            yield tongue.say("{rate} of the increase", rate=rate)
        else:
            yield tongue.say("{rate} on all of it", rate=rate)
    if tier.per_unit is not None:
        amount = tongue.bound(tier.per_unit, currency)
        yield tongue.say("{amount} for each unit", amount=amount)
    if tier.bonus:
        yield tongue.say("a bonus of {amount}", amount=tongue.bound(tier.bonus, currency))


def _terms(earned: Earned, tongue: Tongue) -> Iterator[str]:
    """Boost, cap and budget, each as a sentence of its own where it made a difference."""

    def amount(value: Decimal) -> str:
        return tongue.money(value, earned.currency)

    if earned.boost != 1 and earned.reward != 0:
        yield tongue.say("Multiplied by {factor}.", factor=tongue.number(_plain(earned.boost)))
    cap = earned.program.limits.per_payee
    if earned.cap_cut > 0 and cap is not None:
        yield tongue.say(
            "The most that one payee can earn is {cap}: {cut} less.",
            cap=tongue.bound(cap, earned.currency),
            cut=amount(earned.cap_cut),
        )
    if earned.budget_cut > 0:
        yield tongue.say(
            "The budget of the program is used up: {cut} less.", cut=amount(earned.budget_cut)
        )
    if earned.kept > earned.entitlement:
        yield tongue.say("What was booked before, {kept}, is kept.", kept=amount(earned.kept))


def _plain(value: Decimal) -> Decimal:
    return value.normalize() if value != value.to_integral_value() else Decimal(int(value))


# Why nothing was earned


def _nothing(earned: Earned, tongue: Tongue) -> str:
    done = achieved(earned, tongue)
    match earned.why_nothing:
        case "gate":
            return tongue.say("{achieved}; {gate}.", achieved=done, gate=_gate(earned, tongue))
        case "no-tier":
            return tongue.say(
                "{achieved}; the first tier begins at {start}.",
                achieved=done,
                start=_first_tier(earned, tongue),
            )
        case "no-baseline":
            return tongue.say("There are no earlier sales to measure growth against.")
        case "no-target":
            return tongue.say("No target was set.")
        case "below-minimum":
            return tongue.say(
                "{achieved}; taking part begins at {start}.",
                achieved=done,
                start=_minimum(earned, tongue),
            )
        case "no-prize":
            return tongue.say(
                "{achieved}: place {rank} in the contest, without a prize.",
                achieved=done,
                rank=tongue.number(Decimal(earned.rank or 0)),
            )
        case "no-claim":
            return tongue.say("Nothing was claimed.")
        case "hours":
            return tongue.say("This fund is kept in hours; it pays no money.")
    return tongue.say("The program has no reward for you.")


def _gate(earned: Earned, tongue: Tongue) -> str:
    gate = earned.program.gate
    if gate is None:
        return ""
    if gate.metric.startswith("activity."):
        name = gate.metric.removeprefix("activity.").replace("_", " ")
        return tongue.count(
            "the program requires {n} {activity} first",
            "the program requires {n} × {activity} first",
            _plain(gate.at_least),
            activity=name,
        )
    least = bound_of(gate.metric, gate.at_least, earned.currency, tongue)
    return tongue.say("the program requires {least} first", least=least)


def bound_of(metric: str, value: Decimal, currency: str, tongue: Tongue) -> str:
    """A threshold of a metric with its noun."""
    number = _plain(value)
    match metric:
        case "growth":
            return tongue.say("growth of {share}", share=tongue.percent(value))
        case "attainment":
            return tongue.say("{share} of the target", share=tongue.percent(value))
        case "quantity":
            return tongue.count("{n} unit", "{n} units", number)
        case "lines":
            return tongue.count("{n} line", "{n} lines", number)
        case "sales":
            return tongue.count("{n} sale", "{n} sales", number)
        case "customers":
            return tongue.count("{n} customer", "{n} customers", number)
        case "products":
            return tongue.count("{n} product", "{n} different products", number)
    return tongue.bound(value, currency)


def _first_tier(earned: Earned, tongue: Tongue) -> str:
    reward = earned.reward_block
    if reward is None or not reward.tiers:
        return ""
    return bound_of(reward.tiers_by, reward.tiers[0].from_, earned.currency, tongue)


def _minimum(earned: Earned, tongue: Tongue) -> str:
    minimum = getattr(earned.reward_block, "minimum", None)
    rank_by = getattr(earned.reward_block, "rank_by", "revenue")
    return bound_of(rank_by, minimum or Decimal(0), earned.currency, tongue)

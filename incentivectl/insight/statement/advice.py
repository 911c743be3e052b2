"""What to do next: a bar and one sentence for each measurement period that still goes on."""

from dataclasses import dataclass
from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.output.report import Worded
from incentivectl.programs.gate import Gate
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.words.statements import (
    EarningRow,
    NextStep,
    pays_for_more,
    plain,
    values_of,
)

BAR = 10


@dataclass(frozen=True)
class Advice:
    """The sentence, how far the payee has come in whole percents, and where it stands and goes."""

    sentence: str
    percent: int
    have: Worded
    goal: Worded
    share: str

    @property
    def bar_text(self) -> str:
        """The bar in characters, and its share."""
        full = BAR * self.percent // 100
        return f"{'█' * full}{'░' * (BAR - full)} {self.share}"


def advice(earned: EarningRow, language: Language) -> Advice | None:
    """What brings more in a row of earnings; None where nothing can be done."""
    step = earned.next_step
    if step is None:
        return None
    done = max(step.have, Decimal(0))
    percent = min(int(100 * done / step.goal), 99) if step.goal > 0 else 0
    return Advice(
        sentence=_sentence(earned, step, language),
        percent=percent,
        have=_value(step, step.have, earned.currency, language),
        goal=_value(step, step.goal, earned.currency, language),
        share=language.percent(Decimal(percent) / 100),
    )


def _value(step: NextStep, value: Decimal, currency: str, language: Language) -> Worded:
    if _is_money(step.metric):
        return Worded(value, language.money(value, currency))
    return Worded(value, language.number(value))


def _is_money(metric: str) -> bool:
    return metric in ("revenue", "growth", "attainment")


def _sentence(earned: EarningRow, step: NextStep, language: Language) -> str:
    to_do = _to_do(step, earned.currency, language)
    by = language.day(step.until)
    gain = _gain(earned, step, language)
    if step.more is None:
        return language.say("{do} by {day} {gain}.", do=to_do, day=by, gain=gain)
    more = (
        language.about(step.more, earned.currency)
        if earned.points_per_unit is None
        else language.amount(earned.in_unit(step.more), earned.unit)
    )
    return language.say(
        "{do} by {day} {gain}, about {more} more.", do=to_do, day=by, gain=gain, more=more
    )


def _to_do(step: NextStep, currency: str, language: Language) -> str:
    missing = step.missing
    if step.needs:
        parts = (
            language.say(
                "{n} × {product}", n=language.number(plain(number)), product=values_of(need.when)
            )
            for need, number in step.needs
        )
        return language.say("Sell {parts} more", parts=language.listed(parts))
    if step.metric.startswith("activity."):
        name = step.metric.removeprefix("activity.").replace("_", " ")
        return language.count(
            "Complete {n} more {activity}", "Complete {n} more × {activity}", missing, activity=name
        )
    if step.gate is not None and step.gate.share_of:
        return _more_of(step, step.gate, currency, language)
    match step.metric:
        case "bundles":
            return language.count("Sell {n} more bundle", "Sell {n} more bundles", missing)
        case "quantity":
            return language.count("Sell {n} more unit", "Sell {n} more units", missing)
        case "lines":
            return language.count("Sell {n} more line", "Sell {n} more lines", missing)
        case "sales":
            return language.count("Make {n} more sale", "Make {n} more sales", missing)
        case "customers":
            return language.count(
                "Sell to {n} more customer", "Sell to {n} more customers", missing
            )
        case "products":
            return language.count(
                "Sell {n} more product of the range", "Sell {n} more products of the range", missing
            )
    return language.say("Sell {amount} more", amount=language.money(missing, currency))


def _more_of(step: NextStep, gate: Gate, currency: str, language: Language) -> str:
    """What is missing of the lines that a gate asks for a share of, if only they grow."""
    if step.metric == "quantity":
        missing = language.number(step.missing)
    else:
        missing = language.money(step.missing, currency)
    return language.say(
        "Sell {amount} more of {what}", amount=missing, what=values_of(gate.share_of)
    )


def _gain(earned: EarningRow, step: NextStep, language: Language) -> str:
    if step.step == "gate":
        return language.say("to start earning in this program")
    if step.step == "minimum":
        return language.say("to take part in the contest")
    reward = step.reward
    if reward is None:
        return ""
    pays = language.listed(_gains(step, reward, earned.currency, language))
    if step.contract:
        return language.say(
            "to earn {pays} by contract {contract}", pays=pays, contract=step.contract
        )
    return language.say("to earn {pays}", pays=pays)


def _gains(step: NextStep, reward: Reward, currency: str, language: Language) -> list[str]:
    """What the next tier, point, step or bundle pays."""
    if step.step == "point":
        point = reward.curve[step.tier or 0]
        if point.pays is not None:
            return [language.bound(point.pays, currency)]
        there = Tier(from_=point.at, rate=point.rate)
        return _pays(there, reward, step, currency, language)
    paying = reward if step.tier is None else reward.tiers[step.tier]
    more = {"step": paying.pays, "bundle": paying.per_bundle}.get(step.step)
    if more is not None:
        return [language.say("another {amount}", amount=language.bound(more, currency))]
    return _pays(reward.tiers[step.tier or 0], reward, step, currency, language)


def _pays(
    tier: Tier, reward: Reward, step: NextStep, currency: str, language: Language
) -> list[str]:
    """What a tier pays, or a point of a curve where it is reached."""
    marginal = reward.tier_mode == "marginal"
    found = []
    if tier.rate is not None:
        rate = language.percent(tier.rate)
        if marginal:
            found.append(language.say("{rate} on everything beyond", rate=rate))
        elif reward.pays_on == "increment":
            found.append(language.say("{rate} of the increase", rate=rate))
        elif reward.pays_on == "list":
            found.append(language.say("{rate} of the list price", rate=rate))
        elif reward.tiers_months or reward.together:
            found.append(language.say("{rate} on what you sell in this period", rate=rate))
        elif step.metric == "quantity":
            found.append(language.say("{rate} on all of them", rate=rate))
        else:
            found.append(language.say("{rate} on everything", rate=rate))
    if tier.per_unit is not None:
        amount = language.bound(tier.per_unit, currency)
        if marginal:
            found.append(language.say("{amount} for each unit beyond", amount=amount))
        else:
            found.append(language.say("{amount} for each of them", amount=amount))
    found += pays_for_more(tier, reward, currency, language)
    return found or [language.say("nothing")]

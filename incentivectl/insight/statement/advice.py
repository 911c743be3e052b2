"""What to do next: a bar and one sentence for each measurement period that still goes on."""

from dataclasses import dataclass
from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.output.report import Worded
from incentivectl.programs.reward import Reward
from incentivectl.programs.words.statements import EarningRow, NextStep

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
    more = language.about(step.more, earned.currency)
    return language.say(
        "{do} by {day} {gain}, about {more} more.", do=to_do, day=by, gain=gain, more=more
    )


def _to_do(step: NextStep, currency: str, language: Language) -> str:
    missing = step.missing
    if step.metric.startswith("activity."):
        name = step.metric.removeprefix("activity.").replace("_", " ")
        return language.count(
            "Complete {n} more {activity}", "Complete {n} more × {activity}", missing, activity=name
        )
    match step.metric:
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


def _gain(earned: EarningRow, step: NextStep, language: Language) -> str:
    if step.step == "gate":
        return language.say("to start earning in this program")
    if step.step == "minimum":
        return language.say("to take part in the contest")
    reward = earned.reward_block
    if reward is None or step.tier is None:
        return ""
    return language.say(
        "to earn {pays}", pays=language.listed(_pays(reward, step, earned.currency, language))
    )


def _pays(reward: Reward, step: NextStep, currency: str, language: Language) -> list[str]:
    tier = reward.tiers[step.tier or 0]
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
    if tier.bonus:
        found.append(
            language.say("a bonus of {amount}", amount=language.bound(tier.bonus, currency))
        )
    return found or [language.say("nothing")]

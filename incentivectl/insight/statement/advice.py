"""What to do next: a bar and one sentence for each measurement period that still goes on."""

from dataclasses import dataclass
from decimal import Decimal

from incentivectl.output.report import Worded
from incentivectl.output.tongue import Tongue
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


def advice(earned: EarningRow, tongue: Tongue) -> Advice | None:
    """What brings more in a row of earnings; None where nothing can be done."""
    step = earned.next_step
    if step is None:
        return None
    done = max(step.have, Decimal(0))
    percent = min(int(100 * done / step.goal), 99) if step.goal > 0 else 0
    return Advice(
        sentence=_sentence(earned, step, tongue),
        percent=percent,
        have=_value(step, step.have, earned.currency, tongue),
        goal=_value(step, step.goal, earned.currency, tongue),
        share=tongue.percent(Decimal(percent) / 100),
    )


def _value(step: NextStep, value: Decimal, currency: str, tongue: Tongue) -> Worded:
    if _is_money(step.metric):
        return Worded(value, tongue.money(value, currency))
    return Worded(value, tongue.number(value))


def _is_money(metric: str) -> bool:
    return metric in ("revenue", "growth", "attainment")


def _sentence(earned: EarningRow, step: NextStep, tongue: Tongue) -> str:
    to_do = _to_do(step, earned.currency, tongue)
    by = tongue.day(step.until)
    gain = _gain(earned, step, tongue)
    if step.more is None:
        return tongue.say("{do} by {day} {gain}.", do=to_do, day=by, gain=gain)
    more = tongue.about(step.more, earned.currency)
    return tongue.say(
        "{do} by {day} {gain}, about {more} more.", do=to_do, day=by, gain=gain, more=more
    )


def _to_do(step: NextStep, currency: str, tongue: Tongue) -> str:
    missing = step.missing
    if step.metric.startswith("activity."):
        name = step.metric.removeprefix("activity.").replace("_", " ")
        return tongue.count(
            "Complete {n} more {activity}", "Complete {n} more × {activity}", missing, activity=name
        )
    match step.metric:
        case "quantity":
            return tongue.count("Sell {n} more unit", "Sell {n} more units", missing)
        case "lines":
            return tongue.count("Sell {n} more line", "Sell {n} more lines", missing)
        case "sales":
            return tongue.count("Make {n} more sale", "Make {n} more sales", missing)
        case "customers":
            return tongue.count("Sell to {n} more customer", "Sell to {n} more customers", missing)
        case "products":
            return tongue.count(
                "Sell {n} more product of the range", "Sell {n} more products of the range", missing
            )
    return tongue.say("Sell {amount} more", amount=tongue.money(missing, currency))


def _gain(earned: EarningRow, step: NextStep, tongue: Tongue) -> str:
    if step.step == "gate":
        return tongue.say("to start earning in this program")
    if step.step == "minimum":
        return tongue.say("to take part in the contest")
    reward = earned.reward_block
    if reward is None or step.tier is None:
        return ""
    return tongue.say(
        "to earn {pays}", pays=tongue.listed(_pays(reward, step, earned.currency, tongue))
    )


def _pays(reward: Reward, step: NextStep, currency: str, tongue: Tongue) -> list[str]:
    tier = reward.tiers[step.tier or 0]
    marginal = reward.tier_mode == "marginal"
    found = []
    if tier.rate is not None:
        rate = tongue.percent(tier.rate)
        if marginal:
            found.append(tongue.say("{rate} on everything beyond", rate=rate))
        elif reward.pays_on == "increment":
            found.append(tongue.say("{rate} of the increase", rate=rate))
        elif reward.pays_on == "list":
            found.append(tongue.say("{rate} of the list price", rate=rate))
        elif step.metric == "quantity":
            found.append(tongue.say("{rate} on all of them", rate=rate))
        else:
            found.append(tongue.say("{rate} on everything", rate=rate))
    if tier.per_unit is not None:
        amount = tongue.bound(tier.per_unit, currency)
        if marginal:
            found.append(tongue.say("{amount} for each unit beyond", amount=amount))
        else:
            found.append(tongue.say("{amount} for each of them", amount=amount))
    if tier.bonus:
        found.append(tongue.say("a bonus of {amount}", amount=tongue.bound(tier.bonus, currency)))
    return found or [tongue.say("nothing")]

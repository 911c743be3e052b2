"""Why an amount is what it is: one sentence from the figures of a row of earnings."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.kinds.catalogue import KINDS
from incentivectl.output.tongue import Tongue
from incentivectl.programs.model import Gate
from incentivectl.programs.words.statements import EarningRow, achieved, bound_of, plain


def reason(earned: EarningRow, tongue: Tongue) -> str:
    """Why this was earned, or why nothing was, with every boost, cap and cut that applied."""
    if earned.why_nothing is not None:
        return _nothing(earned, tongue)
    sentence = KINDS[earned.program.kind].sentence
    return " ".join([sentence(earned, tongue), *_terms(earned, tongue)])


def _terms(earned: EarningRow, tongue: Tongue) -> Iterator[str]:
    """Boost, cap and budget, each as a sentence of its own where it made a difference."""

    def amount(value: Decimal) -> str:
        return tongue.money(value, earned.currency)

    if earned.boost != 1 and earned.reward != 0:
        yield tongue.say("Multiplied by {factor}.", factor=tongue.number(plain(earned.boost)))
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


def _nothing(earned: EarningRow, tongue: Tongue) -> str:
    done = achieved(earned, tongue)
    match earned.why_nothing:
        case "gate":
            return tongue.say("{achieved}; {gate}.", achieved=done, gate=_gates(earned, tongue))
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


def _gates(earned: EarningRow, tongue: Tongue) -> str:
    return "; ".join(_gate(gate, earned.currency, tongue) for gate in earned.program.gate)


def _gate(gate: Gate, currency: str, tongue: Tongue) -> str:
    if gate.activity:
        return tongue.count(
            "the program requires {n} {activity} first",
            "the program requires {n} × {activity} first",
            plain(gate.at_least),
            activity=gate.activity.replace("_", " "),
        )
    least = bound_of(gate.metric, gate.at_least, currency, tongue)
    return tongue.say("the program requires {least} first", least=least)


def _first_tier(earned: EarningRow, tongue: Tongue) -> str:
    reward = earned.reward_block
    if reward is None or not reward.tiers:
        return ""
    return bound_of(reward.tiers_by, reward.tiers[0].from_, earned.currency, tongue)


def _minimum(earned: EarningRow, tongue: Tongue) -> str:
    reward = earned.reward_block
    if reward is None or reward.least is None:
        return ""
    return bound_of(reward.judged_by, reward.least, earned.currency, tongue)

"""Why an amount is what it is: one sentence from the figures of a row of earnings."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.kinds.catalogue import KINDS
from incentivectl.output.language import Language
from incentivectl.programs.model import Gate
from incentivectl.programs.words.statements import EarningRow, achieved, bound_of, plain


def reason(earned: EarningRow, language: Language) -> str:
    """Why this was earned, or why nothing was, with every boost, cap and cut that applied."""
    if earned.why_nothing is not None:
        return _nothing(earned, language)
    sentence = KINDS[earned.program.kind].sentence
    return " ".join([sentence(earned, language), *_terms(earned, language)])


def _terms(earned: EarningRow, language: Language) -> Iterator[str]:
    """Boost, cap and budget, each as a sentence of its own where it made a difference."""

    def amount(value: Decimal) -> str:
        return language.money(value, earned.currency)

    if earned.boost != 1 and earned.reward != 0:
        yield language.say("Multiplied by {factor}.", factor=language.number(plain(earned.boost)))
    cap = earned.program.limits.per_payee
    if earned.cap_cut > 0 and cap is not None:
        yield language.say(
            "The most that one payee can earn is {cap}: {cut} less.",
            cap=language.bound(cap, earned.currency),
            cut=amount(earned.cap_cut),
        )
    if earned.budget_cut > 0:
        yield language.say(
            "The budget of the program is used up: {cut} less.", cut=amount(earned.budget_cut)
        )
    if earned.kept > earned.entitlement:
        yield language.say("What was booked before, {kept}, is kept.", kept=amount(earned.kept))


def _nothing(earned: EarningRow, language: Language) -> str:
    done = achieved(earned, language)
    match earned.why_nothing:
        case "gate":
            return language.say("{achieved}; {gate}.", achieved=done, gate=_gates(earned, language))
        case "no-tier":
            return language.say(
                "{achieved}; the first tier begins at {start}.",
                achieved=done,
                start=_first_tier(earned, language),
            )
        case "no-baseline":
            return language.say("There are no earlier sales to measure growth against.")
        case "no-target":
            return language.say("No target was set.")
        case "below-minimum":
            return language.say(
                "{achieved}; taking part begins at {start}.",
                achieved=done,
                start=_minimum(earned, language),
            )
        case "no-prize":
            return language.say(
                "{achieved}: place {rank} in the contest, without a prize.",
                achieved=done,
                rank=language.number(Decimal(earned.rank or 0)),
            )
        case "no-claim":
            return language.say("Nothing was claimed.")
        case "hours":
            return language.say("This fund is kept in hours; it pays no money.")
    return language.say("The program has no reward for you.")


def _gates(earned: EarningRow, language: Language) -> str:
    return "; ".join(_gate(gate, earned.currency, language) for gate in earned.program.gate)


def _gate(gate: Gate, currency: str, language: Language) -> str:
    if gate.activity:
        return language.count(
            "the program requires {n} {activity} first",
            "the program requires {n} × {activity} first",
            plain(gate.at_least),
            activity=gate.activity.replace("_", " "),
        )
    least = bound_of(gate.metric, gate.at_least, currency, language)
    return language.say("the program requires {least} first", least=least)


def _first_tier(earned: EarningRow, language: Language) -> str:
    reward = earned.reward_block
    if reward is None or not reward.tiers:
        return ""
    return bound_of(reward.tiers_by, reward.tiers[0].from_, earned.currency, language)


def _minimum(earned: EarningRow, language: Language) -> str:
    reward = earned.reward_block
    if reward is None or reward.least is None:
        return ""
    return bound_of(reward.judged_by, reward.least, earned.currency, language)

"""Why an amount is what it is: one sentence from the figures of a row of earnings."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.kinds.catalogue import KINDS
from incentivectl.output.language import Language
from incentivectl.programs.conditions import Condition
from incentivectl.programs.gate import Gate
from incentivectl.programs.words.statements import (
    EarningRow,
    achieved,
    bound_of,
    plain,
    term_name,
    values_of,
)


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

    yield from _contracts(earned, language)
    if earned.boost != 1 and earned.reward != 0:
        factor = language.number(plain(earned.boost))
        whose = _boosted(earned, language)
        yield (
            language.say("Multiplied by {factor} ({whose}).", factor=factor, whose=whose)
            if whose
            else language.say("Multiplied by {factor}.", factor=factor)
        )
    if earned.cap_cut > 0:
        yield _cap(earned, language)
    if earned.budget_cut > 0:
        yield language.say(
            "The budget of the program is used up: {cut} less.", cut=amount(earned.budget_cut)
        )
    if earned.kept > earned.entitlement:
        yield language.say("What was booked before, {kept}, is kept.", kept=amount(earned.kept))


def _contracts(earned: EarningRow, language: Language) -> Iterator[str]:
    """The contract that pays, or each of several terms with what it pays."""
    named = [(term_name(one.term), one) for one in earned.terms]
    if len(named) == 1 and earned.terms[0].term.contract:
        yield language.say("By contract {contract}.", contract=earned.terms[0].term.contract)
    elif len(named) > 1 and all(one.earned is not None for one in earned.terms):
        parts = (
            language.say(
                "{contract} {amount}",
                contract=name or language.say("all else"),
                amount=language.money(one.earned or Decimal(0), earned.currency),
            )
            for name, one in named
        )
        yield language.say("By contract: {parts}.", parts=language.listed(parts))
    elif contracts := dict.fromkeys(one.term.contract for one in earned.terms if one.term.contract):
        yield language.say("By contract {contract}.", contract=language.listed(contracts))


def _cap(earned: EarningRow, language: Language) -> str:
    """What a cap leaves out: the program's, a term's, or both together."""
    cut = language.money(earned.cap_cut, earned.currency)
    of_program = earned.program.limits.per_payee
    of_terms = [one.term.per_payee for one in earned.terms if one.term.per_payee is not None]
    caps = [cap for cap in (of_program, *of_terms) if cap is not None]
    if len(caps) != 1 or len(earned.terms) > 1:
        return language.say("What one payee can earn is limited: {cut} less.", cut=cut)
    if of_program is None:
        cap = language.bound(caps[0], earned.currency)
        return language.say("The contract pays at most {cap}: {cut} less.", cap=cap, cut=cut)
    return language.say(
        "The most that one payee can earn is {cap}: {cut} less.",
        cap=language.bound(caps[0], earned.currency),
        cut=cut,
    )


def _boosted(earned: EarningRow, language: Language) -> str:
    """Whom the boost is for; empty where several boosts have its factor, or only English tells it."""
    found = [one for one in earned.program.boost if one.factor == earned.boost]
    if len(found) != 1:
        return ""
    told = [_condition(one, language) for one in found[0].when]
    return ", ".join(told) if all(told) else ""


def _condition(one: Condition, language: Language) -> str:
    """Whom a condition of a boost asks for; empty where only English tells it."""
    if one.field == "partner.tenure_years" and isinstance(one.min, Decimal) and one.max is None:
        return language.count(
            "with us for at least {n} year", "with us for at least {n} years", one.min
        )
    if one.field == "sale.new_customer" and one.any_of == (True,):
        return language.say("new customers")
    return values_of([one]) if one.any_of or language.text_language == "en" else ""


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
        case "no-terms":
            return language.say("{achieved}; no contract of the program covers you.", achieved=done)
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
    if gate.share_of:
        return language.say(
            "the program requires that {share} of it is {what}",
            share=language.percent(gate.at_least),
            what=values_of(gate.share_of),
        )
    least = bound_of(gate.metric, gate.at_least, currency, language)
    return language.say("the program requires {least} first", least=least)


def _first_tier(earned: EarningRow, language: Language) -> str:
    reward = earned.reward_block
    starts = [] if reward is None else [step.from_ for step in reward.tiers]
    starts = starts or [point.at for point in (() if reward is None else reward.curve)]
    if reward is None or not starts:
        return ""
    return bound_of(reward.tiers_by, starts[0], earned.currency, language)


def _minimum(earned: EarningRow, language: Language) -> str:
    reward = earned.reward_block
    if reward is None or reward.least is None:
        return ""
    return bound_of(reward.judged_by, reward.least, earned.currency, language)

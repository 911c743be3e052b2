"""Why a line does not count, or earns nothing, in words that its payee can read."""

from incentivectl.programs.conditions import Condition
from incentivectl.programs.words.phrases import formula
from incentivectl.programs.words.terms import Terms

_LINE = {
    "void": "quantity and amount were restated to 0",
    "unknown-partner": "its partner is unknown",
    "no-fx-rate": "there is no exchange rate into the program's currency",
    "no-rep": "it has no rep",
    "no-manager": "no rep of it has a manager",
    "no-distributor": "it has no distributor",
    "no-terms": "no term of the contracts fits it",
    "not-in-bundle": "it belongs to no part of the bundle",
    "max-quantity": "beyond the quantity that its contract authorises",
    "no-deal": "no registered deal covers it",
    "exclusive-group": "counts in a program with precedence in its exclusive group",
    "serial": "its serial number has earned before",
    "no-list-price": "its product has no list price",
    "outside-dates": "outside the program's dates",
}
_PAYEE = {
    "gate": "the gate is not reached",
    "no-reward": "no reward applies to the payee",
    "no-terms": "no term of the contracts fits the payee",
    "no-baseline": "there is no revenue to compare with",
    "no-target": "there is no target above 0",
    "no-tier": "the first tier is not reached",
    "below-minimum": "the minimum for the contest is not reached",
    "no-prize": "no prize for this place",
    "no-claim": "no claim has been paid",
    "hours": "the fund is kept in hours",
}


def short_condition(one: Condition, terms: Terms) -> str:
    """A condition for a cell of a table: `partner region = APAC`; a list in a file is only named."""
    return formula(one, terms.currency, terms.files("eligible").get(one.field))


def line_reason(reason: str, terms: Terms) -> str:
    """Why a line does not count: the condition that fails, or what the code means."""
    for one in terms.program.eligible:
        if one.field == reason:
            return f"Not met: {short_condition(one, terms)}"
    return _LINE.get(reason, reason)


def nothing_because(reason: str | None) -> str:
    """Why a payee's reward is missing; empty where it is not."""
    return "" if reason is None else _PAYEE.get(reason, reason)

"""Why a line does not count, or earns nothing, in words that its payee can read."""

from dataclasses import replace

from incentivectl.programs.conditions import Condition
from incentivectl.programs.kind_words import Terms
from incentivectl.programs.words import condition

_LINE = {
    "void": "quantity and amount were restated to 0",
    "unknown-partner": "its partner is unknown",
    "no-fx-rate": "there is no exchange rate into the program's currency",
    "no-rep": "it has no rep",
    "no-distributor": "it has no distributor",
    "no-deal": "no registered deal covers it",
    "exclusive-group": "a program with precedence in the exclusive group takes it",
    "serial": "its serial number has earned before",
    "no-list-price": "its product has no list price",
    "outside-dates": "outside the program's dates",
}
_PAYEE = {
    "gate": "the gate is not reached",
    "no-reward": "no reward holds for the payee",
    "no-baseline": "there is no revenue to compare with",
    "no-target": "there is no target above 0",
    "no-tier": "the first tier is not reached",
    "below-minimum": "the minimum to take part is not reached",
    "no-prize": "its place has no prize",
    "no-claim": "no claim has been paid",
    "hours": "the fund is kept in hours",
}


def short_condition(one: Condition, terms: Terms) -> str:
    """A condition for a cell of a table: a list in a file is named, and not told."""
    file = terms.files("eligible").get(one.field)
    if file is None:
        return condition(one, terms.currency)
    subject = condition(replace(one, any_of=("",), not_in=None), terms.currency)
    listed = "is in" if one.not_in is None else "is not in"
    return f"{subject.removesuffix(' is ')} {listed} {file}"


def line_reason(reason: str, terms: Terms) -> str:
    """Why a line does not count: the condition that fails, or what the code means."""
    for one in terms.program.eligible:
        if one.field == reason:
            return f"not so: {short_condition(one, terms)}"
    return _LINE.get(reason, reason)


def nothing_because(reason: str | None) -> str:
    """Why a payee's reward is missing; empty where it is not."""
    return "" if reason is None else _PAYEE.get(reason, reason)

"""A program's rules in sentences that a partner can read; every number is the file's.

What every kind has in common stands here; what differs, in the `words` of each kind.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from incentivectl.core.calendar import ORDINARY, Calendar, StatedCalendar
from incentivectl.core.nouns import agreeing, counted
from incentivectl.kinds.catalogue import KINDS
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.model import Program
from incentivectl.programs.terms import Term
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.objective import objective_sentences
from incentivectl.programs.words.phrases import (
    MONTHS,
    capital,
    conditions,
    day,
    either,
    number,
    percent,
)
from incentivectl.programs.words.terms import NOUNS, Part, Terms, at_least

_METHODS = {
    "cash": "in cash",
    "credit_note": "as a credit note",
    "gift_card": "as gift cards",
    "points": "in points",
}
_OVER_BUDGET = {
    "prorate": "what is earned in the {period} that exceeds it is reduced, by the same share"
    " for everybody",
    "first_come": "it is first come, first served: the last payee is paid in part, and nobody after that",
    "warn": "everything is still paid",
}


def plain_words(
    program: Program,
    currency: str,
    calendar: Calendar = ORDINARY,
    own: Callable[[Term], bool] | None = None,
) -> list[Part]:
    """The parts of a program's description, in reading order.

    `currency` and `calendar` are the workspace's; `own` are the contracts' terms that a payee is shown, all
    without it.
    """
    terms = Terms(program, program.currency or currency, own)
    words = KINDS[program.kind].words
    parts = [
        Part("about", "What it is", tuple(_about(terms, words))),
        Part("who", "Who earns", tuple(_who(terms, words))),
        Part("counts", "What counts", tuple(words.counts(terms))),
        Part("when", "When", tuple(_when(terms, calendar))),
        *words.pays(terms),
        Part("boost", "Boosts", tuple(_boosts(terms))),
        Part("limits", "Limits", tuple(_limits(terms))),
        Part("payout", "How it is paid", tuple(_payout(terms))),
        *_example(terms),
    ]
    return [part for part in parts if part.sentences or part.rows]


def _about(terms: Terms, words: Words) -> Iterator[str]:
    program = terms.program
    yield f"{words.title(program)}, from {day(program.starts)} through {day(program.ends)}."
    yield from objective_sentences(program.objective)


def _who(terms: Terms, words: Words) -> Iterator[str]:
    program = terms.program
    yield words.payees(program)
    for i, gate in enumerate(program.gate):
        if gate.share_of:
            clause = conditions(gate.share_of, terms.currency, terms.files("gate", i, "share_of"))
            share = f"{percent(gate.at_least)} of the {NOUNS[gate.metric]}"
            yield f"Nobody earns in a {terms.period} without {share} from lines where {clause}."
            continue
        need = at_least(gate.metric, gate.at_least, terms)
        yield f"Nobody earns in a {terms.period} without {need}."


def _when(terms: Terms, calendar: Calendar) -> Iterator[str]:
    program = terms.program
    if program.period == "program":
        yield "It is measured once, over its whole term."
    else:
        yield f"It is measured by {terms.period}; each {terms.period} stands alone."
    if isinstance(calendar, StatedCalendar):
        yield "Months, quarters and years are those of the table `calendar`."
    elif calendar.fiscal_year_starts != 1 and program.period in ("quarter", "half", "year"):
        begins = MONTHS[calendar.fiscal_year_starts - 1]
        yield f"The {terms.period} is one of the fiscal year, which begins in {begins}."
    if program.pays_hours or not program.pays:
        return
    if program.settle == "monthly":
        yield "Each month, what is earned to date is due, less what was already due."
    elif program.payout.hold_days:
        days = program.payout.hold_days
        yield f"What is earned is due {counted(days, 'day')} after the end of the {terms.period}."
    else:
        yield f"What is earned is due when the {terms.period} is over."
    if program.baseline:
        before = {"previous_year": "the same days of the year before"}.get(
            program.baseline.from_, f"the {terms.period} before"
        )
        missing = {"exclude": "nothing is earned"}.get(
            program.baseline.if_missing, "the top tier is reached"
        )
        yield f"Growth is measured against {before}; without revenue there, {missing}."


def _boosts(terms: Terms) -> Iterator[str]:
    for i, boost in enumerate(terms.program.boost):
        clause = conditions(boost.when, terms.currency, terms.files("boost", i, "when"))
        lead = "Otherwise, if" if i else "If"
        yield f"{lead} {clause}: the reward is multiplied by {number(boost.factor)}."
    if terms.program.boost:
        yield f"This is judged on the last day of the {terms.period}."


def _limits(terms: Terms) -> Iterator[str]:
    limits = terms.program.limits
    if limits.per_payee is not None:
        yield f"Nobody earns more than {terms.money(limits.per_payee)} in a {terms.period}."
    if limits.budget is not None:
        over = _OVER_BUDGET[limits.over_budget].format(period=terms.period)
        yield f"The budget is {terms.money(limits.budget)} in all. If it is used up, {over}."


def _payout(terms: Terms) -> Iterator[str]:
    program = terms.program
    if not program.pays:
        return
    if program.pays_hours:
        yield "It is never paid out."
        return
    methods = [_METHODS[method] for method in program.payout.methods]
    yield f"Paid {either(methods)}" + (
        f", as the payee prefers; without a preference, {methods[0]}." if methods[1:] else "."
    )
    if "points" in program.payout.methods:
        points = program.payout.points_per_unit
        yield f"1 {terms.currency} is {number(points)} {agreeing(points, 'point')}."


def _example(terms: Terms) -> Iterator[Part]:
    """The first example: what it states as small tables, and what must come out."""
    if not terms.program.example:
        return
    example = terms.program.example[0]
    yield Part("example", "Example", (f"{capital(example.name)}.",))
    for key in ("deals", "activities", "requests", "sales", "claims"):
        rows: tuple[Mapping[str, Value], ...] = getattr(example, key)
        if rows:
            columns = tuple(dict.fromkeys(name for row in rows for name in row))
            cells = tuple(tuple(_cell(row.get(name)) for name in columns) for row in rows)
            yield Part(f"example_{key}", f"Example: {key}", (), columns, cells)
    yield Part("example_result", "Example: what comes out", tuple(_outcome(example, terms)))


def _cell(value: Value | None) -> str | Decimal | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, Decimal | str | None) else value.isoformat()


def _outcome(example: Example, terms: Terms) -> Iterator[str]:
    for name, given in (("baseline", example.baseline), ("target", example.target)):
        by_payee = given if isinstance(given, Mapping) else {"": given}
        for payee, value in by_payee.items():
            if value is not None:
                of = f" of {payee}" if payee else ""
                yield f"The {name}{of} is {terms.money(value)}."
    by_payee = example.expect if isinstance(example.expect, Mapping) else {"": example.expect}
    for payee, value in by_payee.items():
        who = payee or "The payee"
        if isinstance(value, str):
            yield f"{who} reaches {value or 'no level'}."
        elif value < 0:
            yield f"{terms.money(-value)} are charged back to {payee or 'the payee'}."
        else:
            yield f"{who} earns {terms.money(value) if value else 'nothing'}."

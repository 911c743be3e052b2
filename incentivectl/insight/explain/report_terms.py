"""The terms that a payee took, in `explain`: contract, file and line, keys, and what they earned."""

from incentivectl.insight.explain.explain import Entry, TermTaken
from incentivectl.output.amounts import all_digits, tier_cell
from incentivectl.output.report import Cell, Section
from incentivectl.programs.terms import Term
from incentivectl.programs.words.phrases import short_name
from incentivectl.programs.words.statements import plain_text
from incentivectl.programs.words.terms import Terms


def terms_section(entry: Entry, terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    """One row for each term; what it earned where lines took several, before boosts and caps."""
    digits = entry.case.digits
    rows: list[tuple[Cell, ...]] = [
        (
            one.term.contract or None,
            one.place,
            _keys(one.term),
            _dates(one.term),
            tier_cell(one.tier),
            None if one.earned is None else all_digits(one.earned, digits),
        )
        for one in entry.terms.values()
    ]
    columns = ("contract", "file and line", "for", "valid", "tier", "earns")
    heading = f"{title}: the terms, in {terms.currency}"
    return Section("terms", heading, columns, rows, about=about)


def named_term(taken: TermTaken) -> str:
    """A term in the row of a line that takes it: its contract, file and line."""
    contract = taken.term.contract
    return f"{contract}, {taken.place}" if contract else taken.place


def _keys(term: Term) -> str:
    named = (f"{short_name(key)} = {plain_text(value)}" for key, value in term.keys)
    return ", ".join(named) or "all others"


def _dates(term: Term) -> str | None:
    match term.valid_from, term.valid_until:
        case None, None:
            return None
        case first, None:
            return f"from {first}"
        case None, last:
            return f"until {last}"
        case first, last:
            return f"{first} to {last}"

"""Terms whose dates no payee or line can have, or that begin or end within a measurement period."""

from collections.abc import Iterator, Sequence
from datetime import date

from incentivectl.core.calendar import Calendar
from incentivectl.core.nouns import counted
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.terms import Term
from incentivectl.toml.positions import KeyPath


def contract_date_findings(program: Program, calendar: Calendar) -> Iterator[Finding]:
    """Terms that can never be taken, and terms of payees that begin or end within a measurement period.

    One warning of each for a file, with its first line (docs/rules.md, "Terms").
    """
    if program.ends < program.starts or calendar.missing_day(program.starts, program.ends):
        return  # told already
    periods = calendar.measurement_periods(program.starts, program.ends, program.period)
    starts, ends = {one.start for one in periods}, {one.end for one in periods}
    for i, reward in enumerate(program.reward):
        if reward.terms is None:
            continue
        path: KeyPath = ("reward", i, "terms")
        outside = [term for term in reward.terms.terms if _is_outside(term, program)]
        if outside:
            message = (
                f"{_first(reward.terms.path, outside)}: the term can never be taken: it holds"
                f" {_held(outside[0])}, and the program runs from {program.starts} to {program.ends}"
                f"{_more(outside)}"
            )
            yield warning(path, "never-taken", message)
        if program.terms_by_line:
            continue
        cutting = [
            term
            for term in reward.terms.terms
            if _is_within(term.valid_from, program, starts)
            or _is_within(term.valid_until, program, ends)
        ]
        if cutting:
            message = (
                f"{_first(reward.terms.path, cutting)}: the term holds {_held(cutting[0])}, which cuts a"
                f" measurement period{_more(cutting)}"
            )
            hint = 'the term of the period\'s last day pays for all of it; terms_by = "line" tells days apart'
            yield warning(path, "cuts-period", message, hint)


def _is_outside(term: Term, program: Program) -> bool:
    """Whether no day of the program is one of the term's; a return may take the term of an earlier line."""
    begins_late = term.valid_from is not None and term.valid_from > program.ends
    ended = term.valid_until is not None and term.valid_until < program.starts
    return begins_late or (ended and not program.terms_by_line)


def _is_within(day: date | None, program: Program, edges: set[date]) -> bool:
    """Whether a day lies in the program, and not at the edge of a measurement period."""
    return day is not None and program.starts <= day <= program.ends and day not in edges


def _first(path: str, terms: Sequence[Term]) -> str:
    return f"{path}:{terms[0].line}"


def _held(term: Term) -> str:
    parts = [
        f"from {term.valid_from}" if term.valid_from else "",
        f"until {term.valid_until}" if term.valid_until else "",
    ]
    return " ".join(part for part in parts if part)


def _more(terms: Sequence[Term]) -> str:
    return f"; so for {counted(len(terms) - 1, 'more term')}" if len(terms) > 1 else ""

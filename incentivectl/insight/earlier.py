"""A program as if it had run earlier: its window, and those of its group, moved back.

Conditions and what is paid stay as they are; a day takes the contracts of the day that it was moved from
(docs/questions.md, "Attainable tiers").
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from incentivectl.core.calendar import Calendar
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import Case

Move = Callable[[date], date]


def by_months(calendar: Calendar, months: int) -> Move:
    """Moves a day back by whole months; a month's last day stays one."""
    return lambda day: calendar.shift(day, -months)


def by_length(calendar: Calendar, period: MeasurementPeriod, named: str, times: int) -> Move:
    """Moves a day back by so many lengths of a measurement period: whole months, else days."""
    months = calendar.length_of(period, named)
    if months is not None:
        return by_months(calendar, months * times)
    days = (period.end - period.start).days + 1
    return lambda day: day - timedelta(days=days * times)


def moved(case: Case, period: MeasurementPeriod, move: Move) -> Case:
    """The case over `period` alone, moved; the programs with precedence are moved likewise."""

    def back(program: Program, start: date, end: date) -> Program:
        reward = tuple(_with_terms_moved(one, move) for one in program.reward)
        dates = {"starts": move(start), "ends": move(end)}
        return program.model_copy(update={**dates, "reward": reward})

    program = back(case.program, period.start, period.end)
    rivals = tuple(
        (back(rival, rival.starts, rival.ends), currency) for rival, currency in case.rivals
    )
    return replace(case, program=program.model_copy(update={"period": "program"}), rivals=rivals)


def _with_terms_moved(reward: Reward, move: Move) -> Reward:
    if reward.terms is None:
        return reward
    moved_terms = tuple(
        term._replace(
            valid_from=term.valid_from and move(term.valid_from),
            valid_until=term.valid_until and move(term.valid_until),
        )
        for term in reward.terms.terms
    )
    return reward.model_copy(update={"terms": replace(reward.terms, terms=moved_terms)})

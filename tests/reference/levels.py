"""Levels: what partners reach at each review, what is in force on a day, `levels.csv`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.reference.eligible import Eligibility
from tests.reference.exact import number
from tests.reference.measures import (
    ZERO,
    Totals,
    in_window,
    passed_activities,
    total,
    trailing_window,
)
from tests.reference.periods import Period
from tests.reference.programs import Program
from tests.reference.tables import Value


@dataclass(frozen=True)
class LevelRow:
    """One row of `levels.csv`: a payee at one review, or at the one that is going on."""

    program_id: str
    payee_id: str
    period: Period
    metric_value: Fraction
    reached: str | None
    in_force: str | None
    next_level: str | None
    missing: Fraction


@dataclass
class Levels:
    """The levels of one level program."""

    eligibility: Eligibility
    program: Program
    _reviews: dict[Period, dict[str, Totals]] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, Value]:
        """The `[level]` table."""
        return self.program.table("level")

    @property
    def periods(self) -> list[Period]:
        """The measurement periods that have begun; each is reviewed at its end."""
        facts, program = self.eligibility.facts, self.program
        cut = facts.calendar.measurement_periods(program.period, program.starts, program.ends)
        return [period for period in cut if period.start <= facts.as_of]

    def has_happened(self, period: Period) -> bool:
        """Reviews after the last day of PERIOD have not happened."""
        return period.end <= self.eligibility.facts.as_of

    def window(self, period: Period) -> Period:
        """The days on which a review looks: a trailing window, or the measurement period."""
        if "months" in self.rules:
            return trailing_window(self.eligibility, period.end, int(self.rules["months"]))
        return Period(period.start, min(period.end, self.eligibility.facts.as_of))

    def measured(self, period: Period) -> dict[str, Totals]:
        """The totals of each payee with an eligible line in a review's window."""
        if period not in self._reviews:
            lines = in_window(self.eligibility, self.program, self.window(period))
            self._reviews[period] = {payee: total(of_one) for payee, of_one in lines.items()}
        return self._reviews[period]

    def reached(self, period: Period, payee: str) -> int | None:
        """The last level in the list whose `at_least` and `also` are reached at a review."""
        totals = self.measured(period).get(payee)
        if totals is None:
            return None
        value = totals.metric(self.rules["metric"])
        reached = [
            index
            for index, level in enumerate(self.rules["levels"])
            if value >= number(level["at_least"]) and self._has_done(level, period, payee)
        ]
        return reached[-1] if reached else None

    def _has_done(self, level: dict[str, Value], period: Period, payee: str) -> bool:
        """`also`: numbers of passed activities in the same window."""
        return all(
            passed_activities(
                self.eligibility,
                self.program.payee,
                payee,
                name.removeprefix("activity."),
                self.window(period),
            )
            >= number(wanted)
            for name, wanted in level.get("also", {}).items()
        )

    def on(self, payee: str, day: date) -> str | None:
        """The level of a payee that is in force on a day.

        What the table `levels` grants on that day, of several rows the latest; else the highest that
        the last review before it and the `grace_periods` before that one reached.
        """
        granted = [
            row
            for row in self.eligibility.facts.data.accepted("levels")
            if (row["program_id"], row["payee_id"]) == (self.program.id, payee)
            and row["valid_from"] <= day
            and (row["valid_until"] is None or day <= row["valid_until"])
        ]
        if granted:
            return str(max(granted, key=lambda row: row["valid_from"])["level"])
        reviews = [p for p in self.periods if self.has_happened(p) and p.end < day]
        last = reviews[-1 - int(self.rules.get("grace_periods", 0)) :]
        reached = [level for p in last if (level := self.reached(p, payee)) is not None]
        return self.program.level_names[max(reached)] if reached else None

    def rows(self) -> Iterator[LevelRow]:
        """The rows of `levels.csv`: every payee with an eligible line or a level from the day after."""
        granted = {
            row["payee_id"]
            for row in self.eligibility.facts.data.accepted("levels")
            if row["program_id"] == self.program.id
            and self.eligibility.facts.knows_partner(row["payee_id"])
        }
        everybody = granted.union(*(self.measured(period) for period in self.periods))
        for period in self.periods:
            for payee in sorted(everybody):
                happened = self.has_happened(period)
                level = self.on(payee, period.end + timedelta(days=1)) if happened else None
                if payee in self.measured(period) or level is not None:
                    yield self._row(period, payee, level)

    def _row(self, period: Period, payee: str, in_force: str | None) -> LevelRow:
        totals = self.measured(period).get(payee)
        value = ZERO if totals is None else totals.metric(self.rules["metric"])
        reached, names = self.reached(period, payee), self.program.level_names
        following = 0 if reached is None else reached + 1
        is_top = following == len(names)
        missing = ZERO if is_top else number(self.rules["levels"][following]["at_least"]) - value
        return LevelRow(
            self.program.id,
            payee,
            period,
            value,
            None if reached is None else names[reached],
            in_force,
            None if is_top else names[following],
            max(missing, ZERO),
        )


@dataclass
class LevelBook:
    """The levels of all level programs of a workspace."""

    eligibility: Eligibility
    programs: dict[str, Levels]
    _known: dict[tuple[str, str, date], str | None] = field(default_factory=dict)

    def on(self, program_id: str, partner_id: str | None, day: date) -> str | None:
        """The level of a partner on a day; in a program for parents, that of its top on that day."""
        facts = self.eligibility.facts
        if partner_id is None or not facts.knows_partner(partner_id):
            return None
        levels = self.programs[program_id]
        payee = partner_id
        if levels.program.payee == "parent":
            payee = facts.top_of(partner_id, day) or partner_id
        key = (program_id, payee, day)
        if key not in self._known:
            self._known[key] = levels.on(payee, day)
        return self._known[key]


def level_book(eligibility: Eligibility, programs: list[Program]) -> LevelBook:
    """The levels of all level programs."""
    return LevelBook(
        eligibility, {p.id: Levels(eligibility, p) for p in programs if p.kind == "level"}
    )

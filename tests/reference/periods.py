"""Days, months, measurement periods and shifted windows (rules 1 to 6, 18).

What a month is hangs on the workspace: `Calendar` is the ordinary one, `MonthTable` what the table
`calendar` says (4-4-5 and its kin). `tenure_years` and the expiry of funds know ordinary days only.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """A window of days, first and last included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Calendar:
    """Months in a row, each with a number: 12 times its year, and its place in it from 0 on.

    Fiscal years start with the month `fiscal_year_starts`.
    """

    fiscal_year_starts: int = 1

    def number_of(self, day: date) -> int:
        """The number of the month that holds a day."""
        return day.year * 12 + day.month - 1

    def days(self, number: int) -> Period:
        """The days of a month."""
        year, month = number // 12, number % 12 + 1
        return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))

    def month_of(self, day: date) -> int:
        """What `sale.month` is: 1 to 12."""
        return self.number_of(day) % 12 + 1

    def into_year(self, number: int) -> int:
        """How many months of its fiscal year stand before a month: 0 to 11."""
        return (number - self.fiscal_year_starts + 1) % 12

    def span(self, first: int, months: int) -> Period:
        """So many months in a row."""
        return Period(self.days(first).start, self.days(first + months - 1).end)

    def period(self, name: str) -> Period:
        """`2026-09`, `2026-Q3`, `2026-H2` or `2026` (rule 3)."""
        match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})|-Q([1-4])|-H([12]))?", name)
        assert match, name
        year, month, quarter, half = match.groups()
        if month:
            return self.days(int(year) * 12 + int(month) - 1)
        first = int(year) * 12 + self.fiscal_year_starts - 1
        if quarter:
            return self.span(first + 3 * (int(quarter) - 1), 3)
        return self.span(first + 6 * (int(half) - 1), 6) if half else self.span(first, 12)

    def containing(self, kind: str, day: date) -> Period:
        """The month, or the fiscal quarter, half or year, that holds a day."""
        length = MONTHS[kind]
        number = self.number_of(day)
        return self.span(number - self.into_year(number) % length, length)

    def shift(self, day: date, months: int) -> date:
        """The same place in the month so many months on; a month's last day stays one (rule 18)."""
        number = self.number_of(day)
        own, other = self.days(number), self.days(number + months)
        return other.end if day == own.end else min(other.start + (day - own.start), other.end)

    def measurement_periods(self, kind: str, starts: date, ends: date) -> list[Period]:
        """The measurement periods of a program, cut to its dates (rule 3)."""
        if kind == "program":
            return [Period(starts, ends)]
        out = []
        day = starts
        while day <= ends:
            whole = self.containing(kind, day)
            out.append(Period(day, min(whole.end, ends)))
            day = whole.end + timedelta(days=1)
        return out

    def baseline_window(self, kind: str, period: Period, baseline_from: str) -> Period:
        """The window that a measurement period is compared with (rule 18)."""
        first, last = self.number_of(period.start), self.number_of(period.end)
        if baseline_from == "previous_year":
            months = 12
        elif kind != "program":
            months = MONTHS[kind]
        elif (period.start, period.end) == (self.days(first).start, self.days(last).end):
            months = last - first + 1
        else:
            before = period.start - timedelta(days=1)
            return Period(before - (period.end - period.start), before)
        return Period(self.shift(period.start, -months), self.shift(period.end, -months))

    def trailing_window(self, end: date, months: int) -> Period:
        """From the first day of the month `months` - 1 before the one that holds `end`, to `end`."""
        return Period(self.days(self.number_of(end) - (months - 1)).start, end)


@dataclass(frozen=True)
class MonthTable(Calendar):
    """The months of the table `calendar`: each month's days, from number `first` on without a gap."""

    first: int = 0
    months: tuple[Period, ...] = ()

    def number_of(self, day: date) -> int:
        """The number of the month that holds a day."""
        return next(self.first + n for n, days in enumerate(self.months) if day in days)

    def days(self, number: int) -> Period:
        """The days of a month; of one beyond the table's ends there are none."""
        place = number - self.first
        if place < 0:
            return Period(self.months[0].start, self.months[0].start - timedelta(days=1))
        if place >= len(self.months):
            return Period(self.months[-1].end + timedelta(days=1), self.months[-1].end)
        return self.months[place]


def add_months(day: date, months: int) -> date:
    """The same day `months` on, or that month's last if it is shorter (ordinary months)."""
    month = Calendar().days(day.year * 12 + day.month - 1 + months)
    return min(month.start + timedelta(days=day.day - 1), month.end)


def completed_years(since: date, day: date) -> int:
    """Completed years; an anniversary of 29 February counts on 1 March (rule 5)."""
    anniversary = (since.month, since.day) <= (day.month, day.day)
    return day.year - since.year - (0 if anniversary else 1)

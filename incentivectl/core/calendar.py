"""What a month is: an ordinary one, or one of the table `calendar` (docs/rules.md, "Calendars").

Each month has a number: twelve times its year, and its place in the year from 0 on. Everything that
counts in months asks a `Calendar`; `tenure_years`, deals, exchange rates, expiry and corrections know
ordinary months only (`core.periods.add_months`).
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from incentivectl.core.periods import MONTHS_OF, MeasurementPeriod, Period

if TYPE_CHECKING:
    import polars as pl

_RELATIVE = {"this-month": (1, 0), "last-month": (1, -1), "last-quarter": (3, -1)}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Ordinary months; fiscal years start with the month `fiscal_year_starts`."""

    fiscal_year_starts: int = 1

    @property
    def ordinary(self) -> "Calendar":
        """The calendar of what knows ordinary months only."""
        return Calendar(self.fiscal_year_starts)

    def number_of(self, day: date) -> int:
        """The number of the month that holds a day."""
        return day.year * 12 + day.month - 1

    def numbers_of(self, day: "pl.Expr") -> "pl.Expr":
        """The same for a column of days (Int32)."""
        import polars as pl

        return day.dt.year() * 12 + day.dt.month().cast(pl.Int32) - 1

    def month(self, number: int) -> Period:
        """The month of a number."""
        year, place = divmod(number, 12)
        last = monthrange(year, place + 1)[1]
        return Period(month_label(number), date(year, place + 1, 1), date(year, place + 1, last))

    def missing_day(self, first: date, last: date) -> date | None:
        """The first of the days from `first` to `last` that is in no month; ordinary ones have every day."""
        return None

    def month_of_year(self, day: "pl.Expr") -> "pl.Expr":
        """The month of a column of days, 1 to 12 (Int32)."""
        return self.numbers_of(day) % 12 + 1

    def holding(self, day: date) -> Period:
        """The month that holds a day."""
        return self.month(self.number_of(day))

    def named(self, text: str, today: date) -> Period | None:
        """PERIOD as the user wrote it; None if it has none of the `PERIOD_FORMS`.

        Where the calendar lacks a day of it, that is the `missing_day` of what is returned.
        A fiscal year bears the number of the year of its first month.
        """
        if text in _RELATIVE:
            if self.missing_day(today, today):
                return self.holding(today)
            months, step = _RELATIVE[text]
            return self._period(self._begin(self.number_of(today), months) + months * step, months)
        match = re.fullmatch(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?", text)
        if match is None or not 1900 <= int(match[1]) <= 2900:
            return None
        january = int(match[1]) * 12
        if match[2]:
            month = int(match[2])
            return self.month(january + month - 1) if 1 <= month <= 12 else None
        first = january + self.fiscal_year_starts - 1
        if match[3]:
            return self._period(first + 3 * (int(match[3]) - 1), 3)
        if match[4]:
            return self._period(first + 6 * (int(match[4]) - 1), 6)
        return self._period(first, 12)

    def before(self, period: Period) -> Period:
        """The period of the same length just before."""
        number, months = self._months_of(period)
        return self._period(number - months, months)

    def year_before(self, period: Period) -> Period:
        """The same period a year ago."""
        number, months = self._months_of(period)
        return self._period(number - 12, months)

    def quarter_of(self, day: date) -> str:
        """The fiscal quarter that a day lies in, such as `2026-Q3`."""
        return self._span(self._begin(self.number_of(day), 3), 3).label

    def year_of(self, day: date) -> Period:
        """The fiscal year that a day lies in."""
        return self._span(self._begin(self.number_of(day), 12), 12)

    def months_through(self, last: date, months: int) -> tuple[Period, ...]:
        """The last `months` months up to the one that `last` lies in, in order."""
        number = self.number_of(last)
        return tuple(self.month(each) for each in range(number - months + 1, number + 1))

    def months_between(self, first: date, last: date) -> int:
        """How many months the days from `first` to `last` lie in."""
        return self.number_of(last) - self.number_of(first) + 1

    def shift(self, day: date, months: int) -> date:
        """The same place in the month so many months on, at most its last day; a last day stays one."""
        number = self.number_of(day)
        own, other = self.month(number), self.month(number + months)
        return other.last if day == own.last else min(other.first + (day - own.first), other.last)

    def measurement_periods(
        self, starts: date, ends: date, period: str
    ) -> tuple[MeasurementPeriod, ...]:
        """A program's measurement periods in order, each cut to `starts`..`ends`."""
        if period == "program":
            return (MeasurementPeriod(starts, ends),)
        return tuple(self._cut_periods(starts, ends, MONTHS_OF[period]))

    def _cut_periods(self, starts: date, ends: date, months: int) -> Iterator[MeasurementPeriod]:
        number = self._begin(self.number_of(starts), months)
        while (whole := self._span(number, months)).first <= ends:
            yield MeasurementPeriod(max(whole.first, starts), min(whole.last, ends))
            number += months

    def length_of(self, window: MeasurementPeriod, period: str) -> int | None:
        """How many months a program's measurement period is long; None where it has a length in days.

        A whole program has months where it runs from a first to a last day of a month.
        """
        if period in MONTHS_OF:
            return MONTHS_OF[period]
        first, last = self.number_of(window.start), self.number_of(window.end)
        is_whole = (window.start, window.end) == (self.month(first).first, self.month(last).last)
        return last - first + 1 if is_whole else None

    def baseline_window(
        self, measured: MeasurementPeriod, period: str, source: str
    ) -> MeasurementPeriod:
        """The window that a growth baseline is measured over (rule "Baselines").

        `previous_year` shifts both ends by 12 months, `previous_period` by the period's length: whole
        months where it has them, else days.
        """
        months = 12 if source == "previous_year" else self.length_of(measured, period)
        if months is not None:
            return MeasurementPeriod(
                self.shift(measured.start, -months), self.shift(measured.end, -months)
            )
        length = measured.end - measured.start + _DAY
        return MeasurementPeriod(measured.start - length, measured.end - length)

    def months_back(self, last: date, months: int) -> date:
        """The first day of the last `months` months up to the one that holds `last`."""
        return self.month(self.number_of(last) - months + 1).first

    def trailing_window(self, end: date, months: int, as_of: date) -> MeasurementPeriod:
        """The last `months` months up to `end`, or to `as_of` where that is earlier (rule "Windows")."""
        return MeasurementPeriod(self.months_back(end, months), min(end, as_of))

    def _begin(self, number: int, months: int) -> int:
        """The first month of the fiscal period of `months` months that a month lies in."""
        return number - (number - self.fiscal_year_starts + 1) % months

    def _months_of(self, period: Period) -> tuple[int, int]:
        first, last = self.number_of(period.first), self.number_of(period.last)
        return first, last - first + 1

    def _period(self, number: int, months: int) -> Period:
        """A fiscal period of which every month is known."""
        return self._span(number, months)

    def _span(self, number: int, months: int) -> Period:
        """So many months in a row, with the label of the fiscal period that they are."""
        first, last = self.month(number), self.month(number + months - 1)
        year, place = divmod(number - self.fiscal_year_starts + 1, 12)
        label = {
            1: first.label,
            3: f"{year}-Q{place // 3 + 1}",
            6: f"{year}-H{place // 6 + 1}",
            12: f"{year}",
        }[months]
        return Period(label, first.first, last.last)


@dataclass(frozen=True)
class StatedCalendar(Calendar):
    """The months that a workspace states: the number of the first, and the days that each begins on.

    `last` is the last day of all. Whatever lies before them counts as a month that has no days and begins
    the day before them; what lies after them likewise.
    """

    first_number: int = 0
    firsts: tuple[date, ...] = ()
    last: date = date.min

    def number_of(self, day: date) -> int:
        """The number of the month that holds a day."""
        if day > self.last:
            return self.first_number + len(self.firsts)
        return self.first_number + bisect_right(self.firsts, day) - 1

    def numbers_of(self, day: "pl.Expr") -> "pl.Expr":
        """The same for a column of days (Int32); null where it is in none of the months."""
        import polars as pl

        begins = pl.lit(pl.Series(self.firsts, dtype=pl.Date))
        number = begins.search_sorted(day, side="right").cast(pl.Int32) + (self.first_number - 1)
        return pl.when(day.is_between(self.firsts[0], self.last)).then(number)

    def month(self, number: int) -> Period:
        """The month of a number."""
        label, place = month_label(number), number - self.first_number
        if place < 0:
            return Period(label, self.firsts[0] - _DAY, self.firsts[0] - 2 * _DAY)
        if place >= len(self.firsts):
            return Period(label, self.last + _DAY, self.last)
        is_last = place == len(self.firsts) - 1
        return Period(
            label, self.firsts[place], self.last if is_last else self.firsts[place + 1] - _DAY
        )

    def missing_day(self, first: date, last: date) -> date | None:
        """The first of the days from `first` to `last` that is in none of the months."""
        if not self.firsts[0] <= first <= self.last:
            return first
        return self.last + _DAY if last > self.last else None

    def baseline_window(
        self, measured: MeasurementPeriod, period: str, source: str
    ) -> MeasurementPeriod:
        """The window of a growth baseline; one that lies outside the months has no days."""
        window = super().baseline_window(measured, period, source)
        missing = self.missing_day(window.start, window.end)
        return window if missing is None else MeasurementPeriod(missing, missing - _DAY)

    def _period(self, number: int, months: int) -> Period:
        """A fiscal period; one that lies outside the months has no days."""
        whole = self._span(number, months)
        missing = self.missing_day(whole.first, whole.last)
        return whole if missing is None else Period(whole.label, missing, missing - _DAY)

    def shift(self, day: date, months: int) -> date:
        """The same place in another month; beyond the months the nearest day that is in none."""
        other = self.month(self.number_of(day) + months)
        return other.first if other.last < other.first else super().shift(day, months)

    def measurement_periods(
        self, starts: date, ends: date, period: str
    ) -> tuple[MeasurementPeriod, ...]:
        """A program's measurement periods in order, each cut to `starts`..`ends` and to the months."""
        if period == "program":
            return (MeasurementPeriod(starts, ends),)
        return super().measurement_periods(
            max(starts, self.firsts[0]), min(ends, self.last), period
        )


ORDINARY = Calendar()


def month_label(number: int) -> str:
    """The name of a month, such as `2026-09`."""
    year, place = divmod(number, 12)
    return f"{year:04d}-{place + 1:02d}"


def month_number(label: str) -> int:
    """The number of the month of a name such as `2026-09`."""
    return int(label[:4]) * 12 + int(label[5:]) - 1


def month_labels(number: "pl.Expr") -> "pl.Expr":
    """The names of a column of months (String)."""
    import polars as pl

    year, month = (number // 12).cast(pl.String), (number % 12 + 1).cast(pl.String)
    return pl.concat_str([year.str.zfill(4), month.str.zfill(2)], separator="-")

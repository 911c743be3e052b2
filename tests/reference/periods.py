"""Days, calendar and fiscal periods, measurement periods, shifted windows (rules 1 to 6, 18)."""

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


def last_of_month(year: int, month: int) -> int:
    """The number of days of a month."""
    return monthrange(year, month)[1]


def add_months(day: date, months: int) -> date:
    """The same day `months` on, or that month's last if it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, last_of_month(year, month)))


def shift_end(day: date, months: int) -> date:
    """A day shifted by whole months; a month's last day stays one (rule 18)."""
    moved = add_months(day, months)
    if day.day == last_of_month(day.year, day.month):
        return moved.replace(day=last_of_month(moved.year, moved.month))
    return moved


def named_period(name: str, fiscal_year_starts: int) -> Period:
    """`2026-09`, `2026-Q3`, `2026-H2` or `2026` (rule 3)."""
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})|-Q([1-4])|-H([12]))?", name)
    assert match, name
    year, month, quarter, half = match.groups()
    fiscal = date(int(year), fiscal_year_starts, 1)
    if month:
        start, months = date(int(year), int(month), 1), 1
    elif quarter:
        start, months = add_months(fiscal, 3 * (int(quarter) - 1)), 3
    elif half:
        start, months = add_months(fiscal, 6 * (int(half) - 1)), 6
    else:
        start, months = fiscal, 12
    return Period(start, add_months(start, months) - timedelta(days=1))


def containing(kind: str, day: date, fiscal_year_starts: int) -> Period:
    """The calendar month, or fiscal quarter, half or year that holds a day."""
    length = MONTHS[kind]
    into = (day.month - fiscal_year_starts) % length if length > 1 else 0
    start = add_months(day.replace(day=1), -into)
    return Period(start, add_months(start, length) - timedelta(days=1))


def measurement_periods(
    kind: str, starts: date, ends: date, fiscal_year_starts: int
) -> list[Period]:
    """The measurement periods of a program, cut to its dates (rule 3)."""
    if kind == "program":
        return [Period(starts, ends)]
    out = []
    day = starts
    while day <= ends:
        whole = containing(kind, day, fiscal_year_starts)
        out.append(Period(day, min(whole.end, ends)))
        day = whole.end + timedelta(days=1)
    return out


def baseline_window(kind: str, period: Period, baseline_from: str) -> Period:
    """The window that a period is compared with (rule 18)."""
    if baseline_from == "previous_year":
        months = 12
    elif kind != "program":
        months = MONTHS[kind]
    elif period.start.day == 1 and period.end.day == last_of_month(
        period.end.year, period.end.month
    ):
        months = 12 * (period.end.year - period.start.year)
        months += period.end.month - period.start.month + 1
    else:
        days = period.end - period.start
        last = period.start - timedelta(days=1)
        return Period(last - days, last)
    return Period(shift_end(period.start, -months), shift_end(period.end, -months))


def completed_years(since: date, day: date) -> int:
    """Completed years; an anniversary of 29 February counts on 1 March (rule 5)."""
    anniversary = (since.month, since.day) <= (day.month, day.day)
    return day.year - since.year - (0 if anniversary else 1)

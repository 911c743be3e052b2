"""Calendar and fiscal periods: what PERIOD means, and the measurement periods of a program.

Everything here works on plain dates; there are few of them. Rules: docs/rules.md, "Dates".
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
PERIOD_FORMS = "2026-09, 2026-Q3, 2026-H2, 2026, this-month, last-month, last-quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month or a fiscal quarter, half or year, first and last day inclusive."""

    label: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class MeasurementPeriod:
    """The window over which a program measures, cut to the program's `starts`..`ends`."""

    start: date
    end: date


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months; a month's last day stays one (rule "Shifting dates")."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month0 + 1)[1]
    stays_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month0 + 1, last if stays_last else min(day.day, last))


def last_day_of_month(day: date) -> date:
    """The last day of the month that `day` lies in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def parse_period(text: str, *, fiscal_year_starts: int, today: date) -> Period | None:
    """PERIOD as the user wrote it; None if it has none of the `PERIOD_FORMS`.

    A fiscal year bears the number of the calendar year in which it starts; `2026-09` is always the
    calendar month.
    """
    relative = {"this-month": (1, 0), "last-month": (1, -1), "last-quarter": (3, -1)}
    if text in relative:
        months, step = relative[text]
        start = add_months(_period_start(today, months, fiscal_year_starts), months * step)
        return _labelled(start, months, fiscal_year_starts)
    match = re.fullmatch(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?", text)
    if match is None or not 1900 <= int(match[1]) <= 2900:
        return None
    year = int(match[1])
    if match[2]:
        if not 1 <= int(match[2]) <= 12:
            return None
        return _labelled(date(year, int(match[2]), 1), 1, fiscal_year_starts)
    fiscal_start = date(year, fiscal_year_starts, 1)
    if match[3]:
        return _labelled(add_months(fiscal_start, 3 * (int(match[3]) - 1)), 3, fiscal_year_starts)
    if match[4]:
        return _labelled(add_months(fiscal_start, 6 * (int(match[4]) - 1)), 6, fiscal_year_starts)
    return _labelled(fiscal_start, 12, fiscal_year_starts)


def period_before(period: Period, *, fiscal_year_starts: int) -> Period:
    """The period of the same length just before."""
    months = _months_in(period)
    return _labelled(add_months(period.first, -months), months, fiscal_year_starts)


def year_before(period: Period, *, fiscal_year_starts: int) -> Period:
    """The same period a year ago."""
    return _labelled(add_months(period.first, -12), _months_in(period), fiscal_year_starts)


def quarter_of(day: date, *, fiscal_year_starts: int) -> str:
    """The fiscal quarter that a day lies in, such as `2026-Q3`."""
    return _labelled(_period_start(day, 3, fiscal_year_starts), 3, fiscal_year_starts).label


def months_through(last: date, number: int) -> tuple[Period, ...]:
    """The last `number` calendar months up to the one that `last` lies in, in order."""
    first = last.replace(day=1)
    return tuple(
        _labelled(add_months(first, -back), 1, fiscal_year_starts=1)
        for back in reversed(range(number))
    )


def _months_in(period: Period) -> int:
    return months_between(period.first, period.last)


def months_between(first: date, last: date) -> int:
    """How many calendar months the days from `first` to `last` lie in."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _labelled(start: date, months: int, fiscal_year_starts: int) -> Period:
    last = last_day_of_month(add_months(start, months - 1))
    offset = (start.month - fiscal_year_starts) % 12
    year = start.year if start.month >= fiscal_year_starts else start.year - 1
    label = {
        1: f"{start.year}-{start.month:02d}",
        3: f"{year}-Q{offset // 3 + 1}",
        6: f"{year}-H{offset // 6 + 1}",
        12: f"{year}",
    }[months]
    return Period(label, start, last)


def _period_start(day: date, months: int, fiscal_year_starts: int) -> date:
    """First day of the period of `months` months that `day` lies in."""
    offset = (day.month - fiscal_year_starts) % months
    return add_months(day.replace(day=1), -offset)


def trailing_window(end: date, months: int, as_of: date) -> MeasurementPeriod:
    """The last `months` months up to `end`, or to `as_of` where that is earlier.

    The first of them begins on a first day of a month (docs/rules.md, "Windows").
    """
    return MeasurementPeriod(add_months(end.replace(day=1), 1 - months), min(end, as_of))


def measurement_periods(
    starts: date, ends: date, period: str, *, fiscal_year_starts: int
) -> tuple[MeasurementPeriod, ...]:
    """The program's measurement periods in order, each cut to `starts`..`ends`."""
    if period == "program":
        return (MeasurementPeriod(starts, ends),)
    return tuple(_cut_periods(starts, ends, MONTHS_OF[period], fiscal_year_starts))


def _cut_periods(
    starts: date, ends: date, months: int, fiscal_year_starts: int
) -> Iterator[MeasurementPeriod]:
    first = _period_start(starts, months, fiscal_year_starts)
    while first <= ends:
        following = add_months(first, months)
        yield MeasurementPeriod(max(first, starts), min(following - timedelta(days=1), ends))
        first = following


def baseline_window(measured: MeasurementPeriod, period: str, source: str) -> MeasurementPeriod:
    """The window that a growth baseline is measured over (rule "Baselines").

    `previous_year` shifts both ends by 12 months, `previous_period` by the period's length. For a
    `program` period that is the window of equal length just before: whole months where it runs from
    a first to a last day of a month, days otherwise.
    """
    if source == "previous_year":
        months = 12
    elif period in MONTHS_OF:
        months = MONTHS_OF[period]
    else:
        whole_months = measured.start.day == 1 and measured.end == last_day_of_month(measured.end)
        if not whole_months:
            length = measured.end - measured.start + timedelta(days=1)
            return MeasurementPeriod(measured.start - length, measured.end - length)
        months = (
            (measured.end.year - measured.start.year) * 12
            + measured.end.month
            - measured.start.month
            + 1
        )
    return MeasurementPeriod(add_months(measured.start, -months), add_months(measured.end, -months))

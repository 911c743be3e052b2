"""PERIOD and measurement periods as stretches of days, and ordinary months.

Which days a month has where a workspace states its own: `core.calendar`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
PERIOD_FORMS = "2026-09, 2026-Q3, 2026-H2, 2026, this-month, last-month, last-quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a fiscal quarter, half or year, first and last day inclusive."""

    label: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class MeasurementPeriod:
    """The window over which a program measures, cut to the program's `starts`..`ends`."""

    start: date
    end: date


def add_months(day: date, months: int) -> date:
    """`day` moved by ordinary months; a month's last day stays one (rule "Shifting dates")."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month0 + 1)[1]
    stays_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month0 + 1, last if stays_last else min(day.day, last))

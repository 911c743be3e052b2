"""The calendar of the sample: eighteen months, 2025-04 to 2026-09."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

FIRST_DAY = date(2025, 4, 1)
LAST_DAY = date(2026, 9, 30)

# Percent of an ordinary month: budgets are spent in December, and nobody buys in January.
SEASON = dict(enumerate([72, 80, 104, 96, 100, 112, 88, 84, 108, 104, 112, 130], start=1))


def between(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    """All (year, month) from `first` to `last`, both included."""
    start, end = first[0] * 12 + first[1] - 1, last[0] * 12 + last[1] - 1
    return [(index // 12, index % 12 + 1) for index in range(start, end + 1)]


MONTHS = between((FIRST_DAY.year, FIRST_DAY.month), (LAST_DAY.year, LAST_DAY.month))
NAMES = [f"{year}-{month:02d}" for year, month in MONTHS]


def index_of(day: date) -> int:
    """The position of the day's month in MONTHS."""
    return (day.year - FIRST_DAY.year) * 12 + day.month - FIRST_DAY.month


def days(index: int) -> int:
    """How many days the month has."""
    return monthrange(*MONTHS[index])[1]

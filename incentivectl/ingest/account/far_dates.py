"""Dates far from the rest of their file, as where day and month are swapped (docs/operation.md, 42.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.ingest.files.pieces import ReadFile
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import CountingLines

EXAMPLES = 3
MOST_OF_A_FILE = 10  # tenths: at most one of so many lines lies outside the file's months
A_YEAR = 12  # months
Days = dict[date, int]  # the lines of each day


@dataclass(frozen=True, slots=True)
class _Far:
    """What is odd about a file: days far from its months, and whether swapping brings them there."""

    file: ReadFile
    days: tuple[date, ...]
    lines: int
    months: tuple[int, ...]
    swapped: bool


def far_dates(
    rows: TableRows, sales: CountingLines, counting: pl.DataFrame, tallied: pl.DataFrame
) -> Iterator[Problem]:
    """A warning for each file with lines that count, but on days far from all others of the file.

    `counting` is what `days.days_of_files` found, `tallied` the `counts.tally` of the rows.
    """
    files = [file for piece in rows.opened.pieces for file in piece.files]
    if not files:
        return
    is_bad_date = (pl.col("fate") == "rejected") & (pl.col("reason") == "bad-date")
    with_bad_dates = set(tallied.filter(is_bad_date)["source"])
    for number, days in _days_of_files(counting).items():
        file = files[number]
        found = _far(file, days, has_bad_dates=file.file.source.name in with_bad_dates)
        if found is not None:
            yield _problem(found, rows, sales)


def _days_of_files(counting: pl.DataFrame) -> dict[int, Days]:
    """The accepted lines of each day, by the number of their file."""
    counts = counting.group_by("file", "sold_on").agg(pl.col("lines").sum()).sort("file", "sold_on")
    found: dict[int, Days] = {}
    for number, day, lines in counts.rows():
        found.setdefault(number, {})[day] = lines
    return found


def _far(file: ReadFile, days: Days, *, has_bad_dates: bool) -> _Far | None:
    """The days that lie far from the two adjacent months which nearly all of a file falls into."""
    first = _best_months(days)
    months = (first, first + 1)
    far = [day for day in days if not first - 1 <= _month(day) <= first + 2]
    swapped = [day for day in far if _swapped_month(day) in months]
    years = [day for day in far if abs(_month(day) - first) > A_YEAR]
    inside = sum(lines for day, lines in days.items() if _month(day) in months)
    back, away, gone = (sum(days[day] for day in some) for some in (swapped, far, years))
    enough = (MOST_OF_A_FILE - 1) * sum(days.values())
    # Where few lines are right, dates that could not be read must bear it out: the days above 12.
    is_borne_out = inside > back or has_bad_dates
    fits = sum(lines for day, lines in days.items() if not _months(day).isdisjoint(months))
    if swapped and 2 * back >= away and is_borne_out and MOST_OF_A_FILE * fits >= enough:
        return _Far(file, tuple(swapped), back, _held(days, swapped, months), swapped=True)
    if years and MOST_OF_A_FILE * inside >= enough:
        return _Far(file, tuple(years), gone, _held(days, [], months), swapped=False)
    return None


def _held(days: Days, swapped: list[date], months: tuple[int, int]) -> tuple[int, ...]:
    """Those of the two months that hold lines: as they stand, or `swapped`."""
    named = {_month(day) for day in days} | {_swapped_month(day) for day in swapped}
    return tuple(month for month in months if month in named)


def _best_months(days: Days) -> int:
    """The first of two adjacent months that hold most lines, as they stand or swapped."""
    held: dict[int, int] = {}
    for day, lines in days.items():
        for month in _months(day):
            for first in (month - 1, month):
                held[first] = held.get(first, 0) + lines
    return max(held, key=lambda first: (held[first], first))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _months(day: date) -> set[int]:
    """The month of a day as it stands, and of the day with day and month swapped."""
    return {_month(day), _swapped_month(day) or _month(day)}


def _swapped_month(day: date) -> int | None:
    """The month of the day with day and month swapped, where there is such a day."""
    return day.year * 12 + day.day - 1 if day.day <= 12 else None


def _problem(found: _Far, rows: TableRows, sales: CountingLines) -> Problem:
    file = found.file
    end = file.first_row + file.most_rows
    first = sales.ask(_first_on, _first_of_all, found.days, file.first_row, end)
    shown = ", ".join(
        f"`{day}` (line {line})"
        for day, line in rows.located(first).select("sold_on", "line").rows()
    )
    more = ", …" if found.lines > EXAMPLES else ""
    months = " and ".join(f"{month // 12}-{month % 12 + 1:02}" for month in found.months)
    message = f"{counted(found.lines, 'line')} dated far from the rest of the file ({months}): {shown}{more}"
    wanted = f'date_format = "{file.file.source.date_format}"'
    hint = (
        f"are day and month swapped? They are read with {wanted}"
        if found.swapped
        else "is the year right? Correct the dates in the export"
    )
    return Problem("far-dates", message, hint, file=file.file.path, severity="warning")


def _first_on(sales: pl.LazyFrame, days: Sequence[date], first: int, end: int) -> pl.DataFrame:
    """`row`, `sold_on` of the first lines of some days among the rows from `first` to before `end`."""
    is_one = pl.col("sold_on").is_in(days) & pl.col("row").is_between(first, end, closed="left")
    found = sales.filter(is_one).select("row", "sold_on").collect(engine="streaming")
    return _first_of_all([found])


def _first_of_all(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).sort("row").head(EXAMPLES)

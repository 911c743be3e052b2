"""The table `calendar`: the months that a workspace states (docs/rules.md, "Calendars")."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from incentivectl.core.calendar import Calendar, StatedCalendar, month_label, month_number
from incentivectl.core.errors import Problem, errors_in
from incentivectl.ingest.table_reading import read_alone
from incentivectl.workspace.workspace import Workspace

TABLE = "calendar"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_Row = tuple[str, date, date, Path | None, int | None]


def calendar_in(table: pl.DataFrame | None, ordinary: Calendar) -> Calendar:
    """The months that the accepted rows of `calendar` state; without any, `ordinary` ones."""
    if table is None or table.is_empty():
        return ordinary
    rows = table.sort("month")
    return StatedCalendar(
        first_number=month_number(rows["month"][0]),
        firsts=tuple(rows["first_day"]),
        last=rows["last_day"][-1],
    )


def read_calendar(workspace: Workspace, scratch: Path) -> tuple[Calendar, list[Problem]]:
    """What a month is in a workspace, and what is wrong with its months.

    Where the files of the table cannot be read at all, reading the exports will say so.
    """
    rows, rejected, problems = read_alone(workspace, scratch, TABLE)
    if errors_in(problems) or (rows.is_empty() and rejected.is_empty()):
        return workspace.calendar, []
    found = [*_rejected(rejected, workspace.root), *_broken(rows, workspace.root)]
    if found:
        return workspace.calendar, found
    return calendar_in(rows, workspace.calendar), []


def _rejected(rejected: pl.DataFrame, root: Path) -> Iterator[Problem]:
    columns = rejected.select("reason", "column", "file", "line", "value")
    for reason, column, file, line, value in columns.rows():
        message = f"this month is rejected: {reason}" + (f" (`{column}`)" if column else "")
        hint = "write month, first_day and last_day, such as 2026-07,2026-06-28,2026-07-25"
        yield Problem("bad-calendar", message, hint, root / file, line, excerpt=value or "")


def _broken(rows: pl.DataFrame, root: Path) -> Iterator[Problem]:
    """Months without a sound name or a day, and where one does not adjoin the one before."""
    columns = rows.sort("month").select("month", "first_day", "last_day", "file", "line")
    before: _Row | None = None
    for month, first, last, file, line in columns.rows():
        this = (month, first, last, root / file if file else None, line)
        if not _MONTH.fullmatch(month):
            yield _problem(this, f"invalid month `{month}`", "write it as 2026-07, with 01 to 12")
            continue
        if last < first:
            yield _problem(this, f"{month} ends on {last}, before it begins on {first}")
        if before is not None:
            yield from _gap(before, this)
        before = this


def _gap(before: _Row, this: _Row) -> Iterator[Problem]:
    missing = month_label(month_number(before[0]) + 1)
    adjoining = before[2] + timedelta(days=1)
    if this[0] != missing:
        yield _problem(this, f"{missing} is missing: {before[0]} is followed by {this[0]}")
    elif this[1] != adjoining:
        message = f"{this[0]} begins on {this[1]}, but {before[0]} ends on {before[2]}"
        yield _problem(this, message, f"months adjoin: begin it on {adjoining}")


def _problem(row: _Row, message: str, hint: str = "") -> Problem:
    return Problem("bad-calendar", message, hint, row[3], row[4])

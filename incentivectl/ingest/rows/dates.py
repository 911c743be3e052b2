"""From the text of a date to a date; a time that follows it is cut off (docs/rules.md, "Reading")."""

import re
from collections.abc import Callable
from functools import partial

import polars as pl

FIRST_YEAR, LAST_YEAR = 1900, 2999
ISO = "%Y-%m-%d"

_TIME_DIRECTIVES = re.compile(r"%[-_^0#.\d]*[HIklMSpPfTRrXzZscL]")
_TRAILING_TIME = r"[T ]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\S*(?: ?[AaPp]\.?[Mm]\.?)?$"


def date(text: pl.Expr, date_format: str) -> pl.Expr:
    """Trimmed `text` (null where missing) as a Date; null where it is none from 1900 to 2999.

    `date_format` may hold directives of a time as well; the time is cut off.
    """
    return text.map_batches(
        partial(_read, date_format=date_format), return_dtype=pl.Date, is_elementwise=True
    )


def _read(text: pl.Series, *, date_format: str) -> pl.Series:
    """A part of a column: by the format without its time, then what that leaves unread."""
    only_date = date_part(date_format)
    day = pl.Series([None], dtype=pl.Date).new_from_index(0, text.len())
    if only_date is not None:
        day = text.str.to_date(only_date, strict=False)
        day = _again(day, text, lambda rest: _before_time(rest, only_date))
    if _TIME_DIRECTIVES.search(date_format):
        day = _again(day, text, lambda rest: _with_time(rest, date_format))
    possible = day.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return day if possible.all() else day.set(~possible, None)


def _again(day: pl.Series, text: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`day`, and what `read` makes of the texts that gave none yet."""
    places = (day.is_null() & text.is_not_null()).arg_true()
    return day.scatter(places, read(text.gather(places))) if places.len() else day


def _before_time(text: pl.Series, only_date: str) -> pl.Series:
    rest = text.str.replace(_TRAILING_TIME, "").str.strip_chars()
    return rest.str.to_date(only_date, strict=False)


def _with_time(text: pl.Series, date_format: str) -> pl.Series:
    return text.str.to_datetime(date_format, strict=False, ambiguous="earliest").dt.date()


def date_part(date_format: str) -> str | None:
    """The format without the time behind the date; none where the time does not come last."""
    found = _TIME_DIRECTIVES.search(date_format)
    if found is None:
        return date_format
    before = re.sub(r"[\sT,]+$", "", date_format[: found.start()])
    return before or None

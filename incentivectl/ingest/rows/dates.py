"""From the text of a date to a date; a time that follows it is cut off (docs/rules.md, "Reading")."""

import datetime as calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from incentivectl.ingest.rows.zones import ZONE, ZONE_PARTS, in_zone
from incentivectl.workspace.source_settings import EXCEL

FIRST, LAST = calendar.date(1900, 1, 1), calendar.date(2999, 12, 31)
ISO = "%Y-%m-%d"

_TIME_DIRECTIVES = re.compile(r"%[-_^0#.\d]*[HIklMSpPfTRrXzZscL]")
_ZONE_DIRECTIVE = re.compile(r"\s*%[zZ]$")
_TIME = rf"(?:[T\s]|,\s)\s*[0-9]{{1,2}}:[0-9]{{2}}\S*(?:\s?[AaPp]\.?[Mm]\b\.?)?{ZONE}"
_TIME_PARTS = (
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?(?:[.,:][0-9]+)?"
    rf"\s?(?:(?P<half>[AaPp])\.?[Mm]\b\.?)?{ZONE_PARTS}"
)

# Serial numbers count from 1 for 1 January 1900, and have a 29 February 1900 that never was.
_FALSE_DAY = 60
_BEFORE_FALSE_DAY, _AFTER_FALSE_DAY = pl.date(1899, 12, 31), pl.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a source writes dates; `decimal` is that of serial numbers.

    Date-times with an offset are brought to `time_zone` before their time is cut off.
    """

    date_format: str = ISO
    time_zone: str | None = None
    decimal: str = "."


CANONICAL_DATES = DateStyle()


def date(text: pl.Expr, style: DateStyle = CANONICAL_DATES) -> pl.Expr:
    """Trimmed `text` (null where missing) as a Date; null if it is not a date from 1900 to 2999.

    The format may hold directives of a time as well; the time is cut off.
    """
    return text.map_batches(partial(_read, style=style), return_dtype=pl.Date, is_elementwise=True)


def written(day: pl.Expr, date_format: str) -> pl.Expr:
    """Dates as a source writes them."""
    if date_format != EXCEL:
        return day.dt.strftime(date_format)
    serial = (day - _AFTER_FALSE_DAY).dt.total_days()
    return pl.when(serial > _FALSE_DAY).then(serial).otherwise(serial - 1).cast(pl.String)


def _read(text: pl.Series, *, style: DateStyle) -> pl.Series:
    """A part of a column: by the format without its time, then what that leaves unread."""
    is_serial = style.date_format == EXCEL
    day = _serial_day(text, style.decimal) if is_serial else _formatted_day(text, style)
    possible = day.is_between(FIRST, LAST)
    return day if possible.all() else day.set(~possible, None)


def _serial_day(text: pl.Series, decimal: str) -> pl.Series:
    """Serial numbers as dates; a fraction is a time."""
    digits = text.str.extract(rf"^([0-9]{{1,7}})(?:{re.escape(decimal)}[0-9]*)?$")
    serial = pl.col("serial")
    days = pl.duration(days=serial)
    before = pl.when(serial.is_between(1, _FALSE_DAY - 1)).then(_BEFORE_FALSE_DAY + days)
    day = before.when(serial > _FALSE_DAY).then(_AFTER_FALSE_DAY + days)
    return digits.cast(pl.Int32).alias("serial").to_frame().select(day.cast(pl.Date)).to_series()


def _formatted_day(text: pl.Series, style: DateStyle) -> pl.Series:
    only_date = date_part(style.date_format)
    day = pl.Series([None], dtype=pl.Date).new_from_index(0, text.len())
    if only_date is not None:
        day = text.str.to_date(only_date, strict=False)
        day = _again(day, text, lambda rest: _before_time(rest, only_date, style.time_zone))
    if _TIME_DIRECTIVES.search(style.date_format):
        day = _again(day, text, lambda rest: _with_time(rest, style))
    return day


def _again(day: pl.Series, text: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`day`, and what `read` makes of the texts that gave none yet."""
    places = (day.is_null() & text.is_not_null()).arg_true()
    return day.scatter(places, read(text.gather(places))) if places.len() else day


def _before_time(text: pl.Series, only_date: str, time_zone: str | None) -> pl.Series:
    """The day before a time, moved to `time_zone` where the time has an offset."""
    day = text.str.replace(_TIME, "").str.strip_chars().str.to_date(only_date, strict=False)
    if time_zone is None:
        return day
    parts = text.str.extract_groups(_TIME_PARTS).struct.unnest()
    moment = parts.select(_moment(day)).to_series()
    moved = in_zone(moment, parts["offset"], parts["name"], time_zone)
    return moved.zip_with(parts["h"].is_not_null(), day)


def _moment(day: pl.Series) -> pl.Expr:
    """A day and the parts of a time as a Datetime; null where there is no such time."""
    hour, minute, second = (pl.col(part).cast(pl.Int64) for part in ("h", "m", "s"))
    second = second.fill_null(0)
    afternoon = pl.col("half").str.to_lowercase() == "p"
    shown = pl.when(pl.col("half").is_null()).then(hour).otherwise(hour % 12 + 12 * afternoon)
    moment = pl.lit(day).cast(pl.Datetime) + pl.duration(
        hours=shown, minutes=minute, seconds=second.clip(0, 59)
    )
    return pl.when((hour <= 24) & (minute < 60) & (second <= 60)).then(moment)


def _with_time(text: pl.Series, style: DateStyle) -> pl.Series:
    """By the whole format, of which an offset at the end is told apart."""
    zoneless = _ZONE_DIRECTIVE.sub("", style.date_format)
    has_zone = zoneless != style.date_format
    bare = text.str.replace(rf"\s{ZONE}", "") if has_zone else text
    moment = bare.str.to_datetime(zoneless, strict=False, ambiguous="earliest", time_unit="us")
    if style.time_zone is None or not has_zone:
        return moment.dt.date()
    zone = text.str.extract_groups(rf"\s{ZONE_PARTS}").struct.unnest()
    return in_zone(moment, zone["offset"], zone["name"], style.time_zone)


def date_part(date_format: str) -> str | None:
    """The format without the time behind the date; None if the time does not come last."""
    found = _TIME_DIRECTIVES.search(date_format)
    if found is None:
        return date_format
    before = re.sub(r"[\sT,]+$", "", date_format[: found.start()])
    return before or None

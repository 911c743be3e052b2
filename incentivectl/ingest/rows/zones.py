"""Offsets and names of time zones behind a time, and the day that it is elsewhere."""

from contextlib import suppress
from datetime import timedelta

import polars as pl
from polars.exceptions import ComputeError

_OFFSET = r"(?:UTC|GMT|UT)?[-+\u2212][0-9]{1,2}(?::?[0-9]{2})?|UTC|GMT|UT|[Zz]"
_PLACE = r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+"  # Europe/Berlin; a name such as EST means several zones
_NAME = rf"{_PLACE}|\([^()]*\)|[A-Za-z]{{3,5}}"
# At the end of a date-time; a name may follow an offset.
ZONE = rf"\s*(?:{_OFFSET})?\s*\[?(?:{_NAME})?\]?$"
ZONE_PARTS = rf"\s*(?P<offset>{_OFFSET})?\s*\[?(?P<name>{_NAME})?\]?$"


def in_zone(moment: pl.Series, offset: pl.Series, name: pl.Series, time_zone: str) -> pl.Series:
    """The day (Date) that it is in `time_zone` at a `moment` (Datetime) with this offset and name (String).

    Moments without an offset, and without the name of a place (`Europe/Berlin`), stay where they are.
    """
    ahead = _minutes(offset)
    utc = (moment - (ahead * 60_000_000).cast(pl.Duration("us"))).dt.replace_time_zone("UTC")
    place = name.set(offset.is_not_null(), None)
    for one in place.filter(place.str.contains("/")).unique():
        with suppress(ComputeError):  # no zone that anybody knows: the moment stays
            utc = _at_place(moment, one).zip_with((place == one).fill_null(value=False), utc)
    day = utc.dt.convert_time_zone(time_zone).dt.date()
    return day.zip_with(utc.is_not_null(), moment.dt.date())


def _minutes(offset: pl.Series) -> pl.Series:
    """How far a zone is before UTC; null where there is no offset."""
    parts = offset.str.extract_groups(r"([-+\u2212])([0-9]{1,2}):?([0-9]{2})?$").struct.unnest()
    hours, minutes = (parts[part].cast(pl.Int64) for part in ("2", "3"))
    sign = parts["1"].replace_strict({"+": 1, "-": -1, "\u2212": -1}, return_dtype=pl.Int64)
    return (sign * (hours * 60 + minutes.fill_null(0))).fill_null(0).set(offset.is_null(), None)


def _at_place(moment: pl.Series, place: str) -> pl.Series:
    """The moment in UTC; an hour that clocks skip is the one that they show instead."""
    shown = (
        one.dt.replace_time_zone(place, ambiguous="earliest", non_existent="null")
        for one in (moment, moment + timedelta(hours=1))
    )
    first, later = shown
    return first.zip_with(first.is_not_null(), later).dt.convert_time_zone("UTC")

"""From the text of a date to a date; a time that follows it is cut off (docs/rules.md, "Reading")."""

import re

import polars as pl

FIRST_YEAR, LAST_YEAR = 1900, 2999
ISO = "%Y-%m-%d"

_TIME_DIRECTIVES = re.compile(r"%[-_^0#.\d]*[HIklMSpPfTRrXzZscL]")
_TRAILING_TIME = r"^(.*?)[T ]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\S*(?: ?[AaPp]\.?[Mm]\.?)?$"


def date(text: pl.Expr, date_format: str) -> pl.Expr:
    """Trimmed `text` (null where missing) as a Date; null where it is none from 1900 to 2999.

    `date_format` may hold directives of a time as well; the time is cut off.
    """
    read = _with_time(text, date_format) if _TIME_DIRECTIVES.search(date_format) else None
    only_date = date_part(date_format)
    if only_date is not None:
        whole = text.str.to_date(only_date, strict=False)
        rest = pl.when(whole.is_null()).then(text).str.extract(_TRAILING_TIME, 1)
        parts = [whole, rest.str.strip_chars().str.to_date(only_date, strict=False)]
        read = pl.coalesce(parts) if read is None else pl.coalesce(read, *parts)
    if read is None:
        return pl.lit(None, dtype=pl.Date)
    return pl.when(read.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(read)


def _with_time(text: pl.Expr, date_format: str) -> pl.Expr:
    return text.str.to_datetime(date_format, strict=False, ambiguous="earliest").dt.date()


def date_part(date_format: str) -> str | None:
    """The format without the time behind the date; none where the time does not come last."""
    found = _TIME_DIRECTIVES.search(date_format)
    if found is None:
        return date_format
    before = re.sub(r"[\sT,]+$", "", date_format[: found.start()])
    return before or None

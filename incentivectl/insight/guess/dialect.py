"""How an export writes dates, numbers and money, by what its columns hold."""

import re
from collections.abc import Sequence

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.ingest.rows.dates import DateStyle, date
from incentivectl.ingest.rows.numbers import NumberStyle
from incentivectl.insight.guess.contents import ISO, OTHER_ORDER, Contents, present
from incentivectl.insight.guess.guessed import Guess
from incentivectl.insight.guess.profile import Profile
from incentivectl.workspace.source_settings import EXCEL

_DATE_IN_NAME = re.compile(
    r"\b([DMYTJA]{1,4})[-./ ]([DMYTJA]{1,4})[-./ ]([DMYTJA]{1,4})\b", re.IGNORECASE
)
_CODE_IN_NAME = re.compile(
    r"\b(USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|SEK|NOK|DKK|PLN|CZK|MXN|BRL|SGD|HKD|NZD|ZAR)\b"
)
_IN_UTC = re.compile(r"\d:\d\d\S*\s*(?:Z|UTC|[+-]00:?00)$")
SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "₽": "RUB",
}
SHARED_SIGNS = {"$": "CAD, AUD and others", "¥": "CNY"}
SPELT = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year", "%b": "month", "%B": "month"}


def of_kind(guess: Guess, *kinds: str) -> list[Contents]:
    """The columns taken for ours of some kinds, in our order."""
    columns = TABLES[guess.table].columns
    return [
        guess.taken[one.name].column
        for one in columns
        if one.kind in kinds and one.name in guess.taken
    ]


def guess_dates(guess: Guess, profile: Profile) -> None:
    """`date_format`: the format that reads most of the dates."""
    columns = [one for one in of_kind(guess, "date") if one.filled]
    if not columns:
        return
    if all(one.serials for one in columns):
        guess.take("date_format", EXCEL, "serial numbers of a spreadsheet")
        return
    formats = dict.fromkeys(name for one in columns for name in one.dates)
    shares = {name: [one.date_share(name) for one in columns] for name in formats}
    best = max(formats, key=lambda name: (min(shares[name]), sum(shares[name])))
    rival = OTHER_ORDER.get(best, "")
    if rival in formats and shares[rival] == shares[best]:
        best = _undecided(guess, profile, columns, best, rival)
    elif rival:
        telling = _telling(profile, columns, best, rival)
        guess.why["date_format"] = f'"{telling}" tells day from month'
        _doubt_both_orders(guess, profile, columns, best, rival)
    if best != ISO:
        guess.take("date_format", best)
    _doubt_zone(guess, columns)
    for ours, one in guess.taken.items():
        share = one.column.date_share(best)
        if one.column in columns and share < 1:
            text = f'not every "{one.column.name}" is such a date'
            if not share:
                others = ", ".join(f'"{name}"' for name in one.column.dates)
                text = f'"{one.column.name}" ({ours}) is written as {others}: leave it out, or align it'
            guess.doubt("date_format", text, must_edit=not share)


def _doubt_zone(guess: Guess, columns: Sequence[Contents]) -> None:
    """Times in UTC: the day there is not always the day where something was sold."""
    for column in columns:
        stamp = next((text for text in column.values if _IN_UTC.search(text)), None)
        if stamp is not None:
            guess.doubt(
                "date_format",
                f'"{stamp}" is a time in UTC, and its day is taken as it stands;'
                f' time_zone = "America/New_York" (or where you are) brings it to the day there',
            )


def _doubt_both_orders(
    guess: Guess, profile: Profile, columns: Sequence[Contents], best: str, rival: str
) -> None:
    """Dates of both orders in one file: a spreadsheet has swapped some of them unnoticed."""
    against = _telling(profile, columns, rival, best)
    if against:
        text = f'"{against}" is written {_order(rival)} first, others {_order(best)} first:'
        text += " dates that are possible both ways may be wrong; ask for another export"
        guess.doubt("date_format", text, must_edit=True)


def _telling(profile: Profile, columns: Sequence[Contents], best: str, rival: str) -> str:
    """A date that only the first of two orders reads; "" if there is none."""
    for column in columns:
        text = present(pl.col(f"c{column.place}"))
        only = date(text, DateStyle(best)).is_not_null() & date(text, DateStyle(rival)).is_null()
        found = profile.cells.filter(only).select(text).head(1).collect()
        if found.height:
            return str(found.item())
    return ""


def _undecided(
    guess: Guess, profile: Profile, columns: Sequence[Contents], one: str, other: str
) -> str:
    """Day and month may be either: what a header says, else the order with the shorter span of dates."""
    for column in columns:
        if named := _DATE_IN_NAME.search(column.name):
            month_first = named[1].upper().startswith("M")
            guess.why["date_format"] = f'as "{column.name}" says'
            return one if one.startswith("%m") == month_first else other
    spans = {name: _span(profile, columns, name) for name in (one, other)}
    if spans[one] != spans[other]:
        taken, why = min(spans, key=lambda name: spans[name]), "the dates lie closer together so"
    else:
        is_us = any(
            "$" in text for column in profile.columns for text in (column.name, *column.signs)
        )
        month_first, why = is_us, "amounts are in $" if is_us else "the more common order"
        taken = one if one.startswith("%m") == month_first else other
    rival = other if taken == one else one
    sample = columns[0].values[0]
    guess.doubt(
        "date_order",
        f'day and month cannot be told apart, since no value is above 12: "{sample}" is read'
        f" {_order(taken)} first ({why});"
        f' if it is {_order(rival)} first, write date_format = "{rival}"',
    )
    return taken


def _order(date_format: str) -> str:
    return SPELT[date_format[:2]]


def _span(profile: Profile, columns: Sequence[Contents], date_format: str) -> int:
    """The days between the first and the last date of the first column."""
    day = date(present(pl.col(f"c{columns[0].place}")), DateStyle(date_format))
    days = profile.cells.select((day.max() - day.min()).dt.total_days()).collect().item()
    return int(days or 0)


def number_style(guess: Guess) -> NumberStyle:
    """How the source writes numbers, as far as its keys say."""
    return NumberStyle(
        str(guess.keys.get("decimal", ".")),
        str(guess.keys.get("grouping", "thousands")),
        tuple(guess.minus),
    )


def guess_numbers(guess: Guess, profile: Profile) -> None:
    """`decimal`, `grouping`, `minus`: the style in which most numbers are numbers."""
    numbers = of_kind(guess, "amount", "fx_rate")
    guess.minus = [*dict.fromkeys(word for one in numbers for word in one.style.minus)]
    if guess.minus:
        guess.take("minus", guess.minus, "behind a number it makes it negative")
    if any(one.style.grouping == "indian" for one in numbers):
        guess.take("grouping", "indian")
    _guess_decimal(guess, profile, numbers)


def _guess_decimal(guess: Guess, profile: Profile, numbers: Sequence[Contents]) -> None:
    columns = [one for one in numbers if one.tells_decimal]
    if not columns:
        return
    points, commas = sum(one.points for one in columns), sum(one.commas for one in columns)
    decimal = "," if commas > points else "."
    if points == commas:
        decimal = _undecided_decimal(guess, profile, columns)
    if decimal == ",":
        sample = _number(columns, ",")
        guess.take("decimal", ",", f'"{sample}"' if sample else "")
    for one in columns:
        mine, other = (one.commas, one.points) if decimal == "," else (one.points, one.commas)
        if mine < other:
            text = f'"{one.name}" is written with another decimal sign than the other numbers'
            guess.doubt("decimal", text, must_edit=True)


def _undecided_decimal(guess: Guess, profile: Profile, columns: Sequence[Contents]) -> str:
    """Every number reads with either sign, such as `1,234`: three digits are taken for thousands.

    Where commas separate the cells, they cannot be the decimal sign.
    """
    sample = _number(columns, ".") or _number(columns, ",")
    decimal = "," if "." in sample else "."
    if decimal == "," and profile.sheet is None and profile.shape.delimiter == ",":
        guess.doubt(
            "decimal",
            f'"{sample}" is read with a decimal point; or is it {sample.replace(".", "")}?',
        )
        return "."
    guess.doubt(
        "decimal",
        f'"{sample}" is read as {re.sub("[.,]", "", sample)}, since three digits follow the sign;'
        f' if it is the decimal sign, write decimal = "{"." if decimal == "," else ","}"',
    )
    return decimal


def _number(columns: Sequence[Contents], decimal: str) -> str:
    return next((text for one in columns for text in one.values if decimal in text), "")


def guess_currency(guess: Guess) -> None:
    """`set.currency`: where no column states it, that of a header or of the cells."""
    if TABLES[guess.table].column("currency") is None or "currency" in guess.taken:
        return
    money = of_kind(guess, "amount")
    codes = {
        code: f'"{one.name}"'
        for one in money
        for code in (*_CODE_IN_NAME.findall(one.name), *one.codes)
    }
    signs = {sign for one in money for sign in (*one.signs, *(s for s in SIGNS if s in one.name))}
    if len(codes) + (not codes and len(signs)) > 1:
        found = ", ".join(codes or sorted(signs))
        guess.doubt(
            "set",
            f"amounts are in several currencies ({found}), and no column states which",
            must_edit=True,
        )
    elif codes:
        ((code, where),) = codes.items()
        _set_currency(guess, code, f"{code} stands in {where}")
    elif signs and (sign := next(iter(signs))) in SIGNS:
        _set_currency(guess, SIGNS[sign], f"{sign} stands beside the amounts")
        if sign in SHARED_SIGNS:
            guess.doubt(
                "set",
                f"{sign} is taken for {SIGNS[sign]}; it is also the sign of {SHARED_SIGNS[sign]}",
            )


def _set_currency(guess: Guess, code: str, why: str) -> None:
    guess.constants["currency"] = code
    guess.why["set"] = why

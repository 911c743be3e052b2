"""From the text of a cell to a value, or the reason why it is none (reading rules, rule 10)."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from tests.reference.tables import Column

MISSING = frozenset(["", "NULL", "N/A", "-"])
TRUE = frozenset(["true", "yes", "y", "1", "t"])
FALSE = frozenset(["false", "no", "n", "0", "f"])
CODE = re.compile(r"[A-Z]{3}")
MINUS = "-\u2212"
TIME = re.compile(r"(.*?)[T ]\s*\d{1,2}:\d{2}(:\d{2})?\S*( ?[AP]M)?", re.DOTALL)


class BadValueError(Exception):
    """The reason code of a cell that cannot be read."""


def is_missing(text: str | None) -> bool:
    """Empty, `NULL`, `N/A` and `-` mean missing (section 1)."""
    return text is None or text.strip() in MISSING


def read_date(text: str, date_format: str) -> date:
    """A date in the source's format; a time that follows it is cut off (rule 10)."""
    time = TIME.fullmatch(text)
    for candidate in (text, time and time[1]):
        try:
            return datetime.strptime(candidate or "", date_format).date()
        except ValueError:
            continue
    raise BadValueError("bad-date")


def _unsigned(text: str) -> tuple[bool, str, str | None]:
    """Takes sign, parentheses, currency sign and code off: (negative, digits, code)."""
    negative, code, rest = False, None, text.strip()
    if rest.startswith("(") and rest.endswith(")"):
        negative, rest = True, rest[1:-1].strip()
    signs = 1 if negative else 0
    currencies = 0
    while rest:
        for end in (0, -1):
            if rest[end] in MINUS + "+":
                signs += 1
                negative = negative or rest[end] in MINUS
                rest = rest[1:] if end == 0 else rest[:-1]
                break
            if unicodedata.category(rest[end]) == "Sc":
                currencies += 1
                rest = rest[1:] if end == 0 else rest[:-1]
                break
            part = rest[:3] if end == 0 else rest[-3:]
            if CODE.fullmatch(part):
                currencies += 1
                code = part
                rest = rest[3:] if end == 0 else rest[:-3]
                break
        else:
            break
        rest = rest.strip()
    if signs > 1 or currencies > 1:
        raise BadValueError("bad-number")
    return negative, rest, code


def read_number(
    text: str, decimal: str, currency: str | None, whole: int = 12, places: int = 6
) -> Fraction:
    """A number (rule 10): separators stand before groups of three digits, exponents are bad.

    `currency` is the line's: another code beside the number is a `bad-value`. More than `places`
    decimals are `too-precise` (trailing zeros do not count), more than `whole` integer digits
    `too-large`.
    """
    negative, digits, code = _unsigned(text)
    thousands = r"[,\s'\u2019]" if decimal == "." else r"[.\s'\u2019]"
    point = re.escape(decimal)
    whole_part = rf"([0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+)"
    match = re.fullmatch(rf"{whole_part}(?:{point}([0-9]*))?|{point}([0-9]+)", digits)
    if match is None:
        raise BadValueError("bad-number")
    if code is not None and currency is not None and code != currency:
        raise BadValueError("bad-value")
    integer = re.sub(r"[^0-9]", "", match[1] or "0")
    fraction = (match[2] or match[3] or "").rstrip("0")
    if len(fraction) > places:
        raise BadValueError("too-precise")
    if len(integer.lstrip("0")) > whole:
        raise BadValueError("too-large")
    value = Fraction(Decimal(f"{integer}.{fraction or '0'}"))
    return -value if negative else value


def read_value(
    column: Column, text: str, decimal: str, date_format: str, currency: str | None
) -> object:
    """The value of one cell that is not missing, or `BadValueError` with its reason code."""
    if column.kind == "date":
        return read_date(text.strip(), date_format)
    if column.kind == "number":
        return read_number(text, decimal, currency)
    if column.kind == "rate":
        rate = read_number(text, decimal, None, whole=6, places=12)
        if rate <= 0:
            raise BadValueError("bad-value")
        return rate
    if column.kind == "count":
        count = read_number(text, decimal, None)
        if count.denominator != 1 or count < 1:
            raise BadValueError("bad-value")
        return int(count)
    if column.kind == "flag":
        word = text.strip().lower()
        if word not in TRUE | FALSE:
            raise BadValueError("bad-value")
        return word in TRUE
    value = text.strip()
    if column.kind == "choice":
        value = value.lower()
        if value not in column.choices:
            raise BadValueError("bad-value")
    if column.kind == "word" and value.lower() in column.choices:
        return value.lower()
    if column.kind == "currency" and not CODE.fullmatch(value):
        raise BadValueError("bad-value")
    return value

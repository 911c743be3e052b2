"""Numbers of TOML files: exact decimals and whole numbers within limits (docs/rules.md, "Numbers")."""

import re
from collections.abc import Callable
from decimal import Decimal

from incentivectl.core.limits import CENTURY
from incentivectl.toml.wrong import described, wrong

MOST_DECIMALS = 6
MOST_INTEGER_DIGITS = 12

_PERCENT = re.compile(r"([-+]?\d[\d_]*(?:\.\d+)?)\s*%")
_QUOTED = re.compile(r"[-+]?\d[\d_]*(?:\.\d+)?")
_NUMBER_TEXT = re.compile(r"[-+]?\d[\d_,.]*\s*%?")


def exact(value: object) -> Decimal:
    """A TOML number as an exact decimal within the contract's limits."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        hint = ""
        if isinstance(value, str) and _NUMBER_TEXT.fullmatch(value):
            hint = "write the number without quotes and with a decimal point"
        raise wrong("wrong-type", f"expected a number, not {described(value)}", hint)
    return within_limits(Decimal(value))


def within_limits(number: Decimal) -> Decimal:
    """`number` if it is finite and has no more digits than money may have."""
    if not number.is_finite():
        raise wrong("not-finite", "expected a finite number")
    if number and number.adjusted() >= MOST_INTEGER_DIGITS:
        raise wrong("too-large", f"more than {MOST_INTEGER_DIGITS} digits before the point")
    if decimals_of(number) > MOST_DECIMALS:
        raise wrong("too-precise", f"more than {MOST_DECIMALS} decimals")
    return number


def decimals_of(number: Decimal) -> int:
    """Decimals after the point, trailing zeros aside."""
    if not number:
        return 0
    _, digits, exponent = number.as_tuple()
    trailing = 0
    while trailing < len(digits) and digits[-1 - trailing] == 0:
        trailing += 1
    return max(0, -int(exponent) - trailing)


def not_negative(value: object) -> Decimal:
    """A number that is 0 or more."""
    number = exact(value)
    if number < 0:
        raise wrong("negative", "must not be negative")
    return number


def positive(value: object) -> Decimal:
    """A number above 0."""
    number = not_negative(value)
    if not number:
        raise wrong("not-positive", "it must be above 0")
    return number


def ratio(value: object) -> Decimal:
    """A number, in quotes or without, or a percentage such as `"2.5%"`, as a decimal."""
    if not isinstance(value, str):
        return exact(value)
    if _QUOTED.fullmatch(value.strip()):
        return exact(Decimal(value.strip().replace("_", "")))
    found = _PERCENT.fullmatch(value.strip())
    if found is None:
        hint = 'write 0.025 or "2.5%"'
        raise wrong("wrong-type", f"expected a rate, not {described(value)}", hint)
    number = Decimal(found[1].replace("_", ""))
    if not number:
        return Decimal(0)
    return within_limits(number.scaleb(-2))


def rate(value: object) -> Decimal:
    """A rate from 0 to 100 %."""
    number = ratio(value)
    if number < 0:
        raise wrong("negative", "a rate must not be negative")
    if number > 1:
        percent = format((number * 100).normalize(), "f")
        meant = format(number.normalize(), "f")
        hint = f'write "{meant}%" if that is intended'
        raise wrong("rate-over-100-percent", f"{percent} % is over 100 %", hint)
    return number


def whole(value: object) -> int:
    """A number without decimals."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("wrong-type", f"expected a whole number, not {described(value)}")
    if abs(value) >= 10**MOST_INTEGER_DIGITS:
        raise wrong("too-large", f"more than {MOST_INTEGER_DIGITS} digits")
    return value


def count(value: object) -> int:
    """A whole number that is 0 or more."""
    number = whole(value)
    if number < 0:
        raise wrong("negative", "must not be negative")
    return number


def within_a_century(per_year: int, unit: str) -> Callable[[object], int]:
    """A number of days or months of at most a hundred years, so that no term leaves the calendar."""

    def read(value: object) -> int:
        number = count(value)
        if number > CENTURY * per_year:
            message = f"expected at most {CENTURY * per_year:,} {unit}, not {number:,}"
            raise wrong("too-long", message, f"that is {CENTURY} years; leave it out for no limit")
        return number

    return read

"""Amounts and percentages as the page shows them."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.output.report import Worded


def figure(value: Decimal, currency: str) -> Worded:
    """An amount with its currency, rounded half up to its minor unit."""
    rounded = money.round_decimal(value, money.minor_digits(currency))
    return Worded(value, f"{rounded:,f} {currency}")


def bare(value: Decimal, currency: str) -> Worded:
    """An amount without its currency, for a table that names it; a dash for nothing."""
    rounded = money.round_decimal(value, money.minor_digits(currency))
    return Worded(value, f"{rounded:,f}" if value else "–")


def whole(value: Decimal) -> str:
    """A number without decimals, rounded half up."""
    return f"{money.round_decimal(value, 0):,f}"


def percent(value: Decimal | None, *, signed: bool = False) -> str:
    """A ratio in percent with one decimal; a dash where there is none."""
    if value is None:
        return "–"
    shown = money.round_decimal(value * 100, 1)
    return f"{shown:{'+' if signed else ''},f} %"

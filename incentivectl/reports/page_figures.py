"""Amounts and percentages as the page shows them."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.output.report import Worded, percent


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


def growth_text(value: Decimal | None) -> str:
    """A growth in percent with its sign and one decimal; a dash where there is none."""
    return "–" if value is None else percent(value, signed=True).text

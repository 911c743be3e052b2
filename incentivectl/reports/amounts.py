"""Numbers as cells of a report."""

from decimal import Decimal

from incentivectl import money
from incentivectl.reports.report import Amount


def all_digits(value: Decimal, least: int) -> Decimal:
    """All decimals that a value has, and at least so many: what is shown adds up as it stands."""
    text = money.plain(value)
    missing = least - len(text.partition(".")[2])
    if missing <= 0:
        return Decimal(text)
    return Decimal(text + ("" if "." in text else ".") + "0" * missing)


def cents(value: Decimal, currency: str) -> Amount:
    """An amount that people see in whole minor units of its currency."""
    return Amount(value, money.minor_digits(currency))

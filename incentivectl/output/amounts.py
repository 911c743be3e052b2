"""Numbers as cells of a report."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.output.report import Amount, Worded


def all_digits(value: Decimal, least: int) -> Decimal:
    """All decimals that a value has, and at least so many: what is shown adds up as it stands."""
    text = money.plain(value)
    missing = least - len(text.partition(".")[2])
    if missing <= 0:
        return Decimal(text)
    return Decimal(text + ("" if "." in text else ".") + "0" * missing)


def tier_number(tier: int) -> int:
    """A tier as people count: files and JSON count from 0, all else from 1 (docs/rules.md 20.10)."""
    return tier + 1


def tier_cell(tier: int | None) -> Worded | None:
    """A tier that people see counted from 1, and JSON and CSV from 0; nothing below the first."""
    return None if tier is None else Worded(Decimal(tier), str(tier_number(tier)))


def cents(value: Decimal, currency: str) -> Amount:
    """An amount that people see in whole minor units of its currency."""
    return Amount(value, money.minor_digits(currency))

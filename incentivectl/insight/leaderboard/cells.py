"""Values of a board as cells: amounts, shares and counts."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.output.report import Amount, Cell, percent

EARNINGS = "earnings"
MONEY = ("revenue", EARNINGS)
RATIOS = ("growth", "attainment")


def value_cell(value: Decimal | None, metric: str, digits: int) -> Cell:
    """A value of a metric; amounts have `digits` decimals."""
    if value is None:
        return None
    if metric in RATIOS:
        return percent(value)
    if metric in MONEY:
        return Amount(value, digits)
    return Decimal(money.plain(value))


def value_text(value: Decimal | None, metric: str, currency: str) -> str:
    """The same as a text with its currency; empty without a value."""
    cell = value_cell(value, metric, money.minor_digits(currency))
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        return f"{cell.rounded:,f} {currency}"
    return f"{cell:,f}" if isinstance(cell, Decimal) else getattr(cell, "text", str(cell))

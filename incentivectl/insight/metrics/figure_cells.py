"""A figure of `metrics` as people see it: its value and change, or a dash if it is missing."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.insight.metrics.figures import Figure, Unit, Value
from incentivectl.insight.metrics.missing import Missing
from incentivectl.output.report import Amount, Cell, Worded, percent

NONE = "–"


def shown_value(figure: Figure | None, value: Value | None) -> Cell:
    """A value in its unit; a dash if it is missing, empty if it does not apply."""
    if figure is None or value is None:
        return None
    if isinstance(value, Missing):
        return NONE
    if not isinstance(value, Decimal):
        return value.isoformat()
    definition = figure.definition
    digits = money.minor_digits(figure.currency) if definition.to_the_cent else definition.digits
    return _number(value, definition.unit, digits)


def beside_earlier(figure: Figure) -> tuple[Cell, ...]:
    """The period before and how the figure changed since, and the same of a year ago."""
    return (
        shown_value(figure, figure.before),
        change(figure, figure.before),
        shown_value(figure, figure.year_ago),
        change(figure, figure.year_ago),
    )


def _number(value: Decimal, unit: Unit, digits: int) -> Cell:
    if unit == "share":
        return percent(value)
    if unit == "points":
        return Amount(value, 1)
    if unit == "money" or digits:
        return Amount(value, digits)
    return Decimal(money.plain(value))


def change(figure: Figure | None, then: Value | None) -> Worded | None:
    """How a figure changed: money and numbers in percent, all else by the difference."""
    if figure is None:
        return None
    now = figure.value
    if not isinstance(now, Decimal) or not isinstance(then, Decimal):
        return None
    unit = figure.definition.unit
    if unit in ("money", "number"):
        grown = money.growth(now, then)
        return None if grown is None else percent(grown, signed=True)
    difference = now - then
    if unit == "share":
        points = money.round_decimal(difference * 100, 1)
        return Worded(difference, f"{points:+,f} pt")
    rounded = money.round_decimal(difference, figure.definition.digits or 1)
    return Worded(difference, f"{rounded:+,f}{' pt' if unit == 'points' else ''}")


def reason(value: Value | None) -> str:
    """Why a value is missing; empty where it is not."""
    return value.why if isinstance(value, Missing) else ""

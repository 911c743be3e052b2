"""Whether a value of a program file fits a column, and what to say when it does not."""

from datetime import date
from decimal import Decimal

from incentivectl.core.tables.columns import Column
from incentivectl.programs.conditions import Value

NUMBERS = ("amount", "fx_rate", "whole")


def fits(value: Value, column: Column) -> bool:
    """Whether `value` is of the column's kind; whole numbers have no decimals."""
    if column.kind == "flag":
        return isinstance(value, bool)
    if column.kind == "date":
        return isinstance(value, date)
    if column.kind in NUMBERS:
        return isinstance(value, Decimal) and (column.kind != "whole" or value == int(value))
    return isinstance(value, str)

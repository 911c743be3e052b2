"""What says how the other tables are read: aliases, months, control totals."""

from incentivectl.core.tables.columns import Column, amount, choice, date, table, text

ALIASES = table(
    "aliases",
    (
        choice("table", "partners reps products customers", required=True),
        text("alias", required=True),
        text("id", required=True),
        text("source"),
    ),
    "table alias source",
)

CALENDAR = table(
    "calendar",
    (
        text("month", required=True),
        date("first_day", required=True),
        date("last_day", required=True),
    ),
)

CONTROL_TOTALS = table(
    "control_totals",
    (
        text("source", required=True),
        text("month", required=True),
        Column("lines", "whole"),
        amount("amount"),
    ),
    "source month",
)

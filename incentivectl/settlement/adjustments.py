"""Rows of `adjustments` and `opening` as money of a payee, in whole minor units."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.sales.line_source import LineSource

ADJUSTMENTS: Schema = {
    "adjustment_id": pl.String,
    "program_id": pl.String,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "amount": money.AMOUNT,
}
OPENING: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "amount": money.AMOUNT,
}


def adjustments_up_to(channel: LineSource, programs: Sequence[Program]) -> pl.DataFrame:
    """The adjustments dated up to the last day of PERIOD (columns `ADJUSTMENTS`), booked or not.

    Each is rounded half up in its program's currency (without one, the workspace's) and goes to the
    partner of that id, else the rep (docs/rules.md, "Adjustments").
    """
    rows = channel.tables["adjustments"].filter(pl.col("on") <= channel.as_of)
    if rows.is_empty():
        return pl.DataFrame(schema=ADJUSTMENTS)
    currencies = {program.id: program.currency or channel.currency for program in programs}
    currency = pl.col("program_id").replace_strict(
        currencies, default=channel.currency, return_dtype=pl.String
    )
    return _in_minor_units(rows.with_columns(currency=currency), channel, ADJUSTMENTS)


def opening_amounts(channel: LineSource) -> pl.DataFrame:
    """What was booked and paid before the ledger began (columns `OPENING`), rounded half up."""
    return _in_minor_units(channel.tables["opening"], channel, OPENING)


def _in_minor_units(rows: pl.DataFrame, channel: LineSource, schema: Schema) -> pl.DataFrame:
    if rows.is_empty():
        return pl.DataFrame(schema=schema)
    partners = channel.tables["partners"]["partner_id"].unique()
    is_partner = pl.col("payee_id").is_in(partners.implode())
    digits = {code: money.minor_digits(code) for code in rows["currency"].unique()}
    rounded = pl.coalesce(
        pl.lit(None, dtype=money.AMOUNT),
        *(
            pl.when(pl.col("currency") == code).then(money.round_half_up(pl.col("amount"), places))
            for code, places in digits.items()
        ),
    )
    return rows.with_columns(
        amount=rounded,
        payee_kind=pl.when(is_partner).then(pl.lit("partner")).otherwise(pl.lit("rep")),
    ).select(pl.col(name).cast(dtype) for name, dtype in schema.items())

"""What payees object to, as it stood on the last day of PERIOD (docs/questions.md, "Disputes")."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.sales.channel import Channel

DISPUTES: Schema = {
    "dispute_id": pl.String,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "program_id": pl.String,
    "period_start": pl.Date,
    "sale_id": pl.String,
    "opened_on": pl.Date,
    "currency": pl.String,
    "amount": money.AMOUNT,
    "reason": pl.String,
    "status": pl.String,
    "closed_on": pl.Date,
    "answer": pl.String,
    "is_adjusted": pl.Boolean,
}


def disputes_of(channel: Channel, programs: Sequence[Program]) -> pl.DataFrame:
    """The disputes opened by the last day of PERIOD (columns `DISPUTES`), by day and id.

    One that is closed later is still open, without an answer. `amount` is in the program's currency, else
    the workspace's; `is_adjusted` says whether an adjustment dated by then bears its id. The payee is the
    partner of that id, else the rep.
    """
    as_of = channel.as_of
    currencies = {program.id: program.currency or channel.currency for program in programs}
    partners = channel.tables["partners"]["partner_id"].unique()
    booked = channel.tables["adjustments"].filter(pl.col("on") <= as_of)["adjustment_id"]
    is_closed = (pl.col("status") != "open") & (pl.col("closed_on") <= as_of).fill_null(value=True)
    return (
        channel.tables["disputes"]
        .filter(pl.col("opened_on") <= as_of)
        .with_columns(
            payee_kind=pl.when(pl.col("payee_id").is_in(partners.implode()))
            .then(pl.lit("partner"))
            .otherwise(pl.lit("rep")),
            currency=pl.col("program_id").replace_strict(
                currencies, default=channel.currency, return_dtype=pl.String
            ),
            status=pl.when(is_closed).then("status").otherwise(pl.lit("open")),
            closed_on=pl.when(is_closed).then("closed_on"),
            answer=pl.when(is_closed).then("answer"),
            is_adjusted=pl.col("dispute_id").is_in(booked.implode()),
        )
        .sort("opened_on", "dispute_id")
        .select(pl.col(name).cast(dtype) for name, dtype in DISPUTES.items())
    )


def told_in(disputes: pl.DataFrame, first: date) -> pl.DataFrame:
    """Those that a statement of a PERIOD from `first` on tells: the open ones, and those closed in it.

    One without the day of its closing is told in the period in which it was opened.
    """
    is_open = pl.col("status") == "open"
    return disputes.filter(is_open | (pl.coalesce("closed_on", "opened_on") >= first))

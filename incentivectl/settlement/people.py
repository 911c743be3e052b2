"""The people behind payees: their names, whether they are active, what they would be paid by."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.sales.channel import LineSource, partners_in_force

ID: Schema = {"payee_kind": pl.String, "payee_id": pl.String}


def people(channel: LineSource, ids: pl.DataFrame) -> pl.DataFrame:
    """`payee_kind`, `payee_id`, `payee_name`, `is_active`, `preferred` (a payout method or null).

    One row for each distinct payee of `ids`, as known on the last day of PERIOD; who has no row is
    called by the id and is active (docs/rules.md, "Settlement").
    """
    distinct = ids.select("payee_kind", "payee_id").unique().with_columns(day=pl.lit(channel.as_of))
    columns = ("name", "status", "payout_method")
    partners = partners_in_force(
        distinct.lazy().filter(pl.col("payee_kind") == "partner"),
        channel.partner_rows,
        columns,
        partner="payee_id",
        day="day",
    ).rename({f"partner.{name}": name for name in columns})
    reps = (
        distinct.lazy()
        .filter(pl.col("payee_kind") == "rep")
        .join(
            channel.tables["reps"].lazy().select("rep_id", *columns),
            left_on="payee_id",
            right_on="rep_id",
            how="left",
        )
    )
    return (
        pl.concat([partners, reps])
        .select(
            "payee_kind",
            "payee_id",
            payee_name=pl.coalesce("name", "payee_id"),
            is_active=pl.col("status").fill_null("active") == "active",
            preferred="payout_method",
        )
        .collect()
    )


def method_for(programs: Sequence[Program]) -> pl.Expr:
    """The payee's own choice if the program offers it, else the program's first method.

    Reads `program_id` and `preferred`; without a program the choice itself, else cash
    (docs/rules.md, "Payouts").
    """
    chosen = [
        pl.when(pl.col("program_id") == program.id).then(
            pl.when(pl.col("preferred").is_in(list(program.payout.methods)))
            .then(pl.col("preferred"))
            .otherwise(pl.lit(program.payout.methods[0]))
        )
        for program in programs
    ]
    return pl.coalesce(*chosen, "preferred", pl.lit("cash"))

"""The people behind payees: their names, whether they are active, and what else their rows say."""

import polars as pl

from incentivectl.core.frames import Schema
from incentivectl.sales.in_force import partners_in_force, reps_in_force
from incentivectl.sales.line_source import LineSource

ID: Schema = {"payee_kind": pl.String, "payee_id": pl.String}


def is_active(status: pl.Expr) -> pl.Expr:
    """Whether a partner or rep of this status can be paid; without one it can."""
    return status.fill_null("active") == "active"


def people(channel: LineSource, ids: pl.DataFrame, *more: str) -> pl.DataFrame:
    """`payee_kind`, `payee_id`, `payee_name`, `is_active`, and `more` columns of partners and reps.

    One row for each distinct payee of `ids`, as known on the last day of PERIOD; a payee without a
    row is named by its id and is active (docs/rules.md, "Settlement").
    """
    distinct = ids.select("payee_kind", "payee_id").unique().with_columns(day=pl.lit(channel.as_of))
    columns = ("name", "status", *more)
    partners = partners_in_force(
        distinct.lazy().filter(pl.col("payee_kind") == "partner"),
        channel.partner_rows,
        columns,
        partner="payee_id",
        day="day",
    ).rename({f"partner.{name}": name for name in columns})
    reps = reps_in_force(
        distinct.lazy().filter(pl.col("payee_kind") == "rep"),
        channel.rep_rows,
        columns,
        rep="payee_id",
        day="day",
    ).rename({f"rep.{name}": name for name in columns})
    return (
        pl.concat([partners, reps])
        .select(
            "payee_kind",
            "payee_id",
            *more,
            payee_name=pl.coalesce("name", "payee_id"),
            is_active=is_active(pl.col("status")),
        )
        .collect(engine="in-memory")
    )

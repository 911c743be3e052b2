"""Which row of a partner, rep, price or level is in force on a day (docs/rules.md, "Dates")."""

from collections.abc import Collection
from datetime import date

import polars as pl

BEGINNING = date(1, 1, 1)
END = date(9999, 12, 31)


def rows_in_force(rows: pl.DataFrame, key: str = "partner_id") -> pl.DataFrame:
    """The rows of partners or reps with `in_force_from` and `in_force_until` (Date, the second exclusive).

    The first row of each `key` also counts before its `valid_from` (docs/rules.md, "Dates").
    """
    ordered = rows.sort(key, "valid_from", nulls_last=False)
    if ordered[key].n_unique() == ordered.height:
        return ordered.with_columns(in_force_from=pl.lit(BEGINNING), in_force_until=pl.lit(END))
    following = pl.col("valid_from").shift(-1).over(key)
    is_first = pl.int_range(pl.len()).over(key) == 0
    return ordered.with_columns(
        in_force_from=pl.when(is_first).then(pl.lit(BEGINNING)).otherwise(pl.col("valid_from")),
        in_force_until=following.fill_null(END),
    )


def prices_in_force(products: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """`product_id`, `list_price` (6 decimals, null for none), `in_force_from`, `in_force_until` (Date).

    A row of `prices` counts from its `valid_from` on; before the first, and without one, the product's
    own price does (docs/rules.md, "List prices"). The second date is exclusive.
    """
    own = products.select("product_id", pl.lit(BEGINNING).alias("in_force_from"), "list_price")
    dated = prices.select("product_id", pl.col("valid_from").alias("in_force_from"), "list_price")
    ordered = pl.concat([own, dated]).sort("product_id", "in_force_from")
    following = pl.col("in_force_from").shift(-1).over("product_id")
    return ordered.with_columns(in_force_until=following.fill_null(END))


def partners_in_force(
    frame: pl.LazyFrame,
    partner_rows: pl.DataFrame,
    columns: Collection[str],
    *,
    partner: str,
    day: str,
) -> pl.LazyFrame:
    """Joins `partner.<column>` of the row in force on `day`; null where the partner is unknown."""
    if not columns:
        return frame
    computed = {"tenure_years", "partner_id"}
    needed = set(columns) - computed | ({"joined_on"} if "tenure_years" in columns else set())
    named = partner_rows.select(
        pl.col("partner_id").alias("_joined_partner"),
        pl.col("in_force_from", "in_force_until"),
        *(pl.col(name).alias(f"partner.{name}") for name in sorted(needed)),
    )
    joined = join_in_force(frame, named, left_on=partner, right_on="_joined_partner", day=day)
    if "partner_id" in columns:
        joined = joined.with_columns(pl.col(partner).alias("partner.partner_id"))
    if "tenure_years" in columns:
        joined = joined.with_columns(
            completed_years(pl.col("partner.joined_on"), pl.col(day)).alias("partner.tenure_years")
        )
    return joined


def reps_in_force(
    frame: pl.LazyFrame, rep_rows: pl.DataFrame, columns: Collection[str], *, rep: str, day: str
) -> pl.LazyFrame:
    """Joins `rep.<column>` of the row in force on `day`; null where the rep is unknown, but for its id."""
    if not columns:
        return frame
    named = rep_rows.select(
        pl.col("rep_id").alias("_joined_rep"),
        pl.col("in_force_from", "in_force_until"),
        *(pl.col(name).alias(f"rep.{name}") for name in sorted(set(columns) - {"rep_id"})),
    )
    own_id = [pl.col(rep).alias("rep.rep_id")] if "rep_id" in columns else []
    joined = join_in_force(frame, named, left_on=rep, right_on="_joined_rep", day=day)
    return joined.with_columns(own_id)


def join_in_force(
    frame: pl.LazyFrame, rows: pl.DataFrame, *, left_on: str, right_on: str, day: str
) -> pl.LazyFrame:
    """Joins what else `rows` have, from those in force on `day`; null where the id is unknown."""
    joined = frame.join(rows.lazy(), left_on=left_on, right_on=right_on, how="left")
    if (rows["in_force_from"] == BEGINNING).all():  # each id has one row
        return joined.drop("in_force_from", "in_force_until")
    unknown = pl.col("in_force_from").is_null()
    on_day = (pl.col("in_force_from") <= pl.col(day)) & (pl.col(day) < pl.col("in_force_until"))
    return joined.filter(unknown | on_day).drop("in_force_from", "in_force_until")


def completed_years(since: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed years from `since` to `day`; 29 February counts on 1 March (docs/rules.md, "Dates")."""
    month_day = (day.dt.month().cast(pl.Int32) * 100 + day.dt.day()) < (
        since.dt.month().cast(pl.Int32) * 100 + since.dt.day()
    )
    return day.dt.year() - since.dt.year() - month_day.cast(pl.Int32)

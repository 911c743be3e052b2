"""The lines of two states matched by their identity, and what became of each (docs/questions.md 72.2)."""

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.ingest.sale_lines.versions import LINE, line_identity
from incentivectl.insight.causes.names import (
    CONFIG,
    FX,
    LATE,
    NEWER,
    PARTNER,
    REMOVED,
    RESTATED,
    RETURN,
)
from incentivectl.run.known import Known
from incentivectl.sales.signs import with_is_return

SAME = "same"
# What a line is given by the reading, and no content of its own.
_DERIVED = ("row", "source", "received_on", "occurrence", "partner_known", "n", "line_key",
            "counted_on", "original", "amount_ws")  # fmt: skip


def matched(then: Known, now: Known) -> pl.DataFrame:
    """Each line of either state once: `id` (UInt64), `what` (a cause, or `SAME`), `row_then`, `row_now`.

    `id` is the line's row now; lines that are gone have numbers beyond. A line that counts later than a
    state's last day is not part of it, even if its export was there.
    """
    columns = [set(side.inputs.sales.collect_schema().names()) for side in (then, now)]
    content, extra = columns[0] & columns[1], columns[0] ^ columns[1]
    before, after = (
        _identified(side, sorted(content - {*_DERIVED}), sorted(extra & own))
        for side, own in zip((then, now), columns, strict=True)
    )
    every = before.join(after, on=LINE, how="full", coalesce=True, nulls_equal=True, suffix="_now")
    beyond = pl.col("row") + pl.col("row_now").max().fill_null(0) + 1
    return every.select(
        pl.coalesce("row_now", beyond).cast(ROW).alias("id"),
        _what(then, now).alias("what"),
        row_then="row",
        row_now="row_now",
    )


def _what(then: Known, now: Known) -> pl.Expr:
    first, last = sorted(side.period.last for side in (then, now))
    only_then, only_now = pl.col("row_now").is_null(), pl.col("row").is_null()
    is_newer = pl.coalesce("counted_on_now", "counted_on").is_between(first, last, closed="right")
    reverses_another = (pl.col("counted_on") != pl.col("counted_on_now")) | pl.col(
        "line_taken"
    ).ne_missing(pl.col("line_taken_now"))
    return (
        pl.when(only_then & is_newer)
        .then(pl.lit(NEWER))
        .when(only_then)
        .then(pl.lit(REMOVED))
        .when(only_now & pl.col("is_return_now"))
        .then(pl.lit(RETURN))
        .when(only_now & is_newer)
        .then(pl.lit(NEWER))
        .when(only_now)
        .then(pl.lit(LATE))
        .when(pl.col("content") != pl.col("content_now"))
        .then(pl.lit(RESTATED))
        .when(reverses_another)
        .then(pl.lit(RETURN))
        .when(pl.col("has_more") | pl.col("has_more_now"))
        .then(pl.lit(CONFIG))
        .when(pl.col("partner_known") != pl.col("partner_known_now"))
        .then(pl.lit(PARTNER))
        .when(pl.col("amount_ws").ne_missing(pl.col("amount_ws_now")))
        .then(pl.lit(FX))
        .otherwise(pl.lit(SAME))
    )


def _identified(side: Known, content: list[str], more: list[str]) -> pl.DataFrame:
    """Each line's identity, a hash of its content, and the line that it reverses, by its name.

    `has_more`: it has attributes that lines of the other state do not have.
    """
    lines = side.inputs.sales.filter(pl.col("counted_on") <= side.period.last)
    key = pl.concat_str(
        pl.col("sale_id", "line_key").fill_null("-"), separator="\x1f", ignore_nulls=True
    )
    named = lines.select("row", taken=key)
    return (
        with_is_return(lines)
        .join(named, left_on="original", right_on="row", how="left")
        .select(
            "row",
            *line_identity(pl.col("n")),
            pl.struct(content).hash().alias("content"),
            pl.any_horizontal(
                pl.lit(value=False), *(pl.col(name).is_not_null() for name in more)
            ).alias("has_more"),
            "counted_on",
            "amount_ws",
            "partner_known",
            "is_return",
            pl.col("taken").alias("line_taken"),
        )
        .collect(engine="streaming")
    )

"""Which activities and claims earned a reward, for payees who ask what it was for."""

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled

_KEYS = ["period", "payee_id"]
ITEMS: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "items": pl.List(pl.Struct({"name": pl.String, "on": pl.Date, "amount": money.EARNED})),
}
_SOURCES = ("activity", "claim")  # of contributions, besides sale lines
_TABLES = ("activities", "mdf_claims")  # programs that read one of them pay such items


def items_of(one: Settled, payees: pl.Series) -> pl.DataFrame:
    """What paid some payees besides sale lines, by day and id; columns as `ITEMS`.

    `name` is what was done, or the id of a claim; `amount` what it adds to the reward.
    """
    if one.measured is None or one.case.program.reads.isdisjoint(_TABLES):
        return pl.DataFrame(schema=ITEMS)
    done = one.case.channel.tables["activities"].select(
        pl.col("activity_id").alias("item_id"), "activity"
    )
    return (
        one.measured.contributions.filter(
            pl.col("source").is_in(_SOURCES),
            pl.col("contribution") != 0,
            pl.col("payee_id").is_in(payees.unique().implode()),
        )
        .collect()
        .join(done, on="item_id", how="left")
        .sort("counted_on", "item_id")
        .group_by(_KEYS, maintain_order=True)
        .agg(
            items=pl.struct(
                name=pl.when(pl.col("source") == "activity").then("activity").otherwise("item_id"),
                on="counted_on",
                amount="contribution",
            )
        )
    )

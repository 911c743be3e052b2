"""The top of each partner among its parents, day by day.

The top of a partner is found by following `parent_id` in the rows in force on a day, up to a partner that
has none, names itself, or names one that no row knows (docs/rules.md, "Parents and managers").
"""

from datetime import date

import polars as pl

from incentivectl.core.frames import Schema

TOPS: Schema = {
    "partner_id": pl.String,
    "top": pl.String,
    "in_force_from": pl.Date,
    "in_force_until": pl.Date,
}
_DAYS = ("in_force_from", "in_force_until")


def tops(partner_rows: pl.DataFrame) -> pl.DataFrame:
    """The top of every partner on every day (columns `TOPS`; the last day is exclusive).

    `partner_rows` are as `rows_in_force` gives them. Partners below a circle have no top.
    """
    return _climbed(partner_rows)[0]


def circles(partner_rows: pl.DataFrame) -> list[tuple[date, tuple[str, ...]]]:
    """The circles of parents: the day from which each holds, and its members, each before its parent."""
    found: dict[frozenset[str], tuple[date, tuple[str, ...]]] = {}
    inside = _climbed(partner_rows)[1].sort("in_force_from", "partner_id")
    for day, partner in inside.select("in_force_from", "partner_id").iter_rows():
        if any(partner in members and day == since for since, members in found.values()):
            continue
        in_force = (pl.col("in_force_from") <= day) & (pl.col("in_force_until") > day)
        rows = partner_rows.filter(in_force).select("partner_id", "parent_id")
        parents = dict(rows.iter_rows())
        members = [partner]
        while parents[members[-1]] != partner:
            members.append(parents[members[-1]])
        found.setdefault(frozenset(members), (day, tuple(members)))
    return list(found.values())


def _climbed(partner_rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tops, and which partners are members of a circle, from when until when: each step up is a join."""
    parent, known = pl.col("parent_id"), partner_rows["partner_id"].unique().implode()
    has_parent = (parent != pl.col("partner_id")) & parent.is_in(known)
    steps = partner_rows.select(
        pl.col("partner_id").alias("at"),
        pl.when(has_parent).then(parent).alias("above"),
        pl.col("in_force_from").alias("since"),
        pl.col("in_force_until").alias("till"),
    )
    climbing = partner_rows.select("partner_id", pl.col("partner_id").alias("at"), *_DAYS)
    arrived, inside = [pl.DataFrame(schema=TOPS)], climbing.clear()
    while not climbing.is_empty():
        higher = (
            climbing.join(steps, on="at")
            .with_columns(
                in_force_from=pl.max_horizontal("in_force_from", "since"),
                in_force_until=pl.min_horizontal("in_force_until", "till"),
            )
            .filter(pl.col("in_force_from") < pl.col("in_force_until"))
        )
        has_arrived = pl.col("above").is_null()
        arrived.append(higher.filter(has_arrived).rename({"at": "top"}).select(*TOPS))
        on_their_way = higher.filter(~has_arrived)
        climbing = on_their_way.select("partner_id", pl.col("above").alias("at"), *_DAYS)
        back = climbing.filter(pl.col("at") == pl.col("partner_id"))
        inside = pl.concat([inside, back])
        members = inside["partner_id"].unique().implode()
        climbing = climbing.filter(~pl.col("at").is_in(members))
    return pl.concat(arrived), inside

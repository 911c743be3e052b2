"""Rows of `credits` that name no single sale, or whose shares do not add up to 1.

A row names its sale by `sale_id`, and by partner and distributor where that id stands at several
(docs/rules.md, "Credits").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.tables import TABLES
from incentivectl.ingest.account.corrections import standing
from incentivectl.ingest.reasons import number_of
from incentivectl.ingest.rows.table_rows import TableRows, decided
from incentivectl.ingest.rows.versions import versions
from incentivectl.ingest.sale_lines.counting_lines import CountingLines

PLACE = ("partner_id", "distributor_id")
SHARED = ("sale_id", "line_id", "_partner", "_distributor")


BAD_CREDITS = {
    "sale_id": pl.String,
    "line_id": pl.String,
    "partner_id": pl.String,
    "distributor_id": pl.String,
}


def sold_lines(credits: TableRows, sales: CountingLines) -> pl.DataFrame:
    """`sale_id`, `line_id`, `PLACE` of the different lines of the sales that credits name."""
    ids = credits.accepted().select(pl.col("sale_id").unique()).collect()["sale_id"]
    return sales.ask(_lines_of, _distinct, ids)


def resolve_credits(credits: TableRows, sold: pl.DataFrame) -> pl.DataFrame:
    """Decides which rows count: ambiguous ones, then versions of one row, then bad shares.

    `sold` are the `sold_lines`. Returns the sales and lines whose shares are bad (columns
    `BAD_CREDITS`): they go to the line's own rep, whatever other rows say.
    """
    stands = standing(credits, TABLES["credits"].identity)
    rows = stands.placed(credits.accepted().collect())
    if rows.is_empty():
        return pl.DataFrame(schema=BAD_CREDITS)
    placed, ambiguous = _placed(rows, sold.drop("line_id").unique())
    content = [name for name in rows.columns if not name.startswith("_") and name != "row"]
    fates = versions(placed, (*SHARED, "rep_id"), content, "_order")
    counting = placed.join(fates.filter(pl.col("fate") == "accepted"), on="row", how="semi")
    bad = _bad_shares(counting)
    credits.decided = pl.concat(
        [
            credits.decided,
            stands.fates(),
            decided(ambiguous, number_of("credits", "ambiguous-sale", "sale_id")),
            decided(fates.filter(pl.col("fate") != "accepted")),
            decided(bad.select("row"), number_of("credits", "bad-share", "share")),
        ]
    )
    return bad.select(
        "sale_id", "line_id", partner_id="_partner", distributor_id="_distributor"
    ).unique(maintain_order=True)


def _placed(rows: pl.DataFrame, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the place of their sale (`_partner`, `_distributor`), and those with several."""
    matches = (
        rows.join(places, on="sale_id", suffix="_sold")
        .filter(
            pl.col(name).is_null() | pl.col(name).eq_missing(pl.col(f"{name}_sold"))
            for name in PLACE
        )
        .group_by("row")
        .agg(
            pl.col("partner_id_sold").first().alias("_partner"),
            pl.col("distributor_id_sold").first().alias("_distributor"),
            found=pl.len(),
        )
    )
    ambiguous = matches.filter(pl.col("found") > 1).select("row")
    placed = (
        rows.join(ambiguous, on="row", how="anti")
        .join(matches.filter(pl.col("found") == 1), on="row", how="left")
        .with_columns(
            _partner=pl.coalesce("_partner", "partner_id"),
            _distributor=pl.coalesce("_distributor", "distributor_id"),
        )
        .drop("found")
    )
    return placed, ambiguous


def _lines_of(sales: pl.LazyFrame, ids: pl.Series) -> pl.DataFrame:
    named = sales.select("sale_id", "line_id", *PLACE).join(
        ids.to_frame("sale_id").lazy(), on="sale_id", how="semi"
    )
    return named.unique().collect(engine="streaming")


def _distinct(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).unique()


def _bad_shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a sale or line whose shares are not all in (0, 1], or do not add up to exactly 1."""
    share, one = pl.col("share"), money.literal(1)
    are_fractions = ((share > 0) & (share <= one)).all().over(SHARED)
    return rows.filter(~are_fractions | (share.sum().over(SHARED) != one))

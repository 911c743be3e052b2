"""Versions of one row: which of them counts (docs/rules.md, "Reading").

The same identity with the same content again is a duplicate; with other content it replaces the row
that counted so far, which is superseded.
"""

from collections.abc import Sequence

import polars as pl

FATES = ("accepted", "rejected", "duplicate", "superseded", "skipped")
FATE = pl.Enum(FATES)


def versions(
    rows: pl.DataFrame, identity: Sequence[str], content: Sequence[str], order: str = "row"
) -> pl.DataFrame:
    """`row`, `fate` of every row: accepted (it counts), duplicate or superseded.

    `rows` are accepted ones, in any order; `order` names the column they are ordered by.
    Missing values equal each
    other, in the identity as in the content.
    """
    ordered = rows.sort(*identity, order)
    is_first = pl.int_range(pl.len()) == 0
    is_other = pl.any_horizontal(is_first, *(_changes(name) for name in identity))
    is_new = pl.any_horizontal(
        is_other, *(_changes(name) for name in content if name not in identity)
    )
    return (
        ordered.select("row", is_other=is_other, is_new=is_new)
        .with_columns(of=pl.col("is_other").cum_sum(), version=pl.col("is_new").cum_sum())
        .with_columns(is_last=pl.col("version") == pl.col("version").max().over("of"))
        .select(
            "row",
            fate=pl.when(~pl.col("is_new"))
            .then(pl.lit("duplicate", dtype=FATE))
            .when(pl.col("is_last"))
            .then(pl.lit("accepted", dtype=FATE))
            .otherwise(pl.lit("superseded", dtype=FATE)),
        )
    )


def _changes(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(name).shift(1))

"""Sale lines that others replaced: how many, of which months, and what they were worth (rule 3.23).

Only the lines whose identity stands several times are looked at, where their versions are settled
anyhow; what is kept of them is one row for each source and month.
"""

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema
from incentivectl.ingest.account.details import REPLACED
from incentivectl.ingest.rows.table_rows import TableRows

EXAMPLES = 3
WITHIN, ACROSS, CORRECTED = "within", "across", "corrected"
KEYS = ("how", "source", "by_source", "month", "by_month")
SUMS: Schema = {
    **dict.fromkeys(("how", "source", "by_source"), pl.String),
    **dict.fromkeys(("month", "by_month"), pl.Date),
    "lines": pl.Int64,
    **dict.fromkeys(("before", "after"), money.AMOUNT),
    "first": pl.List(ROW),
}


def replaced_of(
    lines: pl.DataFrame, fates: pl.DataFrame, identity: tuple[str, ...]
) -> pl.DataFrame:
    """The superseded among `lines`, summed up (columns `SUMS`).

    `lines` have their `_file`; `fates` (row, fate) are those of `identity.versions`. A line is
    replaced `within` its file, else `across` months, else it is `corrected`. `after` is what counts
    in place of all lines that were replaced in the same way.
    """
    if not (fates["fate"] == "superseded").any():
        return pl.DataFrame(schema=SUMS)
    told = lines.join(fates, on="row").select(
        *identity,
        "row",
        "fate",
        file="_file",
        source="_source",
        month=pl.col("sold_on").dt.truncate("1mo"),
        amount=pl.col("amount_ws").fill_null(0),
    )
    gone = told.filter(pl.col("fate") == "superseded")
    counting = told.filter(pl.col("fate") == "accepted")
    pairs = gone.join(counting, on=identity, nulls_equal=True, suffix="_by")
    how = (
        pl.when(pl.col("file") == pl.col("file_by"))
        .then(pl.lit(WITHIN))
        .when(pl.col("month") != pl.col("month_by"))
        .then(pl.lit(ACROSS))
        .otherwise(pl.lit(CORRECTED))
    )
    is_last = pl.col("row") == pl.col("row").max().over("row_by", "how")
    named = pairs.with_columns(how=how).with_columns(
        after=pl.when(is_last).then("amount_by").otherwise(0).cast(money.AMOUNT),
        by_source="source_by",
        by_month="month_by",
    )
    return _summed(
        named.select(*KEYS, lines=pl.lit(1, dtype=pl.Int64), before="amount", after="after",
                     first=pl.concat_list("row"))
    )  # fmt: skip


def together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `replaced_of` gives as one."""
    return _summed(pl.concat([pl.DataFrame(schema=SUMS), *parts]))


def _summed(parts: pl.DataFrame) -> pl.DataFrame:
    return (
        parts.group_by(KEYS)
        .agg(
            pl.col("lines", "before", "after").sum(),
            pl.col("first").explode().sort().head(EXAMPLES),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SUMS.items())
    )


def located(sums: pl.DataFrame, rows: TableRows) -> pl.DataFrame:
    """`sums` with the places of the first lines in words (columns `details.REPLACED`)."""
    first = sums.select("first").explode("first").drop_nulls().rename({"first": "row"})
    places = rows.located(first.unique().sort("row"))
    named = {
        row: f"{file}:{line}" for row, file, line in places.select("row", "file", "line").rows()
    }
    shown = [[named[row] for row in of_sum] for of_sum in sums["first"].to_list()]
    column = pl.Series("places", shown, dtype=pl.List(pl.String))
    return (
        sums.with_columns(column)
        .sort(KEYS)
        .select(pl.col(name).cast(dtype) for name, dtype in REPLACED.items())
    )

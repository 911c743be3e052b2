"""Credits of sales that nobody sold: they credit nobody, and are told (docs/operation.md, "Files")."""

from collections.abc import Sequence

import polars as pl

from incentivectl.ingest.account.details import UNMATCHED
from incentivectl.ingest.rows.spelling import without_zeros
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import CountingLines

EXAMPLES = 3
PLACE = ("partner_id", "distributor_id")


def unmatched_credits(credits: TableRows, sold: pl.DataFrame, sales: CountingLines) -> pl.DataFrame:
    """The first accepted rows of `credits` that name no counting line (columns `UNMATCHED`).

    A row matches by its sale and, where it has them, its line, partner and distributor; `sold` are the
    `credits.sold_lines`. `rows` counts all of those that match nothing; `nearest` is a sale id that differs
    in case, width, leading zeros or punctuation alone.
    """
    rows = credits.accepted().sort("row").collect()
    if rows.is_empty():
        return pl.DataFrame(schema=UNMATCHED)
    unmatched = rows.join(_matched(rows, sold), on="row", how="anti", maintain_order="left")
    if unmatched.is_empty():
        return pl.DataFrame(schema=UNMATCHED)
    first = credits.located(unmatched.head(EXAMPLES).select("row", "sale_id", "line_id"))
    nearest = _nearest(first["sale_id"], sales)
    return first.with_columns(
        nearest=pl.col("sale_id").replace_strict(nearest, default=None, return_dtype=pl.String),
        rows=pl.lit(unmatched.height, dtype=pl.Int64),
    ).select(*UNMATCHED)


def _matched(rows: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """`row` of the credits whose sale and line there are."""
    whole = pl.col("line_id").is_null()
    of_sales = rows.filter(whole).join(sold.drop("line_id").unique(), on="sale_id", suffix="_sold")
    of_lines = rows.filter(~whole).join(sold, on=["sale_id", "line_id"], suffix="_sold")
    return pl.concat(
        some.filter(
            pl.col(name).is_null() | pl.col(name).eq_missing(pl.col(f"{name}_sold"))
            for name in PLACE
        ).select("row")
        for some in (of_sales, of_lines)
    )


def _nearest(wanted: pl.Series, sales: CountingLines) -> dict[str, str]:
    """Each of the ids with one that is spelt otherwise but reads the same, where there is one."""
    forms = wanted.unique().to_frame().with_columns(form=without_zeros(pl.col("sale_id")))
    found = sales.ask(_written_otherwise, _first_known, forms["form"])
    near = forms.join(found, on="form").filter(pl.col("known") != pl.col("sale_id"))
    return dict(near.select("sale_id", "known").iter_rows())


def _written_otherwise(sales: pl.LazyFrame, forms: pl.Series) -> pl.DataFrame:
    """`form`, `known`: the first id that reads like each of these."""
    read = sales.select(known="sale_id", form=without_zeros(pl.col("sale_id")))
    alike = read.filter(pl.col("form").is_in(forms.implode()))
    return alike.group_by("form").agg(pl.col("known").min()).collect(engine="streaming")


def _first_known(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("form").agg(pl.col("known").min())

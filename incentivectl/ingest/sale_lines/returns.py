"""Which line a return reverses, and the date that every line counts on.

A negative line whose `return_of` is a known sale (of the same distributor and partner) counts on the
date of the line that it reverses; every other line on its own date (docs/rules.md, "Returns").
"""

from dataclasses import dataclass

import polars as pl

from incentivectl.core import memory
from incentivectl.core.tables import SALE
from incentivectl.ingest.sale_lines.sale_rows import LINKS, SaleRows, with_numbers
from incentivectl.sales.signs import is_negative, is_void

RETURN_BYTES = 1_200  # of a return with the lines of its sale, while it is looked up


@dataclass(frozen=True)
class Returns:
    """`links`: every accepted line that names a sale it reverses (columns `LINKS`), any version.

    `counted_on` and `original` are null where that sale is not known. `lines` has the same rows with
    what the rest of the reading needs: `currency`, `sold_on`, `return_of`, `_source`.
    """

    links: pl.DataFrame
    lines: pl.DataFrame


def find_returns(rows: SaleRows) -> Returns:
    """The returns among the accepted lines, of all their versions."""
    wanted = (
        rows.returns.select(
            "row",
            "distributor_id",
            "partner_id",
            "return_of",
            "product_id",
            "serial",
            "currency",
            "sold_on",
            "_source",
        )
        .sort("row")
        .collect(engine="streaming")
    )
    if wanted.is_empty():
        return Returns(pl.DataFrame(schema=LINKS), wanted)
    parts = wanted.height // memory.rows_within(RETURN_BYTES, share=4) + 1
    sold = _sold_lines(rows)
    if parts == 1:
        return Returns(_linked(wanted, _lines_of_sales(rows, sold, wanted)), wanted)
    # All lines are gone through once, and not for every part.
    named = wanted["return_of"].unique()
    some_sold = rows.aside(sold.filter(pl.col("sale_id").is_in(named.implode())), "sold")
    links = []
    for part in range(parts):
        some = wanted.filter(pl.col("return_of").hash() % parts == part)
        links.append(_linked(some, _lines_of_sales(rows, some_sold, some)))
    return Returns(pl.concat(links), wanted)


def _sold_lines(rows: SaleRows) -> pl.LazyFrame:
    """The counting lines, without those that no rule uses."""
    return (
        rows.accepted()
        .filter(~is_void())
        .select(
            "row",
            *SALE,
            "line_id",
            "product_id",
            "serial",
            "sold_on",
            "occurrence",
            negative=is_negative(),
        )
    )


def _lines_of_sales(rows: SaleRows, sold: pl.LazyFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Those of the `sold` lines whose sales returns name."""
    named = wanted.select(*SALE[:2], pl.col("return_of").alias("sale_id")).unique()
    lines = (
        sold.filter(pl.col("sale_id").is_in(named["sale_id"].unique().implode()))
        .join(named.lazy(), on=SALE, how="semi", nulls_equal=True)
        .collect(engine="streaming")
    )
    return with_numbers(lines.lazy(), rows.numbers).collect()


def line_key() -> pl.Expr:
    """A text that sorts by code point as lines of one sale are ordered (docs/rules.md, "Returns").

    A `line_id` of digits by its value before other texts, lines without one last, by product and n.
    """
    line = pl.col("line_id")
    digits = line.str.strip_chars_start("0")
    length = digits.str.len_bytes().cast(pl.String).str.zfill(6)
    zeros = pl.when(line != digits).then(pl.lit("\x00") + line).otherwise(pl.lit(""))
    by_value = pl.lit("0") + length + digits + zeros
    number = pl.col("n").cast(pl.String).str.zfill(13)
    by_product = pl.lit("2") + pl.col("product_id").fill_null("") + pl.lit("\x00") + number
    return (
        pl.when(line.is_null())
        .then(by_product)
        .when(line.str.contains("^[0-9]+$"))
        .then(by_value)
        .otherwise(pl.lit("1") + line)
    )


def _linked(wanted: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """`LINKS` of the `wanted` returns; null where no line of that sale is `sold`, as in one of returns."""
    ordered = (
        sold.filter(~pl.col("negative")).with_columns(_key=line_key()).sort(*SALE, "_key", "row")
    )
    returns = wanted.select(
        "row", *SALE[:2], pl.col("return_of").alias("sale_id"), "product_id", "serial"
    )
    with_serial = returns.filter(pl.col("serial").is_not_null())
    return (
        returns.select("row")
        .join(_first(with_serial, ordered, [*SALE, "product_id", "serial"]), on="row", how="left")
        .join(_first(returns, ordered, [*SALE, "product_id"]), on="row", how="left", suffix="_2")
        .join(_first(returns, ordered, [*SALE]), on="row", how="left", suffix="_3")
        .select("row", original=pl.coalesce("original", "original_2", "original_3"))
        .join(sold.select(original="row", counted_on="sold_on"), on="original", how="left")
        .select("row", "counted_on", "original")
    )


def _first(returns: pl.DataFrame, ordered: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """`row`, `original`: for each return the first line that agrees with it in `keys`."""
    first = ordered.unique(keys, keep="first", maintain_order=True)
    return returns.join(
        first.select(*keys, pl.col("row").alias("original")), on=keys, how="inner", nulls_equal=True
    ).select("row", "original")

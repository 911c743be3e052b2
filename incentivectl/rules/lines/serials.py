"""A serial number earns once in a program: on the earliest line that the program measures."""

import polars as pl

from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.lists import with_flag
from incentivectl.sales.channel import ORIGINAL

# The line that a row stands for, itself or the one that it reverses, and the serial of that line.
_ROW, _SERIAL = f"{ORIGINAL}row", f"{ORIGINAL}serial"


def refuse_repeated_serials(lines: pl.LazyFrame, case: Case) -> pl.LazyFrame:
    """Gives the reason `serial` to counted lines whose serial number earned before.

    Of the positive lines with one serial the first by (date, sale_id, line_id, partner_id) counts; a
    return with that serial counts only if it reverses that line, and one that reverses another
    line of it does not count either (docs/rules.md, "Serial numbers").
    """
    counts = pl.col("reason").is_null()
    with_serial = (
        lines.filter(counts, pl.col("serial").is_not_null() | pl.col(_SERIAL).is_not_null())
        .select("row", "serial", "is_return", _ROW, _SERIAL)
        .collect(engine="streaming")
    )
    sold = with_serial.filter(~pl.col("is_return"), pl.col("serial").is_not_null())
    owners = _owners(lines, sold)
    of_original = owners.select(pl.col("serial").alias(_SERIAL), owner_of_original="owner")
    refused = (
        with_serial.join(owners, on="serial", how="left")
        .join(of_original, on=_SERIAL, how="left")
        .filter(
            (pl.col("serial").is_not_null() & pl.col("owner").ne_missing(pl.col(_ROW)))
            | (pl.col("owner_of_original") != pl.col(_ROW)).fill_null(False)
        )
    )
    lines = with_flag(lines, "row", refused["row"], "is_refused")
    return lines.with_columns(
        reason=pl.when(counts & pl.col("is_refused"))
        .then(pl.lit("serial"))
        .otherwise(pl.col("reason"))
    )


def _owners(lines: pl.LazyFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """`serial`, `owner`: the first line (`row`) of each serial in the order of lines."""
    several = sold.filter(pl.col("serial").is_duplicated())
    if several.is_empty():
        return sold.select("serial", owner="row")
    only = sold.join(several, on="serial", how="anti").select("serial", owner="row")
    order = with_flag(lines, "row", several["row"], "is_one_of_several").filter("is_one_of_several")
    firsts = (
        order.select("serial", "row", *LINE_ORDER)
        .collect(engine="streaming")
        .sort(*LINE_ORDER)
        .unique("serial", keep="first", maintain_order=True)
        .select("serial", owner="row")
    )
    return pl.concat([only, firsts])

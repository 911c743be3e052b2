"""A serial number earns once in a program: on the earliest line that the program measures."""

import polars as pl

from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.lists import with_flag


def refuse_repeated_serials(lines: pl.LazyFrame, case: Case) -> pl.LazyFrame:
    """Gives the reason `serial` to counted lines whose serial number earned before.

    Of the positive lines with one serial the first by (date, sale_id, line_id, partner_id) counts; a
    return with that serial counts only if it reverses that line, and one that reverses another
    line of it does not count either (docs/rules.md, "Serial numbers").
    """
    counts = pl.col("reason").is_null()
    with_serial = (
        lines.filter(counts & pl.col("serial").is_not_null())
        .select("row", "serial", "is_return", "original")
        .collect(engine="streaming")
    )
    owners = _owners(lines, with_serial.filter(~pl.col("is_return")))
    # `takes` is the line that a row stands for: itself, or the one that a return reverses.
    takes = pl.when("is_return").then("original").otherwise("row")
    repeated = with_serial.join(owners, on="serial", how="left").filter(
        ~(takes == pl.col("owner")).fill_null(False)
    )
    refused_originals = (
        case.facts.originals(["serial"])
        .select("row", "serial")
        .join(owners, on="serial", how="inner")
        .filter(pl.col("row") != pl.col("owner"))
    )
    lines = with_flag(lines, "row", repeated["row"], "is_repeated")
    lines = with_flag(lines, "original", refused_originals["row"], "is_of_refused")
    refused = counts & (pl.col("is_repeated") | pl.col("is_of_refused"))
    return lines.with_columns(
        reason=pl.when(refused).then(pl.lit("serial")).otherwise(pl.col("reason"))
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

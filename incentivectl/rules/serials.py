"""A serial number earns once in a program: on the earliest line that the program measures."""

import polars as pl

from incentivectl.rules.case import LINE_ORDER, Case


def refuse_repeated_serials(lines: pl.LazyFrame, case: Case) -> pl.LazyFrame:
    """Gives the reason `serial` to counted lines whose serial number earned before.

    Of the positive lines with one serial the first by (date, sale_id, line_id, partner_id) counts; a
    return with that serial counts only if it takes back that line, and one that takes back another
    line of it does not count either (docs/rules.md, "Serial numbers").
    """
    counts = pl.col("reason").is_null()
    with_serial = lines.filter(counts & pl.col("serial").is_not_null() & ~pl.col("is_return"))
    owners = (
        with_serial.select("serial", "row", *LINE_ORDER)
        .sort(*LINE_ORDER)
        .group_by("serial", maintain_order=True)
        .agg(pl.col("row").first().alias("owner"))
        .collect()
    )
    lines = lines.join(owners.lazy(), on="serial", how="left")
    # `takes` is the line that a row stands for: itself, or the one that a return takes back.
    takes = pl.when(pl.col("is_return")).then(pl.col("original")).otherwise(pl.col("row"))
    repeated = pl.col("serial").is_not_null() & ~(takes == pl.col("owner")).fill_null(False)
    refused_originals = (
        case.facts.originals.lazy()
        .select("row", "serial")
        .join(owners.lazy(), on="serial", how="inner")
        .filter(pl.col("row") != pl.col("owner"))
        .select(pl.col("row").alias("original"), of_refused=pl.lit(True))
    )
    lines = lines.join(refused_originals, on="original", how="left")
    refused = counts & (repeated | pl.col("of_refused").fill_null(False))
    return lines.with_columns(
        reason=pl.when(refused).then(pl.lit("serial")).otherwise(pl.col("reason"))
    )

"""A serial number earns once in a program: on the earliest line that the program measures."""

from collections.abc import Sequence

import polars as pl

from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.lists import with_flag
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.returns import ORIGINAL

# The line that a row stands for, itself or the one that it reverses, and the serial of that line.
_ROW, _SERIAL = f"{ORIGINAL}row", f"{ORIGINAL}serial"


def refuse_repeated_serials(lines: pl.LazyFrame, case: Case) -> pl.LazyFrame:
    """Gives the reason `serial` to counted lines whose serial number earned before.

    Of the positive lines with one serial the first by (date, sale_id, line_id, partner_id) counts; a
    return with that serial counts only if it reverses that line, and one that reverses another
    line of it does not count either (docs/rules.md, "Serial numbers").
    """
    counts = pl.col("reason").is_null()
    with_serial = _with_serial(lines)
    owners = _first_of_all(lines, _owners(lines, _sold(with_serial)), case)
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


def _first_of_all(lines: pl.LazyFrame, owners: pl.DataFrame, case: Case) -> pl.DataFrame:
    """`owners` of a part of the lines; null where a line of another part comes first."""
    if not case.channel.in_parts:
        return owners
    firsts = case.channel.ask(_firsts, _first_by_order, case)
    own = _in_order(lines, owners.join(firsts, on="serial", how="semi")["owner"])
    later = own.join(firsts, on=["serial", *LINE_ORDER], how="anti", nulls_equal=True)
    is_later = pl.col("serial").is_in(later["serial"].implode())
    return owners.with_columns(owner=pl.when(~is_later).then("owner"))


def _firsts(_: LineSource, case: Case) -> pl.DataFrame:
    """`serial`, `LINE_ORDER`: the first line of each serial that stands in several parts."""
    lines = judged(case, case.periods)
    owners = _owners(lines, _sold(_with_serial(lines)))
    several = case.channel.ask(_hashes, _in_several, case)
    some = owners.filter(pl.col("serial").hash().is_in(several.implode()))
    return _in_order(lines, some["owner"]).drop("row")


def _hashes(_: LineSource, case: Case) -> pl.Series:
    """Hashes of the serials that were sold; equal ones are compared exactly afterwards."""
    return _sold(_with_serial(judged(case, case.periods)))["serial"].hash().unique()


def _in_several(parts: Sequence[pl.Series]) -> pl.Series:
    """Those hashes that several parts have."""
    hashes = pl.concat(parts).sort()
    return hashes.filter(hashes == hashes.shift(1)).unique()


def _first_by_order(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    ordered = pl.concat(parts).sort(*LINE_ORDER)
    return ordered.unique("serial", keep="first", maintain_order=True)


def _in_order(lines: pl.LazyFrame, rows: pl.Series) -> pl.DataFrame:
    """`serial`, `row`, `LINE_ORDER` of some lines, sorted by that order."""
    some = with_flag(lines, "row", rows, "is_one_of_them").filter("is_one_of_them")
    wanted = some.select("serial", "row", *LINE_ORDER)
    return wanted.collect(engine="streaming").sort(*LINE_ORDER)


def _with_serial(lines: pl.LazyFrame) -> pl.DataFrame:
    """The lines that count and have a serial, or reverse one that has."""
    has_serial = pl.col("serial").is_not_null() | pl.col(_SERIAL).is_not_null()
    return (
        lines.filter(pl.col("reason").is_null(), has_serial)
        .select("row", "serial", "is_return", _ROW, _SERIAL)
        .collect(engine="streaming")
    )


def _sold(with_serial: pl.DataFrame) -> pl.DataFrame:
    return with_serial.filter(~pl.col("is_return"), pl.col("serial").is_not_null())


def _owners(lines: pl.LazyFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """`serial`, `owner`: the first line (`row`) of each serial in the order of lines."""
    several = sold.filter(pl.col("serial").is_duplicated())
    if several.is_empty():
        return sold.select("serial", owner="row")
    only = sold.join(several, on="serial", how="anti").select("serial", owner="row")
    firsts = (
        _in_order(lines, several["row"])
        .unique("serial", keep="first", maintain_order=True)
        .select("serial", owner="row")
    )
    return pl.concat([only, firsts])

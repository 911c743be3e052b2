"""`fill_down`: cells that are empty because the same stands above them (docs/rules.md, 3.47)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.ingest.files.pieces import ROWS_IN_MEMORY, Piece, cell, kept_together
from incentivectl.ingest.files.skipping import is_of_rejects, skipped

Values = dict[int, str | None]


@dataclass
class _Above:
    """What stands above the next row of a file, by position."""

    file: int = -1
    values: Values = field(default_factory=dict)


def filled(piece: Piece, scratch: Path) -> Piece:
    """The piece, empty cells of `fill_down` columns filled from above, within each file.

    Rows that are skipped, or whose cells cannot be told apart, give nothing and stay as they are; so do those
    of a file of rejects, which were written filled.
    """
    names = piece.first.file.source.fill_down
    places = [place for name in names if (place := piece.layout.place(name)) is not None]
    if not places:
        return piece
    frames = kept_together(_filled_batches(piece, places), scratch)
    return replace(piece, cells=pl.concat([piece.cells.head(0).collect().lazy(), *frames]))


def _filled_batches(piece: Piece, places: list[int]) -> Iterator[pl.DataFrame]:
    """Batches in reading order; what stands above the first row of one comes from the one before."""
    starts = pl.Series([file.first_row for file in piece.files], dtype=ROW)
    above = _Above()
    for batch in piece.cells.collect_batches(chunk_size=ROWS_IN_MEMORY, maintain_order=True):
        if batch.is_empty():
            continue
        file = starts.search_sorted(batch["row"], side="right") - 1
        takes_part = ~(skipped(piece) | pl.col("wrong") | is_of_rejects(piece))
        marked = batch.with_columns(_file=file, _takes_part=takes_part)
        yield marked.with_columns(_fill(place, above) for place in places).select(batch.columns)
        above = _last(marked, places, above)


def _given(place: int) -> pl.Expr:
    """What a row gives to those below it."""
    there = cell(place).str.strip_chars() != ""
    return pl.when(pl.col("_takes_part") & there).then(cell(place))


def _fill(place: int, above: _Above) -> pl.Expr:
    before = pl.lit(above.values.get(place), dtype=pl.String)
    from_before = pl.when(pl.col("_file") == above.file).then(before)
    value = pl.coalesce(_given(place).forward_fill().over("_file"), from_before)
    is_empty = _given(place).is_null() & pl.col("_takes_part")
    return pl.when(is_empty).then(value).otherwise(cell(place)).alias(f"c{place}")


def _last(marked: pl.DataFrame, places: list[int], above: _Above) -> _Above:
    """What stands above the row that follows a batch."""
    file = int(marked["_file"][-1])
    given = marked.filter(pl.col("_file") == file).select(
        _given(place).drop_nulls().last().alias(str(place)) for place in places
    )
    before = above.values if file == above.file else {}
    values: Values = {}
    for place in places:
        value = given[str(place)].item()
        values[place] = before.get(place) if value is None else value
    return _Above(file, values)

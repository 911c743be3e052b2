"""Where corrected rows stand: in the place of the rejected ones that they name (docs/rules.md, "Reading").

A corrected row names the rejected one by `reject_file` and `reject_line`. A row that was corrected twice
leads from the last correction back to the first rejected row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.ingest.files.layout import theirs
from incentivectl.ingest.files.pieces import Piece, ReadFile, cell

CORRECTIONS: Schema = {
    "row": ROW,
    "corrects": ROW,
    "at": ROW,
    "line": pl.Int64,
    "is_there": pl.Boolean,
    "keeps_number": pl.Boolean,
}
_NAMED: Schema = {"row": ROW, "reject_file": pl.String, "reject_line": pl.Int64}
_PLACES: Schema = {
    "reject_file": pl.String,
    "reject_line": pl.Int64,
    "at": ROW,
    "is_there": pl.Boolean,
}


def find_corrections(pieces: Sequence[Piece]) -> tuple[list[Piece], pl.DataFrame]:
    """The pieces of a table, and the corrected rows whose original file is among them.

    Their columns (`CORRECTIONS`): `row`; `corrects`, the row that it names, null where none begins in
    that line; `at`, the row in whose place it stands, the first rejected one of a chain of corrections,
    and its `line`; `is_there`, whether a row begins in just that place (else `at` is the last one before it);
    `keeps_number`, whether that place is in a file of rejects whose own original is not there. The
    others lose the `occurrence` that their file of rejects gave them: their place tells it.
    """
    named = names_rejects(pieces)
    if named.is_empty():
        return [*pieces], pl.DataFrame(schema=CORRECTIONS)
    places = pl.concat([pl.DataFrame(schema=_PLACES), *_places(pieces, named)])
    found = named.join(places, on=["reject_file", "reject_line"], how="inner").sort("row")
    corrections = pl.DataFrame(
        [*_resolved(found, {*named["row"]})], schema=CORRECTIONS, orient="row"
    )
    placed = corrections.filter(~pl.col("keeps_number"))["row"]
    read_again = [
        _under_own_names(_without_numbers(piece, placed), pieces, corrections)
        if piece.layout.rejects
        else piece
        for piece in pieces
    ]
    return read_again, corrections


def names_rejects(pieces: Sequence[Piece]) -> pl.DataFrame:
    """`row`, `reject_file`, `reject_line` of every row that says which rejected one it corrects."""
    found = [pl.DataFrame(schema=_NAMED)]
    for piece in pieces:
        if not piece.layout.rejects:
            continue
        file = cell(piece.layout.reject_place("reject_file")).str.strip_chars()
        line = cell(piece.layout.reject_place("reject_line")).str.strip_chars()
        found.append(
            piece.cells.filter(~pl.col("wrong") & (file != ""))
            .select("row", reject_file=file, reject_line=line.cast(pl.Int64, strict=False))
            .filter(pl.col("reject_line").is_not_null())
            .collect(engine="streaming")
        )
    return pl.concat(found)


def _places(pieces: Sequence[Piece], named: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows at the lines that are named, as far as their files are there (columns `_PLACES`)."""
    lines = dict(named.group_by("reject_file").agg(pl.col("reject_line").unique()).rows())
    for piece in pieces:
        for file in piece.files:
            wanted = lines.get(file.file.name)
            if wanted is not None:
                at = pl.DataFrame({"reject_line": wanted}, schema={"reject_line": pl.Int64})
                rows = _rows_at(piece, file, at.sort("reject_line"))
                yield rows.select(pl.lit(file.file.name).alias("reject_file"), *[*_PLACES][1:])


def _rows_at(piece: Piece, file: ReadFile, lines: pl.DataFrame) -> pl.DataFrame:
    """The last row that begins at or before each line, and whether it begins there."""
    last = file.first_row + file.most_rows - 1
    if not file.has_lines:
        at = pl.col("reject_line") - file.first_line + file.first_row
        return lines.with_columns(
            at=at.clip(file.first_row, last).cast(ROW), is_there=at.is_between(file.first_row, last)
        )
    records = (
        piece.cells.filter(pl.col("row").is_between(file.first_row, last))
        .select(pl.col("line").cast(pl.Int64), at="row")
        .collect(engine="streaming")
        .sort("line")
    )
    found = lines.join_asof(records, left_on="reject_line", right_on="line", coalesce=False)
    return found.with_columns(
        pl.col("at").fill_null(file.first_row),
        is_there=pl.col("line").eq_missing(pl.col("reject_line")),
    )


def _resolved(
    found: pl.DataFrame, corrections: set[int]
) -> Iterator[tuple[int, int | None, int, int, bool, bool]]:
    """Each correction at the place where its chain of corrections begins."""
    rows = found.select("row", "at", "reject_line", "is_there").rows()
    place = {row: (at, line, is_there) for row, at, line, is_there in rows}
    for row, corrects, _, is_exact in rows:
        at, line, is_there = place[row]
        passed = {row}
        while is_there and at in place and at not in passed:
            passed.add(at)
            at, line, is_there = place[at]
        if at not in passed:
            keeps_number = is_there and at in corrections
            yield row, corrects if is_exact else None, at, line, is_there, keeps_number


def _without_numbers(piece: Piece, placed: pl.Series) -> Piece:
    """The piece, its rows in `placed` with the `occurrence` of the export alone."""
    layout = piece.layout
    given = cell(layout.reject_place("occurrence"))
    own = theirs(piece.first.file.source, "occurrence", layout)
    place = layout.place(own.columns[0]) if own is not None else None
    value = pl.lit(None, dtype=pl.String) if place is None else cell(place)
    number = pl.when(pl.col("row").is_in(placed.implode())).then(value).otherwise(given)
    name = f"c{layout.reject_place('occurrence')}"
    return replace(piece, cells=piece.cells.with_columns(number.alias(name)))


def _under_own_names(piece: Piece, originals: Sequence[Piece], corrections: pl.DataFrame) -> Piece:
    """The piece, its cells of a column with several names under the name that is looked for.

    A file of rejects has the columns of all files of its source, each filled in where the original has it.
    """
    source, layout = piece.first.file.source, piece.layout
    cells = piece.cells
    for ours in source.columns:
        wanted = theirs(source, ours, layout)
        for original in originals:
            found = theirs(source, ours, original.layout)
            if wanted is None or found is None or found == wanted:
                continue
            to, own = layout.place(wanted.columns[0]), layout.place(found.columns[0])
            rows = original.own_rows(corrections.select(row="at", by="row"))
            if wanted.is_plain and found.is_plain and to is not None and own is not None:
                is_its = pl.col("row").is_in(rows["by"].implode())
                value = pl.when(is_its).then(cell(own)).otherwise(cell(to))
                cells = cells.with_columns(value.alias(f"c{to}"))
    return replace(piece, cells=cells)

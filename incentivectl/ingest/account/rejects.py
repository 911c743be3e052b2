"""Writes rejected rows in their source's own columns and dialect, to be corrected and read again.

The cells are as they were, but that no spreadsheet runs them (`incentivectl.safe_text`); five columns say
where each row stood and why it was rejected. A record with too many or too few cells comes without them,
as `reject_value` alone: nobody knows which cell belongs where, and read again as it is it must not pass
for a good one (docs/rules.md, "Reading").
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from incentivectl.core import memory
from incentivectl.core.output_files import copy_file, output_text
from incentivectl.core.safe_text import neutralised, neutralised_as_read
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.files.records import raw_texts
from incentivectl.ingest.files.reject_files import REJECT_COLUMNS
from incentivectl.ingest.reasons import ATTRIBUTE, FIELD_COUNT, Reason, reasons_of
from incentivectl.ingest.rows.columns import is_broken, is_error
from incentivectl.ingest.rows.mapping import Mapped
from incentivectl.ingest.rows.readers import attribute_faults
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.workspace.source import Source

Record = tuple[str | None, ...]
# Reasons of a whole row, for which any cell that is used may be to blame.
CELL_TESTS = {Reason("bad-encoding"): is_broken, Reason("bad-value"): is_error}
REJECT_BYTES = 3_000  # of a rejected row with its cells, while it is written


def write_rejects(rows: TableRows, folder: Path) -> list[Path]:
    """Writes `<source>.csv` into `folder` for every source of the table with rejected rows."""
    rejected = rows.rejected_rows()
    if rejected.is_empty():
        return []
    written = []
    for name in rejected["_source"].unique().sort():
        pieces = [piece for piece in rows.opened.pieces if piece.source_name == name]
        of_source = rejected.filter(pl.col("_source") == name)
        path = folder / f"{name}.csv"
        _write(path, rows, pieces, of_source)
        written.append(path)
    return written


def copied(stored: Path, folder: Path) -> list[Path]:
    """The files of rejects in `stored`, copied into `folder`; their paths."""
    files = sorted(stored.glob("*.csv"))
    for file in files:
        copy_file(file, folder / file.name)
    return [folder / file.name for file in files]


def _write(path: Path, rows: TableRows, pieces: list[Piece], rejected: pl.DataFrame) -> None:
    """One source's file: in its encoding where that has all the characters, else in UTF-8."""
    source = pieces[0].first.file.source
    columns = _columns_of(pieces)
    for encoding in (source.encoding, "utf-8-sig"):  # a BOM wins over the source's encoding
        records = _all_records(rows, pieces, columns, rejected)
        try:
            _write_csv(path, source, encoding, columns, records)
        except UnicodeEncodeError:
            continue
        return


def _write_csv(
    path: Path, source: Source, encoding: str, columns: Sequence[str], records: Iterator[Record]
) -> None:
    with output_text(path, encoding) as out:
        out.writelines("\r\n" for _ in range(source.skip_rows))
        writer = csv.writer(out, delimiter=source.delimiter, lineterminator="\r\n")
        if source.header:
            writer.writerow(map(neutralised, (*columns, *REJECT_COLUMNS)))
        writer.writerows(records)


def _columns_of(pieces: list[Piece]) -> list[str]:
    """The columns of all the source's files, those of the first file first."""
    columns: list[str] = []
    for piece in pieces:
        left = Counter(columns)
        for name in piece.layout.names:
            if left[name] > 0:
                left[name] -= 1
            else:
                columns.append(name)
    return columns


def _all_records(
    rows: TableRows, pieces: list[Piece], columns: Sequence[str], rejected: pl.DataFrame
) -> Iterator[Record]:
    for piece in pieces:
        mine = piece.own_rows(rejected).sort("row")
        for some in mine.iter_slices(memory.rows_within(REJECT_BYTES, share=4)):
            records = rejected_records(piece, rows, columns, some)
            yield from records.select(
                neutralised_as_read(pl.col(name)) for name in records.columns
            ).iter_rows()


def rejected_records(
    piece: Piece, rows: TableRows, columns: Sequence[str], mine: pl.DataFrame
) -> pl.DataFrame:
    """The rejected records of one piece in `columns`, and `REJECT_COLUMNS`, as texts.

    `mine` are rejected rows of the piece: `row`, `_reason`, and for sales perhaps `n`.
    """
    piece = rows.rejectable(piece)
    table, kept = rows.table, rows.cells_of(piece)
    mapped = Mapped(piece, piece.first.file.source.attributes)
    cells = kept.filter(pl.col("row").is_in(mine["row"].implode())).select(
        "row", *(mapped.written(place).alias(f"c{place}") for place in range(piece.layout.width))
    )
    frame = (
        piece.located(mine)
        .join(cells.collect(engine="streaming"), on="row")
        .join(_raw_texts(piece, mine), on="row", how="left")
        .join(_record_counts(piece), on="file")
        .sort("row")
    )
    codes = dict(enumerate(reason.code for reason in reasons_of(table)))
    # The record of a field-count cannot be numbered; a number above all others keeps it apart.
    number = pl.col("n") if "n" in frame.columns else pl.lit(None, dtype=pl.Int64)
    if table == "sales":
        above_all = pl.col("records") + pl.col("line")
        number = pl.when(pl.col("_reason") == FIELD_COUNT).then(above_all).otherwise(number)
    return frame.select(
        *_placed(piece, columns),
        reject_file="file",
        reject_line=pl.col("line").cast(pl.String),
        reject_reason=pl.col("_reason").replace_strict(codes, return_dtype=pl.String),
        reject_value=_value(mapped, table, frame["_reason"].unique().to_list()),
        occurrence=number.cast(pl.String),
    )


def _placed(piece: Piece, columns: Sequence[str]) -> list[pl.Expr]:
    """A piece's cells under the columns of the whole source; the k-th of a name stays the k-th."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(piece.layout.names):
        places.setdefault(name, []).append(place)
    is_known = pl.col("_text").is_null()
    found = []
    for at, name in enumerate(columns):
        rest = places.get(name, [])
        value = pl.when(is_known).then(cell(rest.pop(0))) if rest else pl.lit("")
        found.append(value.fill_null("").alias(f"_{at}"))
    return found


def _raw_texts(piece: Piece, mine: pl.DataFrame) -> pl.DataFrame:
    wrong = mine.filter(pl.col("_reason") == FIELD_COUNT)["row"]
    return raw_texts(piece, wrong).rename({"text": "_text"})


def _record_counts(piece: Piece) -> pl.DataFrame:
    return pl.DataFrame(
        {"file": [file.file.name for file in piece.files], "records": list(piece.records)},
        schema={"file": pl.String, "records": pl.Int64},
    )


def _value(mapped: Mapped, table: str, present: list[int]) -> pl.Expr:
    """The text that is to blame: the cell of the reason's column, or the whole record."""
    values = [pl.when(pl.col("_reason") == FIELD_COUNT).then(pl.col("_text"))]
    for at in present:
        reason = reasons_of(table)[at]
        if reason in CELL_TESTS:
            blamed = [
                pl.when(CELL_TESTS[reason](cell(place))).then(cell(place))
                for place in sorted(mapped.used_places())
            ]
            values.append(pl.when(pl.col("_reason") == at).then(pl.coalesce(blamed)))
        elif reason.column == ATTRIBUTE:
            blamed = [
                pl.when(test).then(mapped.given(name))
                for name, code, test in attribute_faults(mapped, mapped.text)
                if code == reason.code
            ]
            values.append(pl.when(pl.col("_reason") == at).then(pl.coalesce(blamed)))
        elif reason.code != "field-count":
            column = "unit_price" if reason.column == "computed amount" else reason.column
            values.append(pl.when(pl.col("_reason") == at).then(mapped.given(column)))
    return pl.coalesce(*values, pl.lit(""))

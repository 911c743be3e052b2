"""Files with one plain record on each line, scanned by Polars, many files at once.

What the scan cannot tell is known before: empty lines, and records with too few or too many cells; and
files that are not regular after all. A first look at the text may have found it, else a pass over the
physical lines does.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.core.input_frames import scan_csv
from incentivectl.ingest.files.pieces import (
    Piece,
    ReadFile,
    cell,
    footers,
    has_errors,
    has_exponents,
    has_quotes,
    has_replacements,
    is_padded,
    kept,
)
from incentivectl.ingest.files.traits import UNIT_SEPARATOR
from incentivectl.ingest.reasons import ALL_CODES

SMALL_FILE = 1 << 20  # bytes
BATCH = 1 << 25

EMPTY, WRONG, ODD, EXTRA = 0, 1, 2, 3


def _scan_options(files: tuple[ReadFile, ...]) -> dict[str, object]:
    valid = all(file.text.traits.valid for file in files)
    return {
        "has_header": False,
        "skip_lines": files[0].layout.lines_before,
        "missing_columns": "insert",
        "extra_columns": "ignore",
        "truncate_ragged_lines": True,
        "encoding": "utf8" if valid else "utf8-lossy",
        "row_index_name": "at",
    }


def _with_rows(scan: pl.LazyFrame, files: tuple[ReadFile, ...]) -> pl.LazyFrame:
    """Adds `row`; the scan counts the lines of all its files in one go, as `first_row` does."""
    return scan.with_columns(row=pl.col("at") + pl.lit(files[0].first_row, dtype=ROW)).drop("at")


def physical_lines(files: tuple[ReadFile, ...]) -> pl.LazyFrame:
    """`row`, `text`: the physical lines of files of one shape."""
    scan = scan_csv(
        [file.text.path for file in files],
        separator=UNIT_SEPARATOR,
        quote_char=None,
        schema={"text": pl.String},
        **_scan_options(files),
    )
    return _with_rows(scan, files).select("row", pl.col("text").fill_null(""))


def flagged_lines(files: tuple[ReadFile, ...]) -> pl.DataFrame:
    """`row`, `flag` of the lines that are more or less than one plain record."""
    layout = files[0].layout
    cells = layout.width if layout.header else len(layout.names)
    if all(file.text.traits.delimiters == cells - 1 for file in files):
        return _uneven_lines(files)
    return _looked_at(files)


def _uneven_lines(files: tuple[ReadFile, ...]) -> pl.DataFrame:
    """The lines that were found to be uneven while the files were looked at."""
    layout = files[0].layout
    rows = [
        (
            file.first_row + line - layout.lines_before,
            EXTRA if not layout.header and delimiters + 1 == layout.width else WRONG,
        )
        for file in files
        for line, delimiters in file.text.traits.uneven
        if line >= layout.lines_before
    ]
    return pl.DataFrame(rows, schema={"row": ROW, "flag": pl.UInt8}, orient="row")


def _looked_at(files: tuple[ReadFile, ...]) -> pl.DataFrame:
    layout, delimiter = files[0].layout, files[0].text.delimiter
    lines = physical_lines(files)
    text = pl.col("text")
    odd = pl.lit(value=False)
    if has_quotes(files):
        quoted = pl.when(text.str.contains('"', literal=True)).then(text)
        odd = ~quoted.str.contains(_simple_quoting(delimiter))
    cells = cell_count(text, delimiter, quotes=has_quotes(files))
    own = len(layout.names)
    flag = pl.when(text == "").then(EMPTY).when(odd.fill_null(value=False)).then(ODD)
    if not layout.header:
        flag = flag.when(cells == layout.width).then(EXTRA).when(cells != own).then(WRONG)
    else:
        flag = flag.when(cells != layout.width).then(WRONG)
    flags = lines.select("row", flag=flag.otherwise(None).cast(pl.UInt8))
    return flags.filter(pl.col("flag").is_not_null()).collect(engine="streaming")


def cell_count(text: pl.Expr, delimiter: str, *, quotes: bool = True) -> pl.Expr:
    """How many cells a record has; delimiters within quotes do not count."""
    bare = text
    if quotes:
        quoted = pl.when(text.str.contains('"', literal=True)).then(text)
        bare = pl.coalesce(quoted.str.replace_all('"(?:[^"]|"")*"', ""), text)
    return bare.str.count_matches(delimiter, literal=True) + 1


def _simple_quoting(delimiter: str) -> str:
    """A line that is one record by itself, each cell either wholly quoted or without a quote."""
    stop = f"\\x{ord(delimiter):02x}"
    one = f'(?:"(?:[^"]|"")*"|[^"{stop}]*)'
    return f"^{one}(?:{stop}{one})*$"


def scanned_piece(files: tuple[ReadFile, ...], flagged: pl.DataFrame, scratch: Path) -> Piece:
    """The records of files of one shape, each on a line of its own but for the `flagged` lines."""
    cells = [_cells(batch, flagged) for batch in _batches(files)]
    if _are_small(files):
        cells = [kept(some.collect(engine="streaming"), scratch) for some in cells]
    empty = flagged.filter(pl.col("flag") == EMPTY)["row"]
    counts = tuple(file.data_lines - _rows_of(file, empty).len() for file in files)
    return Piece(
        files[0].file.source.name,
        files[0].layout,
        files,
        pl.concat(cells),
        counts,
        footers=footers(files, counts, empty),
        replacements=has_replacements(files),
        padded=is_padded(files),
        exponents=has_exponents(files),
        errors=has_errors(files),
    )


def _are_small(files: tuple[ReadFile, ...]) -> bool:
    """Whether there is so little in each file that passing it on by itself would cost more."""
    return len(files) > 1 and sum(file.text.traits.size for file in files) < len(files) * SMALL_FILE


def _batches(files: tuple[ReadFile, ...]) -> Iterator[tuple[ReadFile, ...]]:
    """All files at once, or as many small ones as fit into memory together."""
    if not _are_small(files):
        yield files
        return
    batch: list[ReadFile] = []
    size = 0
    for file in files:
        if batch and size + file.text.traits.size > BATCH:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(file)
        size += file.text.traits.size
    yield tuple(batch)


def _rows_of(file: ReadFile, rows: pl.Series) -> pl.Series:
    end = file.first_row + file.data_lines
    return rows.filter(rows.is_between(file.first_row, end, closed="left"))


def odd_files(files: tuple[ReadFile, ...], flagged: pl.DataFrame) -> list[ReadFile]:
    """The files that are not regular: some of their lines are not one record each."""
    odd = flagged.filter(pl.col("flag") == ODD)["row"]
    return [file for file in files if _rows_of(file, odd).len()]


def _cells(files: tuple[ReadFile, ...], flagged: pl.DataFrame) -> pl.LazyFrame:
    layout = files[0].layout
    scan = scan_csv(
        [file.text.path for file in files],
        separator=files[0].text.delimiter,
        quote_char='"' if has_quotes(files) else None,
        schema={f"c{place}": pl.String for place in range(layout.width)},
        **_scan_options(files),
    )
    rows = {flag: flagged.filter(pl.col("flag") == flag)["row"] for flag in (EMPTY, WRONG, EXTRA)}
    cells = _with_rows(scan, files)
    if not rows[EMPTY].is_empty():
        cells = cells.filter(~pl.col("row").is_in(rows[EMPTY].implode()))
    wrong = pl.lit(value=False)
    if not rows[WRONG].is_empty():
        wrong = pl.col("row").is_in(rows[WRONG].implode())
    if not rows[EXTRA].is_empty():
        is_wide = pl.col("row").is_in(rows[EXTRA].implode())
        wrong |= is_wide & ~_names_a_reason(cell(layout.reject_place("reject_reason")))
    return cells.with_columns(wrong=wrong)


def _names_a_reason(text: pl.Expr) -> pl.Expr:
    return text.fill_null("").str.strip_chars().is_in(sorted(ALL_CODES))

"""Sheets of workbooks as text cells: typed cells are written as their source would write them.

So a number in a column of numbers has the source's decimal sign, a date its date format, and what is
rejected can be written into a CSV file that reads the same (docs/rules.md, "Workbooks").
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice, zip_longest
from pathlib import Path

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.frames import ROW
from incentivectl.core.safe_text import restored_column
from incentivectl.core.tables import TABLES
from incentivectl.core.workbooks.cells import Cell, WorkbookError, as_text
from incentivectl.core.workbooks.workbook import SheetName, Span, Workbook
from incentivectl.ingest.files import headers
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.layout import Layout, check_columns, layout_below, theirs
from incentivectl.ingest.files.pieces import cell, kept_together
from incentivectl.ingest.files.split_files import fits
from incentivectl.workspace.source import Source
from incentivectl.workspace.source_settings import EXCEL

ROWS_AT_ONCE = 10_000
NUMBERS = ("amount", "fx_rate", "whole")
_PLAIN = "{:.15g}".format
EXCEL_DAY_0 = date(1899, 12, 30)

Row = tuple[int, list[Cell]]
Writer = Callable[[Cell], str]


@dataclass(frozen=True)
class Sheet:
    """The records of a sheet, where its layout says.

    `cells` has `at` (UInt32, from 0), `line` (Int64, the sheet's row), `wrong`, `text` (of wrong records)
    and the cells. `replacements`, `errors`: see `pieces.Piece`. `merged`: the cells, such as `B2:B7`,
    that are merged with others below the header.
    """

    layout: Layout
    cells: pl.LazyFrame
    rows: int
    replacements: bool
    errors: bool
    merged: tuple[str, ...]


def read_sheet(file: DataFile, scratch: Path) -> Sheet | Problem | None:
    """The sheet that is read; none where it has no row, or a problem; raises `BeyondLimitError`."""
    try:
        with Workbook(file.path) as workbook:
            sheet = workbook.chosen(file.source.sheet)
            return _read(file, workbook, sheet, scratch)
    except WorkbookError as error:
        return Problem(error.code, error.message, error.hint, file=file.path)
    except OSError as error:
        message = f"it cannot be read: {error.strerror or error}"
        return Problem("unreadable-file", message, "check the file", file=file.path)


def _read(
    file: DataFile, workbook: Workbook, sheet: SheetName, scratch: Path
) -> Sheet | Problem | None:
    source = file.source
    rows = (row for row in workbook.rows(sheet) if row[0] > source.skip_rows)
    layout = _layout(file, rows)
    if not isinstance(layout, Layout):
        return layout
    frames = _Frames(source, layout, rows)
    first = frames.of([]).lazy()
    cells = pl.concat([first, *kept_together(frames.all(), scratch)])
    merged = _merged(workbook.merged(sheet), source, layout)
    return Sheet(layout, cells, frames.count, frames.replacements, frames.errors, merged)


def _merged(found: Sequence[Span], source: Source, layout: Layout) -> tuple[str, ...]:
    """The merged cells below the header, but for those that `fill_down` fills."""
    filled = {layout.place(name) for name in source.fill_down}
    return tuple(
        f"{_place(first)}:{_place(last)}"
        for first, last in sorted(found)
        if last[0] >= layout.lines_before and not (first[1] == last[1] and first[1] in filled)
    )


def _layout(file: DataFile, rows: Iterator[Row]) -> Layout | Problem | None:
    """The layout of a sheet, of which `rows` are taken up to its header."""
    source = file.source
    if not source.header:
        return Layout(source.positions, source.skip_rows, rejects=True, header=False)
    return layout_below(file, (_as_header(number, cells) for number, cells in rows))


def _as_header(number: int, cells: Sequence[Cell]) -> headers.Row:
    """A row of a sheet, which is as wide as the widest, without the empty cells at its end."""
    names = [as_text(cell) for cell in cells]
    check_columns(len(names), number)
    while names and not names[-1].strip():
        names.pop()
    return headers.Row(names, number, number)


class _Frames:
    """The records of a sheet, some rows at a time, and what is found out about them."""

    def __init__(self, source: Source, layout: Layout, rows: Iterator[Row]) -> None:
        self.count = 0
        self.replacements = self.errors = False
        self._layout, self._rows, self._delimiter = layout, rows, source.delimiter
        self._writers = [_writer(source, layout, place) for place in range(layout.width)]

    def all(self) -> Iterator[pl.DataFrame]:
        while some := list(islice(self._rows, ROWS_AT_ONCE)):
            frame = self.of(some)
            self.count += frame.height
            self.replacements = self.replacements or _any(frame, self._layout, "\ufffd")
            self.errors = self.errors or _any(frame, self._layout, "#")
            yield frame

    def of(self, rows: Sequence[Row]) -> pl.DataFrame:
        """The records of some rows, numbered on from those before."""
        return _frame(rows, self._layout, self._writers, self.count, self._delimiter)


def _frame(
    rows: Sequence[Row], layout: Layout, writers: Sequence[Writer], first: int, delimiter: str
) -> pl.DataFrame:
    """The records of some rows, numbered from `first` on."""
    columns = [*zip_longest(*(cells for _, cells in rows), fillvalue="")]
    empty = ("",) * len(rows)
    columns += [empty] * (layout.width - len(columns))
    wrong, texts = _wrong(rows, layout, delimiter)
    frame = pl.DataFrame(
        {
            "at": pl.int_range(first, first + len(rows), dtype=ROW, eager=True),
            "line": pl.Series([number for number, _ in rows], dtype=pl.Int64),
            "wrong": pl.Series(wrong, dtype=pl.Boolean),
            "text": pl.Series(texts, dtype=pl.String),
            **{
                f"c{place}": pl.Series(_texts(columns[place], write), dtype=pl.String)
                for place, write in enumerate(writers)
            },
        }
    )
    cells = [cell(place) for place in range(layout.width)]
    given: list[pl.Expr] = [pl.when(one != "").then(one) for one in cells]
    if layout.rejects:  # a spreadsheet has opened them, and kept the apostrophes
        given = [restored_column(one) for one in given]
    return frame.with_columns(one.alias(f"c{place}") for place, one in enumerate(given))


def _wrong(
    rows: Sequence[Row], layout: Layout, delimiter: str
) -> tuple[list[bool], list[str | None]]:
    """Which rows have too many cells, and their text; not kept below a header."""
    if layout.header:
        return [False] * len(rows), [None] * len(rows)
    wrong: list[bool] = []
    texts: list[str | None] = []
    for _, cells in rows:
        written = [as_text(cell) for cell in cells]
        while written and not written[-1]:
            written.pop()
        written += [""] * (len(layout.names) - len(written))
        if len(layout.names) < len(written):
            written += [""] * (layout.width - len(written))
        wrong.append(not fits(written, layout))
        texts.append(delimiter.join(written) if wrong[-1] else None)
    return wrong, texts


def _any(frame: pl.DataFrame, layout: Layout, sign: str) -> bool:
    found = [cell(place).str.contains(sign, literal=True).any() for place in range(layout.width)]
    return bool(frame.select(pl.any_horizontal(pl.lit(value=False), *found)).item())


def _place(at: tuple[int, int]) -> str:
    """A cell as spreadsheets name it."""
    row, column = at
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _texts(cells: Sequence[Cell], write: Writer) -> Iterable[str]:
    """The texts of a column; most have cells of one kind, which go the short way."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return cells  # type: ignore[return-value]
    if kinds == {float}:
        plain = [*map(_PLAIN, cells)]
        if "e" not in "".join(plain):
            has_comma = write(0.5) == "0,5"
            return [text.replace(".", ",") for text in plain] if has_comma else plain
    if kinds == {date}:
        texts = {day: write(day) for day in set(cells)}
        return [texts[day] for day in cells]
    return [one if type(one) is str else write(one) for one in cells]


def _writer(source: Source, layout: Layout, place: int) -> Writer:
    """How typed cells of a column are written."""
    for column in TABLES[source.table].columns:
        found = theirs(source, column.name, layout)
        if found is None or not found.is_plain or layout.place(found.columns[0]) != place:
            continue
        if column.kind == "date":
            return _date_writer(source.date_format)
        if column.kind in NUMBERS:
            return _number_writer(source.decimal)
    return as_text


def _number_writer(decimal: str) -> Writer:
    def write(cell: Cell) -> str:
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return as_text(cell)
        text = format(cell, ".15g")
        if "e" in text:
            text = format(Decimal(text), "f")
        return text if decimal == "." else text.replace(".", decimal)

    return write


def _date_writer(date_format: str) -> Writer:
    @lru_cache(1 << 14)
    def written(day: date) -> str:
        if date_format == EXCEL:
            return str((date(day.year, day.month, day.day) - EXCEL_DAY_0).days)
        return day.strftime(date_format)

    def write(cell: Cell) -> str:
        return written(cell) if isinstance(cell, date) else as_text(cell)

    return write

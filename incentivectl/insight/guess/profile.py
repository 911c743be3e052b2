"""A file as the reader opens it before anybody has said what its columns are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.core.input_files import check_regular
from incentivectl.core.input_frames import Damaged, scan_parquet
from incentivectl.core.workbooks.cells import WorkbookError, as_text
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.core.workbooks.workbook import SheetName, Workbook
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.opening import Opened, open_files
from incentivectl.ingest.files.pieces import Piece
from incentivectl.insight.guess.contents import Contents, contents_of
from incentivectl.insight.guess.encoding import Encoding, encoding_of
from incentivectl.insight.guess.shape import Shape, shape_of, shape_of_sheet
from incentivectl.workspace.source import Source

ANY_TABLE, ANY_ID = "products", "product_id"  # a table that needs one column only


@dataclass(frozen=True)
class Profile:
    """One file: how it is written, its records as text cells, and what its columns hold."""

    file: Path
    encoding: Encoding
    shape: Shape
    piece: Piece
    columns: tuple[Contents, ...]
    sheet: str | None = None

    @property
    def name(self) -> str:
        """What the export is called: the file without its ending, and the sheet."""
        stem = self.file.name.split(".")[0]
        return f"{stem} {self.sheet}" if self.sheet else stem

    @property
    def readable(self) -> list[Contents]:
        """The columns that a source can name: below a header not those without a name."""
        return [one for one in self.columns if one.name or not self.shape.header]

    @property
    def cells(self) -> pl.LazyFrame:
        """The records, with the columns of `Piece.cells`."""
        return self.piece.cells


def profiles_of(file: Path, scratch: Path) -> list[Profile]:
    """The profile of a file, or of each sheet of a workbook that has columns.

    Raises Refused if it cannot be read or holds no table.
    """
    if is_workbook(file):
        found = [
            _opened(file, Encoding("utf-8"), shape, scratch, name) for name, shape in _sheets(file)
        ]
    elif file.suffix == ".parquet":
        found = [_opened(file, Encoding("utf-8"), _parquet_shape(file), scratch)]
    else:
        found = [_text_profile(file, scratch)]
    if not found:
        raise Refused([_no_table(file)], ExitCode.DATA)
    return found


def _text_profile(file: Path, scratch: Path) -> Profile:
    found = encoding_of(file, scratch)
    if isinstance(found, Problem):
        raise Refused([found], ExitCode.DATA)
    encoding, text = found
    shape = shape_of(text.path)
    if shape is None:
        raise Refused([_no_table(file)], ExitCode.DATA)
    return _opened(file, encoding, shape, scratch)


def _sheets(file: Path) -> list[tuple[str, Shape]]:
    """The sheets that are not hidden and have columns."""
    try:
        with Workbook(file) as workbook:
            shapes = [
                (sheet.name, shape_of_sheet(_texts(workbook, sheet)))
                for sheet in workbook.sheets
                if not sheet.hidden
            ]
    except WorkbookError as error:
        problem = Problem(error.code, error.message, error.hint, file=file)
        raise Refused([problem], ExitCode.DATA) from None
    except BeyondLimitError as error:
        raise Refused([error.problem(file)], ExitCode.DATA) from None
    return [(name, shape) for name, shape in shapes if shape is not None]


def _texts(workbook: Workbook, sheet: SheetName) -> Iterator[tuple[int, list[str]]]:
    for number, cells in workbook.rows(sheet):
        yield number, [as_text(cell) for cell in cells]


def _parquet_shape(file: Path) -> Shape:
    check_regular(file)
    try:
        names = tuple(scan_parquet(file).collect_schema().names())
    except Damaged as error:
        problem = Problem("damaged-file", str(error).splitlines()[0], "export it again", file=file)
        raise Refused([problem], ExitCode.DATA) from None
    return Shape(",", True, 0, len(names), names)


def _opened(
    file: Path, encoding: Encoding, shape: Shape, scratch: Path, sheet: str | None = None
) -> Profile:
    opened = Opened()
    source = _any_source(file, encoding, shape, sheet)
    open_files(opened, [DataFile(source, file, file.name)], scratch)
    if errors := errors_in(opened.problems):
        raise Refused(errors, ExitCode.DATA)
    if not opened.pieces:
        raise Refused([_no_table(file)], ExitCode.DATA)
    piece = opened.pieces[0]
    columns = contents_of(piece)
    if not shape.header:
        columns = [replace(one, name="") for one in columns]
    return Profile(file, encoding, shape, piece, tuple(columns), sheet)


def _any_source(file: Path, encoding: Encoding, shape: Shape, sheet: str | None) -> Source:
    """A source that reads every column of the file as text."""
    names = shape.first
    single = next((name for name in names if name and names.count(name) == 1), "")
    return Source(
        ANY_TABLE,
        file.stem,
        (str(file),),
        declared=True,
        encoding=encoding.name,
        delimiter=shape.delimiter,
        decimal="," if shape.delimiter == "." else ".",
        header=shape.header,
        positions=() if shape.header else (ANY_ID, *("" for _ in range(shape.width - 1))),
        columns={ANY_ID: (single.replace("{", "{{").replace("}", "}}"),)} if shape.header else {},
        skip_rows=shape.skip_rows,
        sheet=sheet,
    )


def _no_table(file: Path) -> Problem:
    hint = "is it an export with one record a line, in columns?"
    return Problem("no-table", "no columns were found in it", hint, file=file)

"""A file as the reader opens it before anybody has said what its columns are."""

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.opening import Opened, open_files
from incentivectl.ingest.files.pieces import Piece
from incentivectl.insight.guess.contents import Contents, contents_of
from incentivectl.insight.guess.encoding import Encoding, encoding_of
from incentivectl.insight.guess.shape import Shape, shape_of
from incentivectl.workspace.workspace import Source

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
    def cells(self) -> pl.LazyFrame:
        """The records, with the columns of `Piece.cells`."""
        return self.piece.cells


def profiles_of(file: Path, scratch: Path) -> list[Profile]:
    """The profile of a file; raises Refused where it cannot be read or holds no table."""
    return [_profile_of(file, scratch)]


def _profile_of(file: Path, scratch: Path) -> Profile:
    found = encoding_of(file, scratch)
    if isinstance(found, Problem):
        raise Refused([found], ExitCode.DATA)
    encoding, text = found
    shape = shape_of(text.path)
    if shape is None:
        raise Refused([_no_table(file)], ExitCode.DATA)
    opened = Opened()
    open_files(opened, [DataFile(_any_source(file, encoding, shape), file, file.name)], scratch)
    if errors := errors_in(opened.problems):
        raise Refused(errors, ExitCode.DATA)
    if not opened.pieces:
        raise Refused([_no_table(file)], ExitCode.DATA)
    piece = opened.pieces[0]
    columns = contents_of(piece)
    if not shape.header:
        columns = [replace(one, name="") for one in columns]
    return Profile(file, encoding, shape, piece, tuple(columns))


def _any_source(file: Path, encoding: Encoding, shape: Shape) -> Source:
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
    )


def _no_table(file: Path) -> Problem:
    hint = "is it an export with one record a line, in columns?"
    return Problem("no-table", "no columns were found in it", hint, file=file)

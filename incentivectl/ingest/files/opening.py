"""Opens a table's files: text, layout and way of reading of each, and what is wrong with them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.errors import Problem, errors_in
from incentivectl.core.frames import ROW
from incentivectl.core.input_files import Seen, has_changed
from incentivectl.core.input_frames import scan_parquet
from incentivectl.core.nouns import counted
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.layout import Layout, layout_of, layout_problems
from incentivectl.ingest.files.parquet import parquet_layout
from incentivectl.ingest.files.pieces import Piece, ReadFile, Way
from incentivectl.ingest.files.records import pieces_of, way_of
from incentivectl.ingest.files.sheets import Sheet, read_sheet
from incentivectl.ingest.files.text import Text, hashed, plain_text
from incentivectl.ingest.files.traits import Traits
from incentivectl.ingest.rows.correction_places import CORRECTIONS, find_corrections

MOST_FILES_NAMED = 12
MOST_MERGED_NAMED = 3
FILES = {
    "table": pl.String,
    "source": pl.String,
    "path": pl.String,
    "bytes": pl.Int64,
    "sha256": pl.String,
    "rows": pl.Int64,
}


@dataclass
class Opened:
    """The files of one table as pieces; `files` has a row for every one that could be opened.

    `corrections` (columns `CORRECTIONS`) are the rows that correct rejected ones of the same files.
    """

    pieces: list[Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[tuple[str, str, str, int, str, int]] = field(default_factory=list)
    seen: dict[Path, Seen] = field(default_factory=dict)
    corrections: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CORRECTIONS))

    @property
    def rows(self) -> int:
        """How many rows all files hold."""
        return sum(row[-1] for row in self.files)

    def rows_of(self, source: str) -> int:
        """How many rows the files of a source hold."""
        return sum(row[-1] for row in self.files if row[1] == source)

    def changed(self) -> list[Problem]:
        """The files that are no longer as they were when they were opened."""
        hint = "it is being written: wait until it is complete, then run again"
        return [
            Problem("file-changed", "the file changed while it was read", hint, file=path)
            for path, before in self.seen.items()
            if has_changed(path, before)
        ]

    def file_starts(self) -> pl.DataFrame:
        """`row` (UInt64): the first row of each file that has any; `_file` (UInt32): its number."""
        starts = [file.first_row for piece in self.pieces for file in piece.files]
        return pl.DataFrame({"row": starts}, schema={"row": ROW}).with_row_index("_file")


def open_files(
    opened: Opened,
    files: Sequence[DataFile],
    scratch: Path,
    progress: Callable[[int], None] | None = None,
    first_row: int = 0,
) -> None:
    """Opens all files of one table in reading order; their rows are numbered from `first_row` on."""
    ready: list[ReadFile] = []
    for file in files:
        one = _open_file(file, first_row, scratch, opened, progress)
        if isinstance(one, ReadFile):
            ready.append(one)
            first_row += one.most_rows
        elif one is not None:  # without any row
            opened.files.append(_file_row(file, one, 0))
    opened.pieces, opened.corrections = find_corrections([*pieces_of(ready, scratch)])
    for piece in opened.pieces:
        for read, rows in zip(piece.files, piece.records, strict=True):
            opened.files.append(_file_row(read.file, read.text, rows))
            if not rows:
                opened.problems.append(_empty(read.file))
    opened.problems = condensed(opened.problems)


def _file_row(file: DataFile, text: Text, rows: int) -> tuple[str, str, str, int, str, int]:
    return (file.source.table, file.source.name, file.name, text.bytes, text.sha256, rows)


def _most_rows(file: DataFile, text: Text, layout: Layout, way: Way, sheet: Sheet | None) -> int:
    """An upper bound of a file's rows, so that those of the next file come after them.

    Files that lie side by side in one scan are numbered on without a gap.
    """
    if sheet is not None:
        return sheet.rows
    if way == "parquet":
        return int(scan_parquet(file.path).select(pl.len()).collect().item())
    if way == "split":
        return text.traits.most_records
    return max(text.traits.lines - layout.lines_before, 0)


def _open_file(
    file: DataFile,
    first_row: int,
    scratch: Path,
    opened: Opened,
    progress: Callable[[int], None] | None,
) -> ReadFile | Text | None:
    """The file ready to be read; only its text where it holds nothing; None if it is broken."""
    problems = opened.problems
    if (missing := file.fetch()) is not None:
        problems.append(missing)
        return None
    is_parquet = file.path.suffix == ".parquet"
    text = (
        hashed(file.path, progress)
        if is_parquet or is_workbook(file.path)
        else plain_text(
            file.path, file.source.encoding, scratch, progress, delimiter=file.source.delimiter
        )
    )
    if isinstance(text, Problem):
        problems.append(text)
        return None
    opened.seen[file.path] = text.seen
    layout: Layout | Problem | None
    sheet: Sheet | Problem | None = None
    try:
        if is_workbook(file.path):
            sheet = read_sheet(file, scratch)
            layout = sheet.layout if isinstance(sheet, Sheet) else sheet
        else:
            layout = parquet_layout(file) if is_parquet else layout_of(file, text)
    except BeyondLimitError as error:
        layout = error.problem(file.path)
    if layout is None:
        problems.append(_empty(file))
        return text
    if isinstance(layout, Problem):
        problems.append(layout)
        return None
    constants = _constants(file)
    found = [*layout_problems(file, layout, dict(constants)), *_path_problems(file)]
    problems += found
    if errors_in(found):
        return None
    way = way_of(text, file.path)
    found_sheet = sheet if isinstance(sheet, Sheet) else None
    most_rows = _most_rows(file, text, layout, way, found_sheet)
    read = ReadFile(file, text, layout, way, first_row, most_rows, constants)
    return read if found_sheet is None else _with_records(read, found_sheet, problems)


def _with_records(read: ReadFile, sheet: Sheet, problems: list[Problem]) -> ReadFile:
    traits = Traits(replacements=sheet.replacements, errors=sheet.errors)
    if sheet.merged:
        problems.append(_merged(read.file, sheet.merged))
    return replace(read, text=replace(read.text, traits=traits), records=sheet.cells)


def _merged(file: DataFile, cells: Sequence[str]) -> Problem:
    listed = ", ".join(cells[:MOST_MERGED_NAMED])
    more = len(cells) - MOST_MERGED_NAMED
    listed += f" and {more:,} more" if more > 0 else ""
    message = f"cells are merged: {listed}; the first of them holds the value, the others are empty"
    hint = "split them and repeat the value where it belongs, or name the column in `fill_down`"
    return Problem("merged-cells", message, hint, file=file.path, severity="warning")


def _constants(file: DataFile) -> tuple[tuple[str, str], ...]:
    """The values that `from_path` reads out of the file's name, else out of its whole path."""
    found = []
    for ours, pattern in file.source.from_path.items():
        match = re.search(pattern, file.path.name) or re.search(pattern, file.name)
        if match is not None:
            found.append((ours, match[1] or ""))
    return tuple(found)


def _path_problems(file: DataFile) -> list[Problem]:
    found = dict(_constants(file))
    return [
        Problem(
            "path-without-value",
            f"from_path finds no {ours} in its name",
            f"the pattern is {pattern}",
            file=file.path,
            severity="warning",
        )
        for ours, pattern in file.source.from_path.items()
        if ours not in found
    ]


def condensed(problems: list[Problem]) -> list[Problem]:
    """The same problem of several files only once, at the first of them, with the others' names."""
    alike: dict[tuple[str, str, str, str], list[Problem]] = {}
    for problem in problems:
        key = (problem.code, problem.severity, problem.message, problem.hint)
        alike.setdefault(key, []).append(problem)
    return [
        replace(first, message=f"{first.message}{_also_in(others)}")
        for first, *others in alike.values()
    ]


def _also_in(others: list[Problem]) -> str:
    names = [problem.file.name for problem in others if problem.file is not None]
    more = len(names) - MOST_FILES_NAMED
    listed = ", ".join(names[:MOST_FILES_NAMED])
    if not names:
        return ""
    return f" (also {listed} and {counted(more, 'more file')})" if more > 0 else f" (also {listed})"


def _empty(file: DataFile) -> Problem:
    hint = "is the export complete?"
    return Problem("empty-file", "the file has no rows", hint, file=file.path, severity="warning")

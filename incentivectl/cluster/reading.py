"""Sale lines that an engine reads: files are read by tasks, lines are resolved in buckets.

What is told of rows is found in each bucket, and put together; the text of rejected rows comes from the
tasks that read them.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from incentivectl.cluster.asking import BucketParts
from incentivectl.cluster.buckets import Resolved, first_rows, gather, schemas_of
from incentivectl.cluster.cutting import FilesRead, Head, cells_file, cut, tasks_of
from incentivectl.cluster.engine import Engine
from incentivectl.cluster.how_far import HowFar, Show
from incentivectl.cluster.shared import Kept
from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.core.frames import ROW
from incentivectl.core.input_files import Seen, seen
from incentivectl.core.input_frames import scan_parquet
from incentivectl.core.nouns import counted
from incentivectl.ingest.account.of_sales import together
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.opening import Opened, condensed, open_files
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import lines_elsewhere
from incentivectl.ingest.sale_lines.elsewhere import LinesElsewhere
from incentivectl.ingest.sale_lines.line_rules import LineRules

FileRow = tuple[str, str, str, int, str, int]  # of `Opened.files`
BUCKET_BYTES = 256 << 20  # of files, for each bucket


@dataclass(frozen=True)
class _TaskOfPiece:
    """The task that read a piece: its files, its first row, and what it kept of its pieces."""

    files: tuple[DataFile, ...]
    begin: int
    cells: Kept


class SpreadReading:
    """Reads sale lines with an engine (`ingest.sale_lines.elsewhere.ReadElsewhere`)."""

    def __init__(
        self,
        engine: Engine,
        scratch: Path,
        buckets: int | None = None,
        progress: Show = lambda _: None,
        pace: Show | None = None,
    ) -> None:
        """`progress` is told of each step, and `pace`, if anybody looks, how far it has come in between."""
        self._engine = engine
        self._scratch = scratch
        self._buckets = buckets
        self._progress = progress
        self._pace = pace

    def __call__(
        self, files: Sequence[DataFile], rules: LineRules, progress: Progress
    ) -> LinesElsewhere | None:
        """See `ReadElsewhere`; None where corrections of rejected rows need all files at once."""
        before = {file.path: seen(file.path) for file in files if file.path.is_file()}
        place = self._engine.shared
        known = place.put("line-rules", rules)
        count = self._buckets or self._enough(files)
        tasks = tasks_of(files, known, place, count)
        self._progress(
            f"reading sales in {counted(len(tasks), 'task')} into {counted(count, 'bucket')}"
        )
        sizes = [sum(file.size for file in task.files) for task in tasks]
        with HowFar(sizes, count).shown(place, self._pace):
            *results, accounts = self._engine.spread(
                cut,
                [pickle.dumps(task) for task in tasks],
                partial(gather, known, place, count),
                count + 1,
            )
        read = sorted(map(_files_read, pickle.loads(accounts)), key=lambda one: one.number)
        if any(one.corrects for one in read):
            return None
        resolved: list[Resolved] = [pickle.loads(result) for result in results]
        opened = _opened(read, before)
        rows = _GatheredRows(
            "sales",
            opened,
            pl.LazyFrame(),
            rejected_here=pl.concat(one.rejected for one in resolved),
            scratch=self._scratch,
            tasks=_tasks_by_piece(read, [task.files for task in tasks]),
        )
        sales, returns = schemas_of(rules, self._scratch / "nowhere")
        buckets = tuple(one.bucket for one in resolved)
        return LinesElsewhere(
            rows,
            lines_elsewhere(sales),
            lines_elsewhere(returns),
            together([one.account for one in resolved]),
            BucketParts(self._engine, buckets, known, self._scratch, self._progress, self._pace),
        )

    def _enough(self, files: Sequence[DataFile]) -> int:
        """Buckets that fit into memory, and are enough for everybody to have one."""
        size = sum(file.size for file in files)
        return max(size // BUCKET_BYTES + 1, self._engine.width)


def _files_read(piece: bytes) -> FilesRead:
    found: FilesRead = pickle.loads(piece)
    return found


def _opened(read: Sequence[FilesRead], before: dict[Path, Seen]) -> Opened:
    """All files as one machine opens them: in order, with the numbers of rows that they have there."""
    begins = _begins(read)
    opened = Opened(seen=dict(before))
    empty: list[FileRow] = []
    late: list[Problem] = []
    damaged: list[Problem] = []
    for one in read:
        pieces = [_moved(piece, begins[one.number]) for piece in one.opened.pieces]
        with_rows = sum(len(piece.files) for piece in pieces)
        at = len(one.opened.files) - with_rows
        empty += one.opened.files[:at]
        opened.files += one.opened.files[at:]
        opened.pieces += pieces
        no_rows = {
            file.file.path
            for piece in pieces
            for file, rows in zip(piece.files, piece.records, strict=True)
            if not rows
        }
        for problem in one.opened.problems:
            is_late = problem.code == "empty-file" and problem.file in no_rows
            (late if is_late else opened.problems).append(problem)
        damaged += one.damaged
    opened.files = [*empty, *opened.files]
    opened.problems = [*condensed([*opened.problems, *late]), *damaged[:1]]
    return opened


def _begins(read: Sequence[FilesRead]) -> dict[int, int]:
    """The first row of each task, by its number."""
    return first_rows([Head(one.number, _rows_of(one.opened), ()) for one in read])


def _tasks_by_piece(
    read: Sequence[FilesRead], files: Sequence[tuple[DataFile, ...]]
) -> dict[int, _TaskOfPiece]:
    begins = _begins(read)
    return {
        piece.first.first_row + begins[one.number]: _TaskOfPiece(
            files[one.number], begins[one.number], one.cells
        )
        for one in read
        for piece in one.opened.pieces
    }


def _rows_of(opened: Opened) -> int:
    files = [file for piece in opened.pieces for file in piece.files]
    return files[-1].first_row + files[-1].most_rows if files else 0


def _moved(piece: Piece, by: int) -> Piece:
    return replace(
        piece,
        files=tuple(replace(file, first_row=file.first_row + by) for file in piece.files),
    )


@dataclass
class _GatheredRows(TableRows):
    """Rows whose files were read elsewhere; `tasks` are those that read the pieces, by their first rows.

    Nothing is known of them but what is rejected.
    """

    rejected_here: pl.DataFrame = field(default_factory=pl.DataFrame)
    scratch: Path = Path()
    tasks: Mapping[int, _TaskOfPiece] = field(default_factory=dict)
    again: dict[int, Piece] = field(default_factory=dict)

    def rejected_rows(self) -> pl.DataFrame:
        """See `TableRows`."""
        return self.rejected_here

    def rejectable(self, piece: Piece) -> Piece:
        """The piece with the records that its task kept, which carry their lines and texts."""
        task = self.tasks[piece.first.first_row]
        row = pl.col("row") + pl.lit(task.begin, dtype=ROW)
        files = tuple(replace(file, way="split") for file in piece.files)
        name = cells_file(piece.first.first_row - task.begin)
        cells = scan_parquet(task.cells.folder(self.scratch) / name)
        return replace(piece, files=files, cells=cells.with_columns(row))

    def cells_of(self, piece: Piece) -> pl.LazyFrame:
        """The cells of a piece that is `rejectable`."""
        return piece.cells

    def with_lines(self, piece: Piece) -> Piece:
        """The piece, read again where its records carry their lines."""
        first = piece.first.first_row
        if not piece.first.has_lines:
            return piece
        if first not in self.again:
            task, opened = self.tasks[first], Opened()
            open_files(opened, task.files, self.scratch, first_row=task.begin)
            if gone := [one for one in errors_in(opened.problems) if one.file is None]:
                raise Refused(gone, ExitCode.DATA)  # objects
            self.again |= {one.first.first_row: one for one in opened.pieces}
        if first not in self.again or self.again[first].records != piece.records:
            message = "the file changed while it was read"
            hint = "it is being written: wait until it is complete, then run again"
            problem = Problem("file-changed", message, hint, file=piece.first.file.path)
            raise Refused([problem], ExitCode.DATA)
        return self.again[first]

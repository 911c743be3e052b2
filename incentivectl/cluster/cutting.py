"""A task that reads some files of sale lines, and cuts what it read by the hash of the partner.

Lines come out typed, with the numbers that rows have in this task alone: a bucket learns from the heads of
all tasks at which number each begins, and so gives every line the number that one machine gives it.
"""

import io
import pickle
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import polars as pl
import polars.selectors as cs

from incentivectl.cluster.how_far import name_read
from incentivectl.cluster.shared import Kept, Shared
from incentivectl.core.errors import Problem
from incentivectl.core.input_files import opened as opened_file
from incentivectl.core.output_files import output_file
from incentivectl.core.scratch import scratch_folder
from incentivectl.core.tables import SALE
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.opening import Opened, open_files
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.files.readable import readable
from incentivectl.ingest.files.records import raw_texts
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.rows.correction_places import names_rejects
from incentivectl.ingest.rows.unknown import name_columns
from incentivectl.ingest.sale_lines.kept_cells import CELLS, KeptCells
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.snapshot import LinesByPart, snapshot_schema
from incentivectl.ingest.sale_lines.typing import type_lines

_LINES = "lines"  # a file of pickles: a bucket, and a pickle of `Lines`
TASK_BYTES = 64 << 20  # of small files that one task reads together


@dataclass(frozen=True)
class ReadTask:
    """The `number`-th task: its files, and into how many buckets lines are cut."""

    number: int
    files: tuple[DataFile, ...]
    rules: Kept  # `LineRules`
    place: Shared  # where what the driver needs of it is kept
    buckets: int


@dataclass(frozen=True)
class Head:
    """What every bucket must know of a task: how many row numbers it takes, and where its files begin."""

    number: int
    rows: int
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Lines:
    """Lines of one part of the snapshot and one source, the `at`-th of a task, as a Parquet file."""

    number: int
    at: int
    part: str
    source: str
    content: bytes


@dataclass(frozen=True)
class FilesRead:
    """The files of a task as they were found: `opened` without their cells.

    `cells` has a file for each piece, by its first row in the task, with the records that may be rejected:
    `row`, `line`, `text` where it has a wrong number of cells, and the cells. `corrects` tells that some row
    corrects a rejected one.
    """

    number: int
    opened: Opened
    damaged: tuple[Problem, ...]
    corrects: bool
    cells: Kept


def tasks_of(files: Sequence[DataFile], rules: Kept, place: Shared, buckets: int) -> list[ReadTask]:
    """Files in reading order, small ones together; a file is never cut."""
    groups: list[list[DataFile]] = []
    size = 0
    for file in files:
        if not groups or size + file.size > TASK_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += file.size
    return [
        ReadTask(number, tuple(some), rules, place, buckets) for number, some in enumerate(groups)
    ]


def cut(task: bytes) -> Iterator[tuple[int, bytes]]:
    """What a task (`ReadTask`) gives to each bucket; the group after them all gets its `FilesRead`."""
    one: ReadTask = pickle.loads(task)
    with scratch_folder() as scratch:
        yield from _cut(one, Path(scratch))


def _cut(one: ReadTask, scratch: Path) -> Iterator[tuple[int, bytes]]:
    rules: LineRules = one.rules.value()
    opened, damaged = Opened(), list[Problem]()
    files = [file.within(scratch / "objects") for file in one.files]
    open_files(opened, files, scratch)
    corrects = not names_rejects(opened.pieces).is_empty()
    kept = readable(opened, lambda found: _typed(found, one, rules, scratch), damaged)
    yield from _spooled(scratch / _LINES)
    read = [file for piece in opened.pieces for file in piece.files]
    rows = read[-1].first_row + read[-1].most_rows if read else 0
    head = pickle.dumps(Head(one.number, rows, tuple(file.first_row for file in read)))
    for bucket in range(one.buckets):
        yield bucket, head
    rejectable = _rejectable(opened, kept, scratch / "rejectable")
    lines = sum(sum(piece.records) for piece in opened.pieces)
    cells = one.place.keep(name_read(one.number, lines), rejectable)
    drivers = {here.path: file for here, file in zip(files, one.files, strict=True)}
    opened.pieces = [_for_driver(piece, drivers) for piece in opened.pieces]
    opened.problems = [_with_path(problem, drivers) for problem in opened.problems]
    told = tuple(_with_path(problem, drivers) for problem in damaged)
    yield one.buckets, pickle.dumps(FilesRead(one.number, opened, told, corrects, cells))


def _for_driver(piece: Piece, drivers: Mapping[Path, DataFile]) -> Piece:
    """The piece under the driver's names, without its cells."""
    files = tuple(replace(file, file=drivers[file.file.path], records=None) for file in piece.files)
    return replace(piece, files=files, cells=pl.LazyFrame())


def _with_path(problem: Problem, drivers: Mapping[Path, DataFile]) -> Problem:
    file = None if problem.file is None else drivers.get(problem.file)
    return problem if file is None else replace(problem, file=file.path)


def schema_of(rules: LineRules) -> dict[str, pl.DataType]:
    """The columns of lines on their way to a bucket and in it."""
    return snapshot_schema(rules.attributes) | name_columns("sales", rules.masters)


def _typed(opened: Opened, one: ReadTask, rules: LineRules, scratch: Path) -> KeptCells:
    """Types all lines and spools them by bucket; gives the cells of those that may be rejected."""
    shutil.rmtree(scratch / CELLS, ignore_errors=True)  # of a reading that came upon a damaged file
    kept, numbers = KeptCells(scratch / CELLS), count()
    with output_file(scratch / _LINES, sync=False) as spool:

        def write(part: str, source: str, lines: pl.DataFrame) -> None:
            for bucket, some in _by_bucket(lines, one.buckets):
                buffer = io.BytesIO()
                some.write_parquet(buffer, compression="lz4", statistics=False)
                piece = Lines(one.number, next(numbers), part, source, buffer.getvalue())
                pickle.dump((bucket, pickle.dumps(piece)), spool)

        type_lines(opened, rules, LinesByPart(schema_of(rules), write), kept, Progress(None, ()))
    return kept


def _by_bucket(lines: pl.DataFrame, buckets: int) -> Iterator[tuple[int, pl.DataFrame]]:
    cut_up = lines.with_columns(_bucket=bucket_of(lines, buckets))
    parts = cut_up.partition_by("_bucket", as_dict=True, include_key=False)
    for (bucket,), some in parts.items():
        yield int(str(bucket)), some


def _spooled(spool: Path) -> Iterator[tuple[int, bytes]]:
    size = spool.stat().st_size
    with opened_file(spool) as file:
        while file.tell() < size:
            bucket, piece = pickle.load(file)
            yield bucket, piece


def _rejectable(opened: Opened, kept: KeptCells, folder: Path) -> Path:
    """The records that may be rejected, in a file for each piece (see `FilesRead`)."""
    folder.mkdir()
    for piece in opened.pieces:
        cells = kept.of(piece).select("row", "wrong", cs.matches(r"^c\d+$")).collect()
        if cells.is_empty():
            continue
        located = piece.located(cells)
        texts = raw_texts(piece, cells.filter("wrong")["row"])
        told = located.drop("file", "wrong").join(texts, on="row", how="left")
        with output_file(folder / cells_file(piece.first.first_row), sync=False) as file:
            told.write_parquet(file, compression="lz4")
    return folder


def cells_file(first_row: int) -> str:
    """The file for a piece by its first row in the task."""
    return f"{first_row}.parquet"


def bucket_of(lines: pl.DataFrame, buckets: int) -> pl.Expr:
    """Where lines go (UInt64): by their partner, rejected ones without a partner by their sale."""
    partner = _id_of(lines, "partner_id")
    by_sale = pl.struct(_id_of(lines, name).alias(name) for name in SALE).hash()
    return pl.when(partner.is_null()).then(by_sale).otherwise(partner.hash()) % buckets


def _id_of(lines: pl.DataFrame, name: str) -> pl.Expr:
    """A column of ids; null where none of these lines has one, which the snapshot then leaves out."""
    return pl.col(name) if name in lines.columns else pl.lit(None, dtype=pl.String)

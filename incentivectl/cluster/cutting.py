"""A task that reads some files of sale lines, and cuts what it read by the hash of the partner.

Lines come out typed, with the numbers that rows have in this task alone: a bucket learns from the heads of
all tasks at which number each begins, and so gives every line the number that one machine gives it.
"""

import glob
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from incentivectl.cluster.parcels import got
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_frames import read_parquet
from incentivectl.core.objects import ObjectError, copies, is_url
from incentivectl.core.scratch import scratch_folder
from incentivectl.core.tables import SALE
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.opening import Opened, open_files
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.reading import readable
from incentivectl.ingest.rows.correction_places import names_rejects
from incentivectl.ingest.sale_lines.elsewhere import LineRules
from incentivectl.ingest.sale_lines.snapshot import PARTS
from incentivectl.ingest.sale_lines.typing import SNAPSHOT, read_sales

TASK_BYTES = 64 << 20  # of small files that one task reads together


@dataclass(frozen=True)
class ReadTask:
    """The `number`-th task: its files, and into how many buckets lines are cut."""

    number: int
    files: tuple[DataFile, ...]
    rules: Path  # a pickle of `LineRules`
    buckets: int


@dataclass(frozen=True)
class Head:
    """What every bucket must know of a task: how many row numbers it takes, and where its files begin."""

    number: int
    rows: int
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Lines:
    """Lines of one part of the snapshot and one source."""

    number: int
    part: str
    source: str
    frame: pl.DataFrame


@dataclass(frozen=True)
class FilesRead:
    """The files of a task as they were found: `opened` without their cells.

    `corrects` tells that some row corrects a rejected one.
    """

    number: int
    opened: Opened
    damaged: tuple[Problem, ...]
    corrects: bool


def tasks_of(files: Sequence[DataFile], rules: Path, buckets: int) -> list[ReadTask]:
    """Files in reading order, small ones together; a file is never cut."""
    groups: list[list[DataFile]] = []
    size = 0
    for file in files:
        own = file.path.stat().st_size if file.path.is_file() else 0
        if not groups or size + own > TASK_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += own
    return [ReadTask(number, tuple(some), rules, buckets) for number, some in enumerate(groups)]


def cut(task: bytes) -> Iterator[tuple[int, bytes]]:
    """What a task (`ReadTask`) gives to each bucket; the group after them all gets its `FilesRead`."""
    one: ReadTask = pickle.loads(task)
    with scratch_folder() as scratch:
        yield from _cut(one, Path(scratch))


def _cut(one: ReadTask, scratch: Path) -> Iterator[tuple[int, bytes]]:
    rules: LineRules = got(one.rules)
    opened, damaged = Opened(), list[Problem]()
    files = [_reached(file, scratch / "objects") for file in one.files]
    open_files(opened, files, scratch)
    corrects = not names_rejects(opened.pieces).is_empty()
    readable(
        opened,
        lambda found: read_sales(
            found,
            rules.masters,
            rules.attributes,
            rules.rates,
            rules.currency,
            scratch,
            Progress(None, ()),
        ),
        damaged,
    )
    for bucket, lines in _by_bucket(one, scratch / SNAPSHOT):
        yield bucket, pickle.dumps(lines)
    read = [file for piece in opened.pieces for file in piece.files]
    rows = read[-1].first_row + read[-1].most_rows if read else 0
    head = pickle.dumps(Head(one.number, rows, tuple(file.first_row for file in read)))
    for bucket in range(one.buckets):
        yield bucket, head
    drivers = {here.path: file for here, file in zip(files, one.files, strict=True)}
    opened.pieces = [_for_driver(piece, drivers) for piece in opened.pieces]
    opened.problems = [_with_path(problem, drivers) for problem in opened.problems]
    told = tuple(_with_path(problem, drivers) for problem in damaged)
    yield one.buckets, pickle.dumps(FilesRead(one.number, opened, told, corrects))


def _reached(file: DataFile, folder: Path) -> DataFile:
    """The file; of an object that this machine does not have, a copy of its own."""
    if not is_url(file.name) or file.path.exists():
        return file
    try:
        (copy,) = copies(glob.escape(file.name), folder)
    except ObjectError as error:
        problem = Problem(error.code, error.message, error.hint)
        raise Refused([problem], ExitCode.DATA) from None
    return replace(file, path=copy.path)


def _for_driver(piece: Piece, drivers: Mapping[Path, DataFile]) -> Piece:
    """The piece under the driver's names, without its cells."""
    files = tuple(replace(file, file=drivers[file.file.path], records=None) for file in piece.files)
    return replace(piece, files=files, cells=pl.LazyFrame())


def _with_path(problem: Problem, drivers: Mapping[Path, DataFile]) -> Problem:
    file = None if problem.file is None else drivers.get(problem.file)
    return problem if file is None else replace(problem, file=file.path)


def _by_bucket(one: ReadTask, snapshot: Path) -> Iterator[tuple[int, Lines]]:
    from urllib.parse import unquote

    for part in PARTS:
        for folder in sorted((snapshot / part).glob("*")):
            for file in sorted(folder.glob("*.parquet")):
                lines = read_parquet(file)
                cut = lines.with_columns(_bucket=bucket_of(lines, one.buckets))
                for (bucket,), some in cut.partition_by(
                    "_bucket", as_dict=True, include_key=False
                ).items():
                    yield int(str(bucket)), Lines(one.number, part, unquote(folder.name), some)


def bucket_of(lines: pl.DataFrame, buckets: int) -> pl.Expr:
    """Where lines go (UInt64): by their partner, rejected ones without a partner by their sale."""
    partner = _id_of(lines, "partner_id")
    by_sale = pl.struct(_id_of(lines, name).alias(name) for name in SALE).hash()
    return pl.when(partner.is_null()).then(by_sale).otherwise(partner.hash()) % buckets


def _id_of(lines: pl.DataFrame, name: str) -> pl.Expr:
    """A column of ids; null where none of these lines has one, which the snapshot then leaves out."""
    return pl.col(name) if name in lines.columns else pl.lit(None, dtype=pl.String)

"""What frames have in common: how a schema is written, and sums of decimals as decimals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import polars as pl
import polars.selectors as cs

# Which of Polars' engines. Tables in memory are asked with the first, since the second takes longer to start
# than most of them to go through; for sale lines, `sales.in_memory.engine_for` says.
Engine = Literal["in-memory", "streaming"]
Schema = dict[str, pl.DataType | type[pl.DataType]]
# Numbers of rows of an export, in reading order. Several machines read more lines than 32 bits can number.
ROW = pl.UInt64
AT_ONCE = 50_000  # rows of payees that are worked on together
ROW_GROUP = 250_000  # fixed, or the same rows would lie in other groups of a Parquet file each time


def total(frame: pl.DataFrame, column: str) -> Decimal:
    """The exact sum of a decimal column; 0 where the frame is empty."""
    value = frame.get_column(column).sum()
    return Decimal(0) if value is None else Decimal(str(value))


def stacked(frames: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """The frames of programs, by place, as one that begins with `program` (UInt32)."""
    if not frames:
        return pl.DataFrame()
    heights = {place: frame.height for place, frame in frames.items() if frame.height}
    program = pl.Series("program", list(heights), dtype=pl.UInt32)
    places = program.repeat_by(pl.Series(heights.values(), dtype=pl.UInt32)).explode()
    return pl.concat(frames.values(), how="diagonal").insert_column(0, places)


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one schema, one below the other."""
    return pl.concat(parts)


def parts(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows of `frame`, some of them at a time; none without rows."""
    return frame.iter_slices(AT_ONCE)


def in_parts(frame: pl.DataFrame, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """What `work` makes of every row by itself, some rows at a time: what it takes on the way is small."""
    if frame.height <= AT_ONCE:
        return work(frame)
    return pl.concat(work(part) for part in parts(frame))


def constants_once(frame: pl.DataFrame) -> pl.DataFrame:
    """A large `frame` as it is, where a column with the same value in every row takes no memory.

    Polars keeps such a literal once, also when rows are chosen, sorted or sliced.
    """
    if frame.height <= AT_ONCE:
        return frame
    flat = cs.all() - cs.nested()
    same = frame.select(flat.eq_missing(flat.first()).all())
    names = [column.name for column in same.iter_columns() if column.item()]
    return frame.with_columns(pl.col(names).first())


def in_runs(frame: pl.DataFrame, by: str) -> Iterator[tuple[object, pl.DataFrame]]:
    """The rows that follow each other with the same value of `by`, with that value; nothing is copied."""
    first = 0
    for run in frame[by].rle().to_list():
        yield run["value"], frame.slice(first, run["len"])
        first += run["len"]

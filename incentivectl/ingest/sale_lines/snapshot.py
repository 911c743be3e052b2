"""The snapshot of the sales: typed lines on disk, in parts, so that what counts is read by itself.

Lines that count on their own date, in the workspace's currency (`home`) and in others (`away`); those
that name a sale they reverse (`returns`); and rejected and skipped rows (`refused`). Each part has a
folder for each source. What all lines of a part or of a file have in common is not written.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from urllib.parse import quote, unquote

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW
from incentivectl.core.input_frames import scan_parquet
from incentivectl.ingest.reasons import REASON
from incentivectl.ingest.rows.columns import schema_of

PARTS = ("home", "away", "returns", "refused")
PLAIN = ("home", "away")
LINES_AT_ONCE = 250_000
# Lines stand in a part mostly as their files do, by month, so that dates tell what a program may pass by.
DATES_ONLY = {"min": True, "max": True, "null_count": False, "distinct_count": False}
# What a line in the workspace's currency is worth there needs no column; amounts have 18 digits at most.
NARROW = dict.fromkeys(("quantity", "unit_price", "amount"), pl.Decimal(18, money.SCALE))


def snapshot_schema(attributes: Sequence[str]) -> dict[str, pl.DataType]:
    """The columns of the snapshot, before the names that stand beside ids."""
    first = {"row": ROW(), "_reason": REASON(), "_source": pl.String()}
    last = {"_given": pl.UInt8(), "_identity": pl.UInt64(), "_unknown": pl.Boolean()}
    partner_known = {"partner_known": pl.Boolean()}
    valued = {"amount_ws": money.AMOUNT}
    return first | schema_of("sales", attributes) | partner_known | last | valued


Write = Callable[[str, str, pl.DataFrame], None]


class LinesByPart:
    """Takes lines part by part, and has them written, many at a time.

    `write` is given one of `PARTS`, a source, and the columns that are stored, but for those that no line of
    them has.
    """

    def __init__(self, schema: Mapping[str, pl.DataType], write: Write) -> None:
        self._schema = schema
        self._put = write
        self._waiting: dict[tuple[str, str], list[pl.DataFrame]] = defaultdict(list)

    def add(self, part: str, source: str, lines: pl.DataFrame) -> None:
        """Takes some lines of one of `PARTS`; columns that they lack have the part's usual value."""
        waiting = self._waiting[part, source]
        waiting.append(lines)
        if sum(some.height for some in waiting) >= LINES_AT_ONCE:
            self._write(part, source)

    def finish(self) -> None:
        """Has written what is still waiting."""
        for part, source in list(self._waiting):
            self._write(part, source)

    def _write(self, part: str, source: str) -> None:
        lines = pl.concat(self._waiting.pop((part, source)), how="diagonal")
        if lines.is_empty():
            return
        stored = lines.select(
            pl.col(name).cast(dtype)
            for name, dtype in _stored(part, self._schema).items()
            if name in lines.columns and lines[name].null_count() < lines.height
        )
        self._put(part, source, stored)


def snapshot_writer(folder: Path, schema: Mapping[str, pl.DataType]) -> LinesByPart:
    """Writes lines into the files of a snapshot in `folder`."""
    numbers = count()

    def write(part: str, source: str, lines: pl.DataFrame) -> None:
        place = folder / part / quote(source, safe="")
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{next(numbers):06}.parquet"
        lines.write_parquet(path, compression="uncompressed", statistics=DATES_ONLY)

    return LinesByPart(schema, write)


def scanned_part(
    folder: Path, part: str, schema: Mapping[str, pl.DataType], currency: str
) -> pl.LazyFrame:
    """The lines of a part of the snapshot in `folder`; None if it has no file.

    `currency` is the workspace's.
    """
    sources = sorted((folder / part).glob("*"))
    if not sources:
        return pl.LazyFrame(schema=dict(schema))
    return pl.concat(_scanned(source, part, schema, currency) for source in sources)


def _scanned(
    folder: Path, part: str, schema: Mapping[str, pl.DataType], currency: str
) -> pl.LazyFrame:
    stored = _stored(part, schema)
    files = sorted(folder.glob("*.parquet"))
    lines = scan_parquet(files, schema=stored, missing_columns="insert")
    narrow = [pl.col(name).cast(schema[name]) for name in NARROW if part in PLAIN]
    known = _in_common(part, currency) | {"_source": pl.lit(unquote(folder.name))}
    return lines.with_columns(*narrow, **known).select(*schema)


def _in_common(part: str, currency: str) -> dict[str, pl.Expr]:
    """The columns that are the same in all lines of a part, or follow from its other columns."""
    nothing: dict[str, pl.Expr] = {}
    if part not in PLAIN:
        return nothing
    accepted = {"_reason": pl.lit(None, dtype=REASON)}
    if part == "away":
        return accepted
    worth = pl.col("amount").cast(money.AMOUNT)
    return accepted | {"currency": pl.lit(currency), "amount_ws": worth}


def _stored(part: str, schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """The columns of a part's files."""
    narrow = NARROW if part in PLAIN else {}
    left_out = {"_source", *_in_common(part, "")}
    return {name: narrow.get(name, dtype) for name, dtype in schema.items() if name not in left_out}

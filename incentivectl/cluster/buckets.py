"""A bucket: the lines of some partners, resolved as on one machine, and kept in a folder of its own."""

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import polars as pl

from incentivectl.cluster.cutting import Head, Lines, schema_of
from incentivectl.cluster.how_far import name_resolved
from incentivectl.cluster.shared import Kept, Shared
from incentivectl.core.frames import ROW
from incentivectl.core.input_frames import read_ipc, read_parquet
from incentivectl.core.output_files import write_file
from incentivectl.core.scratch import scratch_folder
from incentivectl.ingest.account.of_sales import OfSales, of_sales
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.resolving import finished_sales, resolve_sales
from incentivectl.ingest.sale_lines.reversed_lines import scanned_reversing, write_reversing
from incentivectl.ingest.sale_lines.sale_rows import SaleRows
from incentivectl.ingest.sale_lines.snapshot import snapshot_writer
from incentivectl.ingest.sale_lines.typing import SNAPSHOT

_DECIDED = ("decided", "numbers", "links")


@dataclass(frozen=True)
class Resolved:
    """What became of a bucket: where it is kept, what is told of its rows, and those that are rejected.

    `rejected` is as `TableRows.rejected_rows` gives it.
    """

    bucket: Kept
    account: OfSales
    rejected: pl.DataFrame


class _Starts(Opened):
    """Files of which a bucket knows only at which rows they begin."""

    def __init__(self, starts: Sequence[int]) -> None:
        super().__init__()
        self._starts = starts

    def file_starts(self) -> pl.DataFrame:
        """See `Opened`."""
        return pl.DataFrame({"row": self._starts}, schema={"row": ROW}).with_row_index("_file")


def gather(rules: Kept, place: Shared, buckets: int, group: int, pieces: Iterator[bytes]) -> bytes:
    """Resolves one bucket, and gives a pickle of `Resolved`; of the group after them all its pieces."""
    if group == buckets:
        return pickle.dumps(list(pieces))
    with scratch_folder() as scratch:
        spool, built = Path(scratch) / "spool", Path(scratch) / "bucket"
        spool.mkdir()
        built.mkdir()
        heads, lines = _spooled(pieces, spool)
        known: LineRules = rules.value()
        begins = first_rows(list(heads.values()))
        _written(begins, lines, spool, built / SNAPSHOT, known)
        starts = [begins[head.number] + start for head in heads.values() for start in head.starts]
        account, rejected = _resolved(starts, built, known)
        kept = place.keep(name_resolved(group), built)
    return pickle.dumps(Resolved(kept, account, rejected))


def _spooled(pieces: Iterator[bytes], spool: Path) -> tuple[dict[int, Head], list[Lines]]:
    """Keeps lines in files until the heads of all tasks are there; both are given in reading order."""
    heads: dict[int, Head] = {}
    lines: list[Lines] = []
    for piece in pieces:
        one: Head | Lines = pickle.loads(piece)
        if isinstance(one, Head):
            heads[one.number] = one
        else:
            write_file(_file_of(one, spool), one.content, sync=False)
            lines.append(replace(one, content=b""))
    return dict(sorted(heads.items())), sorted(lines, key=lambda one: (one.number, one.at))


def _file_of(lines: Lines, spool: Path) -> Path:
    return spool / f"{lines.number}-{lines.at}.parquet"


def first_rows(heads: Sequence[Head]) -> dict[int, int]:
    """The first row of each task, by its number; `heads` are those of all tasks, in order."""
    begins = accumulate((head.rows for head in heads), initial=0)
    return {head.number: first for head, first in zip(heads, begins, strict=False)}


def _written(
    begins: dict[int, int], pieces: Sequence[Lines], spool: Path, snapshot: Path, rules: LineRules
) -> None:
    writer = snapshot_writer(snapshot, schema_of(rules))
    for one in pieces:
        path = _file_of(one, spool)
        row = pl.col("row") + pl.lit(begins[one.number], dtype=ROW)
        writer.add(one.part, one.source, read_parquet(path).with_columns(row))
        path.unlink()
    writer.finish()


def _resolved(
    starts: Sequence[int], folder: Path, rules: LineRules
) -> tuple[OfSales, pl.DataFrame]:
    settings = rules.rates, rules.currency, rules.attributes
    rows = SaleRows.of_parts(_Starts(starts), folder / SNAPSHOT, schema_of(rules), rules.currency)
    returns = resolve_sales(rows, *settings)
    for name in _DECIDED:
        getattr(rows, name).write_ipc(folder / f"{name}.arrow")
    write_reversing(rows, *settings, folder / SNAPSHOT)
    sales = finished_sales(rows, *settings)
    return of_sales(rows, sales, returns, rules), rows.rejected_rows()


def lines_in(folder: Path, rules: LineRules) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The counting lines of one bucket, and its returns (`Inputs.sales`, `Inputs.returns`)."""
    rows = SaleRows.of_parts(Opened(), folder / SNAPSHOT, schema_of(rules), rules.currency)
    for name in _DECIDED:
        setattr(rows, name, read_ipc(folder / f"{name}.arrow"))
    sales = finished_sales(rows, rules.rates, rules.currency, rules.attributes)
    return sales, scanned_reversing(sales, folder / SNAPSHOT)


def schemas_of(rules: LineRules, nowhere: Path) -> tuple[pl.Schema, pl.Schema]:
    """The columns of `lines_in` any bucket; `nowhere` is a folder that is not there."""
    rows = SaleRows.of_parts(Opened(), nowhere, schema_of(rules), rules.currency)
    sales = finished_sales(rows, rules.rates, rules.currency, rules.attributes)
    return sales.collect_schema(), scanned_reversing(sales, nowhere).collect_schema()

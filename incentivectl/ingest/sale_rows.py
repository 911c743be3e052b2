"""The rows of the sales: a snapshot on disk in three parts, so that what counts is read by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import polars as pl

from incentivectl.frames import Schema
from incentivectl.ingest.opening import Opened
from incentivectl.ingest.pieces import ROW
from incentivectl.ingest.table_rows import TableRows

LINKS: Schema = {"row": ROW, "counted_on": pl.Date, "original": ROW}

# Lines that count on their own date; those that name a sale they take back; rejected and skipped rows.
PARTS = ("plain", "returns", "refused")


@dataclass
class SaleRows(TableRows):
    """The typed sale lines; `plain` and `returns` are those without a `_reason`.

    `links` (columns `LINKS`) are the returns with the date that they count on and the line that they
    take back; both null where their sale is not known.
    """

    plain: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    returns: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINKS))

    @classmethod
    def of_parts(cls, opened: Opened, folder: Path, schema: Mapping[str, pl.DataType]) -> Self:
        """The rows of a snapshot in `folder`; a part without any row has no file."""
        scans = [_scan(folder / f"_part={part}", schema) for part in PARTS]
        return cls("sales", opened, pl.concat(scans), plain=scans[0], returns=scans[1])

    def counting(self, part: pl.LazyFrame) -> pl.LazyFrame:
        """Those rows of `plain` or `returns` that count."""
        if self.decided.is_empty():
            return part
        return part.filter(~pl.col("row").is_in(self.decided["row"].implode()))

    def accepted(self) -> pl.LazyFrame:
        """The rows that count."""
        return pl.concat([self.counting(self.plain), self.counting(self.returns)])


def _scan(folder: Path, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    files = sorted(folder.glob("*.parquet"))
    return pl.scan_parquet(files) if files else pl.LazyFrame(schema=dict(schema))

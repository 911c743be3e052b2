"""The rows of the sales: scans of the parts of their snapshot, and what became of single lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.core.input_frames import scan_parquet
from incentivectl.ingest.account.replaced import SUMS
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.kept_cells import CELLS, KeptCells
from incentivectl.ingest.sale_lines.snapshot import PARTS, PLAIN, scanned_part

LINKS: Schema = {"row": ROW, "counted_on": pl.Date, "original": ROW}


@dataclass
class SaleRows(TableRows):
    """The typed sale lines; `plain` and `returns` are those without a `_reason`.

    `links` (columns `LINKS`) are the returns with the date that they count on and the line that they
    reverse; both null where their sale is not known. `replaced` sums up the superseded lines (columns
    `replaced.SUMS`). `set_aside_in` is a folder for `aside`.
    """

    plain: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    returns: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINKS))
    replaced: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUMS))
    set_aside_in: Path = field(default_factory=Path)
    kept: KeptCells = field(default_factory=lambda: KeptCells(Path()))

    @classmethod
    def of_parts(
        cls, opened: Opened, folder: Path, schema: Mapping[str, pl.DataType], currency: str
    ) -> Self:
        """The rows of a snapshot in `folder`; `currency` is the workspace's."""
        scans = {part: scanned_part(folder, part, schema, currency) for part in PARTS}
        plain = pl.concat(scans[part] for part in PLAIN)
        return cls(
            "sales",
            opened,
            pl.concat(scans.values()),
            plain=plain,
            returns=scans["returns"],
            set_aside_in=folder.parent,
            kept=KeptCells(folder.parent / CELLS),
        )

    def cells_of(self, piece: Piece) -> pl.LazyFrame:
        """The cells of a piece's lines that are returns or rejected, as they were kept."""
        return self.kept.of(piece)

    def aside(self, some: pl.LazyFrame, name: str) -> pl.LazyFrame:
        """`some` of the lines in a file of their own, so that they are looked for once among all."""
        path = self.set_aside_in / f"{name}.parquet"
        some.sink_parquet(path, compression="lz4")
        return scan_parquet(path)

    def rejected_rows(self) -> pl.DataFrame:
        """See `TableRows`."""
        columns = ("row", "_reason", "_source", "line_id", "occurrence")
        numbered = with_numbers(self.rejected().select(columns), self.numbers)
        return numbered.drop("line_id", "occurrence").collect(engine="streaming")

    def counting(self, part: pl.LazyFrame) -> pl.LazyFrame:
        """Those rows of `plain` or `returns` that count."""
        if self.decided.is_empty():
            return part
        return part.filter(~pl.col("row").is_in(self.decided["row"].implode()))

    def accepted(self) -> pl.LazyFrame:
        """The rows that count."""
        return pl.concat([self.counting(self.plain), self.counting(self.returns)])


def with_numbers(lines: pl.LazyFrame, numbers: pl.DataFrame) -> pl.LazyFrame:
    """Adds `n` (Int64) of the lines without `line_id`; null for all others."""
    if numbers.is_empty():
        n = pl.coalesce("occurrence", pl.lit(1))
        return lines.with_columns(n=pl.when(pl.col("line_id").is_null()).then(n).cast(pl.Int64))
    n = pl.coalesce("n", "occurrence", pl.lit(1))
    return lines.join(numbers.lazy(), on="row", how="left").with_columns(
        n=pl.when(pl.col("line_id").is_null()).then(n).cast(pl.Int64)
    )

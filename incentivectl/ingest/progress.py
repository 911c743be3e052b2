"""How far the reading has come: bytes while files are looked at, rows while sales are read."""

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from incentivectl.ingest.pieces import ROW

Report = Callable[[str, int, int], None]


class Progress:
    """Adds up what is done and tells `report` (what is being done, how much, of how much)."""

    def __init__(self, report: Report | None, files: Iterable[Path]) -> None:
        self._report = report
        self._bytes_done = 0
        self._bytes = sum(path.stat().st_size for path in files if path.exists()) if report else 0

    def looked_at(self, count: int) -> None:
        """`count` more bytes of files were looked at."""
        self._bytes_done += count
        if self._report is not None:
            self._report("looking at files", self._bytes_done, max(self._bytes, self._bytes_done))

    def counting(self, rows: pl.LazyFrame, what: str, total: int) -> pl.LazyFrame:
        """`rows` (with a column `row`), which report themselves as they pass."""
        report = self._report
        if report is None:
            return rows
        done = 0

        def count(some: pl.Series) -> pl.Series:
            nonlocal done
            done += some.len()
            report(what, min(done, total), total)
            return some

        counted = pl.col("row").map_batches(count, return_dtype=ROW, is_elementwise=True)
        return rows.with_columns(counted)

"""The cells of lines that may be rejected, kept while the sales are read: their text is not read again."""

from pathlib import Path

import polars as pl

from incentivectl.core.input_frames import scan_parquet
from incentivectl.ingest.files.pieces import Piece

CELLS = "cells"


class KeptCells:
    """Cells on disk in `folder`, by the first row of their piece: `row`, and `c0`, `c1`, … of the piece."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = 0

    def add(self, piece: Piece, cells: pl.DataFrame) -> None:
        """Keeps some lines of a piece."""
        if cells.is_empty():
            return
        folder = self._of(piece)
        folder.mkdir(parents=True, exist_ok=True)
        cells.write_parquet(folder / f"{self._files:06}.parquet", compression="lz4")
        self._files += 1

    def of(self, piece: Piece) -> pl.LazyFrame:
        """What was kept of a piece; its own cells, without any row, where nothing was."""
        files = sorted(self._of(piece).glob("*.parquet"))
        return scan_parquet(files) if files else piece.cells.head(0)

    def _of(self, piece: Piece) -> Path:
        return self._folder / str(piece.first.first_row)

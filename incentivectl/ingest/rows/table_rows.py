"""All rows of one table, with what became of each."""

from dataclasses import dataclass, field

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.reasons import REASON, SKIPPED
from incentivectl.ingest.rows.versions import FATE

DECIDED: Schema = {"row": ROW, "fate": FATE, "reason": REASON}
NUMBERS: Schema = {"row": ROW, "n": pl.Int64}


@dataclass
class TableRows:
    """The typed rows of a table and their fates.

    `rows` has `row`, `_reason` (what the row itself and its references say; null: accepted so far),
    `_source` (the name of its source) and the typed columns. `decided` (columns `DECIDED`) overrules it
    for single rows: what only a comparison with other rows tells. `numbers` (columns `NUMBERS`) holds
    the running number of lines without `line_id` where that is not 1.
    """

    table: str
    opened: Opened
    rows: pl.LazyFrame
    decided: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DECIDED))
    numbers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NUMBERS))

    def rejectable(self, piece: Piece) -> Piece:
        """A piece as its rejected records are written from it."""
        return piece

    def with_lines(self, piece: Piece) -> Piece:
        """A piece as its records are located in it."""
        return piece

    def cells_of(self, piece: Piece) -> pl.LazyFrame:
        """The cells of a piece's records, those of rejected rows among them."""
        return piece.cells

    def located(self, some: pl.DataFrame) -> pl.DataFrame:
        """`some` rows (with a column `row`) with `file` (String, relative) and `line` (Int64)."""
        schema = {**some.schema, "file": pl.String(), "line": pl.Int64()}
        parts = [
            self.with_lines(piece).located(mine).select(*schema)
            for piece in self.opened.pieces
            if not (mine := piece.own_rows(some)).is_empty()
        ]
        return pl.concat([pl.DataFrame(schema=schema), *parts])

    def rejected_rows(self) -> pl.DataFrame:
        """`row`, `_reason`, `_source` of the `rejected` rows; of sales also `n`, null for a `line_id`."""
        return self.rejected().select("row", "_reason", "_source").collect(engine="streaming")

    def accepted(self) -> pl.LazyFrame:
        """The rows that count."""
        counting = self.rows.filter(pl.col("_reason").is_null())
        if self.decided.is_empty():
            return counting
        return counting.filter(~pl.col("row").is_in(self.decided["row"].implode()))

    def rejected(self) -> pl.LazyFrame:
        """`row`, `_reason`, `_source` and the other columns of the rejected rows."""
        refused = pl.col("_reason").is_not_null() & (pl.col("_reason") != SKIPPED)
        if self.decided.is_empty():
            return self.rows.filter(refused)
        late = self.decided.filter(pl.col("fate") == "rejected").select("row", late="reason")
        overruled = self.decided.filter(pl.col("fate") != "rejected")["row"]
        rows = self.rows
        if not late.is_empty():
            rows = rows.join(late.lazy(), on="row", how="left").with_columns(
                _reason=pl.coalesce("late", "_reason")
            )
        return rows.filter(refused & ~pl.col("row").is_in(overruled.implode())).drop(
            "late", strict=False
        )


def decided(rows: pl.DataFrame, reason: int | None = None) -> pl.DataFrame:
    """`rows` (row, perhaps fate) as `DECIDED`: rejected for `reason`, or of the fate that they carry."""
    fate = pl.col("fate") if "fate" in rows.columns else pl.lit("rejected", dtype=FATE)
    return rows.select("row", fate=fate, reason=pl.lit(reason, dtype=REASON))

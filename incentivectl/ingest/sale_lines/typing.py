"""The sales: one pass over their text writes a typed snapshot; what lines need of each other comes after.

Lines come in batches, typed as usual ones (`usual_lines`). What is not usual goes the whole way: every
cell is looked at for what may be wrong with it. The snapshot holds every line of every file, also the
rejected ones (see `snapshot`); the cells of those, and of returns, are kept beside it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from incentivectl.core.rates import DayRates
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.reasons import when
from incentivectl.ingest.rows.columns import typed_rows
from incentivectl.ingest.rows.line_values import LINE_RULES, completed
from incentivectl.ingest.rows.mapping import Mapped
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.small_tables import resolved_rows
from incentivectl.ingest.rows.unknown import names_seen
from incentivectl.ingest.rows.usual_lines import kept_cell, typed_and_cells
from incentivectl.ingest.sale_lines.fx import with_workspace_amount
from incentivectl.ingest.sale_lines.kept_cells import CELLS, KeptCells
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.sale_rows import SaleRows
from incentivectl.ingest.sale_lines.snapshot import (
    LINES_AT_ONCE,
    PLAIN,
    LinesByPart,
    snapshot_schema,
    snapshot_writer,
)
from incentivectl.sales.signs import names_sale

SNAPSHOT = "sales"
OTHERS_AT_ONCE = 100_000


def read_sales(opened: Opened, rules: LineRules, scratch: Path, progress: Progress) -> SaleRows:
    """Every sale line, typed, as scans of a snapshot in `scratch`."""
    for folder in (SNAPSHOT, CELLS):  # what is left of a reading that came upon a damaged file
        shutil.rmtree(scratch / folder, ignore_errors=True)
    schema = snapshot_schema(rules.attributes) | _seen(opened, rules.masters)
    writer = snapshot_writer(scratch / SNAPSHOT, schema)
    type_lines(opened, rules, writer, KeptCells(scratch / CELLS), progress)
    return SaleRows.of_parts(opened, scratch / SNAPSHOT, schema, rules.currency)


def _seen(opened: Opened, masters: Masters) -> dict[str, pl.DataType]:
    """The columns of names that stand beside ids in these files."""
    return {name: pl.String() for piece in opened.pieces for name in names_seen(piece, masters)}


def type_lines(
    opened: Opened, rules: LineRules, writer: LinesByPart, kept: KeptCells, progress: Progress
) -> None:
    """Gives every sale line, typed, to `writer`, and the cells of those that may be rejected to `kept`.

    Besides the table's columns: `_given` (UInt8, see `GIVEN`), `_identity` (UInt64, a hash of what
    identifies the line) and `_unknown`. `quantity`, `amount` and `currency` have their defaults, and
    `amount_ws` (6 decimals) is the amount in workspace currency on the line's own date.
    """
    counted = progress.counted("reading sales", opened.rows)
    for piece in opened.pieces:
        reading = _Reading(piece, rules, writer, kept)
        for batch in reading.batches():
            reading.take(batch)
            counted(batch.height)
        reading.finish()
    writer.finish()


class _Reading:
    """The pass over one piece."""

    def __init__(
        self, piece: Piece, rules: LineRules, writer: LinesByPart, kept: KeptCells
    ) -> None:
        self._piece = piece
        self._masters = rules.masters
        self._attributes = rules.attributes
        self._rates = rules.rates
        self._currency = rules.currency
        self._writer = writer
        self._kept = kept
        self._mapped = Mapped(piece, rules.attributes)
        names = [*self._mapped.table.column_names, *rules.attributes]
        self._names = ["row", *names, "_given", "_identity"]
        self._others: list[pl.DataFrame] = []

    def batches(self) -> Iterator[pl.DataFrame]:
        """The records of the piece, see `usual_lines.typed_and_cells`."""
        foreign = self._rates.days["_currency"].unique().sort()
        typed = typed_and_cells(self._mapped, self._masters, (self._currency, *foreign))
        yield from typed.collect_batches(chunk_size=LINES_AT_ONCE)

    def take(self, batch: pl.DataFrame) -> None:
        """Writes the usual lines of a batch, and lays the others by until there are enough of them."""
        is_usual = batch["_is_usual"]
        is_home = batch["currency"] == self._currency
        lines = batch.select(self._names)
        self._write("home", lines.filter(is_usual & is_home))
        away = lines.filter(is_usual & ~is_home)
        valued = with_workspace_amount(
            away.lazy(), self._rates, self._currency, day="sold_on"
        ).collect()
        has_rate = pl.col("amount_ws").is_not_null()
        self._write("away", valued.filter(has_rate))
        without_rate = valued.filter(~has_rate)["row"]
        self._lay_by(batch, ~is_usual | batch["row"].is_in(without_rate.implode()))

    def _write(self, part: str, usual: pl.DataFrame) -> None:
        found = usual.with_columns(partner_known=pl.lit(value=True), _unknown=pl.lit(value=False))
        self._writer.add(part, self._piece.source_name, found)

    def _lay_by(self, batch: pl.DataFrame, others: pl.Series) -> None:
        cells = {f"c{at}": kept_cell(at) for at in range(self._piece.layout.width)}
        self._others.append(batch.select("row", wrong="_wrong", **cells).filter(others))
        if sum(some.height for some in self._others) >= OTHERS_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Types and writes the lines that were laid by."""
        if not self._others:
            return
        cells = pl.concat(self._others)
        self._others = []
        keep = names_seen(self._piece, self._masters)
        typed = typed_rows(
            self._piece,
            cells.lazy(),
            self._attributes,
            workspace_currency=self._currency,
            keep=keep,
        )
        lines = _lines(typed, self._piece, self._masters, self._currency)
        valued = _valued(lines, self._rates, self._currency)
        parted = valued.with_columns(_part=_part(self._currency)).collect()
        for (part,), some in parted.group_by("_part"):
            self._writer.add(str(part), self._piece.source_name, some)
        may_be_rejected = parted.filter(~pl.col("_part").is_in(PLAIN))["row"]
        self._kept.add(self._piece, cells.filter(pl.col("row").is_in(may_be_rejected.implode())))


def _lines(typed: pl.LazyFrame, piece: Piece, masters: Masters, currency: str) -> pl.LazyFrame:
    own_id = masters.ids.get("partners")
    known = pl.lit(value=True) if own_id is None else pl.col("partner_id").is_in(own_id.implode())
    resolved = resolved_rows(typed, "sales", piece.source_name, masters)
    lines = completed(resolved, currency, negate=pl.col("_negate"))
    reasons = (when(test, "sales", code, column) for code, column, test in LINE_RULES)
    return lines.with_columns(
        _reason=pl.coalesce("_reason", *reasons), partner_known=known.fill_null(value=False)
    )


def _valued(lines: pl.LazyFrame, rates: DayRates, workspace_currency: str) -> pl.LazyFrame:
    """Adds `amount_ws`, on each line's own date; a line that has no rate on it is rejected.

    Not so one that names the sale it reverses: which date it counts on is not known yet.
    """
    # What is rejected may be too large to be multiplied.
    amount = pl.when(pl.col("_reason").is_null()).then("amount")
    valued = with_workspace_amount(lines, rates, workspace_currency, day="sold_on", amount=amount)
    without_rate = pl.col("amount_ws").is_null() & ~names_sale()
    return valued.with_columns(
        _reason=pl.coalesce("_reason", when(without_rate, "sales", "no-fx-rate", "currency"))
    )


def _part(workspace_currency: str) -> pl.Expr:
    """Which of `snapshot.PARTS` a line belongs to."""
    goes_back = names_sale().fill_null(value=False)
    is_home = pl.col("currency") == workspace_currency
    return (
        pl.when(pl.col("_reason").is_not_null())
        .then(pl.lit("refused"))
        .when(goes_back)
        .then(pl.lit("returns"))
        .when(is_home)
        .then(pl.lit("home"))
        .otherwise(pl.lit("away"))
    )

"""Which rows a source passes over: for what stands in them, or as the last of their file."""

import polars as pl

from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.workspace.cell_tests import CellTest


def skipped(piece: Piece) -> pl.Expr:
    """Whether a row of the piece is skipped (Boolean)."""
    found = pl.lit(value=False)
    for name, test in piece.first.file.source.skip_when.items():
        place = piece.layout.place(name)
        if place is not None:
            found |= _meets(cell(place), test)
    if not piece.footers.is_empty():
        found |= pl.col("row").is_in(piece.footers.implode()) & ~is_of_rejects(piece)
    return found


def _meets(text: pl.Expr, test: CellTest) -> pl.Expr:
    text = text.fill_null("").str.strip_chars()
    found = text.is_in(test.words)
    for pattern in test.patterns:
        found |= text.str.contains(pattern)
    return found | (text == "") if test.empty else found


def is_of_rejects(piece: Piece) -> pl.Expr:
    """Whether a row comes from a file of rejects: it says why it was rejected (Boolean)."""
    if not piece.layout.rejects:
        return pl.lit(value=False)
    reason = cell(piece.layout.reject_place("reject_reason"))
    return (reason.str.strip_chars() != "").fill_null(value=False)

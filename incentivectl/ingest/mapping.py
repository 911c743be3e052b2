"""Finds our columns in an export: renamed, constant, out of the file's path, translated.

Rules: docs/rules.md, "Reading".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.ingest.dates import ISO
from incentivectl.ingest.layout import theirs
from incentivectl.ingest.pieces import Piece, cell
from incentivectl.tables import TABLES, Table
from incentivectl.workspace import Source

MISSING = ("", "NULL", "N/A", "-")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a source writes decimals and dates."""

    decimal: str
    date_format: str


CANONICAL = Dialect(".", ISO)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The columns of one piece under our names."""

    piece: Piece
    attributes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The source of the piece's files."""
        return self.piece.first.file.source

    @property
    def table(self) -> Table:
        """The table that the source feeds."""
        return TABLES[self.source.table]

    def place(self, ours: str) -> int | None:
        """The position of our column, if the export has it and nothing else gives its value."""
        if ours in self.source.set or ours in dict(self.piece.first.constants):
            return None
        layout = self.piece.layout
        if ours == "occurrence" and layout.rejects and layout.header:
            return layout.reject_place("occurrence")
        name = theirs(self.source, ours, layout)
        return None if name is None else layout.place(name)

    def text(self, ours: str) -> pl.Expr:
        """The trimmed text of our column (String), translated; null where it is missing."""
        given = self.given(ours)
        if self.piece.padded or self.place(ours) is None:
            given = given.str.strip_chars()
        translations = self.source.values.get(ours)
        if translations:
            given = given.replace(dict(translations))
        return pl.when(~given.is_in(MISSING)).then(given)

    def given(self, ours: str) -> pl.Expr:
        """The text of our column as it stands in the export, or its constant."""
        constants: Mapping[str, str] = dict(self.piece.first.constants) | dict(self.source.set)
        if ours in constants:
            return pl.lit(constants[ours], dtype=pl.String)
        place = self.place(ours)
        if place is not None:
            return cell(place)
        layout = self.piece.layout
        if ours == "occurrence" and layout.rejects:
            return cell(layout.reject_place("occurrence"))
        return pl.lit(None, dtype=pl.String)

    def dialect(self, ours: str) -> Dialect:
        """How our column is written: constants and typed cells are always canonical."""
        own = Dialect(self.source.decimal, self.source.date_format)
        place = self.place(ours)
        is_canonical = ours in self.source.set or (place is not None and place in self.piece.iso)
        return CANONICAL if is_canonical else own

    def is_present(self, ours: str) -> bool:
        """Whether any row of the piece may have a value there."""
        constants = {*self.source.set, *dict(self.piece.first.constants)}
        in_rejects = ours == "occurrence" and self.piece.layout.rejects
        return ours in constants or self.place(ours) is not None or in_rejects

    def matches(self, wanted: Mapping[str, Sequence[str]]) -> pl.Expr:
        """Whether one of the export's own columns holds one of the listed texts (Boolean)."""
        layout = self.piece.layout
        tests = [
            cell(place).fill_null("").str.strip_chars().is_in(list(texts))
            for name, texts in wanted.items()
            if (place := layout.place(name)) is not None
        ]
        return pl.any_horizontal(tests) if tests else pl.lit(value=False)

    def used_places(self) -> set[int]:
        """The positions whose cells are read."""
        ours = [self.place(name) for name in (*self.table.column_names, *self.attributes)]
        conditions = {**self.source.negate_when, **self.source.skip_when}
        theirs_used = [self.piece.layout.place(name) for name in conditions]
        return {place for place in (*ours, *theirs_used) if place is not None}

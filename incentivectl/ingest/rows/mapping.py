"""Finds our columns in an export: renamed, constant, out of the file's path, translated.

Rules: docs/rules.md, "Reading".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column, Table
from incentivectl.ingest.files.layout import theirs
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.rows.dates import CANONICAL_DATES, ISO, DateStyle, written
from incentivectl.ingest.rows.numbers import CANONICAL_NUMBERS, LIMITS, NumberStyle
from incentivectl.workspace.compound_ids import Compound
from incentivectl.workspace.source import Source

MISSING = ("", "NULL", "N/A", "-")
LOST_DIGITS = (
    r"^[0-9]+(?:[.,][0-9]+)?[Ee]\+[0-9]+$"  # how spreadsheets show long numbers: 2.02607E+11
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a source writes numbers and dates."""

    numbers: NumberStyle = CANONICAL_NUMBERS
    dates: DateStyle = CANONICAL_DATES


CANONICAL = Dialect()


def dialect_of(source: Source) -> Dialect:
    """How a source writes its cells."""
    return Dialect(
        NumberStyle(source.decimal, source.grouping, source.minus),
        DateStyle(source.date_format, source.time_zone, source.decimal),
    )


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
        """The position of our column, if one of the export gives its value as it stands."""
        layout = self.piece.layout
        is_constant = ours in self.source.set or ours in dict(self.piece.first.constants)
        if ours == "occurrence" and layout.rejects and layout.header and not is_constant:
            return layout.reject_place("occurrence")
        found = self._compound(ours)
        return layout.place(found.columns[0]) if found is not None and found.is_plain else None

    def places(self, ours: str) -> tuple[int, ...]:
        """The positions of all columns of the export that our column is put together of."""
        found = self._compound(ours)
        names = found.columns if found is not None else ()
        return tuple(self.piece.layout.names.index(name) for name in names)

    def _compound(self, ours: str) -> Compound | None:
        if ours in self.source.set or ours in dict(self.piece.first.constants):
            return None
        return theirs(self.source, ours, self.piece.layout)

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
        found = self._compound(ours)
        if found is not None:
            return self._put_together(found)
        layout = self.piece.layout
        if ours == "occurrence" and layout.rejects:
            return cell(layout.reject_place("occurrence"))
        return pl.lit(None, dtype=pl.String)

    def _put_together(self, found: Compound) -> pl.Expr:
        """The id that its parts give; null where one of them is missing."""
        parts = [pl.lit(found.texts[0])]
        for name, text in zip(found.columns, found.texts[1:], strict=True):
            part = self.written(self.piece.layout.names.index(name)).str.strip_chars()
            parts += [pl.when(~part.is_in(MISSING)).then(part), pl.lit(text)]
        return pl.concat_str(parts, ignore_nulls=False)

    def written(self, place: int) -> pl.Expr:
        """A cell as its source writes it: typed ones came in the ISO dialect (Parquet)."""
        if place not in self.piece.iso:
            return cell(place)
        for column in self.table.columns:
            if self.place(column.name) != place:
                continue
            if column.kind == "date":
                day = cell(place).str.to_date(ISO, strict=False)
                return written(day, self.source.date_format).fill_null(cell(place))
            if column.kind in LIMITS and self.source.decimal == ",":
                return cell(place).str.replace(".", ",", literal=True)
        return cell(place)

    def has_lost_digits(self, ours: str) -> pl.Expr:
        """Whether an id, or a part of it, is a number that a spreadsheet has rounded (Boolean)."""
        parts = [cell(place).str.strip_chars() for place in self.places(ours)]
        return pl.any_horizontal(part.str.contains(LOST_DIGITS) for part in parts).fill_null(
            value=False
        )

    def may_lose_digits(self, column: Column) -> bool:
        """Whether ids of a column may have lost digits in this piece."""
        return column.is_id and self.piece.exponents and bool(self.places(column.name))

    def dialect(self, ours: str) -> Dialect:
        """How our column is written: constants and typed cells are always canonical."""
        place = self.place(ours)
        is_canonical = ours in self.source.set or (place is not None and place in self.piece.iso)
        return CANONICAL if is_canonical else dialect_of(self.source)

    def is_present(self, ours: str) -> bool:
        """Whether any row of the piece may have a value there."""
        constants = {*self.source.set, *dict(self.piece.first.constants)}
        in_rejects = ours == "occurrence" and self.piece.layout.rejects
        return ours in constants or self._compound(ours) is not None or in_rejects

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
        names = (*self.table.column_names, *self.attributes)
        ours = {place for name in names for place in (*self.places(name), self.place(name))}
        conditions = {**self.source.negate_when, **self.source.skip_when}
        theirs_used = {self.piece.layout.place(name) for name in conditions}
        return {place for place in ours | theirs_used if place is not None}

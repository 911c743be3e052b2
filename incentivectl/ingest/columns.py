"""From the cells of an export to typed columns under our own names, and to each row's reason.

In steps: `texts` finds our columns' text (renamed, constant, out of the path, translated; null where
missing), `typed` reads the values as they stand there, and the lowest reason that applies is kept.
Rules: docs/rules.md, "Reading".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.ingest.dates import ISO, date
from incentivectl.ingest.layout import theirs
from incentivectl.ingest.numbers import LIMITS, number
from incentivectl.ingest.reasons import REASON, when
from incentivectl.ingest.records import Piece, cell
from incentivectl.tables import TABLES, Column, Table
from incentivectl.workspace import Source

MISSING = ("", "NULL", "N/A", "-")
TRUE = ("true", "yes", "t", "y", "1")
FALSE = ("false", "no", "f", "n", "0")
WORKSPACE_AMOUNTS = ("products", "deals")  # their amounts are in the workspace's currency

DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "currency": pl.String(),
    **{kind: limits.dtype for kind, limits in LIMITS.items()},
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a source writes decimals and dates."""

    decimal: str
    date_format: str


CANONICAL = Dialect(".", ISO)


def schema_of(table: str, attributes: Sequence[str] = ()) -> dict[str, pl.DataType]:
    """The columns of a table's typed rows: its own in order, then the attributes as text."""
    own = {column.name: DTYPES[column.kind] for column in TABLES[table].columns}
    return own | {name: pl.String() for name in attributes}


def text_name(column: str) -> str:
    """The name under which a column's text travels until it is typed."""
    return f"text:{column}"


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
        given = self.given(ours).str.strip_chars()
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
            cell(place).str.strip_chars().is_in(list(texts))
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


def typed_rows(
    piece: Piece,
    attributes: tuple[str, ...],
    *,
    workspace_currency: str,
    keep: Mapping[str, pl.Expr] | None = None,
) -> pl.LazyFrame:
    """The rows of a piece: `row`, `_reason`, `_negate`, the typed columns, attributes, and `keep`.

    `_reason` (UInt16, see `reasons`) covers what a row's own cells say; `_negate` (Boolean) tells
    that `negate_when` applies. Values are as read: no default is filled in yet.
    """
    mapped = Mapped(piece, attributes)
    columns = mapped.table.columns
    texts = piece.cells.select(
        "row",
        "wrong",
        mapped.matches(mapped.source.skip_when).alias("_skip"),
        mapped.matches(mapped.source.negate_when).alias("_negate"),
        _broken_text(mapped).alias("_broken"),
        *(mapped.text(column.name).alias(text_name(column.name)) for column in columns),
        *(mapped.text(name).alias(text_name(name)) for name in attributes),
        *(expression.alias(name) for name, expression in (keep or {}).items()),
    )
    readers = [_reader(column, mapped, workspace_currency) for column in columns]
    table = mapped.table.name
    reasons = [
        when(pl.col("_skip"), table, "skipped"),
        when(pl.col("wrong"), table, "field-count"),
        when(pl.col("_broken"), table, "bad-encoding"),
        *(reason for reader in readers for reason in reader.reasons),
    ]
    return texts.select(
        "row",
        pl.coalesce(reasons).cast(REASON).alias("_reason"),
        "_negate",
        *(reader.value.alias(reader.column.name) for reader in readers),
        *(pl.col(text_name(name)).alias(name) for name in attributes),
        *(keep or {}),
    )


def _broken_text(mapped: Mapped) -> pl.Expr:
    """Whether a cell that is used holds a byte that could not be decoded (U+FFFD)."""
    if not mapped.piece.first.text.traits.replacements:
        return pl.lit(value=False)
    used = [cell(p).str.contains("\ufffd", literal=True) for p in sorted(mapped.used_places())]
    return pl.any_horizontal(used) if used else pl.lit(value=False)


@dataclass(frozen=True, slots=True)
class _Reader:
    column: Column
    value: pl.Expr
    reasons: tuple[pl.Expr, ...]


def _reader(column: Column, mapped: Mapped, workspace_currency: str) -> _Reader:
    """How one column is typed, and its reasons in their order."""
    table = mapped.table.name
    text = pl.col(text_name(column.name))
    reasons: list[pl.Expr] = []
    if column.required:
        reasons.append(when(text.is_null(), table, f"missing-{column.name}", column.name))
    if not mapped.is_present(column.name):
        return _Reader(column, pl.lit(None, dtype=DTYPES[column.kind]), tuple(reasons))
    value, faults = _read(column, text, mapped, workspace_currency)
    reasons += [when(fault, table, code, column.name) for code, fault in faults]
    return _Reader(column, value, tuple(reasons))


def _read(
    column: Column, text: pl.Expr, mapped: Mapped, workspace_currency: str
) -> tuple[pl.Expr, Iterator[tuple[str, pl.Expr]]]:
    """The typed value, and each code with the test whether it applies."""
    dialect = mapped.dialect(column.name)
    is_given = text.is_not_null()
    if column.kind == "date":
        day = _date(text, dialect, column.name, mapped)
        return day, iter([("bad-date", is_given & day.is_null())])
    if column.kind == "flag":
        lower = text.str.to_lowercase()
        flag = pl.when(lower.is_in(TRUE)).then(pl.lit(value=True))
        flag = flag.when(lower.is_in(FALSE)).then(pl.lit(value=False))
        value = flag.otherwise(None)
        return value, iter([("bad-value", is_given & value.is_null())])
    if column.kind == "currency":
        upper = text.str.to_uppercase()
        code = pl.when(upper.str.contains("^[A-Z]{3}$")).then(upper)
        return code, iter([("bad-value", is_given & code.is_null())])
    if column.kind == "text":
        choices = [("bad-value", ~text.is_in(column.choices))] if column.choices else []
        return text, iter(choices)
    read = number(
        text,
        column.kind,
        decimal=dialect.decimal,
        currency=_currency_of_row(mapped.table, workspace_currency),
    )
    bad_value = read.bad_value
    if column.name == "occurrence":
        bad_value = bad_value | (read.value < 1)
    faults = [
        ("bad-number", read.bad_number),
        ("bad-value", bad_value),
        ("too-precise", read.too_precise),
        ("too-large", read.too_large),
    ]
    return read.value, iter(faults)


def _date(text: pl.Expr, dialect: Dialect, ours: str, mapped: Mapped) -> pl.Expr:
    day = date(text, dialect.date_format)
    if ours in dict(mapped.piece.first.constants) and dialect != CANONICAL:
        # file names have their own way of writing dates
        day = pl.coalesce(day, date(text, ISO))
    return day


def _currency_of_row(table: Table, workspace_currency: str) -> pl.Expr | None:
    """The currency that a code beside a number must be (docs/rules.md, "Reading")."""
    own = table.column("currency")
    if own is not None and table.name != "fx":
        text = pl.col(text_name("currency")).str.to_uppercase()
        return text.fill_null(workspace_currency)
    return pl.lit(workspace_currency) if table.name in WORKSPACE_AMOUNTS else None

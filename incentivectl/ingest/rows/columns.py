"""From the cells of an export to typed columns under our own names, and to each row's reason.

In steps, each on columns of the one before: the text of our columns (`mapping`), the values read from
it, the reasons, of which the lowest that applies is kept. Rules: docs/rules.md, "Reading".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from incentivectl.core.tables import TABLES, Column, Table
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.reasons import REASON, when
from incentivectl.ingest.rows.dates import ISO, date
from incentivectl.ingest.rows.mapping import CANONICAL, Mapped
from incentivectl.ingest.rows.numbers import LIMITS, faults, read_number
from incentivectl.workspace.workspace import Workspace

TRUE = ("true", "yes", "t", "y", "1")
FALSE = ("false", "no", "f", "n", "0")
WORKSPACE_AMOUNTS = ("products", "deals")  # their amounts are in the workspace's currency

# Columns of `Inputs.sales` that are no column of the table.
RESERVED = (
    "row",
    "source",
    "partner_known",
    "n",
    "line_key",
    "counted_on",
    "original",
    "amount_ws",
)
DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "currency": pl.String(),
    **{kind: limits.dtype for kind, limits in LIMITS.items()},
}


def attributes_of(workspace: Workspace, table: str) -> tuple[str, ...]:
    """The attributes of all sources of a table, sorted, without those that have a name of our own."""
    taken = RESERVED if table == "sales" else ("row",)
    every = {name for source in workspace.sources_of(table) for name in source.attributes}
    return tuple(sorted(n for n in every if n not in taken and not n.startswith("_")))


def schema_of(table: str, attributes: Sequence[str] = ()) -> dict[str, pl.DataType]:
    """The columns of a table's typed rows: its own in order, then the attributes as text."""
    own = {column.name: DTYPES[column.kind] for column in TABLES[table].columns}
    return own | {name: pl.String() for name in attributes}


def typed_rows(
    piece: Piece,
    cells: pl.LazyFrame,
    attributes: tuple[str, ...],
    *,
    workspace_currency: str,
    keep: Mapping[str, pl.Expr] | None = None,
) -> pl.LazyFrame:
    """Rows of a piece from their `cells`: `row`, `_reason`, `_negate`, typed columns, attributes, `keep`.

    `_reason` (UInt16, see `reasons`) covers what a row's own cells say; `_negate` (Boolean) tells
    that `negate_when` applies. Values are as read: no default is filled in yet.
    """
    mapped = Mapped(piece, attributes)
    table = mapped.table
    readers = [_reader(column, mapped, workspace_currency) for column in table.columns]
    texts = cells.select(
        "row",
        "wrong",
        mapped.matches(mapped.source.skip_when).alias("_skip"),
        mapped.matches(mapped.source.negate_when).alias("_negate"),
        broken_text(mapped).alias("_broken"),
        *(
            mapped.has_lost_digits(column.name).alias(_lost(column.name))
            for column in table.columns
            if column.is_id
        ),
        *(mapped.text(column.name).alias(_text(column.name)) for column in table.columns),
        *(mapped.text(name).alias(_text(name)) for name in attributes),
        *(expression.alias(name) for name, expression in (keep or {}).items()),
    )
    values = texts.with_columns(
        reader.read.alias(_read(reader.column)) for reader in readers if reader.read is not None
    )
    reasons = [
        when(pl.col("_skip"), table.name, "skipped"),
        when(pl.col("wrong"), table.name, "field-count"),
        when(pl.col("_broken"), table.name, "bad-encoding"),
        *(
            when(test, table.name, code, reader.column)
            for reader in readers
            for code, test in reader.faults
        ),
    ]
    return values.select(
        "row",
        pl.coalesce(reasons).cast(REASON).alias("_reason"),
        "_negate",
        *(reader.value.alias(reader.column) for reader in readers),
        *(pl.col(_text(name)).alias(name) for name in attributes),
        *(keep or {}),
    )


def _text(column: str) -> str:
    """The name under which a column's text travels."""
    return f"text:{column}"


def _lost(column: str) -> str:
    """The name under which travels whether an id has lost its digits."""
    return f"lost:{column}"


def _read(column: str) -> str:
    """The name under which what was read from a column's text travels."""
    return f"read:{column}"


def broken_text(mapped: Mapped) -> pl.Expr:
    """Whether a cell that is used holds a byte that could not be decoded (U+FFFD)."""
    if not mapped.piece.replacements:
        return pl.lit(value=False)
    used = [cell(p).str.contains("\ufffd", literal=True) for p in sorted(mapped.used_places())]
    return pl.any_horizontal(used) if used else pl.lit(value=False)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a column is typed: `read` of its text, then `value` and `faults` (code, test) of that."""

    column: str
    read: pl.Expr | None
    value: pl.Expr
    faults: list[tuple[str, pl.Expr]] = field(default_factory=list)


def _reader(column: Column, mapped: Mapped, workspace_currency: str) -> _Reader:
    name = column.name
    text = pl.col(_text(name))
    missing = [(f"missing-{name}", text.is_null())] if column.required else []
    if not mapped.is_present(name):
        return _Reader(name, None, pl.lit(None, dtype=DTYPES[column.kind]), missing)
    if column.kind in LIMITS:
        read = read_number(text, column.kind, mapped.dialect(name).decimal)
        found = pl.col(_read(name))
        value = found.struct.field("value")
        currency = _currency_of_row(mapped.table, workspace_currency)
        tests = faults(found, column.kind, currency)
        if name == "occurrence":
            tests.append(("bad-value", value < 1))
        return _Reader(name, read, value, [*missing, *tests])
    if column.kind == "text":
        if not column.choices:
            rounded = [("bad-value", pl.col(_lost(name)))] if column.is_id else []
            return _Reader(name, None, _in_our_case(text, column), [*missing, *rounded])
        word = text.str.to_lowercase()
        unknown = ("bad-value", ~word.is_in(column.choices))
        return _Reader(name, None, word, [*missing, unknown])
    value = pl.col(_read(name))
    code = "bad-date" if column.kind == "date" else "bad-value"
    unread = [(code, text.is_not_null() & value.is_null())]
    return _Reader(name, _simple(column, text, mapped), value, [*missing, *unread])


def _in_our_case(text: pl.Expr, column: Column) -> pl.Expr:
    """A word of ours in lower case; any other text as it is written."""
    if not column.words:
        return text
    word = text.str.to_lowercase()
    return pl.when(word.is_in(column.words)).then(word).otherwise(text)


def _simple(column: Column, text: pl.Expr, mapped: Mapped) -> pl.Expr:
    """A date, flag or currency code; null where the text is none."""
    if column.kind == "date":
        return date_of(text, column.name, mapped)
    if column.kind == "flag":
        lower = text.str.to_lowercase()
        yes = pl.when(lower.is_in(TRUE)).then(pl.lit(value=True))
        return yes.when(lower.is_in(FALSE)).then(pl.lit(value=False)).otherwise(None)
    upper = text.str.to_uppercase()
    return pl.when(upper.str.contains("^[A-Z]{3}$")).then(upper)


def date_of(text: pl.Expr, ours: str, mapped: Mapped) -> pl.Expr:
    """The text of our column `ours` as a date; null where it is none."""
    dialect = mapped.dialect(ours)
    day = date(text, dialect.date_format)
    if ours in dict(mapped.piece.first.constants) and dialect != CANONICAL:
        # file names have their own way of writing dates
        day = pl.coalesce(day, date(text, ISO))
    return day


def _currency_of_row(table: Table, workspace_currency: str) -> pl.Expr | None:
    """The currency that a code beside a number must be (docs/rules.md, "Reading")."""
    if table.column("currency") is not None and table.name != "fx":
        text = pl.col(_text("currency")).str.to_uppercase()
        return text.fill_null(workspace_currency)
    return pl.lit(workspace_currency) if table.name in WORKSPACE_AMOUNTS else None

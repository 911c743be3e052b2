"""From the cells of an export to typed columns under our own names, and to each row's reason.

In steps, each on columns of the one before: the text of our columns (`mapping`), the values read from it
(`readers`), the reasons, of which the lowest that applies is kept. Rules: docs/rules.md, "Reading".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.core.workbooks.cells import ERROR_TEXTS
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.files.skipping import skipped
from incentivectl.ingest.reasons import ATTRIBUTE, REASON, number_of, when
from incentivectl.ingest.rows.mapping import Mapped
from incentivectl.ingest.rows.numbers import LIMITS, is_nothing
from incentivectl.ingest.rows.readers import (
    DTYPES,
    Rule,
    Surroundings,
    attribute_faults,
    attribute_value,
    lost_digits,
    readers_of,
    reading_of,
    text_of,
)
from incentivectl.workspace.workspace import Workspace

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
# What may be said of a row whatever its columns hold.
ROW_RULES: tuple[Rule, ...] = (
    ("skipped", pl.col("_skip")),
    ("field-count", pl.col("wrong")),
    ("bad-encoding", pl.col("_broken")),
    ("bad-value", pl.col("_error")),
)


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
    readers = readers_of(Surroundings(mapped, (workspace_currency,)))
    kept = (expression.alias(name) for name, expression in (keep or {}).items())
    values = (
        cells.select(*texts(mapped, lambda name: _text(mapped, name)), *kept)
        .with_columns(
            _named(reading_of(r.column), r.reading) for r in readers if r.reading is not None
        )
        .with_columns(reader.value.alias(reader.column) for reader in readers)
    )
    found = [
        (number_of(table.name, code), when(test, table.name, code)) for code, test in ROW_RULES
    ]
    for reader in readers:
        found += [
            (
                number_of(table.name, code, reader.column),
                when(test, table.name, code, reader.column),
            )
            for code, test in (*reader.faults, *reader.rules)
        ]
    found += [
        (number_of(table.name, code, ATTRIBUTE), when(test, table.name, code, ATTRIBUTE))
        for _, code, test in attribute_faults(mapped)
    ]
    reasons = [reason for _, reason in sorted(found, key=lambda one: one[0])]
    return values.select(
        "row",
        pl.coalesce(reasons).cast(REASON).alias("_reason"),
        "_negate",
        *(reader.column for reader in readers),
        *(attribute_value(mapped, name, text_of(name)).alias(name) for name in attributes),
        *(keep or {}),
    )


def texts(mapped: Mapped, text: Callable[[str], pl.Expr]) -> Iterator[pl.Expr]:
    """What readers and rules look at: `row`, `wrong`, `_skip`, `_negate`, `_broken`, `_error`, texts.

    `text` gives the text of one of our columns (`text_of`); of ids also whether they have `lost_digits`.
    """
    yield from (pl.col("row"), pl.col("wrong"))
    yield skipped(mapped.piece).alias("_skip")
    yield mapped.matches(mapped.source.negate_when).alias("_negate")
    yield _broken_text(mapped).alias("_broken")
    yield _error_value(mapped).alias("_error")
    for column in mapped.table.columns:
        yield _named(text_of(column.name), text(column.name))
        if mapped.may_lose_digits(column):
            yield _named(lost_digits(column.name), mapped.has_lost_digits(column.name))
    for name in mapped.attributes:
        yield _named(text_of(name), text(name))


def _text(mapped: Mapped, name: str) -> pl.Expr:
    """The text of one of our columns; a number that accounting has left out (`$ -`) is missing."""
    text, column = mapped.text(name), mapped.table.column(name)
    if column is None or column.kind not in LIMITS:
        return text
    return pl.when(~is_nothing(text)).then(text)


def _named(name: pl.Expr, value: pl.Expr) -> pl.Expr:
    """`value` under the name that `name` refers to."""
    return value.alias(name.meta.output_name())


def _broken_text(mapped: Mapped) -> pl.Expr:
    """Whether a cell that is used holds a byte that could not be decoded (U+FFFD)."""
    if not mapped.piece.replacements:
        return pl.lit(value=False)
    used = [is_broken(cell(place)) for place in sorted(mapped.used_places())]
    return pl.any_horizontal(pl.lit(value=False), *used).fill_null(value=False)


def is_broken(text: pl.Expr) -> pl.Expr:
    """Whether a text holds a sign that stands for bytes that could not be decoded."""
    return text.str.contains("\ufffd", literal=True)


def _error_value(mapped: Mapped) -> pl.Expr:
    """Whether a cell that is used shows the error value of a spreadsheet."""
    if not mapped.piece.errors:
        return pl.lit(value=False)
    used = [is_error(cell(place)) for place in sorted(mapped.used_places())]
    return pl.any_horizontal(pl.lit(value=False), *used).fill_null(value=False)


def is_error(text: pl.Expr) -> pl.Expr:
    """Whether a text is an error value such as `#N/A`; null where there is none."""
    return text.str.strip_chars().is_in(sorted(ERROR_TEXTS))

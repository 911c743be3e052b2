"""Every table but the sales: read whole, typed, resolved and settled in memory."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.core.tables import TABLES
from incentivectl.ingest.account.corrections import standing
from incentivectl.ingest.account.details import PLACES
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.reasons import REASON, when
from incentivectl.ingest.rows.columns import schema_of, typed_rows
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.table_rows import TableRows, decided
from incentivectl.ingest.rows.unknown import has_unknown, names_seen
from incentivectl.ingest.rows.versions import versions

PLACED = (
    "partners",
    "reps",
    "mdf_requests",
    "mdf_claims",
    "targets",
    "levels",
    "aliases",
    "payees",
    "opening",
    "control_totals",
    "market",
    "adjustments",
    "disputes",
    "calendar",
)  # those of which single rows may be wrong or match nothing, but for the credits


def read_table(
    table: str,
    opened: Opened,
    masters: Masters,
    attributes: tuple[str, ...],
    workspace_currency: str,
) -> TableRows:
    """The rows of one table after aliases and references; versions of a row are not settled yet."""
    schema = schema_of(table, attributes)
    first: Schema = {"row": ROW, "_reason": REASON, "_source": pl.String, "_unknown": pl.Boolean}
    frames = [pl.DataFrame(schema={**first, **schema})]
    for piece in opened.pieces:
        typed = typed_rows(
            piece,
            piece.cells,
            attributes,
            workspace_currency=workspace_currency,
            keep=names_seen(piece, masters),
        ).collect(engine="streaming")
        known = typed.filter(pl.col("_reason").is_null())[TABLES[table].columns[0].name]
        resolved = resolved_rows(typed.lazy(), table, piece.source_name, masters, own_ids=known)
        frames.append(resolved.drop("_negate").collect())
    rows = pl.concat(frames, how="diagonal").sort("row")
    return TableRows(table, opened, rows.lazy())


def resolved_rows(
    rows: pl.LazyFrame,
    table: str,
    source: str,
    masters: Masters,
    *,
    own_ids: pl.Series | None = None,
) -> pl.LazyFrame:
    """Rows after aliases, `negate_when` and the check of references; adds `_source`, `_unknown`."""
    columns = TABLES[table].columns
    resolved = [
        masters.resolved(column, source, own_ids if column.refers_to == table else None)
        for column in columns
        if column.refers_to is not None
    ]
    if TABLES[table].column("payee_id") is not None:
        resolved.append(masters.resolved_payee(source))
    signed = [
        pl.when(pl.col("_negate")).then(-pl.col(name).abs()).otherwise(pl.col(name)).alias(name)
        for name in ("quantity", "amount")
        if TABLES[table].column(name) is not None
    ]
    return rows.with_columns(*resolved, *signed).with_columns(
        pl.coalesce("_reason", *masters.reasons(table)).alias("_reason"),
        pl.lit(source, dtype=pl.String).alias("_source"),
        has_unknown(table, masters).alias("_unknown"),
    )


def without_unknown_levels(rows: TableRows, levels: Mapping[str, Collection[str]]) -> TableRows:
    """Rows of the table `levels`; those that name a level which their program does not have are rejected."""
    named, level = pl.col("program_id"), pl.col("level")
    unknown = pl.any_horizontal(
        pl.lit(value=False),
        *((named == id_) & ~level.is_in(list(names)) for id_, names in levels.items()),
    )
    reason = pl.coalesce("_reason", when(unknown, "levels", "bad-value", "level"))
    return replace(rows, rows=rows.rows.with_columns(_reason=reason))


def settle(rows: TableRows) -> None:
    """Decides which version of each row counts, among the accepted ones."""
    table = TABLES[rows.table]
    stands = standing(rows, table.identity)
    accepted = stands.placed(rows.accepted().collect())
    content = [
        name
        for name in accepted.columns
        if not name.startswith("_") and name not in ("row", "received_on")
    ]
    fates = versions(accepted, table.identity, content, "_order")
    changed = decided(fates.filter(pl.col("fate") != "accepted"))
    rows.decided = pl.concat([rows.decided, stands.fates(), changed])


def finished(rows: TableRows, attributes: tuple[str, ...]) -> pl.DataFrame:
    """The accepted counting rows: the table's columns typed, defaults filled in, and attributes."""
    columns = TABLES[rows.table].columns
    defaults = [_default(column.name, column.default) for column in columns if column.default]
    names = [column.name for column in columns]
    return rows.accepted().sort("row").with_columns(defaults).select(*names, *attributes).collect()


def places(rows: TableRows) -> pl.DataFrame:
    """Where each row that `finished` gives stands (columns `PLACES`)."""
    counting = rows.accepted().select("row").sort("row").with_row_index("at").collect()
    located = rows.located(counting).with_columns(table=pl.lit(rows.table))
    return located.select(pl.col(name).cast(dtype) for name, dtype in PLACES.items())


def _default(column: str, text: str) -> pl.Expr:
    flags = {"true": True, "false": False}
    return pl.col(column).fill_null(pl.lit(flags.get(text, text)))

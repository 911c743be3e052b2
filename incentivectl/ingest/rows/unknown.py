"""Ids that no master knows, gathered so that they can be filled in as aliases (`unknown.csv`)."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.reasons import number_of, reasons_of
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.spelling import bare, folded, without_zeros
from incentivectl.ingest.rows.table_rows import TableRows

UNKNOWN: Schema = {
    "table": pl.String,
    "alias": pl.String,
    "id": pl.String,
    "source": pl.String,
    "lines": pl.Int64,
    "amount": money.AMOUNT,
    "name_seen": pl.String,
    "suggestion": pl.String,
}
# Unknown ids by source and currency: in how many rows, with what absolute amount, since when, the first name.
SEEN: Schema = {
    "table": pl.String,
    "alias": pl.String,
    "source": pl.String,
    "currency": pl.String,
    "lines": pl.Int64,
    "amount": money.AMOUNT,
    "day": pl.Date,
    "name_seen": pl.String,
}
MOST_SUGGESTIONS = 200  # by likeness, which takes long
MOST_COMPARED = 20_000
_NAME_COLUMNS = {
    "partners": "partner_name",
    "reps": "rep_name",
    "products": "product_name",
    "customers": "customer_name",
}


def names_seen(piece: Piece, masters: Masters) -> dict[str, pl.Expr]:
    """The names that an export gives beside the ids of masters (`_name:<master>` → its cells)."""
    referred = {column.refers_to for column in TABLES[piece.first.file.source.table].columns}
    found = {}
    for master, name in _NAME_COLUMNS.items():
        place = piece.layout.place(name)
        if place is not None and master in referred and master in masters.ids:
            found[f"_name:{master}"] = cell(place).str.strip_chars()
    return found


def name_columns(table: str, masters: Masters) -> dict[str, pl.DataType]:
    """All columns that `names_seen` may give of a table's files."""
    referred = {column.refers_to for column in TABLES[table].columns}
    known = (master for master in _NAME_COLUMNS if master in referred and master in masters.ids)
    return {f"_name:{master}": pl.String() for master in known}


def has_unknown(table: str, masters: Masters) -> pl.Expr:
    """Whether a row names any id that its master does not know (Boolean)."""
    tests = [test for _, test in _tests(table, masters)]
    return pl.any_horizontal(tests).fill_null(value=False) if tests else pl.lit(value=False)


def _tests(table: str, masters: Masters) -> Iterator[tuple[Column, pl.Expr]]:
    for column in TABLES[table].columns:
        test = masters.is_unknown(column)
        if test is not None and column.refers_to != table:
            yield column, test
    if table == "adjustments" and "reps" in masters.ids:
        yield replace(TABLES[table].columns[2], refers_to="reps"), masters.is_unknown_payee()


def unknown_of(rows: TableRows, masters: Masters) -> pl.DataFrame:
    """The unknown ids that rows of a table name (columns `SEEN`)."""
    return seen_together([pl.DataFrame(schema=SEEN), *_unknown_of(rows, masters)])


def seen_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `unknown_of` gives as one."""
    sums = pl.col("lines", "amount").sum()
    first = pl.col("day").min(), pl.col("name_seen").drop_nulls().min()
    found = pl.concat(parts).group_by("table", "alias", "source", "currency").agg(sums, *first)
    return found.select(pl.col(name).cast(dtype) for name, dtype in SEEN.items())


def unknown_ids(seen: pl.DataFrame, names: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row for each unknown id of a source, the largest amounts first (columns `UNKNOWN`).

    `seen` is what `unknown_of` found of all tables, `names` the masters' accepted rows, for the suggestion:
    the known id whose id or name comes closest.
    """
    summed = (
        seen.group_by("table", "alias", "source")
        .agg(pl.col("lines", "amount").sum(), pl.col("name_seen").drop_nulls().min())
        .sort(
            "amount",
            "lines",
            "table",
            "alias",
            "source",
            descending=[True, True, False, False, False],
        )
    )
    return summed.with_columns(
        id=pl.lit("", dtype=pl.String),
        suggestion=_suggestions(summed, names),
    ).select(pl.col(name).cast(dtype) for name, dtype in UNKNOWN.items())


def _unknown_of(rows: TableRows, masters: Masters) -> Iterator[pl.DataFrame]:
    reasons = reasons_of(rows.table)
    first_reference = min(
        (at for at, reason in enumerate(reasons) if reason.code.startswith("unknown-")),
        default=number_of(rows.table, "missing-amount", "amount"),
    )
    readable = pl.col("_reason").is_null() | (pl.col("_reason") >= first_reference)
    gone = rows.decided.filter(pl.col("fate") == "superseded")["row"]
    some = rows.rows.filter(
        pl.col("_unknown") & readable & ~pl.col("row").is_in(gone.implode())
    ).collect(engine="streaming")
    if some.is_empty():
        return
    amount = pl.col("amount") if "amount" in some.columns else pl.lit(0)
    for column, test in _tests(rows.table, masters):
        name = f"_name:{column.refers_to}"
        seen = pl.col(name) if name in some.columns else pl.lit(None, dtype=pl.String)
        yield some.filter(test).select(
            table=pl.lit(column.refers_to),
            alias=pl.col(column.name),
            source=pl.col("_source"),
            currency=currency_of(some.columns),
            lines=pl.lit(1, dtype=pl.Int64),
            amount=amount.abs().cast(money.AMOUNT).fill_null(0),
            day=day_of(rows.table, some.columns),
            name_seen=pl.when(seen != "").then(seen),
        )


def currency_of(columns: Collection[str]) -> pl.Expr:
    """The currency of a row's amount, null where its table has none."""
    return pl.col("currency") if "currency" in columns else pl.lit(None, dtype=pl.String)


def day_of(table: str, columns: Collection[str]) -> pl.Expr:
    """The day of a row: the first date that its table requires, else null."""
    dates = (one.name for one in TABLES[table].columns if one.kind == "date" and one.required)
    name = next(dates, "")
    return pl.col(name) if name in columns else pl.lit(None, dtype=pl.Date)


def _suggestions(unknown: pl.DataFrame, names: Mapping[str, pl.DataFrame]) -> pl.Series:
    """The known id that comes closest to each of the `unknown` ids or its name; null without one."""
    wanted = unknown.select("table", "alias", "name_seen").with_row_index("_at")
    found = [pl.DataFrame(schema={"_at": pl.UInt32, "id": pl.String})]
    for (table,), some in wanted.group_by("table"):
        if str(table) in names:
            known = _known_texts(names[str(table)], str(table))
            ids = pl.Series("id", _closest(some, known), dtype=pl.String)
            found.append(some.select("_at").with_columns(ids))
    return wanted.join(pl.concat(found), on="_at", how="left", maintain_order="left")["id"]


def _known_texts(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """`text`, `id`: the ids of a master and then its names, each with its id."""
    own = TABLES[table].columns[0].name
    ids = rows.sort(own).select(text=own, id=own)
    return pl.concat([ids, rows.sort(own).select(text="name", id=own)]).drop_nulls()


def _closest(some: pl.DataFrame, known: pl.DataFrame) -> list[str | None]:
    """The closest id for each row: what differs least in writing, else in its letters."""
    alike = _alike(some, known).to_list()
    if known.height > MOST_COMPARED:
        return alike
    known_texts = dict(known.select(folded(pl.col("text")), "id").reverse().rows())
    for place, (at, alias, name) in enumerate(some.select("_at", "alias", "name_seen").rows()):
        if alike[place] is None and at < MOST_SUGGESTIONS:
            alike[place] = _similar((name, alias), known_texts)
    return alike


def _alike(some: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The known id that differs in case and width alone, else in punctuation, else in leading zeros."""
    found = []
    for written in (folded, bare, without_zeros):
        texts = known.select("id", text=written(pl.col("text"))).filter(pl.col("text") != "")
        texts = texts.unique("text", keep="first", maintain_order=True)
        for column in ("alias", "name_seen"):
            wanted = some.select(text=written(pl.col(column)))
            found.append(wanted.join(texts, on="text", how="left", maintain_order="left")["id"])
    return pl.select(pl.coalesce(found)).to_series()


def _similar(wanted: tuple[str | None, ...], known: Mapping[str, str]) -> str | None:
    for text in wanted:
        close = difflib.get_close_matches(text.casefold(), known, 1, 0.75) if text else []
        if close:
            return known[close[0]]
    return None

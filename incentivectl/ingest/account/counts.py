"""What became of the rows: one line for each source, and one for each of its reasons.

rows read = accepted + rejected + duplicate + superseded + skipped, for each source (docs/rules.md,
"Reading"). `read` comes from the files, the others from the typed rows.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.ingest.reasons import SKIPPED, reasons_of
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.rows.versions import FATE, FATES

COUNTS: Schema = {
    "table": pl.String,
    "source": pl.String,
    "read": pl.Int64,
    **dict.fromkeys(FATES, pl.Int64),
}
REASONS: Schema = {
    "table": pl.String,
    "source": pl.String,
    "reason": pl.String,
    "rows": pl.Int64,
    "amount": money.AMOUNT,
}
TALLY: Schema = {
    "table": pl.String,
    "source": pl.String,
    "fate": FATE,
    "reason": pl.String,
    "rows": pl.Int64,
    "amount": money.AMOUNT,
}


def tally(rows: TableRows, amount: pl.Expr | None = None) -> pl.DataFrame:
    """Rows and their absolute amounts by source, fate and reason (columns `TALLY`).

    `amount` is what the amount of a row is taken to be; 0 without one.
    """
    amounts = pl.lit(0) if amount is None else amount.abs()
    some = rows.rows.select(
        "row", "_source", "_reason", amount=amounts.cast(money.AMOUNT).fill_null(0)
    )
    fate = (
        pl.when(pl.col("_reason").is_null())
        .then(pl.lit("accepted", dtype=FATE))
        .when(pl.col("_reason") == SKIPPED)
        .then(pl.lit("skipped", dtype=FATE))
        .otherwise(pl.lit("rejected", dtype=FATE))
    )
    in_all = _summed(some.with_columns(fate=fate))
    if rows.decided.is_empty():
        return _named(in_all, rows.table)
    late = some.filter(pl.col("row").is_in(rows.decided["row"].implode()))
    before = _summed(late.with_columns(fate=fate))
    after = _summed(
        late.drop("_reason").join(
            rows.decided.lazy().rename({"reason": "_reason"}), on="row", how="inner"
        )
    )
    taken = before.with_columns(-pl.col("rows"), -pl.col("amount"))
    together = (
        pl.concat([in_all, taken, after])
        .group_by("_source", "fate", "_reason")
        .agg(pl.col("rows", "amount").sum())
        .filter(pl.col("rows") != 0)
    )
    return _named(together, rows.table)


def tallied_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The `tally` of all rows from those of their parts."""
    keys = [name for name in TALLY if name not in ("rows", "amount")]
    sums = pl.concat(parts).group_by(keys, maintain_order=True).agg(pl.col("rows", "amount").sum())
    return sums.select(pl.col(name).cast(dtype) for name, dtype in TALLY.items()).sort(
        "source", "fate", "reason", maintain_order=True
    )


def _summed(rows: pl.LazyFrame) -> pl.DataFrame:
    return (
        rows.group_by("_source", "fate", "_reason")
        .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("amount").sum())
        .collect(engine="streaming")
        .select("_source", "fate", "_reason", "rows", pl.col("amount").cast(money.AMOUNT))
    )


def _named(summed: pl.DataFrame, table: str) -> pl.DataFrame:
    codes = dict(enumerate(reason.code for reason in reasons_of(table)))
    ordered = summed.sort("_source", "fate", "_reason")  # two columns may have reasons of one name
    return ordered.select(
        table=pl.lit(table),
        source="_source",
        fate="fate",
        reason=pl.col("_reason").replace_strict(codes, default=None, return_dtype=pl.String),
        rows="rows",
        amount="amount",
    ).sort("source", "fate", "reason", maintain_order=True)


def counts(tallies: pl.DataFrame, read: Iterable[tuple[str, str, int]]) -> pl.DataFrame:
    """One row for each source (columns `COUNTS`); `read` has its table, name and rows read."""
    sources = pl.DataFrame(
        list(read), schema={"table": pl.String, "source": pl.String, "read": pl.Int64}, orient="row"
    )
    by_fate = tallies.group_by("table", "source").agg(
        pl.col("rows").filter(pl.col("fate") == fate).sum().alias(fate) for fate in FATES
    )
    return (
        sources.join(by_fate, on=["table", "source"], how="left", maintain_order="left")
        .with_columns(pl.col(FATES).fill_null(0))
        .select(pl.col(name).cast(dtype) for name, dtype in COUNTS.items())
    )


def rejected_by_reason(tallies: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows by reason (columns `REASONS`)."""
    return (
        tallies.filter(pl.col("fate") == "rejected")
        .group_by("table", "source", "reason", maintain_order=True)
        .agg(pl.col("rows", "amount").sum())
        .select(pl.col(name).cast(dtype) for name, dtype in REASONS.items())
    )


def totals(days: pl.DataFrame, tallies: pl.DataFrame) -> pl.DataFrame:
    """The counting sale lines of each source (see `Inputs.totals`)."""
    net = days.group_by("source").agg(
        pl.col("lines").sum(),
        *(pl.col(name).sum().cast(money.AMOUNT) for name in ("amount", "size")),
    )
    rejected = (
        tallies.filter((pl.col("table") == "sales") & (pl.col("fate") == "rejected"))
        .group_by("source")
        .agg(pl.col("amount").sum().alias("rejected_size"))
    )
    return net.join(rejected, on="source", how="full", coalesce=True).sort("source").fill_null(0)

"""(c) Too many rejected rows, or other lines and amounts than the sender of an export states."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.posting.guards.situation import Refusal, Situation, refusal


def rejects(situation: Situation) -> Iterator[Refusal]:
    """Refuses by rows for any source, by absolute amount for sales, and by control totals."""
    yield from _by_rows(situation)
    yield from _by_amount(situation)
    yield from _by_control_totals(situation)


def _by_rows(situation: Situation) -> Iterator[Refusal]:
    rules = situation.run.loaded.workspace.data
    for row in situation.run.inputs.counts.iter_rows(named=True):
        if not rules.tolerates(row["rejected"], row["read"]):
            message = f"source {row['source']}: {row['rejected']:,} of {row['read']:,} rows"
            read = Decimal(row["read"])
            yield _over(message, Decimal(row["rejected"]), read, rules.max_reject_rate)


def _by_amount(situation: Situation) -> Iterator[Refusal]:
    limit = situation.run.loaded.workspace.data.max_reject_rate
    for row in situation.run.inputs.totals.iter_rows(named=True):
        size = row["size"] + row["rejected_size"]
        if row["rejected_size"] > limit * size:
            message = (
                f"source {row['source']}: {row['rejected_size']:,.2f} of {size:,.2f} in amount"
            )
            yield _over(message, row["rejected_size"], size, limit)


def _over(message: str, part: Decimal, whole: Decimal, limit: Decimal) -> Refusal:
    share = money.round_decimal(100 * part / whole, 1)
    text = f"{message} ({share:f} %) are rejected, more than max_reject_rate ({money.plain(limit * 100)} %)"
    return refusal("rejects", text, "correct the rows in rejects/")


def _by_control_totals(situation: Situation) -> Iterator[Refusal]:
    stated = situation.run.inputs.tables["control_totals"]
    until = situation.run.period.last.strftime("%Y-%m")
    is_month = pl.col("month").str.contains(r"^\d{4}-(0[1-9]|1[0-2])$")
    for month in stated.filter(~is_month)["month"].unique().sort():
        message = f"control_totals: {month} is no month, and nothing is compared with it"
        yield refusal("rejects", message, "such as 2026-07")
    due = stated.filter(is_month & (pl.col("month") <= until))
    for row in due.iter_rows(named=True):
        lines, amount = _found(situation, row["source"], row["month"])
        where = f"source {row['source']}, {row['month']}: control_totals states"
        hint = "is the export complete, and read as it is meant?"
        if row["lines"] is not None and row["lines"] != lines:
            yield refusal("rejects", f"{where} {row['lines']:,} lines, read are {lines:,}", hint)
        if row["amount"] is not None and row["amount"] != amount:
            message = f"{where} an amount of {_shown(row['amount'])}, read are {_shown(amount)}"
            yield refusal("rejects", message, hint)


def _found(situation: Situation, source: str, month: str) -> tuple[int, Decimal]:
    """Lines and amount, at face value, that counted of a source and month."""
    found = (
        situation.run.inputs.sales.filter(
            (pl.col("source") == source) & (pl.col("sold_on").dt.strftime("%Y-%m") == month)
        )
        .select(pl.len().alias("lines"), pl.col("amount").sum())
        .collect(engine="streaming")
    )
    lines, amount = found.row(0)
    return int(lines), Decimal(amount or 0)


def _shown(amount: Decimal) -> str:
    """With at least two decimals, and no zeros after those."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{digits}f}"

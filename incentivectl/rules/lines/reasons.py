"""What becomes of a program's lines, added up in the same pass that measures those that count."""

import polars as pl

from incentivectl.core import money
from incentivectl.rules.case import Case
from incentivectl.rules.lines.payees import with_managers

_KEYS = ("period", "reason")
REST = "rest_ws"  # of a line that counts in part: the amount that does not, in workspace currency


def by_reason(case: Case, judged: pl.LazyFrame) -> pl.LazyFrame:
    """`period`, `reason` (null where lines count), and what these lines come to.

    `lines` (Int64), `amount` (workspace currency), `in_program` (the program's currency, 12 decimals).
    Of a line that goes to managers, the shares without one are `no-manager`, of 0 lines.
    """
    whole = judged.group_by(_KEYS).agg(
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("amount_ws").sum().alias("amount"),
        pl.col("amount").sum().cast(money.SHARED).alias("in_program"),
    )
    if case.program.payee != "manager":
        return whole
    counted = judged.filter(pl.col("reason").is_null())
    if REST in judged.collect_schema():
        rest = pl.col(REST).fill_null(money.literal(0))
        counted = counted.with_columns(amount_ws=pl.col("amount_ws") - rest)
    lost = _without_manager(case, counted)
    taken_off = lost.with_columns(-pl.col("amount", "in_program"), reason=pl.lit(None, pl.String))
    parts = [whole, lost, taken_off.select(*_KEYS, "lines", "amount", "in_program")]
    return pl.concat(parts).group_by(_KEYS).agg(pl.col("lines", "amount", "in_program").sum())


def _without_manager(case: Case, counted: pl.LazyFrame) -> pl.LazyFrame:
    """What the shares without a manager come to, in each period with such lines."""
    lines = counted.select("row", "rep_id", "counted_on", "period", "amount", "amount_ws")
    shares = with_managers(case.facts, lines, ("amount", "amount_ws"))
    return (
        shares.filter(pl.col("payee_id").is_null())
        .group_by("period")
        .agg(pl.col("amount_ws", "amount").sum())
        .select(
            "period",
            reason=pl.lit("no-manager"),
            lines=pl.lit(0, dtype=pl.Int64),
            amount=money.to_amount(pl.col("amount_ws")),
            in_program="amount",
        )
    )

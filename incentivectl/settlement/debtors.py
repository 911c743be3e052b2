"""Who pays whom (docs/ledger.md, "Debtors")."""

from collections.abc import Sequence

import polars as pl

from incentivectl.rules.lines.conditions import all_hold
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import ID
from incentivectl.workspace.payout import Debtor


def with_debtor(rows: pl.DataFrame, channel: LineSource, debtors: Sequence[Debtor]) -> pl.DataFrame:
    """`rows` (payee_kind, payee_id) with `debtor` (String), the name of who pays each; null: nobody.

    The first debtor whose conditions hold for the payee's partner on the last day of PERIOD; a rep's
    partner is its own.
    """
    conditions = [condition for one in debtors for condition in one.when]
    if not conditions:
        name = debtors[0].name if debtors else None
        return rows.with_columns(debtor=pl.lit(name, dtype=pl.String))
    first = pl.coalesce(
        *(pl.when(all_hold(one.when)).then(pl.lit(one.name)) for one in debtors),
        pl.lit(None, dtype=pl.String),
    )
    fields = {condition.field for condition in conditions}
    payees = rows.select(*ID).unique().with_columns(judged_on=pl.lit(channel.as_of))
    found = [
        channel.payee_view(payees.filter(pl.col("payee_kind") == kind), kind, fields).select(
            *ID, debtor=first
        )
        for kind in ("partner", "rep")
    ]
    return rows.join(pl.concat(found), on=[*ID], how="left", maintain_order="left")

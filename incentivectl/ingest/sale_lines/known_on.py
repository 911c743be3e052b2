"""Sale lines as they were known on a day: what was received later is skipped.

It is left out before versions and returns are settled, so that an earlier version of a line counts again
(docs/questions.md, "Scenarios").
"""

from datetime import date

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.ingest.reasons import REASON, SKIPPED
from incentivectl.ingest.sale_lines.sale_rows import SaleRows


def leave_out_later(rows: SaleRows, known_on: date) -> list[Problem]:
    """Skips the lines whose `received_on` is after `known_on`; says how many these are.

    A line without `received_on` was known all along.
    """
    is_later = (pl.col("received_on") > known_on).fill_null(value=False)
    counts = rows.rows.select(later=is_later.sum(), dated=pl.col("received_on").count())
    later, dated = counts.collect(engine="streaming").row(0)
    if not dated:
        message = f"no line has a `received_on`: all count as known on {known_on}"
        hint = "name the column of the export, or `from_path`, in the source of sales"
        return [Problem("no-received-on", message, hint, severity="warning")]
    if not later:
        return []
    rows.rows = rows.rows.with_columns(
        _reason=pl.when(is_later).then(pl.lit(SKIPPED, dtype=REASON)).otherwise("_reason")
    )
    rows.plain, rows.returns = rows.plain.filter(~is_later), rows.returns.filter(~is_later)
    message = f"as known on {known_on}: {counted(later, 'line')} received later and skipped"
    return [Problem("received-later", message, severity="warning")]

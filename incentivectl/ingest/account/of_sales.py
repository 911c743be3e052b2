"""What is told of the rows of the sales as a whole: found in any parts of them, and put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.ingest.account.counts import tallied_together, tally
from incentivectl.ingest.account.days import days_of_files, days_together
from incentivectl.ingest.account.first_rejected import rejected_by_file, rejected_together
from incentivectl.ingest.account.repeated import duplicates, duplicates_together
from incentivectl.ingest.account.replaced import together as replaced_together
from incentivectl.ingest.account.waiting import rejected_of, waiting_together
from incentivectl.ingest.account.warnings import (
    first_returns,
    lines_of_reps,
    lines_of_reps_together,
    returns_of_unknown,
    sales_in_files,
    sales_in_files_together,
)
from incentivectl.ingest.rows.unknown import seen_together, unknown_of
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.returns import Returns
from incentivectl.ingest.sale_lines.sale_rows import SaleRows


@dataclass(frozen=True)
class OfSales:
    """Of the rows of the sales, or of a part of them.

    Each frame is named for the function that finds it: `counts.tally`, `days.days_of_files`,
    `SaleRows.replaced`, `repeated.duplicates`, `unknown.unknown_of`, `waiting.rejected_of`,
    `first_rejected.rejected_by_file`, and of `warnings` the rest.
    """

    tally: pl.DataFrame
    days: pl.DataFrame
    replaced: pl.DataFrame
    duplicates: pl.DataFrame
    unknown: pl.DataFrame
    waiting: pl.DataFrame
    rejected: pl.DataFrame
    returns: pl.DataFrame
    reps: pl.DataFrame
    in_files: pl.DataFrame


def of_sales(rows: SaleRows, sales: pl.LazyFrame, returns: Returns, rules: LineRules) -> OfSales:
    """What these rows tell; `sales` are those that count."""
    return OfSales(
        tally(rows, pl.col("amount")),
        days_of_files(sales, rows.opened),
        rows.replaced,
        duplicates(rows),
        unknown_of(rows, rules.masters),
        rejected_of(rows),
        rejected_by_file(rows),
        returns_of_unknown(rows, returns),
        lines_of_reps(sales, rules.reps),
        sales_in_files(rows),
    )


def together(parts: Sequence[OfSales]) -> OfSales:
    """What all rows tell, by what their parts do."""
    return OfSales(
        tallied_together([part.tally for part in parts]),
        days_together([part.days for part in parts]),
        replaced_together([part.replaced for part in parts]),
        duplicates_together([part.duplicates for part in parts]),
        seen_together([part.unknown for part in parts]),
        waiting_together([part.waiting for part in parts]),
        rejected_together([part.rejected for part in parts]),
        first_returns([part.returns for part in parts]),
        lines_of_reps_together([part.reps for part in parts]),
        sales_in_files_together([part.in_files for part in parts]),
    )

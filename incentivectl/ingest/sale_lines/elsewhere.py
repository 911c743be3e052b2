"""Sale lines that are read elsewhere: what must be known there, and what comes back.

By default they are read here; whoever spreads the work over processes or machines gives a `ReadElsewhere`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from incentivectl.ingest.account.of_sales import OfSales
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import LinesInParts
from incentivectl.ingest.sale_lines.line_rules import LineRules


@dataclass(frozen=True)
class LinesElsewhere:
    """Sale lines that were read and resolved elsewhere.

    `rows` tell of the rejected ones; `sales` and `returns` have the schema of those in `Inputs`; `account` is
    what is told of all rows, and `parts` answers what rules ask.
    """

    rows: TableRows
    sales: pl.LazyFrame
    returns: pl.LazyFrame
    account: OfSales
    parts: LinesInParts


class ReadElsewhere(Protocol):
    """Reads sale lines elsewhere."""

    def __call__(
        self, files: Sequence[DataFile], rules: LineRules, progress: Progress
    ) -> LinesElsewhere | None:
        """The lines of these files; None where all must be read together, here."""
        ...

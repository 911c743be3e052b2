"""Sale lines that are read elsewhere: what must be known there, and what comes back.

By default they are read here; whoever spreads the work over processes or machines gives a `ReadElsewhere`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.returns import Returns
from incentivectl.ingest.sale_lines.sale_rows import SaleRows
from incentivectl.sales.channel import Parts


@dataclass(frozen=True)
class LinesElsewhere:
    """Sale lines that were read and resolved elsewhere.

    `rows` are those of all parts; `returns` the counting ones whose sale is not known; `tally` as
    `account.counts.tally` gives it; `reversing` are `Inputs.returns`; `parts` answers what rules ask.
    """

    rows: SaleRows
    returns: Returns
    tally: pl.DataFrame
    reversing: pl.LazyFrame
    parts: Parts


class ReadElsewhere(Protocol):
    """Reads sale lines elsewhere."""

    def __call__(
        self, files: Sequence[DataFile], rules: LineRules, progress: Progress
    ) -> LinesElsewhere | None:
        """The lines of these files; None where all must be read together, here."""
        ...

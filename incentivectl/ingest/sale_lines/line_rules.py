"""What must be known to read sale lines, whatever their files."""

from dataclasses import dataclass

import polars as pl

from incentivectl.core.rates import DayRates
from incentivectl.ingest.rows.masters import Masters


@dataclass(frozen=True)
class LineRules:
    """Masters, attributes, exchange rates, the workspace's currency, and the rows of `reps`."""

    masters: Masters
    attributes: tuple[str, ...]
    rates: DayRates
    currency: str
    reps: pl.DataFrame

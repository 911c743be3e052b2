"""What must be known to read sale lines, whatever their files."""

from dataclasses import dataclass

from incentivectl.core.rates import DayRates
from incentivectl.ingest.rows.masters import Masters


@dataclass(frozen=True)
class LineRules:
    """Masters, attributes, exchange rates, and the workspace's currency."""

    masters: Masters
    attributes: tuple[str, ...]
    rates: DayRates
    currency: str

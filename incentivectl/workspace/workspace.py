"""A workspace as its config says, and where it is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.core.calendar import Calendar
from incentivectl.workspace.config_file import DataRules, MetricRules, Settlement, StatementRules
from incentivectl.workspace.engine_rules import EngineRules
from incentivectl.workspace.journal_rules import JournalRules
from incentivectl.workspace.payout import Payout, Tax
from incentivectl.workspace.source import CONFIG_NAME, Source

if TYPE_CHECKING:
    import polars as pl

    from incentivectl.core.rates import DayRates


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as its config says; paths are absolute.

    `levels` are those of its level programs, by id: the table `levels` may name no other.
    """

    root: Path
    config_file: Path
    name: str
    currency: str
    calendar: Calendar
    programs_dir: Path
    ledger: Path
    reports: Path
    data: DataRules
    payout: Payout
    tax: Tax
    settlement: Settlement
    metrics: MetricRules
    statement: StatementRules
    journal: JournalRules
    sources: tuple[Source, ...]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    engine: EngineRules = field(default_factory=EngineRules)

    @property
    def attributes(self) -> dict[str, dict[str, str]]:
        """Table → the extra columns that any of its sources lists, with their kinds: text, number or date."""
        listed: dict[str, dict[str, str]] = {}
        for source in self.sources:
            kinds = dict.fromkeys(source.attributes, "text") | dict(source.attribute_kinds)
            listed[source.table] = listed.get(source.table, {}) | kinds
        return listed

    def rates(self, fx: "pl.DataFrame") -> "DayRates":
        """The accepted rows of the table `fx` as a rate for each currency and day."""
        from incentivectl.core.rates import day_rates

        return day_rates(
            fx, workspace_currency=self.currency, max_age_days=self.data.max_rate_age_days
        )

    def sources_of(self, table: str) -> tuple[Source, ...]:
        """The sources of one table, in the order of the config."""
        return tuple(source for source in self.sources if source.table == table)


def find_workspace(start: Path) -> Path | None:
    """The nearest folder from `start` upwards that holds a config, or none."""
    folder = start.absolute()
    return next(
        (place for place in (folder, *folder.parents) if (place / CONFIG_NAME).exists()), None
    )

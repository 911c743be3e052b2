"""Figures by what they are about, and tables that begin with what matters most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from incentivectl.core.nouns import counted
from incentivectl.insight.metrics import Compared, Figure
from incentivectl.insight.metrics.figure_cells import NONE, change, reason, shown_value
from incentivectl.insight.metrics.figures import Definition, Scope, Value
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.sparkline import sparkline
from incentivectl.output.report import Cell, Section

FIRST = 10  # rows that a table shows unless all are asked for

Row = tuple[Cell, ...]
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What tables are made of: the figures, the views behind them, and whether all rows are shown."""

    figures: list[Figure]
    views: Compared
    every_row: bool
    by_key: dict[tuple[str, Scope, str], Figure] = field(init=False)

    def __post_init__(self) -> None:
        """Sorts the figures by what they are about."""
        by_key = {(one.definition.key, one.scope, one.of): one for one in self.figures}
        object.__setattr__(self, "by_key", by_key)

    @property
    def before(self) -> str:
        """The label of the period before."""
        return self.views.before.period.label

    @property
    def year_ago(self) -> str:
        """The label of the same period a year ago."""
        return self.views.year_ago.period.label

    def at(self, definition: Definition, scope: Scope, of: str = "") -> Figure | None:
        """One figure, or none."""
        return self.by_key.get((definition.key, scope, of))

    def of(self, definition: Definition, scope: Scope) -> list[Figure]:
        """A figure of each partner, program, category or product."""
        return [one for one in self.figures if one.definition == definition and one.scope == scope]

    def value(self, definition: Definition, scope: Scope, of: str) -> Cell:
        """The value of PERIOD as people see it; a dash with its reason where it is missing."""
        figure = self.at(definition, scope, of)
        if figure is None:
            return self._of_nothing(definition, scope)
        return shown_value(figure, figure.value)

    def _of_nothing(self, definition: Definition, scope: Scope) -> Cell:
        """A figure without any value: 0 if it adds up, a dash where not even the whole is known."""
        whole = self.at(definition, "whole")
        if whole is None:
            return None
        if isinstance(whole.value, Missing):
            return NONE
        return shown_value(whole, Decimal(0)) if definition.adds_up_by(scope) else None

    def values(self, scope: Scope, of: str, *definitions: Definition) -> Row:
        """Several values of PERIOD."""
        return tuple(self.value(definition, scope, of) for definition in definitions)

    def exact(self, definition: Definition, scope: Scope, of: str) -> Decimal:
        """The value of PERIOD for sorting; 0 where there is none."""
        figure = self.at(definition, scope, of)
        return _number(figure.value if figure else None)

    def with_changes(self, definition: Definition, scope: Scope, of: str) -> Row:
        """The value, and its changes against the period before and a year ago."""
        figure = self.at(definition, scope, of)
        if figure is None:
            return None, None, None
        return (
            shown_value(figure, figure.value),
            change(figure, figure.before),
            change(figure, figure.year_ago),
        )

    def trend(self, definition: Definition, scope: Scope, of: str = "") -> str:
        """The last twelve months as a sparkline."""
        figure = self.at(definition, scope, of)
        return sparkline(figure.trend) if figure else ""

    def names(self, scope: Scope, *definitions: Definition) -> dict[str, str]:
        """Each id that one of the figures is about in any of the periods, and its name."""
        keys = {definition.key for definition in definitions}
        named = {
            one.of: one.name
            for one in self.figures
            if one.scope == scope and one.definition.key in keys
        }
        return dict(sorted(named.items()))

    def why(self, definition: Definition, scope: Scope = "whole", of: str = "") -> str:
        """Why a figure of PERIOD is missing; empty where it is not."""
        figure = self.at(definition, scope, of)
        return reason(figure.value) if figure else ""

    def table(
        self,
        key: str,
        title: str,
        columns: tuple[str, ...],
        rows: Sequence[Row],
        *,
        nothing: str = "Nothing.",
        note: str = "",
    ) -> Section:
        """A table for people: its first rows, or all, and how many more there are."""
        shown = rows if self.every_row else rows[:FIRST]
        left = len(rows) - len(shown)
        more = f"{counted(left, 'more row')}: --all shows them." if left else ""
        told = " ".join(text for text in (more, note) if text) if rows else nothing
        return Section(key, title, columns, shown, told, audience="people")

    def listed(
        self,
        key: str,
        title: str,
        columns: tuple[str, ...],
        rows: Sequence[Row],
        *,
        nothing: str = "Nothing.",
        note: str = "",
    ) -> Iterator[Section]:
        """The same, and the list as a whole for JSON."""
        yield self.table(key, title, columns, rows, nothing=nothing, note=note)
        yield Section(key, title, columns, rows, audience="machines")


def _number(value: Value | None) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)

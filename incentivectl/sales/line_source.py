"""What rules see of the data: the sale lines with their masters, real ones or those of an example.

`Channel` (`sales.channel`) is the data of a run, `engine.example_channel` the few rows of an `[[example]]`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar, TypeVarTuple

import polars as pl

from incentivectl.core.calendar import Calendar
from incentivectl.core.rates import DayRates

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


@dataclass(frozen=True, eq=False)
class FoundReading:
    """What was found of `lines` while they were read: `returns` and `days` of `ingest.Inputs`.

    In a part of the lines, `days` are those of all, and `at_hand` is how many lines it has. It is about these
    `lines` alone: a channel with others, as scenarios have, looks at its own.
    """

    lines: pl.LazyFrame
    returns: pl.LazyFrame
    days: pl.DataFrame | None = None
    at_hand: int | None = None


class LineSource(Protocol):
    """What the rules ask of a channel: real data, or the few lines of an `[[example]]`."""

    @property
    def currency(self) -> str:
        """The workspace's currency."""
        ...

    @property
    def calendar(self) -> Calendar:
        """What a month is."""
        ...

    @property
    def as_of(self) -> date:
        """The last day of PERIOD."""
        ...

    @property
    def lines(self) -> pl.LazyFrame:
        """The accepted counting lines, without those that count after `as_of`."""
        ...

    @property
    def found_reading(self) -> FoundReading | None:
        """What reading has found out about the lines already."""
        ...

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Every other table."""
        ...

    @property
    def rates(self) -> DayRates:
        """Exchange rates by day."""
        ...

    @property
    def partner_rows(self) -> pl.DataFrame:
        """The partners' rows with the days that they are in force."""
        ...

    @property
    def rep_rows(self) -> pl.DataFrame:
        """The reps' rows with the days that they are in force."""
        ...

    @property
    def in_memory(self) -> bool:
        """Whether the lines are held in memory, for many programs to ask for them."""
        ...

    @property
    def given(self) -> bool:
        """Whether lines list the fields that they state (examples)."""
        ...

    @property
    def in_parts(self) -> bool:
        """Whether the lines are cut into parts that lie elsewhere."""
        ...

    def ask(
        self,
        question: Callable[["LineSource", *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `merge` makes of what `question` finds in each part of the lines, or in the one whole.

        For questions that the lines of one partner do not answer. Both are functions of a module, so that
        they can be pickled.
        """
        ...

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they are judged by, as `Channel.view` adds it."""
        ...

    def with_list_price(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """`lines` with the `list_price` of their own product (6 decimals, workspace currency)."""
        ...

    def payee_view(self, payees: pl.DataFrame, payee: str, fields: Collection[str]) -> pl.DataFrame:
        """`payees` (payee_id, judged_on) with a column for every partner and rep field."""
        ...

    def activity_view(self, activities: pl.DataFrame, fields: Collection[str]) -> pl.DataFrame:
        """`activities` with `partner_known` and a column for every partner and rep field."""
        ...

    def with_levels(self, rows: Mapping[str, pl.DataFrame]) -> "LineSource":
        """The same with the levels of partners, by level program (see `Channel.level_rows`)."""
        ...


def found_of(channel: LineSource) -> FoundReading | None:
    """What was found of a channel's lines while they were read; None of any others."""
    found = channel.found_reading
    return found if found is not None and found.lines is channel.lines else None

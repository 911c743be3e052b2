"""One program against one channel: what every rule is given, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.periods import MONTHS_OF, MeasurementPeriod
from incentivectl.programs.model import Program
from incentivectl.rules.lines.terms import Blocks
from incentivectl.rules.lookups import Lookups
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource

# A contribution: what one line (or bonus, prize, activity, claim) adds to a payee's reward. Where no
# line makes it, `row` is null, `source` says what it is and `item_id` which one: an activity's or a
# claim's id.
CONTRIBUTION: Schema = {
    "row": ROW,
    "source": pl.String,
    "period": pl.Int32,
    "payee_id": pl.String,
    "contribution": money.EARNED,
    "counted_on": pl.Date,
    "sale_id": pl.String,
    "line_key": pl.String,
    "partner_id": pl.String,
    "distributor_id": pl.String,
    "item_id": pl.String,
}
_OWN = {name: pl.col(name).cast(dtype) for name, dtype in CONTRIBUTION.items()}
_NULL = {name: pl.lit(None, dtype).alias(name) for name, dtype in CONTRIBUTION.items()}
# What rewards are found by.
KEYS = ("period", "payee_id")
# The order of lines wherever it matters; the distributor only sets apart what is equal otherwise.
LINE_ORDER = ("counted_on", "sale_id", "line_key", "partner_id", "distributor_id")
# The order of contributions in a program: its lines in their order, or its activities or claims by id.
CONTRIBUTION_ORDER = ("counted_on", "item_id", *LINE_ORDER[1:], "payee_id")


@dataclass(frozen=True)
class Case:
    """A program, the channel that it is applied to, and its rivals.

    `rivals` are the programs of its exclusive group that come before it.
    """

    program: Program
    currency: str
    channel: LineSource
    lookups: Lookups
    rivals: tuple[tuple[Program, str], ...] = ()

    @property
    def facts(self) -> Facts:
        """Facts about the channel's lines as a whole."""
        return self.lookups.facts

    @cached_property
    def periods(self) -> tuple[MeasurementPeriod, ...]:
        """The measurement periods that began by the last day of PERIOD."""
        program = self.program
        every = self.channel.calendar.measurement_periods(
            program.starts, program.ends, program.period
        )
        return tuple(period for period in every if period.start <= self.channel.as_of)

    @cached_property
    def blocks(self) -> Blocks:
        """What a payee may take: the program's rewards, and after them their terms."""
        return Blocks(self.program.reward)

    @property
    def digits(self) -> int:
        """Decimals of the minor unit of the program's currency."""
        return money.minor_digits(self.currency)

    @property
    def amount_column(self) -> str:
        """The column with a line's amount in the program's currency."""
        return f"amount:{self.currency}"


@dataclass(frozen=True)
class Judged:
    """A program whose lines are judged; `place` is its place among those that are computed together.

    `judge` is called when `lines` are first asked for.
    """

    place: int
    case: Case
    judge: Callable[[Case], pl.LazyFrame | None] = lambda _: None

    @cached_property
    def lines(self) -> pl.LazyFrame | None:
        """Every accepted line in the program's dates, judged; None where a kind does not look at lines.

        With `period` (Int32), `reason` (String, null where it counts), `is_return`, `amount` (in the
        program's currency), `amount_ws`, and as `original.<name>` what it was judged by.
        """
        return self.judge(self.case)


# The lines that count, by how what they add is found: by themselves, or in the order of their payee's lines.
ALONE, IN_ORDER = "alone", "in_order"
# What a program asks of its lines, by name; and what came back, stacked over programs (`program`, the
# place of each, is the first column). `rules.lines.sums` adds parts of it together.
Asked = Mapping[str, pl.LazyFrame]
Sums = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Earned:
    """What payees earn before boosts, caps, rounding and budget: of one program, or of all of a kind.

    `payees` has a row per program, measurement period and payee: `program` (UInt32), `period` (Int32),
    `payee_id` (String), `reward` (18 decimals), `boost` (6 decimals), `metric` (String),
    `metric_value`, `baseline`, `rate` (12 decimals), `tier` (Int32), `why_nothing`
    (String: the reason where all of the reward is missing). `details` has what else contributions are
    made of, with `program`: what single rewards earn (discounts), paid activities and claims, bonuses.
    """

    payees: pl.DataFrame
    details: pl.DataFrame | None = None


@dataclass(frozen=True)
class Measured:
    """One program and what its payees earn; what each line adds to that when it is asked for."""

    one: Judged
    earned: Earned
    count: Callable[[Judged, Earned], Asked]
    contribute: Callable[[Case, Asked, Earned], pl.LazyFrame]

    @property
    def payees(self) -> pl.DataFrame:
        """What its payees earn (`Earned.payees`)."""
        return self.earned.payees

    @property
    def details(self) -> pl.DataFrame | None:
        """What else contributions are made of (`Earned.details`)."""
        return self.earned.details

    @property
    def judged(self) -> pl.LazyFrame | None:
        """Its lines (`Judged.lines`)."""
        return self.one.lines

    @cached_property
    def contributions(self) -> pl.LazyFrame:
        """What each line adds (columns `CONTRIBUTION`)."""
        return self.paid(self.counted)

    @property
    def counted(self) -> Asked:
        """Its lines that count, by payee: what each is by itself, whatever part of the lines it stands in.

        Under `ALONE` those that add what they add by themselves, under `IN_ORDER` those that add it after
        all lines of their payee before them.
        """
        return self.count(self.one, self.earned)

    def paid(self, counted: Asked) -> pl.LazyFrame:
        """What such lines add, and what payees earn besides lines (columns `CONTRIBUTION`)."""
        return self.contribute(self.one.case, counted, self.earned)

    def of_lines(self, lines: pl.LazyFrame) -> "Measured":
        """The same with these of its judged lines: all lines of some payees, or of some sales."""
        return replace(self, one=replace(self.one, judge=lambda _: lines))

    def contributions_of(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """What these of the judged lines add."""
        return self.of_lines(lines).contributions


def as_contributions(frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame` with the columns of `CONTRIBUTION`; those that it does not have are null."""
    has = frame.collect_schema()
    return frame.select(_OWN[name] if name in has else _NULL[name] for name in CONTRIBUTION)


def period_index(
    day: pl.Expr, windows: tuple[MeasurementPeriod, ...], period: str, calendar: Calendar
) -> pl.Expr:
    """Which of the adjoining `windows` a date within them lies in, from 0 (Int32)."""
    if len(windows) == 1:
        return pl.lit(0, dtype=pl.Int32)
    months = MONTHS_OF[period]
    base = calendar.number_of(windows[1].start) - months
    return ((calendar.numbers_of(day) - base) // months).cast(pl.Int32)


def due_day(period: MeasurementPeriod, hold_days: int) -> date:
    """The day from which on a measurement period is due: its end + `hold_days`."""
    return date.fromordinal(period.end.toordinal() + hold_days)

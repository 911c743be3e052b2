"""Two states of one workspace, and every mixture of them: some inputs as they were, others as they are.

The rules are docs/questions.md, "Causes of a change".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import neg, pos

import polars as pl

from incentivectl.core.frames import total
from incentivectl.core.periods import Period
from incentivectl.ingest.rows.credits import BAD_CREDITS
from incentivectl.insight.causes.matched import SAME, matched
from incentivectl.insight.causes.names import (
    BOOKED_AS_THEY_STAND,
    CONFIG,
    FELL_DUE,
    FX,
    LINES,
    NEWER,
    ORDER,
    PARTNER,
    PROGRAM_GONE,
    PROGRAM_NEW,
    REOPENED,
    RULE,
    TABLES,
    TERMS,
)
from incentivectl.insight.compare.whatif import affected_programs
from incentivectl.programs.model import Program
from incentivectl.run.known import Known, channel_of
from incentivectl.run.loading import Loaded
from incentivectl.run.run import Reopened
from incentivectl.sales.in_force import BEGINNING
from incentivectl.sales.in_memory import read_once
from incentivectl.workspace.workspace import Workspace

Tables = dict[str, pl.DataFrame]
# Rows that are part of a state only from their day on, even if its exports held them before.
COUNTS_FROM = {
    "activities": ("done_on",),
    "mdf_requests": ("approved_on", "requested_on"),
    "mdf_claims": ("claimed_on",),
    "deals": ("approved_on", "registered_on"),
    "levels": ("valid_from",),
    "prices": ("valid_from",),
    "adjustments": ("on",),
    "fx": ("on",),
    "targets": ("period_start",),
}
# The same for masters with dated rows, of which the first one always counts.
_VERSIONS = {"partners": "partner_id", "reps": "rep_id"}
# Tables that say something of ids, or of sales: of those that are new it concerns new lines alone.
_KEYS = {
    "partners": "partner_id",
    "reps": "rep_id",
    "products": "product_id",
    "prices": "product_id",
    "customers": "customer_id",
    "credits": "sale_id",
    "bad_credits": "sale_id",
}
_READ_BY_FEW = ("deal", "activity", "mdf-request", "mdf-claim")  # `Program.tables` tells by whom
_PROGRAMS = (PROGRAM_GONE, TERMS, RULE, PROGRAM_NEW)
_EARN_BY_THEMSELVES = ("activities", "mdf_requests", "mdf_claims", "adjustments", "opening")


@dataclass(frozen=True)
class TwoStates:
    """`then` and `now`: two states of a workspace, each as of the last day of its own PERIOD.

    `reopened` are the closed measurement periods that were booked then, and are now. `is_first`: there
    was nothing before (see `from_nothing`).
    """

    then: Known
    now: Known
    reopened: tuple[frozenset[Reopened], frozenset[Reopened]] = (frozenset(), frozenset())
    is_first: bool = field(default=False, kw_only=True)

    @cached_property
    def matched(self) -> pl.DataFrame:
        """The lines of both: see `matched.matched`."""
        return matched(self.then, self.now)

    @cached_property
    def present(self) -> tuple[str, ...]:
        """The causes of which there is anything at all, in the order in which inputs change."""
        found = {*self._present()}
        order = list(ORDER)
        if self.now.period.last < self.then.period.last:  # lines go before the day that they need
            order.remove(FELL_DUE)
            order.insert(order.index(NEWER) + 1, FELL_DUE)
        return tuple(cause for cause in order if cause in found)

    def _present(self) -> Iterator[str]:
        yield from set(self.matched["what"].unique()) - {SAME}
        then, now = self._tables
        fresh = self._fresh
        for table, cause in TABLES.items():
            if not _same(_stacked(then.get(table), fresh.get(table)), now.get(table)):
                yield cause
        workspaces = (self.then.loaded.workspace, self.now.loaded.workspace)
        is_later = self.now.period.last != self.then.period.last
        if not self.is_first and (is_later or workspaces[0].calendar != workspaces[1].calendar):
            yield FELL_DUE
        if _config(workspaces[0]) != _config(workspaces[1]):
            yield CONFIG
        if self.reopened[0] != self.reopened[1]:
            yield REOPENED
        yield from (how for _, how in self.changed_programs)

    @cached_property
    def changed_programs(self) -> tuple[tuple[str, str], ...]:
        """The id of each program that is not what it was, and the cause that this makes.

        A level program comes and goes with the rules of those that ask for it.
        """
        then, now = (
            {one.id: one for one in side.loaded.programs} for side in (self.then, self.now)
        )
        gone = [one for key, one in then.items() if key not in now]
        new = [one for key, one in now.items() if key not in then]
        return (
            *((one.id, RULE if one.levels else PROGRAM_GONE) for one in gone),
            *((one.id, RULE if one.levels else PROGRAM_NEW) for one in new),
            *(
                (key, TERMS if then[key].rule_hash == now[key].rule_hash else RULE)
                for key in now
                if key in then and then[key].hash_with_terms != now[key].hash_with_terms
            ),
        )

    def lines_changed(self, cause: str) -> tuple[int, Decimal]:
        """How many lines a cause takes from now, and what their amounts (workspace currency) change."""
        own = self.matched.filter(pl.col("what") == cause)
        sides = ((self.then, "row_then", neg), (self.now, "row_now", pos))
        amounts = [
            side.inputs.sales.join(own.lazy().select(row=row), on="row", how="semi").select(
                amount=sign(pl.col("amount_ws"))
            )
            for side, row, sign in sides
        ]
        return own.height, total(pl.concat(amounts).collect(engine="streaming"), "amount")

    def affected(self, cause: str) -> frozenset[str] | None:
        """The programs that a cause can affect; None where that may be any."""
        if cause in BOOKED_AS_THEY_STAND:
            return frozenset()
        then, now = (side.loaded.programs for side in (self.then, self.now))
        every = [*then, *now]
        if cause in _PROGRAMS:
            concerned = {key for key, how in self.changed_programs if how == cause}
        elif cause in _READ_BY_FEW:
            tables = {table for table, name in TABLES.items() if name == cause}
            readers = [program for program in every if program.tables & tables]
            if any(program.levels for program in readers):  # anybody may ask for levels
                return None
            concerned = {program.id for program in readers}
        else:
            return None
        return affected_programs(then, now, concerned)

    def mixture(self, as_now: Collection[str]) -> Known:
        """The state with the causes `as_now` as they are now, and the rest as it was then."""
        period = self.now.period if self.is_first or FELL_DUE in as_now else self.then.period
        workspace = (self.now if CONFIG in as_now else self.then).loaded.workspace
        calendar = (self.now if as_now else self.then).loaded.workspace.calendar
        loaded = Loaded(replace(workspace, calendar=calendar), self._programs(as_now), ())
        inputs = replace(
            self.then.inputs,
            sales=self._lines(as_now),
            returns=None,
            known_days=None,
            tables=self._mixed_tables(as_now),
        )
        channel = channel_of(loaded.workspace, inputs, period)
        channel = read_once(channel, self.matched.height, len(loaded.programs))
        return Known(loaded, period, inputs, channel)

    def tables_of(self, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """A table then and now, without what comes along with the first change."""
        then, now = (side.get(name, pl.DataFrame()) for side in self._tables)
        return _stacked(then, self._fresh.get(name)), now

    def _programs(self, as_now: Collection[str]) -> tuple[Program, ...]:
        then, now = (
            {one.id: one for one in side.loaded.programs} for side in (self.then, self.now)
        )
        changed = dict(self.changed_programs)
        found = []
        for key in dict.fromkeys([*now, *then]):
            is_now = changed.get(key) in as_now
            program = now.get(key) if is_now else then.get(key)
            found += [] if program is None else [program]
        return tuple(found)

    def _mixed_tables(self, as_now: Collection[str]) -> Tables:
        then, now = self._tables
        fresh = self._fresh if as_now else {}
        mixed = {name: _stacked(table, fresh.get(name)) for name, table in then.items()}
        mixed |= {name: now[name] for name, cause in TABLES.items() if cause in as_now}
        # Programs of either side may ask for columns that only one of them has.
        return {
            name: _stacked(rows, _stacked(then[name], now.get(name)).clear())
            for name, rows in mixed.items()
        }

    @cached_property
    def _tables(self) -> tuple[Tables, Tables]:
        """The tables of both, without what only counts later."""
        now = _up_to(self.now.period.last, self.now.inputs.tables)
        if self.is_first:
            cleared = {name: now[name].clear() for name in _EARN_BY_THEMSELVES}
            return now | cleared, now
        return _up_to(self.then.period.last, self.then.inputs.tables), now

    @cached_property
    def _fresh(self) -> Tables:
        """Rows of now that concern nothing of then: they come along with the first change.

        These are what is known of ids that then had in no table and no line, targets of periods that
        begin later, shares of sales that had not come in, and rates of later days.
        """
        if self.is_first:
            return {}
        then, now = self._tables
        last = self.then.period.last
        lines = self.then.inputs.sales.filter(pl.col("counted_on") <= last)
        fresh = {
            name: now[name].filter(pl.coalesce(COUNTS_FROM[name]) > last)
            for name in ("targets", "fx")
        }
        for name, key in _KEYS.items():
            if now[name].height:
                seen = lines.select(key).unique().collect(engine="streaming")[key]
                known = pl.concat([seen, then[name][key]]).unique().implode()
                fresh[name] = now[name].filter(~pl.col(key).is_in(known))
        return {name: rows for name, rows in fresh.items() if rows.height}

    def _lines(self, as_now: Collection[str]) -> pl.LazyFrame:
        taken = [what for what in (*LINES, CONFIG, FX, PARTNER) if what in as_now]
        is_taken = pl.col("what").is_in(taken)
        then = self._numbered(self.then, "row_then").filter(~is_taken)
        now = self._numbered(self.now, "row_now").filter(is_taken)
        return pl.concat([then, now], how="diagonal").drop("what")

    def _numbered(self, side: Known, row: str) -> pl.LazyFrame:
        """One side's lines under the numbers that both states share."""
        ids = self.matched.filter(pl.col(row).is_not_null()).select("id", "what", row=row).lazy()
        originals = ids.select(original="row", _original="id")
        return (
            side.inputs.sales.join(ids, on="row", how="inner")
            .join(originals, on="original", how="left")
            .with_columns(row="id", original="_original")
            .drop("id", "_original")
        )


def from_nothing(now: Known) -> TwoStates:
    """`now` beside a state in which nothing had been sold, done or booked."""
    sales = now.inputs.sales.filter(pl.lit(value=False))
    before = replace(now.inputs, sales=sales, returns=None, known_days=None)
    then = Known(now.loaded, Period("", BEGINNING, BEGINNING), before, now.channel)
    return TwoStates(then, now, is_first=True)


def _config(workspace: Workspace) -> tuple[object, ...]:
    """What of the config can change what is booked, but for how exports are read."""
    return (workspace.currency, workspace.settlement)


def _up_to(last: date, tables: Tables) -> Tables:
    """The tables as far as they count on a day."""
    found = {"bad_credits": pl.DataFrame(schema=BAD_CREDITS), **tables}
    for name, days in COUNTS_FROM.items():
        found[name] = tables[name].filter(pl.coalesce(days) <= last)
    for name, key in _VERSIONS.items():
        rows = tables[name].sort(key, "valid_from", nulls_last=False)
        is_first = pl.int_range(pl.len()).over(key) == 0
        found[name] = rows.filter(is_first | (pl.col("valid_from") <= last))
    return found


def _stacked(rows: pl.DataFrame | None, more: pl.DataFrame | None) -> pl.DataFrame:
    found = [frame for frame in (rows, more) if frame is not None]
    return pl.concat(found, how="diagonal") if found else pl.DataFrame()


def _same(left: pl.DataFrame, right: pl.DataFrame | None) -> bool:
    right = pl.DataFrame() if right is None else right
    if left.height != right.height or {*left.columns} != {*right.columns}:
        return False
    columns = sorted(left.columns)
    return left.select(columns).sort(columns).equals(right.select(columns).sort(columns))

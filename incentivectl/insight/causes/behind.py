"""What stands behind a cause of a change, besides the lines of a payee (docs/questions.md 72.4)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.core.tables import TABLES as CORE_TABLES
from incentivectl.insight.causes.names import (
    BUDGET,
    CONFIG,
    FELL_DUE,
    FX,
    LINES,
    PROGRAM_GONE,
    PROGRAM_NEW,
    RULE,
    TABLES,
    TERMS,
)
from incentivectl.insight.causes.states import COUNTS_FROM, TwoStates
from incentivectl.insight.payee import Payee
from incentivectl.programs.changes import rule_changes
from incentivectl.programs.model import Program
from incentivectl.run.known import Known

_PROGRAMS = (TERMS, RULE, PROGRAM_GONE, PROGRAM_NEW)


def behind(
    states: TwoStates,
    payee: Payee,
    program_id: str,
    cause: str,
    own: pl.DataFrame,
    taken: Collection[str],
) -> Iterator[str]:
    """What is behind a cause besides the payee's `own` lines: sentences without a full stop.

    `taken` are the hashes of the terms that the payee took or takes: no others are told.
    """
    if cause in _PROGRAMS:
        yield from rules_behind(states, program_id, taken)
    elif cause == CONFIG:
        yield "the config changed"
    elif cause == FELL_DUE:
        yield f"rules and earlier data as of {states.now.period.last}"
    elif cause == BUDGET:
        yield "what the program's budget cuts, or no longer cuts"
    elif cause in LINES:
        if own.is_empty():
            yield _without_own_lines(states, program_id)
    else:
        yield from rows_behind(states, cause, payee)


def rules_behind(
    states: TwoStates, program_id: str, taken: Collection[str] | None
) -> Iterator[str]:
    """The keys of a program that changed, and its terms `taken` (all of them for None)."""
    old, new = (_program(side, program_id) for side in (states.then, states.now))
    changes = rule_changes(old, new, taken=taken)
    yield from (change.sentence for change in changes)
    group = None if new is None else new.exclusive_group
    if not changes and group is not None:
        yield f"another program of exclusive group {group} changed"


def rows_behind(states: TwoStates, cause: str, payee: Payee | None = None) -> Iterator[str]:
    """The rows of the cause's tables that differ, in words; only those of the payee, if there are any.

    The first few are told; without a payee, many are counted.
    """
    for table in (table for table, name in TABLES.items() if name == cause):
        changes = list(_row_changes(states, table))
        if payee is not None and cause != FX:
            changes = [one for one in changes if one.names(payee.id)] or changes
        if payee is None and len(changes) > _MOST_COUNTED:
            yield f"{table}: {_counted(changes)}"
        else:
            yield from (change.sentence for change in changes[:_MOST_TOLD])
            if len(changes) > _MOST_TOLD:
                yield f"and {counted(len(changes) - _MOST_TOLD, 'more row')} of {table}"


def lines_behind(states: TwoStates, cause: str) -> Iterator[str]:
    """How many lines of the whole channel a cause takes from now, and what their amounts change."""
    number, amount = states.lines_changed(cause)
    if number:
        currency = states.now.loaded.workspace.currency
        yield f"{counted(number, 'line')}, {money.money_text(amount, currency)}"


def _program(side: Known, program_id: str) -> Program | None:
    return next((one for one in side.loaded.programs if one.id == program_id), None)


def _without_own_lines(states: TwoStates, program_id: str) -> str:
    """How lines of other payees affect this one."""
    program = _program(states.now, program_id) or _program(states.then, program_id)
    if program is not None and program.ranks_payees:
        return "lines of other payees, through the ranking"
    return "lines of other payees, through a shared credit, a deal or a serial number"


_MOST_TOLD = 5
_MOST_COUNTED = 3
Row = Mapping[str, object]


@dataclass(frozen=True)
class RowChange:
    """A row of a table by its identity: what it was, what it is; None where it was not there.

    Of a row that says from its day on what another one said before, `replaces` is that one.
    """

    table: str
    key: tuple[object, ...]
    before: Row | None
    after: Row | None
    replaces: Row | None = None

    def names(self, payee_id: str) -> bool:
        """Whether it says something of a payee."""
        return any(payee_id in row.values() for row in (self.before, self.after) if row)

    @property
    def sentence(self) -> str:
        """The change in words: `partners P1: tier gold → silver`."""
        name = f"{self.table} {' '.join(_text(part) for part in self.key if part is not None)}"
        before = self.before or self.replaces
        if self.after is None or before is None:
            dated = _day(self.table, self.after)
            return f"{name}: {'gone' if self.after is None else 'new'}{dated}"
        parts = [
            f"{column} {_text(before.get(column))} → {_text(self.after.get(column))}"
            for column in dict.fromkeys([*before, *self.after])
            if before.get(column) != self.after.get(column)
            and not (self.before is None and column == VALID_FROM)
        ]
        return f"{name}: {', '.join(parts) or 'new'}"


def _row_changes(states: TwoStates, table: str) -> Iterator[RowChange]:
    """The rows of a table that differ, in their order."""
    if table not in CORE_TABLES:
        return
    identity = CORE_TABLES[table].identity
    old, new = (
        {tuple(row[key] for key in identity): row for row in rows.iter_rows(named=True)}
        for rows in states.tables_of(table)
    )
    versions: dict[object, Row] = {}  # the newest of each id so far
    if VALID_FROM in identity:
        ordered = sorted(old.values(), key=lambda row: str(row[VALID_FROM] or ""))
        versions = {_without_day(identity, row): row for row in ordered}
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before != after:
            named = _without_day(identity, after or before or {})
            yield RowChange(table, key, before, after, versions.get(named))


VALID_FROM = "valid_from"


def _without_day(identity: Sequence[str], row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in identity if name != VALID_FROM)


def _day(table: str, row: Row | None) -> str:
    """`, dated 2026-08-05` where a row of the table counts from a day of its own on."""
    days = [row[name] for name in COUNTS_FROM.get(table, ()) if row and row[name]]
    return f", dated {days[0]}" if days and VALID_FROM not in COUNTS_FROM[table] else ""


def _counted(changes: Sequence[RowChange]) -> str:
    """How many rows are new, gone or other: `12 new, 1 changed`."""
    kinds = [
        "new" if one.before is None else "gone" if one.after is None else "changed"
        for one in changes
    ]
    found = ((kinds.count(kind), kind) for kind in ("new", "changed", "gone"))
    return ", ".join(f"{number:,} {kind}" for number, kind in found if number)


def _text(value: object) -> str:
    if value is None:
        return "(none)"
    return money.plain(value) if isinstance(value, Decimal) else str(value)

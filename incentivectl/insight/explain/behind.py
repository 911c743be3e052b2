"""What stands behind a cause of a change, besides the payee's own lines (docs/questions.md 72.4)."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.insight.explain.states import (
    FX,
    LINE_CAUSES,
    NEWER,
    RULE,
    TABLE_CAUSES,
    TwoStates,
)
from incentivectl.insight.payee import Payee
from incentivectl.programs.changes import rule_changes
from incentivectl.programs.model import Program

# Rows that count from their own day on, as sales do.
_DATED = {"activities": "done_on", "mdf_requests": "requested_on", "mdf_claims": "claimed_on"}


def _looks_at(program: Program | None, table: str) -> bool:
    return program is not None and table in program.tables


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
    if cause == RULE:
        yield from _rules(states, program_id, taken)
    elif cause == FX:
        yield from _changed_rows(states, "fx", ("on", "currency"), None)
    elif cause in LINE_CAUSES:
        program = _program(states, "now", program_id)
        dated = list(_newer_rows(states, payee, program)) if cause == NEWER else []
        yield from dated
        if own.is_empty() and not dated:
            yield _without_own_lines(states, program_id, cause)
    else:
        tables = [table for table, name in TABLE_CAUSES.items() if name == cause]
        for table in tables:
            yield from _changed_rows(states, table, _KEYS.get(table, ()), payee)


def _rules(states: TwoStates, program_id: str, taken: Collection[str]) -> Iterator[str]:
    old, new = (_program(states, side, program_id) for side in ("then", "now"))
    changes = rule_changes(old, new, taken=taken)
    yield from (change.sentence for change in changes)
    if changes:
        return
    group = new.exclusive_group if new is not None else None
    if group is not None:
        yield f"another program of exclusive group {group}, or the config, changed"
    else:
        yield "the config changed"


def _program(states: TwoStates, side: str, program_id: str) -> Program | None:
    known = states.then if side == "then" else states.now
    return next((one for one in known.loaded.programs if one.id == program_id), None)


def _newer_rows(states: TwoStates, payee: Payee, program: Program | None) -> Iterator[str]:
    """The payee's rows dated after the earlier PERIOD, of other tables that the program looks at."""
    first, last = sorted(side.period.last for side in (states.then, states.now))
    for table, day in _DATED.items():
        rows = states.now.inputs.tables.get(table)
        column = f"{payee.kind}_id"
        if rows is None or column not in rows.columns or not _looks_at(program, table):
            continue
        key = _KEYS[table][0]
        mine = rows.filter(
            pl.col(column) == payee.id, pl.col(day).is_between(first, last, closed="right")
        ).sort(day, key)
        yield from _most(
            [f"{table} {name}, dated {on}" for name, on in mine.select(key, day).iter_rows()], table
        )


def _without_own_lines(states: TwoStates, program_id: str, cause: str) -> str:
    """How lines of other payees affect this one; or that only the day changed."""
    program = _program(states, "now", program_id) or _program(states, "then", program_id)
    if program is not None and program.ranks_payees:
        return "lines of other payees, through the ranking"
    if program is not None and program.limits.budget is not None:
        return "lines of other payees, through the program's budget"
    if cause == NEWER:
        return f"no new lines of the payee: rules and data as of {states.now.period.last}"
    return "lines of other payees, through a shared credit, a deal or a serial number"


_KEYS = {
    "partners": ("partner_id", "valid_from"),
    "reps": ("rep_id", "valid_from"),
    "products": ("product_id",),
    "customers": ("customer_id",),
    "credits": ("sale_id", "line_id", "rep_id"),
    "targets": ("payee_id", "period_start"),
    "deals": ("deal_id",),
    "activities": ("activity_id",),
    "mdf_requests": ("request_id",),
    "mdf_claims": ("claim_id",),
}
_MOST_TOLD = 5


def _changed_rows(
    states: TwoStates, table: str, keys: Sequence[str], payee: Payee | None
) -> Iterator[str]:
    """The rows of a table that differ, in words; only those that name the payee, if any do."""
    old, new = (side.inputs.tables.get(table) for side in (states.then, states.now))
    if old is None or new is None or not keys:
        return
    was = {tuple(row[key] for key in keys): row for row in old.iter_rows(named=True)}
    is_now = {tuple(row[key] for key in keys): row for row in new.iter_rows(named=True)}
    changed = [key for key in dict.fromkeys([*was, *is_now]) if was.get(key) != is_now.get(key)]
    if payee is not None:
        names_payee = [
            key
            for key in changed
            if payee.id in {*(was.get(key) or {}).values(), *(is_now.get(key) or {}).values()}
        ]
        changed = names_payee or changed
    yield from _most(
        [_difference(table, key, was.get(key), is_now.get(key)) for key in changed], table
    )


def _difference(
    table: str,
    key: tuple[object, ...],
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> str:
    name = " ".join(_text(part) for part in key if part is not None)
    if before is None or after is None:
        return f"{table} {name}: {'new' if before is None else 'gone'}"
    parts = [
        f"{column} {_text(before.get(column))} → {_text(after.get(column))}"
        for column in dict.fromkeys([*before, *after])
        if before.get(column) != after.get(column)
    ]
    return f"{table} {name}: {', '.join(parts)}"


def _most(told: Sequence[str], table: str) -> Iterator[str]:
    """The first few of them, and how many more there are."""
    yield from told[:_MOST_TOLD]
    if len(told) > _MOST_TOLD:
        yield f"and {counted(len(told) - _MOST_TOLD, 'more row')} of {table}"


def _text(value: object) -> str:
    if value is None:
        return "(none)"
    return money.plain(value) if isinstance(value, Decimal) else str(value)

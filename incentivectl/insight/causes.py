"""Why an entitlement is no longer what it was: one class of input changed at a time.

Each cause's amount is what it alone changes; what they change together besides is the interaction, so
that all of them add up to the whole change (docs/rules.md, "Causes of a change").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.engine import Settled
from incentivectl.insight.payee import Payee
from incentivectl.insight.payee_lines import lines_of
from incentivectl.insight.two_states import (
    FX,
    LINE_CAUSES,
    RULE,
    TABLE_CAUSES,
    TwoStates,
)
from incentivectl.programs.changes import rule_changes
from incentivectl.rules.payees import payee_kind

INTERACTION = "interaction"
CHANGED_LINES = (
    "sale_id", "line_id", "counted_on", "received_on", "product_id", "amount_then", "amount_now",
)  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """What one class of input changed.

    `lines` are the payee's own that changed and count, then or now (columns `CHANGED_LINES`, amounts in
    the program's currency); `told` says what else is behind it.
    """

    name: str
    amount: Decimal
    lines: pl.DataFrame = field(default_factory=pl.DataFrame)
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One entitlement then and now, and the causes that add up to the difference."""

    program_id: str
    period_start: date
    currency: str
    then: Decimal
    now: Decimal
    causes: tuple[Cause, ...]


def changes_of(states: TwoStates, payee: Payee, program_id: str | None = None) -> list[Change]:
    """Every entitlement of `payee` that changed between the two states, with its causes."""
    programs = {
        one.id: one
        for side in (states.then, states.now)
        for one in side.loaded.programs
        if payee_kind(one.payee) == payee.kind and program_id in (None, one.id)
    }
    then, now = states.settled((), programs), states.settled(states.present, programs)
    before, after = _entitled(then, payee), _entitled(now, payee)
    changed = {key for key in {*before, *after} if before.get(key, 0) != after.get(key, 0)}
    if not changed:
        return []
    ids = {key[0] for key in changed}
    alone = {
        cause: _entitled(states.settled([cause], ids), payee) if len(states.present) > 1 else after
        for cause in states.present
    }
    currencies = {one.case.program.id: one.case.currency for one in (*then, *now)}
    return [
        Change(
            program_id=key[0],
            period_start=key[1],
            currency=currencies[key[0]],
            then=before.get(key, Decimal(0)),
            now=after.get(key, Decimal(0)),
            causes=tuple(_causes(states, payee, key, before, after, alone, (then, now))),
        )
        for key in sorted(changed)
    ]


_Key = tuple[str, date]
_Entitled = dict[_Key, Decimal]


def _entitled(settled: Sequence[Settled], payee: Payee) -> _Entitled:
    """Program and measurement period → what the payee is entitled to."""
    return {
        (one.case.program.id, start): entitlement
        for one in settled
        for start, entitlement in one.earnings.filter(pl.col("payee_id") == payee.id)
        .select("period_start", "entitlement")
        .iter_rows()
    }


def _causes(
    states: TwoStates,
    payee: Payee,
    key: _Key,
    before: _Entitled,
    after: _Entitled,
    alone: dict[str, _Entitled],
    sides: tuple[Sequence[Settled], Sequence[Settled]],
) -> Iterator[Cause]:
    nothing = Decimal(0)
    was = before.get(key, nothing)
    rest = after.get(key, nothing) - was
    lines = _changed_lines(states, payee, key, sides)
    for cause, entitled in alone.items():
        amount = entitled.get(key, nothing) - was
        rest -= amount
        own = lines.get(cause, pl.DataFrame())
        if amount or own.height:
            yield Cause(cause, amount, own, tuple(_told(states, payee, key[0], cause, own)))
    if rest:
        told = "what these causes change only together"
        yield Cause(INTERACTION, rest, told=(told,))


def _changed_lines(
    states: TwoStates, payee: Payee, key: _Key, sides: tuple[Sequence[Settled], Sequence[Settled]]
) -> dict[str, pl.DataFrame]:
    """Cause → the payee's lines in that program and period that changed and count, then or now."""
    frames = []
    for settled, row in zip(sides, ("then", "now"), strict=True):
        found = [lines_of(one, [payee.id]) for one in settled if one.case.program.id == key[0]]
        starts = [
            p.start for one in settled if one.case.program.id == key[0] for p in one.case.periods
        ]
        counted = (
            pl.concat([f for f in found if f.height]) if any(f.height for f in found) else None
        )
        if counted is None or key[1] not in starts:
            continue
        frames.append(
            counted.filter(pl.col("reason").is_null(), pl.col("period") == starts.index(key[1]))
            .select("row", *CHANGED_LINES[:5], pl.col("amount").alias("amount"), side=pl.lit(row))
        )  # fmt: skip
    if not frames:
        return {}
    both = pl.concat(frames)
    named = both.sort("side").unique("row", keep="first", maintain_order=True)
    for side in ("then", "now"):
        own = both.filter(pl.col("side") == side).select(
            "row", pl.col("amount").alias(f"amount_{side}")
        )
        named = named.join(own, on="row", how="left")
    told = named.join(states.matched.select(row="id", what="what"), on="row", how="inner").filter(
        pl.col("what").is_in([*LINE_CAUSES, FX])
    )
    return {
        str(what): part.select(*CHANGED_LINES).sort("counted_on", "sale_id", "line_id")
        for (what,), part in told.partition_by("what", as_dict=True).items()
    }


def _told(
    states: TwoStates, payee: Payee, program_id: str, cause: str, own: pl.DataFrame
) -> Iterator[str]:
    """What is behind a cause, besides the payee's own lines."""
    then, now = states.then, states.now
    if cause == RULE:
        old, new = (
            next((one for one in side.loaded.programs if one.id == program_id), None)
            for side in (then, now)
        )
        changes = rule_changes(old, new)
        yield from (change.sentence for change in changes)
        if not changes:
            yield "another program of its group, or the config, changed"
    elif cause == FX:
        yield from _changed_rows(states, "fx", ("on", "currency"), None)
    elif cause in LINE_CAUSES:
        if own.is_empty():
            yield "lines of other payees, through a budget, a rank or a shared line"
    else:
        tables = [table for table, name in TABLE_CAUSES.items() if name == cause]
        for table in tables:
            yield from _changed_rows(states, table, _KEYS.get(table, ()), payee)


_KEYS = {
    "partners": ("partner_id", "valid_from"),
    "reps": ("rep_id",),
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
    """The rows of a table that differ, in words; those that name the payee where there are any."""
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
    for key in changed[:_MOST_TOLD]:
        name = " ".join(_text(part) for part in key if part is not None)
        before, after = was.get(key), is_now.get(key)
        if before is None or after is None:
            yield f"{table} {name}: {'new' if before is None else 'gone'}"
            continue
        parts = [
            f"{column} {_text(before.get(column))} → {_text(after.get(column))}"
            for column in dict.fromkeys([*before, *after])
            if before.get(column) != after.get(column)
        ]
        yield f"{table} {name}: {', '.join(parts)}"
    if len(changed) > _MOST_TOLD:
        yield f"and {len(changed) - _MOST_TOLD:,} more rows of {table}"


def _text(value: object) -> str:
    if value is None:
        return "(none)"
    return money.plain(value) if isinstance(value, Decimal) else str(value)

"""Why an entitlement is no longer what it was: one class of input changed at a time.

Each cause's amount is what it alone changes; what they change together besides is the interaction, so
that all of them add up to the whole change (docs/questions.md, "Causes of a change").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.engine.engine import Settled
from incentivectl.engine.terms_taken import terms_taken
from incentivectl.insight.explain.behind import behind
from incentivectl.insight.explain.payee_lines import lines_of
from incentivectl.insight.explain.states import FX, LINE_CAUSES, TwoStates
from incentivectl.insight.payee import Payee
from incentivectl.programs.model import payee_kind

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
    taken = _terms_of(payee, key, sides)
    for cause, entitled in alone.items():
        amount = entitled.get(key, nothing) - was
        rest -= amount
        own = lines.get(cause, pl.DataFrame())
        if amount or own.height:
            yield Cause(cause, amount, own, tuple(behind(states, payee, key[0], cause, own, taken)))
    if rest:
        told = "the combined effect of the causes above, beyond each of them alone"
        yield Cause(INTERACTION, rest, told=(told,))


def _terms_of(
    payee: Payee, key: _Key, sides: tuple[Sequence[Settled], Sequence[Settled]]
) -> frozenset[str]:
    """The hashes of the terms that a payee took in a measurement period, then or now."""
    own = [one for side in sides for one in side if one.case.program.id == key[0]]
    is_own = (pl.col("payee_id") == payee.id) & (pl.col("period_start") == key[1])
    return frozenset(terms_taken(own).filter(is_own)["term"])


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

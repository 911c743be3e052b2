"""Why entitlements of a payee are no longer what they were (docs/questions.md, "Causes of a change")."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.engine.engine import Settled
from incentivectl.engine.terms_taken import terms_taken
from incentivectl.insight.causes.behind import behind
from incentivectl.insight.causes.names import BUDGET, FX, LINES
from incentivectl.insight.causes.states import TwoStates
from incentivectl.insight.causes.steps import KEY, MEASURED, State, Steps, steps_between
from incentivectl.insight.explain.payee_lines import lines_of
from incentivectl.insight.payee import Payee
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.earning.limits import EARNINGS

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


def changes_of(
    states: TwoStates,
    payee: Payee,
    progress: Callable[[str], None],
    program_id: str | None = None,
) -> list[Change]:
    """Every entitlement of `payee` that changed between the two states, with its causes."""
    programs = {
        one.id
        for side in (states.then, states.now)
        for one in side.loaded.programs
        if payee_kind(one.payee) == payee.kind and program_id in (None, one.id)
    }
    steps = steps_between(states, lambda state: _entitled(state, payee), progress, only=programs)
    changed = steps.then.join(steps.now, on=KEY, how="full", coalesce=True, suffix="_now").filter(
        pl.col("amount").ne_missing(pl.col("amount_now"))
    )
    return [
        Change(
            program_id=row["program_id"],
            period_start=row["period_start"],
            currency=row["currency"],
            then=row["amount"] or Decimal(0),
            now=row["amount_now"] or Decimal(0),
            causes=tuple(_causes(states, payee, (row["program_id"], row["period_start"]), steps)),
        )
        for row in changed.sort(KEY).iter_rows(named=True)
    ]


_Key = tuple[str, date]


def _entitled(state: State, payee: Payee) -> pl.DataFrame:
    """What the payee is entitled to (columns `MEASURED`)."""
    earnings = pl.concat([pl.DataFrame(schema=EARNINGS), *(one.earnings for one in state.settled)])
    is_own = (pl.col("payee_kind") == payee.kind) & (pl.col("payee_id") == payee.id)
    return (
        earnings.filter(is_own)
        .select(*KEY, amount="entitlement", unlimited="before_budget")
        .select(pl.col(name).cast(dtype) for name, dtype in MEASURED.items())
    )


def _causes(states: TwoStates, payee: Payee, key: _Key, steps: Steps) -> Iterator[Cause]:
    """Each cause with money or with lines of the payee's own behind it, in the order of the steps."""
    is_key = (pl.col("program_id") == key[0]) & (pl.col("period_start") == key[1])
    amounts = dict(
        steps.caused.filter(is_key).group_by("cause").agg(pl.col("amount").sum()).iter_rows()
    )
    lines = _changed_lines(states, payee, key, steps.sides)
    taken = _terms_of(payee, key, steps.sides)
    for cause in (*states.present, BUDGET):
        amount = amounts.get(cause, Decimal(0))
        own = lines.get(cause, pl.DataFrame())
        if amount or own.height:
            yield Cause(cause, amount, own, tuple(behind(states, payee, key[0], cause, own, taken)))


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
        pl.col("what").is_in([*LINES, FX])
    )
    return {
        str(what): part.select(*CHANGED_LINES).sort("counted_on", "sale_id", "line_id")
        for (what,), part in told.partition_by("what", as_dict=True).items()
    }

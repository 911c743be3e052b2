"""What each cause changes: one input after the other becomes what it is now, and all is computed again.

Steps add up to the whole change, whatever it is measured by (docs/questions.md, "Causes of a change").
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled, settle
from incentivectl.insight.causes.names import BUDGET, WORDS
from incentivectl.insight.causes.states import TwoStates
from incentivectl.run.known import Known

KEY = ("program_id", "period_start", "payee_kind", "payee_id", "currency")
_KEYS: Schema = {**dict.fromkeys(KEY, pl.String), "period_start": pl.Date}
MEASURED: Schema = {**_KEYS, "amount": money.AMOUNT, "unlimited": money.AMOUNT}
CAUSED: Schema = {**_KEYS, "cause": pl.String, "amount": money.AMOUNT}
ZERO = money.literal(0)


@dataclass(frozen=True)
class State:
    """A mixture of both states with what its programs earn; `as_now` are its causes that are as now."""

    known: Known
    settled: Sequence[Settled]
    as_now: frozenset[str]


Measure = Callable[[State], pl.DataFrame]
"""What a state amounts to (columns `MEASURED`); `unlimited` is the amount without any budget."""


@dataclass(frozen=True)
class Steps:
    """What was measured then and now (columns `MEASURED`), and what each cause changed (`CAUSED`).

    For each key the causes add up to now - then. `sides` are what the programs earned; unless what is
    earned now was given, their lines have the numbers that both states share.
    """

    then: pl.DataFrame
    now: pl.DataFrame
    caused: pl.DataFrame
    sides: tuple[Sequence[Settled], Sequence[Settled]]


def steps_between(
    states: TwoStates,
    measure: Measure,
    progress: Callable[[str], None],
    *,
    now: Sequence[Settled] | None = None,
    only: Collection[str] | None = None,
) -> Steps:
    """Goes from then to now, one cause after the other; `now` is what is earned now, if that is known.

    Where nothing was booked before, everything is measured from nothing. Only programs of which anything
    moved between the two ends are computed in between, with `only` no others than these. What budgets cut
    is a cause of its own: all others are measured without.
    """
    everything = frozenset(states.present)
    first = None if states.is_first else _state(states, frozenset(), only)
    last = _state(states, everything, only) if now is None else State(states.now, now, everything)
    then = pl.DataFrame(schema=MEASURED) if first is None else measure(first)
    measured = measure(last)
    moved = _moved(then, measured)
    ends = (_only(then, moved), _only(measured, moved))
    parts = list(_changes(states, measure, ends, first, moved, progress))
    caused = pl.concat([pl.DataFrame(schema=CAUSED), *parts])
    return Steps(then, measured, caused, (() if first is None else first.settled, last.settled))


def _state(states: TwoStates, as_now: frozenset[str], only: Collection[str] | None) -> State:
    known = states.mixture(as_now)
    settled = settle(known.loaded.programs, known.channel, audit=False, only=only)
    return State(known, settled, as_now)


def _changes(
    states: TwoStates,
    measure: Measure,
    ends: tuple[pl.DataFrame, pl.DataFrame],
    first: State | None,
    moved: pl.DataFrame,
    progress: Callable[[str], None],
) -> Iterator[pl.DataFrame]:
    programs = frozenset(moved["program_id"].drop_nulls())
    (before, now), state = ends, first
    for at, cause in enumerate(states.present if moved.height else ()):
        as_now = frozenset(states.present[: at + 1])
        progress(f"what changed: {WORDS[cause]}")
        if at + 1 == len(states.present):
            after = now
        else:
            state = _next(states, state, cause, as_now, programs)
            after = _only(measure(state), moved)
        yield _difference(before, after, "unlimited", cause)
        before = after
    yield _difference(_cut(ends[0]), _cut(ends[1]), "amount", BUDGET)


def _next(
    states: TwoStates,
    before: State | None,
    cause: str,
    as_now: frozenset[str],
    programs: frozenset[str],
) -> State:
    """The state after one more cause; only programs that it can affect are computed again."""
    affected = None if before is None else states.affected(cause)
    state = _state(states, as_now, programs if affected is None else programs & affected)
    if before is None or affected is None:
        return state
    there = {one.id for one in state.known.loaded.programs} - affected
    kept = [one for one in before.settled if one.case.program.id in there]
    return replace(state, settled=[*kept, *state.settled])


def _moved(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The programs (`program_id`) of which any amount differs, with or without budgets."""
    parts = [_difference(then, now, of, "") for of in ("amount", "unlimited")]
    return pl.concat(parts).select("program_id").unique()


def _only(measured: pl.DataFrame, programs: pl.DataFrame) -> pl.DataFrame:
    return measured.join(programs, on="program_id", how="semi", nulls_equal=True)


def _cut(measured: pl.DataFrame) -> pl.DataFrame:
    """What budgets add, mostly negative."""
    return measured.with_columns(amount=pl.col("amount") - pl.col("unlimited"))


def _difference(before: pl.DataFrame, after: pl.DataFrame, of: str, cause: str) -> pl.DataFrame:
    """`after` - `before` by key, where it is not 0 (columns `CAUSED`)."""
    signed = [after.select(*KEY, amount=of), before.select(*KEY, amount=-pl.col(of))]
    return (
        pl.concat(signed)
        .group_by(KEY)
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .with_columns(cause=pl.lit(cause))
        .select(pl.col(name).cast(dtype) for name, dtype in CAUSED.items())
        .sort(KEY)
    )

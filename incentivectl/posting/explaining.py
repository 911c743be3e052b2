"""What changed between a batch and the one before it, by program and cause (docs/ledger.md, rule 103).

The batch before is computed again from its archive; then one input after the other becomes what it was in
the batch. Each step is settled after what was booked before the batch, so that the steps add up to it.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import Refused
from incentivectl.insight.causes.names import REOPENED, SOFTWARE, VOID
from incentivectl.insight.causes.states import TwoStates, from_nothing
from incentivectl.insight.causes.steps import CAUSED, KEY, MEASURED, Measure, State, steps_between
from incentivectl.ledger import books, records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import Batch
from incentivectl.posting.post import payments_of
from incentivectl.posting.recompute import newest_standing, reopened_by, state_of
from incentivectl.run.known import Known
from incentivectl.run.loading import load_config
from incentivectl.run.run import Reopened, Run, from_settled, window_of
from incentivectl.settlement import Past, entries_alone
from incentivectl.settlement.budgets import without_budgets
from incentivectl.workspace.folders import places_of

Progress = Callable[[str], None]
BOOKED = ["program_id", "currency"]
PAID = ["payee_kind", "payee_id", "currency", "method", "amount"]


@dataclass(frozen=True)
class Explained:
    """What a batch books (`entries`, columns `ENTRIES`), and why: `caused` (columns `CAUSED`) adds up to it.

    `batch` is None where a run explains what it would book. `before` is the batch before, None where
    there was none, `booked_before` what that one booked, by currency; `voided` are the batches that were
    reversed since. `states` is None where the batch is a reversal itself.
    """

    batch: Batch | None
    before: Batch | None
    booked_before: Mapping[str, Decimal]
    voided: tuple[str, ...]
    entries: pl.DataFrame
    caused: pl.DataFrame
    states: TwoStates | None = None

    @property
    def unexplained(self) -> pl.DataFrame:
        """What the batch booked and this version does not compute (columns `CAUSED`)."""
        return self.caused.filter(pl.col("cause") == SOFTWARE)


def explained_batch(root: Path, batch_id: str, progress: Progress) -> Explained:
    """Why a batch booked what it did; refuses where an archive is missing or was changed."""
    with reading(load_config(root).ledger) as connection:
        batch = records.batch(connection, batch_id)
        assert connection is not None
        entries = books.entries(connection, batch_id=batch_id)
        past = books.past(connection, batch.dated, batch.record)
        before = newest_standing(records.batches(connection), batch.record)
        booked, voided = _around(connection, before, batch.record)
    if batch.reverses is not None:
        sums = _caused(entries.with_columns(cause=pl.lit(VOID)))
        return Explained(batch, before, booked, voided, entries, sums)
    progress(f"reading the archive of {batch_id}")
    now = state_of(root, batch_id)
    states = _states(root, before, now, reopened_by(batch, now.loaded), progress)
    caused = _causes(states, past, voided, entries, progress)
    return Explained(batch, before, booked, voided, entries, caused, states)


def explained_run(run: Run, batch: Batch | None, progress: Progress) -> Explained | None:
    """Why a run books what it does; None where there is no batch before, or its archive is damaged.

    `batch` is the one that booked it already (see `posted_already`). Lines that lie on other machines are
    not brought here: None, too.
    """
    if run.inputs.parts is not None:
        return None
    root, limit = run.loaded.workspace.root, books.ALWAYS if batch is None else batch.record
    with reading(run.loaded.workspace.ledger) as connection:
        before = newest_standing(_known_on(connection, run), limit)
        if before is None or connection is None:
            return None
        booked, voided = _around(connection, before, limit)
    try:
        states = _states(root, before, run, run.reopened, progress)
    except Refused:  # `ledger verify` tells of it
        return None
    entries = run.settlement.entries
    caused = _causes(states, run.past, voided, entries, progress)
    return Explained(batch, before, booked, voided, entries, caused, states)


def posted_already(run: Run) -> tuple[Run, Batch] | None:
    """The newest batch of PERIOD with money, and the run as it was then, once nothing else is left.

    Where PERIOD has none, the newest that only records what accrues. None where there is more to book or
    pay, or the batch booked anything else than today's data give.
    """
    if run.settlement.entries.height or payments_of(run).height:
        return None
    places = places_of(run.loaded.workspace)
    with reading(places.ledger) as connection:
        if connection is None:
            return None
        known = _known_on(connection, run)
        totals = records.totals(connection)
        moved = [
            one
            for one in known
            if one.id in totals or records.payments(connection, batch_id=one.id)
        ]
        newest = [newest_standing(some, books.ALWAYS) for some in (moved, known)]
        batch = next((one for one in newest if one and one.dated == run.period.last), None)
        if batch is None:
            return None
        past = books.past(connection, batch.dated, batch.record)
        entries = books.entries(connection, batch_id=batch.id)
        payments = records.payments(connection, batch_id=batch.id)
    try:
        reopened = run.reopened | reopened_by(batch, run.loaded)
    except Refused:  # its program is gone
        return None
    posted = from_settled(
        run.loaded, run.period, run.inputs, run.channel, run.settled, past=past, reopened=reopened
    )
    paid = payments_of(posted).filter(pl.col("kind") == "transfer").select(PAID)
    went_out = pl.DataFrame(
        [
            (one.payee_kind, one.payee_id, one.currency, one.method, one.amount)
            for one in payments
            if one.kind == "transfer"
        ],
        schema=paid.schema,
        orient="row",
    )
    alike = _sums(entries).equals(_sums(posted.settlement.entries))
    return (posted, batch) if alike and paid.equals(went_out.sort(PAID[:-1])) else None


def _known_on(connection: sqlite3.Connection | None, run: Run) -> list[Batch]:
    """The batches that a run knows of: those dated up to the last day of its PERIOD."""
    return [one for one in records.batches(connection) if one.dated <= run.period.last]


def _around(
    connection: sqlite3.Connection, before: Batch | None, limit: int
) -> tuple[dict[str, Decimal], tuple[str, ...]]:
    """What the batch before booked, by currency, and the batches that were reversed since."""
    if before is None:
        return {}, ()
    booked = records.totals(connection).get(before.id, [])
    voided = [
        one.reverses
        for one in records.batches(connection)
        if one.reverses is not None and before.record < one.record < limit
    ]
    return {currency: amount for currency, _, amount in booked}, tuple(voided)


def _states(
    root: Path,
    before: Batch | None,
    now: Known,
    reopened: frozenset[Reopened],
    progress: Progress,
) -> TwoStates:
    if before is None:
        return from_nothing(now)
    progress(f"reading the archive of {before.id}")
    then = state_of(root, before.id)
    return TwoStates(then, now, (reopened_by(before, then.loaded), reopened))


def _causes(
    states: TwoStates,
    past: Past,
    voided: Collection[str],
    entries: pl.DataFrame,
    progress: Progress,
) -> pl.DataFrame:
    """Everything that adds up to `entries` (columns `CAUSED`).

    What the state before would book once more was reversed since. Where the computation does not come to
    what was booked, another version of the program did that.
    """
    settled = states.now.settled if isinstance(states.now, Run) else None
    steps = steps_between(states, _measure(states, past), progress, now=settled)
    again = _caused(steps.then.with_columns(cause=pl.lit(VOID if voided else SOFTWARE)))
    found = pl.concat([again, steps.caused])
    signed = [_sums(entries), _sums(found).with_columns(-pl.col("amount"))]
    rest = _sums(pl.concat(signed)).with_columns(cause=pl.lit(SOFTWARE))
    return pl.concat([found, _caused(rest)])


def _measure(states: TwoStates, past: Past) -> Measure:
    """What a batch would book in a state, after what was booked before."""

    def entries(state: State) -> pl.DataFrame:
        known = state.known
        reopened = states.reopened[REOPENED in state.as_now]
        window = window_of(known.loaded.workspace, reopened)
        settled, programs = state.settled, known.loaded.programs
        limited = entries_alone(settled, known.channel, programs, past, window)
        unlimited = limited
        if any(program.limits.enforces_budget for program in programs):
            free = without_budgets(settled, programs)
            unlimited = entries_alone(free[0], known.channel, free[1], past, window)
        rows = [
            limited.select(*KEY, "amount", unlimited=money.literal(0)),
            unlimited.select(*KEY, amount=money.literal(0), unlimited="amount"),
        ]
        sums = (
            pl.concat(rows, how="vertical_relaxed")
            .group_by(KEY)
            .agg(pl.col("amount", "unlimited").sum())
        )
        return sums.select(pl.col(name).cast(dtype) for name, dtype in MEASURED.items())

    return entries


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """The amounts by program and currency that are not 0, sorted."""
    sums = rows.group_by(BOOKED).agg(pl.col("amount").sum())
    return sums.filter(pl.col("amount") != 0).sort(BOOKED)


def _caused(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a `cause` by what else they have of the columns `CAUSED`, without zeros."""
    own = [name for name in (*KEY, "cause") if name in rows.columns]
    sums = rows.group_by(own).agg(pl.col("amount").sum()).filter(pl.col("amount") != 0).sort(own)
    return sums.select(
        (pl.col(name) if name in sums.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in CAUSED.items()
    )

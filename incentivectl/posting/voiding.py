"""`batch void`: books the opposite entries and cancels payments that have not gone out.

History is not edited: a void is a batch of its own, dated like the one that it reverses, so that a run
of that day knows of both or of none (docs/ledger.md, "Voids").
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.nouns import agreeing, counted
from incentivectl.ledger import books, records, writing
from incentivectl.ledger.connection import commit, no_ledger, reading
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.ledger.writing import NewBatch, Stamp, State
from incentivectl.posting.accounts import WAITING
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.posting.post import DEBTOR_COLUMNS, PAYMENT_COLUMNS, next_id
from incentivectl.run.loading import Progress
from incentivectl.settlement.payouts import PAYOUTS_AND_POINTS
from incentivectl.workspace.folders import Places

GONE_OUT = ("exported", "paid")


@dataclass(frozen=True)
class Voided:
    """What a void does: the batch, and the id (`by`) and `entries` (columns `ENTRIES`) that reverse it.

    `cancelled` are payments that had not gone out; `kept` went out and stay.
    """

    batch: Batch
    by: str
    entries: pl.DataFrame
    cancelled: tuple[BookedPayment, ...]
    kept: tuple[BookedPayment, ...]


def planned(places: Places, batch_id: str, *, keep: bool) -> Voided:
    """What `void` would do now; refuses what it would refuse, and books nothing."""
    with reading(places.ledger) as connection:
        if connection is None:
            raise no_ledger(places.ledger)
        return _plan(connection, places, batch_id, keep=keep)


def void(
    places: Places, batch_id: str, reason: str, stamp: Stamp, progress: Progress, *, keep: bool
) -> Voided:
    """Reverses a batch; with `keep`, payments that went out stay and a negative balance follows."""
    with writing_to(places.ledger, progress) as connection:
        plan = _plan(connection, places, batch_id, keep=keep)
        batch = plan.batch
        new = NewBatch(
            id=plan.by,
            period=batch.period,
            first_day=batch.first_day,
            dated=batch.dated,
            archive_hash="",
            entries=plan.entries,
            payments=_no_payments(),
            accruals=books.accruals(connection, _newest_standing(connection, batch)),
            rates=records.rates(connection, batch.record),
            reverses=batch_id,
        )
        details: Mapping[str, object] = {"reason": reason, "keep_payments": keep}
        states = [State(one.payment_id, "cancelled", f"void {batch_id}") for one in plan.cancelled]
        writing.book(connection, new, stamp, details, states)
        commit(connection)
        keep_head(connection, places.archive)
        return plan


def _plan(connection: sqlite3.Connection, places: Places, batch_id: str, *, keep: bool) -> Voided:
    refuse_damage(connection, places)
    batch = records.batch(connection, batch_id)
    _refuse_void(batch)
    booked = records.payments(connection, batch_id=batch_id)
    payments = sorted(
        (one for one in booked if one.kind == "transfer"),
        key=lambda one: (one.payee_kind, one.payee_id, one.currency, one.method),
    )
    out = tuple(one for one in payments if one.state in GONE_OUT)
    if out and not keep:
        raise _gone_out(batch, out)
    return Voided(
        batch=batch,
        by=next_id(connection, batch.period),
        entries=books.opposite_entries(connection, batch_id),
        cancelled=tuple(one for one in payments if one.state in WAITING),
        kept=out,
    )


def _newest_standing(connection: sqlite3.Connection, voided: Batch) -> str | None:
    """The id of the batch that was booked last of those that stand without `voided`."""
    standing = [
        one.id for one in records.batches(connection) if not one.is_void and one.id != voided.id
    ]
    return standing[-1] if standing else None


def _no_payments() -> pl.DataFrame:
    schema = {
        **PAYOUTS_AND_POINTS,
        **dict.fromkeys(DEBTOR_COLUMNS, pl.String),
        "kind": pl.String,
        "amount": PAYOUTS_AND_POINTS["payable"],
    }
    return pl.DataFrame(schema={name: schema[name] for name in PAYMENT_COLUMNS})


def _refuse_void(batch: Batch) -> None:
    if batch.voided_by is not None:
        message = f"batch {batch.id} is already void: {batch.voided_by} reversed it"
        raise Refused([Problem("void-batch", message)], ExitCode.GUARD)
    if batch.reverses is not None:
        message = f"batch {batch.id} reverses {batch.reverses} and cannot be reversed itself"
        hint = f"`batch post {batch.period}` books what is due now"
        raise Refused([Problem("void-batch", message, hint)], ExitCode.GUARD)


def _gone_out(batch: Batch, out: Sequence[BookedPayment]) -> Refused:
    named = ", ".join(one.payee_id for one in out[:5]) + (" and others" if len(out) > 5 else "")
    sent = f"{counted(len(out), 'payment')} {agreeing(len(out), 'has', 'have')}"
    message = f"batch {batch.id}: {sent} gone out ({named})"
    hint = (
        "to reverse the entries anyway: --keep-payments; what was paid becomes a negative balance"
        " that later earnings recover"
    )
    return Refused([Problem("payments-gone-out", message, hint)], ExitCode.GUARD)

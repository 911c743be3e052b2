"""`batch void`: the opposite entries, and no payment that has not gone out yet.

History is not edited: a void is a batch of its own, dated like the one that it takes back, so that a run
of that day knows of both or of none (docs/rules.md, "Voids").
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.ledger import books, records, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.ledger.writing import NewBatch, Stamp, State
from incentivectl.posting.heads import keep_head, refuse_lost_batches
from incentivectl.posting.places import Places
from incentivectl.posting.post import PAYMENT_COLUMNS, next_id
from incentivectl.run import Progress
from incentivectl.settlement.payouts import PAYOUTS_AND_POINTS

GONE_OUT = ("exported", "paid")
WAITING = ("reserved", "released")


@dataclass(frozen=True)
class Voided:
    """What a void did: its batch, the entries taken back, payments cancelled and kept."""

    batch: Batch
    by: str
    entries: int
    cancelled: int
    kept: int


def void(
    places: Places, batch_id: str, reason: str, stamp: Stamp, progress: Progress, *, keep: bool
) -> Voided:
    """Takes a batch back; with `keep`, payments that went out stay and a negative balance follows."""
    with writing_to(places.ledger, progress) as connection:
        refuse_lost_batches(connection, places)
        batch = records.batch(connection, batch_id)
        _refuse_void(batch)
        payments = [
            one for one in records.payments(connection, batch_id=batch_id) if one.kind == "transfer"
        ]
        out = [one for one in payments if one.state in GONE_OUT]
        if out and not keep:
            raise _gone_out(batch, out)
        waiting = [one for one in payments if one.state in WAITING]
        entries = books.opposite_entries(connection, batch_id)
        new = NewBatch(
            id=next_id(connection, batch.period),
            period=batch.period,
            first_day=batch.first_day,
            dated=batch.dated,
            archive_hash="",
            entries=entries,
            payments=_no_payments(),
            reverses=batch_id,
        )
        details: Mapping[str, object] = {"reason": reason, "keep_payments": keep}
        states = [State(one.payment_id, "cancelled", f"void {batch_id}") for one in waiting]
        writing.book(connection, new, stamp, details, states)
        commit(connection)
        keep_head(connection, places.archive)
        return Voided(batch, new.id, entries.height, len(waiting), len(out))


def _no_payments() -> pl.DataFrame:
    schema = {**PAYOUTS_AND_POINTS, "kind": pl.String, "amount": PAYOUTS_AND_POINTS["payable"]}
    return pl.DataFrame(schema={name: schema[name] for name in PAYMENT_COLUMNS})


def _refuse_void(batch: Batch) -> None:
    if batch.voided_by is not None:
        message = f"batch {batch.id} is void already: {batch.voided_by} took it back"
        raise Refused([Problem("void-batch", message)], ExitCode.GUARD)
    if batch.reverses is not None:
        message = f"batch {batch.id} takes {batch.reverses} back and cannot be taken back itself"
        hint = f"`batch post {batch.period}` books what is due now"
        raise Refused([Problem("void-batch", message, hint)], ExitCode.GUARD)


def _gone_out(batch: Batch, out: list[BookedPayment]) -> Refused:
    named = ", ".join(one.payee_id for one in out[:5]) + (" and others" if len(out) > 5 else "")
    message = f"batch {batch.id}: {len(out)} payments have gone out ({named})"
    hint = (
        "--keep-payments takes the entries back all the same: what was paid becomes a negative"
        " balance that later earnings recover"
    )
    return Refused([Problem("payments-gone-out", message, hint)], ExitCode.GUARD)

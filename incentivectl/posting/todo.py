"""Batches and payments that wait for somebody (docs/questions.md, "What waits")."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from incentivectl.core.nouns import counted
from incentivectl.insight.todo.item import Item
from incentivectl.insight.todo.rows import waiting_rows
from incentivectl.ledger import records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.posting.accounts import BANK_CHANGED, WAITING, Directory, directory
from incentivectl.posting.approving import latest_approvals
from incentivectl.posting.exporting import PAIN
from incentivectl.posting.holds import NO_DEBTOR, NOT_APPROVED, Holds
from incentivectl.posting.signatures import in_words, lacking, needed
from incentivectl.run.known import Known
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace


def waiting_items(known: Known, day: date) -> list[Item]:
    """All that waits on `day`: in the exports as on the last day of PERIOD, and in the ledger."""
    payments = waiting_payments(known.loaded.workspace, known.period.last, day)
    return [*waiting_rows(known), *payments]


def waiting_payments(workspace: Workspace, last: date, day: date) -> Iterator[Item]:
    """The batches dated by `last` that are to be approved or exported, and the payments held in them.

    A payment is held by what holds it on `day` in a file of the form that was made last, whether an export
    has met it or not.
    """
    with reading(places_of(workspace).ledger) as connection:
        if connection is None:
            return
        known = directory(workspace, day)
        for batch in records.batches(connection):
            if batch.dated <= last and not batch.is_void:
                yield from _of_batch(connection, batch, workspace, known)


def _of_batch(
    connection: sqlite3.Connection, batch: Batch, workspace: Workspace, known: Directory
) -> Iterator[Item]:
    payments = [
        one
        for one in records.payments(connection, batch_id=batch.id)
        if one.kind == "transfer" and one.state in WAITING
    ]
    wanted = needed(connection, workspace, batch)
    missing = lacking(wanted, latest_approvals(connection, batch))
    by_bank = records.newest_form(connection) == PAIN
    holds = Holds(connection, workspace, batch, known, wanted, transfer=by_bank)
    ready = []
    for one in payments:
        why = holds.why(one)
        if why is None:
            ready.append(one)
        else:
            yield _held(one, batch, why)
    number = counted(len(ready), "payment")
    if ready and missing:
        what = f"{number}; {in_words(missing, wanted, workspace.currency)}"
        yield _batch(batch, ready, what, f"`incentivectl batch approve {batch.id}`")
    elif ready:
        yield _batch(batch, ready, f"{number} to export", f"`incentivectl batch export {batch.id}`")


def _batch(batch: Batch, payments: Iterable[BookedPayment], what: str, settle: str) -> Item:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for one in payments:
        amounts[one.currency] += one.amount
    return Item("batch", batch.id, what, settle, None, batch.dated, dict(sorted(amounts.items())))


def _held(payment: BookedPayment, batch: Batch, why: str) -> Item:
    settle = {
        BANK_CHANGED: f"`incentivectl batch release {batch.id} {payment.payment_id}`",
        NOT_APPROVED: f"`incentivectl batch approve {batch.id}`",
        NO_DEBTOR: f"[[payout.debtor]], then `batch void {batch.id}` and post it again",
    }.get(why, "the payee's row in payees")
    return Item(
        "payment",
        payment.payment_id,
        f"payment held: {why}",
        settle,
        payment.payee_id,
        batch.dated,
        {payment.currency: payment.amount},
    )

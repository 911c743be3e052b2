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
from incentivectl.posting.accounts import BANK_CHANGED, WAITING, Directory, directory, why_held
from incentivectl.posting.approving import approvers, latest_approvals
from incentivectl.posting.exporting import NOT_APPROVED, covers
from incentivectl.run.known import Known
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace


def waiting_items(known: Known, day: date) -> list[Item]:
    """All that waits on `day`: in the exports as on the last day of PERIOD, and in the ledger."""
    payments = waiting_payments(known.loaded.workspace, known.period.last, day)
    return [*waiting_rows(known), *payments]


def waiting_payments(workspace: Workspace, last: date, day: date) -> Iterator[Item]:
    """The batches dated by `last` that are to be approved or exported, and the payments held in them.

    A payment is held by what holds it on `day`, whether an export has met it or not.
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
    needed = workspace.payout.approvals
    approved = [*latest_approvals(connection, batch).values()]
    is_approved = len(approved) >= needed
    ready = []
    for one in payments:
        account = known.account(one)
        transfer = workspace.payout.debtor is not None
        why = why_held(connection, one, account, transfer=transfer)
        if why is None and is_approved and not covers(approved, one, account, needed):
            why = NOT_APPROVED
        if why is None:
            ready.append(one)
        else:
            yield _held(one, batch, why)
    if ready and is_approved:
        what = f"{counted(len(ready), 'payment')} to export"
        yield _batch(batch, ready, what, f"`incentivectl batch export {batch.id}`")
    elif ready:
        signed = len(approvers(connection, batch))
        what = f"{counted(len(ready), 'payment')}; {signed} of {counted(needed, 'approval')}"
        yield _batch(batch, ready, what, f"`incentivectl batch approve {batch.id}`")


def _batch(batch: Batch, payments: Iterable[BookedPayment], what: str, settle: str) -> Item:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for one in payments:
        amounts[one.currency] += one.amount
    return Item("batch", batch.id, what, settle, None, batch.dated, dict(sorted(amounts.items())))


def _held(payment: BookedPayment, batch: Batch, why: str) -> Item:
    settle = {
        BANK_CHANGED: f"`incentivectl batch release {batch.id} {payment.payment_id}`",
        NOT_APPROVED: f"`incentivectl batch approve {batch.id}`",
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

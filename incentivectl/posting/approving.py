"""`batch approve` and `batch release`: signatures, and accounts that somebody has looked at.

Nobody approves what he posted; an approval signs the batch's hash (docs/rules.md, "Approvals").
"""

import sqlite3
from collections.abc import Mapping, Sequence

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.ledger import records, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.ledger.writing import Stamp, State
from incentivectl.posting.accounts import BANK_CHANGED, booked_payee, directory, why_held
from incentivectl.posting.heads import keep_head, refuse_lost_batches
from incentivectl.posting.places import Places, places_of
from incentivectl.run import Progress
from incentivectl.workspace import Workspace


def signer(name: str, poster: str) -> str:
    """Who approves what `poster` posts; refuses the poster, and a name without any letter."""
    if not name.strip():
        problem = Problem("no-name", "an approval needs a name", "who approves?")
        raise Refused([problem], ExitCode.USAGE)
    if name.strip().casefold() == poster.strip().casefold():
        message = f"{poster} posts this batch and cannot approve it"
        problem = Problem(
            "own-approval", message, "somebody else has to: `batch approve --by NAME`"
        )
        raise Refused([problem], ExitCode.GUARD)
    return name.strip()


def sign(connection: sqlite3.Connection, batch: Batch, name: str, stamp: Stamp) -> None:
    """Appends an approval of a batch's hash by `name`; refuses the poster's."""
    signed = signer(name, batch.recorded_by)
    if batch.is_void:
        message = f"batch {batch.id} is void"
        raise Refused([Problem("void-batch", message, "approve the one after it")], ExitCode.GUARD)
    details = {"name": signed, "batch_hash": batch.hash}
    writing.note(connection, "approve", batch.id, batch.dated, stamp, details)


def approvers(connection: sqlite3.Connection, batch: Batch) -> list[str]:
    """The distinct names that signed a batch."""
    names = {name.casefold(): name for name, *_ in records.approvals(connection, batch.id)}
    return sorted(names.values())


def approve(
    places: Places, batch_id: str, name: str, stamp: Stamp, progress: Progress
) -> tuple[Batch, list[str]]:
    """Signs a batch; the batch and everybody who signed it by now."""
    with writing_to(places.ledger, progress) as connection:
        refuse_lost_batches(connection, places)
        batch = records.batch(connection, batch_id)
        if name.strip().casefold() not in {one.casefold() for one in approvers(connection, batch)}:
            sign(connection, batch, name, stamp)
            commit(connection)
            keep_head(connection, places.archive)
        return batch, approvers(connection, batch)


def release(
    workspace: Workspace,
    batch_id: str,
    wanted: Sequence[str],
    stamp: Stamp,
    progress: Progress,
) -> list[BookedPayment]:
    """Lets payments go to changed accounts: those wanted, or all of the batch that are held for that.

    Each of `wanted` is a payment id, or a payee (id or name), of whom all held payments are meant.

    What is released is the account as it is now: one that changes again holds the payment again.
    """
    places = places_of(workspace)
    known = directory(workspace, stamp.at.date())
    with writing_to(places.ledger, progress) as connection:
        refuse_lost_batches(connection, places)
        batch = records.batch(connection, batch_id)
        held = {
            one.payment_id: one
            for one in records.payments(connection, batch_id=batch_id)
            if one.state in ("reserved", "released")
            and why_held(connection, one, known.account(one), transfer=False) == BANK_CHANGED
        }
        named = [one for text in wanted for one in _held_of(workspace, batch, held, text, stamp)]
        chosen = list(dict.fromkeys(named)) if wanted else list(held.values())
        states = [State(one.payment_id, "released", "", known.account(one)) for one in chosen]
        if states:
            details = {"payments": len(states)}
            writing.note(connection, "release", batch_id, batch.dated, stamp, details, states)
            commit(connection)
            keep_head(connection, places.archive)
        return chosen


def _held_of(
    workspace: Workspace, batch: Batch, held: Mapping[str, BookedPayment], text: str, stamp: Stamp
) -> list[BookedPayment]:
    """The held payments that a payment id or a payee means; refuses where there are none."""
    if text in held:
        return [held[text]]
    hint = f"held are {', '.join(held) or 'none'}"
    ids = {(one.payee_kind, one.payee_id) for one in held.values()}
    try:
        payee = booked_payee(workspace, ids, text, stamp.at.date())
    except Refused as refused:
        if refused.problems[0].code != "unknown-payee":
            raise
        message = f"`{text}` is neither a payment held in {batch.id} nor a payee"
        raise Refused([Problem("not-held", message, hint)], ExitCode.USAGE) from None
    found = [
        one for one in held.values() if (one.payee_kind, one.payee_id) == (payee.kind, payee.id)
    ]
    if not found:
        message = f"{payee.name}: nothing is held for changed bank details in {batch.id}"
        raise Refused([Problem("not-held", message, hint)], ExitCode.USAGE)
    return found

"""`batch approve` and `batch release`: signatures, and accounts that somebody has looked at.

Nobody approves what they posted; an approval signs the batch's hash and the accounts that its payments go
to (docs/ledger.md, "Approvals").
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.ledger import records, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.ledger.writing import Stamp, State
from incentivectl.posting.accounts import (
    BANK_CHANGED,
    WAITING,
    Details,
    booked_payee,
    directory,
    why_held,
)
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.posting.signatures import Signature, in_words, lacking, needed
from incentivectl.run.loading import Progress
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Signed:
    """The approvals of a batch: who has approved it by now, whether this one is new, what it lacks."""

    batch: Batch
    approvers: tuple[str, ...]
    is_new: bool
    lacks: str


def approve(
    workspace: Workspace, batch_id: str, name: str, stamp: Stamp, progress: Progress
) -> Signed:
    """Approves a batch, and the accounts that its payments go to from the day after `stamp`.

    Who approves is `stamp.user`; `name` is recorded beside it. Refuses the batch's poster, and a user
    who may give none of the approvals that it needs. Approving again changes nothing unless accounts have
    changed.
    """
    places = places_of(workspace)
    known = directory(workspace, default_execution(stamp))
    with writing_to(places.ledger, progress) as connection:
        refuse_damage(connection, places)
        batch = records.batch(connection, batch_id)
        _refuse_poster(batch, name, stamp.user)
        wanted = needed(connection, workspace, batch)
        _refuse_others(batch, stamp.user, wanted)
        accounts = {
            one.payment_id: account_hash(known.account(one))
            for one in records.payments(connection, batch_id=batch_id)
            if one.state in WAITING
        }
        before = latest_approvals(connection, batch).get(stamp.user.casefold())
        is_new = before is None or not accounts.items() <= before.accounts.items()
        if is_new:
            details = {"name": name.strip(), "batch_hash": batch.hash, "accounts": accounts}
            writing.note(connection, "approve", batch.id, batch.dated, stamp, details)
            commit(connection)
            keep_head(connection, places.archive)
        missing = lacking(wanted, latest_approvals(connection, batch))
        lacks = in_words(missing, wanted, workspace.currency) if missing else ""
        return Signed(batch, tuple(approvers(connection, batch)), is_new, lacks)


def default_execution(stamp: Stamp) -> date:
    """When a bank is to pay, unless somebody says otherwise: tomorrow."""
    return stamp.at.date() + timedelta(days=1)


def latest_approvals(connection: sqlite3.Connection, batch: Batch) -> dict[str, records.Approval]:
    """User (lower-case) → the latest approval; approvals by the poster do not count, whatever the name."""
    poster = batch.recorded_by.casefold()
    found = {one.user.casefold(): one for one in records.approvals(connection, batch.id)}
    return {user: one for user, one in found.items() if user != poster}


def approvers(connection: sqlite3.Connection, batch: Batch) -> list[str]:
    """Who approved a batch: each user once, by the name that was given."""
    return sorted(one.name for one in latest_approvals(connection, batch).values())


def account_hash(account: Details) -> str:
    """What an approval keeps of an account."""
    return hashlib.sha256("\n".join(account).encode()).hexdigest()[:32]


def _refuse_poster(batch: Batch, name: str, user: str) -> None:
    """Refuses who posted the batch, under whatever name, and a batch that is void."""
    if not name.strip():
        problem = Problem("no-name", "an approval needs a name", "--by NAME says who approves")
        raise Refused([problem], ExitCode.USAGE)
    if batch.recorded_by.casefold() in (user.casefold(), name.strip().casefold()):
        message = f"{batch.recorded_by} posted batch {batch.id} and cannot approve it"
        hint = f"another user of this system has to run `batch approve {batch.id}`"
        raise Refused([Problem("own-approval", message, hint)], ExitCode.GUARD)
    if batch.is_void:
        message = f"batch {batch.id} is void"
        raise Refused(
            [Problem("void-batch", message, "approve the batch that replaces it")], ExitCode.GUARD
        )


def _refuse_others(batch: Batch, user: str, wanted: Sequence[Signature]) -> None:
    """Refuses a user whose approval no rule asks for; where none is needed, anybody's is recorded."""
    if wanted and not any(one.admits(user) for one in wanted):
        names = ", ".join(dict.fromkeys(name for one in wanted for name in one.by))
        message = f"{user} is none of those who may approve batch {batch.id}"
        hint = f"[[payout.approval]] names the users {names}"
        raise Refused([Problem("not-an-approver", message, hint)], ExitCode.GUARD)


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
        refuse_damage(connection, places)
        batch = records.batch(connection, batch_id)
        held = {
            one.payment_id: one
            for one in records.payments(connection, batch_id=batch_id)
            if one.state in WAITING
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
    """The held payments of a payment id or a payee; refuses if there are none."""
    if text in held:
        return [held[text]]
    hint = f"payments on hold: {', '.join(held) or 'none'}"
    ids = {(one.payee_kind, one.payee_id) for one in held.values()}
    try:
        payee = booked_payee(workspace, ids, text, stamp.at.date())
    except Refused as refused:
        if refused.problems[0].code != "unknown-payee":
            raise
        message = f"`{text}` is neither a payment on hold in {batch.id} nor a payee"
        raise Refused([Problem("not-held", message, hint)], ExitCode.USAGE) from None
    found = [
        one for one in held.values() if (one.payee_kind, one.payee_id) == (payee.kind, payee.id)
    ]
    if not found:
        message = f"{payee.name}: no payment on hold for changed bank details in {batch.id}"
        raise Refused([Problem("not-held", message, hint)], ExitCode.USAGE)
    return found

"""`batch export`: the payment file of a batch, as CSV or as ISO 20022 credit transfers.

The export is recorded first and its file written from the record, so that no file tells of payments
that the ledger believes at home, and the same export can be written again, byte for byte
(docs/ledger.md, "The life of a payment").
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from incentivectl.banking.csv_file import csv_text
from incentivectl.banking.pain001 import pain001
from incentivectl.banking.payments import CASH, Account, Payment, PaymentFile
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.nouns import counted
from incentivectl.core.output_files import check_named_file, write_file, write_named_file
from incentivectl.ledger import records, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import Approval, Batch, BookedPayment, Export
from incentivectl.ledger.writing import Stamp, State
from incentivectl.posting.accounts import NONE, WAITING, Details, Directory, directory, why_held
from incentivectl.posting.approving import account_hash, approvers, latest_approvals
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.run.loading import Progress
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace

CSV, PAIN = "csv", "pain.001"
FORMS = {CSV: ".csv", PAIN: ".xml"}
NOT_APPROVED = "account-not-approved"


@dataclass(frozen=True)
class Held:
    """A payment that stays, and why."""

    payment: BookedPayment
    name: str
    why: str


@dataclass(frozen=True)
class Exported:
    """What an export wrote: files with the payments in each, and what it did not send.

    `new` counts the payments that went out for the first time; `elsewhere` those that are not of this
    form or went out in another.
    """

    batch: Batch
    form: str
    files: tuple[tuple[Path, PaymentFile], ...]
    new: int
    held: tuple[Held, ...]
    elsewhere: int


def export(
    workspace: Workspace,
    batch_id: str,
    form: str,
    execute_on: date,
    output: Path | None,
    stamp: Stamp,
    progress: Progress,
) -> Exported:
    """Writes what has not gone out yet, or what went out before in this form, once more."""
    places = places_of(workspace)
    if form == PAIN and workspace.payout.debtor is None:
        message = "[payout.debtor] is missing; a transfer needs an account to pay from"
        hint = "add [payout.debtor] with name, iban and bic, or export with --format csv"
        problem = Problem("no-debtor", message, hint, file=workspace.config_file)
        raise Refused([problem], ExitCode.CONFIG)
    if output is not None:
        check_named_file(output)
    progress("reading accounts")
    known = directory(workspace, execute_on)
    with writing_to(places.ledger, progress) as connection:
        refuse_damage(connection, places)
        batch = records.batch(connection, batch_id)
        _refuse(connection, batch, workspace.payout.approvals)
        payments = [
            one for one in records.payments(connection, batch_id=batch_id) if one.kind == "transfer"
        ]
        approved = latest_approvals(connection, batch).values()
        going, held = _sorted_out(
            connection, payments, known, form, [*approved], workspace.payout.approvals
        )
        if going:
            details = _details(workspace, form, execute_on, going, known)
            states = [State(one.payment_id, "exported", form, known.account(one)) for one in going]
            writing.note(connection, "export", batch_id, batch.dated, stamp, details, states)
            commit(connection)
            keep_head(connection, places.archive)
        files = _files(connection, batch, form, workspace)
        if going:
            files = files[-1:]
    paths = [places.payments / name for name, _ in files]
    if output is not None and len(files) == 1:
        paths = [output]
    elif output is not None and files:
        message = (
            f"batch {batch_id} was exported in {len(files)} files, but --output names only one"
        )
        hint = "without --output they are written to payments/"
        raise Refused([Problem("several-files", message, hint)], ExitCode.USAGE)
    write = write_file if output is None else write_named_file
    for path, (_, (sent, file)) in zip(paths, files, strict=True):
        write(path, _content(file, form, sent.details))
    written = [(path, file) for path, (_, (_, file)) in zip(paths, files, strict=True)]
    of_form = sum(len(file.payments) for _, (_, file) in files)
    elsewhere = len(payments) - of_form - len(held) if going else 0
    return Exported(batch, form, tuple(written), len(going), tuple(held), max(elsewhere, 0))


def _refuse(connection: sqlite3.Connection, batch: Batch, needed: int) -> None:
    if batch.is_void:
        message = f"batch {batch.id} is void; none of it can be paid"
        raise Refused([Problem("void-batch", message)], ExitCode.GUARD)
    signed = approvers(connection, batch)
    if len(signed) < needed:
        message = f"batch {batch.id} has {len(signed)} of {counted(needed, 'approval')}"
        hint = f"a user other than {batch.recorded_by} has to run `batch approve {batch.id}`"
        raise Refused([Problem("not-approved", message, hint)], ExitCode.GUARD)


def _sorted_out(
    connection: sqlite3.Connection,
    payments: Sequence[BookedPayment],
    known: Directory,
    form: str,
    approved: Sequence[Approval],
    needed: int,
) -> tuple[list[BookedPayment], list[Held]]:
    """The payments that go out now, and those that are held."""
    going, held = [], []
    for one in payments:
        if one.state not in WAITING or (form == PAIN and one.method != CASH):
            continue
        account = known.account(one)
        why = why_held(connection, one, account, transfer=form == PAIN)
        if why is None and not covers(approved, one, account, needed):
            why = NOT_APPROVED
        if why is None:
            going.append(one)
        else:
            held.append(Held(one, known.name(one), why))
    return going, held


def covers(
    approved: Sequence[Approval], payment: BookedPayment, account: Details, needed: int
) -> bool:
    """Whether so many approvals name the account that a payment goes to now."""
    own = account_hash(account)
    return sum(one.accounts.get(payment.payment_id) == own for one in approved) >= needed


def _details(
    workspace: Workspace,
    form: str,
    execute_on: date,
    going: Sequence[BookedPayment],
    known: Directory,
) -> dict[str, object]:
    """What the file says besides the payments, so that it can be written again as it was."""
    debtor = workspace.payout.debtor
    paying = [debtor.name, debtor.iban, debtor.bic] if form == PAIN and debtor else list(NONE)
    return {
        "form": form,
        "execute_on": execute_on.isoformat(),
        "debtor": paying,
        "initiator": workspace.name,
        "names": {one.payment_id: known.name(one) for one in going},
    }


def _files(
    connection: sqlite3.Connection, batch: Batch, form: str, workspace: Workspace
) -> list[tuple[str, tuple[Export, PaymentFile]]]:
    """Every file of this form that the batch went out in, by name, oldest first."""
    return [
        (f"{batch.id}-{number}{FORMS[form]}", (one, payment_file(one)))
        for number, one in enumerate(records.exports(connection, batch.id), start=1)
        if one.details["form"] == form
    ]


def payment_file(export: Export) -> PaymentFile:
    """The file of an export, from what the ledger recorded of it."""
    names = export.details["names"]
    assert isinstance(names, Mapping)
    return PaymentFile(
        batch_id=export.batch_id,
        batch_hash=export.hash,
        created=datetime.fromisoformat(export.recorded_at),
        execute_on=date.fromisoformat(str(export.details["execute_on"])),
        payments=tuple(
            Payment(
                payment_id=one.payment_id,
                payee_kind=one.payee_kind,
                payee_id=one.payee_id,
                payee_name=str(names[one.payment_id]),
                currency=one.currency,
                method=one.method,
                amount_minor=one.amount_minor,
                points=one.whole_points,
                account=_account(one.account),
            )
            for one in export.payments
        ),
    )


def _account(details: Details) -> Account | None:
    return None if details == NONE else Account(*details)


def debtor_of(details: Mapping[str, object]) -> Account:
    """The account that an export was paid from."""
    debtor = details["debtor"]
    assert isinstance(debtor, list)
    return Account(*(str(part) for part in debtor))


def _content(file: PaymentFile, form: str, details: Mapping[str, object]) -> str | bytes:
    if form == PAIN:
        return pain001(file, debtor_of(details), str(details["initiator"]))
    return csv_text(file)

"""`batch export`: the payment file of a batch, as CSV or as ISO 20022 credit transfers.

The export is recorded first and its file written from the record, so that no file holds payments
that the ledger takes for unsent, and the same export can be written again, byte for byte
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
from incentivectl.ledger.records import Batch, BookedPayment, Export
from incentivectl.ledger.writing import Stamp, State
from incentivectl.posting.accounts import NONE, WAITING, Details, Directory, directory
from incentivectl.posting.approving import latest_approvals
from incentivectl.posting.holds import Holds
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.posting.signatures import Signature, in_words, lacking, needed
from incentivectl.posting.withholding import remittance_of
from incentivectl.run.loading import Progress
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace

CSV, PAIN = "csv", "pain.001"
FORMS = {CSV: ".csv", PAIN: ".xml"}


@dataclass(frozen=True)
class Held:
    """A payment that is held back, and why."""

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
    if form == PAIN:
        _refuse_without_debtor(workspace)
    if output is not None:
        check_named_file(output)
    progress("reading accounts")
    known = directory(workspace, execute_on)
    with writing_to(places.ledger, progress) as connection:
        refuse_damage(connection, places)
        batch = records.batch(connection, batch_id)
        wanted = needed(connection, workspace, batch)
        _refuse_unless_payable(connection, batch, wanted, workspace)
        payments = [
            one for one in records.payments(connection, batch_id=batch_id) if one.kind == "transfer"
        ]
        holds = Holds(connection, workspace, batch, known, wanted, transfer=form == PAIN)
        going, held = _sorted_out(payments, known, form, holds)
        by_debtor = _by_debtor(going, workspace)
        for debtor, paid in by_debtor.items():
            details = _details(workspace, form, execute_on, paid, known, debtor)
            states = [State(one.payment_id, "exported", form, known.account(one)) for one in paid]
            cash = [remittance_of(one, known) for one in paid if one.method == CASH]
            writing.note(
                connection,
                "export",
                batch_id,
                batch.dated,
                stamp,
                details,
                states,
                remittances=cash,
            )
        if going:
            commit(connection)
            keep_head(connection, places.archive)
        files = _files(connection, batch, form)
        if going:
            files = files[-len(by_debtor) :]
    paths = _paths(batch_id, [places.payments / name for name, _ in files], output)
    write = write_file if output is None else write_named_file
    for path, (_, (sent, file)) in zip(paths, files, strict=True):
        write(path, _content(file, form, sent.details))
    written = [(path, file) for path, (_, (_, file)) in zip(paths, files, strict=True)]
    of_form = sum(len(file.payments) for _, (_, file) in files)
    elsewhere = len(payments) - of_form - len(held) if going else 0
    return Exported(batch, form, tuple(written), len(going), tuple(held), max(elsewhere, 0))


def _refuse_without_debtor(workspace: Workspace) -> None:
    if not workspace.payout.debtor:
        message = "[payout.debtor] is missing; a transfer needs an account to pay from"
        hint = "add [payout.debtor] with name, iban and bic, or export with --format csv"
        problem = Problem("no-debtor", message, hint, file=workspace.config_file)
        raise Refused([problem], ExitCode.CONFIG)


def _paths(batch_id: str, in_payments: Sequence[Path], output: Path | None) -> Sequence[Path]:
    """Where the files go: into payments/, or the only one to `--output`."""
    if output is None or not in_payments:
        return in_payments
    if len(in_payments) > 1:
        files = counted(len(in_payments), "file")
        message = f"batch {batch_id} was exported in {files}, but --output names only one"
        hint = "without --output they are written to payments/"
        raise Refused([Problem("several-files", message, hint)], ExitCode.USAGE)
    return [output]


def _refuse_unless_payable(
    connection: sqlite3.Connection,
    batch: Batch,
    wanted: Sequence[Signature],
    workspace: Workspace,
) -> None:
    if batch.is_void:
        message = f"batch {batch.id} is void; none of it can be paid"
        raise Refused([Problem("void-batch", message)], ExitCode.GUARD)
    missing = lacking(wanted, latest_approvals(connection, batch))
    if missing:
        lacks = in_words(missing, wanted, workspace.currency)
        message = f"batch {batch.id} {'has' if lacks[0].isdigit() else 'lacks'} {lacks}"
        hint = f"a user other than {batch.recorded_by} has to run `batch approve {batch.id}`"
        raise Refused([Problem("not-approved", message, hint)], ExitCode.GUARD)


def _sorted_out(
    payments: Sequence[BookedPayment], known: Directory, form: str, holds: Holds
) -> tuple[list[BookedPayment], list[Held]]:
    """The payments that go out now, and those that are held."""
    going, held = [], []
    for one in payments:
        if one.state not in WAITING or (form == PAIN and one.method != CASH):
            continue
        why = holds.why(one)
        if why is None:
            going.append(one)
        else:
            held.append(Held(one, known.name(one), why))
    return going, held


def _by_debtor(
    payments: Sequence[BookedPayment], workspace: Workspace
) -> dict[Details, list[BookedPayment]]:
    """The payments by the account that pays them: of each a file of its own, in the order of names.

    Those of batches that kept no debtor are paid by the one that the config names.
    """
    named = next(iter(workspace.payout.debtor), None)
    usual = NONE if named is None else (named.name, named.account.iban, named.account.bic)
    found: dict[Details, list[BookedPayment]] = {}
    for one in payments:
        found.setdefault(one.debtor or usual, []).append(one)
    return dict(sorted(found.items()))


def _details(
    workspace: Workspace,
    form: str,
    execute_on: date,
    going: Sequence[BookedPayment],
    known: Directory,
    debtor: Details,
) -> dict[str, object]:
    """What the file says besides the payments, so that it can be written again as it was.

    A CSV names the debtor only where the config has several.
    """
    is_told = form == PAIN or len(workspace.payout.debtor) > 1
    return {
        "form": form,
        "execute_on": execute_on.isoformat(),
        "debtor": list(debtor if is_told else NONE),
        "initiator": workspace.name,
        "names": {one.payment_id: known.name(one) for one in going},
    }


def _files(
    connection: sqlite3.Connection, batch: Batch, form: str
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
        debtor=debtor_of(export.details).name,
        payments=tuple(
            Payment(
                payment_id=one.payment_id,
                payee_kind=one.payee_kind,
                payee_id=one.payee_id,
                payee_name=str(names[one.payment_id]),
                currency=one.currency,
                method=one.method,
                amount_minor=export.sums.get(one.payment_id, (0, one.amount_minor))[1],
                withheld_minor=export.sums.get(one.payment_id, (0, one.amount_minor))[0],
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

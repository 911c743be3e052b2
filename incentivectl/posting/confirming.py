"""`batch confirm`: the bank's answer. What failed returns to the balance (docs/ledger.md, 51)."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incentivectl.banking.answers import Answer, for_payments, read_answers
from incentivectl.banking.payments import Account
from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.core.input_files import sha256
from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger import records, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import BookedPayment
from incentivectl.ledger.writing import Stamp, State
from incentivectl.posting.day_rates import rates_on
from incentivectl.posting.exporting import PAIN, debtor_of, payment_file
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.run.loading import Progress
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Confirmed:
    """What an answer said: payments that are paid, that failed (with reasons), and that were known."""

    paid: tuple[BookedPayment, ...]
    failed: tuple[tuple[BookedPayment, str], ...]
    known_before: int
    warnings: tuple[Problem, ...]


def confirm(workspace: Workspace, file: Path, stamp: Stamp, progress: Progress) -> Confirmed:
    """Records the answers of a file, all or none; one that is known already changes nothing."""
    answers, problems = read_answers(file)
    if errors_in(problems):
        raise Refused(problems, ExitCode.DATA)
    rates = rates_on(workspace, stamp.at.date())
    places = places_of(workspace)
    with writing_to(places.ledger, progress) as connection:
        refuse_damage(connection, places)
        answers, found = _spread(connection, answers, file)
        payments = {one.payment_id: one for one in records.payments(connection)}
        found += [
            problem
            for answer in answers
            if (problem := _objection(answer, payments, file)) is not None
        ]
        if found:
            raise Refused([*problems, *found], ExitCode.DATA)
        new = [
            answer
            for answer in answers
            if payments[answer.payment_id].state != ("paid" if answer.paid else "failed")
        ]
        _record(connection, new, payments, file, stamp, rates)
        if new:
            commit(connection)
            keep_head(connection, places.archive)
    return Confirmed(
        tuple(payments[one.payment_id] for one in new if one.paid),
        tuple((payments[one.payment_id], one.reason) for one in new if not one.paid),
        len(answers) - len(new),
        tuple(problems),
    )


def _spread(
    connection: sqlite3.Connection, answers: Sequence[Answer], file: Path
) -> tuple[list[Answer], list[Problem]]:
    """Answers for whole messages, spread over the payments that were sent in them."""
    spread = [one for one in answers if one.scope is None]
    whole = [one for one in answers if one.scope is not None]
    problems: list[Problem] = []
    if whole:
        sent: dict[Account, list[records.Export]] = {}
        for export in records.exports(connection):
            if export.details["form"] == PAIN:
                sent.setdefault(debtor_of(export.details), []).append(export)
        for debtor, exports in sent.items() or [(Account("", ""), [])]:
            files = [payment_file(export) for export in exports]
            found, problems = for_payments(whole, files, debtor, file)
            spread += found
            if found:
                return spread, problems
    return spread, problems


def _objection(answer: Answer, payments: dict[str, BookedPayment], file: Path) -> Problem | None:
    """Why an answer cannot be: it is for no payment of ours, or for one that never went out."""
    payment = payments.get(answer.payment_id)
    said = "paid" if answer.paid else "failed"
    if payment is None or payment.kind != "transfer":
        message = f"unknown payment `{answer.payment_id}`"
        return Problem(
            "unknown-payment",
            message,
            "does the answer belong to another ledger?",
            file,
            answer.line,
        )
    allowed = {"exported": ("paid", "failed"), "paid": ("paid", "failed"), "failed": ("failed",)}
    if said not in allowed.get(payment.state, ()):
        message = f"payment {answer.payment_id} is {payment.state}, but the bank reports it {said}"
        hint = "check with the bank; a failed payment goes out again under a new id"
        return Problem("impossible-answer", message, hint, file, answer.line)
    return None


def _record(
    connection: sqlite3.Connection,
    answers: Sequence[Answer],
    payments: dict[str, BookedPayment],
    file: Path,
    stamp: Stamp,
    rates: RatesOfDay,
) -> None:
    """One record for each batch; it takes effect with the newest one, so that older runs stand."""
    newest = max((one.dated for one in records.batches(connection)), default=None)
    by_batch: dict[str, list[State]] = {}
    for answer in answers:
        payment = payments[answer.payment_id]
        state = State(
            answer.payment_id, "paid" if answer.paid else "failed", answer.reason, payment.account
        )
        by_batch.setdefault(payment.batch_id, []).append(state)
    details = {"file": file.name, "sha256": sha256(file)}
    for batch_id, states in sorted(by_batch.items()):
        assert newest is not None
        writing.note(connection, "confirm", batch_id, newest, stamp, details, states, rates=rates)

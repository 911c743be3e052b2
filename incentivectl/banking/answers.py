"""The bank's answers read back: a CSV or an ISO 20022 pain.002 (docs/ledger.md, 51)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from incentivectl.banking.answer import Answer, Scope, Statement, known_words, verdict_of
from incentivectl.banking.answers_csv import read_csv
from incentivectl.banking.answers_pain002 import read_pain002
from incentivectl.banking.pain001 import message_id, transfer_groups
from incentivectl.banking.payments import Account, PaymentFile
from incentivectl.core.errors import Problem
from incentivectl.core.input_files import opened

__all__ = ["Answer", "Scope", "for_payments", "read_answers"]

MOST_BYTES = 64 * 1024 * 1024
_MOST_NAMED = 5
_XML_STARTS = tuple("<".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_answers(path: Path) -> tuple[list[Answer], list[Problem]]:
    """What the bank's file says finally of each payment, in the file's order, and all problems.

    Payments that the bank has still in hand are not among the answers but in a warning. Where an
    id has two different answers, neither counts. With an error among the problems the answers are
    not the whole of what the file says: nothing should be booked by them.
    """
    content, problems = _content(path)
    if content is None:
        return [], problems
    read = read_pain002 if _looks_like_xml(content) else read_csv
    statements, problems = read(content, path)
    understood = _understood(statements, path, problems)
    answers = _without_contradictions(understood, path, problems)
    if not statements and not problems:
        hint = "a CSV needs one row per payment, a pain.002 a status per payment"
        problems.append(
            Problem("no-answer", "the file has no answer for any payment", hint, file=path)
        )
    return answers, problems


def for_payments(
    answers: Iterable[Answer], sent: Sequence[PaymentFile], debtor: Account, path: Path
) -> tuple[list[Answer], list[Problem]]:
    """The answers with those for whole messages spread over the payments that were sent in them.

    `sent` are the payment files that went to the bank as pain.001, `debtor` the account that they
    were written with, `path` is the bank's file. A payment's own answer wins over its group's,
    and that over its message's.
    """
    files = {message_id(file): file for file in sent}
    spread: list[Answer] = []
    problems: list[Problem] = []
    for answer in answers:
        if answer.scope is None:
            spread.append(answer)
        elif (file := files.get(answer.scope.message_id)) is not None:
            spread += [
                replace(answer, payment_id=payment_id, scope=None)
                for payment_id in _covered(answer.scope, file, debtor)
            ]
        else:
            problems.append(_unknown_message(answer.scope, path, answer.line))
    return spread, problems


def _covered(scope: Scope, file: PaymentFile, debtor: Account) -> list[str]:
    return [
        transfer.payment.payment_id
        for group in transfer_groups(file, debtor)
        if group.group_id not in scope.but_groups and scope.group_id in ("", group.group_id)
        for transfer in group.transfers
        if transfer.payment.payment_id not in scope.but_payments
    ]


def _unknown_message(scope: Scope, path: Path, line: int | None) -> Problem:
    text = f'the bank answers a message "{scope.message_id}" that was never sent'
    hint = "does the answer belong to another system, or to an older ledger?"
    return Problem("unknown-message", text, hint, path, line)


def _content(path: Path) -> tuple[bytes | None, list[Problem]]:
    try:
        with opened(path) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        text = f"the file cannot be read: {error.strerror}"
        return None, [Problem("cannot-read", text, file=path)]
    if len(content) > MOST_BYTES:
        text = f"the file is larger than {MOST_BYTES // 1024**2} MB"
        return None, [Problem("too-large", text, "is it the bank's answer?", file=path)]
    if not content.strip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n"):
        return None, [Problem("empty-file", "the file is empty", file=path)]
    return content, []


def _looks_like_xml(content: bytes) -> bool:
    for mark in _MARKS:
        content = content.removeprefix(mark)
    return content.lstrip(b" \t\r\n").startswith(_XML_STARTS)


def _understood(
    statements: Iterable[Statement], path: Path, problems: list[Problem]
) -> list[Answer]:
    answers: list[Answer] = []
    pending: list[Statement] = []
    for one in statements:
        match verdict_of(one.status):
            case None:
                problems.append(_unknown_status(one, path))
            case "pending":
                pending.append(one)
            case verdict:
                paid = verdict == "paid"
                answers.append(Answer(one.payment_id, paid, one.reason, one.line, one.scope))
    if pending:
        problems.append(_still_pending(pending, path))
    return answers


def _unknown_status(one: Statement, path: Path) -> Problem:
    text = f'Unknown status "{one.status}"'
    return Problem("unknown-status", text, f"use one of {known_words()}", path, one.line)


def _still_pending(pending: Sequence[Statement], path: Path) -> Problem:
    named = [f"{_subject(one.payment_id, one.scope)} ({one.status})" for one in pending]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    text = f"the bank has not finished with {', '.join(named[:_MOST_NAMED])}{more}"
    hint = "they keep their state; confirm the bank's next answer, or a CSV once they are settled"
    return Problem("still-pending", text, hint, path, pending[0].line, severity="warning")


def _subject(payment_id: str, scope: Scope | None) -> str:
    if scope is None:
        return payment_id
    return f"all of {scope.group_id or scope.message_id}"


def _without_contradictions(
    answers: Iterable[Answer], path: Path, problems: list[Problem]
) -> list[Answer]:
    first: dict[tuple[str, str, str], Answer] = {}
    contradicted: set[tuple[str, str, str]] = set()
    for answer in answers:
        scope = answer.scope or Scope("")
        key = (answer.payment_id, scope.message_id, scope.group_id)
        before = first.setdefault(key, answer)
        if before.paid != answer.paid and key not in contradicted:
            contradicted.add(key)
            problems.append(_two_answers(before, answer, path))
    return [answer for key, answer in first.items() if key not in contradicted]


def _two_answers(before: Answer, answer: Answer, path: Path) -> Problem:
    words = {True: "paid", False: "failed"}
    subject = _subject(answer.payment_id, answer.scope)
    text = f"{subject} is {words[answer.paid]} here and {words[before.paid]} in line {before.line}"
    return Problem("two-answers", text, "ask the bank which is right", path, answer.line)

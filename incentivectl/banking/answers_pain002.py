"""The bank's answers as an ISO 20022 payment status report, pain.002 of any version (51.3-51.6).

The elements are found by their names, whatever the version's namespace: banks still send versions
from 03 to 14, and these elements are called the same in all of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.banking.answer import Scope, Statement
from incentivectl.core.errors import Problem

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# What the commonest codes mean, for banks that send no text (ISO 20022 external code sets).
_REASONS = {
    "AC01": "the account number is not correct",
    "AC03": "the payee's account number is not valid",
    "AC04": "the account is closed",
    "AC06": "the account is blocked",
    "AC13": "not allowed on the payer's account",
    "AG01": "transfers to this account are not allowed",
    "AM04": "insufficient funds in the paying account",
    "AM05": "the bank already received this payment",
    "BE01": "name and account do not match",
    "DT01": "the date is not valid",
    "FF01": "the file's format is not valid",
    "MD07": "the payee has died",
    "MS02": "the payee refused the payment, without a reason",
    "MS03": "the bank gives no reason",
    "RC01": "the BIC is not correct",
    "RR04": "blocked for regulatory reasons",
    "TM01": "received after the bank's cut-off time",
}


def read_pain002(content: bytes, path: Path) -> tuple[list[Statement], list[Problem]]:
    """The statements in the file's order: payments, then what is said of groups and the message."""
    report, problem = _report(content, path)
    if report is None:
        return [], [problem] if problem else []
    statements: list[Statement] = []
    problems: list[Problem] = []
    header = next(_named(report, "OrgnlGrpInfAndSts"), None)
    sent_as = _text(header, "OrgnlMsgId")
    groups = list(_named(report, "OrgnlPmtInfAndSts"))
    for group in groups:
        for transaction in _named(group, "TxInfAndSts"):
            _payment(transaction, statements, problems, path)
    spoken_of = frozenset(one.payment_id for one in statements)
    for group in groups:
        scope = Scope(sent_as, _text(group, "OrgnlPmtInfId"), spoken_of)
        statements += _whole(group, "PmtInfSts", scope, path, problems)
    if header is not None:
        answered = frozenset(
            _text(group, "OrgnlPmtInfId") for group in groups if _text(group, "PmtInfSts")
        )
        scope = Scope(sent_as, "", spoken_of, answered)
        statements += _whole(header, "GrpSts", scope, path, problems)
    return statements, problems


def _report(content: bytes, path: Path) -> tuple["Element | None", Problem | None]:
    """The report's element, or why there is none.

    Nothing outside the file is ever fetched and no entity is replaced; a file that declares a
    document type, as every attack with entities must, is refused as a whole.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        text = f"the XML is not well-formed: {error}"
        return None, Problem("bad-xml", text, "ask the bank to send it again", path, line)
    if root.getroottree().docinfo.internalDTD is not None:
        text = "the file declares a document type (DOCTYPE), which a bank's answer never does"
        return None, Problem("unsafe-xml", text, "do not trust this file", path)
    found = next((one for one in (root, *root) if _name(one) == "CstmrPmtStsRpt"), None)
    return found, None if found is not None else _no_report(root, path)


def _no_report(root: "Element", path: Path) -> Problem:
    inner = next((_name(one) for one in root), "")
    named = f"{_name(root)}/{inner}" if inner else _name(root)
    text = f"this is {named}, not a payment status report (pain.002)"
    hint = (
        "`batch confirm` reads pain.002 and CSV; account statements (camt) do not confirm payments"
    )
    return Problem("no-answer-file", text, hint, file=path)


def _payment(
    transaction: "Element", statements: list[Statement], problems: list[Problem], path: Path
) -> None:
    """Adds what is said of one payment; one without a status of its own has that of its group."""
    payment_id = _text(transaction, "OrgnlEndToEndId")
    status = _text(transaction, "TxSts")
    line = _line(transaction)
    if not status:
        return
    if not payment_id:
        text = f"a transaction with status {status} lacks OrgnlEndToEndId"
        hint = "it names the payment; ask the bank for a complete file"
        problems.append(Problem("no-payment-id", text, hint, path, line))
        return
    statements.append(Statement(payment_id, status, _reason(transaction), line))


def _whole(
    element: "Element", status_name: str, scope: Scope, path: Path, problems: list[Problem]
) -> list[Statement]:
    status = _text(element, status_name)
    line = _line(element)
    if status == "PART":
        if not scope.but_payments:
            problems.append(_nothing_listed(scope, path, line))
        return []
    if not status:
        return []
    return [Statement("", status, _reason(element), line, scope)]


def _nothing_listed(scope: Scope, path: Path, line: int | None) -> Problem:
    text = (
        f"the bank took {scope.group_id or scope.message_id} in part, without saying which payments"
    )
    hint = "ask the bank for the statuses of its transactions"
    return Problem("still-pending", text, hint, path, line, severity="warning")


def _reason(element: "Element") -> str:
    """The bank's codes with their texts: `AC04: account closed in May`."""
    return "; ".join(filter(None, (_one_reason(one) for one in _named(element, "StsRsnInf"))))


def _one_reason(information: "Element") -> str:
    code = next((_text(one, "Cd") or _text(one, "Prtry") for one in _named(information, "Rsn")), "")
    said = " ".join(filter(None, map(_content, _named(information, "AddtlInf"))))
    return ": ".join(filter(None, (code, said or _REASONS.get(code, ""))))


def _named(element: "Element", name: str) -> Iterator["Element"]:
    """The children of that name."""
    return (child for child in element if _name(child) == name)


def _text(element: "Element | None", name: str) -> str:
    """The text of the first child of that name, or empty text."""
    if element is None:
        return ""
    return next((_content(child) for child in _named(element, name)), "")


def _content(element: "Element") -> str:
    return " ".join((element.text or "").split())


def _name(element: "Element") -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _line(element: "Element") -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None

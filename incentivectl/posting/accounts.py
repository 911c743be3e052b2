"""Where payees are paid to now, and whether that is where they were paid before.

An account that differs from the one of the payee's last paid payment holds the payment until somebody
releases it: changed bank details are how payments are stolen (docs/ledger.md, "The life of a payment").
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.banking.accounts import account_problem, compact
from incentivectl.banking.payments import CASH, Account
from incentivectl.core.errors import ExitCode, Refused, errors_in
from incentivectl.core.scratch import scratch_folder
from incentivectl.ingest.table_reading import read_tables
from incentivectl.insight.payee import PAYEES, Payee, find_payees
from incentivectl.ledger.records import BookedPayment
from incentivectl.workspace.workspace import Workspace

BANK_CHANGED, NO_ACCOUNT = "bank-changed", "no-account"
WAITING = ("reserved", "released")  # the states of a payment that has not gone out
Details = tuple[str, str, str]  # name, IBAN, BIC; empty without an account
NONE: Details = ("", "", "")


@dataclass(frozen=True)
class TaxStatus:
    """What the tax office asks of a payee: the form it has given in, its number, what is withheld."""

    form: str | None = None
    tax_id: str | None = None
    withholding: Decimal = Decimal(0)


@dataclass(frozen=True)
class Directory:
    """The names of payees, and the accounts and tax forms that are in force on `day`.

    `rejected` are the payees of whom a row in `payees` is rejected: what it says is not known.
    """

    day: date
    names: dict[tuple[str, str], str]
    accounts: dict[str, Details]
    taxes: dict[str, TaxStatus]
    rejected: frozenset[str]

    def name(self, payment: BookedPayment) -> str:
        """The payee's name, or the id of one without a row."""
        return self.names.get((payment.payee_kind, payment.payee_id), payment.payee_id)

    def account(self, payment: BookedPayment) -> Details:
        """Where a payment goes: only cash goes to an account."""
        return self.accounts.get(payment.payee_id, NONE) if payment.method == CASH else NONE

    def tax(self, payment: BookedPayment) -> TaxStatus:
        """The tax form and rate of a payee; no form and nothing withheld without a row."""
        return self.taxes.get(payment.payee_id, TaxStatus())


def directory(workspace: Workspace, day: date) -> Directory:
    """Names, accounts and taxes from the masters and `payees`; refuses what cannot be read."""
    with scratch_folder() as scratch:
        tables, problems, rejected = read_tables(workspace, Path(scratch), ("payees",))
    if errors_in(problems):
        raise Refused(problems, ExitCode.DATA)
    names: dict[tuple[str, str], str] = {}
    in_force = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    for kind, table in (("partner", "partners"), ("rep", "reps")):
        ordered = tables[table].sort("valid_from", nulls_last=False)
        first = ordered.unique(f"{kind}_id", keep="first")  # it also counts before its day
        for rows in (first, ordered.filter(in_force)):
            for payee_id, name in rows.select(f"{kind}_id", "name").iter_rows():
                names[kind, payee_id] = name
    payees = tables["payees"].filter(in_force).sort("valid_from", nulls_last=False)
    accounts = {
        row["payee_id"]: (
            (row["account_name"] or "").strip(),
            compact(row["iban"] or ""),
            compact(row["bic"] or ""),
        )
        for row in payees.iter_rows(named=True)
    }
    taxes = {
        row["payee_id"]: TaxStatus(row["tax_form"], row["tax_id"], row["withholding"] or Decimal(0))
        for row in payees.iter_rows(named=True)
    }
    return Directory(day, names, accounts, taxes, rejected.get("payees", frozenset()))


def booked_payee(
    workspace: Workspace, ids: Iterable[tuple[str, str]], asked: str, day: date
) -> Payee:
    """The payee meant by an id or a name, out of the masters and the `ids` (kind, id) of a ledger.

    Refuses as `insight.payee.find_payees` does.
    """
    names = directory(workspace, day).names
    rows = [(kind, one, names.get((kind, one)) or one) for kind, one in {*names, *ids}]
    known = pl.DataFrame(sorted(rows), schema=PAYEES, orient="row")
    (found,) = find_payees(known, [asked])
    return found


def why_held(
    connection: sqlite3.Connection, payment: BookedPayment, account: Details, *, transfer: bool
) -> str | None:
    """`bank-changed` or `no-account: …` where a payment cannot go out; None where it can.

    A `transfer` needs a sound account; in a CSV whoever pays may know another way.
    """
    if payment.method != CASH:
        return None
    before = last_paid_to(connection, payment)
    if before is not None and before != account and not _released(payment, account):
        return BANK_CHANGED
    if not transfer:
        return None
    if account == NONE:
        return f"{NO_ACCOUNT}: no row in payees"
    fault = account_problem(Account(*account))
    return None if fault is None else f"{NO_ACCOUNT}: {fault}"


def _released(payment: BookedPayment, account: Details) -> bool:
    return payment.state == "released" and payment.account == account


def last_paid_to(connection: sqlite3.Connection, payment: BookedPayment) -> Details | None:
    """The account of the payee's last payment in cash that the bank confirmed; None without one."""
    query = """
    SELECT s.account_name, s.iban, s.bic FROM payment_states s
    JOIN payments p ON p.payment_id = s.payment_id
    WHERE p.payee_id = ? AND p.payee_kind = ? AND p.method = ? AND p.kind = 'transfer'
      AND s.state = 'paid'
    ORDER BY s.id DESC LIMIT 1
    """
    key = (payment.payee_id, payment.payee_kind, payment.method)
    row = connection.execute(query, key).fetchone()
    return None if row is None else (row[0], row[1], row[2])

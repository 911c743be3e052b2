"""A batch's payments as CSV: every method, for whoever pays them out (docs/rules.md, 50.2)."""

import csv
import io

from incentivectl import money
from incentivectl.banking.accounts import compact
from incentivectl.banking.payments import Account, Payment, PaymentFile

COLUMNS = (
    "payment_id",
    "batch_id",
    "payee_kind",
    "payee_id",
    "payee_name",
    "currency",
    "method",
    "amount",
    "points",
    "account_name",
    "iban",
    "bic",
    "execute_on",
    "ledger_hash",
)


def csv_text(file: PaymentFile) -> str:
    """The file's payments by payment id under `COLUMNS`; amounts have the currency's decimals.

    Lines end in CR LF (RFC 4180): with a bare LF, Python's writer leaves a CR in a name unquoted.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in _row(file, payment)] for payment in file.in_order)
    return text.getvalue()


def cell(value: object) -> str:
    """One value as the text of its cell; what is missing is empty."""
    return "" if value is None else str(value)


def _row(file: PaymentFile, payment: Payment) -> tuple[object, ...]:
    account = payment.account or Account("", "")
    return (
        payment.payment_id,
        file.batch_id,
        payment.payee_kind,
        payment.payee_id,
        payment.payee_name,
        payment.currency,
        payment.method,
        money.from_minor(payment.amount_minor, payment.currency),
        payment.points,
        account.name,
        compact(account.iban),
        compact(account.bic),
        file.execute_on.isoformat(),
        file.batch_hash,
    )

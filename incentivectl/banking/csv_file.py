"""A batch's payments as CSV: every method, for whoever pays them out (docs/ledger.md, 50.2)."""

from incentivectl.banking.accounts import compact
from incentivectl.banking.payments import Account, Payment, PaymentFile
from incentivectl.core import money
from incentivectl.core.csv_output import Cell, csv_of_rows

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

    `amount` is what is transferred. Where anything is withheld, `gross` and `withheld` stand behind the
    other columns, and `debtor` where the file tells who pays.

    Lines end in CR LF (RFC 4180): with a bare LF, Python's writer leaves a CR in a name unquoted.
    """
    withholds = any(payment.withheld_minor for payment in file.payments)
    further = (*(("gross", "withheld") if withholds else ()), *(("debtor",) if file.debtor else ()))
    rows = (
        (
            *_row(file, payment),
            *(_withheld(payment) if withholds else ()),
            *((file.debtor,) if file.debtor else ()),
        )
        for payment in file.in_order
    )
    return csv_of_rows([(*COLUMNS, *further), *rows], line_end="\r\n")


def _withheld(payment: Payment) -> tuple[Cell, ...]:
    units = (payment.amount_minor + payment.withheld_minor, payment.withheld_minor)
    return tuple(money.from_minor(one, payment.currency) for one in units)


def _row(file: PaymentFile, payment: Payment) -> tuple[Cell, ...]:
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

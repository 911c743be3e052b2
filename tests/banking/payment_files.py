"""Payments, accounts and files for the tests of the bank's room."""

from datetime import UTC, date, datetime

from incentivectl.banking.payments import Account, Payment, PaymentFile

HASH = "0123456789abcdef" * 4
DEBTOR = Account("Acme Europe GmbH", "DE89370400440532013000", "COBADEFFXXX")
BELGIAN = Account("Durand SA", "BE68 5390 0754 7034")
BRITISH = Account("Bright Ltd", "GB29NWBK60161331926819", "NWBKGB2L")
TURKISH = Account("Özgür Ticaret", "TR330006100519786457841326", "OYVATRIS")


def cash(
    payment_id: str, amount_minor: int, currency: str = "EUR", account: Account = BELGIAN
) -> Payment:
    return Payment(
        payment_id, "partner", "P-1", "Durand", currency, "cash", amount_minor, account=account
    )


def payment_file(*payments: Payment, batch_hash: str = HASH) -> PaymentFile:
    return PaymentFile(
        batch_id="2026-09.1",
        batch_hash=batch_hash,
        created=datetime(2026, 10, 3, 7, 30, 15, 999, tzinfo=UTC),
        execute_on=date(2026, 10, 5),
        payments=payments,
    )

"""A batch's cash as an ISO 20022 customer credit transfer initiation, pain.001.001.09.

Here stands what the message says (docs/ledger.md, 50.5-50.9); how the schema spells it is in
`incentivectl.banking.credit_transfer`.
"""

import hashlib
import itertools

from incentivectl.banking.accounts import LONGEST_NAME, account_problem, in_sepa
from incentivectl.banking.bank_text import bank_text
from incentivectl.banking.payments import (
    CASH,
    Account,
    Payment,
    PaymentFile,
    Transfer,
    TransferGroup,
)

LONGEST_REMITTANCE = 140


def pain001(file: PaymentFile, debtor: Account, initiator: str) -> bytes:
    """The message that asks the debtor's bank for the file's cash payments, as UTF-8.

    The same file makes the same bytes. There must be a cash payment, and `account_problem` must
    have found every account sound, the debtor's too: anything else is a ValueError.
    """
    if problem := account_problem(debtor):
        raise ValueError(f"invalid debtor account: {problem}")
    groups = transfer_groups(file, debtor)
    if not groups:
        raise ValueError(f"batch {file.batch_id} has no cash payment")
    from incentivectl.banking.credit_transfer import written

    return written(
        groups,
        message_id=message_id(file),
        created=file.created,
        execute_on=file.execute_on,
        debtor=debtor,
        initiator=bank_text(initiator, LONGEST_NAME) or bank_text(debtor.name, LONGEST_NAME),
        remittance=remittance(file),
    )


def message_id(file: PaymentFile) -> str:
    """The message's own id, at most 35 characters: batch, ledger's hash, and a trace of its payments.

    Banks refuse a message id that they have had before. So two files with the same payments have
    the same, and two files of one batch with different payments have not.
    """
    return f"{_batch(file)}-{file.batch_hash[:12]}-{_trace(file)[:6]}"


def remittance(file: PaymentFile) -> str:
    """What the payee reads on the statement: the batch, and 16 digits of the ledger's hash."""
    text = f"Incentive payout {file.batch_id} ledger {file.batch_hash[:16]}"
    return bank_text(text, LONGEST_REMITTANCE)


def transfer_groups(file: PaymentFile, debtor: Account) -> tuple[TransferGroup, ...]:
    """The file's cash payments by currency, euro within SEPA apart from other euro."""
    transfers = [Transfer(payment, _account(payment)) for payment in _cash(file)]

    start = f"{_batch(file)}-{_trace(file)[:8]}"

    def key(transfer: Transfer) -> tuple[str, bool]:
        currency = transfer.payment.currency
        return currency, not (currency == "EUR" and in_sepa(debtor) and in_sepa(transfer.account))

    return tuple(
        TransferGroup(
            group_id=f"{start}-{currency}{'' if abroad else '-SEPA'}",
            currency=currency,
            sepa=not abroad,
            transfers=tuple(members),
        )
        for (currency, abroad), members in itertools.groupby(sorted(transfers, key=key), key=key)
    )


def _cash(file: PaymentFile) -> list[Payment]:
    return [payment for payment in file.in_order if payment.method == CASH]


def _account(payment: Payment) -> Account:
    problem = account_problem(payment.account) if payment.account else "it is missing"
    if payment.account is None or problem:
        raise ValueError(
            f"payment {payment.payment_id} cannot be transferred to its account: {problem}"
        )
    return payment.account


def _trace(file: PaymentFile) -> str:
    """Hex digits that another ledger, or another choice of its payments, does not have."""
    parts = [file.batch_hash, *(payment.payment_id for payment in _cash(file))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _batch(file: PaymentFile) -> str:
    """The batch's id within an id of a message: a slash has a meaning there."""
    return bank_text(file.batch_id, 15).replace("/", "-").replace(" ", "-")

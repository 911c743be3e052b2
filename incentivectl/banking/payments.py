"""What a payment file holds: payments to payees, and where it came from (docs/ledger.md, 50)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Method = Literal["cash", "credit_note", "gift_card", "points"]

METHODS: tuple[Method, ...] = ("cash", "credit_note", "gift_card", "points")
CASH = "cash"

_PAYMENT_ID = re.compile(r"[A-Za-z0-9-]{1,35}")


@dataclass(frozen=True, slots=True)
class Account:
    """Where money goes to, or comes from. The IBAN may be written in groups."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment to one payee.

    `amount_minor` is what is transferred, in whole minor units of `currency`; `withheld_minor` is what of
    the gross amount is not. `points` are whole points where the method is points. Only cash has an account.
    """

    payment_id: str
    payee_kind: str
    payee_id: str
    payee_name: str
    currency: str
    method: str
    amount_minor: int
    points: int | None = None
    account: Account | None = None
    withheld_minor: int = 0

    def __post_init__(self) -> None:
        if not _PAYMENT_ID.fullmatch(self.payment_id):
            raise ValueError(f"invalid payment id {self.payment_id!r}")
        if self.amount_minor <= 0:
            raise ValueError(f"payment {self.payment_id} pays {self.amount_minor}")


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """The payments of one file, and what the file says of itself.

    `batch_hash` is the ledger's newest hash, 64 hex digits. `created` is in UTC and given by the
    caller, so that a file that is written again is the same to the byte. `debtor` is the name of who pays
    it, empty where the file does not tell.
    """

    batch_id: str
    batch_hash: str
    created: datetime
    execute_on: date
    payments: tuple[Payment, ...]
    debtor: str = ""

    def __post_init__(self) -> None:
        if len({payment.payment_id for payment in self.payments}) < len(self.payments):
            raise ValueError(f"a payment is listed twice in the file of batch {self.batch_id}")

    @property
    def in_order(self) -> tuple[Payment, ...]:
        """The payments by their ids."""
        return tuple(sorted(self.payments, key=lambda payment: payment.payment_id))


@dataclass(frozen=True, slots=True)
class Transfer:
    """A cash payment and the account that it goes to."""

    payment: Payment
    account: Account


@dataclass(frozen=True, slots=True)
class TransferGroup:
    """One payment information: the transfers of one currency, those within SEPA apart."""

    group_id: str
    currency: str
    sepa: bool
    transfers: tuple[Transfer, ...]

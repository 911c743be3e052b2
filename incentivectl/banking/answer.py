"""What a bank says of a payment, and what its words for it mean (docs/ledger.md, 51.2-51.4)."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["paid", "failed", "pending"]

_ISO: dict[Verdict, str] = {
    "paid": "ACSC ACCC",
    "failed": "RJCT CANC",
    "pending": "RCVD PDNG PATC ACTC ACCP ACFC ACSP ACWC ACWP",
}
_WORDS: dict[Verdict, str] = {
    "paid": "paid accepted settled ok success successful succeeded completed complete executed done",
    "failed": "failed failure rejected returned error refused declined cancelled canceled bounced",
    "pending": "pending processing in-process submitted sent received open",
}
_MEANING: dict[str, Verdict] = {
    word.upper(): verdict
    for words in (_ISO, _WORDS)
    for verdict, listed in words.items()
    for word in listed.split()
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a sent message that an answer covers when it names no payment.

    `message_id` is the id that the message was sent under, `group_id` that of one payment
    information in it (empty: all). The payments and groups of which the bank speaks by themselves
    are not covered.
    """

    message_id: str
    group_id: str = ""
    but_payments: frozenset[str] = frozenset()
    but_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's final word: paid or failed, with its reason, and the line that says so.

    Where the bank answers for a whole message, `payment_id` is empty and `scope` says for what;
    `incentivectl.banking.answers.for_payments` turns that into answers for payments.
    """

    payment_id: str
    paid: bool
    reason: str = ""
    line: int | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One status as a file states it, before its word is understood."""

    payment_id: str
    status: str
    reason: str = ""
    line: int | None = None
    scope: Scope | None = None


def verdict_of(status: str) -> Verdict | None:
    """What a status means; None for a word that is not known. Case and hyphens do not matter."""
    return _MEANING.get("-".join(status.replace("-", " ").replace("_", " ").upper().split()))


def known_words() -> str:
    """The statuses that are understood, for a hint."""
    words = (f"{verdict}: {', '.join(_WORDS[verdict].split())}" for verdict in _WORDS)
    return (
        f"{'; '.join(words)}; and the ISO 20022 codes {', '.join(' '.join(_ISO.values()).split())}"
    )

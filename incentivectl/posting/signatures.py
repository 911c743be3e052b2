"""Which approvals an export needs, and which of them are lacking (docs/ledger.md, 57.6 and 105)."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger import records
from incentivectl.ledger.records import Batch
from incentivectl.posting.day_rates import rates_on
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Signature:
    """One approval that is needed: by anybody but the poster, or by one of `by` (user names).

    `above` is the amount, in the workspace's currency, that the batch's payments exceed.
    """

    by: tuple[str, ...] = ()
    above: Decimal | None = None

    def admits(self, user: str) -> bool:
        """Whether this user may give it; case does not count."""
        return not self.by or user.casefold() in {name.casefold() for name in self.by}


def needed(
    connection: sqlite3.Connection, workspace: Workspace, batch: Batch
) -> tuple[Signature, ...]:
    """The approvals that a batch needs before it is exported.

    `[payout] approvals` asks for so many by anybody; each `[[payout.approval]]` for one of its own
    where all payments of the batch, held ones included, exceed its `above`.
    """
    rules = workspace.payout.approval
    if not rules:
        return (Signature(),) * workspace.payout.approvals
    paid = _paid(connection, workspace, batch)
    asked = [rule for rule in rules if paid is None or paid > rule.above]
    return tuple(Signature(rule.by, rule.above) for rule in asked)


def lacking(needed: Sequence[Signature], users: Iterable[str]) -> tuple[Signature, ...]:
    """The needed approvals that these users cannot give together, each of them giving one at most."""
    given_by: dict[str, int] = {}
    return tuple(
        one for at, one in enumerate(needed) if not _placed(at, needed, [*users], given_by, set())
    )


def _placed(
    at: int,
    needed: Sequence[Signature],
    users: Sequence[str],
    given_by: dict[str, int],
    tried: set[str],
) -> bool:
    """Finds somebody for the approval at `at`, if need be by giving another one to somebody else."""
    for user in users:
        if user in tried or not needed[at].admits(user):
            continue
        tried.add(user)
        other = given_by.get(user)
        if other is None or _placed(other, needed, users, given_by, tried):
            given_by[user] = at
            return True
    return False


def in_words(lacking: Sequence[Signature], needed: Sequence[Signature], currency: str) -> str:
    """What a batch lacks: `1 of 2 approvals`, or `an approval by Ben or Cleo (above 50,000.00 USD)`."""
    if any(not one.by for one in needed):
        return f"{len(needed) - len(lacking)} of {counted(len(needed), 'approval')}"
    told = []
    for one in lacking:
        assert one.above is not None
        limit = money.money_text(one.above, currency)
        told.append(f"an approval by {' or '.join(one.by)} (above {limit})")
    return " and ".join(told)


def _paid(connection: sqlite3.Connection, workspace: Workspace, batch: Batch) -> Decimal | None:
    """All payments of a batch in the workspace's currency at its date; None where a rate is missing."""
    payments = [
        one for one in records.payments(connection, batch_id=batch.id) if one.kind == "transfer"
    ]
    rates = _rates(connection, workspace, batch)
    if any(one.currency not in rates.rates for one in payments):
        return None
    return sum(
        (money.product(one.amount, rates.rates[one.currency]) for one in payments), Decimal(0)
    )


def _rates(connection: sqlite3.Connection, workspace: Workspace, batch: Batch) -> RatesOfDay:
    """Those that the batch recorded; batches of the first version recorded none."""
    kept = records.rates(connection, batch.record)
    return rates_on(workspace, batch.dated) if kept is None else kept

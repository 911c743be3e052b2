"""One thing that waits for somebody, and the order in which such things are told.

Rules: docs/questions.md, 104.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.rates import RatesOfDay


@dataclass(frozen=True)
class Item:
    """What waits, of whom, since when, what it is worth, and what settles it.

    `kind` names it for machines (`deal`, `claim`, …), `id` the row, batch, payment, source or unknown id,
    `payee_id` the payee that it concerns. `amounts`: currency → amount; empty where nothing says what it is
    worth. `since` is None where the row has no date that can be read.
    """

    kind: str
    id: str
    what: str
    settle: str
    payee_id: str | None = None
    since: date | None = None
    amounts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """An item with its age and its worth in the workspace's currency.

    `worth` is None without an amount, and where `unrated` names a currency without a rate on that day.
    """

    item: Item
    days: int | None
    worth: Decimal | None
    unrated: tuple[str, ...]


def ordered(items: Iterable[Item], day: date, rates: RatesOfDay) -> tuple[Waiting, ...]:
    """The items on `day`: what lacks a rate and cannot be valued, then the dearest, then the oldest."""
    return tuple(sorted((_waiting(one, day, rates) for one in items), key=_order))


def _waiting(item: Item, day: date, rates: RatesOfDay) -> Waiting:
    unrated = tuple(code for code in item.amounts if code not in rates.rates)
    worth = None
    if item.amounts and not unrated:
        worth = sum(
            (money.product(amount, rates.rates[code]) for code, amount in item.amounts.items()),
            Decimal(0),
        )
    days = None if item.since is None else max((day - item.since).days, 0)
    return Waiting(item, days, worth, unrated)


def _order(one: Waiting) -> tuple[bool, Decimal, int, str, str]:
    item = one.item
    days = -1 if one.days is None else one.days
    return not one.unrated, -(one.worth or Decimal(0)), -days, item.kind, item.id

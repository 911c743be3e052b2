"""`tax YEAR`: what payees were paid, and what was withheld of it (docs/ledger.md, "Tax")."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from incentivectl.banking.payments import CASH
from incentivectl.core import money
from incentivectl.core.rates import DayRates, RatesOfDay
from incentivectl.ledger import records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import BookedPayment, Export
from incentivectl.posting.accounts import Directory, TaxStatus, directory
from incentivectl.posting.day_rates import rates_of
from incentivectl.posting.lost_batches import refuse_damage
from incentivectl.workspace.folders import places_of
from incentivectl.workspace.workspace import Workspace

Payee = tuple[str, str]  # kind, id


@dataclass
class Paid:
    """What one payee was paid in a year in one currency; gross = withheld + net.

    `in_kind` is the part of the gross that was not cash; `opening`, what was paid before the ledger began, is
    in none of the others.
    """

    gross: Decimal = Decimal(0)
    withheld: Decimal = Decimal(0)
    in_kind: Decimal = Decimal(0)
    opening: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """What was transferred, or handed over in kind."""
        return self.gross - self.withheld


@dataclass(frozen=True)
class TaxYear:
    """All payees who were paid in a year, or before the ledger began.

    `worth` is the gross of each in the workspace's currency, at the rates of the days of execution; None
    where a rate is missing. `over` are those whose worth exceeds `threshold`, or cannot be known.
    """

    year: int
    threshold: Decimal | None
    paid: Mapping[tuple[Payee, str], Paid]
    worth: Mapping[Payee, Decimal | None]
    names: Mapping[Payee, str]
    status: Mapping[Payee, TaxStatus]
    over: frozenset[Payee] = field(default_factory=frozenset)


def tax_year(workspace: Workspace, year: int) -> TaxYear:
    """The payments that were executed in a calendar year and are paid; refuses a damaged ledger."""
    known = directory(workspace, date(year, 12, 31))
    worth = _Worth(rates_of(workspace), workspace.currency)
    paid: dict[tuple[Payee, str], Paid] = defaultdict(Paid)
    places = places_of(workspace)
    with reading(places.ledger) as connection:
        if connection is not None:
            refuse_damage(connection, places)
            for one, export in _executed_in(connection, year):
                _add(paid[_payee(one), one.currency], one, export)
                worth.add(one, _executed_on(export))
            for one in records.payments(connection):
                if one.kind == "opening":
                    paid[_payee(one), one.currency].opening += one.amount
    threshold = workspace.tax.threshold
    over = {
        payee
        for payee, amount in worth.of.items()
        if threshold is not None and (amount is None or amount > threshold)
    }
    payees = {payee for payee, _ in paid}
    return TaxYear(
        year=year,
        threshold=threshold,
        paid=dict(sorted(paid.items())),
        worth=worth.of,
        names={payee: known.names.get(payee, payee[1]) for payee in payees},
        status={payee: _status(known, payee) for payee in payees},
        over=frozenset(over),
    )


def _executed_in(
    connection: sqlite3.Connection, year: int
) -> Iterator[tuple[BookedPayment, Export]]:
    """The payments that are paid, each with the export that it went out in, executed in a year."""
    is_paid = {
        one.payment_id
        for one in records.payments(connection)
        if one.state == "paid" and one.kind == "transfer"
    }
    for export in records.exports(connection):
        if _executed_on(export).year == year:
            for one in export.payments:
                if one.payment_id in is_paid:
                    yield one, export


def _executed_on(export: Export) -> date:
    return date.fromisoformat(str(export.details["execute_on"]))


def _payee(payment: BookedPayment) -> Payee:
    return payment.payee_kind, payment.payee_id


def _status(known: Directory, payee: Payee) -> TaxStatus:
    return known.taxes.get(payee[1], TaxStatus())


def _add(sums: Paid, payment: BookedPayment, export: Export) -> None:
    withheld, _ = export.sums.get(payment.payment_id, (0, payment.amount_minor))
    sums.gross += payment.amount
    sums.withheld += money.from_minor(withheld, payment.currency)
    if payment.method != CASH:
        sums.in_kind += payment.amount


class _Worth:
    """What each payee was paid in the workspace's currency; None once a rate is missing."""

    def __init__(self, rates: DayRates, home: str) -> None:
        self._rates = rates
        self._home = home
        self._days: dict[date, RatesOfDay] = {}
        self.of: dict[Payee, Decimal | None] = {}

    def add(self, payment: BookedPayment, day: date) -> None:
        if day not in self._days:
            self._days[day] = self._rates.on(day, home=self._home)
        before = self.of.get(_payee(payment), Decimal(0))
        rate = self._days[day].rates.get(payment.currency)
        self.of[_payee(payment)] = (
            None if before is None or rate is None else before + money.product(payment.amount, rate)
        )

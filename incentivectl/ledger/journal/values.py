"""Amounts in the workspace's currency: at a day's rate, and at their book value.

The book value of what is owed in another currency is at the rates of the days on which it was booked. What
is paid or reversed leaves the books at the average of these; where that differs from the day's rate, the
difference is posted to `fx` (docs/ledger.md, "Journal").
"""

from dataclasses import dataclass
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.rates import RatesOfDay

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Home:
    """The workspace's currency, and the rates into it that a record kept."""

    currency: str
    rates: RatesOfDay | None

    def worth(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount at the day's rate, half up to the minor unit; None where the day has no rate."""
        if currency == self.currency:
            return amount
        kept = self.rates
        if kept is None or kept.home != self.currency or currency not in kept.rates:
            return None
        exact = money.product(amount, kept.rates[currency])
        return money.round_decimal(exact, money.minor_digits(self.currency))


@dataclass(frozen=True)
class Held:
    """An amount of one currency and its book value (`worth`); None where that is unknown."""

    amount: Decimal = NOTHING
    worth: Decimal | None = NOTHING

    def adds(self, change: Decimal) -> bool:
        """Whether a change increases it."""
        return self.amount == 0 or (self.amount > 0) == (change > 0)

    def share(self, amount: Decimal, digits: int) -> Decimal | None:
        """The average book value of a part of it."""
        if self.worth is None:
            return None
        return money.quotient(money.product(self.worth, amount), self.amount, digits)

    def after(self, change: Decimal, worth: Decimal | None, digits: int) -> "Held":
        """What is held after a change, whose `worth` is at its day's rate.

        An increase is booked at its worth. A decrease leaves the books at their average rate; where it goes
        below zero, the rest is booked at the day's rate.
        """
        amount = self.amount + change
        if amount == 0:
            return Held()
        if self.adds(change):
            known = self.worth is not None and worth is not None
            return Held(amount, self.worth + worth if known else None)  # type: ignore[operator]
        if abs(change) < abs(self.amount):
            return Held(amount, self.share(amount, digits))
        return Held(amount, Held(change, worth).share(amount, digits))

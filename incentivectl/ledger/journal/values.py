"""Amounts in the workspace's currency: at a day's rate, and as they stand in the books.

What is owed in another currency stands in the books at the rates of the days on which it was booked. What
is paid or taken back leaves them at the average of these; where that differs from the day's rate, the
difference belongs on `fx` (docs/ledger.md, "Journal").
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
    """An amount of one currency and what it stands in the books for; None where that is unknown."""

    amount: Decimal = NOTHING
    worth: Decimal | None = NOTHING

    def adds(self, change: Decimal) -> bool:
        """Whether a change makes more of it, and not less."""
        return self.amount == 0 or (self.amount > 0) == (change > 0)

    def share(self, amount: Decimal, digits: int) -> Decimal | None:
        """What so much of it stands in the books for, on average."""
        if self.worth is None:
            return None
        return money.quotient(money.product(self.worth, amount), self.amount, digits)

    def after(self, change: Decimal, worth: Decimal | None, digits: int) -> "Held":
        """What is held after a change that is `worth` so much at its day's rate.

        What adds to it stands in the books for its worth. What takes away leaves at the average of what
        it was booked for; what goes beyond stands there at the day's rate.
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

"""The balances of a payee in words: of this statement, and of the year to date."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.insight.statement.statement import Payout, YearToDate
from incentivectl.output.language import POINTS, Language
from incentivectl.output.report import Worded


@dataclass(frozen=True)
class _OfMethod:
    """What is paid in one currency by one method."""

    currency: str
    unit: str
    method: str
    method_name: str

    @property
    def heading(self) -> str:
        """The method and what it pays; points say both."""
        return self.method_name if self.unit == POINTS else f"{self.method_name}, {self.unit}"


@dataclass(frozen=True)
class Balance(_OfMethod):
    """What is paid, carried forward or held in one currency by one method."""

    brought_forward: Worded
    this_batch: Worded
    payable: Worded
    carried_forward: Worded
    held: Worded
    note: str


@dataclass(frozen=True)
class YearLine(_OfMethod):
    """What is booked and paid of one balance in the year to date."""

    booked: Worded
    paid: Worded


def balance_view(one: Payout, language: Language) -> Balance:
    """The balance of one currency and method."""

    def shown(value: Decimal) -> Worded:
        return Worded(value, language.amount(value, one.unit))

    note = ""
    if one.held:
        note = language.say("Held, because your account is not active.")
    elif one.carried_forward < 0:
        note = language.say("A negative balance is set off against what you earn next.")
    elif one.carried_forward > 0:
        note = language.say("Below the minimum payment; it is carried forward.")
    return Balance(
        currency=one.currency,
        unit=one.unit,
        method=one.method,
        method_name=method_name(one.method, language),
        brought_forward=shown(one.brought_forward),
        this_batch=shown(one.this_batch),
        payable=shown(one.payable),
        carried_forward=shown(one.carried_forward),
        held=shown(one.held),
        note=note,
    )


def year_view(one: YearToDate, language: Language) -> YearLine:
    """What is booked and paid of one balance in the year to date."""

    def shown(value: Decimal) -> Worded:
        return Worded(value, language.amount(value, one.unit))

    return YearLine(
        currency=one.currency,
        unit=one.unit,
        method=one.method,
        method_name=method_name(one.method, language),
        booked=shown(one.booked),
        paid=shown(one.paid),
    )


def payable(payouts: Iterable[Payout]) -> dict[str, Decimal]:
    """What is paid in each currency, by all methods together, and in points."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in payouts:
        if one.payable > 0:
            found[one.unit] += one.payable
    return found


def method_name(method: str, language: Language) -> str:
    """A payout method as a noun."""
    match method:
        case "cash":
            return language.say("Cash")
        case "credit_note":
            return language.say("Credit note")
        case "gift_card":
            return language.say("Gift cards")
        case "points":
            return language.say("Points")
    return method

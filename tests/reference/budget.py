"""Caps, rounding and the budget over a program's life (rules 22, 30)."""

from dataclasses import dataclass
from fractions import Fraction

from tests.reference.exact import floor_to, half_up, minor_digits, split, split_by_weight
from tests.reference.measures import ZERO
from tests.reference.programs import Program
from tests.reference.rebate import Earned


@dataclass
class Boosted:
    """An earned reward with its boost; amounts in the program's currency."""

    earned: Earned
    boost: Fraction
    cap: Fraction | None
    decimals: int

    @property
    def capped(self) -> Fraction:
        """Reward x boost, limited from above only (rule 22)."""
        return _cap(self.earned.reward * self.boost, self.cap)

    @property
    def before_budget(self) -> Fraction:
        """Rounded once, half up, to the minor unit."""
        return half_up(self.capped, self.decimals)


def _cap(amount: Fraction, cap: Fraction | None) -> Fraction:
    return amount if cap is None else min(amount, cap)


def apply_budget(program: Program, periods: list[dict[str, Boosted]]) -> list[dict[str, Fraction]]:
    """The entitlements of each measurement period in turn; earlier ones use the budget up."""
    decimals = minor_digits(program.currency)
    budget = program.limit("budget")
    mode = program.table("limits").get("over_budget", "prorate")
    spent = ZERO
    out = []
    for period in periods:
        before = {payee: boosted.before_budget for payee, boosted in period.items()}
        granted = before
        if budget is not None and mode != "warn":
            room = floor_to(budget, decimals) - spent
            if sum(before.values(), ZERO) > room:
                granted = (
                    _prorate(before, room, decimals)
                    if mode == "prorate"
                    else _first_come(period, room, decimals)
                )
        spent += sum(granted.values(), ZERO)
        out.append(granted)
    return out


def _prorate(before: dict[str, Fraction], room: Fraction, decimals: int) -> dict[str, Fraction]:
    """The positive entitlements scaled to room + |the negatives| (rule 30)."""
    positive = {payee: amount for payee, amount in before.items() if amount > 0}
    negatives = sum((amount for amount in before.values() if amount < 0), ZERO)
    scaled = split_by_weight(room - negatives, positive, decimals)
    return {payee: scaled.get(payee, amount) for payee, amount in before.items()}


def _first_come(period: dict[str, Boosted], room: Fraction, decimals: int) -> dict[str, Fraction]:
    """Contributions in their order, each payee's running total capped (rule 30)."""
    queue = [
        (order, payee, amount * boosted.boost)
        for payee, boosted in period.items()
        for order, amount in boosted.earned.parts
    ]
    running = dict.fromkeys(period, ZERO)
    granted = dict.fromkeys(period, ZERO)
    for _, payee, amount in sorted(queue, key=lambda entry: entry[:2]):
        cap = period[payee].cap
        step = _cap(running[payee] + amount, cap) - _cap(running[payee], cap)
        running[payee] += amount
        paid = min(step, room)
        granted[payee] += paid
        room -= paid
    total = half_up(sum(granted.values(), ZERO), decimals)
    return split(total, granted, decimals)

"""Caps, rounding and the budget over a program's life (rules 22, 30)."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.exact import floor_to, half_up, minor_digits, split, split_by_weight
from tests.reference.measures import ZERO
from tests.reference.programs import Program
from tests.reference.rebate import Earned, Part


@dataclass
class Boosted:
    """An earned reward with its boost; amounts in the program's currency."""

    earned: Earned
    boost: Fraction
    cap: Fraction | None
    decimals: int

    @property
    def capped(self) -> Fraction:
        """Reward x boost, limited from above only (rule 22): under each capped term, then in all."""
        under_terms = sum(
            (
                _cap(amount * self.boost, cap) - amount * self.boost
                for amount, cap in self.earned.capped
            ),
            ZERO,
        )
        return _cap(self.earned.reward * self.boost + under_terms, self.cap)

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
    """Contributions in their order, each payee's running total capped (rule 30).

    A return comes right after the line that it reverses, and reverses at most what that line
    was granted to the payee; any other negative part counts in full.
    """
    queue = [
        (_place(part), payee, part)
        for payee, boosted in period.items()
        for part in boosted.earned.parts
    ]
    running = dict.fromkeys(period, ZERO)
    granted = dict.fromkeys(period, ZERO)
    of_line: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for _, payee, part in sorted(queue, key=lambda entry: entry[:2]):
        cap, amount = period[payee].cap, part.amount * period[payee].boost
        step = _cap(running[payee] + amount, cap) - _cap(running[payee], cap)
        running[payee] += amount
        paid = min(step, room)
        original = None if part.line is None else part.line.takes_back
        if original is not None and step < 0:
            paid = -min(-step, of_line[id(original), payee])
            of_line[id(original), payee] += paid
        elif part.line is not None and original is None:
            of_line[id(part.line), payee] = paid
        granted[payee] += paid
        room -= paid
    total = half_up(sum(granted.values(), ZERO), decimals)
    return split(total, granted, decimals)


def _place(part: Part) -> tuple[object, ...]:
    original = None if part.line is None else part.line.takes_back
    return (part.order, 0, ()) if original is None else (original.order, 1, part.order)

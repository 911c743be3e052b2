"""Wholesale discounts: tiers judged on each line or each sale (section 4, rule 21)."""

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.reference.eligible import Eligibility, Measured
from tests.reference.exact import quotient
from tests.reference.lines import Line, in_program_currency
from tests.reference.measures import ZERO, slices, tier_of, total
from tests.reference.programs import Program, Reward, reward_of_term
from tests.reference.rebate import Earned, Part
from tests.reference.terms import Term


@dataclass(frozen=True)
class Judged:
    """What a tier was found on: its value (negative for returns alone) and the tier."""

    value: Fraction
    tier: int | None


class Discount:
    """The contribution of every line of one discount program, before shares."""

    def __init__(self, eligibility: Eligibility, program: Program, lines: list[Line]) -> None:
        self.eligibility = eligibility
        self.program = program
        self.whole = {id(line): self._whole(line) for line in lines}
        self.lines = self._within_quantity([x for x in lines if not self.lacks_list_price(x)])
        self.sales: dict[tuple[object, ...], list[Line]] = {}
        for line in self.lines:
            if line.takes_back is None and self.reward(line) is not None:
                self.sales.setdefault(self._sale(line), []).append(line)

    def _whole(self, line: Line) -> Measured:
        """The line as it is before it is shared between reps."""
        amount, listed = self.eligibility.amounts(self.program, line)
        return Measured(line, "", Fraction(1), amount, line.quantity, listed)

    def _within_quantity(self, lines: list[Line]) -> list[Line]:
        """The lines that count where terms authorise a quantity, the last of each cut in `whole`."""
        of_term: dict[Term, list[Line]] = {}
        for line in lines:
            term = self.eligibility.term_of(self.program, line)[1]
            if term is not None and term.max_quantity is not None:
                of_term.setdefault(term, []).append(line)
        out = {id(line): line for line in lines}
        for term, under in of_term.items():
            for line, part in counted_quantities(term.max_quantity or ZERO, under):
                if line.quantity == 0:
                    continue
                if part == 0:
                    del out[id(line)]
                elif part != abs(line.quantity):
                    self.whole[id(line)] = self._cut(self.whole[id(line)], part)
        return list(out.values())

    def _cut(self, whole: Measured, part: Fraction) -> Measured:
        """A line that counts in part: amount and list price times what counts, by the quantity."""
        size = abs(whole.quantity)
        amount = quotient(whole.amount * part, size)
        listed = None if whole.list_amount is None else quotient(whole.list_amount * part, size)
        quantity = part if whole.quantity > 0 else -part
        return replace(whole, amount=amount, quantity=quantity, list_amount=listed)

    def measured(self) -> list[Measured]:
        """What counts of the lines, shared out to their payees."""
        return [
            replace(
                whole,
                payee=payee,
                share=share,
                amount=whole.amount * share,
                quantity=whole.quantity * share,
                list_amount=None if whole.list_amount is None else whole.list_amount * share,
            )
            for line in self.lines
            for whole in [self.whole[id(line)]]
            for payee, share in self.eligibility.payees(self.program, line)
        ]

    def _sale(self, line: Line) -> tuple[object, ...]:
        """The sale within which a tier is found: its lines that take the same block and term."""
        judged = line.takes_back or line
        return (*judged.sale, *self.eligibility.term_of(self.program, judged))

    def reward(self, line: Line) -> Reward | None:
        """The reward that applies to a line, its term in the entry's place; a return takes its line's."""
        entry, term = self.eligibility.term_of(self.program, line)
        if entry is None:
            return None
        reward = self.program.rewards[entry]
        return reward if term is None else reward_of_term(reward, term)

    def lacks_list_price(self, line: Line) -> bool:
        """`no-list-price`: what is paid on the list needs one; a return goes with its line."""
        if line.takes_back is not None and self.lacks_list_price(line.takes_back):
            return True
        reward = self.reward(line)
        on_list = reward is not None and (reward.pays_on == "list" or reward.net_price is not None)
        return on_list and self.eligibility.list_amount(self.program, line) is None

    def contribution(self, line: Line) -> Fraction:
        """What a line contributes; returns reverse at the tier of what they reverse."""
        reward = self.reward(line)
        if reward is None:
            return ZERO
        if reward.net_price is not None:
            return self._down_to_net_price(line, reward.net_price)
        if reward.raw.get("tier_scope", "line") == "sale":
            return self._on_sale(line, reward)
        return self._on_line(line, reward)

    def _down_to_net_price(self, line: Line, net_price: Fraction) -> Fraction:
        """What a unit's list price exceeds the net price by, x quantity, returns included."""
        facts, currency = self.eligibility.facts, self.program.currency
        listed = facts.list_price(line["product_id"], line.date)
        assert listed is not None, line
        price = in_program_currency(facts.data, listed, currency, line.date)
        quantity = self.whole[id(line)].quantity
        return ZERO if price is None else max(price - net_price, ZERO) * quantity

    def _value(self, reward: Reward, line: Line) -> Fraction:
        """The metric that picks the tier, of one line."""
        return total([self.whole[id(line)]]).metric(reward.tiers_by)

    def _judge(self, reward: Reward, value: Fraction) -> Judged:
        """The tier of a value; a negative one is judged by its size."""
        return Judged(value, tier_of(reward.tiers, abs(value)) if reward.tiers else None)

    def _on_line(self, line: Line, reward: Reward) -> Fraction:
        judged = line.takes_back or line
        found = self._judge(reward, self._value(reward, judged))
        own = self._judge(reward, self._value(reward, line))
        paid = self._pay(reward, line, found, line.is_return)
        # Rule 20: a bonus once per judged line, where its metric (without tiers: revenue) is > 0.
        basis = own.value if reward.tiers else self.whole[id(line)].amount
        is_paid = line.takes_back is None and basis > 0
        return paid + (self._bonus(reward, found) if is_paid else ZERO)

    def _on_sale(self, line: Line, reward: Reward) -> Fraction:
        lines = self.sales.get(self._sale(line), [])
        found = self._judge(reward, sum((self._value(reward, one) for one in lines), ZERO))
        paid = self._pay(reward, line, found, line.takes_back is not None or found.value <= 0)
        revenue = sum((self.whole[id(one)].amount for one in lines), ZERO)
        basis = found.value if reward.tiers else revenue
        is_paid = bool(lines) and line is lines[0] and basis > 0
        return paid + (self._bonus(reward, found) if is_paid else ZERO)

    def _bonus(self, reward: Reward, found: Judged) -> Fraction:
        if not reward.tiers:
            return reward.flat.bonus
        return ZERO if found.tier is None else reward.tiers[found.tier].bonus

    def _pay(self, reward: Reward, line: Line, found: Judged, averaged: bool) -> Fraction:
        """Rate x pays_on + per_unit x quantity of one line at the tier that was found."""
        whole = self.whole[id(line)]
        if reward.tiers and found.tier is None:
            return ZERO
        if reward.tiers and reward.marginal:
            key, basis = ("rate", whole.amount)
            if reward.tiers_by == "quantity":
                key, basis = ("per_unit", whole.quantity)
            size = abs(found.value)
            paid = slices(reward.tiers, size, key)
            if size == 0:
                return ZERO
            return quotient(paid, size) * basis if averaged else paid * basis / size
        step = reward.flat if found.tier is None else reward.tiers[found.tier]
        on = whole.amount if reward.pays_on == "revenue" else whole.list_amount or ZERO
        return step.rate * on + step.per_unit * whole.quantity


def earned_on_lines(discount: Discount, measured: list[Measured], gate: bool) -> Earned:
    """A payee's discount of one measurement period: the sum over its lines."""
    earned = Earned(metric_value=total(measured).revenue)
    if gate:
        earned.parts = [
            Part(m.line.order, discount.contribution(m.line) * m.share, m.line) for m in measured
        ]
        earned.reward = sum((part.amount for part in earned.parts), ZERO)
        earned.capped = caps_of_terms(discount.eligibility, discount.program, earned.parts)
    return earned


def caps_of_terms(
    eligibility: Eligibility, program: Program, parts: list[Part]
) -> list[tuple[Fraction, Fraction]]:
    """What a payee earned under each term that caps it, with the cap."""
    of_term: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    caps: dict[tuple[str, int], Fraction] = {}
    for part in parts:
        assert part.line is not None
        term = eligibility.term_of(program, part.line)[1]
        if term is not None and term.per_payee is not None:
            of_term[term.name] += part.amount
            caps[term.name] = term.per_payee
    return [(amount, caps[name]) for name, amount in of_term.items()]


def counted_quantities(room: Fraction, lines: list[Line]) -> list[tuple[Line, Fraction]]:
    """How much of each line's quantity counts (as a size), in order, as an authorised one allows.

    A return stands right after the line that it takes back, takes back at most what was counted of
    its sale, and gives that room back; without a known original it takes back nothing.
    """

    def order(line: Line) -> tuple[object, ...]:
        original = line.takes_back
        return (original.order, 1, line.order) if original is not None else (line.order, 0, ())

    counted: list[tuple[Line, Fraction]] = []
    of_sale: dict[object, Fraction] = defaultdict(Fraction)
    for line in sorted(lines, key=order):
        part = ZERO
        if line.takes_back is not None:
            part = min(abs(line.quantity), of_sale[line.takes_back.sale])
            room += part
            of_sale[line.takes_back.sale] -= part
        elif not line.is_return:
            part = min(line.quantity, room)
            room -= part
            of_sale[line.sale] += part
        counted.append((line, part))
    return counted

"""Wholesale discounts: tiers judged on each line or each sale (section 4, rule 21)."""

from dataclasses import dataclass
from fractions import Fraction

from tests.reference.conditions import all_hold, line_lookup
from tests.reference.eligible import Eligibility, Measured
from tests.reference.exact import quotient
from tests.reference.lines import Line, in_program_currency
from tests.reference.measures import ZERO, slices, tier_of, total
from tests.reference.programs import Program, Reward
from tests.reference.rebate import Earned, Part


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
        self.entry = {id(line): self._entry(line) for line in lines}
        self.sales: dict[tuple[object, ...], list[Line]] = {}
        for line in lines:
            if line.takes_back is None and self._counts(line):
                self.sales.setdefault(self._sale(line), []).append(line)

    def _whole(self, line: Line) -> Measured:
        """The line as it is before it is shared between reps."""
        amount, listed = self.eligibility.amounts(self.program, line)
        return Measured(line, "", Fraction(1), amount, line.quantity, listed)

    def _entry(self, line: Line) -> int | None:
        """The first reward whose `when` holds for the line; a return takes its line's."""
        judged = line.takes_back or line
        look_up = line_lookup(self.eligibility.facts, self.program, judged)
        for index, reward in enumerate(self.program.rewards):
            if all_hold(reward.when, look_up, self.eligibility.facts.data.workspace):
                return index
        return None

    def _sale(self, line: Line) -> tuple[object, ...]:
        judged = line.takes_back or line
        return (*judged.sale, self.entry.get(id(judged)))

    def reward(self, line: Line) -> Reward | None:
        """The reward that applies to a line."""
        index = self.entry[id(line)]
        return None if index is None else self.program.rewards[index]

    def lacks_list_price(self, line: Line) -> bool:
        """`no-list-price`: what is paid on the list needs one; a return goes with its line."""
        if line.takes_back is not None and self.lacks_list_price(line.takes_back):
            return True
        reward = self.reward(line)
        on_list = reward is not None and (reward.pays_on == "list" or reward.net_price is not None)
        return on_list and self.whole[id(line)].list_amount is None

    def _counts(self, line: Line) -> bool:
        return self.reward(line) is not None and not self.lacks_list_price(line)

    def contribution(self, line: Line) -> Fraction:
        """What a line contributes; returns reverse at the tier of what they reverse."""
        reward = self.reward(line)
        if reward is None or not self._counts(line):
            return ZERO
        if reward.net_price is not None:
            return self._down_to_net_price(line, reward.net_price)
        if reward.raw.get("tier_scope", "line") == "sale":
            return self._on_sale(line, reward)
        return self._on_line(line, reward)

    def _down_to_net_price(self, line: Line, net_price: Fraction) -> Fraction:
        """What a unit's list price exceeds the net price by, x quantity, returns included."""
        product = self.eligibility.facts.products[line["product_id"]]
        data, currency = self.eligibility.facts.data, self.program.currency
        list_price = in_program_currency(data, product["list_price"], currency, line.date)
        return ZERO if list_price is None else max(list_price - net_price, ZERO) * line.quantity

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
    return earned

"""Deal registration: which deal covers a line, conflicts, the registered cap (rules 25, 26)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from tests.reference.eligible import Eligibility, Measured
from tests.reference.exact import number, quotient
from tests.reference.lines import Facts, Line, in_workspace_currency
from tests.reference.measures import ZERO
from tests.reference.periods import Period
from tests.reference.programs import Program, Reward, reward_of_term
from tests.reference.rows import Row


@dataclass
class Deals:
    """The approved deals of a workspace, and what they cover."""

    facts: Facts

    def approved(self) -> list[Row]:
        """Approved or won, with an approval up to the last day of PERIOD (rules 2, 25)."""
        return [
            row
            for row in self.facts.data.accepted("deals")
            if row["status"] in ("approved", "won")
            and row["approved_on"] is not None
            and row["approved_on"] <= self.facts.as_of
        ]

    def window(self, program: Program, deal: Row) -> Period:
        """approved_on to expires_on, or as many days on as the program protects."""
        days = int(program.table("registration").get("protection_days", 90))
        end = deal["expires_on"] or deal["approved_on"] + timedelta(days=days)
        return Period(deal["approved_on"], end)

    def category(self, product_id: str | None) -> str | None:
        """A product's category."""
        row = self.facts.products.get(product_id or "")
        return None if row is None else row["category"]

    def covers(self, program: Program, deal: Row, line: Line) -> bool:
        """Whether a deal covers a line."""
        category = self.category(line["product_id"])
        return (
            deal["partner_id"] == line["partner_id"]
            and deal["customer_id"] == line["customer_id"]
            and deal["product_id"] in (None, line["product_id"])
            and deal["category"] in (None, category)
            and line.date in self.window(program, deal)
        )

    def covering(self, program: Program, line: Line) -> Row | None:
        """The deal that covers a line: the one it names, else the earliest approved (rule 25)."""
        covering = [
            deal
            for deal in self.approved()
            if line["deal_id"] in (None, deal["deal_id"]) and self.covers(program, deal, line)
        ]
        return min(
            covering,
            key=lambda d: (d["approved_on"], d["registered_on"], d["deal_id"]),
            default=None,
        )

    def reason(self, program: Program, line: Line) -> str | None:
        """`no-deal` where a deal registration has no deal for a line; other kinds need none."""
        if program.kind != "deal_registration":
            return None
        return None if self.covering(program, line) is not None else "no-deal"

    def loses(self, program: Program, deal: Row) -> bool:
        """Whether another partner's conflicting deal was registered earlier (rule 25)."""
        mine = self.window(program, deal)
        for other in self.approved():
            theirs = self.window(program, other)
            if (
                other["partner_id"] != deal["partner_id"]
                and other["customer_id"] == deal["customer_id"]
                and (other["registered_on"], other["deal_id"])
                < (deal["registered_on"], deal["deal_id"])
                and self._products_overlap(deal, other)
                and mine.start <= theirs.end
                and theirs.start <= mine.end
            ):
                return True
        return False

    def _products_overlap(self, a: Row, b: Row) -> bool:
        """A product lies in its category; a deal that names none is for all."""
        if a["product_id"] is not None and b["product_id"] is not None:
            return bool(a["product_id"] == b["product_id"])
        of_a = self.category(a["product_id"]) if a["product_id"] else a["category"]
        of_b = self.category(b["product_id"]) if b["product_id"] else b["category"]
        all_a = a["product_id"] is None and a["category"] is None
        all_b = b["product_id"] is None and b["category"] is None
        return all_a or all_b or (of_a is not None and of_a == of_b)


@dataclass(frozen=True)
class Covered:
    """A covered line with the part of it that counts under its deal."""

    line: Line
    deal: Row
    amount: Fraction
    quantity: Fraction


def covered_lines(
    eligibility: Eligibility, deals: Deals, program: Program, lines: list[Line]
) -> list[Covered]:
    """The program's covered lines, capped at what was registered where it says so (rule 26)."""
    by_deal: dict[str, list[Line]] = defaultdict(list)
    chosen: dict[str, Row] = {}
    for line in lines:
        deal = deals.covering(program, line.takes_back or line)
        assert deal is not None, line
        chosen[deal["deal_id"]] = deal
        by_deal[deal["deal_id"]].append(line)
    capped = program.table("registration").get("cap") == "registered"
    out = []
    for deal_id, of_deal in by_deal.items():
        deal = chosen[deal_id]
        counted = (
            _up_to(deal["amount"], eligibility.facts, of_deal)
            if capped and deal["amount"] is not None
            else {}
        )
        for line in of_deal:
            amount, _ = eligibility.amounts(program, line)
            size = abs(in_workspace_currency(eligibility.facts.data, line))
            part = counted.get(id(line), size)
            quantity = line.quantity
            if part != size:
                share = quotient(part, size)
                # Where both are in one currency the part that counts is exact.
                amount = amount * part / size if abs(amount) == size else amount * share
                quantity = quantity * share
            out.append(Covered(line, deal, amount, quantity))
    return out


def _up_to(room: Fraction, facts: Facts, lines: list[Line]) -> dict[int, Fraction]:
    """How much of each line counts (in workspace currency, as a size), in order (rule 26)."""

    def order(line: Line) -> tuple[object, ...]:
        original = line.takes_back
        return (original.order, 1, line.order) if original is not None else (line.order, 0, ())

    counted: dict[int, Fraction] = {}
    of_sale: dict[object, Fraction] = defaultdict(Fraction)
    for line in sorted(lines, key=order):
        amount = in_workspace_currency(facts.data, line)
        sale = (line.takes_back or line).sale
        if line.is_return:
            part = min(abs(amount), of_sale[sale])
            room += part
            of_sale[sale] -= part
        else:
            part = min(amount, room)
            room -= part
            of_sale[sale] += part
        counted[id(line)] = part
    return counted


def share_out(eligibility: Eligibility, program: Program, covered: list[Covered]) -> list[Measured]:
    """The counted parts, shared out to the payees."""
    return [
        Measured(c.line, payee, share, c.amount * share, c.quantity * share, None)
        for c in covered
        for payee, share in eligibility.payees(program, c.line)
    ]


def deal_parts(
    eligibility: Eligibility, deals: Deals, program: Program, covered: list[Covered]
) -> list[tuple[Covered, tuple[Line, str, Fraction, Fraction]]]:
    """(line, payee, share, factor) of each covered line: the factor is a losing deal's share."""
    loser_share = number(program.table("registration").get("loser_share", 0))
    out = []
    for one in covered:
        factor = loser_share if deals.loses(program, one.deal) else Fraction(1)
        for payee, share in eligibility.payees(program, one.line):
            out.append((one, (one.line, payee, share, factor)))
    return out


def reward_of_line(eligibility: Eligibility, program: Program, entry: Reward, line: Line) -> Reward:
    """The entry that applies, or the line's term in its place."""
    term = eligibility.term_of(program, line)[1] if entry.terms is not None else None
    return entry if term is None else reward_of_term(entry, term)


def deal_bonus(
    eligibility: Eligibility,
    program: Program,
    covered: list[Covered],
    period: Period,
    deal: Row,
    payee: str,
) -> Line | None:
    """The line with which a deal's bonus falls in a period: its first covered sale (rule 20).

    Only where the deal's counted revenue in that measurement period is above 0; where terms are
    given, that of the line's payee.
    """
    own = [c for c in covered if c.deal["deal_id"] == deal["deal_id"]]
    sold = sorted((c.line for c in own if not c.line.is_return), key=lambda line: line.order)
    if not sold or sold[0].date not in period:
        return None
    within = [c for c in own if c.line.date in period]
    revenue = sum((c.amount for c in within), ZERO)
    if program.terms_by_line:
        measured = share_out(eligibility, program, within)
        revenue = sum((m.amount for m in measured if m.payee == payee), ZERO)
    return sold[0] if revenue > 0 else None


def pay_covered(reward: Reward, one: Covered) -> Fraction:
    """The rate on the amount, and so much a unit, of what counts of a line."""
    return reward.flat.rate * one.amount + reward.flat.per_unit * one.quantity

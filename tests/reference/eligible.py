"""Which lines count in which program, and for whom (sections 4 and 9: rules 7, 15, 23, 24)."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference.conditions import all_hold, line_lookup
from tests.reference.exact import half_up
from tests.reference.lines import Facts, Line, amount_in, in_program_currency
from tests.reference.periods import Period
from tests.reference.programs import Program

Covers = Callable[[Program, Line], str | None]


@dataclass(frozen=True)
class Measured:
    """A line, or a rep's share of one, as a program measures it, in the program's currency."""

    line: Line
    payee: str
    share: Fraction
    amount: Fraction
    quantity: Fraction
    list_amount: Fraction | None


@dataclass
class Eligibility:
    """Answers for all programs of a workspace; `covers` gives the reason of a deal program."""

    facts: Facts
    programs: list[Program]
    covers: Covers
    _reasons: dict[tuple[str, int], str | None] = field(default_factory=dict)

    def reason(self, program: Program, line: Line) -> str | None:
        """Why a line does not meet `[eligible]` or lacks what the program needs, or None.

        Program dates and exclusive groups play no part here. A return with a known original
        goes with the line that it reverses.
        """
        judged = line.takes_back or line
        return self.not_met(program, judged) or self.covers(program, judged)

    def not_met(self, program: Program, line: Line) -> str | None:
        """Why a line does not meet `[eligible]`, or lacks a payee or a rate; or None."""
        judged = line.takes_back or line
        key = (program.id, id(judged))
        if key not in self._reasons:
            self._reasons[key] = self._reason(program, judged)
        return self._reasons[key]

    def _reason(self, program: Program, line: Line) -> str | None:
        facts = self.facts
        if program.payee != "rep" and not facts.knows_partner(line["partner_id"]):
            return "unknown-partner"
        if program.payee == "distributor" and line["distributor_id"] is None:
            return "no-distributor"
        if program.payee == "rep" and not line.credits:
            return "no-rep"
        if amount_in(facts.data, line, program.currency) is None:
            return "no-fx-rate"
        look_up = line_lookup(facts, program, line)
        return None if all_hold(program.eligible, look_up, facts.data.workspace) else "condition"

    def in_dates(self, program: Program, line: Line) -> bool:
        """Whether a line is dated within the program."""
        return program.starts <= line.date <= program.ends

    def counts(self, program: Program, line: Line) -> bool:
        """Whether a line counts in a program: dates, conditions, needs, exclusive group."""
        judged = line.takes_back or line
        if not self.in_dates(program, line) or not self.in_dates(program, judged):
            return False
        if self.reason(program, judged) is not None:
            return False
        if amount_in(self.facts.data, line, program.currency) is None:
            return False
        return program.group is None or self.owner(program.group, judged) is program

    def owner(self, group: str, line: Line) -> Program | None:
        """The program of an exclusive group in which a line earns (rule 15)."""
        members = [p for p in self.programs if p.group == group and p.kind != "activity"]
        for program in sorted(members, key=lambda p: p.priority):
            if self.in_dates(program, line) and self.reason(program, line) is None:
                return program
        return None

    def counted_lines(self, program: Program) -> list[Line]:
        """The lines that count in a program, in order (serials not yet looked at)."""
        return [line for line in self.facts.lines if self.counts(program, line)]

    def list_amount(self, program: Program, line: Line) -> Fraction | None:
        """list_price x quantity in the program's currency; None without a list price."""
        product = self.facts.products.get(line["product_id"] or "")
        if product is None or product["list_price"] is None:
            return None
        extended = half_up(product["list_price"] * line.quantity, 6)
        return in_program_currency(self.facts.data, extended, program.currency, line.date)

    def payees(self, program: Program, line: Line) -> list[tuple[str, Fraction]]:
        """Who a line goes to, and in what share (rule 23)."""
        if program.payee == "rep":
            return line.credits
        column = "distributor_id" if program.payee == "distributor" else "partner_id"
        return [(line[column], Fraction(1))] if line[column] is not None else []

    def measure(self, program: Program, lines: list[Line]) -> list[Measured]:
        """The lines, shared out to their payees."""
        out = []
        for line in lines:
            amount, listed = self.amounts(program, line)
            for payee, share in self.payees(program, line):
                shared_list = None if listed is None else listed * share
                shared = (amount * share, line.quantity * share, shared_list)
                out.append(Measured(line, payee, share, *shared))
        return out

    def amounts(self, program: Program, line: Line) -> tuple[Fraction, Fraction | None]:
        """A line's amount and list amount in the program's currency."""
        amount = amount_in(self.facts.data, line, program.currency)
        assert amount is not None, line
        return amount, self.list_amount(program, line)

    def baseline_lines(self, program: Program, window: Period) -> list[Line]:
        """The lines that make a baseline: those that meet `[eligible]`, and nothing else (rule 18)."""
        return [
            line
            for line in self.facts.lines
            if line.date in window
            and self.not_met(program, line) is None
            and amount_in(self.facts.data, line, program.currency) is not None
        ]


def without_spent_serials(lines: list[Line]) -> list[Line]:
    """Of the lines with one serial, the first and what reverses it (rule 24)."""
    first: dict[str, Line] = {}
    for line in sorted(lines, key=lambda line: line.order):
        if line["serial"] is not None and not line.is_return:
            first.setdefault(line["serial"], line)

    def earns(line: Line) -> bool:
        original = line.takes_back
        taken = original["serial"] if original is not None else None
        if taken is not None and first.get(taken) is not original:
            return False
        if line["serial"] is None:
            return True
        owner = first.get(line["serial"])
        return owner is not None and owner is (original if line.is_return else line)

    return [line for line in lines if earns(line)]


def by_payee(measured: list[Measured]) -> dict[str, list[Measured]]:
    """The measured lines of each payee."""
    out: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        out[one.payee].append(one)
    return dict(out)

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
from tests.reference.tables import Value
from tests.reference.terms import Term

Covers = Callable[[Program, Line], str | None]


@dataclass(frozen=True)
class Measured:
    """A line, or a payee's share of one, as a program measures it, in the program's currency."""

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
    _terms: dict[tuple[str, int], tuple[int | None, Term | None]] = field(default_factory=dict)

    def reason(self, program: Program, line: Line) -> str | None:
        """Why a line does not meet `[eligible]` or lacks what the program needs, or None.

        Program dates and exclusive groups play no part here. A return with a known original
        goes with the line that it reverses.
        """
        judged = line.takes_back or line
        reason = self.not_met(program, judged) or self.covers(program, judged)
        return reason or self._lacks_term(program, judged)

    def not_met(self, program: Program, line: Line) -> str | None:
        """Why a line does not meet `[eligible]`, or lacks a payee, a rate or a bundle's need; or None."""
        judged = line.takes_back or line
        key = (program.id, id(judged))
        if key not in self._reasons:
            self._reasons[key] = self._reason(program, judged)
        return self._reasons[key]

    def _reason(self, program: Program, line: Line) -> str | None:
        facts = self.facts
        if program.payee_kind != "rep" and not facts.knows_partner(line["partner_id"]):
            return "unknown-partner"
        if program.payee == "distributor" and line["distributor_id"] is None:
            return "no-distributor"
        if program.payee_kind == "rep" and not self.payees(program, line):
            return f"no-{program.payee}"
        if amount_in(facts.data, line, program.currency) is None:
            return "no-fx-rate"
        look_up = line_lookup(facts, program, line)
        if not all_hold(program.eligible, look_up, facts.data.workspace):
            return "condition"
        if program.needs and self.need_of(program, line) is None:
            return "not-in-bundle"
        return None

    def need_of(self, program: Program, line: Line) -> int | None:
        """The first need of a bundle whose conditions hold for a line; a return goes with its line."""
        for index, need in enumerate(program.needs):
            if self.meets(program, line, need.get("when", {})):
                return index
        return None

    def meets(self, program: Program, line: Line, conditions: dict[str, Value]) -> bool:
        """Whether a line meets conditions, judged as `[eligible]` is; a return goes with its line."""
        look_up = line_lookup(self.facts, program, line.takes_back or line)
        return all_hold(conditions, look_up, self.facts.data.workspace)

    def term_of(self, program: Program, line: Line) -> tuple[int | None, Term | None]:
        """Where terms go by line: the first `[[reward]]` whose `when` holds for a line, and its term.

        A return with a known original takes its line's. In rebates, SPIFs and deal registrations no
        `when` stands beside terms by line, so that the first entry always holds.
        """
        judged = line.takes_back or line
        key = (program.id, id(judged))
        if key not in self._terms:
            entry, found = self._entry(program, judged), None
            terms = None if entry is None else program.rewards[entry].terms
            if terms is not None:
                found = terms.term_for(line_lookup(self.facts, program, judged), judged.date)
            self._terms[key] = (entry, found)
        return self._terms[key]

    def _entry(self, program: Program, line: Line) -> int | None:
        for index, reward in enumerate(program.rewards):
            if self.meets(program, line, reward.when):
                return index
        return None

    def _lacks_term(self, program: Program, line: Line) -> str | None:
        """`no-terms` where terms go by line and none fits."""
        if not program.terms_by_line:
            return None
        entry, term = self.term_of(program, line)
        has_terms = entry is not None and program.rewards[entry].terms is not None
        return "no-terms" if has_terms and term is None else None

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
        list_price = self.facts.list_price(line["product_id"], line.date)
        if list_price is None:
            return None
        extended = half_up(list_price * line.quantity, 6)
        return in_program_currency(self.facts.data, extended, program.currency, line.date)

    def payees(self, program: Program, line: Line) -> list[tuple[str, Fraction]]:
        """Who a line goes to, and in what share (rule 23).

        A top is that of the line's partner on its date; a manager that of each rep credited. Shares
        that meet at one manager add up; a share without a manager goes to nobody.
        """
        if program.payee == "rep":
            return line.credits
        if program.payee == "manager":
            shares: dict[str, Fraction] = defaultdict(Fraction)
            for rep, share in line.credits:
                manager = self.facts.manager_of(rep, line.date)
                if manager is not None:
                    shares[manager] += share
            return sorted(shares.items())
        if program.payee == "parent":
            top = self.facts.top_of(line["partner_id"], line.date)
            return [(top, Fraction(1))] if top is not None else []
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

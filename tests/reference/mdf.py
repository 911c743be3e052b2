"""Market development funds: lots, commitments, claims, expiry (section 4, rule 29)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.reference.conditions import all_hold, payee_lookup
from tests.reference.eligible import Eligibility
from tests.reference.exact import number
from tests.reference.measures import ZERO
from tests.reference.periods import Period, add_months
from tests.reference.programs import Program
from tests.reference.rows import Row


@dataclass
class Lot:
    """One credit: what of it is neither committed, paid nor expired."""

    credited_on: date
    usable_through: date | None
    free: Fraction


@dataclass
class Commitment:
    """What an approved request holds, lot by lot, the oldest first."""

    request: Row
    held: list[tuple[Lot, Fraction]] = field(default_factory=list)

    @property
    def left(self) -> Fraction:
        """What is left of it."""
        return sum((amount for _, amount in self.held), ZERO)

    def pay(self, amount: Fraction) -> None:
        """Takes a payment out of the lots, the oldest first."""
        kept = []
        for lot, held in self.held:
            taken = min(held, amount)
            amount -= taken
            if held > taken:
                kept.append((lot, held - taken))
        self.held = kept

    def release(self) -> None:
        """Gives the rest back to its lots, where it expires as they do."""
        for lot, held in self.held:
            lot.free += held
        self.held = []


@dataclass
class Fund:
    """The fund of one partner: its lots, commitments and paid claims."""

    lots: list[Lot] = field(default_factory=list)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    paid: list[tuple[Row, Fraction]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def commit(self, request: Row, wanted: Fraction) -> None:
        """Commits from the oldest lots as far as the balance reaches."""
        commitment = self.commitments[request["request_id"]] = Commitment(request)
        for lot in self.lots:
            taken = min(lot.free, wanted)
            if taken > 0:
                lot.free -= taken
                wanted -= taken
                commitment.held.append((lot, taken))

    def expire(self, day: date) -> None:
        """At a day's end, what is free in lots that are usable no longer is gone."""
        for lot in self.lots:
            if lot.usable_through is not None and lot.usable_through <= day:
                lot.free = ZERO


def allocation(program: Program, partner: Row | None) -> Fraction:
    """`allocate`, for all or by tier; a tier that is not listed gets nothing."""
    wanted = program.table("fund").get("allocate", 0)
    if isinstance(wanted, dict):
        tier = partner["tier"] if partner is not None else None
        return number(wanted.get(tier, 0)) if tier is not None else ZERO
    return number(wanted)


def credits_of(
    eligibility: Eligibility,
    program: Program,
    periods: list[Period],
    revenue: Mapping[tuple[Period, str], Fraction],
    partner_id: str,
) -> list[tuple[date, Fraction]]:
    """Allocations on the first day, accruals on the last, of each measurement period."""
    facts = eligibility.facts
    rate = number(program.table("fund").get("accrue", 0))
    about_partners = {
        name: wanted
        for name, wanted in program.eligible.items()
        if name.startswith(("partner.", "level."))
    }
    out = []
    for period in periods:
        look_up = payee_lookup(facts, "partner", partner_id, period.start)
        if all_hold(about_partners, look_up, facts.data.workspace):
            row = facts.partner_on(partner_id, period.start)
            out.append((period.start, allocation(program, row)))
        if period.end <= facts.as_of:
            accrued = rate * revenue.get((period, partner_id), ZERO)
            out.append((period.end, max(accrued, ZERO)))
    return sorted((c for c in out if c[1] > 0), key=lambda credit: credit[0])


def run_fund(
    eligibility: Eligibility,
    program: Program,
    partner_id: str,
    credits: list[tuple[date, Fraction]],
) -> Fund:
    """Day by day: credits, commitments, claims, deadlines, then expiries at the day's end."""
    facts = eligibility.facts
    months = program.table("fund").get("expires_after_months")
    reimburse = number(program.table("claims").get("reimburse", 1))
    requests = [
        row
        for row in facts.data.accepted("mdf_requests")
        if (row["program_id"], row["partner_id"]) == (program.id, partner_id)
    ]
    ids = {row["request_id"] for row in requests}
    claims = [row for row in facts.data.accepted("mdf_claims") if row["request_id"] in ids]
    fund = Fund()
    day = min([c[0] for c in credits] + [row["claimed_on"] for row in claims] + [facts.as_of])
    while day <= facts.as_of:
        for _, amount in (c for c in credits if c[0] == day):
            through = None if months is None else add_months(day, int(months))
            fund.lots.append(Lot(day, through, amount))
        for row in _on(requests, "approved_on", day, "request_id"):
            if row["status"] == "approved":
                approved = row["approved_amount"]
                approved = row["amount"] if approved is None else approved
                fund.commit(row, reimburse * approved)
        for row in _on(claims, "claimed_on", day, "claim_id"):
            request = next(r for r in requests if r["request_id"] == row["request_id"])
            _claim(program, fund, request, row, reimburse)
        for commitment in fund.commitments.values():
            deadline = deadline_of(program, commitment.request)
            if deadline is not None and deadline <= day:
                commitment.release()
        fund.expire(day)
        day += timedelta(days=1)
    return fund


def _on(rows: list[Row], column: str, day: date, by: str) -> list[Row]:
    """The rows of a day, in the order of their ids."""
    return sorted((row for row in rows if row[column] == day), key=lambda row: row[by])


def deadline_of(program: Program, request: Row) -> date | None:
    """The last day on which a claim is in time."""
    days = program.table("claims").get("within_days")
    if days is None:
        return None
    last: date = request["ends_on"] + timedelta(days=int(days))
    return last


def refusal(program: Program, fund: Fund, request: Row, claim: Row) -> str | None:
    """Why a claim is refused, the reasons in the order of section 4."""
    rules = program.table("claims")
    approved_on = request["approved_on"]
    deadline = deadline_of(program, request)
    commitment = fund.commitments.get(request["request_id"])
    tests: list[tuple[str, Callable[[], bool]]] = [
        (
            "not-approved",
            lambda: (
                request["status"] != "approved"
                or approved_on is None
                or claim["claimed_on"] < approved_on
            ),
        ),
        ("late", lambda: deadline is not None and claim["claimed_on"] > deadline),
        ("no-proof", lambda: bool(rules.get("proof_required")) and claim["proof"] is None),
        (
            "activity",
            lambda: (
                request["activity"] not in rules.get("activities", [request["activity"]])
                or request["ends_on"] < approved_on
            ),
        ),
        ("no-balance", lambda: commitment is None or commitment.left <= 0),
    ]
    return next((reason for reason, fails in tests if fails()), None)


def _claim(program: Program, fund: Fund, request: Row, claim: Row, reimburse: Fraction) -> None:
    """Pays the lower of reimburse x amount and what is left; a paid final claim releases."""
    reason = refusal(program, fund, request, claim)
    if reason is not None:
        fund.refused[claim["claim_id"]] = reason
        return
    commitment = fund.commitments[request["request_id"]]
    paid = min(reimburse * claim["amount"], commitment.left)
    commitment.pay(paid)
    fund.paid.append((claim, paid))
    if claim["final"]:
        commitment.release()


def period_of_claim(periods: list[Period], day: date) -> Period:
    """The period that holds a claim's day; after the program's end, its last (rule 29)."""
    return next((period for period in periods if day in period), periods[-1])

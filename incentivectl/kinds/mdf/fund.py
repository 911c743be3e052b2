"""The fund of one partner: lots, commitments, claims and expiries, day by day.

Each credit is a lot with its own expiry. Requests commit from the oldest usable lots, claims are paid
out of commitments, what is released goes back to its lots. Amounts are exact decimals
(docs/rules.md, "Funds").
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

from incentivectl.kinds.mdf.model import Claims

_NOTHING = Decimal(0)
_DIGITS = 60  # of exact sums and products


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the partner; `approved_on` is missing unless its status is approved.

    `cost` is what was approved, or else asked for.
    """

    request_id: str
    activity: str
    approved_on: date | None
    ends_on: date
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """Money spent on a request, to be reimbursed in part."""

    claim_id: str
    request_id: str
    claimed_on: date
    amount: Decimal
    has_proof: bool
    final: bool


@dataclass(slots=True)
class Lot:
    """One credit; `free` is the part that is neither committed, paid nor expired."""

    credited_on: date
    usable_through: date | None
    free: Decimal


@dataclass(slots=True)
class Commitment:
    """What an approved request holds of the lots, the oldest first."""

    request: Request
    deadline: date | None
    held: list[tuple[Lot, Decimal]] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """What is neither paid nor released."""
        return sum((amount for _, amount in self.held), _NOTHING)


@dataclass(frozen=True, slots=True)
class Movement:
    """What changed in a fund: `kind` is credited, committed, paid, released or expired.

    `item_id` is the request that committed or released, or the claim that was paid.
    """

    day: date
    kind: str
    amount: Decimal
    item_id: str | None = None


@dataclass
class Fund:
    """A fund at the end of PERIOD; `refused` has the reason of every claim that was not paid."""

    rules: Claims
    expires_after_months: int | None
    requests: dict[str, Request]
    lots: list[Lot] = field(default_factory=list)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def balance(self) -> Decimal:
        """What it holds: committed and available."""
        with localcontext(prec=_DIGITS):
            free = sum((lot.free for lot in self.lots), _NOTHING)
            return free + sum((one.left for one in self.commitments.values()), _NOTHING)

    def credit(self, day: date, amount: Decimal) -> None:
        """A new lot."""
        months = self.expires_after_months
        self.lots.append(Lot(day, None if months is None else usable_through(day, months), amount))
        self.movements.append(Movement(day, "credited", amount))

    def commit(self, day: date, request: Request) -> None:
        """Commits reimburse x cost out of the oldest lots, as far as the balance reaches."""
        wanted = self.rules.reimburse * request.cost
        commitment = Commitment(request, deadline(request, self.rules))
        for lot in self.lots:
            taken = min(lot.free, wanted)
            if taken > 0:
                lot.free -= taken
                wanted -= taken
                commitment.held.append((lot, taken))
        self.commitments[request.request_id] = commitment
        self.movements.append(Movement(day, "committed", commitment.left, request.request_id))

    def pay_claim(self, claim: Claim) -> None:
        """Pays the lower of reimburse x amount and what is left; a final one releases the rest."""
        request = self.requests[claim.request_id]
        commitment = self.commitments.get(claim.request_id)
        reason = refusal(self.rules, request, claim, commitment)
        if reason is not None or commitment is None:
            self.refused[claim.claim_id] = reason or "no-balance"
            return
        paid = min(self.rules.reimburse * claim.amount, commitment.left)
        commitment.held = _without(commitment.held, paid)
        self.movements.append(Movement(claim.claimed_on, "paid", paid, claim.claim_id))
        if claim.final:
            self.release(claim.claimed_on, commitment)

    def release(self, day: date, commitment: Commitment) -> None:
        """Gives what is left back to its lots, where it expires as they do."""
        if not commitment.held:
            return
        request_id = commitment.request.request_id
        self.movements.append(Movement(day, "released", commitment.left, request_id))
        for lot, amount in commitment.held:
            lot.free += amount
        commitment.held = []

    def end_day(self, day: date) -> None:
        """Deadlines that have come release; then what is free in lots past their day expires."""
        for commitment in self.commitments.values():
            if commitment.deadline is not None and commitment.deadline <= day:
                self.release(day, commitment)
        for lot in self.lots:
            if lot.usable_through is not None and lot.usable_through <= day and lot.free > 0:
                self.movements.append(Movement(day, "expired", lot.free))
                lot.free = _NOTHING


def _without(held: Iterable[tuple[Lot, Decimal]], amount: Decimal) -> list[tuple[Lot, Decimal]]:
    """What is held after `amount` was paid out of it, the oldest first."""
    kept = []
    for lot, part in held:
        taken = min(part, amount)
        amount -= taken
        if part > taken:
            kept.append((lot, part - taken))
    return kept


def usable_through(day: date, months: int) -> date:
    """The same day of the month `months` on, or that month's last."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def deadline(request: Request, rules: Claims) -> date | None:
    """The last day on which a claim is in time; None without a deadline."""
    if rules.within_days is None:
        return None
    return request.ends_on + timedelta(days=rules.within_days)


def refusal(
    rules: Claims, request: Request, claim: Claim, commitment: Commitment | None
) -> str | None:
    """The first reason that keeps a claim from being paid; None if it is paid."""
    last = deadline(request, rules)
    approved_on = request.approved_on
    if approved_on is None or claim.claimed_on < approved_on:
        return "not-approved"
    if last is not None and claim.claimed_on > last:
        return "late"
    if rules.proof_required and not claim.has_proof:
        return "no-proof"
    listed = rules.activities is None or request.activity in rules.activities
    if not listed or request.ends_on < approved_on:
        return "activity"
    if commitment is None or commitment.left <= 0:
        return "no-balance"
    return None


def reimbursed(fund: Fund, claims: Iterable[Claim]) -> Iterator[tuple[Claim, Decimal]]:
    """Each claim that is paid, with the lower of reimburse x amount and what its request has left.

    Worked out of what requests committed and which claims were refused, and of no lot.
    """
    left = {one.item_id: one.amount for one in fund.movements if one.kind == "committed"}
    with localcontext(prec=_DIGITS):
        for claim in sorted(claims, key=lambda claim: (claim.claimed_on, claim.claim_id)):
            if claim.claim_id in fund.refused:
                continue
            paid = min(fund.rules.reimburse * claim.amount, left[claim.request_id])
            left[claim.request_id] -= paid
            yield claim, paid


def run_fund(
    fund: Fund, credits: Sequence[tuple[date, Decimal]], claims: Sequence[Claim], as_of: date
) -> Fund:
    """`fund` after every day up to `as_of`: credits, commitments, claims, releases, expiries.

    `credits` of one day are taken in the order given, requests and claims of one day by id.
    """
    credits_on: dict[date, list[Decimal]] = defaultdict(list)
    for day, amount in credits:
        credits_on[day].append(amount)
    approved_on: dict[date, list[Request]] = defaultdict(list)
    for request in sorted(fund.requests.values(), key=lambda request: request.request_id):
        if request.approved_on is not None:
            approved_on[request.approved_on].append(request)
    claimed_on: dict[date, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: claim.claim_id):
        claimed_on[claim.claimed_on].append(claim)
    days = {*credits_on, *approved_on, *claimed_on, *_closing_days(fund, credits_on)}
    with localcontext(prec=_DIGITS):
        for day in sorted(day for day in days if day <= as_of):
            for amount in credits_on[day]:
                fund.credit(day, amount)
            for request in approved_on[day]:
                fund.commit(day, request)
            for claim in claimed_on[day]:
                fund.pay_claim(claim)
            fund.end_day(day)
    return fund


def _closing_days(fund: Fund, credited_on: Iterable[date]) -> set[date]:
    """The days at whose end something may be released or expire."""
    deadlines = (deadline(request, fund.rules) for request in fund.requests.values())
    days = {day for day in deadlines if day is not None}
    months = fund.expires_after_months
    if months is not None:
        days |= {usable_through(day, months) for day in credited_on}
    return days

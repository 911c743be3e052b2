"""One payee's figures of one period, and nobody else's.

Only figures stand here; the sentences are made of them in `insight.statement`
(docs/questions.md, "Statements").
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from incentivectl.programs.model import Program
from incentivectl.programs.words.statements import EarningRow
from incentivectl.run.statement_books import Posted


@dataclass(frozen=True)
class Payee:
    """Who gets the statement; `kind` is partner or rep."""

    kind: str
    payee_id: str
    name: str
    locale: str | None
    is_active: bool


@dataclass(frozen=True)
class Adjustment:
    """An adjustment that is booked in PERIOD."""

    adjustment_id: str
    on: date
    program_id: str | None
    currency: str
    amount: Decimal
    reason: str


@dataclass(frozen=True)
class Payout:
    """One balance over all of PERIOD; `paid_earlier` of what is `payable` was paid before its last batch."""

    currency: str
    method: str
    brought_forward: Decimal
    this_batch: Decimal
    payable: Decimal
    paid_earlier: Decimal
    carried_forward: Decimal
    held: Decimal


@dataclass(frozen=True)
class FundLot:
    """What is free in a fund and expires unless it is committed by that day."""

    usable_through: date
    available: Decimal


@dataclass(frozen=True)
class FundClaim:
    """A claim made in PERIOD, with what it paid or why it was refused."""

    claim_id: str
    claimed_on: date
    amount: Decimal
    paid: Decimal
    refused: str | None


@dataclass(frozen=True)
class Commitment:
    """An approved request with something left to claim until its deadline."""

    request_id: str
    activity: str
    deadline: date | None
    left: Decimal


@dataclass(frozen=True)
class FundStanding:
    """A fund in its current measurement period; amounts are exact, in `unit` of `digits` decimals."""

    program: Program
    unit: str
    digits: int
    period_start: date
    period_end: date
    opening: Decimal
    credited: Decimal
    paid: Decimal
    expired: Decimal
    closing: Decimal
    committed: Decimal
    available: Decimal
    expiring: tuple[FundLot, ...]
    commitments: tuple[Commitment, ...]
    claims: tuple[FundClaim, ...]


@dataclass(frozen=True)
class ExpiringDeal:
    """A deal whose protection ends soon; amounts in workspace currency."""

    deal_id: str
    program_id: str
    customer: str
    protected_until: date
    registered: Decimal | None
    sold: Decimal


@dataclass(frozen=True)
class LevelStanding:
    """The level of a partner in one program from the day after PERIOD, and what is missing for the next.

    `until` is the last day on which it is certain, None where no review comes any more. `missing` is of
    the program's `metric`, in its `currency`, at the review of `reviewed_on`.
    """

    program: Program
    currency: str
    level: str | None
    until: date | None
    metric: str
    reviewed_on: date | None
    next_level: str | None
    missing: Decimal | None


@dataclass(frozen=True)
class Dispute:
    """What a payee objected to, as on PERIOD's last day; `status` is open, accepted or rejected.

    `is_adjusted` says whether an adjustment corrects it.
    """

    dispute_id: str
    program_id: str | None
    period_start: date | None
    sale_id: str | None
    opened_on: date
    currency: str
    amount: Decimal | None
    reason: str
    status: str
    closed_on: date | None
    answer: str | None
    is_adjusted: bool


@dataclass(frozen=True)
class Statement:
    """A statement: everything about one payee and one period.

    `posted` says whether a batch dated on its last day stands: `yes`, `no`, or `changed` where it books
    something else than would be booked now. `contact` is whom the payee asks, empty for nobody, and
    `dispute_until` the last day on which it may object.
    """

    workspace: str
    currency: str
    period: str
    first: date
    last: date
    posted: Posted
    payee: Payee
    earned: tuple[EarningRow, ...]
    adjustments: tuple[Adjustment, ...]
    payouts: tuple[Payout, ...]
    funds: tuple[FundStanding, ...]
    deals: tuple[ExpiringDeal, ...]
    levels: tuple[LevelStanding, ...]
    disputes: tuple[Dispute, ...]
    contact: str
    dispute_until: date | None

    def of(self, *statuses: str) -> tuple[EarningRow, ...]:
        """The rows of some statuses, in the order of programs and periods."""
        return tuple(one for one in self.earned if one.status in statuses)

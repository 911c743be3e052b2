"""One payee's figures of one period, and nobody else's.

Only figures stand here; the sentences are made of them in `insight.statement`
(docs/questions.md, "Statements").
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from incentivectl.output.language import POINTS
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
    method: str
    amount: Decimal
    reason: str

    @property
    def unit(self) -> str:
        """What the amount is in."""
        return unit_of(self.currency, self.method)


@dataclass(frozen=True)
class Payout:
    """One balance over all of PERIOD; `paid_earlier` of what is `payable` was paid before its last batch.

    Amounts are in `unit`.
    """

    currency: str
    method: str
    brought_forward: Decimal
    this_batch: Decimal
    payable: Decimal
    paid_earlier: Decimal
    carried_forward: Decimal
    held: Decimal

    @property
    def unit(self) -> str:
        """The currency, or points."""
        return unit_of(self.currency, self.method)


@dataclass(frozen=True)
class YearToDate:
    """What is booked and paid of one balance in the year so far, this statement included."""

    currency: str
    method: str
    booked: Decimal
    paid: Decimal

    @property
    def unit(self) -> str:
        """The currency, or points."""
        return unit_of(self.currency, self.method)


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

    `number` is that of a batch's statement, and `reverses` that of the one that it reverses; a PERIOD's
    statement has none, and `adds_up` those of the batches that booked or paid anything in it.
    `year` is the year to date, from `year_first` on.
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
    year: tuple[YearToDate, ...]
    year_first: date | None
    funds: tuple[FundStanding, ...]
    deals: tuple[ExpiringDeal, ...]
    levels: tuple[LevelStanding, ...]
    disputes: tuple[Dispute, ...]
    contact: str
    dispute_until: date | None
    number: str = ""
    reverses: str = ""
    adds_up: tuple[str, ...] = ()

    def of(self, *statuses: str) -> tuple[EarningRow, ...]:
        """The rows of some statuses, in the order of programs and periods."""
        return tuple(one for one in self.earned if one.status in statuses)


def unit_of(currency: str, method: str) -> str:
    """What is paid by a method: a currency, or points."""
    return POINTS if method == POINTS else currency


def number_of(batch: str, payee_kind: str, payee_id: str) -> str:
    """The number of a batch's statement: `2026-09.1/P07`, of a rep `2026-09.1/rep/R07`."""
    return f"{batch}/{payee_id}" if payee_kind == "partner" else f"{batch}/{payee_kind}/{payee_id}"

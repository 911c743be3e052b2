"""The statements of a run: its frames taken apart by payee, a stretch of payees at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from incentivectl.insight.disputes import disputes_of, told_in
from incentivectl.insight.payee import payees_named
from incentivectl.insight.statement.by_payee import WHO, ByPayee, Who, who
from incentivectl.insight.statement.earned import earning_row, explained, news
from incentivectl.insight.statement.payout_rows import (
    adjustments_in,
    booked_adjustments,
    payouts_in,
    year_in,
)
from incentivectl.insight.statement.standing_rows import (
    deals_in,
    disputes_in,
    expiring_deals,
    fund_frames,
    funds_in,
    level_standings,
    levels_in,
)
from incentivectl.insight.statement.statement import (
    Adjustment,
    Dispute,
    ExpiringDeal,
    FundStanding,
    LevelStanding,
    Payee,
    Payout,
    Statement,
    YearToDate,
    number_of,
)
from incentivectl.programs.words.statements import EarningRow
from incentivectl.rules.case import Case
from incentivectl.run.run import Run
from incentivectl.run.statement_books import (
    PeriodBooks,
    Posted,
    ToldBatch,
    changed_since,
    earnings_of,
    payouts_of,
    year_to_date,
)
from incentivectl.sales.people import ID, people
from incentivectl.settlement.methods import method_for

TOGETHER = 5_000  # so many payees are told at a time
# What is told only beside something else: of a fund how it goes on, of a balance the year, and the batches.
_DETAILS = ("expiring", "commitments", "claims", "year", "told")
# What a batch that reverses another one has.
_REVERSED = ("news", "adjustments", "payouts", "year")


@dataclass
class _Told:
    """What is gathered for one payee."""

    earned: list[EarningRow] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    year: list[YearToDate] = field(default_factory=list)
    adds_up: list[str] = field(default_factory=list)
    funds: list[FundStanding] = field(default_factory=list)
    deals: list[ExpiringDeal] = field(default_factory=list)
    levels: list[LevelStanding] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)


class Statements:
    """The statement of every payee who has anything to be told, by kind and id, or of those named.

    A statement is made when it is its turn: what is kept are frames. `payees` are `payee_kind`,
    `payee_id`, `payee_name`, `locale`, `payout_method`, `email` and `is_active` of each, `payouts` its
    balances.
    """

    def __init__(
        self, run: Run, wanted: Sequence[str] = (), books: PeriodBooks | None = None
    ) -> None:
        """`books` says what batches of PERIOD booked (by default nothing), or which batch the run is.

        Refuses as `insight.payee.find_payees` does.
        """
        self.run = run
        self._books = books or PeriodBooks()
        named = payees_named(run, wanted)
        self._funds, of_funds = fund_frames(run)
        deals = expiring_deals(run)
        frames = {
            "news": news(run, self._books),
            "adjustments": booked_adjustments(run, self._books),
            "payouts": payouts_of(run, self._books),
            "year": year_to_date(run, self._books),
            "told": self._books.told,
            "levels": level_standings(run),
            "disputes": told_in(disputes_of(run.channel, run.loaded.programs), run.period.first),
            **of_funds,
            **({} if deals is None else {"deals": deals}),
        }
        if self.batch is not None and self.batch.reverses:
            frames = {
                name: frame if name in _REVERSED else frame.clear()
                for name, frame in frames.items()
            }
        if wanted:
            ids = pl.DataFrame([(one.kind, one.id) for one in named], schema=ID, orient="row")
        else:
            told = (frame for name, frame in frames.items() if name not in _DETAILS)
            ids = pl.concat([frame.select(WHO) for frame in told])
        self.payees = people(run.channel, ids, "locale", "payout_method", "email").sort(WHO)
        self._frames = {name: ByPayee(frame, self.payees) for name, frame in frames.items()}
        self._changed = changed_since(run, self._books)

    def __len__(self) -> int:
        return self.payees.height

    def __iter__(self) -> Iterator[Statement]:
        columns = (*WHO, "payee_name", "locale", "is_active")
        for first in range(0, len(self), TOGETHER):
            told = self._told(first)
            for row in self.payees.slice(first, TOGETHER).select(columns).iter_rows():
                yield self._statement(Payee(*row), told.get(row[:2], _Told()))

    @property
    def batch(self) -> ToldBatch | None:
        """The batch that is told; None where it is a PERIOD."""
        return self._books.batch

    @property
    def payouts(self) -> pl.DataFrame:
        """The columns of `payouts_of` and those of `payees`, in the order of payees."""
        return (
            self._frames["payouts"]
            .of(0, len(self))
            .join(self.payees, on=WHO, how="left", maintain_order="left")
        )

    def earned(self, first: int, count: int) -> Iterator[tuple[Case, pl.DataFrame]]:
        """The earnings that so many payees are told of, from one on: see `earned.explained`."""
        rows = self._frames["news"].of(first, count)["row"]
        earnings = earnings_of(self.run.earnings[rows], self._books)
        chosen = self.payees.select(*WHO, "payout_method")
        named = earnings.join(chosen, on=WHO, how="left", maintain_order="left")
        method = method_for(self.run.loaded.programs)
        return explained(self.run, named.with_columns(method=method).drop("payout_method"))

    @property
    def has_posted(self) -> bool:
        """Whether a batch dated on the last day of PERIOD stands."""
        return self._books.has_posted

    @property
    def drafts(self) -> int:
        """Of how many payees not all is posted."""
        if not self.has_posted:
            return len(self)
        return sum(who in self._changed for who in self.payees.select(WHO).iter_rows())

    def posted(self, payee: Who) -> Posted:
        """Whether what a payee is told is posted."""
        if not self.has_posted:
            return "no"
        return "changed" if payee in self._changed else "yes"

    def _told(self, first: int) -> dict[Who, _Told]:
        """What so many payees are told, from one on."""
        parts = {name: rows.of(first, TOGETHER) for name, rows in self._frames.items()}
        told: dict[Who, _Told] = defaultdict(_Told)
        for case, rows in self.earned(first, TOGETHER):
            for row in rows.iter_rows(named=True):
                told[who(row)].earned.append(earning_row(case, row))
        for payee, adjustment in adjustments_in(parts["adjustments"]):
            told[payee].adjustments.append(adjustment)
        for payee, payout in payouts_in(parts["payouts"]):
            told[payee].payouts.append(payout)
        for payee, year in year_in(parts["year"]):
            told[payee].year.append(year)
        for row in parts["told"].iter_rows(named=True):
            told[who(row)].adds_up.append(number_of(row["batch_id"], *who(row)))
        programs = {program.id: program for program in self.run.loaded.programs}
        for payee, level in levels_in(parts["levels"], programs, self.run.channel.currency):
            told[payee].levels.append(level)
        for payee, dispute in disputes_in(parts["disputes"]):
            told[payee].disputes.append(dispute)
        if self._funds is not None:
            for payee, standing in funds_in(self._funds, programs, parts):
                told[payee].funds.append(standing)
        if "deals" in parts:
            for payee, deal in deals_in(parts["deals"]):
                told[payee].deals.append(deal)
        return told

    def _statement(self, payee: Payee, told: _Told) -> Statement:
        run = self.run
        whose = (payee.kind, payee.payee_id)
        rules, batch, year = run.loaded.workspace.statement, self.batch, self._books.year
        days = rules.dispute_within_days
        return Statement(
            workspace=run.loaded.workspace.name,
            currency=run.loaded.workspace.currency,
            period=run.period.label,
            first=run.period.first,
            last=run.period.last,
            posted=self.posted(whose),
            payee=payee,
            earned=tuple(told.earned),
            adjustments=tuple(told.adjustments),
            payouts=tuple(told.payouts),
            year=tuple(told.year),
            year_first=None if year is None else year.first,
            funds=tuple(told.funds),
            deals=tuple(told.deals),
            levels=tuple(told.levels),
            disputes=tuple(told.disputes),
            contact=rules.contact,
            dispute_until=None if days is None else run.period.last + timedelta(days=days),
            number="" if batch is None else number_of(batch.id, *whose),
            reverses=number_of(batch.reverses, *whose) if batch and batch.reverses else "",
            adds_up=tuple(told.adds_up),
        )

"""One settlement as a whole: earnings with what is booked, entries, payouts, and what must hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from incentivectl.core.frames import constants_once
from incentivectl.engine.engine import Settled
from incentivectl.engine.invariants import Check
from incentivectl.engine.outlook import accrued_by_run_rate
from incentivectl.programs.model import Program
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import people
from incentivectl.settlement.accruals import accruals_of, unbooked
from incentivectl.settlement.adjustments import opening_amounts
from incentivectl.settlement.bookings import Window, closed_differences, with_bookings
from incentivectl.settlement.checks import check_bookings, check_budgets, check_past
from incentivectl.settlement.debtors import with_debtor
from incentivectl.settlement.entries import entries_of
from incentivectl.settlement.methods import method_for
from incentivectl.settlement.past import BOOKED, Past
from incentivectl.settlement.payouts import BALANCE, Minimum, check_payouts, payouts
from incentivectl.workspace.payout import Debtor


@dataclass(frozen=True)
class Terms:
    """What the config says of settlements.

    With `accrues_forecast` accruals are based on the forecast (docs/ledger.md, 100.7).
    """

    minimum: Minimum
    window: Window
    debtors: tuple[Debtor, ...] = ()
    accrues_forecast: bool = False


@dataclass(frozen=True)
class Settlement:
    """What a batch would book and pay.

    `earnings`: all earnings with `booked_before`, `kept`, `this_batch`, `limited`, `computed`; see
    `bookings.with_bookings`. `entries` (columns `entries.ENTRIES`) and `payouts` (columns
    `payouts.PAYOUTS_AND_POINTS`). `closed` (columns `bookings.CLOSED`): what closed measurement periods
    would have booked. `accruals` (columns `accruals.ACCRUALS`): what stays unbooked.
    """

    earnings: pl.DataFrame
    entries: pl.DataFrame
    payouts: pl.DataFrame
    closed: pl.DataFrame
    accruals: pl.DataFrame
    checks: tuple[Check, ...]


def settle_up(
    settled: Sequence[Settled],
    channel: LineSource,
    programs: Sequence[Program],
    past: Past,
    terms: Terms,
) -> Settlement:
    """What a batch of PERIOD would book and pay, after what earlier batches booked."""
    past, earnings, entries = _booked(settled, channel, programs, past, terms.window)
    entries = constants_once(with_debtor(entries.drop("debtor"), channel, terms.debtors))
    accrued = accrued_by_run_rate(settled) if terms.accrues_forecast else None
    coming = unbooked(earnings, settled, accrued).collect(engine="in-memory")
    moving = entries.filter(pl.col("kind") != "opening")  # each opening entry is paid already
    paid = payouts(moving, _idle(earnings, channel, programs), channel, past, terms.minimum)
    return Settlement(
        earnings,
        entries,
        constants_once(paid),
        closed_differences(earnings),
        accruals_of(with_debtor(coming, channel, terms.debtors).lazy()),
        (
            check_past(past),
            check_bookings(earnings),
            check_budgets(earnings, programs),
            check_payouts(paid),
        ),
    )


def entries_alone(
    settled: Sequence[Settled],
    channel: LineSource,
    programs: Sequence[Program],
    past: Past,
    window: Window,
) -> pl.DataFrame:
    """What a batch of PERIOD would book (columns `entries.ENTRIES`), without what it would pay."""
    return _booked(settled, channel, programs, past, window)[-1]


def _booked(
    settled: Sequence[Settled],
    channel: LineSource,
    programs: Sequence[Program],
    past: Past,
    window: Window,
) -> tuple[Past, pl.DataFrame, pl.DataFrame]:
    """The past with the opening amounts that this batch books, the earnings, and the entries."""
    opening = opening_amounts(channel)
    if past.has_begun:
        opening = opening.clear()
    past = _with_opening(past, opening)
    earnings = constants_once(with_bookings(settled, channel, programs, past, window))
    return past, earnings, constants_once(entries_of(earnings, opening, channel, programs, past))


def _with_opening(past: Past, opening: pl.DataFrame) -> Past:
    """What was booked before the ledger began counts as booked."""
    before = opening.with_columns(booked_before="amount", period_end=pl.lit(None)).select(
        pl.col(name).cast(dtype) for name, dtype in BOOKED.items()
    )
    return replace(past, booked=pl.concat([past.booked, before]))


def _idle(earnings: pl.DataFrame, channel: LineSource, programs: Sequence[Program]) -> pl.DataFrame:
    """The balances of payees whose due earnings do not change: shown with 0."""
    due = earnings.select("program_id", *BALANCE[:3], "status", "inactive").filter(
        (pl.col("status") == "due") | pl.col("inactive")
    )
    named = due.join(
        people(channel, due, "payout_method").select("payee_kind", "payee_id", "payout_method"),
        on=["payee_kind", "payee_id"],
        how="left",
    )
    return named.with_columns(method=method_for(programs)).select(BALANCE).unique()

"""A batch as a run, for its statements: what it booked and paid, from the ledger and its archive.

Nothing from today's exports or rules enters it, so that it never changes (docs/questions.md, rule 102).
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import Schema
from incentivectl.ledger import books, records
from incentivectl.ledger.connection import no_ledger, reading
from incentivectl.ledger.period_books import year_books
from incentivectl.ledger.records import Batch, BookedPayment
from incentivectl.posting.post import payments_of
from incentivectl.posting.recompute import computed_again
from incentivectl.run.loading import Progress, load_config
from incentivectl.run.run import Run
from incentivectl.run.statement_books import PeriodBooks, ToldBatch
from incentivectl.sales.people import people
from incentivectl.settlement import Past
from incentivectl.settlement.past import BALANCES, POINTS
from incentivectl.settlement.payouts import BALANCE, PAYOUTS_AND_POINTS

_EARNING = ["program_id", "period_start", "payee_kind", "payee_id", "currency"]
_ENTRY = ["kind", *_EARNING, "method", "amount", "points", "adjustment_id"]
_PAYMENT = [*BALANCE, "amount"]


@dataclass(frozen=True)
class _Booked:
    """What the ledger has of a batch; `made` is itself, or the batch that it reverses.

    `past` is what stood before `made`, `brought` the balances (columns `BALANCES`) before the batch,
    `cancelled` the payments that a reversal called off.
    """

    batch: Batch
    made: Batch
    past: Past
    entries: pl.DataFrame
    made_entries: pl.DataFrame
    made_payments: Sequence[BookedPayment]
    brought: pl.DataFrame
    cancelled: Sequence[BookedPayment]


def booked_run(root: Path, batch_id: str, progress: Progress) -> tuple[Run, PeriodBooks]:
    """The run that a batch was, and its books.

    A batch that reverses another one is a run that books the opposite. Refuses where the archive is missing
    or was changed, and where this version computes anything else than was booked.
    """
    workspace = load_config(root)
    with reading(workspace.ledger) as connection:
        if connection is None:
            raise no_ledger(workspace.ledger)
        booked = _booked(connection, batch_id)
    batch = booked.batch
    progress(f"reading the archive of {booked.made.id}")
    run = computed_again(workspace, booked.made, booked.past, progress)
    _refuse_otherwise(run, booked)
    if batch.reverses is not None:
        run = _reversal(run, booked)
    year = run.loaded.workspace.calendar.year_of(batch.dated)
    with reading(workspace.ledger) as connection:
        assert connection is not None
        to_date = year_books(connection, year.first, batch.dated, batch.record)
    told = ToldBatch(batch.id, batch.reverses or "")
    return run, PeriodBooks(has_posted=True, year=to_date, batch=told)


def _booked(connection: sqlite3.Connection, batch_id: str) -> _Booked:
    batch = records.batch(connection, batch_id)
    made = batch if batch.reverses is None else records.batch(connection, batch.reverses)
    return _Booked(
        batch=batch,
        made=made,
        past=books.past(connection, made.dated, made.record),
        entries=books.entries(connection, batch_id=batch.id),
        made_entries=books.entries(connection, batch_id=made.id),
        made_payments=records.payments(connection, batch_id=made.id),
        brought=books.balances(connection, batch.dated, batch.record),
        cancelled=[
            one
            for one in records.payments_of_record(connection, batch.record)
            if one.state == "cancelled"
        ],
    )


def _refuse_otherwise(run: Run, booked: _Booked) -> None:
    """Refuses where what is computed now is not what the ledger holds."""
    paid = payments_of(run).filter(pl.col("kind") == "transfer").select(_PAYMENT)
    went_out = _amounts(one for one in booked.made_payments if one.kind == "transfer")
    alike = run.settlement.entries.select(_ENTRY).equals(booked.made_entries.select(_ENTRY))
    if alike and paid.sort(BALANCE).equals(went_out.select(_PAYMENT).sort(BALANCE)):
        return
    name = booked.made.id
    message = f"batch {name}: this version computes something else than was booked"
    hint = f"`run --batch {name}` names what differs; tell it with the version that posted it"
    raise Refused([Problem("computed-otherwise", message, hint)], ExitCode.BROKEN)


def _reversal(run: Run, booked: _Booked) -> Run:
    """The run of a batch, as one that reverses what it booked."""
    entries = booked.entries
    sums = entries.filter(pl.col("adjustment_id").is_null()).group_by(_EARNING)
    stood = pl.col("booked_before") + pl.col("this_batch")
    earnings = (
        run.earnings.join(
            sums.agg(pl.col("amount").sum()), on=_EARNING, how="inner", maintain_order="left"
        )
        .with_columns(
            status=pl.lit("due"),
            booked_before=stood,
            this_batch="amount",
            entitlement=stood + pl.col("amount"),
        )
        .drop("amount")
    )
    settlement = replace(
        run.settlement,
        earnings=earnings,
        entries=entries.select(run.settlement.entries.columns),
        payouts=_payouts_after(run, booked),
    )
    return replace(run, settlement=settlement, past=replace(run.past, balances=booked.brought))


def _payouts_after(run: Run, booked: _Booked) -> pl.DataFrame:
    """The balances that a reversal changes (columns `PAYOUTS_AND_POINTS`): cancelled is paid less."""
    nothing, no_points = money.literal(0), money.literal(0, money.SHARED_SCALE)
    entered = booked.entries.group_by(BALANCE).agg(this_batch=pl.col("amount").sum())
    cancelled = (
        _amounts(booked.cancelled)
        .group_by(BALANCE)
        .agg(payable=-pl.col("amount").sum(), points=-pl.col("points").sum())
    )
    every = pl.concat([entered.select(BALANCE), cancelled.select(BALANCE)]).unique()
    names = people(run.channel, every).select("payee_kind", "payee_id", "payee_name")
    return (
        every.join(entered, on=BALANCE, how="left")
        .join(cancelled, on=BALANCE, how="left")
        .join(booked.brought.select(*BALANCES), on=BALANCE, how="left")
        .join(names, on=["payee_kind", "payee_id"], how="left")
        .with_columns(
            pl.col("brought_forward", "this_batch", "payable").fill_null(nothing),
            held=nothing,
            points=pl.when(pl.col("method") == "points").then(
                pl.col("points").fill_null(no_points)
            ),
        )
        .with_columns(
            carried_forward=pl.col("brought_forward") + pl.col("this_batch") - pl.col("payable")
        )
        .select(pl.col(name).cast(dtype) for name, dtype in PAYOUTS_AND_POINTS.items())
        .sort(BALANCE)
    )


def _amounts(payments: Iterable[BookedPayment]) -> pl.DataFrame:
    """Payments as `BALANCE`, `amount` and `points`."""
    rows = [
        (
            one.payee_kind, one.payee_id, one.currency, one.method, one.amount,
            None if one.points is None else Decimal(one.points),
        )
        for one in payments
    ]  # fmt: skip
    schema: Schema = {
        **dict.fromkeys(BALANCE, pl.String),
        "amount": money.AMOUNT,
        "points": POINTS,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")

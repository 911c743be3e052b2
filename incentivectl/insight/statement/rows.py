"""The statements of a run: its frames taken apart by payee."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from incentivectl.engine.engine import Settled
from incentivectl.insight.deals.deals import deals_of
from incentivectl.insight.funds.funds import FundsView, funds_of
from incentivectl.insight.payee import payees_named
from incentivectl.insight.statement.next_step import distance, next_steps
from incentivectl.insight.statement.statement import (
    Adjustment,
    Commitment,
    ExpiringDeal,
    FundClaim,
    FundLot,
    FundStanding,
    Payee,
    Payout,
    Statement,
)
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.programs.words.statements import EarningRow, NextStep
from incentivectl.rules.case import Case, due_day
from incentivectl.run.known import Known
from incentivectl.run.run import Run
from incentivectl.run.statement_books import (
    PeriodBooks,
    Posted,
    adjustments_of,
    changed_since,
    earnings_of,
    payouts_of,
)
from incentivectl.sales.people import people

Who = tuple[str, str]  # payee_kind, payee_id
Row = dict[str, Any]
_ELSEWHERE = "settled-elsewhere"


@dataclass
class _Told:
    """What is gathered for one payee."""

    earned: list[EarningRow] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    funds: list[FundStanding] = field(default_factory=list)
    deals: list[ExpiringDeal] = field(default_factory=list)


def statements(
    run: Run, wanted: Sequence[str] = (), books: PeriodBooks | None = None
) -> Iterator[Statement]:
    """The statement of every payee who has anything to be told, by kind and id, or of those named.

    `books` says what batches of PERIOD booked: by default nothing. Refuses as
    `insight.payee.find_payees` does.
    """
    books = books or PeriodBooks()
    named = payees_named(run, wanted)
    only = pl.any_horizontal(one.who for one in named) if wanted else pl.lit(True)
    known_people = _people(run)
    told: dict[Who, _Told] = defaultdict(_Told)
    _earnings(run, earnings_of(run, books).filter(only), told)
    _adjustments(run, adjustments_of(run, books).filter(only), told)
    _payouts(payouts_of(run, books).filter(only), told)
    changed = changed_since(run, books) if books.has_posted else frozenset()
    known = Known(run.loaded, run.period, run.inputs, run.channel)
    if known.cases(MdfProgram):
        _funds(run, funds_of(known, None), told)
    if known.has("deals"):
        _deals(known, told)
    chosen = {(one.kind, one.id) for one in named} if wanted else set(told)
    for who in sorted(chosen):
        one = told.get(who, _Told())
        yield Statement(
            workspace=run.loaded.workspace.name,
            currency=run.loaded.workspace.currency,
            period=run.period.label,
            first=run.period.first,
            last=run.period.last,
            posted=_posted(who, books, changed),
            payee=known_people.get(who, Payee(*who, who[1], None, True)),
            earned=tuple(one.earned),
            adjustments=tuple(one.adjustments),
            payouts=tuple(one.payouts),
            funds=tuple(one.funds),
            deals=tuple(one.deals),
        )


def _posted(who: Who, books: PeriodBooks, changed: Collection[Who]) -> Posted:
    if not books.has_posted:
        return "no"
    return "changed" if who in changed else "yes"


def _people(run: Run) -> dict[Who, Payee]:
    """All partners and reps as they are on the last day of PERIOD."""
    ids = pl.concat(
        run.channel.tables[f"{kind}s"].select(payee_kind=pl.lit(kind), payee_id=f"{kind}_id")
        for kind in ("partner", "rep")
    )
    columns = ("payee_kind", "payee_id", "payee_name", "locale", "is_active")
    rows = people(run.channel, ids, "locale").select(columns).iter_rows()
    return {(kind, identity): Payee(kind, identity, *row) for kind, identity, *row in rows}


# Earnings


def _earnings(run: Run, earnings: pl.DataFrame, told: dict[Who, _Told]) -> None:
    """The rows of the run's earnings that are news: of this period, still open, or changed now."""
    elsewhere = pl.col("status") == _ELSEWHERE
    is_news = (
        (pl.col("this_batch") != 0)
        | (pl.col("status") != "due")
        | (pl.col("period_end") >= run.period.first)
    )
    rows = earnings.filter(~elsewhere, is_news)
    for one in run.settled:
        of_program = rows.filter(pl.col("program_id") == one.case.program.id)
        if of_program.height:
            for row in _explained(one, of_program).iter_rows(named=True):
                told[row["payee_kind"], row["payee_id"]].earned.append(_earned(one.case, row))


def _explained(one: Settled, rows: pl.DataFrame) -> pl.DataFrame:
    """Earnings with what was measured, the reward that was taken, the rank, and the next step."""
    keys = ["period", "payee_id"]
    measured = one.measured.payees if one.measured is not None else pl.DataFrame(schema=keys)
    for name in ("block", "revenue", "quantity"):
        if name not in measured.columns:
            measured = measured.with_columns(pl.lit(None).alias(name))
    rank = pl.lit(None, dtype=pl.UInt32)
    if one.case.program.ranks_payees:
        rank = (
            pl.when(pl.col("why_nothing").is_null() | (pl.col("why_nothing") == "no-prize"))
            .then(pl.col("metric_value"))
            .rank("min", descending=True)
            .over("period", "block")
        )
    extra = measured.with_columns(rank=rank).select(*keys, "block", "revenue", "quantity", "rank")
    own = pl.col("payee_id").is_in(rows["payee_id"].unique().implode())
    return rows.join(extra, on=keys, how="left").join(
        next_steps(one, own).rename({"metric": "next_metric"}), on=keys, how="left"
    )


def _earned(case: Case, row: Row) -> EarningRow:
    program = case.program
    period = case.periods[row["period"]]
    block = row["block"]
    names = (
        "period_start", "period_end", "currency", "status", "inactive", "metric", "metric_value",
        "baseline", "tier", "rate", "reward", "boost", "cap_cut", "before_budget", "budget_cut",
        "entitlement", "kept", "booked_before", "this_batch", "why_nothing", "revenue", "quantity",
        "rank",
    )  # fmt: skip
    return EarningRow(
        program=program,
        payable_from=due_day(period, program.payout.hold_days),
        reward_block=program.reward[block] if block is not None and program.reward else None,
        next_step=_next_step(case, row, period.end),
        **{name: row[name] for name in names},
    )


def _next_step(case: Case, row: Row, until: date) -> NextStep | None:
    if row["step"] is None:
        return None
    more = None if row["at_goal"] is None else row["at_goal"] - row["before_budget"]
    metric = row["next_metric"]
    return NextStep(
        step=row["step"],
        metric=metric,
        have=row["have"],
        goal=row["goal"],
        missing=distance(row["have"], row["goal"], metric, case.digits),
        tier=row["next_tier"],
        more=more if more is not None and more > 0 else None,
        until=until,
    )


# Adjustments and payouts


def _adjustments(run: Run, booked: pl.DataFrame, told: dict[Who, _Told]) -> None:
    texts = run.channel.tables["adjustments"].select("adjustment_id", "on", "reason")
    rows = booked.join(texts, on="adjustment_id", how="left").with_columns(
        pl.col("on").fill_null(run.period.last), pl.col("reason").fill_null("")
    )
    for row in rows.sort("on", "adjustment_id").iter_rows(named=True):
        told[row["payee_kind"], row["payee_id"]].adjustments.append(
            Adjustment(
                row["adjustment_id"],
                row["on"],
                row["program_id"],
                row["currency"],
                row["amount"],
                row["reason"],
            )
        )


def _payouts(payouts: pl.DataFrame, told: dict[Who, _Told]) -> None:
    names = ("currency", "method", "brought_forward", "this_batch", "payable", "paid_earlier",
             "carried_forward", "held")  # fmt: skip
    for row in payouts.iter_rows(named=True):
        payout = Payout(**{name: row[name] for name in names})
        told[row["payee_kind"], row["payee_id"]].payouts.append(payout)


# Funds and deals


def _funds(run: Run, view: FundsView, told: dict[Who, _Told]) -> None:
    """Each partner's funds in the measurement period that PERIOD ends in; empty ones are left out."""
    programs = {program.id: program for program in run.loaded.programs}
    keys = ("program_id", "partner_id")
    latest = view.statement.sort("period_start").unique(keys, keep="last", maintain_order=True)
    claims = view.claims.filter(pl.col("claimed_on").is_between(run.period.first, run.period.last))
    expiring, open_requests, claimed = (
        frame.partition_by(keys, as_dict=True)
        for frame in (view.expiries, view.commitments, claims)
    )
    moves = ("opening", "credited", "paid", "expired", "closing", "committed", "available")
    has_any = pl.any_horizontal(pl.col(name) != 0 for name in moves)
    for row in latest.filter(has_any).sort(*keys).iter_rows(named=True):
        key = (row["program_id"], row["partner_id"])
        unit = view.units[row["program_id"]]
        told["partner", row["partner_id"]].funds.append(
            FundStanding(
                program=programs[row["program_id"]],
                unit=unit.name,
                digits=unit.digits,
                expiring=tuple(
                    FundLot(one["usable_through"], one["available"]) for one in _of(expiring, key)
                ),
                commitments=tuple(
                    Commitment(one["request_id"], one["activity"], one["deadline"], one["left"])
                    for one in _of(open_requests, key)
                ),
                claims=tuple(
                    FundClaim(
                        one["claim_id"],
                        one["claimed_on"],
                        one["amount"],
                        one["paid"],
                        one["refused"],
                    )
                    for one in _of(claimed, key)
                ),
                period_start=row["period_start"],
                period_end=row["period_end"],
                **{name: row[name] for name in moves},
            )
        )


def _of(parts: dict[tuple[Any, ...], pl.DataFrame], key: tuple[str, str]) -> Iterator[Row]:
    frame = parts.get(key)
    if frame is not None:
        yield from frame.iter_rows(named=True)


def _deals(known: Known, told: dict[Who, _Told]) -> None:
    """Protections that end in the 30 days after PERIOD, each deal once: where it ends first."""
    customers: dict[str, str | None] = dict(
        known.channel.tables["customers"].select("customer_id", "name").iter_rows()
    )
    expiring = deals_of(known).expiring
    for row in expiring.unique("deal_id", keep="first", maintain_order=True).iter_rows(named=True):
        customer = row["customer_id"]
        told["partner", row["partner_id"]].deals.append(
            ExpiringDeal(
                row["deal_id"],
                row["program_id"],
                customers.get(customer) or customer,
                row["protected_until"],
                row["registered"],
                row["sold"],
            )
        )

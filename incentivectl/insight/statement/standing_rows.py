"""How payees stand, in statements: funds, protected deals, levels, disputes."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import polars as pl

from incentivectl.insight.deals.deals import deals_of
from incentivectl.insight.funds.funds import FundsView, funds_of
from incentivectl.insight.levels import standings
from incentivectl.insight.statement.by_payee import Row, Who, who
from incentivectl.insight.statement.statement import (
    Commitment,
    Dispute,
    ExpiringDeal,
    FundClaim,
    FundLot,
    FundStanding,
    LevelStanding,
)
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.programs.model import Program
from incentivectl.run.known import Known
from incentivectl.run.run import Run

T = TypeVar("T")
_MOVES = ("opening", "credited", "paid", "expired", "closing", "committed", "available")


def fund_frames(run: Run) -> tuple[FundsView | None, dict[str, pl.DataFrame]]:
    """All funds, and frames of what is told of them: `standings`, `expiring`, `commitments`, `claims`.

    A standing is a fund in the measurement period that PERIOD ends in; empty ones are left out.
    """
    if not run.cases(MdfProgram):
        return None, {}
    view = funds_of(run, None)
    keys = ("program_id", "partner_id")
    latest = view.statement.sort("period_start").unique(keys, keep="last", maintain_order=True)
    has_any = pl.any_horizontal(pl.col(name) != 0 for name in _MOVES)
    made = pl.col("claimed_on").is_between(run.period.first, run.period.last)
    frames = {
        "standings": latest.filter(has_any).sort(*keys),
        "expiring": view.expiries,
        "commitments": view.commitments,
        "claims": view.claims.filter(made),
    }
    return view, {name: _of_partners(frame) for name, frame in frames.items()}


def funds_in(
    view: FundsView, programs: Mapping[str, Program], frames: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[Who, FundStanding]]:
    """The funds of some rows of `fund_frames`, each with its payee."""
    lots = _by_fund(
        frames["expiring"], lambda row: FundLot(row["usable_through"], row["available"])
    )
    commitments = _by_fund(
        frames["commitments"],
        lambda row: Commitment(row["request_id"], row["activity"], row["deadline"], row["left"]),
    )
    claims = _by_fund(
        frames["claims"],
        lambda row: FundClaim(
            row["claim_id"], row["claimed_on"], row["amount"], row["paid"], row["refused"]
        ),
    )
    for row in frames["standings"].iter_rows(named=True):
        fund = (row["program_id"], row["payee_id"])
        unit = view.units[row["program_id"]]
        yield (
            who(row),
            FundStanding(
                program=programs[row["program_id"]],
                unit=unit.name,
                digits=unit.digits,
                expiring=tuple(lots.get(fund, ())),
                commitments=tuple(commitments.get(fund, ())),
                claims=tuple(claims.get(fund, ())),
                period_start=row["period_start"],
                period_end=row["period_end"],
                **{name: row[name] for name in _MOVES},
            ),
        )


def _by_fund(rows: pl.DataFrame, told: Callable[[Row], T]) -> dict[tuple[str, str], list[T]]:
    """What is told of each row, by program and partner."""
    found: dict[tuple[str, str], list[T]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault((row["program_id"], row["payee_id"]), []).append(told(row))
    return found


def expiring_deals(known: Known) -> pl.DataFrame | None:
    """Protections that end in the 30 days after PERIOD, each deal once: where it ends first."""
    if not known.has("deals"):
        return None
    names = known.channel.tables["customers"].select("customer_id", "name")
    expiring = deals_of(known).expiring.unique("deal_id", keep="first", maintain_order=True)
    return _of_partners(
        expiring.join(names, on="customer_id", how="left", maintain_order="left").with_columns(
            customer=pl.coalesce(pl.col("name").replace("", None), "customer_id")
        )
    )


def deals_in(rows: pl.DataFrame) -> Iterator[tuple[Who, ExpiringDeal]]:
    """The deals of some rows of `expiring_deals`, each with its payee."""
    names = ("deal_id", "program_id", "customer", "protected_until", "registered", "sold")
    for row in rows.iter_rows(named=True):
        yield who(row), ExpiringDeal(**{name: row[name] for name in names})


def _of_partners(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of partners as those of payees."""
    return frame.rename({"partner_id": "payee_id"}).with_columns(payee_kind=pl.lit("partner"))


def level_standings(run: Run) -> pl.DataFrame:
    """The levels of partners after PERIOD: the columns of `insight.levels.STANDINGS`, and `payee_kind`."""
    return standings(run).with_columns(payee_kind=pl.lit("partner"))


def levels_in(
    rows: pl.DataFrame, programs: Mapping[str, Program], currency: str
) -> Iterator[tuple[Who, LevelStanding]]:
    """The levels of some rows, each with its payee; `currency` is the workspace's."""
    names = ("level", "until", "metric", "reviewed_on", "next_level", "missing")
    for row in rows.iter_rows(named=True):
        program = programs[row["program_id"]]
        told = {name: row[name] for name in names}
        yield who(row), LevelStanding(program, program.currency or currency, **told)


def disputes_in(rows: pl.DataFrame) -> Iterator[tuple[Who, Dispute]]:
    """The disputes of some rows of `insight.disputes.DISPUTES`, each with its payee."""
    for row in rows.iter_rows(named=True):
        told = {name: value for name, value in row.items() if name in Dispute.__annotations__}
        yield who(row), Dispute(**told)

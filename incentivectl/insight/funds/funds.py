"""How the funds of partners stand on the last day of PERIOD (docs/rules.md, "Funds")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.insight.funds.brought import brought, totals, waiting
from incentivectl.insight.payee import partner_named
from incentivectl.kinds.mdf.fund_frames import CLAIMS, COMMITMENTS, EXPIRIES, STATEMENT
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.kinds.mdf.rules import funds
from incentivectl.kinds.mdf.sources import claims_without_request, fund_program
from incentivectl.rules.case import Case
from incentivectl.run.known import Known

EXPIRING_DAYS = 90


@dataclass(frozen=True)
class Unit:
    """What a fund is kept in: a currency or hours, and the decimals that are always shown."""

    name: str
    digits: int


@dataclass(frozen=True)
class FundsView:
    """All funds, or those of one partner.

    `statement`, `commitments`, `claims` and `expiries` have the columns of `kinds.mdf.fund_frames`:
    commitments with something left of them, expiries of the next 90 days. Claims on requests that
    nobody made have neither program nor partner. `totals`, `waiting` and `brought` have those of
    `insight.funds.brought`.
    """

    as_of: date
    partner_id: str | None
    units: Mapping[str, Unit]
    statement: pl.DataFrame
    commitments: pl.DataFrame
    claims: pl.DataFrame
    expiries: pl.DataFrame
    totals: pl.DataFrame
    waiting: pl.DataFrame
    brought: pl.DataFrame


def keeps_funds(known: Known) -> bool:
    """Whether any program that has begun keeps funds."""
    return bool(known.cases(MdfProgram))


def funds_of(known: Known, partner: str | None) -> FundsView:
    """The funds of a workspace; refuses where no program keeps any. `partner` is an id or a name."""
    cases = known.cases(MdfProgram)
    if not cases:
        raise Refused([_nothing_kept(known)], ExitCode.CONFIG)
    partner_id = None if partner is None else partner_named(known.channel, partner).id
    found = [funds(case) for case in cases]
    last = known.channel.as_of + timedelta(days=EXPIRING_DAYS)

    def stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
        every = pl.concat(frames)
        return every if partner_id is None else every.filter(pl.col("partner_id") == partner_id)

    claims = stacked([one.claims for one in found])
    if partner_id is None:
        nobodys = claims_without_request(known.channel)
        claims = pl.concat([claims, _as_claims(nobodys)])
    statement = stacked([one.statement for one in found]).select(*STATEMENT)
    programs = [case.program.id for case in cases]
    return FundsView(
        as_of=known.channel.as_of,
        partner_id=partner_id,
        units={case.program.id: _unit(case) for case in cases},
        statement=statement,
        commitments=stacked([one.commitments for one in found])
        .select(*COMMITMENTS)
        .filter(pl.col("left") > 0)
        .sort("program_id", "partner_id", "request_id"),
        claims=claims.sort("program_id", "partner_id", "claimed_on", "claim_id", nulls_last=True),
        expiries=stacked([one.expiries for one in found])
        .select(*EXPIRIES)
        .filter(pl.col("usable_through") <= last)
        .sort("usable_through", "program_id", "partner_id", "credited_on"),
        totals=totals(statement),
        waiting=waiting(known.channel, programs, partner_id),
        brought=brought(known.channel, programs, partner_id, claims),
    )


def _nothing_kept(known: Known) -> Problem:
    coming = [one for one in known.loaded.programs if isinstance(one, MdfProgram)]
    folder = known.loaded.workspace.programs_dir
    if coming:
        first = min(coming, key=lambda program: program.starts)
        message = f"no fund has begun by {known.period.last}"
        hint = f"{first.id} begins on {first.starts}: name a later PERIOD"
        return Problem("no-funds", message, hint, file=first.file)
    hint = 'a program of kind = "mdf" keeps a fund for each partner'
    return Problem("no-funds", "no program of kind `mdf`", hint, file=folder)


def _unit(case: Case) -> Unit:
    if fund_program(case).fund.unit == "hours":
        return Unit("hours", 2)
    return Unit(case.currency, case.digits)


def _as_claims(nobodys: pl.DataFrame) -> pl.DataFrame:
    """Claims without a request, with the columns of `CLAIMS`."""
    return nobodys.with_columns(
        pl.lit(None, dtype=CLAIMS[name]).alias(name)
        for name in ("program_id", "partner_id", "period_start")
    ).with_columns(
        pl.col("amount").cast(CLAIMS["amount"]), paid=money.NOTHING
    ).select(*CLAIMS)  # fmt: skip

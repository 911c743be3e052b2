"""Funds as frames for people to look at: statements, commitments, claims, what expires when.

opening + credited - paid - expired = closing, of which committed and available
(docs/rules.md, "Funds").
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.kinds.mdf.fund import Claim, Fund
from incentivectl.rules.case import Case

_AMOUNT = money.EARNED
_KINDS = ("credited", "committed", "paid", "released", "expired")

STATEMENT: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "opening": _AMOUNT,
    "credited": _AMOUNT,
    "paid": _AMOUNT,
    "expired": _AMOUNT,
    "closing": _AMOUNT,
    "committed": _AMOUNT,
    "available": _AMOUNT,
}
COMMITMENTS: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "request_id": pl.String,
    "activity": pl.String,
    "approved_on": pl.Date,
    "ends_on": pl.Date,
    "deadline": pl.Date,
    "committed": _AMOUNT,
    "paid": _AMOUNT,
    "released": _AMOUNT,
    "left": _AMOUNT,
}
CLAIMS: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "claim_id": pl.String,
    "request_id": pl.String,
    "claimed_on": pl.Date,
    "period_start": pl.Date,
    "amount": _AMOUNT,
    "paid": _AMOUNT,
    "refused": pl.String,
}
EXPIRIES: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "credited_on": pl.Date,
    "usable_through": pl.Date,
    "available": _AMOUNT,
}


@dataclass(frozen=True)
class Funds:
    """A program's funds on the last day of PERIOD.

    `statement` (`STATEMENT`) has a row per partner with a fund and measurement period; what happens
    after the program's end stands in the last. `commitments` (`COMMITMENTS`) are those of approved
    requests, with what is left of them. `claims` (`CLAIMS`) have what was paid, or in `refused` why
    nothing was. `expiries` (`EXPIRIES`) is what is free in lots and the last day to commit it.
    """

    statement: pl.DataFrame
    commitments: pl.DataFrame
    claims: pl.DataFrame
    expiries: pl.DataFrame


def fund_frames(case: Case, funds: Mapping[str, Fund], claims: Mapping[str, list[Claim]]) -> Funds:
    """The frames of all `funds` (by partner), and the `claims` made on them (by request)."""
    return Funds(
        statement=_statement(case, funds),
        commitments=_frame(case, _commitment_rows(funds, claims), COMMITMENTS),
        claims=_frame(case, _claim_rows(case, funds, claims), CLAIMS).sort(
            "partner_id", "claimed_on", "claim_id"
        ),
        expiries=_frame(case, _expiry_rows(funds), EXPIRIES).sort("usable_through", "partner_id"),
    )


def measurement_period_of(case: Case, day: date) -> int:
    """The measurement period that a day falls in; after the program's end it is the last."""
    return max(bisect_right([period.start for period in case.periods], day) - 1, 0)


def _statement(case: Case, funds: Mapping[str, Fund]) -> pl.DataFrame:
    """Each period's movements, added up from period to period."""
    moved = pl.DataFrame(
        [
            (partner_id, measurement_period_of(case, one.day), one.kind, one.amount)
            for partner_id, fund in funds.items()
            for one in fund.movements
        ],
        schema={
            "partner_id": pl.String,
            "period": pl.Int32,
            "kind": pl.String,
            "amount": _AMOUNT,
        },
        orient="row",
    )
    periods = pl.DataFrame(
        [(index, period.start, period.end) for index, period in enumerate(case.periods)],
        schema={"period": pl.Int32, "period_start": pl.Date, "period_end": pl.Date},
        orient="row",
    )
    sums = moved.group_by("partner_id", "period").agg(
        pl.col("amount").filter(pl.col("kind") == kind).sum().alias(kind) for kind in _KINDS
    )
    nothing = money.NOTHING
    change = pl.col("credited") - pl.col("paid") - pl.col("expired")
    held = pl.col("committed") - pl.col("released") - pl.col("paid")
    return (
        moved.select("partner_id")
        .unique()
        .join(periods, how="cross")
        .join(sums, on=["partner_id", "period"], how="left")
        .with_columns(pl.col(*_KINDS).fill_null(nothing))
        .sort("partner_id", "period")
        .with_columns(
            program_id=pl.lit(case.program.id),
            closing=change.cum_sum().over("partner_id"),
            committed=held.cum_sum().over("partner_id"),
        )
        .with_columns(
            opening=pl.col("closing") - change,
            available=pl.col("closing") - pl.col("committed"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in STATEMENT.items())
    )


def _commitment_rows(
    funds: Mapping[str, Fund], claims: Mapping[str, list[Claim]]
) -> Iterator[tuple[object, ...]]:
    for partner_id, fund in funds.items():
        moved = _by_item(fund)
        for request_id, commitment in fund.commitments.items():
            request = commitment.request
            paid = (moved.get(("paid", one.claim_id)) for one in claims.get(request_id, ()))
            yield (
                partner_id,
                request_id,
                request.activity,
                request.approved_on,
                request.ends_on,
                commitment.deadline,
                moved[("committed", request_id)],
                sum((amount for amount in paid if amount is not None), Decimal(0)),
                moved.get(("released", request_id), Decimal(0)),
                commitment.left,
            )


def _claim_rows(
    case: Case, funds: Mapping[str, Fund], claims: Mapping[str, list[Claim]]
) -> Iterator[tuple[object, ...]]:
    for partner_id, fund in funds.items():
        moved = _by_item(fund)
        for request_id in fund.requests:
            for claim in claims.get(request_id, ()):
                yield (
                    partner_id,
                    claim.claim_id,
                    request_id,
                    claim.claimed_on,
                    case.periods[measurement_period_of(case, claim.claimed_on)].start,
                    claim.amount,
                    moved.get(("paid", claim.claim_id), Decimal(0)),
                    fund.refused.get(claim.claim_id),
                )


def _expiry_rows(funds: Mapping[str, Fund]) -> Iterator[tuple[object, ...]]:
    for partner_id, fund in funds.items():
        for lot in fund.lots:
            if lot.usable_through is not None and lot.free > 0:
                yield partner_id, lot.credited_on, lot.usable_through, lot.free


def _by_item(fund: Fund) -> dict[tuple[str, str | None], Decimal]:
    """What each request committed and released, and each claim was paid."""
    return {(one.kind, one.item_id): one.amount for one in fund.movements if one.item_id}


def _frame(case: Case, rows: Iterator[tuple[object, ...]], schema: Schema) -> pl.DataFrame:
    listed = [(case.program.id, *row) for row in rows]
    return pl.DataFrame(listed, schema=schema, orient="row")

"""What funds amount to, what waits, and what an activity brought (docs/questions.md, "Funds at a glance")."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema, total
from incentivectl.sales.channel import Channel
from incentivectl.sales.in_force import reps_in_force
from incentivectl.sales.signs import is_void

EFFECT_DAYS = 90  # after an activity, in which its partner's sales and leads are looked at
_AMOUNT = pl.Decimal(money.PRECISION, 18)
_MOVES = ("credited", "paid", "expired", "committed", "available")
TOTALS: Schema = {
    "program_id": pl.String,
    "partners": pl.UInt32,
    **dict.fromkeys(_MOVES, _AMOUNT),
    "utilisation": money.SHARED,
}
WAITING: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "request_id": pl.String,
    "activity": pl.String,
    "requested_on": pl.Date,
    "days": pl.Int64,
    "ends_on": pl.Date,
    "amount": money.AMOUNT,
}
BROUGHT: Schema = {
    "program_id": pl.String,
    "partner_id": pl.String,
    "request_id": pl.String,
    "activity": pl.String,
    "ends_on": pl.Date,
    "days": pl.Int64,
    "paid": _AMOUNT,
    "leads": pl.Int64,
    "sales_before": money.AMOUNT,
    "sales_after": money.AMOUNT,
}


def totals(statement: pl.DataFrame) -> pl.DataFrame:
    """`TOTALS` of each program: all that was ever credited, paid and expired, and what is left.

    The utilisation is paid ÷ credited; null where nothing was credited.
    """
    latest = pl.col("period_start") == pl.col("period_start").max().over("program_id", "partner_id")
    sums = (
        statement.with_columns(latest=latest)
        .group_by("program_id")
        .agg(
            pl.col("partner_id").n_unique().cast(pl.UInt32).alias("partners"),
            pl.col("credited", "paid", "expired").sum(),
            pl.col("committed", "available").filter("latest").sum(),
        )
        .sort("program_id")
    )
    used = [money.quotient(row["paid"], row["credited"]) for row in sums.iter_rows(named=True)]
    return sums.with_columns(utilisation=pl.Series(used, dtype=money.SHARED)).select(*TOTALS)


def waiting(channel: Channel, programs: Collection[str], partner: str | None) -> pl.DataFrame:
    """`WAITING`: requests that nobody had decided by the last day of PERIOD, the longest first."""
    as_of = channel.as_of
    decided_later = (pl.col("status") == "approved") & (pl.col("approved_on") > as_of)
    return (
        _requests(channel, programs, partner)
        .filter(
            pl.col("requested_on") <= as_of,
            (pl.col("status") == "requested") | decided_later.fill_null(value=False),
        )
        .with_columns(days=(pl.lit(as_of) - pl.col("requested_on")).dt.total_days())
        .select(*WAITING)
        .sort("days", "request_id", descending=[True, False])
    )


def brought(
    channel: Channel, programs: Collection[str], partner: str | None, claims: pl.DataFrame
) -> pl.DataFrame:
    """`BROUGHT`: what happened at a partner after each approved activity that is over, the newest first.

    `days`: how many of the 90 days after its last have passed; `sales_after` are the partner's sales in
    them, `sales_before` those in as many days before its first (null before the exports begin); `leads`
    the passed activities `lead` from its first day on. `claims` tell what was paid for it.
    """
    as_of = channel.as_of
    is_over = (pl.col("ends_on") < as_of) & (pl.col("status") == "approved")
    known = (pl.col("approved_on") <= as_of).fill_null(value=False)
    requests = _requests(channel, programs, partner).filter(is_over, known)
    paid = dict(claims.group_by("request_id").agg(pl.col("paid").sum()).iter_rows())
    sales = _sales(channel, requests["partner_id"].unique().to_list())
    leads = channel.tables["activities"].filter(
        pl.col("activity") == "lead", pl.col("passed"), pl.col("done_on") <= as_of
    )
    own = reps_in_force(
        leads.lazy(), channel.rep_rows, {"partner_id"}, rep="rep_id", day="done_on"
    ).collect()
    leads = own.with_columns(partner_id=pl.coalesce("partner_id", "rep.partner_id"))
    begin = channel.lines.select(pl.col("counted_on").min()).collect().item()
    rows = [_row(row, as_of, begin, sales, leads, paid) for row in requests.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=BROUGHT, orient="row").sort(
        "ends_on", "request_id", descending=[True, False]
    )


def _requests(channel: Channel, programs: Collection[str], partner: str | None) -> pl.DataFrame:
    rows = channel.tables["mdf_requests"].filter(pl.col("program_id").is_in(list(programs)))
    return rows if partner is None else rows.filter(pl.col("partner_id") == partner)


def _sales(channel: Channel, partners: list[str]) -> pl.DataFrame:
    """`partner_id`, `counted_on`, `amount_ws` of these partners by day."""
    return (
        channel.lines.filter(pl.col("partner_id").is_in(partners), ~is_void())
        .group_by("partner_id", "counted_on")
        .agg(pl.col("amount_ws").sum())
        .collect(engine="streaming")
    )


def _row(
    request: dict[str, Any],
    as_of: date,
    begin: date | None,
    sales: pl.DataFrame,
    leads: pl.DataFrame,
    paid: dict[str, Decimal],
) -> tuple[object, ...]:
    last = request["ends_on"]
    first = request["starts_on"] or last
    until = min(last + timedelta(days=EFFECT_DAYS), as_of)
    days = (until - last).days
    of_partner = pl.col("partner_id") == request["partner_id"]
    before = first - timedelta(days=days)

    def sold(start: date, end: date) -> Decimal:
        window = pl.col("counted_on").is_between(start, end)
        return total(sales.filter(of_partner, window), "amount_ws")

    known_before = begin is not None and begin.replace(day=1) <= before
    return (
        request["program_id"],
        request["partner_id"],
        request["request_id"],
        request["activity"],
        last,
        days,
        paid.get(request["request_id"], Decimal(0)),
        leads.filter(of_partner, pl.col("done_on").is_between(first, until)).height,
        sold(before, first - timedelta(days=1)) if known_before else None,
        sold(last + timedelta(days=1), until),
    )

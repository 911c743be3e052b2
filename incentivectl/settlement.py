"""From entitlements to payouts: what is booked, paid, carried forward or held.

A batch books, per program, measurement period and payee, the entitlement less what the ledger
already booked; booked amounts come in as a frame, so that nothing here knows the ledger
(docs/rules.md, "Settlement").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.frames import Schema
from incentivectl.invariants import PAYOUTS_ADD_UP, Check
from incentivectl.programs.model import Program
from incentivectl.rates import DayRates
from incentivectl.sales import LineSource, partners_in_force

BOOKED: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "booked_before": money.AMOUNT,
}
PAYOUTS: Schema = {
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "currency": pl.String,
    "method": pl.String,
    "brought_forward": money.AMOUNT,
    "this_batch": money.AMOUNT,
    "payable": money.AMOUNT,
    "carried_forward": money.AMOUNT,
    "held": money.AMOUNT,
}
PAYEE = ["payee_kind", "payee_id", "payee_name", "currency", "method"]
ZERO = money.literal(0)


@dataclass(frozen=True)
class Minimum:
    """The least that is paid, per currency; less is carried forward."""

    amount: Decimal | Mapping[str, Decimal]
    workspace_currency: str


def no_bookings() -> pl.DataFrame:
    """Booked amounts (columns `BOOKED`) of a ledger that holds nothing."""
    return pl.DataFrame(schema=BOOKED)


def with_booked(
    earnings: pl.DataFrame, booked: pl.DataFrame, *, first_day: date | None = None
) -> pl.DataFrame:
    """Adds `kept`, `booked_before` and `this_batch` (6 decimals) to earnings.

    What ended before `first_day` becomes `settled-elsewhere` and is never booked. Due rows book
    entitlement - booked. A held row of a payee who is not active books only what it takes back; what
    accrues or is within its hold days books nothing.
    """
    keys = ["program_id", "period_start", "payee_kind", "payee_id"]
    if first_day is not None:
        elsewhere = pl.col("period_end") < first_day
        earnings = earnings.with_columns(
            status=pl.when(elsewhere).then(pl.lit("settled-elsewhere")).otherwise("status"),
            inactive=pl.col("inactive") & ~elsewhere,
        )
    joined = earnings.join(booked, on=keys, how="left").with_columns(
        pl.col("booked_before").fill_null(ZERO), kept=ZERO
    )
    change = pl.col("entitlement") - pl.col("booked_before")
    return joined.with_columns(
        this_batch=pl.when(pl.col("status") == "due")
        .then(change)
        .when(pl.col("inactive"))
        .then(pl.min_horizontal(change, ZERO))
        .otherwise(ZERO)
    )


def adjustments_due(channel: LineSource, programs: Sequence[Program]) -> pl.DataFrame:
    """`payee_id`, `payee_kind`, `program_id`, `currency`, `this_batch`: adjustments up to PERIOD's end.

    Each is rounded half up in its program's currency (without one, the workspace's) and goes to the
    partner of that id, else the rep (docs/rules.md, "Adjustments").
    """
    currencies = {program.id: program.currency or channel.currency for program in programs}
    partners = channel.tables["partners"]["partner_id"].unique()
    rows = channel.tables["adjustments"].filter(pl.col("on") <= channel.as_of)
    currency = pl.col("program_id").replace_strict(
        currencies, default=channel.currency, return_dtype=pl.String
    )
    digits = {code: money.minor_digits(code) for code in {channel.currency, *currencies.values()}}
    rounded = pl.coalesce(
        pl.when(pl.col("currency") == code).then(money.round_half_up(pl.col("amount"), places))
        for code, places in digits.items()
    )
    return (
        rows.with_columns(
            currency=currency,
            payee_kind=pl.when(pl.col("payee_id").is_in(partners.implode()))
            .then(pl.lit("partner"))
            .otherwise(pl.lit("rep")),
        )
        .with_columns(this_batch=rounded.cast(money.AMOUNT))
        .select("adjustment_id", "payee_id", "payee_kind", "program_id", "currency", "this_batch")
    )


def payouts(
    earnings: pl.DataFrame,
    channel: LineSource,
    programs: Sequence[Program],
    minimum: Minimum,
) -> pl.DataFrame:
    """What each payee is paid in this batch, columns as `PAYOUTS`, sorted by payee and currency.

    A balance of at least `minimum` is payable, less or a negative one is carried forward; that of a
    payee who is not active is held.
    """
    booked = earnings.filter(
        (pl.col("this_batch") != 0) | (pl.col("status") == "due") | pl.col("inactive")
    ).select("payee_kind", "payee_id", "program_id", "currency", "this_batch")
    adjusted = adjustments_due(channel, programs).select(booked.columns)
    people = _people(channel, pl.concat([booked, adjusted]))
    entries = pl.concat([booked, adjusted]).join(people, on=["payee_kind", "payee_id"], how="left")
    balances = (
        entries.with_columns(method=_method(programs))
        .group_by(*PAYEE, "is_active")
        .agg(pl.col("this_batch").sum())
        .with_columns(brought_forward=ZERO)
        .with_columns(balance=pl.col("brought_forward") + pl.col("this_batch"))
    )
    enough = (pl.col("balance") > 0) & (pl.col("compared") >= pl.col("least"))
    return (
        _with_least(balances, minimum, channel.rates, channel.as_of)
        .with_columns(
            payable=pl.when(enough & pl.col("is_active")).then("balance").otherwise(ZERO),
            held=pl.when(~pl.col("is_active") & (pl.col("balance") > 0))
            .then("balance")
            .otherwise(ZERO),
        )
        .with_columns(carried_forward=pl.col("balance") - pl.col("payable") - pl.col("held"))
        .select(pl.col(name).cast(dtype) for name, dtype in PAYOUTS.items())
        .sort(PAYEE)
    )


def check_payouts(payouts: pl.DataFrame) -> Check:
    """brought_forward + this_batch = payable + carried_forward + held, for each payee."""
    before = pl.col("brought_forward") + pl.col("this_batch")
    after = pl.col("payable") + pl.col("carried_forward") + pl.col("held")
    wrong = payouts.filter(before != after)
    return Check(PAYOUTS_ADD_UP, wrong.is_empty(), ", ".join(wrong["payee_id"].head(3)))


def _people(channel: LineSource, entries: pl.DataFrame) -> pl.DataFrame:
    """`payee_kind`, `payee_id`, `payee_name`, `is_active`, `preferred` (a payout method or null)."""
    ids = entries.select("payee_kind", "payee_id").unique().with_columns(day=pl.lit(channel.as_of))
    columns = ("name", "status", "payout_method")
    partners = partners_in_force(
        ids.lazy().filter(pl.col("payee_kind") == "partner"),
        channel.partner_rows,
        columns,
        partner="payee_id",
        day="day",
    ).rename({f"partner.{name}": name for name in columns})
    reps = (
        ids.lazy()
        .filter(pl.col("payee_kind") == "rep")
        .join(
            channel.tables["reps"].lazy().select("rep_id", *columns),
            left_on="payee_id",
            right_on="rep_id",
            how="left",
        )
    )
    return (
        pl.concat([partners, reps])
        .select(
            "payee_kind",
            "payee_id",
            payee_name=pl.coalesce("name", "payee_id"),
            is_active=pl.col("status").fill_null("active") == "active",
            preferred="payout_method",
        )
        .collect()
    )


def _method(programs: Sequence[Program]) -> pl.Expr:
    """The payee's own choice if the program offers it, else the program's first method."""
    chosen = [
        pl.when(pl.col("program_id") == program.id).then(
            pl.when(pl.col("preferred").is_in(list(program.payout.methods)))
            .then(pl.col("preferred"))
            .otherwise(pl.lit(program.payout.methods[0]))
        )
        for program in programs
    ]
    return pl.coalesce(*chosen, "preferred", pl.lit("cash"))


def _with_least(
    balances: pl.DataFrame, minimum: Minimum, rates: DayRates, as_of: date
) -> pl.DataFrame:
    """Adds `compared` (the balance in the minimum's currency) and `least`."""
    if isinstance(minimum.amount, Mapping):
        table = dict(minimum.amount)
        return balances.with_columns(
            compared="balance",
            least=pl.col("currency").replace_strict(
                table, default=Decimal(0), return_dtype=money.AMOUNT
            ),
        )
    with_rate = rates.join(
        balances.lazy(), currency=pl.col("currency"), day=pl.lit(as_of), name="rate"
    ).collect()
    at_home = pl.col("currency") == minimum.workspace_currency
    return with_rate.with_columns(
        compared=pl.when(at_home)
        .then(pl.col("balance"))
        .otherwise(money.to_workspace(pl.col("balance"), pl.col("rate")).fill_null(ZERO)),
        least=money.literal(minimum.amount),
    )

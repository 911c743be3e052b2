"""Balances, and what is paid of them (docs/rules.md, "Payouts")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.rates import DayRates
from incentivectl.engine.invariants import PAYOUTS_ADD_UP, Check
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import people
from incentivectl.settlement.past import BALANCES, POINTS, Past

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
# `points` is what `payable` is worth, exact; null where it is not paid in points.
PAYOUTS_AND_POINTS: Schema = {**PAYOUTS, "points": POINTS}
BALANCE = ["payee_kind", "payee_id", "currency", "method"]
ZERO = money.literal(0)
NO_POINTS = money.literal(0, money.SHARED_SCALE)


@dataclass(frozen=True)
class Minimum:
    """The least that is paid, per currency; less is carried forward."""

    amount: Decimal | Mapping[str, Decimal]
    workspace_currency: str


def payouts(
    entries: pl.DataFrame, idle: pl.DataFrame, channel: LineSource, past: Past, minimum: Minimum
) -> pl.DataFrame:
    """What each payee is paid in this batch (columns `PAYOUTS_AND_POINTS`), sorted by payee.

    `entries` are those that change a balance, `idle` (payee_kind, payee_id, currency, method) the
    balances that are shown though nothing moves them. A balance of at least `minimum` is payable, less
    or a negative one is carried forward; that of a payee who is not active is held.
    """
    moved = (
        entries.select(*BALANCE, "amount", pl.col("points").fill_null(NO_POINTS))
        .group_by(BALANCE)
        .agg(pl.col("amount").sum().alias("this_batch"), pl.col("points").sum())
    )
    before = past.balances.filter(
        (pl.col("brought_forward") != 0) | (pl.col("points_forward") != 0)
    )
    every = pl.concat(
        [moved.select(BALANCE), before.select(BALANCE), idle.select(BALANCE)]
    ).unique()
    balances = (
        every.join(moved, on=BALANCE, how="left")
        .join(before.select(*BALANCES), on=BALANCE, how="left")
        .join(people(channel, every), on=["payee_kind", "payee_id"], how="left")
        .with_columns(
            pl.col("brought_forward", "this_batch").fill_null(ZERO),
            points=pl.col("points").fill_null(NO_POINTS)
            + pl.col("points_forward").fill_null(NO_POINTS),
        )
        .with_columns(balance=pl.col("brought_forward") + pl.col("this_batch"))
    )
    enough = (pl.col("balance") > 0) & (pl.col("compared") >= pl.col("least"))
    is_held = ~pl.col("is_active") & (pl.col("balance") > 0)
    is_paid = enough & pl.col("is_active")
    return (
        _with_least(balances, minimum, channel.rates, channel.as_of)
        .with_columns(
            payable=pl.when(is_paid).then("balance").otherwise(ZERO),
            held=pl.when(is_held).then("balance").otherwise(ZERO),
            points=pl.when(is_paid & (pl.col("method") == "points")).then("points"),
        )
        .with_columns(carried_forward=pl.col("balance") - pl.col("payable") - pl.col("held"))
        .select(pl.col(name).cast(dtype) for name, dtype in PAYOUTS_AND_POINTS.items())
        .sort("payee_kind", "payee_id", "payee_name", "currency", "method")
    )


def check_payouts(payouts: pl.DataFrame) -> Check:
    """brought_forward + this_batch = payable + carried_forward + held, for each payee."""
    before = pl.col("brought_forward") + pl.col("this_batch")
    after = pl.col("payable") + pl.col("carried_forward") + pl.col("held")
    wrong = payouts.filter(before != after)
    return Check(PAYOUTS_ADD_UP, wrong.is_empty(), ", ".join(wrong["payee_id"].head(3)))


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
    home = minimum.workspace_currency
    compared = rates.in_workspace(pl.col("balance"), pl.col("currency"), pl.lit(as_of), home=home)
    return balances.with_columns(
        compared=compared.fill_null(ZERO), least=money.literal(minimum.amount)
    )

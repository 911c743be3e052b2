"""Who earns: the payee of a line, its share, its name, its status, and the reward that it takes."""

from collections.abc import Sequence

import polars as pl

from incentivectl import money
from incentivectl.facts import Facts
from incentivectl.periods import MeasurementPeriod
from incentivectl.programs.conditions import Condition
from incentivectl.rules.case import Case, due_day
from incentivectl.rules.conditions import (
    all_hold,
    holds,
    holds_if_given,
    is_given_and_holds,
)
from incentivectl.sales import LineSource


def payee_kind(payee: str) -> str:
    """`partner` or `rep`, as files show it: a distributor is a partner."""
    return "rep" if payee == "rep" else "partner"


def with_payees(
    case: Case, counted: pl.LazyFrame, shared: Sequence[str] = ("amount", "quantity")
) -> pl.LazyFrame:
    """Counted lines, each once for every payee that it goes to.

    Adds `payee_id` and `share` (6 decimals); the columns `shared` become the payee's share of them
    (12 decimals) (docs/rules.md, "Credits").
    """
    if case.program.payee == "rep":
        return with_reps(case.facts, counted, shared)
    payee = "distributor_id" if case.program.payee == "distributor" else "partner_id"
    return counted.with_columns(
        pl.col(payee).alias("payee_id"),
        *(pl.col(name).cast(money.SHARED) for name in shared),
        share=money.literal(1),
    )


def with_reps(facts: Facts, lines: pl.LazyFrame, shared: Sequence[str]) -> pl.LazyFrame:
    """Lines, each once for every rep that it goes to; `payee_id` is null where it has none.

    Adds `payee_id` and `share`, and the columns `shared` become the rep's share of them.
    """
    if facts.credited.is_empty():
        return lines.with_columns(
            pl.col("rep_id").alias("payee_id"),
            *(pl.col(name).cast(money.SHARED) for name in shared),
            share=money.literal(1),
        )
    credited = facts.credited.lazy().rename({"rep_id": "credited_rep"})
    with_share = lines.join(credited, on="row", how="left").with_columns(
        payee_id=pl.coalesce("credited_rep", "rep_id"),
        share=pl.col("share").fill_null(money.literal(1)),
    )
    return with_share.with_columns(
        money.multiply(pl.col(name), pl.col("share"), scales=(money.SCALE, money.SCALE))
        for name in shared
    )


def with_reward_block(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `block` (Int32): which `[[reward]]` a payee takes, null where none applies; and `boost`."""
    whens = [reward.when for reward in case.program.reward]
    taken = [pl.when(pl.col(f"takes:{i}")).then(pl.lit(i, pl.Int32)) for i in range(len(whens))]
    return (
        with_terms(case, payees, whens)
        .with_columns(block=pl.coalesce(*taken, pl.lit(None, pl.Int32)))
        .drop(f"takes:{i}" for i in range(len(whens)))
    )


def with_terms(
    case: Case, payees: pl.DataFrame, whens: Sequence[Sequence[Condition]] = ()
) -> pl.DataFrame:
    """Adds `boost` (6 decimals), and `takes:<i>` (Boolean) for each of `whens`.

    `when` and `[[boost]]` are judged on the payee's row in force on the measurement period's last
    day, or the last day of PERIOD while it accrues (docs/rules.md, "Dates").
    """
    boosts = case.program.boost
    conditions = [*whens, *(boost.when for boost in boosts)]
    fields = {condition.field for when in conditions for condition in when}
    # In an example a `when` asks only about what is stated, a boost asks that it is stated.
    given = case.channel.given
    for_when, for_boost = (holds_if_given, is_given_and_holds) if given else (holds, holds)
    factor = pl.coalesce(
        *(
            pl.when(all_hold(boost.when, for_boost)).then(money.literal(boost.factor))
            for boost in boosts
        ),
        money.literal(1),
    )
    takes = [all_hold(when, for_when).alias(f"takes:{i}") for i, when in enumerate(whens)]
    if not fields:  # the same for every payee
        return payees.with_columns(*takes, boost=factor)
    ends = [min(period.end, case.channel.as_of) for period in case.periods]
    day = pl.col("period").replace_strict(list(range(len(ends))), ends, return_dtype=pl.Date)
    keys = payees.lazy().select("period", "payee_id").unique().with_columns(judged_on=day)
    viewed = case.channel.payee_view(keys.collect(), case.program.payee, fields)
    terms = viewed.lazy().select("period", "payee_id", *takes, boost=factor)
    return payees.lazy().join(terms, on=["period", "payee_id"], how="left").collect()


def period_status(case: Case, period: MeasurementPeriod) -> str:
    """`due`, `held` (within its hold days) or `accruing` (docs/rules.md, "Settlement")."""
    if period.end > case.channel.as_of:
        return "due" if case.program.settle == "monthly" else "accruing"
    return "due" if due_day(period, case.program.payout.hold_days) <= case.channel.as_of else "held"


def names_and_status(channel: LineSource, payee: str, payees: pl.DataFrame) -> pl.DataFrame:
    """`payee_id`, `payee_name`, `is_active` (Boolean) of each distinct payee, on the last day."""
    ids = payees.lazy().select("payee_id").unique().with_columns(judged_on=pl.lit(channel.as_of))
    room = payee_kind(payee)
    viewed = channel.payee_view(ids.collect(), payee, {f"{room}.name", f"{room}.status"})
    return viewed.select(
        "payee_id",
        pl.coalesce(f"{room}.name", "payee_id").alias("payee_name"),
        (pl.col(f"{room}.status").fill_null("active") == "active").alias("is_active"),
    )

"""Deal registration: what sale lines earn that a registered deal covers.

A rate and an amount per unit on what counts of each covered line, and a bonus once per deal; a deal
that loses a conflict pays a share of them (docs/rules.md, "Deal registration").
"""

from collections.abc import Callable, Sequence

import polars as pl

from incentivectl import money
from incentivectl.programs.deal_registration import DealRegistrationProgram
from incentivectl.programs.reward import Reward
from incentivectl.rules import measures
from incentivectl.rules.case import LINE_ORDER, Case, Measured, as_contributions
from incentivectl.rules.coverage import conflicts, covered, with_covering_deal
from incentivectl.rules.deal_cap import count_up_to_registered
from incentivectl.rules.eligibility import judged
from incentivectl.rules.gate import apply_gate
from incentivectl.rules.measures import KEYS
from incentivectl.rules.payees import with_payees, with_reward_block

_NOTHING = money.literal(0, 18)
_ORDER = (*KEYS, *LINE_ORDER, "row", "source")


def measure(case: Case) -> Measured:
    """What each payee earns on covered lines, before boosts, caps and budget."""
    lines = judged(case, case.periods)
    shares = counted_shares(case, lines)
    standing = measures.totals(case, shares.lazy(), ())
    payees = apply_gate(
        case,
        with_reward_block(case, standing).with_columns(
            earns=money.literal(1, 18),
            why_nothing=pl.when(pl.col("block").is_null()).then(pl.lit("no-reward")),
        ),
        ["earns"],
    )
    contributions = _contributions(case, shares, payees)
    rewards = contributions.group_by(KEYS).agg(pl.col("contribution").sum().alias("reward"))
    return Measured(
        payees=payees.join(rewards, on=KEYS, how="left").with_columns(
            pl.col("reward").fill_null(_NOTHING),
            metric=pl.lit("revenue"),
            metric_value=pl.col("revenue"),
            tier=pl.lit(None, dtype=pl.Int32),
            rate=_of_block(case.program.reward, lambda reward: reward.rate),
        ),
        contributions=as_contributions(contributions.lazy()),
        judged=lines,
    )


def counted_shares(case: Case, lines: pl.LazyFrame) -> pl.DataFrame:
    """The covered lines, each once for every payee, with what counts of them.

    Columns of the sale lines, `period` (Int32), `payee_id`, `share` (6 decimals), `deal` (String: the
    deal that covers it), `amount` and `quantity` (12 decimals: the payee's share of what counts).
    """
    program = case.program
    assert isinstance(program, DealRegistrationProgram)
    deals = covered(program, case.channel, case.facts)
    counted = with_covering_deal(lines.filter(pl.col("reason").is_null()), deals)
    if program.registration.cap is None:
        return with_payees(case, counted).collect(engine="streaming")
    return count_up_to_registered(case, counted.collect(engine="streaming"))


def _contributions(case: Case, shares: pl.DataFrame, payees: pl.DataFrame) -> pl.DataFrame:
    """One row per line and payee, and one per bonus; `contribution` adds up to the rewards.

    With a loser's share a contribution can have 24 decimals. The payee's running total is rounded
    to 18, so that the total is rounded once and the parts add up to it.
    """
    program = case.program
    assert isinstance(program, DealRegistrationProgram)
    losers = conflicts(program, case.channel).select(
        pl.col("deal_id").alias("deal"), loses=pl.lit(True)
    )
    share_paid = pl.when(pl.col("loses").fill_null(False)).then(
        money.literal(program.registration.loser_share)
    )
    terms = payees.select(
        *KEYS,
        "earns",
        rate=_of_block(program.reward, lambda reward: reward.rate).fill_null(money.literal(0)),
        per_unit=_of_block(program.reward, lambda r: r.per_unit).fill_null(money.literal(0)),
        bonus=_of_block(program.reward, lambda reward: reward.bonus).fill_null(money.literal(0)),
    )
    paid = shares.join(terms, on=KEYS, how="inner").with_columns(
        earned=money.multiply(pl.col("amount"), pl.col("rate"), scales=(12, 6))
        + money.multiply(pl.col("quantity"), pl.col("per_unit"), scales=(12, 6)),
        source=pl.lit("line"),
        item_id=pl.lit(None, dtype=pl.String),
    )
    bonuses = (
        paid.join(_bonus_lines(shares), on="row", how="semi")
        .with_columns(
            earned=money.multiply(pl.col("bonus"), pl.col("share"), scales=(12, 6)),
            row=pl.lit(None, dtype=pl.UInt32),
            source=pl.lit("bonus"),
            item_id=pl.col("deal"),
        )
        .filter(pl.col("earned") != 0)
    )
    exact = (
        pl.concat([paid, bonuses])
        .join(losers.unique("deal"), on="deal", how="left")
        .with_columns(
            contribution=money.multiply(
                pl.when(pl.col("earns") == 0).then(_NOTHING).otherwise(pl.col("earned")),
                share_paid.otherwise(money.literal(1)),
                scales=(18, 6),
            )
        )
    )
    return _rounded_running(exact)


def _rounded_running(exact: pl.DataFrame) -> pl.DataFrame:
    """`contribution` (24 decimals) at 18 decimals, so that each payee's total is rounded only once."""
    upto = money.round_half_up(pl.col("contribution").cum_sum().over(KEYS), 18)
    return (
        exact.sort(_ORDER, nulls_last=True)
        .with_columns(upto=money.scale_of(upto, 18))
        .with_columns(
            contribution=pl.col("upto") - pl.col("upto").shift(1).over(KEYS).fill_null(_NOTHING)
        )
    )


def _bonus_lines(shares: pl.DataFrame) -> pl.DataFrame:
    """`row`: the first covered sale of each deal whose revenue in that period is above 0."""
    firsts = (
        shares.filter(~pl.col("is_return"))
        .sort(*LINE_ORDER, "row")
        .unique("deal", keep="first", maintain_order=True)
        .select("deal", "period", "row")
    )
    revenue = shares.group_by("deal", "period").agg(pl.col("amount").sum().alias("revenue"))
    return (
        firsts.join(revenue, on=["deal", "period"], how="inner")
        .filter(pl.col("revenue") > 0)
        .select("row")
    )


def _of_block(rewards: Sequence[Reward], value: Callable[[Reward], object]) -> pl.Expr:
    """A value of the `[[reward]]` that a payee takes (6 decimals); null where it has none."""
    amounts = [pl.lit(value(reward), dtype=money.AMOUNT) for reward in rewards]
    return pl.coalesce(
        *(pl.when(pl.col("block") == index).then(amount) for index, amount in enumerate(amounts)),
        pl.lit(None, dtype=money.AMOUNT),
    )

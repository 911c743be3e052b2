"""Contests: payees ranked by a metric over the measurement period, prizes by place.

Those take part who reach the gate and whose metric is at least `minimum` (without one: above 0).
Payees who take different `[[reward]]`s are ranked apart (docs/rules.md, "Contests").
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

import polars as pl

from incentivectl import money
from incentivectl.frames import Schema
from incentivectl.programs.contest import ContestReward
from incentivectl.rules import measures
from incentivectl.rules.case import Case, Measured, as_contributions
from incentivectl.rules.eligibility import judged
from incentivectl.rules.gate import reached
from incentivectl.rules.payees import with_payees, with_reward_block
from incentivectl.rules.splitting import amounts, units
from incentivectl.rules.tiers import metric_value

_NOTHING = money.literal(0, 18)


def measure(case: Case) -> Measured:
    """What each payee wins in each measurement period, before boosts, caps and budget."""
    rewards = [r for r in case.program.reward if isinstance(r, ContestReward)]
    lines = judged(case, case.periods)
    metrics = {reward.rank_by for reward in rewards}
    once = lines.cache()
    totals, by_reason = measures.totals_and_reasons(case, once, _counted(case, once), metrics)
    ranked = _ranked(case, with_reward_block(case, totals), rewards)
    payees = _by_place(ranked, rewards, case.digits).with_columns(
        why_nothing=pl.when(pl.col("reward") == 0).then(
            pl.coalesce("why_nothing", pl.lit("no-prize"))
        ),
        tier=pl.lit(None, dtype=pl.Int32),
        rate=pl.lit(None, dtype=money.AMOUNT),
    )
    return Measured(
        payees=payees,
        contributions=pl.concat(
            [_of_lines(_counted(case, lines)), _prizes(ranked, rewards, case.digits)]
        ),
        judged=lines,
        by_reason=by_reason,
    )


def _counted(case: Case, judged: pl.LazyFrame) -> pl.LazyFrame:
    return with_payees(case, judged.filter(pl.col("reason").is_null()))


def _ranked(case: Case, payees: pl.DataFrame, rewards: Sequence[ContestReward]) -> pl.DataFrame:
    """Adds `metric`, `metric_value`, and `why_nothing`: null for those who take part."""
    no_reward = pl.col("block").is_null()

    def chosen(values: Sequence[pl.Expr], without: pl.Expr) -> pl.Expr:
        taken = (pl.when(pl.col("block") == i).then(value) for i, value in enumerate(values))
        return pl.when(no_reward).then(without).otherwise(pl.coalesce(*taken))

    metric = chosen([pl.lit(reward.rank_by) for reward in rewards], pl.lit("revenue"))
    value = chosen([metric_value(reward.rank_by) for reward in rewards], metric_value("revenue"))
    unknown = {"growth": "no-baseline", "attainment": "no-target"}
    excluded = [
        pl.when(no_reward).then(pl.lit("no-reward")),
        pl.when(~reached(case)).then(pl.lit("gate")),
        pl.when(value.is_null()).then(metric.replace_strict(unknown, default=None)),
        pl.when(~chosen([_is_enough(reward) for reward in rewards], pl.lit(True))).then(
            pl.lit("below-minimum")
        ),
    ]
    return payees.with_columns(
        metric=metric, metric_value=value, why_nothing=pl.coalesce(*excluded)
    )


def _is_enough(reward: ContestReward) -> pl.Expr:
    value = metric_value(reward.rank_by)
    if reward.minimum is None:
        return (value > 0).fill_null(False)
    return (value >= money.literal(reward.minimum, money.SHARED_SCALE)).fill_null(False)


def _by_place(ranked: pl.DataFrame, rewards: Sequence[ContestReward], digits: int) -> pl.DataFrame:
    """Adds `reward` (18 decimals) to payees with their `metric_value`: 0 for who wins nothing.

    Who ties with others has the prizes of the places that they take up, divided; the units that are
    left over go to the first of them by id.
    """
    of_contest, tied = ["period", "block"], ["period", "block", "metric_value"]
    best_first = pl.col("metric_value").to_physical().rank("min", descending=True)
    won = (
        ranked.filter(pl.col("why_nothing").is_null())
        .sort("payee_id")
        .with_columns(
            ahead=best_first.over(of_contest).cast(pl.Int64) - 1,
            sharing=pl.len().over(tied).cast(pl.Int64),
            sharing_ahead=pl.int_range(pl.len(), dtype=pl.Int64).over(tied),
        )
        .with_columns(pot=units(money.round_half_up(_pot(rewards), digits), digits))
        .with_columns(
            part=pl.col("pot") // pl.col("sharing")
            + (pl.col("sharing_ahead") < pl.col("pot") % pl.col("sharing"))
        )
        .select(*measures.KEYS, reward=money.scale_of(amounts(pl.col("part"), digits), 18))
    )
    return ranked.join(won, on=measures.KEYS, how="left").with_columns(
        pl.col("reward").fill_null(_NOTHING)
    )


def _pot(rewards: Sequence[ContestReward]) -> pl.Expr:
    """The prizes (6 decimals) of the places from `ahead` on that `sharing` payees take up."""
    place, end = pl.col("ahead"), pl.col("ahead") + pl.col("sharing")
    pots = (
        pl.sum_horizontal(
            money.literal(0),
            *(
                pl.when((place <= index) & (end > index)).then(money.literal(prize))
                for index, prize in enumerate(reward.prizes)
            ),
        )
        for reward in rewards
    )
    return pl.coalesce(pl.when(pl.col("block") == i).then(pot) for i, pot in enumerate(pots))


def _prizes(ranked: pl.DataFrame, rewards: Sequence[ContestReward], digits: int) -> pl.LazyFrame:
    """Prizes are contributions of their own: those of each contest, handed out from the best on."""
    found = []
    taking_part = ranked.filter(pl.col("why_nothing").is_null())
    for (period, _), group in taking_part.group_by("period", "block", maintain_order=True):
        prizes = rewards[group["block"][0]].prizes
        standing = list(group.select("metric_value", "payee_id").iter_rows())
        won = shared_prizes(prizes, standing, digits)
        found += [(period, payee, prize) for payee, prize in won]
    schema: Schema = {"period": pl.Int32, "payee_id": pl.String, "contribution": pl.Decimal(38, 18)}
    prizes = pl.LazyFrame(found, schema=schema, orient="row")
    return as_contributions(prizes.with_columns(source=pl.lit("prize")))


def shared_prizes(
    prizes: Sequence[Decimal], standing: Sequence[tuple[Decimal, str]], digits: int
) -> Iterator[tuple[str, Decimal]]:
    """Each winner (payee) with its prize; `standing` has the metric and the id of each payee.

    Competition ranking: who ties for a place shares the prizes of the places that they take up, in
    whole minor units by largest remainder, ties by id (docs/rules.md, "Contests").
    """
    place = 0
    best_first = sorted(standing, key=lambda one: (-one[0], one[1]))
    for _, tied in groupby(best_first, key=lambda one: one[0]):
        payees = [payee for _, payee in tied]
        pot = sum(prizes[place : place + len(payees)], Decimal(0))
        place += len(payees)
        units = int(money.round_decimal(pot, digits).scaleb(digits))
        parts = money.largest_remainder(units, [1] * len(payees), payees)
        yield from (
            (payee, Decimal(part).scaleb(-digits))
            for payee, part in zip(payees, parts, strict=True)
            if part
        )


def _of_lines(counted: pl.LazyFrame) -> pl.LazyFrame:
    """The lines that a rank is made of contribute 0."""
    return as_contributions(counted.with_columns(contribution=_NOTHING, source=pl.lit("line")))

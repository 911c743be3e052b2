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
    payees = ranked.join(_prizes(ranked, rewards, case.digits), on=measures.KEYS, how="left")
    payees = payees.with_columns(
        why_nothing=pl.when(pl.col("reward").is_null()).then(
            pl.coalesce("why_nothing", pl.lit("no-prize"))
        ),
        reward=pl.col("reward").fill_null(_NOTHING),
        tier=pl.lit(None, dtype=pl.Int32),
        rate=pl.lit(None, dtype=money.AMOUNT),
    )
    return Measured(
        payees=payees,
        contributions=pl.concat([_of_lines(_counted(case, lines)), _prizes_paid(payees)]),
        judged=lines,
        by_reason=by_reason,
        summed=_prizes_paid(payees).collect,
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


def _prizes(ranked: pl.DataFrame, rewards: Sequence[ContestReward], digits: int) -> pl.DataFrame:
    """`period`, `payee_id`, `reward` (18 decimals) of everybody who wins something."""
    found = []
    taking_part = ranked.filter(pl.col("why_nothing").is_null())
    for (period, _), group in taking_part.group_by("period", "block", maintain_order=True):
        prizes = rewards[group["block"][0]].prizes
        standing = list(group.select("metric_value", "payee_id").iter_rows())
        won = shared_prizes(prizes, standing, digits)
        found += [(period, payee, prize) for payee, prize in won]
    schema: Schema = {"period": pl.Int32, "payee_id": pl.String, "reward": pl.Decimal(38, 18)}
    return pl.DataFrame(found, schema=schema, orient="row")


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


def _prizes_paid(payees: pl.DataFrame) -> pl.LazyFrame:
    """Prizes are contributions of their own."""
    prizes = payees.lazy().filter(pl.col("reward") != 0)
    return as_contributions(
        prizes.select(*measures.KEYS, contribution="reward", source=pl.lit("prize"))
    )

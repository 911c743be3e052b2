"""Contests: payees ranked by a metric over the measurement period, prizes by place.

Those take part who reach the gates and whose metric is at least `minimum` (without one: above 0).
Payees who take different `[[reward]]`s are ranked apart (docs/rules.md, "Contests").
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.kinds.contest.model import ContestReward
from incentivectl.rules.case import ALONE, KEYS, Asked, Case, Earned, Judged, Sums, as_contributions
from incentivectl.rules.earning import measures
from incentivectl.rules.earning.earn import measured
from incentivectl.rules.earning.gate import with_gates
from incentivectl.rules.earning.parameters import parameters_of
from incentivectl.rules.earning.splitting import amounts, units
from incentivectl.rules.earning.taken import of_reward_taken
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with what keeps it out."""
    return judged(case, case.periods)


def asked(one: Judged) -> Asked:
    """What payees are ranked by, and what became of the lines."""
    assert one.lines is not None
    once = one.lines.cache()
    metrics = {reward.rank_by for reward in _rewards(one.case)}
    return {
        **measures.asked(one.case, _counted(one.case, once), metrics),
        "reasons": by_reason(one.case, once),
    }


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What the payees of all these contests win; each contest is ranked by itself."""
    taking = with_rewards(programs, measures.measured(programs, sums))
    payees = with_gates(taking, parameters_of(programs).gates)
    ranked = [
        _ranked(payees.filter(pl.col("program") == one.place), _rewards(one.case))
        for one in programs
    ]
    won = [_won(one, standing) for one, standing in zip(programs, ranked, strict=True)]
    return Earned(pl.concat(won), pl.concat(ranked))


def _rewards(case: Case) -> list[ContestReward]:
    return [r for r in case.program.reward if isinstance(r, ContestReward)]


def _won(one: Judged, ranked: pl.DataFrame) -> pl.DataFrame:
    by_place = _by_place(ranked, _rewards(one.case), one.case.digits)
    return by_place.with_columns(
        why_nothing=pl.when(pl.col("reward") == 0).then(
            pl.coalesce("why_nothing", pl.lit("no-prize"))
        ),
        tier=pl.lit(None, dtype=pl.Int32),
        rate=pl.lit(None, dtype=money.SHARED),
    )


def counted(one: Judged, _: Earned) -> Asked:
    """The lines that a rank is made of."""
    assert one.lines is not None
    return {ALONE: _of_lines(_counted(one.case, one.lines))}


def contributions(case: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
    """The lines that a rank is made of contribute 0; prizes are contributions of their own."""
    assert of_program.details is not None
    prizes = _prizes(of_program.details, _rewards(case), case.digits)
    return pl.concat([counted[ALONE], prizes])


def _counted(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    return with_payees(case, lines.filter(pl.col("reason").is_null()))


def _ranked(payees: pl.DataFrame, rewards: Sequence[ContestReward]) -> pl.DataFrame:
    """Adds `metric`, `metric_value`, and `why_nothing`: null for those who take part."""
    named = {place: pl.lit(reward.rank_by) for place, reward in enumerate(rewards)}
    metric = of_reward_taken(named, pl.lit("revenue"))
    found = payees.with_columns(metric=metric).with_columns(metric_value=measured(pl.col("metric")))
    tests = {place: _is_enough(reward) for place, reward in enumerate(rewards)}
    enough = of_reward_taken(tests, pl.lit(False))
    unknown = {"growth": "no-baseline", "attainment": "no-target"}
    return found.with_columns(
        why_nothing=pl.coalesce(
            pl.when(pl.col("block").is_null()).then(pl.lit("no-reward")),
            pl.when(~pl.col("reaches_gates")).then(pl.lit("gate")),
            pl.when(pl.col("metric_value").is_null()).then(
                pl.col("metric").replace_strict(unknown, default=None)
            ),
            pl.when(~enough).then(pl.lit("below-minimum")),
        )
    )


def _is_enough(reward: ContestReward) -> pl.Expr:
    if reward.minimum is None:
        return pl.col("metric_value") > 0
    return pl.col("metric_value") >= money.literal(reward.minimum, money.SHARED_SCALE)


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
        .select(*KEYS, reward=money.scale_of(amounts(pl.col("part"), digits), 18))
    )
    return ranked.join(won, on=KEYS, how="left").with_columns(
        pl.col("reward").fill_null(money.NOTHING)
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
    return of_reward_taken(dict(enumerate(pots)))


def _prizes(ranked: pl.DataFrame, rewards: Sequence[ContestReward], digits: int) -> pl.LazyFrame:
    """Prizes are contributions of their own: those of each contest, handed out from the best on."""
    found = []
    taking_part = ranked.filter(pl.col("why_nothing").is_null())
    for (period, _), group in taking_part.group_by("period", "block", maintain_order=True):
        prizes = rewards[group["block"][0]].prizes
        standing = list(group.select("metric_value", "payee_id").iter_rows())
        won = shared_prizes(prizes, standing, digits)
        found += [(period, payee, prize) for payee, prize in won]
    schema: Schema = {"period": pl.Int32, "payee_id": pl.String, "contribution": money.EARNED}
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
    return as_contributions(counted.with_columns(contribution=money.NOTHING, source=pl.lit("line")))

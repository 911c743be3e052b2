"""The parameters of programs as tables: what a sum is paid by is data that is joined to it.

One row a reward, one a tier, one a gate; `program` is the program's place among those that are computed
together. What a rule does with them is in `rules.earning.earn`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Gate
from incentivectl.programs.reward import Reward, Tier
from incentivectl.rules.case import Case, Judged

PROGRAM: Schema = {"program": pl.UInt32}
# `is_full`: a missing baseline counts as the top tier; `is_from_zero`: the first tier, or the
# first point of the curve, stands at 0; `top`: the place of the last tier or point.
REWARDS: Schema = PROGRAM | {
    "block": pl.Int32,
    "tiers_by": pl.String,
    "pays_on": pl.String,
    "is_tiered": pl.Boolean,
    "is_marginal": pl.Boolean,
    "is_curved": pl.Boolean,
    "is_full": pl.Boolean,
    "is_from_zero": pl.Boolean,
    "top": pl.Int32,
}
# A reward without tiers has one row, whose `tier` and `from` are null. `width` is what lies between a
# tier and the next one; null in the last.
TIERS: Schema = PROGRAM | {
    "block": pl.Int32,
    "tier": pl.Int32,
    "from": money.AMOUNT,
    "width": money.AMOUNT,
    "rate": money.AMOUNT,
    "per_unit": money.AMOUNT,
    "bonus": money.AMOUNT,
    "every": money.AMOUNT,
    "pays": money.AMOUNT,
    "per_bundle": money.AMOUNT,
}
# The points of curves, each with the one after it (null for the last).
POINTS: Schema = PROGRAM | {
    "block": pl.Int32,
    "point": pl.Int32,
    "at": money.AMOUNT,
    "rate_at": money.AMOUNT,
    "pays_at": money.AMOUNT,
    "next_at": money.AMOUNT,
    "next_rate": money.AMOUNT,
    "next_pays": money.AMOUNT,
}
# `gate` is its place in the program; `gate_is_full`: a missing baseline counts as reached.
GATES: Schema = PROGRAM | {
    "gate": pl.Int32,
    "gate_metric": pl.String,
    "gate_counts_activities": pl.Boolean,
    "gate_is_share": pl.Boolean,
    "gate_at_least": money.AMOUNT,
    "gate_is_full": pl.Boolean,
}


@dataclass(frozen=True)
class Parameters:
    """What several programs pay by: frames with the columns `REWARDS`, `TIERS`, `POINTS` and `GATES`."""

    rewards: pl.DataFrame
    tiers: pl.DataFrame
    points: pl.DataFrame
    gates: pl.DataFrame


def parameters_of(programs: Sequence[Judged]) -> Parameters:
    """What programs pay by, as tables."""
    return parameters(
        [
            (
                one.place,
                one.case.program.reward,
                one.case.program.gate,
                missing_counts_as_top(one.case),
            )
            for one in programs
        ]
    )


def missing_counts_as_top(case: Case) -> bool:
    """Whether a missing baseline counts as the top tier (`if_missing = "full"`)."""
    return case.program.baseline is not None and case.program.baseline.if_missing == "full"


def parameters(
    programs: Sequence[tuple[int, Sequence[Reward], Sequence[Gate], bool]],
) -> Parameters:
    """The tables of programs: each its place, its rewards, its gates, and whether `if_missing = "full"`."""
    return Parameters(
        rewards=pl.DataFrame(
            [
                (place, *_reward(index, reward, is_full))
                for place, rewards, _, is_full in programs
                for index, reward in enumerate(rewards)
            ],
            schema=REWARDS,
            orient="row",
        ),
        tiers=pl.DataFrame(
            [
                (place, index, *tier)
                for place, rewards, _, _ in programs
                for index, reward in enumerate(rewards)
                for tier in _tiers(reward)
            ],
            schema=TIERS,
            orient="row",
        ),
        points=pl.DataFrame(
            [
                (place, index, *point)
                for place, rewards, _, _ in programs
                for index, reward in enumerate(rewards)
                for point in _points(reward)
            ],
            schema=POINTS,
            orient="row",
        ),
        gates=_gates([(place, gates, is_full) for place, _, gates, is_full in programs]),
    )


def gates_of(place: int, case: Case) -> pl.DataFrame:
    """The gates of one program, with the columns of `GATES`."""
    return _gates([(place, case.program.gate, missing_counts_as_top(case))])


def _gates(programs: Sequence[tuple[int, Sequence[Gate], bool]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (
                place,
                index,
                gate.metric,
                bool(gate.activity),
                bool(gate.share_of),
                gate.at_least,
                is_full,
            )
            for place, gates, is_full in programs
            for index, gate in enumerate(gates)
        ],
        schema=GATES,
        orient="row",
    )


def _reward(index: int, reward: Reward, is_full: bool) -> tuple[object, ...]:
    tiers, curve = reward.tiers, reward.curve
    starts = [*(tier.from_ for tier in tiers), *(point.at for point in curve)]
    return (
        index,
        reward.tiers_by,
        reward.pays_on,
        bool(tiers),
        bool(tiers) and reward.tier_mode == "marginal",
        bool(curve),
        is_full,
        bool(starts) and starts[0] == 0,
        len(starts) - 1,
    )


def _tiers(reward: Reward) -> list[tuple[object, ...]]:
    if not reward.tiers:
        return [(None, None, None, *_pays(reward))]
    following = [*(tier.from_ for tier in reward.tiers[1:]), None]
    return [
        (
            place,
            tier.from_,
            None if upto is None else upto - tier.from_,
            *_pays(tier),
        )
        for place, (tier, upto) in enumerate(zip(reward.tiers, following, strict=True))
    ]


def _pays(one: Reward | Tier) -> tuple[object, ...]:
    return (one.rate, one.per_unit, one.bonus, one.every, one.pays, one.per_bundle)


def _points(reward: Reward) -> list[tuple[object, ...]]:
    return [
        (place, point.at, point.rate, point.pays)
        + ((None, None, None) if after is None else (after.at, after.rate, after.pays))
        for place, (point, after) in enumerate(pairwise([*reward.curve, None]))
        if point is not None
    ]

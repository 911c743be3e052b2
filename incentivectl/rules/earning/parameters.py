"""The parameters of programs as tables: what a sum is paid by is data that is joined to it.

One row a reward, one a tier, one a gate; `program` is the program's place among those that are computed
together. What a rule does with them is in `rules.earning.earn`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Gate
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import Case, Judged

PROGRAM: Schema = {"program": pl.UInt32}
# `full`: a missing baseline counts as the top tier; `from_zero`: the first tier begins at 0;
# `top`: the place of the last tier; `increment`: the rate pays on the growth over the baseline.
REWARDS: Schema = PROGRAM | {
    "block": pl.Int32,
    "tiers_by": pl.String,
    "pays_on": pl.String,
    "is_tiered": pl.Boolean,
    "is_marginal": pl.Boolean,
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
}
GATES: Schema = PROGRAM | {
    "gate": pl.String,
    "gate_at_least": money.AMOUNT,
    "gate_is_full": pl.Boolean,
}


@dataclass(frozen=True)
class Parameters:
    """What several programs pay by: frames with the columns `REWARDS`, `TIERS` and `GATES`."""

    rewards: pl.DataFrame
    tiers: pl.DataFrame
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
    programs: Sequence[tuple[int, Sequence[Reward], Gate | None, bool]],
) -> Parameters:
    """The tables of programs: each its place, its rewards, its gate, and whether `if_missing = "full"`."""
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
        gates=pl.DataFrame(
            [
                (place, gate.metric, gate.at_least, is_full)
                for place, _, gate, is_full in programs
                if gate is not None
            ],
            schema=GATES,
            orient="row",
        ),
    )


def _reward(index: int, reward: Reward, is_full: bool) -> tuple[object, ...]:
    tiers = reward.tiers
    return (
        index,
        reward.tiers_by,
        reward.pays_on,
        bool(tiers),
        bool(tiers) and reward.tier_mode == "marginal",
        is_full,
        bool(tiers) and tiers[0].from_ == 0,
        len(tiers) - 1,
    )


def _tiers(reward: Reward) -> list[tuple[object, ...]]:
    if not reward.tiers:
        return [(None, None, None, reward.rate, reward.per_unit, reward.bonus)]
    following = [*(tier.from_ for tier in reward.tiers[1:]), None]
    return [
        (
            place,
            tier.from_,
            None if upto is None else upto - tier.from_,
            tier.rate,
            tier.per_unit,
            tier.bonus,
        )
        for place, (tier, upto) in enumerate(zip(reward.tiers, following, strict=True))
    ]

"""The parameters of programs as tables: what a sum is paid by is data that is joined to it.

One row a reward, one a tier, one a gate; `program` is the program's place among those that are computed
together. What a rule does with them is in `rules.earning.earn`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.gate import Gate
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.terms import PAYS
from incentivectl.rules.case import Case, Judged
from incentivectl.rules.lines.terms import Blocks

PROGRAM: Schema = {"program": pl.UInt32}
# `is_full`: a missing baseline counts as the top tier; `is_from_zero`: the first tier, or the
# first point of the curve, stands at 0; `top`: the place of the last tier or point; `term_cap`: what a
# payee earns at most under a term.
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
    "term_cap": money.AMOUNT,
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
                (place, *row)
                for place, rewards, _, is_full in programs
                for row in _rewards(rewards, is_full)
            ],
            schema=REWARDS,
            orient="row",
        ),
        tiers=pl.DataFrame(
            [(place, *row) for place, rewards, _, _ in programs for row in _tiers_of(rewards)],
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


def _rewards(rewards: Sequence[Reward], is_full: bool) -> Iterator[tuple[object, ...]]:
    """What a payee may take, each with its `block`: the rewards, and after them their terms."""
    for index, reward in enumerate(rewards):
        starts = [*(tier.from_ for tier in reward.tiers), *(point.at for point in reward.curve)]
        yield (*_reward(index, reward, starts, is_full=is_full), None)
    alike: dict[tuple[int, int, bool], list[object]] = {}  # most terms differ in their block only
    for block, index, term in Blocks(rewards).terms():
        starts = [tier.from_ for tier in term.tiers if tier.from_ is not None]
        shape = (index, len(starts), bool(starts) and starts[0] == 0)
        if shape not in alike:
            _, *alike[shape] = _reward(block, rewards[index], starts, is_full=is_full)
        yield (block, *alike[shape], term.per_payee)


def _reward(
    block: int, reward: Reward, starts: Sequence[Decimal], *, is_full: bool
) -> tuple[object, ...]:
    is_tiered = bool(starts) and not reward.curve
    return (
        block,
        reward.tiers_by,
        reward.pays_on,
        is_tiered,
        is_tiered and reward.tier_mode == "marginal",
        bool(reward.curve),
        is_full,
        bool(starts) and starts[0] == 0,
        len(starts) - 1,
    )


def _tiers_of(rewards: Sequence[Reward]) -> Iterator[tuple[object, ...]]:
    """The tiers of rewards and terms, each with its block; one row for what has none."""
    for index, reward in enumerate(rewards):
        tiers = [(tier.from_, _pays(tier)) for tier in reward.tiers]
        yield from _tiers(index, tiers or [(None, _pays(reward))])
    for block, _, term in Blocks(rewards).terms():
        yield from _tiers(
            block, [(one.from_, tuple(map(one.pays.get, PAYS))) for one in term.tiers]
        )


def _tiers(
    block: int, tiers: Sequence[tuple[Decimal | None, tuple[object, ...]]]
) -> Iterator[tuple[object, ...]]:
    for place, ((start, pays), after) in enumerate(zip(tiers, [*tiers[1:], None], strict=True)):
        if start is None:
            yield (block, None, None, None, *pays)
        else:
            end = None if after is None else after[0]
            yield (block, place, start, None if end is None else end - start, *pays)


def _pays(one: Reward | Tier) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in PAYS)


def _points(reward: Reward) -> list[tuple[object, ...]]:
    return [
        (place, point.at, point.rate, point.pays)
        + ((None, None, None) if after is None else (after.at, after.rate, after.pays))
        for place, (point, after) in enumerate(pairwise([*reward.curve, None]))
        if point is not None
    ]

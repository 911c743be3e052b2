"""Contests: payees ranked by a metric, prizes shared between tied ones (section 4, rule 27)."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from tests.reference.exact import half_up, number, split_by_weight
from tests.reference.measures import ZERO, Standing
from tests.reference.programs import Reward


def takes_part(reward: Reward, standing: Standing, gate: bool) -> bool:
    """At least `minimum`; without one: above 0."""
    value = standing.value(rank_by(reward))
    minimum = reward.amount("minimum")
    if value is None or not gate:
        return False
    return value > 0 if minimum is None else value >= minimum


def rank_by(reward: Reward) -> str:
    """The metric that ranks."""
    return str(reward.raw.get("rank_by", "revenue"))


def prizes_of(reward: Reward, values: Mapping[str, Fraction], decimals: int) -> dict[str, Fraction]:
    """The prize of each payee: competition ranking, tied payees share their places' prizes."""
    tied: dict[Fraction, list[str]] = defaultdict(list)
    for payee, value in values.items():
        tied[value].append(payee)
    prizes = [number(prize) for prize in reward.raw.get("prizes", [])]
    won = {}
    place = 0
    for value in sorted(tied, reverse=True):
        payees = tied[value]
        pot = sum(prizes[place : place + len(payees)], ZERO)
        whole = half_up(pot, decimals)
        won.update(split_by_weight(whole, dict.fromkeys(payees, Fraction(1)), decimals))
        place += len(payees)
    return won

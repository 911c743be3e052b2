"""What a statement says of a place in a contest."""

from decimal import Decimal

from incentivectl.output.tongue import Tongue
from incentivectl.programs.words.statements import EarningRow, achieved


def sentence(earned: EarningRow, tongue: Tongue) -> str:
    """What the payee did, and its place."""
    return tongue.say(
        "{achieved}: place {rank} in the contest.",
        achieved=achieved(earned, tongue),
        rank=tongue.number(Decimal(earned.rank or 0)),
    )

"""What a statement says of discounts."""

from incentivectl.output.tongue import Tongue
from incentivectl.programs.words.statements import EarningRow, revenue


def sentence(earned: EarningRow, tongue: Tongue) -> str:
    """What the lines come to that discounts were given on."""
    return tongue.say(
        "The total of per-line discounts on {amount} of sales.", amount=revenue(earned, tongue)
    )

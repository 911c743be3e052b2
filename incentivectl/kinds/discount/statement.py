"""What a statement says of discounts."""

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow, revenue


def sentence(earned: EarningRow, language: Language) -> str:
    """What the lines come to that discounts were given on."""
    return language.say(
        "The total of per-line discounts on {amount} of sales.", amount=revenue(earned, language)
    )

"""What a statement says of a place in a contest."""

from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow, achieved


def sentence(earned: EarningRow, language: Language) -> str:
    """What the payee did, and its place."""
    return language.say(
        "{achieved}: place {rank} in the contest.",
        achieved=achieved(earned, language),
        rank=language.number(Decimal(earned.rank or 0)),
    )

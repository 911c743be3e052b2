"""What a statement says of reimbursed claims."""

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow


def sentence(earned: EarningRow, language: Language) -> str:
    """Which claims were reimbursed, and with how much: the fund has a section of its own."""
    claims = (f"{one.name} ({language.money(one.amount, earned.currency)})" for one in earned.items)
    return language.say(
        "Claims on your marketing fund were reimbursed: {claims}.", claims=", ".join(claims)
    )

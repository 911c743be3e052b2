"""What a statement says of reimbursed claims."""

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow


def sentence(earned: EarningRow, language: Language) -> str:
    """Only that claims were reimbursed: the fund has a section of its own."""
    return language.say("Claims on your marketing fund were reimbursed.")

"""What a statement says of reimbursed claims."""

from incentivectl.output.tongue import Tongue
from incentivectl.programs.words.statements import EarningRow


def sentence(earned: EarningRow, tongue: Tongue) -> str:
    """Only that claims were reimbursed: the fund has a section of its own."""
    return tongue.say("Claims on your marketing fund were reimbursed.")

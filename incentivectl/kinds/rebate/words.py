"""How rebates are described."""

from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words


class RebateWords(Words):
    """A rebate: the sentences that suit any kind."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A rebate"

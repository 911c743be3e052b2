"""How SPIFs are described."""

from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words


class SpifWords(Words):
    """A SPIF: as a rebate."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A SPIF, a reward for those who sell"

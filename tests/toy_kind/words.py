"""How a fee per sale is described."""

from collections.abc import Iterator

from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.terms import Part, Terms
from tests.toy_kind.model import FeeReward


class FeeWords(Words):
    """A fee per sale."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A fee for each sale"

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        (reward,) = terms.program.reward
        assert isinstance(reward, FeeReward)
        yield Part("pays", "What it pays", (f"Each sale pays {terms.money(reward.fee)}.",))

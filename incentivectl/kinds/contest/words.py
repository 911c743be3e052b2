"""How contests are described."""

from collections.abc import Iterator

from incentivectl.kinds.contest.model import ContestProgram
from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.rewards import headings, which_applies
from incentivectl.programs.words.terms import NOUNS, Part, Terms, at_least


class ContestWords(Words):
    """A contest: what payees are ranked by, who takes part, and the prizes."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A contest for prizes"

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        assert isinstance(terms.program, ContestProgram)
        return _parts(terms.program, terms)


def _parts(program: ContestProgram, terms: Terms) -> Iterator[Part]:
    apart = "Payees with different prizes are ranked separately."
    for i, (key, heading) in enumerate(headings(terms)):
        reward = program.reward[i]
        noun = {"attainment": "attainment of the target"}.get(reward.rank_by, NOUNS[reward.rank_by])
        sentences = [*which_applies(terms), apart] if i == 0 and len(program.reward) > 1 else []
        sentences.append(f"In each {terms.period} all who take part are ranked by {noun}.")
        sentences.append(
            f"Nobody takes part without {at_least(reward.rank_by, reward.minimum, terms)}."
            if reward.minimum is not None
            else f"Nobody takes part whose {noun} is not above 0."
        )
        sentences.append("Ties share the prizes of the places they occupy.")
        yield Part(key, heading, tuple(sentences))
        rows = tuple((place, prize) for place, prize in enumerate(reward.prizes, start=1))
        yield Part(f"prizes_{i + 1}", "Prizes", (), ("place", f"prize in {terms.currency}"), rows)

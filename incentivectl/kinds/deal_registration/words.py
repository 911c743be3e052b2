"""How deal registrations are described."""

from collections.abc import Iterator

from incentivectl.core.nouns import counted
from incentivectl.kinds.deal_registration.model import DealRegistrationProgram
from incentivectl.programs.model import Program
from incentivectl.programs.words.contracts import contract_parts
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.phrases import percent
from incentivectl.programs.words.rewards import headings, paid, which_applies
from incentivectl.programs.words.terms import Part, Terms


class DealWords(Words):
    """A deal registration: what covered lines pay, how long a deal protects, who wins a conflict."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A reward for registered deals"

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        assert isinstance(terms.program, DealRegistrationProgram)
        return _parts(terms.program, terms)


def _parts(program: DealRegistrationProgram, terms: Terms) -> Iterator[Part]:
    rules = program.registration
    for i, (key, heading) in enumerate(headings(terms)):
        reward = program.reward[i]
        lines = paid(reward.model_copy(update={"bonus": None}), reward, terms)
        sentences = list(which_applies(terms)) if i == 0 else []
        if lines:
            sentences.append(f"What is sold in a registered deal pays {lines}.")
        if reward.bonus is not None:
            sentences.append(f"Each deal pays {terms.money(reward.bonus)} once, at its first sale.")
        yield Part(key, heading, tuple(sentences))
        yield from contract_parts(i, reward, terms)
    loser = (
        f"is paid {percent(rules.loser_share)} of its reward"
        if rules.loser_share
        else "is paid nothing"
    )
    yield Part(
        "deals",
        "Deals",
        (
            "A deal covers sales of its partner to its customer, of its product or category where"
            " it names one.",
            "It must be approved, and covers from the day of its approval to the day on which it"
            f" expires, or for {counted(rules.protection_days, 'day')} if that is not stated.",
            "If two partners have deals for the same customer and products at the same time,"
            f" the first to register wins; the other {loser}.",
            "Sales count up to the registered amount, the last one in part."
            if rules.cap
            else "All sales in a deal count, even beyond the registered amount.",
        ),
    )

"""How discounts are described."""

from collections.abc import Iterator

from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.rewards import reward_parts
from incentivectl.programs.words.terms import Part, Terms


class DiscountWords(Words):
    """A discount: net prices, and what its tiers are judged on."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A discount, paid back on individual sales"

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        return reward_parts(terms, _net_price_or_scope)


def _net_price_or_scope(reward: Reward, terms: Terms) -> Iterator[str]:
    assert isinstance(reward, DiscountReward)
    if reward.net_price is not None:
        yield (
            f"The list price less {terms.money(reward.net_price)} is paid for each unit; nothing"
            " where the list price is lower."
        )
    if reward.tiers:
        yield {
            "line": "Tiers are judged line by line.",
            "sale": "Tiers are judged on each sale: its lines together.",
            "period": f"Tiers are judged on the total of the {terms.period}.",
        }[reward.tier_scope]

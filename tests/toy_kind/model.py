"""`kind = "fee_per_sale"`."""

from typing import Annotated, ClassVar, Literal

from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.types import Amount


class FeeReward(Reward):
    """The fee."""

    paying_keys: ClassVar[tuple[str, ...]] = ("fee",)

    fee: Amount


class FeeProgram(Program):
    """A fixed fee for each sale of a measurement period in which a line counts."""

    kind: Literal["fee_per_sale"] = "fee_per_sale"
    reward: Annotated[tuple[FeeReward, ...], OneOrMore]

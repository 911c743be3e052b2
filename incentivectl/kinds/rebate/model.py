"""`kind = "rebate"`: what partners earn on what they sold in a measurement period."""

from typing import ClassVar, Literal

from incentivectl.programs.model import Program


class RebateProgram(Program):
    """A rebate: the common keys and nothing else (docs/rules.md, "Rebates")."""

    tiers_over_period: ClassVar[bool] = True

    kind: Literal["rebate"] = "rebate"

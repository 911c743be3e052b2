"""`kind = "rebate"`: what partners earn on what they sold in a measurement period."""

from typing import Literal

from incentivectl.programs.model import Program


class RebateProgram(Program):
    """A rebate: the common keys and nothing else (docs/rules.md, "Rebates")."""

    kind: Literal["rebate"] = "rebate"

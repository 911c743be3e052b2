"""`kind = "rebate"`: what partners earn on what they sold in a measurement period."""

from typing import ClassVar, Literal

from incentivectl.programs.model import Program


class RebateProgram(Program):
    """A rebate: the common keys and nothing else (docs/rules.md, "Rebates")."""

    tiers_over_period: ClassVar[bool] = True
    pays_by_totals: ClassVar[bool] = True

    term_values: ClassVar[frozenset[str]] = frozenset(
        {"from", "rate", "per_unit", "bonus", "every", "pays", "per_bundle", "per_payee"}
    )
    kind: Literal["rebate"] = "rebate"

"""`kind = "spif"`: what reps earn on the lines that they are credited with."""

from typing import Annotated, ClassVar, Literal

from incentivectl.programs.model import Program
from incentivectl.programs.payee import PAYEES, Payee
from incentivectl.toml.types import one_of


class SpifProgram(Program):
    """A SPIF: as a rebate, for reps; a serial number earns once (docs/rules.md, "SPIFs")."""

    tiers_over_period: ClassVar[bool] = True
    pays_by_totals: ClassVar[bool] = True
    serials_earn_once: ClassVar[bool] = True

    term_values: ClassVar[frozenset[str]] = frozenset(
        {"from", "rate", "per_unit", "bonus", "every", "pays", "per_bundle", "per_payee"}
    )
    kind: Literal["spif"] = "spif"
    payee: Annotated[Payee, one_of(PAYEES, "a payee")] = "rep"

"""`kind = "deal_registration"`: what sale lines earn that a registered deal covers."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from incentivectl.programs.bundle import Bundle
from incentivectl.programs.model import Program
from incentivectl.programs.reward import PaysOn, Point, Prices, Reward, Tier, TierMode
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.types import Days, NoMeaning, Rate, TomlTable, one_of

_BY_LINE = NoMeaning("a deal registration pays `rate`, `per_unit` and `bonus` on covered lines")


class DealReward(Reward):
    """What covered lines pay, and once per deal the bonus."""

    paying_keys: ClassVar[tuple[str, ...]] = ("rate", "per_unit", "bonus")

    tiers_by: Annotated[Literal["revenue"], _BY_LINE] = "revenue"
    tier_mode: Annotated[TierMode, _BY_LINE] = "retroactive"
    pays_on: Annotated[PaysOn, _BY_LINE] = "revenue"
    tiers: Annotated[tuple[Tier, ...], _BY_LINE] = ()
    per_product: Annotated[Prices | None, _BY_LINE] = None
    every: Annotated[Decimal | None, _BY_LINE] = None
    pays: Annotated[Decimal | None, _BY_LINE] = None
    per_bundle: Annotated[Decimal | None, _BY_LINE] = None
    curve: Annotated[tuple[Point, ...], _BY_LINE] = ()
    tiers_months: Annotated[int | None, _BY_LINE] = None
    together: Annotated[Literal["parent"] | None, _BY_LINE] = None


class Registration(TomlTable):
    """How long a deal protects, what a losing one pays, and up to where it counts."""

    protection_days: Days = 90
    loser_share: Rate = Decimal(0)
    cap: Annotated[Literal["registered"], one_of(("registered",), "a cap of deals")] | None = None


class DealRegistrationProgram(Program):
    """A deal registration (docs/rules.md, "Deal registration")."""

    reads: ClassVar[frozenset[str]] = frozenset({"sales", "deals"})

    always_by_line: ClassVar[bool] = True

    term_values: ClassVar[frozenset[str]] = frozenset({"rate", "per_unit", "bonus", "per_payee"})
    kind: Literal["deal_registration"] = "deal_registration"
    registration: Registration = Registration()
    bundle: Annotated[Bundle | None, _BY_LINE] = None
    reward: Annotated[tuple[DealReward, ...], OneOrMore]

    @property
    def protection_days(self) -> int:
        """For how many days a registration protects a deal that does not say when it expires."""
        return self.registration.protection_days

    @property
    def counts_lines_in_part(self) -> bool:
        """The last line within a registered amount may count in part."""
        return self.registration.cap is not None

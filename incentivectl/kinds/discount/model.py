"""`kind = "discount"`: wholesale discounts, judged line by line or sale by sale."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from incentivectl.programs.bundle import Bundle
from incentivectl.programs.fields import FIELD_ENTITIES
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Point, Reward, Tier
from incentivectl.programs.terms import MAX_QUANTITY
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.types import Amount, Listed, NoMeaning, one_of

TierScope = Literal["line", "sale", "period"]
SCOPES: tuple[TierScope, ...] = ("line", "sale", "period")

# What can differ between two lines, or between two sales.
_METRICS = {"line": ("revenue", "quantity"), "sale": ("revenue", "quantity", "lines", "products")}


_ON_TOTALS = NoMeaning("steps, curves, bundles and windows look at a payee's totals; use a rebate")


class DiscountTier(Tier):
    """A tier of a line, a sale or a payee."""

    every: Annotated[Decimal | None, _ON_TOTALS] = None
    pays: Annotated[Decimal | None, _ON_TOTALS] = None
    per_bundle: Annotated[Decimal | None, _ON_TOTALS] = None


class DiscountReward(Reward):
    """A reward whose tiers are judged on each line, each sale, or the measurement period."""

    paying_keys: ClassVar[tuple[str, ...]] = (
        "rate",
        "per_unit",
        "bonus",
        "per_product",
        "net_price",
    )

    tiers: Annotated[tuple[DiscountTier, ...], Listed] = ()
    every: Annotated[Decimal | None, _ON_TOTALS] = None
    pays: Annotated[Decimal | None, _ON_TOTALS] = None
    per_bundle: Annotated[Decimal | None, _ON_TOTALS] = None
    curve: Annotated[tuple[Point, ...], _ON_TOTALS] = ()
    tiers_months: Annotated[int | None, _ON_TOTALS] = None
    together: Annotated[Literal["parent"] | None, _ON_TOTALS] = None

    tier_scope: Annotated[TierScope, one_of(SCOPES, "what tiers are judged on")] = "line"
    net_price: Amount | None = None

    @property
    def scope(self) -> str:
        """What tiers are judged on."""
        return self.tier_scope


class DiscountProgram(Program):
    """A discount: a rebate whose conditions and tiers look at lines (docs/rules.md, "Discounts")."""

    when_entities: ClassVar[frozenset[str]] = frozenset(FIELD_ENTITIES)

    always_by_line: ClassVar[bool] = True
    pays_by_totals: ClassVar[bool] = True

    term_values: ClassVar[frozenset[str]] = frozenset(
        {"from", "rate", "per_unit", "bonus", "net_price", "per_payee", "max_quantity"}
    )
    kind: Literal["discount"] = "discount"
    bundle: Annotated[Bundle | None, _ON_TOTALS] = None
    reward: Annotated[tuple[DiscountReward, ...], OneOrMore]

    @property
    def counts_lines_in_part(self) -> bool:
        """The last line within an authorised quantity may count in part."""
        return any(
            reward.terms is not None and MAX_QUANTITY in reward.terms.first_lines
            for reward in self.reward
        )

    def why_no_single_lines(self) -> str:
        """A discount that is judged line by line may be marginal; a bonus never belongs to a line."""
        scopes = {reward.tier_scope for reward in self.reward}
        bonus = any(r.bonus or any(tier.bonus for tier in r.tiers) for r in self.reward)
        return "" if scopes == {"line"} and not bonus else super().why_no_single_lines()

    def own_findings(self) -> Iterator[Finding]:
        """Metrics that one line or sale does not have, and a net price next to other rewards."""
        for i, reward in enumerate(self.reward):
            yield from _scope_findings(("reward", i), reward)
            yield from _net_price_findings(("reward", i), reward)


def _scope_findings(path: KeyPath, reward: DiscountReward) -> Iterator[Finding]:
    scope = reward.tier_scope
    bonus = reward.bonus is not None
    if "tier_scope" in reward.model_fields_set and not reward.tiers and not bonus:
        message = "`tier_scope` has no effect without `tiers` or `bonus`"
        yield warning((*path, "tier_scope"), "no-tiers", message)
    if scope == "period":
        return
    if reward.tiers and reward.tiers_by not in _METRICS[scope]:
        message = f"a single {scope} has no {reward.tiers_by} to pick a tier by"
        hint = f'use {", ".join(_METRICS[scope])}, or tier_scope = "period"'
        yield Finding((*path, "tiers_by"), "metric-without-scope", message, hint)
    if reward.pays_on == "increment":
        message = f"a single {scope} has no increment over a baseline"
        hint = 'use tier_scope = "period", or a rebate'
        yield Finding((*path, "pays_on"), "metric-without-scope", message, hint)


def _net_price_findings(path: KeyPath, reward: DiscountReward) -> Iterator[Finding]:
    if reward.net_price is None:
        return
    for key in ("tiers", "rate", "per_unit", "bonus", "per_product"):
        if getattr(reward, key):
            message = f"`{key}` and `net_price` exclude each other"
            yield Finding((*path, key), "beside-net-price", message, "leave out one of them")

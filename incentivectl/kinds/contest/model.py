"""`kind = "contest"`: payees ranked against one another for prizes."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.core.money import plain
from incentivectl.programs.bundle import Bundle
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.reward import (
    Metric,
    MetricKey,
    PaysOn,
    Point,
    Prices,
    Reward,
    Tier,
    TierMode,
)
from incentivectl.programs.terms import Terms
from incentivectl.toml.numbers import not_negative
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.types import Amount, NoMeaning, Rate, Threshold
from incentivectl.toml.wrong import described, wrong

_BY_RANK = NoMeaning("a contest ranks by `rank_by` and pays `prizes`")


def _prizes(raw: object) -> tuple[Decimal, ...]:
    if not isinstance(raw, list | tuple):
        text = f"expected a list of prizes, not {described(raw)}"
        raise wrong("wrong-type", text, "such as [5_000, 2_500, 1_000]")
    if not raw:
        raise wrong("empty-list", "the list is empty")
    return tuple(not_negative(prize) for prize in raw)


class ContestReward(Reward):
    """The metric that ranks, who takes part, and the prizes from the first place on."""

    paying_keys: ClassVar[tuple[str, ...]] = ("prizes",)

    rank_by: MetricKey = "revenue"
    minimum: Threshold | None = None
    prizes: Annotated[
        tuple[Decimal, ...],
        BeforeValidator(_prizes),
        WithJsonSchema({"type": "array", "items": {"type": "number", "minimum": 0}}),
    ]
    tiers_by: Annotated[Literal["revenue"], _BY_RANK] = "revenue"
    tier_mode: Annotated[TierMode, _BY_RANK] = "retroactive"
    pays_on: Annotated[PaysOn, _BY_RANK] = "revenue"
    tiers: Annotated[tuple[Tier, ...], _BY_RANK] = ()
    rate: Annotated[Rate | None, _BY_RANK] = None
    per_unit: Annotated[Amount | None, _BY_RANK] = None
    bonus: Annotated[Amount | None, _BY_RANK] = None
    per_product: Annotated[Prices | None, _BY_RANK] = None
    every: Annotated[Decimal | None, _BY_RANK] = None
    pays: Annotated[Decimal | None, _BY_RANK] = None
    per_bundle: Annotated[Decimal | None, _BY_RANK] = None
    curve: Annotated[tuple[Point, ...], _BY_RANK] = ()
    tiers_months: Annotated[int | None, _BY_RANK] = None
    together: Annotated[Literal["parent"] | None, _BY_RANK] = None
    terms: Annotated[Terms | None, _BY_RANK] = None
    terms_by: Annotated[Literal["line"] | None, _BY_RANK] = None
    tiers_over: Annotated[Literal["term", "payee"], _BY_RANK] = "term"

    @property
    def judged_by(self) -> Metric:
        """What ranks."""
        return self.rank_by

    @property
    def least(self) -> Decimal | None:
        """The minimum."""
        return self.minimum


class ContestProgram(Program):
    """A contest (docs/rules.md, "Contests")."""

    ranks_payees: ClassVar[bool] = True
    pays_by_totals: ClassVar[bool] = True

    kind: Literal["contest"] = "contest"
    bundle: Annotated[Bundle | None, _BY_RANK] = None
    reward: Annotated[tuple[ContestReward, ...], OneOrMore]

    def metrics_used(self) -> Iterator[tuple[KeyPath, str]]:
        """What ranks, and the gate's."""
        for i, reward in enumerate(self.reward):
            yield ("reward", i, "rank_by"), reward.rank_by
        yield from super().metrics_used()

    def why_no_single_lines(self) -> str:
        """A prize belongs to a place in the ranking."""
        return "a prize belongs to a rank"

    def own_findings(self) -> Iterator[Finding]:
        """Prizes that are larger for a lower place."""
        for i, reward in enumerate(self.reward):
            for better, worse in pairwise(reward.prizes):
                if worse > better:
                    message = f"a lower place wins more: {plain(worse)} after {plain(better)}"
                    hint = "prizes are listed from the first place on"
                    yield warning(("reward", i, "prizes"), "prizes-grow", message, hint)
                    break

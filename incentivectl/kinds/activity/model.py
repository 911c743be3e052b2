"""`kind = "activity"`: what trainings, certifications, leads and the like earn."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from incentivectl.programs.bundle import Bundle
from incentivectl.programs.conditions import Value
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.gate import Baseline
from incentivectl.programs.model import NamedValues, Program
from incentivectl.programs.reward import PaysOn, Point, Prices, Reward, Tier, TierMode
from incentivectl.programs.terms import Terms
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.types import Amount, FilledText, NoMeaning, Number, Rate, one_of

OncePer = Literal["subject", "period", "program", "none"]
ONCE_PER: tuple[OncePer, ...] = ("subject", "period", "program", "none")

_BY_ACTIVITY = NoMeaning("an activity pays its `amount`")
_NO_LINES = NoMeaning("activities are not sale lines")


class ActivityReward(Reward):
    """One entry: an activity is paid by the first entry that it matches."""

    paying_keys: ClassVar[tuple[str, ...]] = ("amount",)

    activity: FilledText | None = None
    amount: Amount
    min_score: Number | None = None
    once_per: Annotated[OncePer, one_of(ONCE_PER, "how often an activity counts")] = "none"
    tiers_by: Annotated[Literal["revenue"], _BY_ACTIVITY] = "revenue"
    tier_mode: Annotated[TierMode, _BY_ACTIVITY] = "retroactive"
    pays_on: Annotated[PaysOn, _BY_ACTIVITY] = "revenue"
    tiers: Annotated[tuple[Tier, ...], _BY_ACTIVITY] = ()
    rate: Annotated[Rate | None, _BY_ACTIVITY] = None
    per_unit: Annotated[Amount | None, _BY_ACTIVITY] = None
    bonus: Annotated[Amount | None, _BY_ACTIVITY] = None
    per_product: Annotated[Prices | None, _BY_ACTIVITY] = None
    every: Annotated[Decimal | None, _BY_ACTIVITY] = None
    pays: Annotated[Decimal | None, _BY_ACTIVITY] = None
    per_bundle: Annotated[Decimal | None, _BY_ACTIVITY] = None
    curve: Annotated[tuple[Point, ...], _BY_ACTIVITY] = ()
    tiers_months: Annotated[int | None, _BY_ACTIVITY] = None
    together: Annotated[Literal["parent"] | None, _BY_ACTIVITY] = None
    terms: Annotated[Terms | None, _BY_ACTIVITY] = None
    terms_by: Annotated[Literal["line"] | None, _BY_ACTIVITY] = None
    tiers_over: Annotated[Literal["term", "payee"], _BY_ACTIVITY] = "term"

    @property
    def named(self) -> str:
        """The activity that it pays for, or `activity` where it pays for any."""
        return self.activity or "activity"


class ActivityProgram(Program):
    """A program that pays behaviours (docs/rules.md, "Activities")."""

    eligible_entities: ClassVar[frozenset[str]] = frozenset({"partner", "rep", "level"})
    alternatives: ClassVar[bool] = False
    reads: ClassVar[frozenset[str]] = frozenset({"activities"})

    kind: Literal["activity"] = "activity"
    payee: Annotated[
        Literal["partner", "rep", "parent"], one_of(("partner", "rep", "parent"), "who is active")
    ] = "rep"
    exclusive_group: Annotated[FilledText | None, _NO_LINES] = None
    priority: Annotated[int, _NO_LINES] = 0
    baseline: Annotated[Baseline | None, _NO_LINES] = None
    bundle: Annotated[Bundle | None, _NO_LINES] = None
    reward: Annotated[tuple[ActivityReward, ...], OneOrMore]

    def named_values(self) -> Iterator[NamedValues]:
        """The activities that are paid."""
        for i, entry in enumerate(self.reward):
            if entry.activity is not None:
                path = ("reward", i, "activity")
                yield path, ("activities", "activity"), (entry.activity,)
        yield from super().named_values()

    def usual_values(self, table: str, row: Mapping[str, Value]) -> Mapping[str, Value | None]:
        """An activity is the one that is paid first, with the score that is required."""
        if table != "activities":
            return {}
        named = [one.activity for one in self.reward if one.activity is not None]
        name = row.get("activity", [*named, "training"][0])
        paid = (one for one in self.reward if one.activity in (None, name))
        score = next((one.min_score for one in paid), None)
        return {"activity": name, "score": score}

    def own_findings(self) -> Iterator[Finding]:
        """A gate on sales, and entries that no activity ever reaches."""
        for i, gate in enumerate(self.gate):
            if not gate.activity:
                message = f"{gate.metric} is measured on sale lines, not on activities"
                hint = 'use a number of activities, such as metric = "activity.training"'
                yield Finding(("gate", i, "metric"), "gate-without-lines", message, hint)
        for i, entry in enumerate(self.reward):
            if any(_covers(earlier, entry) for earlier in self.reward[:i]):
                message = f"this entry never applies: one before it pays every {entry.named}"
                hint = "list entries from the highest `min_score` to the lowest"
                yield warning(("reward", i), "unreachable-reward", message, hint)


def _covers(earlier: ActivityReward, entry: ActivityReward) -> bool:
    """Whether everything that `entry` would match is matched by `earlier`."""
    if earlier.activity not in (None, entry.activity) or earlier.when:
        return False
    if earlier.min_score is None:
        return True
    return entry.min_score is not None and entry.min_score >= earlier.min_score

"""`kind = "level"`: sorts partners into levels and pays nothing."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from incentivectl.core.money import plain
from incentivectl.programs.bundle import Bundle
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import ENTITIES
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.gate import ACTIVITY, Baseline, Gate
from incentivectl.programs.model import NamedValues, Program
from incentivectl.programs.payout_rules import Boost, Limits, PayoutRules
from incentivectl.programs.reward import Reward, WindowMonths
from incentivectl.toml.numbers import positive
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.types import (
    Count,
    FilledText,
    Listed,
    NoMeaning,
    Number,
    TomlTable,
    Whole,
    any_text,
    by_name,
    one_of,
)
from incentivectl.toml.wrong import described, wrong

LevelMetric = Literal["revenue", "quantity", "lines", "sales", "customers", "products"]
METRICS: tuple[LevelMetric, ...] = (
    "revenue", "quantity", "lines", "sales", "customers", "products",
)  # fmt: skip
_PAYS_NOTHING = NoMeaning("a program of levels pays nothing")


def _activity(name: object) -> None:
    if not isinstance(name, str) or not name.startswith(ACTIVITY) or name == ACTIVITY:
        raise wrong("unknown-metric", f"expected activity.NAME, not {described(name)}")


def _also(raw: object) -> dict[str, Decimal]:
    return by_name(_flat(raw), positive, check_name=_activity)


def _flat(raw: object) -> object:
    """`activity.training = 2` may be written with or without quotes."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("activity"), Mapping):
        return raw
    others = {name: value for name, value in raw.items() if name != "activity"}
    return {**others, **{f"{ACTIVITY}{name}": value for name, value in raw["activity"].items()}}


def _name_or_by_payee(raw: object) -> str | dict[str, str]:
    return by_name(raw, any_text) if isinstance(raw, Mapping) else any_text(raw)


class Level(TomlTable):
    """One level: what the metric must come to, and how many activities must be passed beside it."""

    name: FilledText
    at_least: Number
    also: Annotated[
        Mapping[str, Decimal],
        BeforeValidator(_also),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "number"}}),
    ] = Field(default_factory=dict)


class LevelRules(TomlTable):
    """`[level]`: what is measured at each review, and the levels from the lowest up."""

    metric: Annotated[LevelMetric, one_of(METRICS, "a metric of levels")]
    months: WindowMonths | None = None
    grace_periods: Count = 0
    levels: Annotated[tuple[Level, ...], Listed, Field(min_length=1)]


class LevelExample(Example):
    """Lines, and the level that they reach at the last review; an empty text for none."""

    expect: Annotated[  # type: ignore[assignment]
        str | Mapping[str, str],
        BeforeValidator(_name_or_by_payee),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "additionalProperties": {"type": "string"}},
                ]
            }
        ),
    ]


class LevelProgram(Program):
    """A program of levels (docs/rules.md, "Levels")."""

    pays: ClassVar[bool] = False
    eligible_entities: ClassVar[frozenset[str]] = frozenset(ENTITIES)

    kind: Literal["level"] = "level"
    payee: Annotated[
        Literal["partner", "parent"], one_of(("partner", "parent"), "who has a level")
    ] = "partner"
    level: LevelRules
    settle: Annotated[Literal["end", "monthly"], _PAYS_NOTHING] = "end"
    exclusive_group: Annotated[FilledText | None, _PAYS_NOTHING] = None
    priority: Annotated[Whole, _PAYS_NOTHING] = 0
    bundle: Annotated[Bundle | None, _PAYS_NOTHING] = None
    gate: Annotated[tuple[Gate, ...], _PAYS_NOTHING] = ()
    baseline: Annotated[Baseline | None, _PAYS_NOTHING] = None
    reward: Annotated[tuple[Reward, ...], OneOrMore, _PAYS_NOTHING] = ()
    boost: Annotated[tuple[Boost, ...], _PAYS_NOTHING] = ()
    limits: Annotated[Limits, _PAYS_NOTHING] = Limits()
    payout: Annotated[PayoutRules, _PAYS_NOTHING] = PayoutRules()
    example: Annotated[tuple[LevelExample, ...], Listed] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of its levels."""
        return tuple(level.name for level in self.level.levels)

    def windows(self) -> Iterator[tuple[KeyPath, int]]:
        """That of its reviews, if they have one."""
        if self.level.months is not None:
            yield ("level", "months"), self.level.months

    @property
    def tables(self) -> frozenset[str]:
        """Activities count where some level asks for them."""
        also = any(level.also for level in self.level.levels)
        return self.reads | {"activities"} if also else self.reads

    def metrics_used(self) -> Iterator[tuple[KeyPath, str]]:
        """What is measured at a review."""
        yield ("level", "metric"), self.level.metric

    def named_values(self) -> Iterator[NamedValues]:
        """The activities that levels ask for."""
        for i, level in enumerate(self.level.levels):
            named = tuple(name.removeprefix(ACTIVITY) for name in level.also)
            if named:
                yield ("level", "levels", i, "also"), ("activities", "activity"), named

    def usual_values(self, table: str, row: Mapping[str, Value]) -> Mapping[str, Value | None]:
        """An activity is the first that a level asks for."""
        if table != "activities":
            return {}
        asked = [name for level in self.level.levels for name in level.also]
        return {"activity": [*asked, f"{ACTIVITY}training"][0].removeprefix(ACTIVITY)}

    def own_findings(self) -> Iterator[Finding]:
        """Levels of the same name or in the wrong order, and examples that expect an unknown level."""
        seen: set[str] = set()
        for i, name in enumerate(self.levels):
            if name in seen:
                message = f'two levels are called "{name}"'
                yield Finding(("level", "levels", i, "name"), "named-twice", message)
            seen.add(name)
        for i, (below, level) in enumerate(pairwise(self.level.levels), start=1):
            path = ("level", "levels", i)
            if level.at_least < below.at_least:
                message = (
                    f"{level.name} asks for less than {below.name}: {plain(level.at_least)} after"
                    f" {plain(below.at_least)}"
                )
                hint = "levels are listed from the lowest up"
                yield warning((*path, "at_least"), "levels-out-of-order", message, hint)
            elif level.at_least == below.at_least and level.also == below.also:
                message = f"{below.name} is never reached: {level.name} asks for the same"
                yield warning(path, "levels-out-of-order", message)
        for i, example in enumerate(self.example):
            told = example.expect
            for name in told.values() if isinstance(told, Mapping) else [told]:
                if name and name not in self.levels:
                    message = f'there is no level "{name}"'
                    hint = f"choose from {', '.join(self.levels)}"
                    yield Finding(("example", i, "expect"), "unknown-level", message, hint)

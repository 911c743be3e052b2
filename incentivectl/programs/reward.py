"""What a program pays: `[reward]` with its tiers (docs/rules.md, "Tiers")."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from incentivectl.programs.conditions import Conditions
from incentivectl.programs.lists import Lists
from incentivectl.programs.terms_file import TermsKey
from incentivectl.toml.numbers import not_negative, whole
from incentivectl.toml.types import (
    Amount,
    Listed,
    Positive,
    Rate,
    Threshold,
    TomlTable,
    by_name,
    one_of,
)
from incentivectl.toml.wrong import wrong

Metric = Literal[
    "revenue",
    "quantity",
    "lines",
    "sales",
    "customers",
    "products",
    "growth",
    "attainment",
    "bundles",
]
METRICS: tuple[Metric, ...] = (
    "revenue", "quantity", "lines", "sales", "customers", "products", "growth", "attainment",
)  # fmt: skip
TierMode = Literal["retroactive", "marginal"]
PaysOn = Literal["revenue", "list", "increment"]


def _prices(raw: object, info: ValidationInfo) -> Mapping[str, Decimal]:
    """Product → money per unit: an inline table, or a file with these columns."""
    if isinstance(raw, str):
        lists = info.context if isinstance(info.context, Lists) else Lists(())
        return lists.numbers(raw, "product_id", "per_unit")
    return by_name(raw, not_negative)


BUNDLES: Metric = "bundles"  # a metric of programs with a [bundle] alone


def _window(raw: object) -> int:
    months = whole(raw)
    if not 1 <= months <= 60:
        raise wrong("window-out-of-range", f"expected 1 to 60 months, not {months}")
    return months


_WINDOW_SCHEMA = {"type": "integer", "minimum": 1, "maximum": 60}
WindowMonths = Annotated[int, BeforeValidator(_window), WithJsonSchema(_WINDOW_SCHEMA)]
MetricKey = Annotated[Metric, one_of((*METRICS, BUNDLES), "a metric")]
Prices = Annotated[
    Mapping[str, Decimal],
    BeforeValidator(_prices),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            ]
        }
    ),
]


class Tier(TomlTable):
    """One tier: `from` is inclusive; what it pays adds up."""

    from_: Threshold = Field(validation_alias="from", serialization_alias="from")
    rate: Rate | None = None
    per_unit: Amount | None = None
    bonus: Amount | None = None
    every: Positive | None = None
    pays: Amount | None = None
    per_bundle: Amount | None = None


class Point(TomlTable):
    """One point of a curve: what is earned `at` a value of the metric; between points, in proportion."""

    at: Threshold
    pays: Amount | None = None
    rate: Rate | None = None


class Reward(TomlTable):
    """One `[reward]` or `[[reward]]`: tiers, a curve, or a flat rate, per_unit, bonus, per_product, steps.

    Steps: `pays` for `every` so much of the metric. Each kind says whether it allows steps and curves.
    """

    paying_keys: ClassVar[tuple[str, ...]] = (
        "rate", "per_unit", "bonus", "per_product", "every", "per_bundle",
    )  # fmt: skip

    when: Conditions = ()
    tiers_by: MetricKey = "revenue"
    tier_mode: Annotated[TierMode, one_of(("retroactive", "marginal"), "a tier mode")] = (
        "retroactive"
    )
    pays_on: Annotated[PaysOn, one_of(("revenue", "list", "increment"), "what a rate pays on")] = (
        "revenue"
    )
    tiers: Annotated[tuple[Tier, ...], Listed] = ()
    rate: Rate | None = None
    per_unit: Amount | None = None
    bonus: Amount | None = None
    per_product: Prices | None = None
    every: Positive | None = None
    pays: Amount | None = None
    per_bundle: Amount | None = None
    curve: Annotated[tuple[Point, ...], Listed] = ()
    tiers_months: WindowMonths | None = None
    together: Annotated[Literal["parent"], one_of(("parent",), "who counts together")] | None = None
    terms: TermsKey | None = None
    terms_by: Annotated[Literal["line"], one_of(("line",), "how terms are found")] | None = None
    tiers_over: Annotated[
        Literal["term", "payee"], one_of(("term", "payee"), "what a tier is measured over")
    ] = "term"

    @property
    def measures(self) -> bool:
        """Whether `tiers_by` decides what is paid."""
        terms = self.terms is not None and {"from", "every"} & self.terms.first_lines.keys()
        return bool(self.tiers or self.curve or self.every or terms)

    @property
    def tier_count(self) -> int:
        """How many tiers it has, or the one of its terms that has most."""
        terms = () if self.terms is None else self.terms.terms
        return max([len(self.tiers), *(len(term.tiers) for term in terms if term.is_tiered)])

    @property
    def scope(self) -> str:
        """What tiers are judged on: the measurement period, or a single line or sale."""
        return "period"

    @property
    def judged_by(self) -> Metric:
        """The metric that decides what a payee earns."""
        return self.tiers_by

    @property
    def least(self) -> Decimal | None:
        """What a payee must reach of that metric to take part."""
        return None

    def why_no_single_lines(self) -> str:
        """Why its pay cannot be attributed to single lines; empty if it can."""
        if self.terms is not None and (why := self.terms.why_no_single_lines()):
            return why
        if self.tier_mode == "marginal":
            return "marginal tiers pay on a total"
        if self.pays_on == "increment":
            return "an increment is paid on a total"
        if self.bonus or any(tier.bonus for tier in self.tiers):
            return "a bonus is not tied to a line"
        if self.every or any(tier.every for tier in self.tiers):
            return "a step is reached by a total"
        if self.per_bundle or any(tier.per_bundle for tier in self.tiers):
            return "a bundle is made of several lines"
        if any(point.pays is not None for point in self.curve):
            return "a curve pays on a total"
        return ""

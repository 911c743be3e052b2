"""From sums to rewards: all programs at once, by joins with the tables of their parameters.

Tiers are half-open and `from` is inclusive; a retroactive tier pays its rate on everything, marginal
tiers pay slice by slice; growth and attainment are compared without division
(docs/rules.md, "Tiers", "Gates").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.rules.earning.parameters import Parameters

_REWARD = ("program", "block")
_FOUND = (
    "metric", "metric_value", "tier", "rate", "per_unit", "earned", "bonus_pay", "why_nothing",
)  # fmt: skip
_EARNED = 18  # decimals of what is earned: of an amount (12) times a rate (6)
_NOTHING = money.literal(0, _EARNED)
_ZERO = money.literal(0, money.SHARED_SCALE)
_ONE = money.literal(1, money.SHARED_SCALE)
_NO_TEXT = pl.lit(None, dtype=pl.String)


def earn(sums: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """What payees earn by the tiers or the flat pay of the reward that each of them takes.

    `sums` has a row per `program`, `period` and `payee_id` with `block` (Int32: the reward that is taken,
    null for none), the metrics, `list_amount`, `baseline` and `target` (12 decimals), `unit_pay`
    (18 decimals), `activities` where a gate counts some. Adds `metric`, `metric_value` (12 decimals),
    `tier` (Int32), `rate` and `per_unit` (6 decimals), `earned` and `bonus_pay` (18 decimals), and
    `why_nothing` (String: why the whole reward is missing; these two are 0 there).
    """
    sums = sums.drop(*_FOUND, strict=False)
    payees = (
        sums.lazy().with_row_index("_at").join(parameters.rewards.lazy(), on=_REWARD, how="left")
    )
    payees = payees.with_columns(
        metric=pl.coalesce("tiers_by", pl.lit("revenue")),
        _has_base=_above_zero(_against(pl.col("tiers_by"))),
    ).with_columns(metric_value=measured(pl.col("metric")))
    reached = _tiers_reached(payees, parameters.tiers.lazy())
    paid = parameters.tiers.lazy().select(*_REWARD, "tier", "rate", "per_unit", "bonus")
    return (
        payees.join(reached, on="_at", how="left")
        .with_columns(tier=_tier())
        .join(paid, on=[*_REWARD, "tier"], how="left", nulls_equal=True)
        .with_columns(why_nothing=_why_nothing(), _pay=_pay(), _bonus=_bonus())
        .with_columns(
            earned=_unless_nothing(pl.col("_pay")), bonus_pay=_unless_nothing(pl.col("_bonus"))
        )
        .sort("_at")
        .select(*sums.columns, *_FOUND)
        .collect()
    )


def measured(metric: pl.Expr) -> pl.Expr:
    """The value of the metric that a column names, in a row of sums (12 decimals).

    Growth and attainment are quotients, rounded half up to 12 decimals; null where there is no baseline
    or target above 0.
    """
    scales = (money.SHARED_SCALE, money.SHARED_SCALE)
    baseline, target = pl.col("baseline"), pl.col("target")
    growth = money.divide(pl.col("revenue") - baseline, baseline, scales=scales, digits=12)
    attainment = money.divide(pl.col("revenue"), target, scales=scales, digits=12)
    return (
        pl.when(metric == "growth")
        .then(pl.when(_above_zero(baseline)).then(growth))
        .when(metric == "attainment")
        .then(pl.when(_above_zero(target)).then(attainment))
        .otherwise(_total(metric))
    )


def _total(metric: pl.Expr) -> pl.Expr:
    """The metric that a column names, for those that are sums or counts (12 decimals)."""
    names = ("revenue", "quantity", "lines", "sales", "customers", "products")
    return pl.coalesce(pl.when(metric == name).then(pl.col(name)) for name in names).cast(
        money.SHARED
    )


def _against(metric: pl.Expr) -> pl.Expr:
    """What growth and attainment are measured against (12 decimals); 1 for the other metrics."""
    return (
        pl.when(metric == "growth")
        .then(pl.col("baseline"))
        .when(metric == "attainment")
        .then(pl.col("target"))
        .otherwise(_ONE)
    )


def _size(metric: pl.Expr) -> pl.Expr:
    """What is held against `_against` x a threshold (12 decimals)."""
    return (
        pl.when(metric == "growth")
        .then(pl.col("revenue") - pl.col("baseline"))
        .when(metric == "attainment")
        .then(pl.col("revenue"))
        .otherwise(_total(metric))
    )


def _above_zero(value: pl.Expr) -> pl.Expr:
    return (value > 0).fill_null(False)


def _reaches(metric: pl.Expr, threshold: pl.Expr) -> pl.Expr:
    """Whether the metric is at least the threshold (6 decimals), without a division."""
    least = money.multiply(_against(metric), threshold, scales=(12, 6))
    return (money.scale_of(_size(metric), _EARNED) >= least).fill_null(False)


def _tiers_reached(payees: pl.LazyFrame, tiers: pl.LazyFrame) -> pl.LazyFrame:
    """`_at`, `_steps` (Int32: how many tiers are reached), `_slices` (18 decimals: marginal pay)."""
    by_tier = payees.filter("is_tiered").join(tiers, on=_REWARD, how="inner")
    return by_tier.group_by("_at").agg(
        _steps=_reaches(pl.col("tiers_by"), pl.col("from")).cast(pl.Int32).sum(),
        _slices=pl.when("is_marginal").then(_slice()).sum(),
    )


def _slice() -> pl.Expr:
    """What marginal pay gives for the part of the value that lies within a tier (18 decimals).

    A first tier from 0 also takes what is below 0, at its own rate.
    """
    by_quantity = pl.col("tiers_by") == "quantity"
    part = _total(pl.col("tiers_by")) - money.scale_of(pl.col("from"), money.SHARED_SCALE)
    part = pl.min_horizontal(part, money.scale_of(pl.col("width"), money.SHARED_SCALE))
    takes_negatives = (pl.col("tier") == 0) & pl.col("is_from_zero")
    part = pl.when(takes_negatives).then(part).otherwise(pl.max_horizontal(part, _ZERO))
    amount = pl.when(by_quantity).then("per_unit").otherwise("rate").fill_null(money.literal(0))
    return money.multiply(part, amount, scales=(12, 6))


def _tier() -> pl.Expr:
    """The tier that is reached, from 0 (Int32); null below the first, and where there are none."""
    steps = pl.col("_steps") - 1
    is_ratio = pl.col("tiers_by").is_in(["growth", "attainment"])
    steps = pl.when(~is_ratio & pl.col("is_from_zero")).then(steps.clip(0)).otherwise(steps)
    top = pl.when((pl.col("tiers_by") == "growth") & pl.col("is_full")).then("top")
    reached = pl.when(pl.col("_has_base")).then(pl.when(steps >= 0).then(steps)).otherwise(top)
    return pl.when("is_tiered").then(reached).cast(pl.Int32)


def _why_nothing() -> pl.Expr:
    """Why all of the reward is missing; null where it is not."""
    by = pl.col("tiers_by")
    needs_baseline = (by == "growth") | (pl.col("pays_on") == "increment")
    return pl.coalesce(
        pl.when(by.is_null()).then(pl.lit("no-reward")),
        pl.when(needs_baseline & ~pl.col("is_full") & ~_above_zero(pl.col("baseline"))).then(
            pl.lit("no-baseline")
        ),
        pl.when((by == "attainment") & ~_above_zero(pl.col("target"))).then(pl.lit("no-target")),
        pl.when(pl.col("is_tiered") & pl.col("tier").is_null()).then(pl.lit("no-tier")),
        _NO_TEXT,
    )


def _pay() -> pl.Expr:
    """Slices, or rate x what it pays on + per_unit x quantity; and each product's own pay."""
    baseline = pl.max_horizontal(pl.col("baseline").fill_null(_ZERO), _ZERO)
    basis = (
        pl.when(pl.col("pays_on") == "list")
        .then("list_amount")
        .when(pl.col("pays_on") == "increment")
        .then(pl.max_horizontal(pl.col("revenue") - baseline, _ZERO))
        .otherwise("revenue")
    )
    rate = pl.col("rate").fill_null(money.literal(0))
    per_unit = pl.col("per_unit").fill_null(money.literal(0))
    flat = money.multiply(basis, rate, scales=(12, 6)) + money.multiply(
        pl.col("quantity"), per_unit, scales=(12, 6)
    )
    paid = pl.when("is_marginal").then("_slices").otherwise(flat)
    return paid + pl.col("unit_pay").fill_null(_NOTHING)


def _bonus() -> pl.Expr:
    """The bonus of the tier reached, where the metric that reached it is above 0."""
    by = pl.when("is_tiered").then("tiers_by").otherwise(pl.lit("revenue"))
    sold, grown = pl.col("revenue") > 0, pl.col("revenue") > pl.col("baseline")
    without = pl.col("is_full") & ~_above_zero(pl.col("baseline"))
    is_above = (
        pl.when(by == "growth")
        .then(pl.when(without).then(sold).otherwise(grown))
        .when(by == "attainment")
        .then(sold)
        .otherwise(_total(by) > 0)
    )
    bonus = pl.when(is_above.fill_null(False)).then(pl.col("bonus"))
    return money.scale_of(bonus.fill_null(money.literal(0)), _EARNED)


def _unless_nothing(value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("why_nothing").is_null()).then(value).otherwise(_NOTHING)


def behind_gates(
    payees: pl.DataFrame, gates: pl.DataFrame, columns: Sequence[str] = ("earned", "bonus_pay")
) -> pl.DataFrame:
    """`payees` with nothing in `columns` (18 decimals) where their program's gate is not reached.

    There `why_nothing` becomes `gate`; a gate changes nothing else, tier and metric are still shown
    (docs/rules.md, "Gates"). `payees` have the columns of `measures.measured` and `why_nothing`.
    """
    if gates.is_empty():
        return payees
    reached = reaches_gate(pl.col("gate"), pl.col("gate_at_least"), pl.col("gate_is_full"))
    closed = pl.col("gate").is_not_null() & ~reached
    return (
        payees.lazy()
        .join(gates.lazy(), on="program", how="left", maintain_order="left")
        .with_columns(
            pl.when(closed).then(pl.lit("gate")).otherwise("why_nothing").alias("why_nothing"),
            *(pl.when(closed).then(_NOTHING).otherwise(name).alias(name) for name in columns),
        )
        .select(payees.columns)
        .collect()
    )


def reaches_gate(metric: pl.Expr, at_least: pl.Expr, is_full: pl.Expr) -> pl.Expr:
    """Whether a payee reaches a gate (true or false); `is_full`: a missing baseline counts as reached."""
    done = pl.col("activities")
    is_missing = ~_above_zero(pl.col("baseline")) & is_full
    has_base = _above_zero(_against(metric))
    return (
        pl.when(metric.str.starts_with("activity."))
        .then((done >= at_least).fill_null(False))
        .when((metric == "growth") & is_missing)
        .then(pl.lit(True))
        .otherwise(has_base & _reaches(metric, at_least))
    )

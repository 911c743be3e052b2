"""From sums to rewards: all programs at once, by joins with the tables of their parameters.

Tiers are half-open and `from` is inclusive; a retroactive tier pays its rate on everything, marginal
tiers pay slice by slice; growth and attainment are compared without division
(docs/rules.md, "Tiers", "Curves", "Steps").
"""

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import constants_once, in_parts
from incentivectl.rules.earning.parameters import Parameters

_REWARD = ("program", "block")
# What payees earn besides what single lines add up to, by the source of the contribution.
OWN_PAY = {
    "bonus": "bonus_pay",
    "step": "step_pay",
    "curve": "curve_pay",
    "bundle": "bundle_pay",
}
EARNED = ("earned", *OWN_PAY.values())
PICKED = "picked"
_FOUND = ("metric", "metric_value", "tier", "rate", "per_unit", *EARNED, "why_nothing")
_ZERO = money.literal(0, money.SHARED_SCALE)
_ONE = money.literal(1, money.SHARED_SCALE)
_NO_TEXT = pl.lit(None, dtype=pl.String)


def earn(sums: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """What payees earn by the tiers or the flat pay of the reward that each of them takes.

    `sums` has a row per `program`, `period` and `payee_id` with `block` (Int32: the reward that is taken,
    null for none), the metrics, `list_amount`, `baseline` and `target` (12 decimals), `unit_pay`
    (18 decimals). Where something else than the payee's own total picks its tier or its place on a
    curve, that is `picked` (12 decimals, null elsewhere). `lacks_terms` (Boolean) tells that none of the
    terms fits. Adds `metric`, `metric_value` (12 decimals),
    `tier` (Int32), `rate` (12 decimals), `per_unit` (6), what is `earned` by lines and on its own
    (`OWN_PAY`, 18 decimals), and `why_nothing` (String: why the whole reward is missing; all of it is 0
    there).
    """
    sums = sums.drop(*_FOUND, strict=False)
    usual = {PICKED: pl.lit(None, dtype=money.SHARED), "lacks_terms": pl.lit(False)}
    sums = sums.with_columns(**{k: v for k, v in usual.items() if k not in sums.columns})
    return sums.hstack(constants_once(in_parts(sums, lambda some: _found(some, parameters))))


def _found(sums: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """The columns that `earn` adds to some payees, in their order."""
    payees = (
        sums.lazy().with_row_index("_at").join(parameters.rewards.lazy(), on=_REWARD, how="left")
    )
    payees = payees.with_columns(
        metric=pl.coalesce("tiers_by", pl.lit("revenue")),
        _has_base=has_base(pl.col("tiers_by")),
    ).with_columns(metric_value=pl.coalesce(PICKED, measured(pl.col("metric"))))
    reached = _tiers_reached(payees, parameters.tiers.lazy())
    paid = parameters.tiers.lazy().drop("from", "width")
    return (
        _on_curves(payees.join(reached, on="_at", how="left"), parameters.points.lazy())
        .with_columns(tier=_tier())
        .join(paid, on=[*_REWARD, "tier"], how="left", nulls_equal=True)
        .with_columns(
            rate=pl.coalesce("_rate_on_curve", pl.col("rate").cast(money.SHARED)),
            why_nothing=_why_nothing(),
        )
        .with_columns(
            earned=_pay(),
            bonus_pay=_bonus(),
            step_pay=_steps(),
            curve_pay=_paid_on_curve(),
            bundle_pay=_per_bundle(),
        )
        .with_columns(_unless_nothing(pl.col(name)).alias(name) for name in EARNED)
        .sort("_at")
        .select(_FOUND)
        .collect(engine="in-memory")
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
    names = ("revenue", "quantity", "lines", "sales", "customers", "products", "bundles")
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


def has_base(metric: pl.Expr) -> pl.Expr:
    """Whether there is anything above 0 to hold the metric against; true but for growth, attainment."""
    return _above_zero(_against(metric))


def reaches(metric: pl.Expr, threshold: pl.Expr) -> pl.Expr:
    """Whether the metric is at least the threshold (6 decimals), without a division."""
    least = money.multiply(_against(metric), threshold, scales=(12, 6))
    return (money.scale_of(_size(metric), money.EARNED_SCALE) >= least).fill_null(False)


def _tiers_reached(payees: pl.LazyFrame, tiers: pl.LazyFrame) -> pl.LazyFrame:
    """`_at`, `_steps` (Int32: how many tiers are reached), `_slices` (18 decimals: marginal pay)."""
    by_tier = payees.filter("is_tiered").join(tiers, on=_REWARD, how="inner")
    return by_tier.group_by("_at").agg(
        _steps=_picks(pl.col("from")).cast(pl.Int32).sum(),
        _slices=pl.when("is_marginal").then(_slice()).sum(),
    )


def _picks(start: pl.Expr) -> pl.Expr:
    """Whether a tier is reached that begins at `start`."""
    own = reaches(pl.col("tiers_by"), start)
    return pl.when(pl.col(PICKED).is_not_null()).then(pl.col(PICKED) >= start).otherwise(own)


def _on_curves(payees: pl.LazyFrame, points: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `_point` (Int32: the last point that is reached, from 0), `_rate_on_curve`, `_pays_on_curve`.

    Both of these have 12 decimals and are null off a curve, or before its first point. A total below 0
    still takes the first point's rate where that stands at 0; so does a missing baseline that counts
    as the top tier take the last point (docs/rules.md, "Curves").
    """
    x = pl.col("metric_value")
    passed = (
        payees.filter("is_curved")
        .join(points.select(*_REWARD, "at"), on=_REWARD, how="inner")
        .group_by("_at")
        .agg(_steps=(x >= pl.col("at")).fill_null(False).cast(pl.Int32).sum())
        .rename({"_steps": "_passed"})
    )
    negative = pl.col("is_from_zero") & (x < 0) & ~_is_ratio()
    reached = pl.when(negative).then(0).otherwise(pl.col("_passed") - 1)
    is_top = (pl.col("tiers_by") == "growth") & pl.col("is_full") & ~pl.col("_has_base")
    point = pl.when(is_top).then("top").when(reached >= 0).then(reached)
    on_point = (
        payees.join(passed, on="_at", how="left")
        .with_columns(_point=pl.when("is_curved").then(point).cast(pl.Int32))
        .join(points.rename({"point": "_point"}), on=[*_REWARD, "_point"], how="left")
    )
    return on_point.with_columns(
        _rate_on_curve=_on_curve("rate"),
        _pays_on_curve=pl.when(~negative.fill_null(False)).then(_on_curve("pays")),
    )


def _on_curve(what: str) -> pl.Expr:
    """The curve's rate or pay at the metric's value (12 decimals): on the line between two points."""
    x, here = pl.col("metric_value"), pl.col(f"{what}_at")
    line = money.between(x, (pl.col("at"), here), (pl.col("next_at"), pl.col(f"next_{what}")))
    is_between = pl.col("next_at").is_not_null() & (x >= pl.col("at"))
    return pl.when(is_between).then(line).otherwise(here.cast(money.SHARED))


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
    steps = pl.when(~_is_ratio() & pl.col("is_from_zero")).then(steps.clip(0)).otherwise(steps)
    top = pl.when((pl.col("tiers_by") == "growth") & pl.col("is_full")).then("top")
    reached = pl.when(pl.col("_has_base")).then(pl.when(steps >= 0).then(steps)).otherwise(top)
    return pl.when("is_tiered").then(reached).cast(pl.Int32)


def _is_ratio() -> pl.Expr:
    return pl.col("tiers_by").is_in(["growth", "attainment"])


def _why_nothing() -> pl.Expr:
    """Why all of the reward is missing; null where it is not."""
    by = pl.col("tiers_by")
    compares = pl.col("is_tiered") | pl.col("is_curved")
    needs_baseline = (compares & (by == "growth")) | (pl.col("pays_on") == "increment")
    return pl.coalesce(
        pl.when("lacks_terms").then(pl.lit("no-terms")),
        pl.when(by.is_null()).then(pl.lit("no-reward")),
        pl.when(needs_baseline & ~pl.col("is_full") & ~_above_zero(pl.col("baseline"))).then(
            pl.lit("no-baseline")
        ),
        pl.when(compares & (by == "attainment") & ~_above_zero(pl.col("target"))).then(
            pl.lit("no-target")
        ),
        pl.when(pl.col("is_tiered") & pl.col("tier").is_null()).then(pl.lit("no-tier")),
        pl.when(pl.col("is_curved") & _is_off_curve()).then(pl.lit("no-tier")),
        _NO_TEXT,
    )


def _is_off_curve() -> pl.Expr:
    return pl.col("_rate_on_curve").is_null() & pl.col("_pays_on_curve").is_null()


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
    curved = money.at_exact_rate(basis, pl.col("rate"))
    paid = (
        pl.when(pl.col("_rate_on_curve").is_not_null())
        .then(curved)
        .when("is_marginal")
        .then("_slices")
        .otherwise(flat)
    )
    return paid + pl.col("unit_pay").fill_null(money.NOTHING)


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
        .when(pl.col(PICKED).is_not_null())
        .then((pl.col(PICKED) > 0) & sold)
        .otherwise(_total(by) > 0)
    )
    bonus = pl.when(is_above.fill_null(False)).then(pl.col("bonus"))
    return money.scale_of(bonus.fill_null(money.literal(0)), money.EARNED_SCALE)


def _steps() -> pl.Expr:
    """`pays` for `every` so much of the metric (docs/rules.md, "Steps")."""
    metric = _total(pl.col("tiers_by"))
    times = money.times_whole(metric, pl.col("every"), scales=(12, 6))
    return money.multiply(times, pl.col("pays"), scales=(12, 6)).fill_null(money.NOTHING)


def _per_bundle() -> pl.Expr:
    """So much for each bundle (docs/rules.md, "Bundles")."""
    paid = money.multiply(pl.col("bundles"), pl.col("per_bundle"), scales=(12, 6))
    return paid.fill_null(money.NOTHING)


def _paid_on_curve() -> pl.Expr:
    """What the curve pays at the metric's value; without a baseline, only where anything was sold."""
    unsold = (pl.col("tiers_by") == "growth") & ~pl.col("_has_base") & (pl.col("revenue") <= 0)
    pays = money.scale_of(pl.col("_pays_on_curve").fill_null(_ZERO), money.EARNED_SCALE)
    return pl.when(unsold.fill_null(False)).then(money.NOTHING).otherwise(pays)


def _unless_nothing(value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("why_nothing").is_null()).then(value).otherwise(money.NOTHING)

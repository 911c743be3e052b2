"""What a program measures of each payee in each measurement period.

Measures combine by addition (sums) and by union (distinct counts), so that they can be taken over
partitions of the lines. Rules: docs/rules.md, "Metrics", "Baselines".
"""

from collections.abc import Collection, Sequence

import polars as pl

from incentivectl import money
from incentivectl.periods import baseline_window
from incentivectl.rules.case import Case
from incentivectl.rules.eligibility import judged
from incentivectl.rules.payees import with_payees
from incentivectl.rules.reasons import by_reason, together

COUNTS = ("lines", "sales", "customers", "products")
METRICS = ("revenue", "quantity", *COUNTS, "growth", "attainment")
KEYS = ("period", "payee_id")


def measured(
    lines: pl.LazyFrame,
    counts: Collection[str],
    extra: Collection[pl.Expr],
    keys: Sequence[str] = KEYS,
) -> pl.LazyFrame:
    """Totals of counted lines per `period` and `payee_id`, or by other `keys`.

    Columns: `revenue`, `quantity` (decimals as those of the lines), those of `counts` (12
    decimals), and `extra` sums. Counts ignore returns (docs/rules.md, "Measuring").
    """
    kept = ~pl.col("is_return")
    of = {
        "lines": kept.sum(),
        "sales": pl.struct(sold_through="distributor_id", sold_by="partner_id", sold_as="sale_id")
        .filter(kept)
        .n_unique(),
        "customers": pl.col("customer_id").filter(kept).drop_nulls().n_unique(),
        "products": pl.col("product_id").filter(kept).drop_nulls().n_unique(),
    }
    return lines.group_by(keys).agg(
        pl.col("amount").sum().alias("revenue"),
        pl.col("quantity").sum(),
        *(of[name].cast(pl.Int64).cast(money.SHARED).alias(name) for name in sorted(counts)),
        *extra,
    )


def totals(
    case: Case,
    counted: pl.LazyFrame,
    metrics: Collection[str],
    extra: Collection[pl.Expr] = (),
    keys: Sequence[str] = KEYS,
) -> pl.DataFrame:
    """Measures of every payee with a counted line: what `metrics` and the gate compare.

    Columns: those of `measured`; `baseline` and `target` (12 decimals), null where missing; and
    `activities` where the gate counts some. With further `keys`, each part of a payee's lines is
    measured by itself, against the payee's own baseline and target.
    """
    needed = _needed(case, metrics)
    found = measured(counted, needed & set(COUNTS), extra, keys).collect(engine="streaming")
    return _compared(case, found, needed)


def totals_and_reasons(
    case: Case,
    judged: pl.LazyFrame,
    counted: pl.LazyFrame,
    metrics: Collection[str],
    extra: Collection[pl.Expr] = (),
    *also: pl.LazyFrame,
) -> list[pl.DataFrame]:
    """`totals` of the `counted` of the `judged` lines, what became of these (`by_reason`), and `also`."""
    needed = _needed(case, metrics)
    found, *others = together(
        measured(counted, needed & set(COUNTS), extra), by_reason(judged), *also
    )
    return [_compared(case, found, needed), *others]


def _needed(case: Case, metrics: Collection[str]) -> set[str]:
    gate = case.program.gate
    return {*metrics, gate.metric} if gate is not None else set(metrics)


def _compared(case: Case, found: pl.DataFrame, needed: Collection[str]) -> pl.DataFrame:
    """Adds what measures are compared with: `baseline`, `target` and `activities`."""
    missing = pl.lit(None, dtype=money.SHARED)
    if case.program.asks_for_growth:
        found = found.join(baselines(case), on=KEYS, how="left")
    else:
        found = found.with_columns(baseline=missing)
    if "attainment" in needed:
        goals = targets(case).with_columns(pl.col("target").cast(money.SHARED))
        found = found.join(goals, on=KEYS, how="left")
    else:
        found = found.with_columns(target=missing)
    return with_gate_activities(case, found)


def with_gate_activities(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `activities` (12 decimals, null for none) where the gate counts a kind of activity."""
    gate = case.program.gate
    if gate is None or not gate.metric.startswith("activity."):
        return payees
    counts = activity_counts(case, gate.metric.removeprefix("activity."))
    return payees.join(counts, on=KEYS, how="left")


def baselines(case: Case) -> pl.DataFrame:
    """`period`, `payee_id`, `baseline` (12 decimals): revenue in each period's shifted window."""
    program = case.program
    stated = case.channel.tables.get("baselines")
    if stated is not None:
        return stated
    assert program.baseline is not None
    windows = tuple(
        baseline_window(period, program.period, program.baseline.from_) for period in case.periods
    )
    counted = judged(case, windows, baseline=True).filter(pl.col("reason").is_null())
    return (
        measured(with_payees(case, counted), (), ())
        .select(*KEYS, baseline="revenue")
        .collect(engine="streaming")
    )


def targets(case: Case) -> pl.DataFrame:
    """`period`, `payee_id`, `target` (6 decimals): what `targets` sets for this program's periods."""
    starts = [period.start for period in case.periods]
    frame = case.channel.tables["targets"].filter(
        pl.col("program_id") == case.program.id, pl.col("period_start").is_in(starts)
    )
    return frame.select(
        pl.col("period_start")
        .replace_strict(starts, list(range(len(starts))), return_dtype=pl.Int32)
        .alias("period"),
        "payee_id",
        "target",
    )


def activity_counts(case: Case, activity: str) -> pl.DataFrame:
    """`period`, `payee_id`, `activities` (12 decimals): passed ones of that kind in each period."""
    payee = "rep_id" if case.program.payee == "rep" else "partner_id"
    done = case.facts.activities.filter(pl.col("activity") == activity)
    frames = [
        done.filter(pl.col("done_on").is_between(period.start, period.end))
        .group_by(pl.col(payee).alias("payee_id"))
        .agg(activities=pl.len().cast(pl.Int64).cast(money.SHARED))
        .with_columns(period=pl.lit(index, dtype=pl.Int32))
        .select(*KEYS, "activities")
        for index, period in enumerate(case.periods)
    ]
    return pl.concat(frames)

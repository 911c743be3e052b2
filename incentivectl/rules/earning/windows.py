"""Trailing windows: what the metric that picks a tier is measured on, where that is longer than a period.

A window holds the payee's lines that count from some months before the measurement period's end up to it,
and that meet `[eligible]` on their own dates (docs/rules.md, "Windows").
"""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.reward import Metric
from incentivectl.rules.case import Asked, Case, Judged, Sums
from incentivectl.rules.earning.earn import PICKED, measured
from incentivectl.rules.earning.expected import SHARES
from incentivectl.rules.earning.measures import (
    BY_PROGRAM,
    COUNTED,
    COUNTS,
    MORE,
    distinct,
    still_to_come,
    totals,
)
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.payees import with_payees
from incentivectl.rules.lines.sums import WINDOW
from incentivectl.rules.lines.terms import Blocks

# Some days, inclusive, each with what its sums are kept by.
_DAYS = ("first", "last")
_BY_WINDOW: Schema = {"block": pl.Int32, "period": pl.Int32, "first": pl.Date, "last": pl.Date}
_KEYS = ("period", "payee_id", "block")
_NOTHING = money.literal(0, money.SHARED_SCALE)


def windows_of(case: Case) -> list[tuple[int, int, MeasurementPeriod]]:
    """The window of each reward (`block`) that has one, in each measurement period (its place)."""
    calendar = case.channel.calendar
    return [
        (
            block,
            place,
            calendar.trailing_window(period.end, reward.tiers_months, case.channel.as_of),
        )
        for block, reward in enumerate(case.program.reward)
        if reward.tiers_months is not None
        for place, period in enumerate(case.periods)
    ]


def asked(case: Case) -> Asked:
    """What payees sold in the windows of a program: sums and ids, by `KEYS` and `block`."""
    windows = windows_of(case)
    if not windows:
        return {}
    first = min(window.start for _, _, window in windows)
    last = max(window.end for _, _, window in windows)
    eligible = judged(case, (MeasurementPeriod(first, last),), baseline=True)
    counted = with_payees(case, eligible.filter(pl.col("reason").is_null())).drop("period")
    metrics = {reward.tiers_by for reward in case.program.reward if reward.tiers_months}
    within = pl.LazyFrame(
        [(block, place, window.start, window.end) for block, place, window in windows],
        schema=_BY_WINDOW,
        orient="row",
    )
    return {f"{WINDOW}{name}": sums for name, sums in in_windows(counted, within, metrics).items()}


def in_windows(
    counted: pl.LazyFrame, within: pl.LazyFrame, metrics: Collection[str]
) -> dict[str, pl.LazyFrame]:
    """Sums of counted lines in windows that may overlap, by payee and whatever tells windows apart.

    `within` has a window's `first` and `last` day and its keys, such as `period`. `totals` are
    `measures.totals`; for each of `metrics` that counts ids, these ids.
    """
    keys = [name for name in within.collect_schema() if name not in _DAYS]
    in_window = (pl.col("counted_on") >= pl.col("first")) & (pl.col("counted_on") <= pl.col("last"))
    by_day = totals(counted, (), ("counted_on", "payee_id")).join_where(within, in_window)
    sums = by_day.group_by("payee_id", *keys).agg(pl.col("revenue", "quantity", "lines").sum())
    found = {"totals": sums}
    for metric in COUNTED:
        if metric in metrics:
            ids = distinct(counted, metric, ("counted_on", "payee_id"))
            parts = ids.join_where(within, in_window).drop("counted_on", *_DAYS)
            found[metric] = parts.unique()
    return found


def with_windows(programs: Sequence[Judged], payees: pl.DataFrame, sums: Sums) -> pl.DataFrame:
    """Adds `picked` (12 decimals): the metric in the window of the reward that a payee takes, else null."""
    looking = [one for one in programs if windows_of(one.case)]
    if not looking:
        return payees
    taken = (
        pl.when(pl.col("program") == one.place).then(Blocks(one.case.program.reward).reward_of())
        for one in looking
    )
    windowed = pl.DataFrame(
        [(place, block) for place, block, _ in _rewards_with_windows(looking)],
        schema={"program": pl.UInt32, "_taken": pl.Int32},
        orient="row",
    ).with_columns(is_windowed=True)
    return (
        payees.lazy()
        .with_columns(_taken=pl.coalesce(*taken))
        .join(
            _picked(looking, sums).lazy().rename({"block": "_taken"}),
            on=[*BY_PROGRAM, "_taken"],
            how="left",
            maintain_order="left",
        )
        .join(windowed.lazy(), on=["program", "_taken"], how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("is_windowed").is_not_null())
            .then(pl.col(PICKED).fill_null(_NOTHING))
            .alias(PICKED)
        )
        .drop("_taken", "is_windowed")
        .collect()
    )


def _rewards_with_windows(programs: Sequence[Judged]) -> Iterator[tuple[int, int, Metric]]:
    """The place of each program, its `[[reward]]`s (`block`) that have a window, and their metrics."""
    for one in programs:
        for block, reward in enumerate(one.case.program.reward):
            if reward.tiers_months is not None:
                yield one.place, block, reward.tiers_by


def _picked(looking: Sequence[Judged], sums: Sums) -> pl.DataFrame:
    """`BY_PROGRAM`, `block`, `picked`: the metric that picks a tier in the window of each reward."""
    of_window = [
        pl.when((pl.col("program") == place) & (pl.col("block") == block)).then(
            measured(pl.lit(metric))
        )
        for place, block, metric in _rewards_with_windows(looking)
    ]
    by_window = _by_window(looking, sums)
    return by_window.select(*BY_PROGRAM, "block", pl.coalesce(of_window).alias(PICKED))


def _by_window(looking: Sequence[Judged], sums: Sums) -> pl.DataFrame:
    """All metrics of each window, by program, payee and `block`."""
    by_window = sums[f"{WINDOW}totals"].with_columns(pl.col("lines").cast(money.SHARED))
    keys = ("program", *_KEYS)
    for metric in COUNTED:
        ids = sums.get(WINDOW + metric)
        if ids is None:
            by_window = by_window.with_columns(_NOTHING.alias(metric))
        else:
            counts = ids.group_by(keys).agg(
                pl.len().cast(pl.Int64).cast(money.SHARED).alias(metric)
            )
            by_window = by_window.join(counts, on=keys, how="left").with_columns(
                pl.col(metric).fill_null(0)
            )
    if SHARES in sums:
        by_window = _at_the_end(by_window, still_to_come(looking, sums))
    return by_window.with_columns(
        pl.lit(None, dtype=money.SHARED).alias(name) for name in ("baseline", "target", "bundles")
    )


def _at_the_end(by_window: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Windows with what is still to come in their measurement period; ids count as new ones."""
    added = [
        (pl.col(name).cast(money.SHARED) + pl.col(f"{MORE}{name}").fill_null(_NOTHING)).alias(name)
        for name in ("revenue", "quantity", *COUNTS)
    ]
    joined = by_window.join(more, on=BY_PROGRAM, how="left", maintain_order="left")
    return joined.with_columns(added).select(by_window.columns)

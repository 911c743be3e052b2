"""What programs measure of each payee in each measurement period, and what that is held against.

Rules: docs/questions.md, "Metrics", "Baselines", "Targets".
"""

from collections.abc import Collection, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.tables import SALE
from incentivectl.programs.model import Program
from incentivectl.rules.case import KEYS, Asked, Case, Judged, Sums
from incentivectl.rules.earning.expected import SHARES, at_the_end
from incentivectl.rules.earning.gate import DONE
from incentivectl.rules.lines.eligibility import PART, judged
from incentivectl.rules.lines.payees import activities_of_payees, with_payees
from incentivectl.rules.lines.sums import BY_REWARD, WHOLE
from incentivectl.sales.returns import ORIGINAL

# The ids that each of these metrics counts, and which of them a line must have to count.
COUNTED = {
    "sales": (SALE, ()),
    "customers": (("customer_id",), ("customer_id",)),
    "products": (("product_id",), ("product_id",)),
}
COUNTS = ("lines", *COUNTED)
# What bundles are made within: the ids of a sale, of a customer, or none of them.
_WITHIN: dict[str | None, tuple[str, ...]] = {
    None: (),
    "sale": SALE,
    "customer": ("customer_id",),
}
METRICS = ("revenue", "quantity", *COUNTS, "growth", "attainment")
BY_PROGRAM = ("program", *KEYS)
MORE = "more:"  # before a metric: what a forecast adds to it
_NO_AMOUNT = pl.lit(None, dtype=money.SHARED)


def totals(
    counted: pl.LazyFrame, also: Collection[pl.Expr] = (), keys: Sequence[str] = KEYS
) -> pl.LazyFrame:
    """Sums of counted lines by payee: `revenue`, `quantity` (decimals as the lines have them), `lines`.

    `lines` (Int64) leaves out returns, as all counts do; `also` are further sums.
    """
    return counted.group_by(keys).agg(
        pl.col("amount").sum().alias("revenue"),
        pl.col("quantity").sum(),
        (~pl.col("is_return")).sum().cast(pl.Int64).alias("lines"),
        *also,
    )


def distinct(counted: pl.LazyFrame, metric: str, keys: Sequence[str] = KEYS) -> pl.LazyFrame:
    """What one of the metrics `sales`, `customers`, `products` counts: each id once by payee."""
    ids, needed = COUNTED[metric]
    sold = counted.filter(~pl.col("is_return"), *(pl.col(name).is_not_null() for name in needed))
    return sold.select(*keys, *ids).unique()


def of_lines(
    lines: pl.LazyFrame,
    metrics: Collection[str],
    keys: Sequence[str],
    also: Collection[pl.Expr] = (),
) -> pl.LazyFrame:
    """`totals` of lines by any `keys`, with the counts of ids among `metrics`; all 12 decimals."""
    found = totals(lines, also, keys)
    counts = [name for name in COUNTED if name in metrics]
    for metric in counts:
        ids = distinct(lines, metric, keys)
        counted = ids.group_by(keys).agg(pl.len().cast(pl.Int64).alias(metric))
        found = found.join(counted, on=list(keys), how="left", nulls_equal=True)
    return found.with_columns(pl.col("lines", *counts).fill_null(0).cast(money.SHARED))


def asked(
    case: Case,
    counted: pl.LazyFrame,
    metrics: Collection[str] = (),
    also: Collection[pl.Expr] = (),
) -> Asked:
    """What `metrics` and the gates of a program take: its totals, distinct ids, and baselines."""
    needed = {*metrics, *(gate.metric for gate in case.program.gate)}
    base = {"baselines": baselines(case)} if case.program.asks_for_growth else {}
    bundles = {"needs": quantities_of_needs(case, counted)} if case.program.needs else {}
    return {
        "totals": totals(counted, [*also, *_parts(case.program)]),
        **_distinct(counted, needed, KEYS),
        **base,
        **bundles,
    }


def _parts(program: Program) -> list[pl.Expr]:
    """What the lines that gates take a share of come to, in the gate's metric (12 decimals)."""
    return [
        pl.when(f"{PART}{index}")
        .then("quantity" if gate.metric == "quantity" else "amount")
        .sum()
        .cast(money.SHARED)
        .alias(f"{PART}{index}")
        for index, gate in enumerate(program.gate)
        if gate.share_of
    ]


def quantities_of_needs(case: Case, counted: pl.LazyFrame) -> pl.LazyFrame:
    """The quantity of each `need` of the bundle, by `KEYS` and by what bundles are made within.

    That is the customer or the sale of the line, or of the one that it reverses; the ids that do not
    matter are null. Lines without a customer make no bundles of a customer.
    """
    assert case.program.bundle is not None
    within = _WITHIN[case.program.bundle.per]
    ids = [
        pl.col(f"{ORIGINAL}{name}").alias(name)
        if name in within
        else pl.lit(None, dtype=pl.String).alias(name)
        for name in WHOLE
    ]
    parts = counted.select(*KEYS, "need", "quantity", *ids)
    if within == ("customer_id",):
        parts = parts.drop_nulls("customer_id")
    return parts.group_by(*KEYS, "need", *WHOLE).agg(pl.col("quantity").sum())


def asked_by_reward(
    counted: pl.LazyFrame, metrics: Collection[str], also: Collection[pl.Expr]
) -> Asked:
    """Totals and distinct ids for each reward (`block`) apart."""
    keys = (*KEYS, "block")
    frames = {"totals": totals(counted, also, keys), **_distinct(counted, metrics, keys)}
    return {BY_REWARD + name: frame for name, frame in frames.items()}


def _distinct(
    counted: pl.LazyFrame, metrics: Collection[str], keys: Sequence[str]
) -> dict[str, pl.LazyFrame]:
    return {name: distinct(counted, name, keys) for name in COUNTED if name in metrics}


def baselines(case: Case) -> pl.LazyFrame:
    """`period`, `payee_id`, `baseline` (12 decimals): revenue in each period's shifted window."""
    program = case.program
    stated = case.channel.tables.get("baselines")
    if stated is not None:
        return stated.lazy()
    assert program.baseline is not None
    windows = tuple(
        case.channel.calendar.baseline_window(period, program.period, program.baseline.from_)
        for period in case.periods
    )
    counted = judged(case, windows, baseline=True).filter(pl.col("reason").is_null())
    return totals(with_payees(case, counted)).select(*KEYS, baseline="revenue")


def measured(programs: Sequence[Judged], sums: Sums, *, by_reward: bool = False) -> pl.DataFrame:
    """All that is measured of every payee with a counted line, and what it is held against.

    A row per `program`, `period` and `payee_id` (and `block`, if `by_reward`): `revenue`, `quantity`,
    the counts that some program takes, `baseline`, `target` and `done:<gate>` (12 decimals; the last
    three null where missing), and whatever else the programs asked of their totals. What a payee is
    held against is the same for all of its rewards.
    """
    prefix, keys = (BY_REWARD, (*BY_PROGRAM, "block")) if by_reward else ("", BY_PROGRAM)
    places = [one.place for one in programs]
    totals = sums[f"{prefix}totals"].filter(pl.col("program").is_in(places))
    found = totals.lazy().with_columns(pl.col("lines").cast(money.SHARED))
    for metric in COUNTED:
        ids = sums.get(prefix + metric)
        counted = None if ids is None else counts_of_ids(totals, ids, metric, keys)
        found = _joined(found, counted, metric, keys)
    found = _joined(found, _bundles(programs, sums.get("needs")), "bundles").with_columns(
        pl.col("bundles").fill_null(0)
    )
    counts = (*COUNTS, "bundles")
    added_up = [name for name in found.collect_schema() if name not in (*keys, *counts)]
    found = at_the_end(found, sums, added_up, counts)
    found = _joined(found, sums.get("baselines"), "baseline")
    found = _joined(found, _targets(programs), "target")
    return with_activities(programs, found.collect(engine="in-memory"))


def still_to_come(programs: Sequence[Judged], sums: Sums) -> pl.DataFrame:
    """What a forecast adds to the metrics to date of each payee (12 decimals), as `more:<metric>`."""
    metrics = ("revenue", "quantity", *COUNTS)
    to_date = {name: frame for name, frame in sums.items() if name != SHARES}
    sides = [
        measured(programs, some).select(*BY_PROGRAM, pl.col(metrics).cast(money.SHARED))
        for some in (sums, to_date)
    ]
    both = sides[0].join(sides[1], on=BY_PROGRAM, suffix=":to_date")
    more = [(pl.col(name) - pl.col(f"{name}:to_date")).alias(f"{MORE}{name}") for name in metrics]
    return both.select(*BY_PROGRAM, *more)


def _joined(
    payees: pl.LazyFrame, more: pl.DataFrame | None, name: str, keys: Sequence[str] = BY_PROGRAM
) -> pl.LazyFrame:
    if more is None:
        return payees.with_columns(_NO_AMOUNT.alias(name))
    return payees.join(more.lazy(), on=keys, how="left", maintain_order="left")


def counts_of_ids(
    totals: pl.DataFrame, ids: pl.DataFrame, metric: str, keys: Sequence[str]
) -> pl.DataFrame:
    """How many ids a metric counts (12 decimals), 0 where all lines of a payee are returns."""
    counted = ids.group_by(keys).agg(pl.len().cast(pl.Int64).alias(metric))
    found = totals.select(keys).join(counted, on=keys, how="left")
    return found.with_columns(pl.col(metric).fill_null(0).cast(money.SHARED))


def _bundles(programs: Sequence[Judged], quantities: pl.DataFrame | None) -> pl.DataFrame | None:
    """`bundles` (12 decimals) of each payee: how often all needs are met, within each whole, added up.

    A need whose returns outweigh its sales, or of which nothing was sold, is met 0 times.
    """
    needs = [
        (one.place, index, need.quantity, len(one.case.program.needs))
        for one in programs
        for index, need in enumerate(one.case.program.needs)
    ]
    if quantities is None or not needs:
        return None
    schema: Schema = {
        "program": pl.UInt32,
        "need": pl.Int32,
        "needed": money.AMOUNT,
        "needs": pl.UInt32,
    }
    table = pl.DataFrame(needs, schema=schema, orient="row")
    times = money.times_whole(
        pl.col("quantity").cast(money.SHARED), pl.col("needed"), scales=(12, 6)
    )
    return (
        quantities.lazy()
        .join(table.lazy(), on=["program", "need"], how="inner")
        .with_columns(times=times)
        .group_by(*BY_PROGRAM, *WHOLE)
        .agg(pl.col("times").min(), is_whole=pl.len() == pl.col("needs").first())
        .filter("is_whole")
        .group_by(BY_PROGRAM)
        .agg(bundles=pl.col("times").sum())
        .collect(engine="in-memory")
    )


def _targets(programs: Sequence[Judged]) -> pl.DataFrame | None:
    """What `targets` sets for the periods of the programs that measure attainment (12 decimals)."""
    rows = [
        (one.place, one.case.program.id, index, period.start)
        for one in programs
        if "attainment" in _compared(one.case)
        for index, period in enumerate(one.case.periods)
    ]
    if not rows:
        return None
    schema = {"program": pl.UInt32, "program_id": pl.String, "period": pl.Int32}
    wanted = pl.DataFrame(rows, schema=schema | {"period_start": pl.Date}, orient="row")
    return (
        programs[0]
        .case.channel.tables["targets"]
        .join(wanted, on=["program_id", "period_start"], how="inner")
        .select(*BY_PROGRAM, pl.col("target").cast(money.SHARED))
    )


def _compared(case: Case) -> set[str]:
    """The metrics that a program's rewards and its gates compare."""
    program = case.program
    of_rewards = {getattr(reward, "rank_by", reward.tiers_by) for reward in program.reward}
    return of_rewards | {gate.metric for gate in program.gate}


def with_activities(programs: Sequence[Judged], payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `done:<gate>` (12 decimals): how many activities each gate counts; null for none."""
    found: dict[str, list[pl.DataFrame]] = {}
    for one in programs:
        for index, gate in enumerate(one.case.program.gate):
            if gate.activity:
                counts = activities_passed(one.case, gate.activity, f"{DONE}{index}")
                place = pl.lit(one.place, dtype=pl.UInt32).alias("program")
                found.setdefault(f"{DONE}{index}", []).append(counts.select(place, pl.all()))
    joined = payees.lazy()
    for name, counted in found.items():
        joined = _joined(joined, pl.concat(counted), name)
    return joined.collect(engine="in-memory")


def activities_passed(case: Case, activity: str, name: str) -> pl.DataFrame:
    """`period`, `payee_id` and, as `name`, how many of an activity were passed in each period."""
    done = activities_of_payees(case).filter(pl.col("activity") == activity)
    frames = [
        done.filter(pl.col("done_on").is_between(period.start, period.end))
        .group_by("payee_id")
        .agg(pl.len().cast(pl.Int64).cast(money.SHARED).alias(name))
        .with_columns(period=pl.lit(index, dtype=pl.Int32))
        .select(*KEYS, name)
        for index, period in enumerate(case.periods)
    ]
    return pl.concat(frames)

"""Activities: trainings, certifications, leads and the like, each paid by the entry that it matches.

An activity is paid by the first `[[reward]]` entry that it matches and by no other; of several that
count once, the earliest by (done_on, activity_id) is paid (docs/rules.md, "Activities").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.kinds.activity.model import ActivityReward
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.case import (
    KEYS,
    Asked,
    Case,
    Earned,
    Judged,
    Sums,
    as_contributions,
    period_index,
)
from incentivectl.rules.earning.gate import behind_gates
from incentivectl.rules.earning.measures import BY_PROGRAM, with_activities
from incentivectl.rules.earning.parameters import parameters_of
from incentivectl.rules.lines.conditions import all_hold, holds, holds_if_given
from incentivectl.rules.lines.payees import activities_of_payees, with_boosts

# Within what an entry pays a payee only once.
_NOT_MEASURED = (
    "revenue",
    "quantity",
    "lines",
    "sales",
    "customers",
    "bundles",
    "products",
    "baseline",
    "target",
)
_ONCE = {"subject": ("subject",), "period": ("period",), "program": ()}


def judge(case: Case) -> None:
    """Sale lines do not matter here."""


def asked(one: Judged) -> Asked:
    """Needs nothing from sale lines."""
    return {}


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What payees earn: a row where an activity of theirs is paid; `metric_value` is how many are."""
    paid, payees = [], []
    for one in programs:
        place, entries = pl.lit(one.place, dtype=pl.UInt32), _entries(one)
        done = _paid(one, _eligible(one.case), entries).with_columns(program=place)
        paid.append(done)
        payees.append(
            done.group_by(BY_PROGRAM).agg(
                pl.col("boost").first(),
                _counts_times_amounts(entries).alias("reward"),
                pl.len().cast(pl.Int64).cast(money.SHARED).alias("metric_value"),
            )
        )
    found = pl.concat(payees).with_columns(
        *(pl.lit(None, dtype=money.SHARED).alias(name) for name in _NOT_MEASURED),
        metric=pl.lit("lines"),
        tier=pl.lit(None, dtype=pl.Int32),
        rate=pl.lit(None, dtype=money.SHARED),
        why_nothing=pl.lit(None, dtype=pl.String),
    )
    gates = parameters_of(programs).gates
    behind = behind_gates(with_activities(programs, found), gates, ["reward"])
    return Earned(behind, pl.concat(paid, how="diagonal"))


def _entries(one: Judged) -> list[ActivityReward]:
    return [r for r in one.case.program.reward if isinstance(r, ActivityReward)]


def _counts_times_amounts(entries: Sequence[ActivityReward]) -> pl.Expr:
    """What a payee earns (18 decimals): how many activities each entry pays, times its amount."""
    return pl.sum_horizontal(
        money.multiply(
            (pl.col("entry") == index).sum().cast(pl.Int64).cast(money.SHARED),
            money.literal(entry.amount),
            scales=(12, 6),
        )
        for index, entry in enumerate(entries)
    )


def _eligible(case: Case) -> pl.DataFrame:
    """The passed activities of the program's dates whose payee is known, with `period`.

    `[eligible]` is judged on the activity's own partner and rep, on the day that it was done.
    """
    program, windows = case.program, case.periods
    done = activities_of_payees(case).filter(
        pl.col("done_on").is_between(windows[0].start, windows[-1].end),
        pl.col("payee_id").is_not_null(),
    )
    viewed = case.channel.activity_view(done, {c.field for c in program.eligible})
    is_known = pl.lit(payee_kind(program.payee) == "rep") | pl.col("partner_known")
    eligible = all_hold(program.eligible, holds_if_given if case.channel.given else holds)
    return viewed.filter(is_known, eligible).with_columns(
        period=period_index(pl.col("done_on"), windows, program.period, case.channel.calendar)
    )


def _paid(one: Judged, done: pl.DataFrame, entries: Sequence[ActivityReward]) -> pl.DataFrame:
    """The activities that are paid, with `amount` (18 decimals) and their payee's `boost`."""
    matches = [
        pl.when(_matches(entry) & pl.col(f"takes:{index}")).then(pl.lit(index, dtype=pl.Int32))
        for index, entry in enumerate(entries)
    ]
    matched = (
        with_boosts(one, done, [entry.when for entry in entries])
        .with_columns(entry=pl.coalesce(*matches))
        .sort("done_on", "activity_id")
    )
    return pl.concat(
        _earliest(matched.filter(pl.col("entry") == index), entry).with_columns(
            amount=money.literal(entry.amount, 18)
        )
        for index, entry in enumerate(entries)
    )


def _matches(entry: ActivityReward) -> pl.Expr:
    is_named = pl.lit(True) if entry.activity is None else pl.col("activity") == entry.activity
    if entry.min_score is None:
        return is_named
    return is_named & (pl.col("score") >= money.literal(entry.min_score)).fill_null(False)


def _earliest(matched: pl.DataFrame, entry: ActivityReward) -> pl.DataFrame:
    """Of the activities that one entry matches, in order, those that it pays."""
    if entry.once_per == "none":
        return matched
    within = ["payee_id", *_ONCE[entry.once_per]]
    return matched.unique(within, keep="first", maintain_order=True)


def counted(_: Judged, __: Earned) -> Asked:
    """No lines."""
    return {}


def contributions(_: Case, __: Asked, of_program: Earned) -> pl.LazyFrame:
    """Each paid activity is a contribution of its own, with its id and the day it was done."""
    assert of_program.details is not None
    why = of_program.payees.lazy().select(*KEYS, "why_nothing")
    earning = pl.col("why_nothing").is_null()
    return as_contributions(
        of_program.details.lazy()
        .join(why, on=KEYS, how="left")
        .with_columns(
            source=pl.lit("activity"),
            item_id="activity_id",
            counted_on="done_on",
            contribution=pl.when(earning).then("amount").otherwise(money.NOTHING),
        )
    )

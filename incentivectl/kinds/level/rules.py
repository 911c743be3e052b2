"""Levels: what partners reach at each review, and what is in force because of it.

A review looks at the end of a measurement period at the period, or at the months that end with it
(docs/rules.md, "Levels").
"""

from collections.abc import Iterator
from datetime import date

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.kinds.level.model import LevelProgram, LevelRules
from incentivectl.programs.gate import ACTIVITY
from incentivectl.rules.case import KEYS, Case, Sums
from incentivectl.rules.earning.measures import COUNTED
from incentivectl.rules.earning.windows import in_windows
from incentivectl.rules.levels import ONE_DAY, REVIEWED, Levels
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.payees import activities_of_payees, with_payees
from incentivectl.rules.lines.sums import answered, merged
from incentivectl.sales.in_force import BEGINNING, END
from incentivectl.sales.in_memory import engine_for
from incentivectl.sales.line_source import LineSource

_BY_DAY = ["payee_id", "day"]


def levels(case: Case) -> Levels:
    """What each review of a program reached, and the levels in force by it and by hand."""
    reviewed = _reviewed(case) if case.periods else pl.DataFrame(schema=REVIEWED)
    rules = _rules(case)
    at_least = tuple(level.at_least for level in rules.levels)
    in_force = _in_force(case, reviewed)
    return Levels(case.program, case.periods, rules.metric, at_least, reviewed, in_force)


def _rules(case: Case) -> LevelRules:
    assert isinstance(case.program, LevelProgram)
    return case.program.level


def windows_of(case: Case) -> list[MeasurementPeriod]:
    """The days that each review looks at."""
    months, as_of = _rules(case).months, case.channel.as_of
    return [
        MeasurementPeriod(period.start, min(period.end, as_of))
        if months is None
        else case.channel.calendar.trailing_window(period.end, months, as_of)
        for period in case.periods
    ]


def _reviewed(case: Case) -> pl.DataFrame:
    """The metric of every payee with an eligible line in a review's window, and the level reached."""
    rules, windows = _rules(case), windows_of(case)
    found = _measured(case, windows)
    reached = []
    for place, level in enumerate(rules.levels):
        met = pl.col("metric_value") >= money.literal(level.at_least)
        for name, wanted in level.also.items():
            done = f"done:{name}"
            if done not in found.columns:
                found = found.join(_activities(case, windows, name, done), on=KEYS, how="left")
            met &= pl.col(done).fill_null(0) >= money.literal(wanted)
        reached.append(pl.when(met).then(pl.lit(place, dtype=pl.Int32)))
    return found.with_columns(reached=pl.coalesce(reversed(reached))).select(
        pl.col(name).cast(dtype) for name, dtype in REVIEWED.items()
    )


def _measured(case: Case, windows: list[MeasurementPeriod]) -> pl.DataFrame:
    """`period`, `payee_id`, `metric_value` (12 decimals) of everybody with an eligible line."""
    metric = _rules(case).metric
    found = case.channel.ask(_in_windows, merged, case, windows)
    if metric not in COUNTED:
        return found["totals"].select(*KEYS, metric_value=pl.col(metric).cast(money.SHARED))
    counts = found[metric].group_by(KEYS).agg(pl.len().cast(pl.Int64).alias("metric_value"))
    counted = found["totals"].select(KEYS).join(counts, on=KEYS, how="left")
    return counted.with_columns(pl.col("metric_value").fill_null(0).cast(money.SHARED))


def _in_windows(_: LineSource, case: Case, windows: list[MeasurementPeriod]) -> Sums:
    """The sums of eligible lines in the windows of reviews, by payee."""
    whole = MeasurementPeriod(windows[0].start, windows[-1].end)
    eligible = judged(case, (whole,), baseline=True).filter(pl.col("reason").is_null())
    days = [(place, one.start, one.end) for place, one in enumerate(windows)]
    schema = {"period": pl.Int32, "first": pl.Date, "last": pl.Date}
    within = pl.LazyFrame(days, schema=schema, orient="row")
    asked = in_windows(with_payees(case, eligible).drop("period"), within, {_rules(case).metric})
    engine = engine_for(case.facts.lines_between(whole.start, whole.end))
    return answered([(0, asked)], engine)


def _activities(
    case: Case, windows: list[MeasurementPeriod], name: str, column: str
) -> pl.DataFrame:
    """`period`, `payee_id` and, as `column`, how many of an activity were passed in each window."""
    done = activities_of_payees(case).filter(pl.col("activity") == name.removeprefix(ACTIVITY))
    frames = [
        done.filter(pl.col("done_on").is_between(window.start, window.end))
        .group_by("payee_id")
        .agg(pl.len().cast(pl.Int64).cast(money.SHARED).alias(column))
        .with_columns(period=pl.lit(place, dtype=pl.Int32))
        for place, window in enumerate(windows)
    ]
    return pl.concat(frames)


def _in_force(case: Case, reviewed: pl.DataFrame) -> pl.DataFrame:
    """Who has which level from which day to which (columns `rules.levels.IN_FORCE`)."""
    by_review, by_hand = _by_review(case, reviewed.lazy()), _by_hand(case)
    payees = pl.concat([by_review.select("payee_id"), by_hand.select("payee_id")]).unique()
    days = pl.LazyFrame({"day": [BEGINNING, *_review_days(case)]}, schema={"day": pl.Date})
    at_reviews = payees.join(days, how="cross")
    bounds = [by_hand.select("payee_id", day=name) for name in ("first", "until")]
    changes = pl.concat([at_reviews, *bounds]).unique().filter(pl.col("day") < END).sort(_BY_DAY)
    last_review = at_reviews.join(by_review, on=_BY_DAY, how="left").sort(_BY_DAY)
    granted = (
        changes.join(by_hand, on="payee_id", how="inner")
        .filter(pl.col("first") <= pl.col("day"), pl.col("day") < pl.col("until"))
        .sort("first")
        .group_by(_BY_DAY)
        .agg(pl.col("granted").last())
    )
    names = dict(enumerate(case.program.levels))
    return (
        changes.join_asof(last_review, on="day", by="payee_id", check_sortedness=False)
        .join(granted, on=_BY_DAY, how="left")
        .sort(_BY_DAY)
        .select(
            "payee_id",
            level=pl.coalesce("granted", "reached").replace_strict(names, return_dtype=pl.String),
            in_force_from="day",
            in_force_until=pl.col("day").shift(-1).over("payee_id").fill_null(END),
        )
        .collect(engine="in-memory")
    )


def _review_days(case: Case) -> list[date]:
    """From which day on the reviews count that have happened."""
    return [one.end + ONE_DAY for one in case.periods if one.end <= case.channel.as_of]


def _by_review(case: Case, reviewed: pl.LazyFrame) -> pl.LazyFrame:
    """`payee_id`, `day`, `reached` (Int32): the highest of a review and of those that grace still holds."""
    holds = pl.LazyFrame(
        [*_holding(_review_days(case), _rules(case).grace_periods)],
        schema={"period": pl.Int32, "day": pl.Date},
        orient="row",
    )
    joined = reviewed.drop_nulls("reached").join(holds, on="period", how="inner")
    return joined.group_by(_BY_DAY).agg(pl.col("reached").max())


def _holding(days: list[date], grace: int) -> Iterator[tuple[int, date]]:
    """Each review with the days of those at which it still holds: its own, and `grace` more."""
    for place, _ in enumerate(days):
        for day in days[place : place + grace + 1]:
            yield place, day


def _by_hand(case: Case) -> pl.LazyFrame:
    """`payee_id`, `granted` (Int32: the level's place), `first`, `until` (Date, exclusive) of `levels`."""
    partners = case.channel.tables["partners"]["partner_id"].unique()
    places = {name: place for place, name in enumerate(case.program.levels)}
    open_end = pl.col("valid_until").is_null() | (pl.col("valid_until") >= END)
    return (
        case.channel.tables["levels"]
        .lazy()
        .filter(
            pl.col("program_id") == case.program.id,
            pl.col("level").is_in(list(places)),
            pl.col("payee_id").is_in(partners.implode()),  # nobody else has a level
        )
        .select(
            "payee_id",
            granted=pl.col("level").replace_strict(places, return_dtype=pl.Int32),
            first="valid_from",
            until=pl.when(open_end).then(END).otherwise(pl.col("valid_until").dt.offset_by("1d")),
        )
    )

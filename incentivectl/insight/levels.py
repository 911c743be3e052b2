"""The levels of a run: every review of every level program, and what partners have now.

Rules: docs/rules.md, "Levels"; docs/operation.md, "Files of a run".
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.levels import levels_of, of_partners
from incentivectl.rules.levels import ONE_DAY, REVIEWED, Levels
from incentivectl.rules.lines.payees import names_and_status
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.run import Run
from incentivectl.sales.in_force import END

LEVELS: Schema = {
    "program_id": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric_value": money.SHARED,
    "reached": pl.String,
    "in_force": pl.String,
    "next_level": pl.String,
    "missing": money.SHARED,
}
STANDINGS: Schema = {
    "program_id": pl.String,
    "payee_id": pl.String,
    "level": pl.String,
    "until": pl.Date,
    "metric": pl.String,
    "reviewed_on": pl.Date,
    "next_level": pl.String,
    "missing": money.SHARED,
}


def levels_of_run(run: Run) -> list[Levels]:
    """What each level program found."""
    lookups = run.settled[0].case.lookups if run.settled else lookups_of(run.channel)
    return levels_of(run.loaded.programs, run.channel, lookups)


def level_rows(run: Run) -> pl.DataFrame:
    """What every payee reached at each review and has from the day after (columns `LEVELS`).

    A row for every payee with an eligible line in the review's window, or with a level from the day
    after. Where the review has not happened yet, `reached` is what is reached by now.
    """
    frames = [_rows(run, one, range(len(one.periods))) for one in levels_of_run(run)]
    found = pl.concat([pl.DataFrame(schema=LEVELS), *frames])
    return found.sort("program_id", "period_start", "payee_id")


def _rows(run: Run, levels: Levels, reviews: Sequence[int]) -> pl.DataFrame:
    """The rows of these reviews, named by the place of their measurement period (columns `LEVELS`)."""
    frames = [_at_review(levels, place, run) for place in reviews]
    if not frames:
        return pl.DataFrame(schema=LEVELS)
    rows, names = pl.concat(frames), dict(enumerate(levels.program.levels))
    following = (pl.col("reached").fill_null(-1) + 1).cast(pl.Int32)
    asked = pl.coalesce(
        *(
            pl.when(following == place).then(money.literal(value, money.SHARED_SCALE))
            for place, value in enumerate(levels.at_least)
        ),
        pl.col("metric_value"),
    )
    nothing = money.literal(0, money.SHARED_SCALE)
    payees = names_and_status(run.channel, levels.program.payee, rows)
    return (
        rows.join(payees, on="payee_id", how="left")
        .with_columns(
            program_id=pl.lit(levels.program.id),
            missing=pl.max_horizontal(asked - pl.col("metric_value"), nothing),
            next_level=following.replace_strict(names, default=None, return_dtype=pl.String),
            reached=pl.col("reached").replace_strict(names, return_dtype=pl.String),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in LEVELS.items())
    )


def _at_review(levels: Levels, place: int, run: Run) -> pl.DataFrame:
    """`REVIEWED` and `in_force` of those who have an eligible line or a level from the day after."""
    period = levels.periods[place]
    reviewed = levels.reviewed.filter(pl.col("period") == place)
    day = pl.lit(period.end + ONE_DAY)
    happened = pl.lit(period.end <= run.channel.as_of)
    in_force = levels.in_force.filter(
        happened,
        pl.col("level").is_not_null(),
        pl.col("in_force_from") <= day,
        day < pl.col("in_force_until"),
    ).select("payee_id", in_force="level")
    return reviewed.join(in_force, on="payee_id", how="full", coalesce=True).select(
        *(name for name in REVIEWED if name not in ("period", "metric_value")),
        pl.col("metric_value").fill_null(money.literal(0, money.SHARED_SCALE)),
        "in_force",
        period_start=pl.lit(period.start),
        period_end=pl.lit(period.end),
    )


def standings(run: Run) -> pl.DataFrame:
    """What partners have from the day after PERIOD, and what is missing for more (columns `STANDINGS`).

    `until` is the last day on which that is certain: that of the next review, or of a level by hand; null
    where no review comes any more. `missing` is that of the review that goes on, else of the last one.
    """
    found = [_standing(run, levels) for levels in levels_of_run(run)]
    return pl.concat([pl.DataFrame(schema=STANDINGS), *found]).sort("program_id", "payee_id")


def _standing(run: Run, levels: Levels) -> pl.DataFrame:
    if not levels.periods:
        return pl.DataFrame(schema=STANDINGS)
    after = pl.lit(run.channel.as_of + ONE_DAY)
    facts = run.settled[0].case.facts if run.settled else lookups_of(run.channel).facts
    review = _next_review(run, levels)
    in_force = (
        of_partners(levels, facts)
        .filter(
            pl.col("level").is_not_null(),
            pl.col("in_force_from") <= after,
            after < pl.col("in_force_until"),
        )
        .select(
            "level",
            payee_id="partner_id",
            until=pl.min_horizontal(
                pl.when(pl.col("in_force_until") < END).then(
                    pl.col("in_force_until").dt.offset_by("-1d")
                ),
                pl.lit(review, dtype=pl.Date),
            ),
        )
    )
    missing = _rows(run, levels, [len(levels.periods) - 1])
    return (
        missing.select(
            "payee_id", "next_level", "missing", pl.col("period_end").alias("reviewed_on")
        )
        .join(in_force, on="payee_id", how="full", coalesce=True)
        .with_columns(program_id=pl.lit(levels.program.id), metric=pl.lit(levels.metric))
        .select(pl.col(name).cast(dtype) for name, dtype in STANDINGS.items())
    )


def _next_review(run: Run, levels: Levels) -> date | None:
    """The last day of the first measurement period that ends after PERIOD; None if all are over."""
    program = levels.program
    periods = run.channel.calendar.measurement_periods(program.starts, program.ends, program.period)
    return next((one.end for one in periods if one.end > run.channel.as_of), None)

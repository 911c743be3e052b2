"""One-to-ones: who was met, and who was not for a while; ideas: what came, and what was rewarded."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.metrics.figures import PLACES, Area, Basis, Found, counted, ratio, share
from incentivectl.insight.metrics.view import View

ONE_TO_ONES, IDEAS = "one-to-ones", "ideas"
NOT_MET_DAYS = 90

_of_meetings = partial(counted, ONE_TO_ONES)
MEETINGS = _of_meetings(
    "meetings", "one-to-ones", "passed activities `checkin` in the period", headline=True
)
ACTIVE = _of_meetings("meeting-partners", "partners with status active", "as in engagement")
MET = _of_meetings(
    "partners-met", "partners met", "partners with status active that had one in the period",
    headline=True,
)  # fmt: skip
MET_SHARE = share(
    ONE_TO_ONES, "met-share", "share of partners met", "partners met / partners with status active",
    headline=True,
)  # fmt: skip
NOT_MET = _of_meetings(
    "partners-not-met", f"partners not met for {NOT_MET_DAYS} days",
    f"partners with status active without one in the {NOT_MET_DAYS} days up to the period's last",
    headline=True,
)  # fmt: skip
MEETING_DEFINITIONS = (MEETINGS, MET, MET_SHARE, NOT_MET, ACTIVE)

_of_ideas = partial(counted, IDEAS)
EVERY_IDEA = _of_ideas("ideas", "ideas", "passed activities `idea` in the period", headline=True)
REWARDED = _of_ideas(
    "ideas-rewarded", "ideas rewarded", "those that a program of activities pays something for",
    headline=True,
)  # fmt: skip
REWARDED_SHARE = share(IDEAS, "rewarded-share", "share rewarded", "ideas rewarded / ideas")
IDEA_DEFINITIONS = (EVERY_IDEA, REWARDED, REWARDED_SHARE)
_EVERYWHERE = (*PLACES, "partner")


def _meetings(view: View) -> Iterator[Basis | Found]:
    if view.no_activities:
        known = (MEETINGS, MET, NOT_MET, ACTIVE)
        yield from (Found(one, view.no_activities) for one in known)
        return
    held = view.in_period(checkins(view), "done_on")
    rows = held.select(
        pl.col("partner_id").alias("partner"),
        pl.col("activity_id").alias("item"),
        pl.lit(value=True).alias(MEETINGS.key),
    )
    yield Basis("meetings", view.with_places(rows), (MEETINGS,), _EVERYWHERE)
    since = view.period.last - timedelta(days=NOT_MET_DAYS - 1)
    lately = set(checkins(view).filter(pl.col("done_on") >= since)["partner_id"])
    met = set(held["partner_id"])
    partners = sorted(view.active_partners)
    ids = pl.Series(partners, dtype=pl.String)
    flags = pl.DataFrame(
        {
            "partner": ids,
            "item": ids,
            ACTIVE.key: pl.Series([True] * len(partners), dtype=pl.Boolean),
            MET.key: pl.Series([one in met for one in partners], dtype=pl.Boolean),
            NOT_MET.key: pl.Series([one not in lately for one in partners], dtype=pl.Boolean),
        }
    )
    unknown = view.no_rows_since("activities", "done_on", since)
    if unknown:
        yield Found(NOT_MET, unknown)
    told = (ACTIVE, MET) if unknown else (ACTIVE, MET, NOT_MET)
    yield Basis("partners-met", view.with_places(flags), told, PLACES)


def checkins(view: View) -> pl.DataFrame:
    """Every one-to-one up to PERIOD's last day."""
    return view.activities.filter(pl.col("activity") == "checkin")


def ideas_of(view: View) -> pl.DataFrame:
    """The ideas of PERIOD with `reward` (18 decimals): what programs pay for each, in their currencies.

    `currency` is null where no program pays anything.
    """
    paid = [pl.LazyFrame(schema=_PAID)]
    for one in view.run.settled:
        if "activities" in one.case.program.tables and one.measured is not None:
            paid.append(
                one.measured.contributions.filter(
                    pl.col("source") == "activity", pl.col("contribution") != 0
                ).select(
                    activity_id="item_id",
                    reward=money.scale_of(pl.col("contribution"), 24),
                    currency=pl.lit(one.case.currency),
                )
            )
    sums = pl.concat(paid).group_by("activity_id", "currency").agg(pl.col("reward").sum())
    ideas = view.in_period(view.activities, "done_on").filter(pl.col("activity") == "idea")
    found = ideas.lazy().join(sums, on="activity_id", how="left").collect(engine="streaming")
    return found.sort("done_on", "activity_id", descending=[True, False])


_PAID: Schema = {
    "activity_id": pl.String,
    "reward": pl.Decimal(money.PRECISION, 24),
    "currency": pl.String,
}


def _ideas(view: View) -> Iterator[Basis | Found]:
    if view.no_activities:
        yield from (Found(one, view.no_activities) for one in (EVERY_IDEA, REWARDED))
        return
    rows = ideas_of(view).select(
        pl.col("partner_id").alias("partner"),
        pl.col("activity_id").alias("item"),
        pl.lit(value=True).alias(EVERY_IDEA.key),
        pl.col("reward").is_not_null().alias(REWARDED.key),
    )
    yield Basis("ideas", view.with_places(rows), (EVERY_IDEA, REWARDED), _EVERYWHERE)


one_to_ones = Area(
    ONE_TO_ONES, "One-to-ones", MEETING_DEFINITIONS, _meetings,
    (ratio(MET_SHARE, (MET,), ACTIVE, "`partners` has nobody with status active", scopes=PLACES),),
)  # fmt: skip
ideas = Area(
    IDEAS, "Ideas", IDEA_DEFINITIONS, _ideas,
    (ratio(REWARDED_SHARE, (REWARDED,), EVERY_IDEA, "there was no idea", scopes=_EVERYWHERE),),
)  # fmt: skip

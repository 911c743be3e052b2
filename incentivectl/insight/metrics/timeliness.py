"""Timeliness: how many days pass from a sale to the posting of its reward."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View
from incentivectl.programs.payee import payee_kind

AREA = "timeliness"
MEDIAN = Definition(
    AREA, "days-to-posting", "days to posting, median", "days",
    "of the lines that earn and whose reward a batch of the period booked: days from the line's date to"
    " the posting of the first batch of its program, measurement period and payee dated on or after it",
    how="median", headline=True,
)  # fmt: skip
SLOWEST = Definition(
    AREA, "days-to-posting-95", "days to posting, 95 %", "days",
    "95 % of these lines took no longer: the smallest number of days that covers so many",
    how="covering", headline=True,
)  # fmt: skip
DEFINITIONS = (MEDIAN, SLOWEST)
_KEYS = ["program_id", "period_start", "payee_kind", "payee_id"]
_DAYS: Schema = {"program": pl.String, "days": pl.Int64, "times": pl.Int64}


def _found(view: View) -> Iterator[Basis | Found]:
    """Median and 95th percentile, as a whole and by program."""
    if view.postings.is_empty():
        nothing = Missing("nothing is posted yet")
        yield from (Found(definition, nothing) for definition in DEFINITIONS)
        return
    days = pl.col("days").cast(money.WHOLE)
    rows = _days(view).select("program", "times", days.alias(MEDIAN.key), days.alias(SLOWEST.key))
    empty = f"no batch of {view.period.label} booked the reward of a sale"
    yield Basis("postings", rows, DEFINITIONS, ("whole", "program"), empty=empty)


def _days(view: View) -> pl.DataFrame:
    """`program`, `days`, `times`: how many lines of PERIOD's batches waited so long."""
    postings = view.postings.lazy().select(*_KEYS, "dated", "posted_on").unique()
    found = [pl.DataFrame(schema=_DAYS)]
    for one in view.run.settled:
        if one.measured is None:
            continue
        starts = [period.start for period in one.case.periods]
        lines = one.measured.contributions.filter(
            pl.col("row").is_not_null(), pl.col("contribution") != 0
        ).select(
            "row",
            "payee_id",
            "counted_on",
            program_id=pl.lit(one.case.program.id),
            payee_kind=pl.lit(payee_kind(one.case.program.payee)),
            period_start=pl.col("period").replace_strict(
                list(range(len(starts))), starts, return_dtype=pl.Date
            ),
        )
        found.append(
            lines.join(postings, on=_KEYS, how="inner")
            .filter(pl.col("dated") >= pl.col("counted_on"))
            .group_by("program_id", "row", "payee_id", "counted_on")
            .agg(pl.col("dated", "posted_on").sort_by("dated", "posted_on").first())
            .filter(pl.col("dated").is_between(view.period.first, view.period.last))
            .group_by(
                program="program_id",
                days=(pl.col("posted_on") - pl.col("counted_on")).dt.total_days(),
            )
            .agg(times=pl.len().cast(pl.Int64))
            .collect(engine="streaming")
        )
    return pl.concat(found).sort("program", "days")


timeliness = Area(AREA, "Timeliness", DEFINITIONS, _found)

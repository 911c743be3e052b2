"""Timeliness: how many days pass from a sale to the posting of its reward."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.insight.metrics.figures import Definition, Found, Missing, Scope
from incentivectl.insight.metrics.view import View
from incentivectl.rules.lines.payees import payee_kind

AREA = "timeliness"
MEDIAN = Definition(
    AREA, "days-to-posting", "days to posting, median", "days",
    "of the lines that earn and whose reward a batch of the period booked: days from the line's date to"
    " the posting of the first batch of its program, measurement period and payee dated on or after it",
)  # fmt: skip
SLOWEST = Definition(
    AREA, "days-to-posting-95", "days to posting, 95 %", "days",
    "95 % of these lines took no longer: the smallest number of days that covers so many",
)  # fmt: skip
DEFINITIONS = (MEDIAN, SLOWEST)
_KEYS = ["program_id", "period_start", "payee_kind", "payee_id"]


def timeliness(view: View) -> Iterator[Found]:
    """Median and 95th percentile, as a whole and by program."""
    if view.postings.is_empty():
        nothing = Missing("nothing is posted yet")
        yield from (Found(definition, nothing) for definition in DEFINITIONS)
        return
    days = _days(view)
    if days.is_empty():
        nothing = Missing(f"no batch of {view.period.label} booked the reward of a sale")
        yield from (Found(definition, nothing) for definition in DEFINITIONS)
        return
    yield from _found(days, "")
    for (program,), part in days.sort("program_id").group_by("program_id", maintain_order=True):
        yield from _found(part, str(program))


def _found(days: pl.DataFrame, program: str) -> Iterator[Found]:
    counts = days.group_by("days").agg(pl.col("lines").sum()).sort("days").rows()
    scope: Scope = "program" if program else "whole"
    yield Found(MEDIAN, median_of(counts), scope, program)
    yield Found(SLOWEST, Decimal(covering(counts, 95)), scope, program)


def _days(view: View) -> pl.DataFrame:
    """`program_id`, `days` (Int64), `lines`: how many lines of PERIOD's batches waited so long."""
    postings = view.postings.lazy().select(*_KEYS, "dated", "posted_on").unique()
    found = []
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
                "program_id",
                days=(pl.col("posted_on") - pl.col("counted_on")).dt.total_days(),
            )
            .agg(lines=pl.len())
            .collect(engine="streaming")
        )
    return pl.concat(found) if found else pl.DataFrame(schema={"days": pl.Int64})


def median_of(counts: Sequence[tuple[int, int]]) -> Decimal:
    """The median of values with their counts, in order: the middle one, or the mean of both."""
    number = sum(count for _, count in counts)
    low, high = _nth(counts, (number + 1) // 2), _nth(counts, number // 2 + 1)
    return Decimal(low + high) / 2


def covering(counts: Sequence[tuple[int, int]], percent: int) -> int:
    """The smallest value such that at least `percent` of all are no larger."""
    number = sum(count for _, count in counts)
    return _nth(counts, -(-number * percent // 100))


def _nth(counts: Sequence[tuple[int, int]], rank: int) -> int:
    """The value of that rank, from 1."""
    seen = 0
    for value, count in counts:
        seen += count
        if seen >= rank:
            return value
    raise ValueError(f"there is no value of rank {rank}")

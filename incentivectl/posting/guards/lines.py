"""(b) Sale lines that earlier batches had and that are not there any more."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from incentivectl.frames import Schema
from incentivectl.periods import add_months
from incentivectl.posting.guards.situation import Refusal, Situation, refusal
from incentivectl.run import Run

DELIVERIES: Schema = {"source": pl.String, "month": pl.String, "lines": pl.Int64}
MONTHS_BEFORE = 3


def deliveries(run: Run) -> pl.DataFrame:
    """The lines of each source and calendar month that the run counted (columns `DELIVERIES`)."""
    return (
        run.channel.lines.group_by("source", month=pl.col("sold_on").dt.strftime("%Y-%m"))
        .agg(pl.len().cast(pl.Int64).alias("lines"))
        .collect(engine="streaming")
        .sort("source", "month")
    )


def missing_lines(situation: Situation) -> Iterator[Refusal]:
    """Refuses where a booked month lost half its lines, or a source that always came stays away."""
    now = {(source, month): lines for source, month, lines in situation.deliveries.iter_rows()}
    hint = "is an export missing or incomplete?"
    for source, month, before in _booked(situation):
        lines = now.get((source, month), 0)
        if 2 * lines < before:
            left = f"only {lines:,} of {before:,} lines are left" if lines else "no line is left"
            yield refusal(
                "missing-lines", f"source {source}, {month}: {left} of a booked month", hint
            )
    period = situation.run.period
    earlier = [_month(add_months(period.first, -back)) for back in range(1, MONTHS_BEFORE + 1)]
    wanted = [_month(month) for month in _months(period.first, period.last)]
    for source in sorted({source for source, _ in now}):
        has_come = all(now.get((source, month)) for month in earlier)
        if has_come and not any(now.get((source, month)) for month in wanted):
            message = (
                f"source {source} has lines in each of the {MONTHS_BEFORE} months before, and none"
                f" in {period.label}"
            )
            yield refusal("missing-lines", message, hint)


def _booked(situation: Situation) -> list[tuple[str, str, int]]:
    """The lines of each source and month in the newest batch that knew it."""
    known: dict[tuple[str, str], int] = {}
    for batch in situation.standing:
        rows = situation.connection.execute(
            "SELECT source, month, lines FROM deliveries WHERE batch_id = ?", (batch.id,)
        )
        known.update({(source, month): lines for source, month, lines in rows})
    return [(source, month, lines) for (source, month), lines in sorted(known.items())]


def _months(first: date, last: date) -> Iterator[date]:
    month = first
    while month <= last:
        yield month
        month = add_months(month.replace(day=1), 1)


def _month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"

"""Programs whose rules changed although measurement periods of theirs are booked."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core.periods import add_months
from incentivectl.posting.guards.judged_run import Delivered, JudgedRun, Refusal
from incentivectl.run.loading import first_day_of_ledger
from incentivectl.settlement.bookings import CLOSED_STATUS, ELSEWHERE

HINT = "put new rules for new periods into a program of their own"


def changed_rules(judged: JudgedRun) -> Iterator[Refusal]:
    """Refuses for each program with booked periods whose rule hash is not the last batch's."""
    booked = judged.run.earnings.filter(
        (pl.col("booked_before") != 0) & ~pl.col("status").is_in([CLOSED_STATUS, ELSEWHERE])
    )
    yield from _changed(judged, booked)


def edited_rules(delivered: Delivered) -> Iterator[Refusal]:
    """The same where no PERIOD is known: as of the newest batch."""
    newest = max((one.dated for one in delivered.standing), default=None)
    if newest is None:
        return
    workspace = delivered.loaded.workspace
    first, months = first_day_of_ledger(workspace), workspace.settlement.correct_for_months
    ends = delivered.past.booked["period_end"].drop_nulls().unique().to_list()
    open_ends = [
        end
        for end in ends
        if (first is None or end >= first) and (months is None or add_months(end, months) >= newest)
    ]
    is_open = pl.col("period_end").is_in(open_ends)
    yield from _changed(
        delivered, delivered.past.booked.filter((pl.col("booked_before") != 0) & is_open)
    )


def _changed(delivered: Delivered, booked: pl.DataFrame) -> Iterator[Refusal]:
    """`booked`: program_id and period_start of what is booked and may still be corrected."""
    known: dict[str, str] = {}
    for batch in delivered.standing:
        rows = delivered.connection.execute(
            "SELECT program_id, rule_hash FROM rules WHERE batch_id = ?", (batch.id,)
        )
        known.update(dict(rows.fetchall()))
    for program in delivered.loaded.programs:
        if known.get(program.id, program.rule_hash) == program.rule_hash:
            continue
        periods = booked.filter(pl.col("program_id") == program.id)["period_start"].unique().sort()
        if periods.len():
            first = ", ".join(day.isoformat() for day in periods.head(3))
            message = (
                f"program {program.id}: its rules have changed, and the measurement periods from"
                f" {first} are booked under the old ones"
            )
            yield Refusal("changed-rules", program.id, message, HINT)

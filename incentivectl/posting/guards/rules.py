"""(g) Programs whose rules changed although measurement periods of theirs are booked."""

from collections.abc import Iterator

import polars as pl

from incentivectl.posting.guards.situation import Refusal, Situation, refusal
from incentivectl.settlement.bookings import CLOSED_STATUS, ELSEWHERE


def changed_rules(situation: Situation) -> Iterator[Refusal]:
    """Refuses for each program with booked periods whose rule hash is not the last batch's."""
    booked = situation.run.earnings.filter(
        (pl.col("booked_before") != 0) & ~pl.col("status").is_in([CLOSED_STATUS, ELSEWHERE])
    )
    known: dict[str, str] = {}
    for batch in situation.standing:
        rows = situation.connection.execute(
            "SELECT program_id, rule_hash FROM rules WHERE batch_id = ?", (batch.id,)
        )
        known.update(dict(rows.fetchall()))
    for program in situation.run.loaded.programs:
        periods = booked.filter(pl.col("program_id") == program.id)["period_start"].unique().sort()
        if periods.len() and known.get(program.id, program.rule_hash) != program.rule_hash:
            first = ", ".join(day.isoformat() for day in periods.head(3))
            message = (
                f"program {program.id}: its rules have changed, and the measurement periods from"
                f" {first} are booked under the old ones"
            )
            hint = "put new rules for new periods into a program of their own"
            yield refusal("changed-rules", message, hint)

"""Programs and payees with booked money that are not there any more."""

from collections.abc import Iterator

import polars as pl

from incentivectl.posting.guards.judged_run import Delivered, Refusal

SHOWN = 5


def gone(delivered: Delivered) -> Iterator[Refusal]:
    """Refuses where booked money belongs to a program without a file or a payee without a row."""
    booked = delivered.past.booked.filter(pl.col("booked_before") != 0)
    known = [program.id for program in delivered.loaded.programs]
    for program in booked.filter(~pl.col("program_id").is_in(known))["program_id"].unique().sort():
        message = f"program {program} has booked money but no file; all of it would be reversed"
        hint = "restore the file; to end a program, set `ends`"
        yield Refusal("gone", program, message, hint)
    for kind, table, key in (("partner", "partners", "partner_id"), ("rep", "reps", "rep_id")):
        if table not in delivered.inputs.present:
            continue
        ids = delivered.inputs.tables[table][key].unique()
        of_kind = booked.filter(pl.col("payee_kind") == kind)["payee_id"].unique().sort()
        missing = of_kind.filter(~of_kind.is_in(ids.implode()))
        if missing.len():
            named = ", ".join(missing.head(SHOWN))
            more = f" and {missing.len() - SHOWN:,} more" if missing.len() > SHOWN else ""
            message = f"{named}{more}: booked money, but no row in {table}"
            hint = "restore the rows; for someone who left, set the status to terminated"
            yield Refusal("gone", table, message, hint)

"""Programs whose rules, or the terms of whose payees, changed although measurement periods are booked."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from incentivectl.core.input_files import toml
from incentivectl.core.input_frames import Damaged
from incentivectl.core.periods import add_months
from incentivectl.engine.terms_taken import TERM, TERMS_TAKEN, has_terms, terms_of, terms_taken
from incentivectl.ledger.archive import folder_of
from incentivectl.posting.archived_terms import load
from incentivectl.posting.archiving import PROGRAMS
from incentivectl.posting.guards.judged_run import Delivered, JudgedRun, Refusal
from incentivectl.program_files.loading import load_program
from incentivectl.programs.model import Program
from incentivectl.run.loading import first_day_of_ledger
from incentivectl.settlement.bookings import CLOSED_STATUS, ELSEWHERE
from incentivectl.workspace.folders import places_of

HINT = "put new rules for new periods into a program of their own"
TERMS_HINT = "let the old term end, and the new one begin, where nothing is booked"
_SHOWN = 3
_ALIKE = ("reward", "term")  # what makes a term the same in two files


def changed_rules(judged: JudgedRun) -> Iterator[Refusal]:
    """Refuses for each program whose booked periods were computed by other rules than today's.

    Those are another rule hash than the last batch's, and terms that a booked payee took then or takes now
    and that do not stand alike in the archive's file and today's.
    """
    booked = judged.run.earnings.filter(
        (pl.col("booked_before") != 0) & ~pl.col("status").is_in([CLOSED_STATUS, ELSEWHERE])
    )
    yield from _changed(judged, booked, terms_taken(judged.run.settled))


def edited_rules(delivered: Delivered) -> Iterator[Refusal]:
    """The same where no PERIOD is known: as of the newest batch, and without what payees take now."""
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
    booked = delivered.past.booked.filter((pl.col("booked_before") != 0) & is_open)
    yield from _changed(delivered, booked, pl.DataFrame(schema=TERMS_TAKEN))


def _changed(delivered: Delivered, booked: pl.DataFrame, taken: pl.DataFrame) -> Iterator[Refusal]:
    """`booked`: program_id, period_start and payee_id of what is booked and may still be corrected."""
    known: dict[str, tuple[str, str]] = {}
    for batch in delivered.standing:
        rows = delivered.connection.execute(
            "SELECT program_id, rule_hash FROM rules WHERE batch_id = ?", (batch.id,)
        )
        known.update((program_id, (batch.id, hashed)) for program_id, hashed in rows.fetchall())
    for program in delivered.loaded.programs:
        own = booked.filter(pl.col("program_id") == program.id)
        if program.id not in known or own.is_empty():
            continue
        batch_id, rule_hash = known[program.id]
        if rule_hash != program.rule_hash:
            message = (
                f"program {program.id}: its rules have changed, and the measurement periods from"
                f" {_days(own)} are booked under the old ones"
            )
            yield Refusal("changed-rules", program.id, message, HINT)
        elif has_terms(program):
            yield from _changed_terms(delivered, program, batch_id, own, taken)


def _changed_terms(
    delivered: Delivered, program: Program, batch_id: str, booked: pl.DataFrame, taken: pl.DataFrame
) -> Iterator[Refusal]:
    """Terms of booked payees that are not the same in the archive of the last batch and today."""
    archive = folder_of(places_of(delivered.loaded.workspace).archive, batch_id)
    try:
        before, took = _archived_terms(archive, program.id), load(archive)
    except (*Damaged, OSError, ValueError):
        message = (
            f"program {program.id}: archive/{batch_id} is damaged, so its terms cannot be compared"
        )
        yield Refusal("changed-rules", program.id, message, "`ledger verify` names what is wrong")
        return
    alike = terms_of(program).join(before, on=_ALIKE, how="semi")
    whose = ["program_id", "period_start", "payee_id"]
    changed = (
        pl.concat([taken, took])
        .join(booked, on=whose, how="semi")
        .join(alike, on=_ALIKE, how="anti")
        .sort("line", "payee_id", maintain_order=True)
    )
    if changed.is_empty():
        return
    has_name = pl.col("contract") != ""
    place = pl.format("{}:{}", "file", "line")
    terms = changed.select(pl.when(has_name).then("contract").otherwise(place).alias("name"))
    message = (
        f"program {program.id}: terms of {_listed(changed['payee_id'])} have changed"
        f" ({_listed(terms['name'])}), and the measurement periods from {_days(changed)} are booked"
        " under the old ones"
    )
    yield Refusal("changed-rules", program.id, message, TERMS_HINT)


def _archived_terms(archive: Path, program_id: str) -> pl.DataFrame:
    """The terms of a program as a batch's archive has them (columns `TERM`)."""
    for file in sorted((archive / PROGRAMS).glob("*.toml")):
        if toml(file).get("id") == program_id:
            program, _ = load_program(file, workspace_root=archive)
            if program is not None:
                return terms_of(program)
    return pl.DataFrame(schema=TERM)


def _listed(names: pl.Series) -> str:
    """The first of some names, and how many more there are."""
    every = names.unique(maintain_order=True).to_list()
    more = len(every) - _SHOWN
    return ", ".join(every[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _days(rows: pl.DataFrame) -> str:
    """The first measurement periods of rows."""
    return ", ".join(day.isoformat() for day in rows["period_start"].unique().sort().head(_SHOWN))

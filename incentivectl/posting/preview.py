"""What `batch post` would refuse, shown before anybody posts (docs/ledger.md, rule 56.4)."""

import sqlite3
from collections.abc import Iterator
from datetime import date

from incentivectl.core.errors import Problem
from incentivectl.ingest.inputs import Inputs
from incentivectl.ledger.books import past
from incentivectl.ledger.connection import reading
from incentivectl.posting.guards import of_delivery, of_run
from incentivectl.posting.guards.judged_run import (
    Delivered,
    Refusal,
    deliveries,
    judged_run_of,
    standing_batches,
)
from incentivectl.posting.guards.lines import HINT, LEAST_MONTHS, absences
from incentivectl.posting.lost_batches import lost_batches_problem
from incentivectl.posting.post import has_something_to_book, out_of_order, payments_of
from incentivectl.run.loading import Loaded
from incentivectl.run.run import Run
from incentivectl.workspace.folders import places_of


def objections(run: Run) -> tuple[Problem, ...]:
    """What stands in the way of posting this run: errors; warnings are what posting would pass.

    Where nothing is left to book, nothing can be refused; what the guards found of the exports is
    told all the same.
    """
    places = places_of(run.loaded.workspace)
    with reading(places.ledger) as connection:
        books = has_something_to_book(connection, run, payments_of(run))
        late = out_of_order(connection, run.period)
        if late is not None:
            return (late,) if books else ()
        judged = judged_run_of(connection, run)
        found = of_run(judged) if books else of_delivery(judged)
        problems = [*_lost(connection, run.loaded), *(_told(one, books) for one in found)]
        return (*problems, *_first_absences(judged))


def objections_to_delivery(loaded: Loaded, inputs: Inputs) -> tuple[Problem, ...]:
    """What can be said without a PERIOD: `objections` of the exports and programs alone."""
    places = places_of(loaded.workspace)
    with reading(places.ledger) as connection:
        delivered = Delivered(
            connection=connection if connection is not None else sqlite3.connect(":memory:"),
            loaded=loaded,
            inputs=inputs,
            standing=standing_batches(connection),
            past=past(connection, date.max),
            deliveries=deliveries(inputs.days, loaded.workspace.calendar),
            period=None,
        )
        found = [_told(one, books=True) for one in of_delivery(delivered)]
        return (*_lost(connection, loaded), *found, *_first_absences(delivered))


def _told(refusal: Refusal, books: bool) -> Problem:
    if books:
        return refusal.problem
    code = f"guard-{refusal.guard}"
    return Problem(code, refusal.message, refusal.hint, severity="warning")


def _lost(connection: sqlite3.Connection | None, loaded: Loaded) -> list[Problem]:
    lost = lost_batches_problem(connection, places_of(loaded.workspace))
    return [] if lost is None else [lost]


def _first_absences(delivered: Delivered) -> Iterator[Problem]:
    """Sources that came once and stay away in PERIOD: too little for a guard, enough to look."""
    calendar = delivered.loaded.workspace.calendar
    since = "" if delivered.period is None else calendar.holding(delivered.period.first).label
    for one in absences(delivered):
        if one.before < LEAST_MONTHS and one.month >= since:
            yield Problem("missing-lines", one.message, HINT, severity="warning")

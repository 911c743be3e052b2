"""The past of one workspace, for a command that only looks."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from incentivectl.ledger.books import past, postings
from incentivectl.ledger.connection import reading
from incentivectl.settlement.past import Past


def booked_by(ledger: Path, as_of: date) -> Past:
    """What batches dated up to `as_of` booked; nothing without a ledger."""
    with reading(ledger) as connection:
        return past(connection, as_of)


def booked_earlier(ledger: Path, last_day: date) -> Past:
    """What was booked before the batches of a period that ends on `last_day`.

    So a statement says the same before and after its period is posted.
    """
    return booked_by(ledger, last_day - timedelta(days=1))


def postings_in(ledger: Path) -> pl.DataFrame:
    """When each reward was first posted: see `books.postings`."""
    with reading(ledger) as connection:
        return postings(connection)

"""What guards judge: a run that would be booked, and what the ledger knows of earlier batches."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from incentivectl.errors import Problem
from incentivectl.ledger.records import Batch
from incentivectl.run import Run


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard that refuses: the name that overrides it, and the problem to show."""

    guard: str
    problem: Problem


def refusal(guard: str, message: str, hint: str) -> Refusal:
    """A refusal whose hint ends with the option that overrides it."""
    return Refusal(
        guard, Problem(f"guard-{guard}", message, f"{hint}; --allow {guard} books it all the same")
    )


@dataclass(frozen=True)
class Situation:
    """`run` is what would be booked; its result files lie in `results`.

    `standing` are the batches that are not void, oldest first. `deliveries` (columns
    `lines.DELIVERIES`) are the lines of each source and month as they are now. `seen` is the manifest
    of the run that the user saw, in `reports`; None without one.
    """

    connection: sqlite3.Connection
    run: Run
    standing: tuple[Batch, ...]
    deliveries: pl.DataFrame
    results: Path
    seen: Mapping[str, object] | None

"""What guards judge: what was delivered, a run that would be booked, and what earlier batches knew."""

import shlex
import sqlite3
from dataclasses import dataclass

import polars as pl

from incentivectl.core.calendar import Calendar, month_labels
from incentivectl.core.errors import Problem
from incentivectl.core.frames import Schema
from incentivectl.core.periods import Period
from incentivectl.ingest.inputs import Inputs
from incentivectl.ledger.records import Batch, batches
from incentivectl.run.loading import Loaded
from incentivectl.run.run import Run
from incentivectl.settlement.past import Past

DELIVERIES: Schema = {"source": pl.String, "month": pl.String, "lines": pl.Int64}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard that refuses, and why.

    `subject` is the source, program, payee or table that it is about; None where a guard judges the
    batch as a whole.
    """

    guard: str
    subject: str | None
    message: str
    hint: str

    @property
    def option(self) -> str:
        """The option that overrules it: `--allow surge:q3-growth`."""
        name = self.guard if self.subject is None else f"{self.guard}:{self.subject}"
        return f"--allow {shlex.quote(name)}"

    @property
    def problem(self) -> Problem:
        """What a post says that refuses; its hint ends with the option."""
        end = "" if self.hint.endswith("?") else "."
        hint = f"{self.hint}{end} To post anyway: {self.option}"
        return Problem(f"guard-{self.guard}", self.message, hint, rank=-1)


@dataclass(frozen=True)
class Delivered:
    """What the exports hold, besides what the ledger knows of earlier batches.

    `standing` are the batches that are not void, oldest first, and `past` is what they booked.
    `deliveries` (columns `DELIVERIES`) are the lines of each source and month as they are now.
    `period` is what would be posted; None where no PERIOD is asked for (`check`).
    """

    connection: sqlite3.Connection
    loaded: Loaded
    inputs: Inputs
    standing: tuple[Batch, ...]
    past: Past
    deliveries: pl.DataFrame
    period: Period | None


@dataclass(frozen=True)
class JudgedRun(Delivered):
    """The same with the run that would be booked."""

    run: Run


def judged_run_of(connection: sqlite3.Connection | None, run: Run) -> JudgedRun:
    """A run and the ledger; None if there is no ledger yet."""
    return JudgedRun(
        connection=connection if connection is not None else sqlite3.connect(":memory:"),
        loaded=run.loaded,
        inputs=run.inputs,
        standing=standing_batches(connection),
        past=run.past,
        deliveries=deliveries(
            run.inputs.days.filter(pl.col("counted_on") <= run.period.last), run.channel.calendar
        ),
        period=run.period,
        run=run,
    )


def standing_batches(connection: sqlite3.Connection | None) -> tuple[Batch, ...]:
    """The batches that are not void, oldest first."""
    return tuple(one for one in batches(connection) if not one.is_void)


def deliveries(days: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The lines of each source and month of `sold_on` (columns `DELIVERIES`), but for those in no month."""
    return (
        days.group_by("source", month=calendar.numbers_of(pl.col("sold_on")))
        .agg(pl.col("lines").sum())
        .drop_nulls("month")
        .with_columns(month_labels(pl.col("month")))
        .select(*DELIVERIES)
        .sort("source", "month")
    )

"""What is known on the last day of PERIOD: the workspace, its data, and the cases of one kind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import Period
from incentivectl.engine.engine import cases_of
from incentivectl.ingest.account.tolerance import over_tolerance
from incentivectl.ingest.inputs import Inputs
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.loading import Loaded, load, period_of, read_inputs
from incentivectl.sales.channel import Channel
from incentivectl.sales.in_force import prices_in_force, rows_in_force
from incentivectl.sales.line_source import FoundReading
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Known:
    """A workspace and its exports, as of the last day of `period`."""

    loaded: Loaded
    period: Period
    inputs: Inputs
    channel: Channel

    def cases(self, kind: type[Program]) -> tuple[Case, ...]:
        """The programs of a kind, named by its model, that began by the last day of PERIOD, by id."""
        lookups = lookups_of(self.channel)
        programs = self.loaded.programs
        wanted = [program for program in programs if isinstance(program, kind)]
        cases = cases_of(wanted, programs, self.channel, lookups)
        return tuple(case for case in cases if case.periods)

    def has(self, table: str) -> bool:
        """Whether the workspace has any file for a table."""
        return table in self.inputs.present


def known_on(
    root: Path,
    period: str,
    today: date,
    scratch: Path,
    progress: Callable[[str], None],
    *,
    cached: bool = True,
    tolerant: bool = False,
) -> Known:
    """Reads the workspace at `root`; fails where `run` would fail. `scratch` is for its data.

    Rows that do not count are only available if not `cached`. `tolerant` goes on however many rows are
    rejected.
    """
    progress("checking programs")
    loaded = load(root)
    named = period_of(period, loaded.workspace, today)
    inputs = read_inputs(loaded, scratch, progress, cached=cached)
    beyond = over_tolerance(loaded.workspace, inputs)
    if beyond and not tolerant:
        raise Refused(beyond, ExitCode.DATA)
    return Known(loaded, named, inputs, channel_of(loaded.workspace, inputs, named))


def known_program(loaded: Loaded, program_id: str) -> Program:
    """The program of this id; refuses an unknown id and suggests the nearest."""
    ids = [program.id for program in loaded.programs]
    if program_id in ids:
        return loaded.programs[ids.index(program_id)]
    hint = nearest_hint(program_id, ids) or f"choose from {', '.join(ids)}"
    problem = Problem("unknown-program", f"unknown program `{program_id}`", hint)
    raise Refused([problem], ExitCode.USAGE)


def channel_of(workspace: Workspace, inputs: Inputs, period: Period) -> Channel:
    """The inputs as rules see them on the last day of `period`."""
    rates = workspace.rates(inputs.tables["fx"])
    known = pl.col("counted_on") <= period.last
    lines, found = inputs.sales.filter(known), None
    if inputs.returns is not None:
        found = FoundReading(lines, inputs.returns.filter(known), inputs.days.filter(known))
    return Channel(
        currency=workspace.currency,
        calendar=workspace.calendar,
        as_of=period.last,
        lines=lines,
        found_reading=found,
        tables=inputs.tables,
        rates=rates,
        partner_rows=rows_in_force(inputs.tables["partners"]),
        rep_rows=rows_in_force(inputs.tables["reps"], "rep_id"),
        price_rows=prices_in_force(inputs.tables["products"], inputs.tables["prices"]),
        parts=inputs.parts,
    )

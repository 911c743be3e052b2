"""One run: settles every program, and finds what a batch would book."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import Period
from incentivectl.engine.engine import Settled, settle
from incentivectl.engine.invariants import ROWS_ADD_UP, Check
from incentivectl.ingest.inputs import Inputs
from incentivectl.run.known import Known, channel_of, known_on
from incentivectl.run.loading import Loaded, first_day_of_ledger
from incentivectl.sales.channel import Channel
from incentivectl.sales.in_memory import read_once
from incentivectl.settlement import Past, Settlement, Terms, settle_up
from incentivectl.settlement.bookings import Window
from incentivectl.settlement.payouts import Minimum
from incentivectl.workspace.workspace import Workspace

Progress = Callable[[str], None]
Reopened = tuple[str, date]  # a program and the first day of a closed measurement period


@dataclass(frozen=True, eq=False)
class Run(Known):
    """What is known, what each program earns of it, and what a batch would book of that.

    `past` is what earlier batches booked, `reopened` the closed measurement periods that are booked all
    the same. `objections` say what posting it would refuse (errors) and what else a poster should look
    at (warnings).
    """

    settled: tuple[Settled, ...]
    settlement: Settlement
    past: Past
    checks: tuple[Check, ...]
    reopened: frozenset[Reopened] = frozenset()
    known_on: date | None = None
    objections: tuple[Problem, ...] = ()

    @property
    def earnings(self) -> pl.DataFrame:
        """All earnings with `kept`, `booked_before` and `this_batch`."""
        return self.settlement.earnings

    @property
    def payouts(self) -> pl.DataFrame:
        """The balance of each payee, and what is paid of it."""
        return self.settlement.payouts

    @property
    def label(self) -> str:
        """What the run's folder is called: PERIOD, and the day if it is as known on one."""
        return run_label(self.period, self.known_on)

    @property
    def broken(self) -> tuple[Check, ...]:
        """The invariants that do not hold."""
        return tuple(check for check in self.checks if not check.held)


def run_label(period: Period, known_on: date | None) -> str:
    """The name of a run's folder; a run as known on a day never takes the place of the real one."""
    return period.label if known_on is None else f"{period.label}-as-known-on-{known_on}"


def run_on(
    root: Path, period: str, today: date, scratch: Path, progress: Callable[[str], None]
) -> Run:
    """Reads the workspace at `root` as `known_on` does, and settles every program."""
    known = known_on(root, period, today, scratch, progress)
    return calculate(known.loaded, known.period, known.inputs, progress)


def calculate(
    loaded: Loaded,
    period: Period,
    inputs: Inputs,
    progress: Progress,
    *,
    past: Past | None = None,
    reopened: frozenset[Reopened] = frozenset(),
) -> Run:
    """Settles every program as of the period's last day, after what `past` says is booked."""
    channel = channel_of(loaded.workspace, inputs, period)
    accepted = inputs.counts.filter(pl.col("table") == "sales")["accepted"].sum()
    if channel.parts is None:
        channel = read_once(channel, int(accepted), len(loaded.programs))
    settled = settle(loaded.programs, channel, progress=progress)
    progress("settling")
    return from_settled(loaded, period, inputs, channel, settled, past=past, reopened=reopened)


def from_settled(
    loaded: Loaded,
    period: Period,
    inputs: Inputs,
    channel: Channel,
    settled: Sequence[Settled],
    *,
    past: Past | None = None,
    reopened: frozenset[Reopened] = frozenset(),
) -> Run:
    """The run of programs that are settled already: what a batch would book and pay of them."""
    workspace = loaded.workspace
    past = past or Past()
    minimum = Minimum(workspace.payout.minimum, workspace.currency)
    terms = Terms(
        minimum,
        window_of(workspace, reopened),
        workspace.payout.debtor,
        workspace.journal.accrue == "forecast",
    )
    settlement = settle_up(settled, channel, loaded.programs, past, terms)
    checks = [
        *rows_check(inputs),
        *(check for one in settled for check in one.checks),
        *settlement.checks,
    ]
    return Run(
        loaded, period, inputs, channel, tuple(settled), settlement, past, tuple(checks), reopened
    )


def window_of(workspace: Workspace, reopened: frozenset[Reopened]) -> Window:
    """Which measurement periods the workspace's ledger may still book."""
    first_day = first_day_of_ledger(workspace)
    return Window(first_day, workspace.settlement.correct_for_months, reopened)


def reopened_in(loaded: Loaded, named: Sequence[str]) -> frozenset[Reopened]:
    """`--reopen ID:PERIOD_START` as pairs; refuses days on which no measurement period begins."""
    found, problems = set(), []
    for text in named:
        program_id, _, day = text.rpartition(":")
        periods = {
            period.start.isoformat(): period.start
            for program in loaded.programs
            if program.id == program_id
            for period in loaded.workspace.calendar.measurement_periods(
                program.starts, program.ends, program.period
            )
        }
        if day in periods:
            found.add((program_id, periods[day]))
        else:
            hint = f"{program_id} has {', '.join(periods)}" if periods else "such as ID:2024-07-01"
            message = f"--reopen {text} is not the start of a measurement period"
            problems.append(Problem("bad-reopen", message, hint))
    if problems:
        raise Refused(problems, ExitCode.USAGE)
    return frozenset(found)


def rows_check(inputs: Inputs) -> list[Check]:
    """Rows read = accepted + rejected + duplicate + superseded + skipped, for each source."""
    fates = ("accepted", "rejected", "duplicate", "superseded", "skipped")
    wrong = inputs.counts.filter(pl.col("read") != pl.sum_horizontal(fates))
    return [Check(ROWS_ADD_UP, wrong.is_empty(), ", ".join(wrong["source"]))]


def distinct_checks(checks: Sequence[Check]) -> list[tuple[str, bool, str]]:
    """Each invariant once: its name, whether it held everywhere, and where it did not."""
    names = dict.fromkeys(check.name for check in checks)
    return [
        (
            name,
            all(check.held for check in checks if check.name == name),
            "; ".join(c.detail for c in checks if c.name == name and c.detail),
        )
        for name in names
    ]

"""One run: load the workspace, check it, read the exports, settle every program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from incentivectl.core.cache import cache_folder
from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.core.periods import PERIOD_FORMS, Period, measurement_periods, parse_period
from incentivectl.core.safe_text import is_encodable
from incentivectl.engine.engine import Settled, settle
from incentivectl.engine.examples import check_examples
from incentivectl.engine.invariants import ROWS_ADD_UP, Check
from incentivectl.ingest import read
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.progress import Report
from incentivectl.ingest.store.cached import read_cached
from incentivectl.program_files.loading import load_programs
from incentivectl.programs.checks.checks import check_programs, examples_to_run, rule_findings
from incentivectl.programs.checks.example_checks import example_findings
from incentivectl.programs.finding import Finding
from incentivectl.programs.model import Program
from incentivectl.sales.channel import Channel, prices_in_force, read_once, rows_in_force
from incentivectl.settlement import Past, Settlement, Terms, settle_up
from incentivectl.settlement.bookings import Window
from incentivectl.settlement.payouts import Minimum
from incentivectl.workspace.workspace import (
    Workspace,
    find_workspace,
    load_workspace,
    sketch_workspace,
)

Progress = Callable[[str], None]
Reopened = tuple[str, date]  # a program and the first day of a closed measurement period


@dataclass(frozen=True, eq=False)
class Loaded:
    """A workspace and its programs, checked without any data; `warnings` are what may be ignored."""

    workspace: Workspace
    programs: tuple[Program, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """Everything that a run found: what each program earns, and what a batch would book of it.

    `past` is what earlier batches booked, `reopened` the closed measurement periods that are booked all
    the same. `objections` say what posting it would refuse (errors) and what else a poster should look
    at (warnings).
    """

    loaded: Loaded
    period: Period
    inputs: Inputs
    channel: Channel
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


def workspace_root(named: Path | None) -> Path:
    """The named workspace, or the one around the current folder."""
    root = named if named is not None else find_workspace(Path.cwd())
    if root is None:
        problem = Problem(
            "no-workspace",
            "no incentivectl.toml here or in any folder above",
            hint="`incentivectl init DIR` makes a workspace; --workspace DIR names one",
        )
        raise Refused([problem], ExitCode.USAGE)
    if not is_encodable(str(root.absolute())):
        message = "the path of the workspace is not valid UTF-8"
        problem = Problem("bad-file-name", message, "rename the folder", file=root)
        raise Refused([problem], ExitCode.USAGE)
    return root


@dataclass(frozen=True)
class Survey:
    """The sound parts of a workspace, and all problems of its config and programs.

    `loaded` has the programs that could be read. `readable`: its exports can be read.
    """

    loaded: Loaded | None
    problems: tuple[Problem, ...]
    readable: bool = False


def survey(root: Path) -> Survey:
    """Looks at the workspace at `root`, whatever is wrong with it."""
    sketch = sketch_workspace(root)
    workspace = sketch.workspace
    if workspace is None:  # show what is wrong with the programs in their usual place, too
        _, program_problems = load_programs(root / "programs", workspace_root=root)
        return Survey(None, (*sketch.problems, *program_problems))
    programs, found = _checked_programs(workspace, examples=sketch.currency)
    if not sketch.sources:  # their attributes are not known
        found = [problem for problem in found if problem.code != "unknown-field"]
    problems = (*sketch.problems, *found)
    readable = sketch.sources and sketch.currency
    return Survey(Loaded(workspace, programs, problems), problems, readable)


def load(root: Path) -> Loaded:
    """The workspace at `root` with its programs; refuses with every problem of every file."""
    found = survey(root)
    if found.loaded is None or errors_in(found.problems):
        raise Refused(found.problems, ExitCode.CONFIG)
    return found.loaded


def with_programs(workspace: Workspace) -> Loaded:
    """A workspace with the programs of its folder; refuses with every problem of theirs."""
    programs, problems = _checked_programs(workspace)
    if errors_in(problems):
        raise Refused(problems, ExitCode.CONFIG)
    return Loaded(workspace, programs, tuple(problems))


def _checked_programs(
    workspace: Workspace, *, examples: bool = True
) -> tuple[tuple[Program, ...], list[Problem]]:
    """The programs that could be read, and everything that is wrong with any."""
    attributes = _attributes(workspace)

    def further(program: Program) -> list[Finding]:
        return [*rule_findings(program, attributes), *example_findings(program, attributes)]

    programs, problems = load_programs(
        workspace.programs_dir, workspace_root=workspace.root, further=further
    )
    problems += check_programs(programs, currency=workspace.currency, attributes=attributes)
    if examples:
        problems += check_examples(
            programs,
            workspace.currency,
            workspace.fiscal_year_starts,
            places=lambda program: examples_to_run(program, attributes),
        )
    return programs, problems


def load_config(root: Path) -> Workspace:
    """The workspace at `root` without its programs; refuses with every problem of its config."""
    workspace, problems = load_workspace(root)
    if workspace is None:
        raise Refused(problems, ExitCode.CONFIG)
    return workspace


def _attributes(workspace: Workspace) -> dict[str, set[str]]:
    """The listed attributes of every table."""
    attributes: dict[str, set[str]] = {}
    for source in workspace.sources:
        attributes.setdefault(source.table, set()).update(source.attributes)
    return attributes


def period_of(text: str, workspace: Workspace, today: date) -> Period:
    """PERIOD as the user named it."""
    period = parse_period(text, fiscal_year_starts=workspace.fiscal_year_starts, today=today)
    if period is None:
        problem = Problem("bad-period", f"invalid period `{text}`", hint=f"use {PERIOD_FORMS}")
        raise Refused([problem], ExitCode.USAGE)
    return period


def read_inputs(
    loaded: Loaded,
    scratch: Path,
    progress: Progress,
    *,
    known_on: date | None = None,
    cached: bool = True,
    pace: Report | None = None,
) -> Inputs:
    """The workspace's exports; refuses when one cannot be read at all.

    Unless told otherwise they come out of the cache where nothing has changed since they were read.
    With `known_on`, sale lines that were received later are skipped, and nothing is cached. `pace`
    is called with how far the reading has come (see `ingest.read`).
    """
    progress("reading exports")
    cache = cache_folder() if cached and known_on is None else None
    if cache is None:
        inputs = read(loaded.workspace, scratch=scratch, progress=pace, known_on=known_on)
    else:
        inputs = read_cached(loaded.workspace, scratch, pace, cache)
    broken = errors_in(inputs.problems)
    if broken:
        in_config = any(problem.code == "two-sources" for problem in broken)
        raise Refused(inputs.problems, ExitCode.CONFIG if in_config else ExitCode.DATA)
    return inputs


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
    window = Window(
        first_day_of_ledger(workspace), workspace.settlement.correct_for_months, reopened
    )
    terms = Terms(Minimum(workspace.payout.minimum, workspace.currency), window)
    settlement = settle_up(settled, channel, loaded.programs, past, terms)
    checks = [
        *rows_check(inputs),
        *(check for one in settled for check in one.checks),
        *settlement.checks,
    ]
    return Run(
        loaded, period, inputs, channel, tuple(settled), settlement, past, tuple(checks), reopened
    )


def reopened_in(loaded: Loaded, named: Sequence[str]) -> frozenset[Reopened]:
    """`--reopen ID:PERIOD_START` as pairs; refuses days on which no measurement period begins."""
    found, problems = set(), []
    for text in named:
        program_id, _, day = text.rpartition(":")
        periods = {
            period.start.isoformat(): period.start
            for program in loaded.programs
            if program.id == program_id
            for period in measurement_periods(
                program.starts,
                program.ends,
                program.period,
                fiscal_year_starts=loaded.workspace.fiscal_year_starts,
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


def first_day_of_ledger(workspace: Workspace) -> date | None:
    """The first day of `first_period`; what ended before it was settled elsewhere."""
    label = workspace.settlement.first_period
    if label is None:
        return None
    return period_of(label, workspace, date.min).first


def channel_of(workspace: Workspace, inputs: Inputs, period: Period) -> Channel:
    """The inputs as rules see them on the last day of `period`."""
    rates = workspace.rates(inputs.tables["fx"])
    return Channel(
        currency=workspace.currency,
        fiscal_year_starts=workspace.fiscal_year_starts,
        as_of=period.last,
        lines=inputs.sales.filter(pl.col("counted_on") <= period.last),
        tables=inputs.tables,
        rates=rates,
        partner_rows=rows_in_force(inputs.tables["partners"]),
        price_rows=prices_in_force(inputs.tables["products"], inputs.tables["prices"]),
    )


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

"""One run: load the workspace, check it, read the exports, settle every program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.cache import cache_folder
from incentivectl.engine import Settled, settle
from incentivectl.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.examples import check_examples
from incentivectl.ingest import read
from incentivectl.ingest.cached import read_cached
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.progress import Report
from incentivectl.invariants import ROWS_ADD_UP, Check
from incentivectl.periods import PERIOD_FORMS, Period, parse_period
from incentivectl.programs.checks import check_programs
from incentivectl.programs.loading import load_programs
from incentivectl.programs.model import Program
from incentivectl.rates import day_rates
from incentivectl.sales import Channel, rows_in_force
from incentivectl.settlement import (
    Minimum,
    check_payouts,
    no_bookings,
    payouts,
    with_booked,
)
from incentivectl.workspace import Workspace, find_workspace, load_workspace

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """A workspace and its programs, checked without any data; `warnings` are what may be ignored."""

    workspace: Workspace
    programs: tuple[Program, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Run:
    """Everything that a run found. `earnings` has `kept`, `booked_before` and `this_batch` too."""

    loaded: Loaded
    period: Period
    inputs: Inputs
    channel: Channel
    settled: tuple[Settled, ...]
    earnings: pl.DataFrame
    payouts: pl.DataFrame
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The invariants that do not hold."""
        return tuple(check for check in self.checks if not check.held)


def workspace_root(named: Path | None) -> Path:
    """The workspace that is named, or the one that the current folder lies in."""
    root = named if named is not None else find_workspace(Path.cwd())
    if root is None:
        problem = Problem(
            "no-workspace",
            "no incentivectl.toml here or in any folder above",
            hint="`incentivectl init DIR` makes a workspace; --workspace DIR names one",
        )
        raise Refused([problem], ExitCode.USAGE)
    return root


def load(root: Path) -> Loaded:
    """The workspace at `root` with its programs; refuses with every problem of every file."""
    workspace, problems = load_workspace(root)
    if workspace is None:  # show what is wrong with the programs in their usual place, too
        _, program_problems = load_programs(root / "programs", workspace_root=root)
        raise Refused([*problems, *program_problems], ExitCode.CONFIG)
    programs, program_problems = load_programs(workspace.programs_dir, workspace_root=root)
    problems = [*problems, *program_problems]
    attributes = _attributes(workspace)
    static = check_programs(programs, currency=workspace.currency, attributes=attributes)
    problems += static
    unsound = {problem.file for problem in errors_in(problems)}
    sound = [program for program in programs if program.file not in unsound]
    problems += check_examples(sound, workspace.currency, workspace.fiscal_year_starts)
    if errors_in(problems):
        raise Refused(problems, ExitCode.CONFIG)
    return Loaded(workspace, programs, tuple(problems))


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
        problem = Problem("bad-period", f"`{text}` is no period", hint=f"such as {PERIOD_FORMS}")
        raise Refused([problem], ExitCode.USAGE)
    return period


def read_inputs(
    loaded: Loaded,
    scratch: Path,
    progress: Progress,
    *,
    cached: bool = True,
    pace: Report | None = None,
) -> Inputs:
    """The workspace's exports; refuses when one cannot be read at all.

    Unless told otherwise they come out of the cache where nothing has changed since they were read.
    `pace` is told how far the reading has come (see `ingest.read`).
    """
    progress("reading exports")
    cache = cache_folder() if cached else None
    if cache is None:
        inputs = read(loaded.workspace, scratch=scratch, progress=pace)
    else:
        inputs = read_cached(loaded.workspace, scratch, pace, cache)
    broken = errors_in(inputs.problems)
    if broken:
        in_config = any(problem.code == "two-sources" for problem in broken)
        raise Refused(inputs.problems, ExitCode.CONFIG if in_config else ExitCode.DATA)
    return inputs


def calculate(loaded: Loaded, period: Period, inputs: Inputs, progress: Progress) -> Run:
    """Settles every program as of the period's last day."""
    channel = channel_of(loaded.workspace, inputs, period)
    settled = settle(loaded.programs, channel, progress=progress)
    progress("settling")
    workspace = loaded.workspace
    earnings = with_booked(
        pl.concat([one.earnings for one in settled]), no_bookings(), first_day=_first_day(workspace)
    )
    minimum = Minimum(workspace.payout.minimum, workspace.currency)
    paid = payouts(earnings, channel, loaded.programs, minimum)
    checks = [
        *rows_check(inputs),
        *(check for one in settled for check in one.checks),
        check_payouts(paid),
    ]
    return Run(loaded, period, inputs, channel, tuple(settled), earnings, paid, tuple(checks))


def _first_day(workspace: Workspace) -> date | None:
    """The first day of `first_period`; what ended before it was settled elsewhere."""
    label = workspace.settlement.first_period
    if label is None:
        return None
    return period_of(label, workspace, date.min).first


def channel_of(workspace: Workspace, inputs: Inputs, period: Period) -> Channel:
    """The inputs as rules see them on the last day of `period`."""
    rates = day_rates(
        inputs.tables["fx"],
        workspace_currency=workspace.currency,
        max_age_days=workspace.data.max_rate_age_days,
    )
    return Channel(
        currency=workspace.currency,
        fiscal_year_starts=workspace.fiscal_year_starts,
        as_of=period.last,
        lines=inputs.sales.filter(pl.col("counted_on") <= period.last),
        every_line=inputs.sales,
        tables=inputs.tables,
        rates=rates,
        partner_rows=rows_in_force(inputs.tables["partners"]),
    )


def rows_check(inputs: Inputs) -> list[Check]:
    """Rows read = accepted + rejected + duplicate + superseded + skipped, for each source."""
    fates = ("accepted", "rejected", "duplicate", "superseded", "skipped")
    wrong = inputs.counts.filter(pl.col("read") != pl.sum_horizontal(fates))
    return [Check(ROWS_ADD_UP, wrong.is_empty(), ", ".join(wrong["source"]))]


def over_tolerance(workspace: Workspace, inputs: Inputs) -> list[Problem]:
    """The sales sources whose share of rejected rows exceeds `max_reject_rate`."""
    limit = workspace.data.max_reject_rate
    problems = []
    for row in inputs.counts.filter(pl.col("table") == "sales").iter_rows(named=True):
        if row["rejected"] > limit * row["read"]:
            rate = Decimal(100 * row["rejected"]) / Decimal(row["read"])
            problems.append(
                Problem(
                    "too-many-rejects",
                    f"source {row['source']}: {row['rejected']:,} of {row['read']:,} rows"
                    f" ({rate:.1f} %) are rejected, more than max_reject_rate"
                    f" ({limit * 100:f} %)",
                    hint="correct the rows in rejects/ and put the file beside the exports,"
                    " or raise [data] max_reject_rate",
                    file=workspace.config_file,
                )
            )
    return problems


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

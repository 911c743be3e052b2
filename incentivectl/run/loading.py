"""Loads a workspace: its config, its programs and its exports; PERIOD as the user named it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from incentivectl.core.cache import cache_folder
from incentivectl.core.calendar import Calendar
from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.core.periods import PERIOD_FORMS, Period
from incentivectl.core.safe_text import is_encodable
from incentivectl.core.scratch import scratch_folder
from incentivectl.engine.examples import check_examples
from incentivectl.ingest import read
from incentivectl.ingest.calendar import read_calendar
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.progress import Report
from incentivectl.ingest.sale_lines.elsewhere import ReadElsewhere
from incentivectl.ingest.store.cached import read_cached
from incentivectl.program_files.loading import load_programs
from incentivectl.programs.checks.checks import check_programs, examples_to_run, rule_findings
from incentivectl.programs.checks.example_checks import example_findings
from incentivectl.programs.finding import Finding
from incentivectl.programs.model import Program
from incentivectl.toml.source import TomlSource, read_toml
from incentivectl.workspace.load import load_workspace, sketch_workspace
from incentivectl.workspace.workspace import Workspace, find_workspace

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Loaded:
    """A workspace and its programs, checked without any data; `warnings` are what may be ignored."""

    workspace: Workspace
    programs: tuple[Program, ...]
    warnings: tuple[Problem, ...]


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
    readable = sketch.sources and sketch.currency
    months: list[Problem] = []
    if readable:
        workspace, months = with_calendar(workspace)
    sound = sketch.currency and not errors_in(months)
    programs, found = _checked_programs(workspace, examples=sound)
    if not sketch.sources:  # their attributes are not known
        found = [problem for problem in found if problem.code != "unknown-field"]
    problems = (*sketch.problems, *months, *found)
    return Survey(_loaded(workspace, programs, problems), problems, readable)


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
    return _loaded(workspace, programs, problems)


def _loaded(
    workspace: Workspace, programs: tuple[Program, ...], problems: Sequence[Problem]
) -> Loaded:
    levels = {program.id: program.levels for program in programs if program.levels}
    return Loaded(replace(workspace, levels=levels), programs, tuple(problems))


def _checked_programs(
    workspace: Workspace, *, examples: bool = True
) -> tuple[tuple[Program, ...], list[Problem]]:
    """The programs that could be read, and everything that is wrong with any."""
    attributes, calendar = workspace.attributes, workspace.calendar

    def further(program: Program) -> list[Finding]:
        return [
            *rule_findings(program, attributes, calendar),
            *example_findings(program, attributes),
        ]

    programs, problems = load_programs(
        workspace.programs_dir, workspace_root=workspace.root, further=further
    )
    problems += check_programs(
        programs, currency=workspace.currency, attributes=attributes, calendar=calendar
    )
    if examples:
        problems += check_examples(
            programs,
            workspace.currency,
            calendar,
            places=lambda program: examples_to_run(program, attributes, calendar),
        )
    return programs, problems


def load_config(root: Path) -> Workspace:
    """The workspace at `root` without its programs; refuses with every problem of its config."""
    workspace, problems = load_workspace(root)
    if workspace is None:
        raise Refused(problems, ExitCode.CONFIG)
    return workspace


def with_calendar(workspace: Workspace) -> tuple[Workspace, list[Problem]]:
    """The workspace with the months of its table `calendar`, and what is wrong with them."""
    with scratch_folder() as scratch:
        calendar, problems = read_calendar(workspace, Path(scratch))
    config = (
        read_toml(workspace.config_file)[0] if problems or calendar != workspace.calendar else None
    )
    if config is not None:
        problems += _beside_calendar(workspace, calendar, config)
    return replace(workspace, calendar=calendar), problems


def _beside_calendar(
    workspace: Workspace, calendar: Calendar, config: TomlSource
) -> Iterator[Problem]:
    """What of the config does not go with the table `calendar` (docs/rules.md, "Calendars")."""
    if workspace.calendar.fiscal_year_starts != 1:
        path = ("workspace", "fiscal_year_starts")
        message = "`fiscal_year_starts` has no meaning beside the table `calendar`"
        hint = "remove it: a year of the table begins with its month 01"
        yield config.problem(path, "two-calendars", message, hint=hint, at_key=True)
    label = workspace.settlement.first_period
    month = None if label is None else calendar.named(label, date.min)
    if month is not None and calendar.missing_day(month.first, month.last):
        message = f"the table `calendar` has no month {label}"
        hint = "add it, or name a later month"
        yield config.problem(("settlement", "first_period"), "outside-calendar", message, hint=hint)


def period_of(text: str, workspace: Workspace, today: date) -> Period:
    """PERIOD as the user named it; refuses one of which the table `calendar` lacks a day."""
    period = workspace.calendar.named(text, today)
    if period is None:
        problem = Problem("bad-period", f"invalid period `{text}`", hint=f"use {PERIOD_FORMS}")
        raise Refused([problem], ExitCode.USAGE)
    if workspace.calendar.missing_day(period.first, period.last):
        message = f"the table `calendar` does not have all of {text}"
        hint = "add the months that are missing, or name another PERIOD"
        raise Refused([Problem("outside-calendar", message, hint)], ExitCode.CONFIG)
    return period


def first_day_of_ledger(workspace: Workspace) -> date | None:
    """The first day of `first_period`; what ended before it was settled elsewhere."""
    label = workspace.settlement.first_period
    if label is None:
        return None
    return period_of(label, workspace, date.min).first


def read_inputs(
    loaded: Loaded,
    scratch: Path,
    progress: Progress,
    *,
    known_on: date | None = None,
    cached: bool = True,
    pace: Report | None = None,
    elsewhere: ReadElsewhere | None = None,
) -> Inputs:
    """The workspace's exports; refuses when one cannot be read at all.

    Unless told otherwise they come out of the cache where nothing has changed since they were read.
    With `known_on`, sale lines that were received later are skipped, and nothing is cached. `pace`
    is called with how far the reading has come. What is read `elsewhere` is not cached (see `ingest.read`).
    """
    progress("reading exports")
    cache = cache_folder() if cached and known_on is None and elsewhere is None else None
    if cache is None:
        inputs = read(
            loaded.workspace,
            scratch=scratch,
            progress=pace,
            known_on=known_on,
            elsewhere=elsewhere,
        )
    else:
        inputs = read_cached(loaded.workspace, scratch, pace, cache)
    broken = errors_in(inputs.problems)
    if broken:
        in_config = any(problem.code == "two-sources" for problem in broken)
        raise Refused(inputs.problems, ExitCode.CONFIG if in_config else ExitCode.DATA)
    return inputs

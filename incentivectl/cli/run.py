"""`incentivectl run PERIOD`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering, working_here
from incentivectl.cli.completion import batch_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

if TYPE_CHECKING:
    from incentivectl.output.report import Report
    from incentivectl.reports.run_place import Placed
    from incentivectl.run.loading import Progress
    from incentivectl.run.run import Run


@command
def run(
    period: options.PeriodOrNone = None,
    workspace: options.Workspace = None,
    lines: Annotated[
        bool,
        typer.Option("--lines", help="Also write lines.parquet, with every line of every program."),
    ] = False,
    reopen: options.Reopen = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="ID",
            help="Recompute a batch from its archive and compare.",
            autocompletion=batch_ids,
        ),
    ] = None,
    as_known_on: Annotated[
        str | None,
        typer.Option(
            "--as-known-on",
            metavar="DATE",
            help="Ignore lines received later; writes to a separate folder.",
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read all exports again, without the cache.")
    ] = False,
    changes: Annotated[
        bool,
        typer.Option(
            "--changes/--no-changes", help="Say what changed since the last batch, and why."
        ),
    ] = True,
    engine: options.Engine = None,
    master: options.Master = None,
    shared: options.Shared = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    fail_on: options.FailOn = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Calculate PERIOD, print the report and write reports/<period>/; books nothing."""
    import time
    from dataclasses import replace
    from datetime import date

    from incentivectl.cluster.opening import Named, spread
    from incentivectl.core.errors import ExitCode, Refused
    from incentivectl.ingest.account.tolerance import over_tolerance
    from incentivectl.ledger.booked import booked_by
    from incentivectl.posting.preview import objections
    from incentivectl.reports.run_files import write_data_files, write_run
    from incentivectl.reports.run_place import refuse_foreign
    from incentivectl.run.attention import attention, warnings_of
    from incentivectl.run.loading import load, period_of, read_inputs
    from incentivectl.run.run import calculate, reopened_in, run_label

    started = time.monotonic()
    voice = Voice.of_report(form, output, quiet, verbose, fail_on)
    if (period is None) == (batch is None):
        raise typer.BadParameter("give either a PERIOD or --batch ID")
    if period is None:
        _again(batch or "", workspace, voice, engine or master or shared)
        return
    known_on = None if as_known_on is None else options.day_of(as_known_on, "--as-known-on")
    with answering(voice, workspace, spreads=True) as at:
        at.progress("checking programs")
        loaded = load(at.root)
        named = period_of(period, loaded.workspace, date.today())
        refuse_foreign(loaded.workspace.reports / run_label(named, known_on))
        reopened = reopened_in(loaded, reopen or [])
        inputs = read_inputs(
            loaded,
            at.scratch,
            at.progress,
            known_on=known_on,
            cached=not no_cache,
            pace=voice.pace(at.progress),
            elsewhere=at.during(
                spread(
                    loaded.workspace,
                    Named(engine, master, shared),
                    at.progress,
                    voice.far(at.progress),
                    voice.warn,
                    one_machine={"--lines": lines, "--as-known-on": known_on is not None},
                )
            ),
        )
        beyond = over_tolerance(loaded.workspace, inputs)
        if beyond:
            placed = write_data_files(loaded.workspace, run_label(named, known_on), inputs)
            _say_where_rejects_are(placed, voice)
            raise Refused([*beyond, *inputs.problems], ExitCode.DATA)
        past = booked_by(loaded.workspace.ledger, named.last)
        result = calculate(loaded, named, inputs, at.progress, past=past, reopened=reopened)
        result = replace(result, known_on=known_on)
        if known_on is None:  # only what is known today is posted
            at.progress("judging")
            result = replace(result, objections=objections(result))
        at.progress("writing")
        placed = write_run(result, lines=lines)
        report = _report(result, placed, started, at.progress, changes=changes)
    warnings = warnings_of(loaded, inputs)
    voice.result(report, warnings, reported=True)
    _say_what_stays(placed, voice)
    if result.broken:
        raise typer.Exit(ExitCode.BROKEN)
    voice.attend(attention(result), warnings)


def _report(
    result: "Run",
    placed: "Placed",
    started: float,
    progress: "Progress",
    *,
    changes: bool,
) -> "Report":
    """The report of a run: of the newest batch of its PERIOD, once nothing else is left to book."""
    import time

    from incentivectl.ledger.batch_totals import booked_within
    from incentivectl.posting.explaining import explained_run, posted_already
    from incentivectl.posting.report_explained import changes_of_run
    from incentivectl.reports.summary import run_report

    is_real = result.known_on is None  # and not as it was known on another day
    posted = posted_already(result) if is_real else None
    shown, by = posted or (result, None)
    told = explained_run(shown, by, progress) if is_real and changes else None
    return run_report(
        result,
        placed.folder,
        time.monotonic() - started,
        booked_within(result.loaded.workspace.ledger, result.period),
        None if by is None else (shown, by.id),
        () if told is None else changes_of_run(told, shown),
    )


def _say_where_rejects_are(placed: "Placed", voice: Voice) -> None:
    """Where the rows are that keep a run from going on."""
    voice.say(
        f"The rejected rows are in {placed.folder / 'rejects'},"
        f" unknown ids in {placed.folder / 'unknown.csv'}"
    )
    _say_what_stays(placed, voice)


def _say_what_stays(placed: "Placed", voice: Voice) -> None:
    """What else lies in the run's folder and should be looked at."""
    for name, kept in placed.edited:
        voice.say(f"{name} had been edited; your copy is kept as {placed.folder / kept}")
    if placed.outdated:
        names = " and ".join(placed.outdated)
        voice.say(f"{names} in {placed.folder} show an earlier run: run `report` again")


def _again(batch: str, workspace: Path | None, voice: Voice, spread: str | None) -> None:
    """`run --batch ID`; refuses engine options, of which `spread` is one that was given."""
    if spread:
        raise typer.BadParameter("a batch is computed again on this machine: leave out --engine")
    import time

    from incentivectl.core.errors import ExitCode
    from incentivectl.posting.recompute import recompute
    from incentivectl.posting.report_batches import recomputed_report
    from incentivectl.run.loading import workspace_root

    started = time.monotonic()
    root = workspace_root(workspace)
    with working_here(voice, root) as progress:
        again = recompute(root, batch, progress)
    voice.result(recomputed_report(again, time.monotonic() - started))
    if again.differing or again.run.broken:
        raise typer.Exit(ExitCode.BROKEN)

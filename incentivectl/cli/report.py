"""`incentivectl report PERIOD`."""

from typing import TYPE_CHECKING, Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import batch_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

if TYPE_CHECKING:
    from incentivectl.cli.answering import Answering
    from incentivectl.reports.report_answers import Answers
    from incentivectl.reports.run_folder import RunFolder


@command
def report(
    period: options.PeriodOrNone = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="ID",
            help="Recompute a batch from its archive, and report on it.",
            autocompletion=batch_ids,
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write report.html and report.xlsx from PERIOD's run and what is booked of it."""
    import webbrowser

    from incentivectl.reports.report_files import files_report, write_report

    voice = Voice.of_report(form, output, quiet, verbose)
    if (period is None) == (batch is None):
        raise typer.BadParameter("give either a PERIOD or --batch ID")
    with answering(voice, workspace) as at:
        run, answers = _of_batch(at, batch) if batch is not None else _of_period(at, period or "")
        written = write_report(run, answers, at.progress)
    voice.result(files_report(run, written))
    if open_it:
        webbrowser.open(written[0].as_uri())


def _of_period(at: "Answering", period: str) -> "tuple[RunFolder, Answers]":
    """The files of PERIOD's run, and what the workspace answers if nothing has changed since."""
    from dataclasses import replace
    from datetime import date

    from incentivectl.core.errors import ExitCode, Refused, errors_in
    from incentivectl.ledger.batch_totals import booked_within
    from incentivectl.reports.report_answers import answers_now
    from incentivectl.reports.run_folder import read_run_folder
    from incentivectl.run.loading import period_of, with_calendar
    from incentivectl.workspace.load import load_workspace

    found, problems = load_workspace(at.root)
    if found is None:
        raise Refused(problems, ExitCode.CONFIG)
    found, broken = with_calendar(found)
    if errors_in(broken):
        raise Refused(broken, ExitCode.CONFIG)
    named = period_of(period, found, date.today())
    at.progress("reading the run")
    run = read_run_folder(found.reports / named.label)
    head = str(run.manifest["ledger_head"])
    run = replace(run, booked=booked_within(found.ledger, named, head))
    return run, answers_now(lambda: at.known(period), run.manifest, at.progress)


def _of_batch(at: "Answering", batch: str) -> "tuple[RunFolder, Answers]":
    """The files of a batch as its archive gives them again, and what it answers."""
    from dataclasses import replace

    from incentivectl.posting.recompute import recompute
    from incentivectl.reports.report_answers import answers
    from incentivectl.reports.run_folder import read_run_folder

    again = recompute(at.root, batch, at.progress)
    run = read_run_folder(again.folder)
    told = {**run.manifest, "batch": again.batch.id}
    return replace(run, manifest=told), answers(again.run, at.progress)

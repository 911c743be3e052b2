"""`incentivectl todo [PERIOD]`."""

from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def todo(
    period: options.StateToday = "this-month",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with code 10 if anything waits.")
    ] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what waits for somebody: deals, funds, disputes, batches, payments, bad rows."""
    from datetime import date

    from incentivectl.core.errors import ExitCode
    from incentivectl.insight.todo.report import todo_report
    from incentivectl.posting.todo import waiting_items

    voice = Voice.of_report(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        known = at.known(period, tolerant=True)
        at.progress("looking for what waits")
        day = min(known.period.last, date.today())
        items = waiting_items(known, day)
        report = todo_report(items, known, day)
    voice.result(report)
    if exit_code and items:
        raise typer.Exit(ExitCode.FOUND)

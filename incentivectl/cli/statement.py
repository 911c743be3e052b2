"""`incentivectl statement PERIOD [PAYEE…]`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import Answering, answering
from incentivectl.cli.completion import batch_ids, payee_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

if TYPE_CHECKING:
    from incentivectl.run.run import Run
    from incentivectl.run.statement_books import PeriodBooks


@command
def statement(
    period: Annotated[
        str | None,
        typer.Argument(
            metavar="PERIOD",
            help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month; none with --batch.",
        ),
    ] = None,
    payees: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAYEE]...",
            help="Partners or reps, by id or name; default: a list of all.",
            autocompletion=payee_ids,
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="ID",
            help="The statements of a batch, from ledger and archive: they stay as they are.",
            autocompletion=batch_ids,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="DIR", help="Write index.html and a page for each payee."),
    ] = None,
    lines: Annotated[
        bool,
        typer.Option("--lines", help="With --html: beside each page its lines, as CSV."),
    ] = False,
    mail_merge: Annotated[
        Path | None,
        typer.Option(
            "--mail-merge",
            metavar="FILE",
            help="With --html: list payees, e-mail addresses, languages, pages and annexes (CSV).",
        ),
    ] = None,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write payee statements: earnings and reasons, payments, funds, deals, next steps."""
    from incentivectl.core.errors import ExitCode
    from incentivectl.core.nouns import counted
    from incentivectl.core.output_files import check_named_file
    from incentivectl.insight.statement.html import INDEX, write_mail_merge, write_pages
    from incentivectl.insight.statement.overview import overview
    from incentivectl.insight.statement.printed import statement_reports
    from incentivectl.insight.statement.statements import Statements
    from incentivectl.posting.booked_run import booked_run

    voice = Voice.of_report(form, output, quiet, verbose)
    wanted = [*(payees or ())]
    if batch is not None and period is not None:
        wanted.insert(0, period)  # the first word is a payee
    elif batch is None and period is None:
        raise typer.BadParameter("give either a PERIOD or --batch ID")
    if html is None and (lines or mail_merge is not None):
        option = "--lines" if lines else "--mail-merge"
        raise typer.BadParameter(f"{option} needs pages: add --html DIR")
    if mail_merge is not None:
        check_named_file(mail_merge)
    with answering(voice, workspace) as at:
        if batch is None:
            run, books = _of_period(period or "", at)
        else:
            run, books = booked_run(at.root, batch, at.progress)
        at.progress("statements")
        found = Statements(run, wanted, books)
        if html is not None:
            rows = write_pages(found, html, at.progress, lines=lines)
            if mail_merge is not None:
                write_mail_merge(rows, html, mail_merge)
    if html is not None:
        files = [str(html / INDEX), *([] if mail_merge is None else [str(mail_merge)])]
        beside = " with annexes" if lines else ""
        voice.say(f"wrote {counted(len(found), 'page')}{beside} and {' and '.join(files)}")
    printed = html is None or form is not None or output is not None
    if printed and wanted:
        voice.results(statement_reports(found))
    elif printed:
        voice.result(overview(found))
    if run.broken:
        raise typer.Exit(ExitCode.BROKEN)


def _of_period(period: str, at: Answering) -> "tuple[Run, PeriodBooks]":
    """PERIOD as it would be booked after all batches before its last day, and what those booked."""
    from datetime import date

    from incentivectl.core.errors import ExitCode, Refused
    from incentivectl.ingest.account.tolerance import over_tolerance
    from incentivectl.ledger.booked import booked_earlier
    from incentivectl.ledger.period_books import books_of
    from incentivectl.run.loading import load, period_of, read_inputs
    from incentivectl.run.run import calculate

    at.progress("checking programs")
    loaded = load(at.root)
    workspace = loaded.workspace
    named = period_of(period, workspace, date.today())
    inputs = read_inputs(loaded, at.scratch, at.progress)
    beyond = over_tolerance(workspace, inputs)
    if beyond:
        raise Refused(beyond, ExitCode.DATA)
    past = booked_earlier(workspace.ledger, named.last)
    run = calculate(loaded, named, inputs, at.progress, past=past)
    year = workspace.calendar.year_of(named.last)
    return run, books_of(workspace.ledger, named, year)

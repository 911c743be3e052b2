"""`incentivectl statement PERIOD [PAYEE…]`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli.options import (
    FormatOption,
    MemoryOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
    payee_ids,
)


@command
def statement(
    period: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month."
        ),
    ],
    payees: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAYEE]...",
            help="Partners or reps, by id or name; default: a list of all.",
            autocompletion=payee_ids,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="DIR", help="Write index.html and a page for each payee."),
    ] = None,
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write payee statements: earnings and reasons, payments, funds, deals, next steps."""
    from datetime import date

    from incentivectl.core.errors import ExitCode, Refused
    from incentivectl.core.nouns import counted
    from incentivectl.core.scratch import scratch_folder
    from incentivectl.ingest.account.tolerance import over_tolerance
    from incentivectl.insight.statement.html import write_pages
    from incentivectl.insight.statement.overview import overview
    from incentivectl.insight.statement.printed import statement_reports
    from incentivectl.insight.statement.rows import Statements
    from incentivectl.ledger.booked import booked_earlier
    from incentivectl.ledger.period_books import books_of
    from incentivectl.run.loading import load, period_of, read_inputs, workspace_root
    from incentivectl.run.run import calculate

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    with voice.progress() as progress, scratch_folder() as scratch:
        progress("checking programs")
        loaded = load(workspace_root(workspace))
        named = period_of(period, loaded.workspace, date.today())
        inputs = read_inputs(loaded, Path(scratch), progress)
        beyond = over_tolerance(loaded.workspace, inputs)
        if beyond:
            raise Refused(beyond, ExitCode.DATA)
        past = booked_earlier(loaded.workspace.ledger, named.last)
        result = calculate(loaded, named, inputs, progress, past=past)
        progress("statements")
        books = books_of(loaded.workspace.ledger, named)
        found = Statements(result, payees or (), books)
        index = None if html is None else write_pages(found, html, progress)
    if index is not None:
        voice.say(f"wrote {counted(len(found), 'page')} and {index}")
    printed = html is None or form is not None or output is not None
    if printed and payees:
        voice.results(statement_reports(found))
    elif printed:
        voice.result(overview(found))
    if result.broken:
        raise typer.Exit(ExitCode.BROKEN)

"""`incentivectl report PERIOD`."""

from typing import Annotated

import typer

from incentivectl.cli.options import (
    FormatOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
)


@command
def report(
    period: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month."
        ),
    ],
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    workspace: WorkspaceOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write report.html and report.xlsx from PERIOD's run and what is booked of it."""
    import webbrowser
    from dataclasses import replace
    from datetime import date

    from incentivectl.core.errors import ExitCode, Refused, errors_in
    from incentivectl.ledger.batch_totals import booked_within
    from incentivectl.reports.report_files import files_report, write_report
    from incentivectl.reports.run_folder import read_run_folder
    from incentivectl.run.loading import period_of, with_calendar, workspace_root
    from incentivectl.workspace.workspace import load_workspace

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    with voice.progress() as progress:
        found, problems = load_workspace(workspace_root(workspace))
        if found is None:
            raise Refused(problems, ExitCode.CONFIG)
        found, broken = with_calendar(found)
        if errors_in(broken):
            raise Refused(broken, ExitCode.CONFIG)
        named = period_of(period, found, date.today())
        progress("reading the run")
        run = read_run_folder(found.reports / named.label)
        head = str(run.manifest["ledger_head"])
        run = replace(run, booked=booked_within(found.ledger, named, head))
        written = write_report(run, progress)
    voice.result(files_report(run, written))
    if open_it:
        webbrowser.open(written[0].as_uri())
